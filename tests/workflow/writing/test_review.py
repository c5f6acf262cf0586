"""Between a draft and its release: handed in, looked at, sent back."""

import pytest

from feedsvc.errors import ConflictError, GoneError, InputError, NotFoundError
from feedsvc.model import Release, State
from feedsvc.workflow import read
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import change, create
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.workflow.writing.test_withdraw import shown

HANDED_IN = given(release=Release.REVIEW)
SENT_BACK = given(release=Release.DRAFT, review_note="Who says so?")


def test_article_is_handed_in_and_published(room: Newsroom) -> None:
    draft = create(room, given(release=Release.DRAFT), by=by("ravi"))

    waiting = change(room, draft.id, HANDED_IN, by=by("ravi"), version=1)
    out = change(room, draft.id, given(), by=by("asha"), version=2)

    assert [each.state for each in (draft, waiting, out)] == [
        State.DRAFT,
        State.REVIEW,
        State.PUBLISHED,
    ]
    assert read.public_article(room, out.path).guid == draft.guid


def test_article_is_sent_back_with_a_note(room: Newsroom) -> None:
    made = create(room, HANDED_IN, by=by("ravi"))

    change(room, made.id, SENT_BACK, by=by("asha"), version=1)

    back = read.article(room, made.id)
    assert (back.state, back.review_note) == (State.DRAFT, "Who says so?")


def test_the_note_stays_until_the_article_is_handed_in_again(room: Newsroom) -> None:
    made = create(room, HANDED_IN, by=by("ravi"))
    change(room, made.id, SENT_BACK, by=by("asha"), version=1)

    kept = given("Better", release=Release.DRAFT, review_note="Rewritten by hand.")
    kept_draft = change(room, made.id, kept, by=by("ravi"), version=2)
    again = change(room, made.id, HANDED_IN, by=by("ravi"), version=3)

    assert kept_draft.review_note == "Who says so?"
    assert again.review_note == ""


def test_what_nobody_handed_in_takes_no_note(room: Newsroom) -> None:
    assert create(room, SENT_BACK, by=by("asha")).review_note == ""


def test_a_note_sent_twice_is_one_note(room: Newsroom) -> None:
    made = create(room, HANDED_IN, by=by("ravi"))
    first = change(room, made.id, SENT_BACK, by=by("asha"), version=1)

    assert change(room, made.id, SENT_BACK, by=by("asha"), version=1) == first


def test_another_note_is_another_save(room: Newsroom) -> None:
    made = create(room, HANDED_IN, by=by("ravi"))
    change(room, made.id, SENT_BACK, by=by("asha"), version=1)
    other = given(release=Release.DRAFT, review_note="Too long.")

    with pytest.raises(ConflictError):
        change(room, made.id, other, by=by("bela"), version=1)


def test_published_article_cannot_be_handed_in(room: Newsroom) -> None:
    made = create(room, given(), by=by("asha"))

    with pytest.raises(InputError, match="withdraw it instead"):
        change(room, made.id, HANDED_IN, by=by("asha"), version=1)


def test_scheduled_article_goes_back_into_review_without_its_time(room: Newsroom) -> None:
    due = room.clock.now().replace(year=2027)
    made = create(room, given(release=Release.AT, release_at=due), by=by("asha"))

    back = change(room, made.id, HANDED_IN, by=by("asha"), version=1)

    assert (back.state, back.release_at) == (State.REVIEW, None)


def test_taking_it_back_makes_it_a_draft_again(room: Newsroom) -> None:
    """Promise 7: nothing tells that there was something."""
    made = create(room, HANDED_IN, by=by("ravi"))

    back = withdraw(room, made.id, by=by("asha"))

    assert (back.state, back.withdrawn) == (State.DRAFT, None)
    with pytest.raises(NotFoundError) as caught:
        read.public_article(room, made.path)
    assert not isinstance(caught.value, GoneError)


def test_withdrawn_article_in_review_stays_withdrawn_for_readers(room: Newsroom) -> None:
    """Promise 7: what is planned for it shows nowhere, and what it was stays gone."""
    make_ready(room)
    made = create(room, given("Once"), by=by("asha"))
    gone = withdraw(room, made.id, by=by("asha"), reissue=True)
    before = shown(room)
    planned = given("Secret", release=Release.REVIEW, categories=("News", "Mergers"))

    waiting = change(room, made.id, planned, by=by("ravi"), version=gone.version)
    seen = shown(room)
    back = change(room, made.id, SENT_BACK, by=by("asha"), version=waiting.version)

    assert (waiting.state, back.state) == (State.REVIEW, State.WITHDRAWN)
    assert back.review_note == "Who says so?"
    assert seen == before
    assert [category.name for category in read.categories(room)] == ["News"]
    with pytest.raises(GoneError):
        read.public_article(room, made.path)
