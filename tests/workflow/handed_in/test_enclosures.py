"""Media files are stored as handed in, in their order, and keep what is known of them."""

import pytest
from msgspec.structs import replace

from feedsvc.errors import ConflictError, InputError
from feedsvc.model import Article, Enclosure, FileInput
from feedsvc.storage import articles
from feedsvc.workflow import read
from feedsvc.workflow.handed_in.enclosures import checked_files
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing import edit
from feedsvc.workflow.writing.as_input import stored_as_input
from tests.factories import by, given

TALK = FileInput(
    url="https://media.example.org/talk.mp3", media_type="audio/mpeg", length=5, title="Talk"
)
REPORT = FileInput(url="https://media.example.org/report.pdf", media_type="application/pdf")


def _changed(room: Newsroom, article: Article, *files: FileInput) -> tuple[Enclosure, ...]:
    wanted = given(enclosures=files)
    edit.change(room, article.id, wanted, by=by("a"), version=article.version)
    return read.article(room, article.id).enclosures


def test_files_are_stored_in_their_order(room: Newsroom) -> None:
    stored = edit.create(room, given(enclosures=(REPORT, TALK)), by=by("a"))

    assert read.article(room, stored.id).enclosures == (
        Enclosure(url=REPORT.url, media_type="application/pdf"),
        Enclosure(url=TALK.url, media_type="audio/mpeg", length=5, alt="Talk"),
    )


def test_article_with_files_that_nobody_may_hand_in_can_be_edited(room: Newsroom) -> None:
    stored = imported(room)

    wanted = replace(stored_as_input(stored), title="It pours")
    edit.change(room, stored.id, wanted, by=by("a"), version=stored.version)

    after = read.article(room, stored.id)
    assert (after.title, after.enclosures) == ("It pours", stored.enclosures)


def imported(room: Newsroom) -> Article:
    """An article with files as imports bring them.

    Too many, one of them twice, a long address, a long title, a type that is none.
    """
    stored = edit.create(room, given(), by=by("a"))
    many = [Enclosure(url=f"https://m.example.org/{n}.mp3") for n in range(51)]
    odd = Enclosure(
        url=f"https://m.example.org/{'x' * 2000}", alt="x" * 1001, media_type="Sound; of rain"
    )
    files = (*many, many[0], odd)
    with room.database.write() as tx:
        articles.replace(tx, replace(stored, enclosures=files), stored.version)
    return replace(stored, enclosures=files)


def named(article: Article) -> tuple[FileInput, ...]:
    return tuple(
        FileInput(
            url=file.url, media_type=file.media_type or "", length=file.length, title=file.alt
        )
        for file in article.enclosures
    )


def test_files_that_an_article_has_may_all_be_named_again(room: Newsroom) -> None:
    """As the form does, which shows them."""
    stored = imported(room)
    wanted = replace(stored_as_input(stored), title="It pours", enclosures=named(stored))

    edit.change(room, stored.id, wanted, by=by("a"), version=stored.version)

    after = read.article(room, stored.id)
    assert (after.title, after.enclosures) == ("It pours", stored.enclosures)


def test_one_of_too_many_files_can_be_changed_or_removed(room: Newsroom) -> None:
    stored = imported(room)
    first, second, *others = named(stored)
    files = (replace(first, title="Rain"), *others)
    assert second not in files

    wanted = replace(stored_as_input(stored), enclosures=files)
    edit.change(room, stored.id, wanted, by=by("a"), version=stored.version)

    after = read.article(room, stored.id).enclosures
    assert (len(after), after[0].alt, after[-1]) == (51, "Rain", stored.enclosures[-1])


def test_there_are_no_more_files_than_there_were(room: Newsroom) -> None:
    stored = imported(room)
    wanted = replace(stored_as_input(stored), enclosures=(*named(stored), TALK))

    with pytest.raises(InputError) as caught:
        edit.change(room, stored.id, wanted, by=by("a"), version=stored.version)

    assert "54 files; at most 53" in caught.value.fields["enclosures"]


