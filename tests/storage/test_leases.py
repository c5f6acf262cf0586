"""Who works under a lease keeps it while the work goes on, and nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from feedsvc.errors import StaleError
from feedsvc.model import Lease
from feedsvc.storage import leases
from feedsvc.storage.database import Database
from tests.fakes import NOON

TERM = timedelta(seconds=10)


def taken(database: Database, holder: str = "me", now: datetime = NOON) -> Lease:
    with database.write() as tx:
        lease = leases.acquire(tx, "leader", holder, now, TERM)
    assert lease is not None
    return lease


def standing(database: Database) -> Lease | None:
    with database.read() as tx:
        return leases.current(tx, "leader")


@pytest.mark.parametrize(("seconds", "extended"), [(0, 0), (5, 0), (6, 6), (10, 10), (60, 60)])
def test_a_lease_is_extended_when_half_of_it_is_over(
    database: Database, seconds: int, extended: int
) -> None:
    """Also after its end, where nobody else came; before, nothing is written."""
    mine = taken(database)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    with database.write() as tx:
        leases.hold(tx, mine, NOON + timedelta(seconds=seconds), TERM)

    now = standing(database)
    assert now is not None
    assert (now.token, now.holder) == (mine.token, mine.holder)
    assert now.expires == mine.expires + timedelta(seconds=extended)
    assert any(each.startswith("UPDATE") for each in statements) == bool(extended)


def test_who_lost_a_lease_extends_nothing(database: Database) -> None:
    """Promise 4: also by a leader that slept through its lease."""
    slept = taken(database)
    awake = taken(database, "they", NOON + TERM)

    with database.write() as tx, pytest.raises(StaleError):
        leases.hold(tx, slept, NOON + 2 * TERM, TERM)

    assert standing(database) == awake


def test_a_lease_that_was_given_up_is_not_taken_again(database: Database) -> None:
    mine = taken(database)
    with database.write() as tx:
        leases.give_up(tx, mine, NOON)

    with database.write() as tx:
        leases.hold(tx, mine, NOON + TERM, TERM)

    assert taken(database, "they", NOON + TERM).holder == "they"


def test_who_never_had_a_lease_holds_none(database: Database) -> None:
    never = Lease(name="leader", holder="me", token=1, expires=NOON + TERM)

    with database.write() as tx, pytest.raises(StaleError):
        leases.hold(tx, never, NOON, TERM)


def test_who_waits_for_a_lease_finds_it_extended(database: Database) -> None:
    """The row is locked to be checked, then to be written, while another wants to lock it."""
    mine = taken(database)

    def want() -> Lease | None:
        with database.write() as tx:
            return leases.acquire(tx, "leader", "they", NOON + TERM, TERM)

    with ThreadPoolExecutor(1) as other:
        with database.write() as tx:
            leases.check(tx, mine)
            theirs = other.submit(want)
            leases.hold(tx, mine, NOON + TERM, TERM)

        assert theirs.result() is None
