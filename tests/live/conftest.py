"""What tests of real services share."""

from collections.abc import Iterator

import pytest

from tests.live.browsing import chromium


@pytest.fixture(scope="session", autouse=True)
def no_browser_is_left() -> Iterator[None]:
    yield
    chromium.close()
