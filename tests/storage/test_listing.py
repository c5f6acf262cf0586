"""Lists are right, and each is one range of one index."""

from datetime import datetime, timedelta
from typing import cast

import pytest
from msgspec.structs import replace
from sqlalchemy import ClauseElement, event, text

from feedsvc.model import ArticleId, Category, Enclosure, State, Tombstone
from feedsvc.storage import articles, categories, releases
from feedsvc.storage.database import Database, Transaction
from feedsvc.storage.lists import listing, windows, withdrawals
from tests.factories import PUBLISHED, article
from tests.fakes import NOON

HOUR = timedelta(hours=1)


def news(tx: Transaction, slug: str = "news") -> Category:
    return categories.add(
        tx, slug=slug, name=slug.title(), feed_guid=f"urn:x:{slug}", now=PUBLISHED
    )


def add(tx: Transaction, number: int, section: Category, **changes: object) -> ArticleId:
    made = article(number, categories=(section,), **changes)
    return articles.add(tx, made, None)


def test_latest_come_first_and_equal_times_by_number(database: Database) -> None:
    with database.write() as tx:
        section = news(tx)
        first = add(tx, 1, section)
        second = add(tx, 2, section)
        newest = add(tx, 3, section, published=PUBLISHED + HOUR)

        shown = listing.visible(tx, NOON, limit=10, category_id=section.id)

    assert [made.id for made in shown] == [newest, second, first]


def test_scheduled_article_is_listed_from_its_second_on(database: Database) -> None:
    """Promise 7: embargo holds."""
    with database.write() as tx:
        section = news(tx)
        due = NOON + HOUR
        add(tx, 1, section, state=State.SCHEDULED, release_at=due, published=None)

        before = listing.visible(tx, due - timedelta(seconds=1), limit=10)
        at_once = listing.visible(tx, due, limit=10)

    assert (len(before), len(at_once)) == (0, 1)


@pytest.mark.parametrize("state", [State.DRAFT, State.REVIEW, State.WITHDRAWN])
def test_hidden_articles_are_in_no_public_list(database: Database, state: State) -> None:
    with database.write() as tx:
        section = news(tx)
        add(tx, 1, section, state=state)

        rule = windows.Rule(at_least=9, hours=9, at_most=99)
        window = windows.in_feed(tx, NOON, section.id, rule)
        shown = listing.visible(tx, NOON, limit=10)

    assert (window, shown) == (windows.Window(), [])


