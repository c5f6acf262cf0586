"""Promise 1 holds for what was, too: each version is stored in the change's transaction."""

from datetime import timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from msgspec.structs import replace
from msgspec.structs import replace as with_setting
from sqlalchemy import delete, func, select, update

from feedsvc.errors import ConflictError, InputError, NotFoundError, UnavailableError
from feedsvc.model import (
    Article,
    ArticleId,
    BodyFormat,
    Enclosure,
    Event,
    Release,
    State,
    Tag,
    TagId,
    event_of,
)
from feedsvc.storage import articles, bulk
from feedsvc.storage.tables.articles import ArticleRow
from feedsvc.storage.tables.history import ArticleVersionRow
from feedsvc.storage.writing import history, packing
from feedsvc.storage.writing.written import WRITTEN, differing, read_into, written
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.release import release_due
from feedsvc.workflow.writing import edit, together
from feedsvc.workflow.writing import history as reading
from feedsvc.workflow.writing.together import Action, Chosen, Outcome, Wish
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import article, by, given
from tests.fakes import NOON, FakeClock

FULL = article(
    image=Enclosure(url="https://images.example.org/a.jpg", width=800, alt="A lamp"),
    enclosures=(Enclosure(url="https://images.example.org/a.mp3", length=12),),
    tags=(Tag(id=TagId(4), slug="rain", name="Rain"),),
    body_format=BodyFormat.HTML,
    withdrawn=NOON,
    correction="It was Tuesday.",
    excerpt="ଓଡ଼ିଶା \ud83d",
)


@pytest.fixture(autouse=True)
def short_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """One version in four is whole, and three are on a page: else there were many saves."""
    monkeypatch.setattr(history, "SPAN", 4)
    monkeypatch.setattr(reading, "ON_A_PAGE", 3)


def events(room: Newsroom, made: Article) -> list[Event]:
    """Return what became of an article, the first thing first."""
    with room.database.read() as tx:
        return [each.event for each in reversed(history.newest(tx, made.id, limit=99))]


def test_each_change_is_a_version(room: Newsroom, clock: FakeClock) -> None:
    """Promise 1: what an editor wrote is there as it was, who wrote it and when."""
    made = edit.create(room, given(release=Release.DRAFT), by=by("asha"))
    clock.advance(60)
    other = given("Other", body_source="New.", categories=("City",))
    edit.change(room, made.id, other, by=by("ravi"), version=1)

    newest, first = reading.past(room, made.id).versions

    assert (newest.number, newest.by, newest.event) == (2, "ravi", Event.PUBLISHED)
    assert newest.at - first.at == timedelta(seconds=60)
    assert {"title", "body_source", "categories", "state"} <= set(newest.changes)
    assert (first.number, first.by, first.event, first.changes) == (
        *(1, "asha", Event.CREATED),
        (),
    )


def test_version_holds_all_that_was_written(room: Newsroom, clock: FakeClock) -> None:
    wanted = given(
        "The first",
        image_url="https://images.example.org/a.jpg",
        image_alt="A lamp",
        tags=("Rain", "Monsoon"),
        excerpt="ଓଡ଼ିଶା",
    )
    made = edit.create(room, wanted, by=by("asha"))
    edit.change(room, made.id, given("The second"), by=by("asha"), version=1)

    found = reading.change(room, made.id, 2)

    assert found.before is not None
    assert differing(found.before, made) == ()
    assert (found.then.title, found.is_newest) == ("The second", True)
    assert reading.change(room, made.id, 1).before is None


