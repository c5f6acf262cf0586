"""Who regenerates: one process at a time, by a lease in the database.

The lease is taken when there is work, and kept for a term after it, so that an idle service
writes nothing. A leader that dies is followed by another when its term ends, or at once by
one on the same host, which can see that it is dead. One that merely slept finds its token
outdated when it wants to publish.
"""

import secrets
from datetime import timedelta

from feedsvc import processes
from feedsvc.clock import Clock
from feedsvc.model import Lease
from feedsvc.storage import leases
from feedsvc.storage.database import Database


class Leadership:
    """One process's claim to lead."""

    def __init__(self, database: Database, clock: Clock, term_seconds: int) -> None:
        self._database = database
        self._clock = clock
        self._term = timedelta(seconds=term_seconds)
        self.holder = f"{secrets.token_hex(4)}@{processes.this_process()}"
        self._lease: Lease | None = None

    @property
    def is_held(self) -> bool:
        """Whether this process led a moment ago and its term has not ended."""
        return self._lease is not None and self._lease.expires > self._clock.now()

    def claim(self) -> Lease | None:
        """Take or extend the lease; None while another process holds it."""
        with self._database.write() as tx:
            self._lease = leases.acquire(
                tx, leases.LEASE, self.holder, self._clock.now(), self._term, processes.is_gone
            )
        return self._lease

    def give_up(self) -> None:
        """Let another process lead at once; used when this one stops in good order."""
        lease, self._lease = self._lease, None
        if lease is not None:
            with self._database.write() as tx:
                leases.give_up(tx, lease, self._clock.now())
