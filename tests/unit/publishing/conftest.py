"""What tests of shelves and outlets share."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

IN_MEMORY = Path("/dev/shm")  # where syncing costs nothing; some tests do it 10,000 times


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for many stores: nothing here depends on what a disk does with a sync."""
    if not os.access(IN_MEMORY, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=IN_MEMORY) as name:
        yield Path(name)
