"""What many steps of the story begin with."""

from datetime import timedelta

import pytest

from feedsvc.model import Lease
from feedsvc.storage import leases
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready


@pytest.fixture
def lease(room: Newsroom) -> Lease:
    """That of a leader, for longer than any test lasts, in a newsroom that is ready."""
    make_ready(room)
    with room.database.write() as tx:
        made = leases.acquire(tx, "leader", "me", room.clock.now(), timedelta(days=9))
    assert made is not None
    return made
