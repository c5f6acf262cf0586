"""A leader at work keeps its lease; one that has lost it publishes nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from feedsvc.config import Config
from feedsvc.errors import StaleError
from feedsvc.model import Lease
from feedsvc.storage import leases
from feedsvc.workflow import leading, making, refresh
from feedsvc.workflow.making import Made, make
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.snapshot import Work
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.fakes import FakeClock

TERM = 10


def taken(room: Newsroom, holder: str = "me") -> Lease:
    """Return the lease for a term, as a leader takes it."""
    make_ready(room)
    with room.database.write() as tx:
        lease = leases.acquire(
            tx, leases.LEASE, holder, room.clock.now(), timedelta(seconds=TERM)
        )
    assert lease is not None
    return lease


def seconds_left(room: Newsroom) -> float:
    with room.database.read() as tx:
        lease = leases.current(tx, leases.LEASE)
    assert lease is not None
    return (lease.expires - room.clock.now()).total_seconds()


def test_making_one_feed_after_another_keeps_the_lease(
    room: Newsroom, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three feeds of four seconds each take longer than the term, and nobody else comes."""
    lease = taken(room)
    create(room, given(categories=("News", "Sport")), by=by("a"))
    left: list[float] = []

    def slowly(config: Config, work: Work) -> Made:
        left.append(seconds_left(room))
        clock.advance(4)
        return make(config, work)

    monkeypatch.setattr(making, "make", slowly)
    outcome = refresh.refresh(room, lease)

    assert len(outcome.published) == len(left) == 3
    assert left == [TERM, TERM - 4, TERM]
    assert seconds_left(room) == TERM - 4  # they come out together


def test_an_article_that_goes_out_writes_no_lease(room: Newsroom) -> None:
    lease = taken(room)
    create(room, given(), by=by("a"))
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(room.database.engine, "before_cursor_execute", note)
    refresh.refresh(room, lease)

    assert [each for each in statements if "FROM lease" in each]
    assert not [each for each in statements if each.startswith("UPDATE lease")]


def test_the_lease_is_kept_where_nothing_is_published_for_long(
    room: Newsroom, clock: FakeClock
) -> None:
    keep = leading.keep(room, taken(room))
    left: list[float] = []
    for _ in range(4):
        clock.advance(TERM / 4)
        keep()
        left.append(seconds_left(room))

    assert left == [7.5, 5, TERM, 7.5]


def test_between_two_looks_nothing_is_asked(room: Newsroom, clock: FakeClock) -> None:
    keep = leading.keep(room, taken(room))
    room.database.close()
    statements: list[str] = []
    event.listen(
        room.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2])
    )

    clock.advance(TERM / 4 - 0.1)
    keep()
    assert statements == []

    clock.advance(0.2)
    keep()
    assert statements


def test_who_lost_the_lease_meanwhile_is_told(room: Newsroom, clock: FakeClock) -> None:
    """Promise 4, for a command that was stopped and goes on."""
    keep = leading.keep(room, taken(room))
    clock.advance(TERM)
    taken(room, "they")

    with pytest.raises(StaleError):
        keep()
