"""What tests of real services share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.conftest import missing
from tests.live.browsing import chromium


@pytest.fixture(scope="session", autouse=True)
def no_browser_is_left() -> Iterator[None]:
    yield
    chromium.close()


@pytest.fixture
def cluster() -> Iterator[Path]:
    """The folder of a PostgreSQL of the test's own, which may be stopped and started."""
    try:
        with postgres.cluster() as folder:
            yield folder
    except postgres.NoPostgresError as error:
        missing(str(error))