def test_pages_hold_every_article_once(database: Database) -> None:
    with database.write() as tx:
        section = news(tx)
        ids = [
            add(tx, n, section, published=PUBLISHED - n // 3 * timedelta(minutes=1))
            for n in range(1, 12)
        ]
        seen: list[ArticleId] = []
        place = None
        while page := listing.visible(tx, NOON, limit=2, category_id=section.id, before=place):
            seen += [made.id for made in page]
            last = page[-1]
            assert last.published is not None
            place = (last.published, last.id)

    assert sorted(seen) == sorted(ids)
    assert len(set(seen)) == len(seen)


@pytest.mark.checklist("RSS-36")
def test_feed_window_is_at_least_n_and_all_of_the_last_hours(database: Database) -> None:
    with database.write() as tx:
        section = news(tx)
        for hours in (0, 1, 2, 3, 30, 40):
            add(tx, hours + 1, section, published=PUBLISHED - hours * HOUR)

        def window(at_least: int, hours: int, at_most: int = 99) -> int:
            rule = windows.Rule(at_least=at_least, hours=hours, at_most=at_most)
            return len(windows.in_feed(tx, NOON, section.id, rule).ids)

        sizes = window(2, 3), window(5, 1), window(1, 0), window(1, 48, 3)

    assert sizes == (4, 5, 1, 3)


@pytest.mark.checklist("RSS-13")
def test_feed_window_does_not_depend_on_the_hour(database: Database) -> None:
    """Promise 2: same content, same bytes, at any time."""
    with database.write() as tx:
        section = news(tx)
        for hours in (0, 5, 20):
            add(tx, hours + 1, section, published=PUBLISHED - hours * HOUR)
        rule = windows.Rule(at_least=1, hours=6, at_most=9)
        moments = [NOON + days * timedelta(days=1) for days in (0, 1, 100)]
        shown = [windows.in_feed(tx, now, None, rule).ids for now in moments]

    assert shown[0] == shown[1] == shown[2]
    assert len(shown[0]) == 2


def _stone(number: int, withdrawn: datetime) -> Tombstone:
    one = article(number)
    return Tombstone(guid=one.guid, withdrawn=withdrawn, path=one.path, published=one.published)


def test_withdrawn_article_leaves_a_tombstone(database: Database) -> None:
    with database.write() as tx:
        section = news(tx)
        add(tx, 1, section, state=State.WITHDRAWN, withdrawn=NOON)
        again = add(tx, 2, section, state=State.WITHDRAWN, withdrawn=PUBLISHED, reissued=True)
        expected = (
            _stone(1, NOON),
            replace(_stone(2, PUBLISHED), reissue=(PUBLISHED, again)),
        )

        everywhere = withdrawals.latest(tx, None, limit=5)
        here = withdrawals.latest(tx, section.id, limit=5)
        elsewhere = withdrawals.latest(tx, news(tx, "sport").id, limit=5)

    assert (everywhere, here, elsewhere) == (expected, expected, ())


@pytest.mark.checklist("TOMB-05")
def test_tombstones_stay_for_a_week_however_many_there_are(database: Database) -> None:
    """Counted back from the newest: time alone changes no bytes (promise 2)."""
    with database.write() as tx:
        section = news(tx)
        for number in range(1, 31):
            when = NOON - 8 * HOUR * number
            add(tx, number, section, state=State.WITHDRAWN, withdrawn=when)

        few, more = (withdrawals.latest(tx, section.id, limit=limit) for limit in (3, 28))
        none = withdrawals.latest(tx, news(tx, "sport").id, limit=3)

    assert [stone.guid for stone in few] == [article(n).guid for n in range(1, 26)]
    assert [stone.guid for stone in more] == [article(n).guid for n in range(1, 29)]
    assert none == ()


def test_desk_sees_every_state_and_may_choose(database: Database) -> None:
    with database.write() as tx:
        section = news(tx)
        draft = add(tx, 1, section, state=State.DRAFT, changed=NOON)
        gone = add(tx, 2, section, state=State.WITHDRAWN)

        everything = listing.for_desk(tx, limit=9, state=None, before=None)
        drafts = listing.for_desk(tx, limit=9, state=State.DRAFT, before=None)
        rest = listing.for_desk(tx, limit=9, state=None, before=(NOON, draft))

    assert [[made.id for made in found] for found in (everything, drafts, rest)] == [
        [draft, gone],
        [draft],
        [gone],
    ]


def test_set_aside_articles_are_found(database: Database) -> None:
    with database.write() as tx:
        number = add(tx, 1, news(tx))
        articles.set_aside(tx, number, "it cannot be written")

        found = listing.set_aside(tx)

    assert [(made.id, made.set_aside) for made in found] == [(number, "it cannot be written")]


def test_article_that_somebody_else_changed_is_not_replaced(database: Database) -> None:
    with database.write() as tx:
        number = add(tx, 1, news(tx), bylines=("Asha",))
        found = articles.find(tx, number)
        assert found is not None

        assert not articles.replace(tx, replace(found, title="mine"), expected_version=7)
        assert articles.replace(tx, replace(found, bylines=(), categories=()), 1)
        after = articles.find(tx, number)

    assert after == replace(found, bylines=(), categories=())


def test_overdue_articles_are_named(database: Database) -> None:
    with database.write() as tx:
        section = news(tx)
        late = add(tx, 1, section, state=State.SCHEDULED, release_at=NOON - HOUR)
        add(tx, 2, section, state=State.SCHEDULED, release_at=NOON + HOUR)

        assert releases.overdue(tx, NOON) == (late,)


def test_picture_comes_back_whole(database: Database) -> None:
    picture = Enclosure(
        url="https://cdn.example.org/a.jpg",
        media_type="image/jpeg",
        length=5_000_000_000,
        width=1200,
        height=800,
        alt="A mast",
        credit="P. Hoto",
    )
    with database.write() as tx:
        number = add(tx, 1, news(tx), image=picture)
        found = articles.find(tx, number)

    assert found is not None
    assert found.image == picture


def test_parts_come_back_in_order(database: Database) -> None:
    with database.write() as tx:
        sections = (news(tx, "sport"), news(tx, "arts"))
        made = article(1, categories=sections, bylines=("Zoe", "Asha"))
        number = articles.add(tx, made, None)

        found = articles.find(tx, number)

    assert found == replace(made, id=number)


INDEXED = {
    "visible": "ix_article_visible_from",
    "in category": "ix_article_category_category_id_visible_from",
    "feed": "ix_article_category_category_id_feed_from",
    "tombstones": "ix_article_category_category_id_withdrawn",
}


@pytest.mark.parametrize("kind", INDEXED)
def test_lists_are_index_ranges(database: Database, kind: str) -> None:
    """The cost of a list does not grow with the archive: no sort, no scan."""
    with database.write() as tx:
        section = news(tx)
        if not database.is_sqlite:
            tx.execute(text("SET LOCAL enable_seqscan = off"))
            tx.execute(text("SET LOCAL enable_bitmapscan = off"))
        seen: list[str] = []
        connection = tx.connection
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        for statement in _statements(tx, section, kind):
            rows = connection.exec_driver_sql(explain + statement).all()
            seen.append("\n".join(str(tuple(row)) for row in rows))

    assert INDEXED[kind] in seen[0]
    assert "TEMP B-TREE" not in seen[0]
    assert "Sort" not in seen[0]


def _statements(tx: Transaction, section: Category, kind: str) -> list[str]:
    """Return the first SQL that a list sends, with its values filled in."""
    caught: list[str] = []
    engine = tx.connection.engine

    def catch(_conn: object, clause: ClauseElement, *rest: object) -> None:
        filled = clause.params(cast("dict[str, object]", rest[1]))
        compiled = filled.compile(
            dialect=engine.dialect, compile_kwargs={"literal_binds": True}
        )
        caught.append(str(compiled).replace("%%", "%"))

    event.listen(engine, "before_execute", catch)
    if kind == "visible":
        listing.visible(tx, NOON, limit=5, before=(PUBLISHED, ArticleId(3)))
    elif kind == "in category":
        listing.visible(tx, NOON, limit=5, category_id=section.id)
    elif kind == "feed":
        windows.in_feed(tx, NOON, section.id, windows.Rule(at_least=5, hours=5, at_most=5))
    else:
        withdrawals.latest(tx, section.id, limit=5)
    event.remove(engine, "before_execute", catch)
    return caught
