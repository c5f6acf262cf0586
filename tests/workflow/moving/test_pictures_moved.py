"""Pictures are taken to another database with the articles that show them."""

import json
from pathlib import Path

import pytest

from feedsvc.errors import InputError
from feedsvc.model.pictures import Picture
from feedsvc.wiring import Service
from feedsvc.workflow import pictures
from feedsvc.workflow.moving.export import to_json, to_wordpress
from feedsvc.workflow.moving.import_archive import import_archive
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.prune import prune
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.pictures import ImagingHere, encoded, photograph


@pytest.fixture
def picture(service: Service) -> Picture:
    """A picture in a newsroom that is to be moved, and an article that shows it."""
    data = encoded(photograph(700, 500))
    made = pictures.add(service.room, ImagingHere(), data, by=by("asha"))
    edit.create(service.room, given(image_url=made.path, image_alt="A lamp"), by=by("asha"))
    return made


@pytest.fixture
def archive(service: Service, picture: Picture, tmp_path: Path) -> Path:
    file = tmp_path / "newsroom.json"
    file.write_bytes(b"".join(to_json(service.room)))
    return file


def test_pictures_come_along(
    room: Newsroom, service: Service, picture: Picture, archive: Path
) -> None:
    make_ready(room)

    assert import_archive(room, archive) == 1

    assert pictures.newest(room) == pictures.newest(service.room)
    for width in picture.widths:
        assert pictures.body(room, picture, width) == pictures.body(
            service.room, picture, width
        )
        assert pictures.digest(room, picture, width) == pictures.digest(
            service.room, picture, width
        )


def test_picture_that_is_there_already_stays(
    room: Newsroom, picture: Picture, archive: Path
) -> None:
    make_ready(room)
    pictures.add(room, ImagingHere(), encoded(photograph(700, 500)), by=by("asha"))

    import_archive(room, archive)

    assert [one.name for one in pictures.newest(room)] == [picture.name]


def test_picture_that_an_archive_brings_is_for_ever(
    room: Newsroom, service: Service, picture: Picture, tmp_path: Path, clock: FakeClock
) -> None:
    """Also one that was uploaded here before, which nothing shows."""
    data = encoded(photograph(300, 200))
    spare = pictures.add(service.room, ImagingHere(), data, by=by("asha"))
    file = tmp_path / "newsroom.json"
    file.write_bytes(b"".join(to_json(service.room)))
    make_ready(room)
    pictures.add(room, ImagingHere(), data, by=by("asha"))

    import_archive(room, file)
    clock.advance(1000 * 86_400)
    prune(room)

    assert {one.name for one in pictures.newest(room)} == {picture.name, spare.name}


def test_archive_is_json_and_names_pictures_with_their_host(
    archive: Path, picture: Picture
) -> None:
    whole = json.loads(archive.read_bytes())

    assert whole["items"][0]["image"] == f"https://news.example.org{picture.path}"
    assert whole["_feedsvc_hidden"][0]["picture"]["name"] == picture.name


def test_damaged_picture_is_refused(room: Newsroom, archive: Path) -> None:
    make_ready(room)
    text = archive.read_text()
    archive.write_text(text.replace('"body":"', '"body":"!', 1))
    damaged = text.replace('"digest":', '"digested":', 1)

    for content in (damaged, _with_bad_bytes(text)):
        archive.write_text(content)
        with pytest.raises(InputError, match="holds a picture that is damaged"):
            import_archive(room, archive)
    assert pictures.newest(room) == ()


def _with_bad_bytes(text: str) -> str:
    start = text.index('"files":[')
    return text[:start] + text[start:].replace('"body":"', '"body":"!', 1)


def test_wordpress_is_told_where_the_picture_is(service: Service, picture: Picture) -> None:
    text = b"".join(to_wordpress(service.room)).decode()

    assert f"<wp:attachment_url>https://news.example.org{picture.path}<" in text