def test_life_of_an_article_is_told(room: Newsroom, clock: FakeClock) -> None:
    due = clock.now() + timedelta(hours=1)
    planned = given(release=Release.AT, release_at=due)
    made = edit.create(room, given(release=Release.DRAFT), by=by("asha"))
    edit.change(room, made.id, planned, by=by("asha"), version=1)
    withdraw(room, made.id, by=by("ravi"))
    edit.change(room, made.id, planned, by=by("asha"), version=3)
    clock.advance(3600)
    release_due(room)
    edit.change(room, made.id, given("More"), by=by("asha"), version=4)
    edit.change(room, made.id, given("More", correction="No."), by=by("asha"), version=5)
    withdraw(room, made.id, by=by("ravi"))

    assert events(room, made) == [
        *(Event.CREATED, Event.SCHEDULED, Event.UNSCHEDULED, Event.SCHEDULED),
        *(Event.RELEASED, Event.CHANGED, Event.CORRECTED, Event.WITHDRAWN),
    ]
    released = reading.change(room, made.id, 5)
    assert (released.version.by, released.version.changes) == ("", ())
    assert released.before == released.then


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        pytest.param(None, {"state": State.SCHEDULED}, Event.SCHEDULED, id="new, for later"),
        pytest.param(None, {}, Event.PUBLISHED, id="new, at once"),
        pytest.param(None, {"state": State.DRAFT}, Event.CREATED, id="new"),
        pytest.param(
            {"state": State.SCHEDULED, "release_at": NOON + timedelta(1)},
            {"state": State.SCHEDULED, "release_at": NOON + timedelta(2)},
            Event.SCHEDULED,
            id="moved",
        ),
        pytest.param(
            {"state": State.SCHEDULED, "release_at": NOON + timedelta(1)},
            {"state": State.SCHEDULED, "release_at": NOON + timedelta(1)},
            Event.CHANGED,
            id="where it was",
        ),
        pytest.param(
            {"state": State.SCHEDULED},
            {"title": "More"},
            Event.CHANGED,
            id="due, not yet marked",
        ),
        pytest.param({"state": State.WITHDRAWN}, {}, Event.PUBLISHED, id="once more"),
        pytest.param(
            {"state": State.DRAFT}, {"state": State.REVIEW}, Event.HANDED_IN, id="handed in"
        ),
        pytest.param(
            {"state": State.REVIEW}, {"state": State.DRAFT}, Event.SENT_BACK, id="sent back"
        ),
        pytest.param(
            {"state": State.REVIEW},
            {"state": State.WITHDRAWN},
            Event.SENT_BACK,
            id="sent back, and withdrawn before",
        ),
        pytest.param(
            {"state": State.WITHDRAWN},
            {"state": State.DRAFT},
            Event.CHANGED,
            id="no way to anywhere that has a word",
        ),
    ],
)
def test_event_is_what_readers_notice(
    before: dict[str, object] | None, after: dict[str, object], event: Event
) -> None:
    was = None if before is None else article(1, **before)

    assert event_of(was, article(1, **{"changed": NOON, **after})) is event


def test_restoring_is_told(room: Newsroom) -> None:
    made = edit.create(room, given("First", release=Release.DRAFT), by=by("asha"))
    edit.change(room, made.id, given("Second", release=Release.DRAFT), by=by("asha"), version=1)
    back = given("First", release=Release.DRAFT, restored_from=1)
    edit.change(room, made.id, back, by=by("ravi"), version=2)

    assert events(room, made) == [Event.CREATED, Event.CHANGED, Event.RESTORED]


def test_refused_change_is_no_version(room: Newsroom) -> None:
    made = edit.create(room, given(), by=by("asha"))

    with pytest.raises(ConflictError):
        edit.change(room, made.id, given("Late"), by=by("ravi"), version=7)
    with pytest.raises(InputError):
        edit.change(room, made.id, given(""), by=by("ravi"), version=1)

    assert events(room, made) == [Event.PUBLISHED]


def test_storage_refuses_a_version_that_is_over(room: Newsroom) -> None:
    made = edit.create(room, given(), by=by("asha"))
    with room.database.write() as tx:
        assert not articles.replace(tx, replace(made, version=9), 8)

    assert events(room, made) == [Event.PUBLISHED]


