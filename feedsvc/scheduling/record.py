"""What the schedule did, written down in the process's tally."""

from datetime import datetime

from feedsvc.model import Lease
from feedsvc.storage.releases import Released
from feedsvc.tally import Count, Tally
from feedsvc.workflow.refresh import Outcome
from feedsvc.workflow.release import LATE_SECONDS


class Record:
    """Counts the work of one process; only one thread at a time works."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def looked(self, now: datetime) -> None:
        """The database was asked for work, and answered."""
        self._tally.put(Count.LOOKED, int(now.timestamp()))

    def followed(self, sequence: int) -> None:
        """All publications up to this one are on the shelves of this process."""
        self._tally.put(Count.FOLLOWED, sequence)

    def leads(self, lease: Lease | None) -> None:
        """This process has the lease, or has it no more."""
        until = int(lease.expires.timestamp()) if lease else 0
        self._tally.put(Count.LEADS_UNTIL, until)

    def released(self, made: tuple[Released, ...]) -> None:
        """Articles became visible, some of them perhaps late."""
        late = sum(one.late_seconds >= LATE_SECONDS for one in made)
        self._tally.add(Count.RELEASED, len(made))
        self._tally.add(Count.RELEASED_LATE, late)

    def worked(self, outcome: Outcome, seconds: float, now: datetime) -> None:
        """A batch of dirty feeds was worked through, in so many seconds."""
        self._tally.add(Count.RUNS)
        self._tally.add(Count.RUN_MICROSECONDS, int(seconds * 1_000_000))
        self._tally.add(Count.PUBLISHED, len(outcome.published))
        self._tally.put(Count.WORKED, int(now.timestamp()))
