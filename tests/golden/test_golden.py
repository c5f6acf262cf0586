"""Approved documents, byte for byte: no change of what readers get goes unseen.

After a change that is meant, run `python -m tests.golden.approve` and read the diff.
"""

import feedparser
import pytest

from tests.golden.approve import FOLDER, approved, rendered

NAMES = sorted(rendered())


@pytest.mark.parametrize("name", NAMES)
def test_document_is_as_approved(name: str) -> None:
    assert rendered()[name].decode() == approved(name).decode()


def test_every_approved_document_is_still_made() -> None:
    kept = {path.name for path in FOLDER.iterdir() if path.suffix in {".rss", ".atom", ".json"}}

    assert kept == set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith(".json")])
def test_a_reader_takes_the_approved_document(name: str) -> None:
    parsed = feedparser.parse(approved(name))

    assert not parsed.bozo
    assert parsed.feed.title
