"""Pictures are kept once, and known again in the articles that show them."""

import msgspec
import pytest
from msgspec.structs import replace

from feedsvc.errors import InputError, NotFoundError
from feedsvc.model import ArticleInput, BodyFormat, Enclosure, Format, Release, Role, State
from feedsvc.model.pictures import Picture, picture_at
from feedsvc.rendering.document import render
from feedsvc.storage import feeds
from feedsvc.workflow import pictures, read
from feedsvc.workflow.compose import compose
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.pictures import ImagingHere, encoded, photograph

ASHA = by("asha")


def _added(room: Newsroom, width: int = 2000, height: int = 1000) -> Picture:
    data = encoded(photograph(width, height))
    return pictures.add(room, ImagingHere(), data, by=ASHA)


def _lead(picture: Picture, **changes: object) -> ArticleInput:
    values = {"image_url": picture.path, "image_alt": "A lamp", **changes}
    return given("Lamps are lit", **values)


def _problems(room: Newsroom, article: ArticleInput) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        edit.create(room, article, by=ASHA)
    return caught.value.fields


def test_picture_is_kept_in_every_size(room: Newsroom) -> None:
    picture = _added(room)

    assert picture.widths == (480, 960, 1600, 2000)
    assert picture.shown == 1600
    for width in picture.widths:
        body = pictures.body(room, picture, width)
        assert len(body) == dict(picture.lengths)[width]
        assert len(pictures.digest(room, picture, width)) == 64


def test_same_picture_twice_is_one(room: Newsroom) -> None:
    first, second = _added(room, 500, 300), _added(room, 500, 300)

    assert first == second
    assert [one.name for one in pictures.newest(room)] == [first.name]


def test_what_is_not_there_is_not_found(room: Newsroom) -> None:
    unknown = Picture(name="0" * 32 + "-10x10", suffix="jpg", width=10, height=10)

    with pytest.raises(NotFoundError):
        pictures.body(room, unknown, 10)
    with pytest.raises(NotFoundError):
        pictures.digest(room, unknown, 10)


def test_file_that_is_too_large_is_refused_unread(room: Newsroom) -> None:
    most = room.config.desk.picture_megabytes * 1_000_000

    with pytest.raises(InputError, match=r"has 10\.0 MB, and at most 10 MB"):
        pictures.add(room, ImagingHere(), bytes(most + 1), by=ASHA)


def test_lead_image_is_described_by_its_file(room: Newsroom) -> None:
    picture = _added(room)

    stored = edit.create(room, _lead(picture, image_credit="PIB"), by=ASHA)

    assert read.article(room, stored.id).image == Enclosure(
        url=picture.path,
        media_type="image/jpeg",
        length=dict(picture.lengths)[1600],
        width=1600,
        height=800,
        alt="A lamp",
        credit="PIB",
    )


def test_any_of_its_files_names_the_picture(room: Newsroom) -> None:
    picture = _added(room)

    stored = edit.create(room, _lead(picture, image_url=picture.path_of(480)), by=ASHA)

    assert stored.image is not None
    assert stored.image.url == picture.path


def test_picture_that_was_never_uploaded_is_refused(room: Newsroom) -> None:
    unknown = f"/media/{'0' * 32}-500x300/500.jpg"

    assert list(_problems(room, given(image_url=unknown, image_alt="x"))) == ["image_url"]


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("/media/x/480.jpg", id="no name"),
        pytest.param(f"/media/{'0' * 32}-500x300/960.jpg", id="no such width"),
        pytest.param(f"/media/{'0' * 32}-500x300/500.svg", id="no such type"),
        pytest.param(f"/elsewhere/media/{'0' * 32}-500x300/500.jpg", id="another place"),
    ],
)
def test_address_that_is_no_picture_of_ours_is_none(room: Newsroom, address: str) -> None:
    assert picture_at(address) is None
    assert list(_problems(room, given(image_url=address))) == ["image_url"]


def test_lead_image_without_words_keeps_a_draft_and_publishes_nothing(room: Newsroom) -> None:
    wordless = _lead(_added(room, 500, 300), image_alt="")
    draft = edit.create(room, replace(wordless, release=Release.DRAFT), by=ASHA)
    edit.create(room, replace(wordless, release=Release.REVIEW), by=ASHA)

    with pytest.raises(InputError) as caught:
        edit.change(room, draft.id, wordless, by=ASHA, version=1)

    assert list(caught.value.fields) == ["image_alt"]
    assert read.article(room, draft.id).state is State.DRAFT


@pytest.mark.parametrize("form", list(BodyFormat))
def test_picture_in_the_text_needs_words_as_well(room: Newsroom, form: BodyFormat) -> None:
    path = _added(room, 500, 300).path
    text = f"Look.\n\n![]({path})" if form is BodyFormat.MARKDOWN else f'<img src="{path}">'
    article = given(body_source=text, body_format=form)

    assert list(_problems(room, article)) == ["body_source"]
    edit.create(room, replace(article, release=Release.DRAFT), by=ASHA)


def test_picture_in_the_text_says_its_sizes(room: Newsroom) -> None:
    picture = _added(room)

    stored = edit.create(room, given(body_source=f"![A lamp]({picture.path})"), by=ASHA)

    assert stored.body == (
        f'<p><img src="{picture.path}" alt="A lamp" srcset="{picture.srcset}" '
        'sizes="(max-width: 44rem) 100vw, 44rem" width="1600" height="800"></p>'
    )
    again = given(body_source=stored.body, body_format=BodyFormat.HTML)
    assert edit.preview(room, again).body == stored.body


def test_other_peoples_pictures_stay_as_they_are(room: Newsroom) -> None:
    html = '<p><img src="https://x.example/media/a.jpg" alt=""></p>'

    stored = edit.create(room, given(body_source=html, body_format=BodyFormat.HTML), by=ASHA)

    assert stored.body == html


def test_saving_the_same_again_is_no_conflict(room: Newsroom) -> None:
    article = _lead(_added(room))
    stored = edit.create(room, article, by=ASHA)
    edit.change(room, stored.id, article, by=ASHA, version=1)

    assert edit.change(room, stored.id, article, by=ASHA, version=1).version == 2


def test_feeds_tell_type_length_and_size(room: Newsroom) -> None:
    picture = _added(room)
    stored = edit.create(
        room, _lead(picture, body_source=f"![A lamp]({picture.path_of(480)})"), by=ASHA
    )
    make_ready(room)
    with room.database.read() as tx:
        feed = feeds.find(tx, "recent")
    assert feed is not None

    bodies = render(compose(room.config, feed, [stored], ()).document).bodies

    url, length = f"https://news.example.org{picture.path}", dict(picture.lengths)[1600]
    rss = bodies[Format.RSS].decode()
    assert f'<enclosure url="{url}" length="{length}" type="image/jpeg"/>' in rss
    assert (
        f'<media:content url="{url}" medium="image" type="image/jpeg" fileSize="{length}" '
        'width="1600" height="800">'
    ) in rss
    assert f"https://news.example.org{picture.path_of(960)} 960w" in rss
    assert f'href="{url}"' in bodies[Format.ATOM].decode()
    [item] = msgspec.json.decode(bodies[Format.JSON])["items"]
    assert item["image"] == url
    [attachment] = item["attachments"]
    assert attachment["size_in_bytes"] == length
    assert "srcset=" in item["content_html"]


def test_reporter_may_upload(room: Newsroom) -> None:
    reporter = by("ravi", Role.REPORTER)

    made = pictures.add(room, ImagingHere(), encoded(photograph()), by=reporter)

    assert made.created_by == "ravi"
