"""docs/moving-in.md is true: its addresses answer, its commands exist."""

import re
from pathlib import Path

import pytest

from feedsvc.http.feed_paths import feed_path
from feedsvc.serving.addresses import asked_for

_TEXT = (Path(__file__).parents[2] / "docs" / "moving-in.md").read_text("utf-8")
_ROWS = re.findall(r"^\| (`/.*) \| `(/feeds/.*)` \|$", _TEXT, re.MULTILINE)
_ADDRESSES = [(old, own) for row, own in _ROWS for old in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize(("old", "own"), _ADDRESSES)
def test_old_address_is_that_of_the_feed(old: str, own: str) -> None:
    path, _, query = old.replace("<slug>", "news").partition("?")

    asked = asked_for(path, query)

    assert asked is not None
    assert feed_path(asked.slug, asked.format) == own.replace("<slug>", "news")


def test_there_are_addresses_in_it() -> None:
    assert len(_ADDRESSES) > 9