def test_files_stay_where_nothing_is_said_of_them(room: Newsroom) -> None:
    stored = edit.create(room, given(enclosures=(TALK,)), by=by("a"))

    again = edit.change(room, stored.id, given("It pours"), by=by("a"), version=1)

    assert again.enclosures == stored.enclosures


def test_known_file_keeps_what_is_known(room: Newsroom) -> None:
    stored = edit.create(room, given(), by=by("a"))
    clip = Enclosure(url=TALK.url, media_type="video/mp4", length=7, width=640, height=360)
    with room.database.write() as tx:
        articles.replace(tx, replace(stored, enclosures=(clip,)), stored.version)

    named = _changed(room, stored, FileInput(url=TALK.url, title="Clip"))

    assert named == (replace(clip, alt="Clip"),)


def test_type_and_length_can_be_put_right(room: Newsroom) -> None:
    stored = edit.create(room, given(enclosures=(TALK,)), by=by("a"))

    [file] = _changed(room, stored, FileInput(url=TALK.url, media_type="Audio/OGG", length=0))

    assert (file.media_type, file.length) == ("audio/ogg", 0)


def test_files_can_be_taken_out(room: Newsroom) -> None:
    stored = edit.create(room, given(enclosures=(TALK, REPORT)), by=by("a"))

    assert [file.url for file in _changed(room, stored, REPORT)] == [REPORT.url]


def test_two_editors_with_different_files_are_told(room: Newsroom) -> None:
    stored = edit.create(room, given(), by=by("a"))
    _changed(room, stored, TALK)

    _changed(room, stored, TALK)  # the same once more is no conflict
    with pytest.raises(ConflictError):
        _changed(room, stored, REPORT)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        pytest.param(FileInput(url="talk.mp3"), "file 2: the address must be", id="relative"),
        pytest.param(FileInput(url="", title="Talk"), "file 2: give its address", id="none"),
        pytest.param(FileInput(url="", length=5), "file 2: give its address", id="length only"),
        pytest.param(
            FileInput(url=REPORT.url, media_type="sound"), "file 2: the type", id="type"
        ),
        pytest.param(
            FileInput(url=REPORT.url, length=2**53 + 1), "file 2: the size", id="size"
        ),
        pytest.param(
            FileInput(url=REPORT.url, title="x" * 1001), "file 2: the title is", id="title"
        ),
    ],
)
def test_bad_file_is_named(file: FileInput, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        checked_files(given(enclosures=(TALK, FileInput(url=" "), file)))


def test_too_many_files_are_refused() -> None:
    files = tuple(FileInput(url=f"https://m.example.org/{n}.mp3") for n in range(101))

    with pytest.raises(InputError, match="51 files; at most 50"):
        checked_files(given(enclosures=files[:51]))
    assert len(checked_files(given(enclosures=files[:100], is_operators=True)) or ()) == 100
    with pytest.raises(InputError, match="101 files; at most 100"):
        checked_files(given(enclosures=files, is_operators=True))


def test_address_that_is_named_twice_is_one_file() -> None:
    again = FileInput(url=TALK.url, title="Once more")

    files = checked_files(given(enclosures=(TALK, REPORT, again))) or ()

    assert [file.alt for file in files] == ["Talk", ""]


def test_lead_image_keeps_what_is_known_of_it(room: Newsroom) -> None:
    lead = given(image_url="https://i.example.org/a", image_alt="A lamp")
    stored = edit.create(room, lead, by=by("a"))
    known = Enclosure(
        url="https://i.example.org/a", media_type="image/jpeg", length=9, width=800, height=600
    )
    with room.database.write() as tx:
        articles.replace(tx, replace(stored, image=known), stored.version)

    again = edit.change(
        room, stored.id, replace(lead, image_credit="PIB"), by=by("a"), version=1
    )
    other = replace(lead, image_url="https://i.example.org/b")
    changed = edit.change(room, stored.id, other, by=by("a"), version=again.version)

    assert again.image == replace(known, alt="A lamp", credit="PIB")
    assert changed.image == Enclosure(url="https://i.example.org/b", alt="A lamp")
