"""Regenerating as a leader does, for tests that have no schedule."""

from datetime import timedelta

from feedsvc.model import Lease
from feedsvc.storage import leases
from feedsvc.workflow import refresh
from feedsvc.workflow.newsroom import Newsroom
from tests.fakes import FakeClock


def take_lease(room: Newsroom, holder: str = "me") -> Lease:
    """Return the lease of a leader, for an hour of the newsroom's clock."""
    with room.database.write() as tx:
        made = leases.acquire(tx, leases.LEASE, holder, room.clock.now(), timedelta(hours=1))
    assert made is not None
    return made


def regenerate(room: Newsroom, clock: FakeClock, lease: Lease) -> list[str]:
    """Regenerate all that is dirty, and return what that was."""
    clock.advance(2)
    done: list[str] = []
    while (outcome := refresh.refresh(room, lease)).count:
        assert not outcome.failed
        done += [*outcome.published, *outcome.unchanged]
        clock.advance(2)
    return done
