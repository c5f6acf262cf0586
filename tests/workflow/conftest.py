"""What many steps of the story begin with."""

import pytest

from feedsvc.model import Lease
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from tests.leading import take_lease


@pytest.fixture
def lease(room: Newsroom) -> Lease:
    """That of a leader, in a newsroom that is ready."""
    make_ready(room)
    return take_lease(room)