def test_imported_article_is_kept_as_it_was(room: Newsroom) -> None:
    """Many at once have no history; it begins with the first change, and loses nothing."""
    with room.database.write() as tx:
        (number,) = bulk.add_articles(tx, [article(categories=())], [None])
    assert reading.past(room, number).versions == ()

    edit.change(room, number, given("Changed"), by=by("asha"), version=1)

    newest, earlier = reading.past(room, number).versions
    assert (earlier.event, earlier.at) == (Event.EARLIER, article().changed)
    assert reading.change(room, number, 2).before.title == "Article 1"  # type: ignore[union-attr]
    assert newest.event is Event.CHANGED


def test_change_of_a_program_without_history_is_kept_too(room: Newsroom) -> None:
    made = edit.create(room, given("First"), by=by("asha"))
    with room.database.write() as tx:
        tx.execute(update(ArticleRow).values(title="Unseen", version=2, changed_by="old"))
    edit.change(room, made.id, given("Third"), by=by("asha"), version=2)

    titles = [reading.change(room, made.id, number).then.title for number in (1, 2, 3)]

    assert titles == ["First", "Unseen", "Third"]


def test_release_of_what_has_no_history_notes_nothing(room: Newsroom) -> None:
    due = article(state=State.SCHEDULED, published=None, release_at=NOON, categories=())
    with room.database.write() as tx:
        (number,) = bulk.add_articles(tx, [due], [None])
    room.clock.advance(60)  # type: ignore[attr-defined]

    assert len(release_due(room).released) == 1
    assert reading.past(room, number).versions == ()


def rows(room: Newsroom, *columns: object) -> list[tuple[object, ...]]:
    with room.database.read() as tx:
        query = select(*columns).order_by(ArticleVersionRow.number)  # type: ignore[call-overload]
        return [tuple(row) for row in tx.execute(query)]


def save_often(room: Newsroom, times: int) -> ArticleId:
    """Change a word of a long article again and again."""
    words = [f"word-{n * 7919 % 997}" for n in range(900)]
    made = edit.create(
        room, given(body_source=" ".join(words), release=Release.DRAFT), by=by("a")
    )
    for number in range(1, times):
        words[number * 31 % 900] = f"other-{number}"
        wanted = given(body_source=" ".join(words), release=Release.DRAFT)
        edit.change(room, made.id, wanted, by=by("a"), version=number)
    return made.id


def test_versions_are_packed_against_the_one_before(room: Newsroom) -> None:
    save_often(room, 10)

    sizes = rows(room, ArticleVersionRow.number, func.length(ArticleVersionRow.content))

    whole = {1, 1 + history.SPAN, 1 + 2 * history.SPAN}
    assert {number for number, size in sizes if size > 1000} == whole  # type: ignore[operator]
    assert max(size for number, size in sizes if number not in whole) < 200  # type: ignore[type-var, operator]


def test_every_version_comes_back_whole(room: Newsroom) -> None:
    number = save_often(room, 10)

    for each in range(2, 11):
        found = reading.change(room, number, each)
        assert f"other-{each - 1}" in found.then.body_source
        assert f"other-{each}" not in found.then.body_source


def test_damaged_version_is_no_wrong_text(room: Newsroom) -> None:
    number = save_often(room, 2)
    with room.database.write() as tx:
        tx.execute(update(ArticleVersionRow).values(content=b"nothing of the kind"))

    with pytest.raises(UnavailableError, match=r"damaged version of an article.*backup"):
        reading.change(room, number, 2)


def test_unknown_version_and_article(room: Newsroom) -> None:
    made = edit.create(room, given(), by=by("asha"))

    with pytest.raises(NotFoundError, match="no version 2"):
        reading.change(room, made.id, 2)
    with pytest.raises(NotFoundError, match="no version 0"):
        reading.change(room, made.id, 0)
    with pytest.raises(NotFoundError, match="no article 99"):
        reading.past(room, ArticleId(99))


def test_history_has_pages(room: Newsroom) -> None:
    number = save_often(room, 5)

    first = reading.past(room, number)
    second = reading.past(room, number, before=first.older)

    assert [each.number for each in first.versions] == [5, 4, 3]
    assert [each.number for each in second.versions] == [2, 1]
    assert second.older is None


