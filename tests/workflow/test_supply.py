"""From the database to an outlet: everything first, then what is new."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, select, update

from feedsvc.errors import UnavailableError
from feedsvc.model import RECENT, FeedId, Lease
from feedsvc.publishing.outlet import Outlet
from feedsvc.publishing.supply import Supplier
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import representations
from feedsvc.storage.tables.feeds import FeedRow
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.unit.publishing.outlet_checks import files_of


@pytest.fixture
def www(tmp_path: Path) -> Path:
    return tmp_path / "www"


@pytest.fixture
def supplier(room: Newsroom, www: Path) -> Iterator[Supplier]:
    outlet = Outlet(www)
    with outlet.opened():
        yield Supplier(room.database, outlet)


def publish(room: Newsroom, lease: Lease, title: str, category: str) -> None:
    create(room, given(title, categories=(category,)), by=by("a"))
    refresh(room, lease)


def test_files_are_what_is_published(
    room: Newsroom, lease: Lease, supplier: Supplier, www: Path
) -> None:
    publish(room, lease, "It rains", "News")

    report = supplier.catch_up()

    with room.database.read() as tx:
        ids = [FeedId(number) for number in tx.scalars(select(FeedRow.id))]
        made = representations.of_feeds(tx, ids, unpack)
    assert sorted(files_of(www).values()) == sorted(each.body for each in made)
    assert len(report.written) == len(made) == 24


def test_then_only_news_are_read(
    room: Newsroom, lease: Lease, clock: FakeClock, supplier: Supplier, www: Path
) -> None:
    publish(room, lease, "It rains", "News")
    supplier.catch_up()
    clock.advance(60)
    publish(room, lease, "It pours", "Weather")
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    report = supplier.catch_up()
    event.listen(room.database.engine, "before_cursor_execute", note)
    idle = supplier.catch_up()

    assert {name.partition(".")[0] for name in report.written} == {
        "feeds/recent",
        "feeds/category/weather",
    }
    assert report.unchanged == 0
    assert idle.is_empty
    assert not [each for each in statements if "representation" in each]


def test_what_failed_is_tried_again(
    room: Newsroom, lease: Lease, supplier: Supplier, www: Path
) -> None:
    publish(room, lease, "It rains", "News")
    mine = www / "feeds" / "recent.rss"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")

    first = supplier.catch_up()
    second = supplier.catch_up()
    mine.unlink()
    third = supplier.catch_up()

    assert list(first.failed) == list(second.failed) == ["feeds/recent.rss"]
    assert len(first.written) == 20
    assert (len(third.written), third.failed) == (4, {})


def test_a_feed_that_is_gone_is_removed(
    room: Newsroom, lease: Lease, supplier: Supplier, www: Path
) -> None:
    publish(room, lease, "It rains", "News")
    supplier.catch_up()
    with room.database.write() as tx:
        tx.execute(update(FeedRow).where(FeedRow.slug != RECENT).values(published_sequence=0))

    report = supplier.catch_up()

    assert len(report.removed) == 12
    assert all(name.startswith("feeds/recent.") for name in files_of(www))


def test_where_nothing_is_published_nothing_is_removed(
    room: Newsroom, lease: Lease, supplier: Supplier, www: Path
) -> None:
    with pytest.raises(UnavailableError, match="nothing is published yet"):
        supplier.catch_up()
