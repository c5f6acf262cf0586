"""What no feed could carry is not published; what somebody would only dislike is."""

import pytest
from msgspec import structs

from feedsvc.errors import InputError
from feedsvc.model import Release, State
from feedsvc.workflow import preflight, read
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing.edit import change, create
from tests.factories import by, given
from tests.rows import spoil

UNFIT = "x" * 1001  # no guid is that long
DRAFT = given(release=Release.DRAFT)


@pytest.mark.parametrize("release", [Release.NOW, Release.AT])
def test_what_no_feed_could_carry_does_not_go_out(room: Newsroom, release: Release) -> None:
    made = create(room, DRAFT, by=by("asha"))
    spoil(room, made.id, guid=UNFIT)
    due = room.clock.now().replace(year=2027)
    asked = given(release=release, release_at=due)

    with pytest.raises(InputError, match="no feed could carry this article"):
        change(room, made.id, asked, by=by("asha"), version=1)

    assert read.article(room, made.id).state is State.DRAFT


@pytest.mark.parametrize("release", [Release.DRAFT, Release.REVIEW])
def test_it_can_still_be_written(room: Newsroom, release: Release) -> None:
    made = create(room, DRAFT, by=by("asha"))
    spoil(room, made.id, guid=UNFIT)

    kept = change(room, made.id, given("Better", release=release), by=by("asha"), version=1)

    assert kept.title == "Better"


def test_what_is_set_aside_already_can_be_worked_on(room: Newsroom) -> None:
    made = create(room, given(), by=by("asha"))
    spoil(room, made.id, guid=UNFIT, set_aside="The article's guid is too long.")

    assert change(room, made.id, given("Better"), by=by("asha"), version=1).title == "Better"


@pytest.mark.parametrize("title", ["", " ", "\u200b", "\x00\x0b"])
def test_an_article_without_a_title_is_not_stored(room: Newsroom, title: str) -> None:
    with pytest.raises(InputError) as caught:
        create(room, given(title), by=by("asha"))

    assert "write a headline" in caught.value.fields["title"]


def test_characters_that_xml_does_not_have_are_taken_out(room: Newsroom) -> None:
    made = create(
        room, given("Start\x00-ups\ufffe meet", body_source="A\x0bB\x00C"), by=by("asha")
    )

    assert (made.title, made.body) == ("Start-ups meet", "<p>ABC</p>")


def test_warnings_and_partners_never_stand_in_the_way(room: Newsroom) -> None:
    desk = structs.replace(room.config.desk, partners=("msn", "flipboard", "smartnews"))
    body = "![](https://localhost/x.png) [y](/z) [dead]()"

    made = create(room, given("Rain", body_source=body, categories=()), by=by("asha"))
    found = preflight.of_article(room, made, preflight.partners_of(desk))

    assert made.state is State.PUBLISHED
    assert {one.rule for one in found} >= {"title-short", "no-category", "body-alt", "dead"}
    assert any(one.severity == "error" for one in found)
    assert not any(one.is_blocking for one in found)