def keeping(room: Newsroom, days: int) -> Newsroom:
    desk = with_setting(room.config.desk, history_days=days)
    return replace(room, config=with_setting(room.config, desk=desk))


def test_everything_is_kept_unless_settings_say_otherwise(
    room: Newsroom, clock: FakeClock
) -> None:
    number = save_often(room, 5)
    clock.advance(900 * 86400)
    edit.change(room, number, given("Late", release=Release.DRAFT), by=by("a"), version=5)

    assert len(rows(room, ArticleVersionRow.number)) == 6


def test_old_versions_are_forgotten_but_not_what_others_rest_on(
    room: Newsroom, clock: FakeClock
) -> None:
    kept = keeping(room, 10)
    number = save_often(kept, 7)
    clock.advance(11 * 86400)
    edit.change(kept, number, given("Late", release=Release.DRAFT), by=by("a"), version=7)

    left = [row[0] for row in rows(kept, ArticleVersionRow.number)]

    assert left == [5, 6, 7, 8]
    assert reading.change(kept, number, 8).then.title == "Late"


@pytest.mark.parametrize("action", [Action.ADD_TAG, Action.WITHDRAW, Action.DRAFT])
def test_changing_many_at_once_forgets_old_versions_too(
    room: Newsroom, clock: FakeClock, action: Action
) -> None:
    kept = keeping(room, 10)
    number = save_often(kept, 6)
    clock.advance(11 * 86400)
    is_out = action is Action.WITHDRAW
    release, at = (Release.NOW, None) if is_out else (Release.AT, clock.now() + timedelta(1))
    saved = given("Late", release=release, release_at=at)
    edit.change(room, number, saved, by=by("a"), version=6)

    wish = Wish(action=action, name="Rain" if action.is_named else "")
    chosen = [Chosen(article_id=number, version=7)]
    done = together.carry_out(kept, wish, chosen, by=by("a"))

    assert [each.outcome for each in done] == [Outcome.DONE]
    assert [row[0] for row in rows(kept, ArticleVersionRow.number)] == [5, 6, 7, 8]


def test_newest_version_is_never_forgotten(room: Newsroom, clock: FakeClock) -> None:
    number = save_often(room, 6)
    with room.database.write() as tx:
        history.forget(tx, number, clock.now() + timedelta(1))

    assert [row[0] for row in rows(room, ArticleVersionRow.number)] == [5, 6]

    with room.database.write() as tx:
        tx.execute(delete(ArticleVersionRow))
        history.forget(tx, number, clock.now() + timedelta(1))  # nothing is there: harmless


def test_content_is_all_but_bookkeeping() -> None:
    left_out = {*Article.__struct_fields__} - set(WRITTEN)

    assert left_out == {
        *("id", "guid", "guid_is_permalink", "slug", "path", "body", "updated", "corrected"),
        *("owner_id", "review_note", "released_late_seconds", "feed_delay", "sent"),
        *("enters_at", "set_aside", "version", "created", "changed", "changed_by"),
    }


def test_content_comes_back() -> None:
    found = read_into(article(), written(FULL))

    assert written(found) == written(FULL)
    assert differing(found, FULL) == ()
    assert found.image == FULL.image
    assert found.enclosures == FULL.enclosures


def test_field_that_an_old_version_does_not_have_stays() -> None:
    assert read_into(FULL, b'{"title":"Old"}') == replace(FULL, title="Old")


@drawn(st.binary(max_size=3000), st.binary(max_size=3000))
def test_packing_loses_nothing(text: bytes, before: bytes) -> None:
    assert packing.unpack(packing.pack(text, before), before) == text
    assert packing.unpack(packing.pack(text)) == text


def test_long_texts_are_packed_against_each_other() -> None:
    before = b" ".join(b"%d" % (n * 7919) for n in range(150_000))
    text = before[:400_000] + b"new" + before[400_000:]

    packed = packing.pack(text, before)

    assert len(packed) < 500
    assert packing.unpack(packed, before) == text
