"""Pictures reach readers as bytes that caches may keep for ever, and can do nothing else."""

import pytest
from flask.testing import FlaskClient

from feedsvc.model.pictures import Picture
from feedsvc.wiring import Service
from feedsvc.workflow import pictures
from tests.factories import by
from tests.pictures import ImagingHere, decoded, encoded, photograph
from tests.web.reading import Publish


@pytest.fixture
def picture(service: Service) -> Picture:
    data = encoded(photograph(1200, 800))
    return pictures.add(service.room, ImagingHere(), data, by=by("asha"))


@pytest.mark.parametrize("width", [480, 960, 1200])
def test_every_size_is_there(reader: FlaskClient, picture: Picture, width: int) -> None:
    response = reader.get(picture.path_of(width))

    assert response.status_code == 200
    assert response.content_type == "image/jpeg"
    assert decoded(response.data).size == (width, picture.height_of(width))


def test_answer_may_be_kept_and_can_do_nothing(reader: FlaskClient, picture: Picture) -> None:
    headers = reader.get(picture.path).headers

    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["ETag"].startswith('"')
    assert "Set-Cookie" not in headers
    assert "Vary" not in headers


def test_head_tells_the_length(reader: FlaskClient, picture: Picture) -> None:
    response = reader.head(picture.path)

    assert response.data == b""
    assert response.content_length == dict(picture.lengths)[picture.shown]


def test_who_has_it_is_told_so(reader: FlaskClient, picture: Picture) -> None:
    tag = reader.get(picture.path).headers["ETag"]

    response = reader.get(picture.path, headers={"If-None-Match": f'"x", W/{tag}'})

    assert (response.status_code, response.data) == (304, b"")
    assert response.headers["ETag"] == tag
    assert "immutable" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(f"/media/{'0' * 32}-500x300/480.jpg", id="unknown"),
        pytest.param("/media/x/480.jpg", id="no name"),
        pytest.param("/media/../../etc/passwd", id="upwards"),
        pytest.param(f"/media/{'0' * 32}-500x300/480.jpg%00", id="nul"),
    ],
)
def test_nothing_else_is_there(reader: FlaskClient, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_size_that_was_not_made_is_not_there(reader: FlaskClient, picture: Picture) -> None:
    assert reader.get(picture.path_of(481)).status_code == 404
    assert reader.get(picture.path.replace(".jpg", ".png")).status_code == 404


def test_page_lets_the_browser_choose_and_keeps_the_place(
    reader: FlaskClient, picture: Picture, publish: Publish
) -> None:
    article = publish(image_url=picture.path, image_alt="A lamp")

    text = reader.get(article.path).text

    assert f'srcset="{picture.srcset}"' in text
    assert 'width="1200" height="800"' in text
    whole = f"https://news.example.org{picture.path}"
    assert f'<meta property="og:image" content="{whole}">' in text
    assert f'"image":["{whole}"]' in text
    assert f'srcset="{picture.srcset}"' in reader.get("/").text
