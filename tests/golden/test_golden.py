"""Approved documents, byte for byte: no change of what readers get goes unseen.

After a change that is meant, run `python -m tests.golden.approve` and read the diff.
"""

import os
import subprocess
import sys

import feedparser
import pytest

from tests.conftest import ROOT
from tests.golden.approve import FOLDER, approved, rendered

NAMES = sorted(rendered())


@pytest.mark.parametrize("name", NAMES)
def test_document_is_as_approved(name: str) -> None:
    assert rendered()[name].decode() == approved(name).decode()


def test_promise_2_no_locale_of_the_machine_has_a_part_in_a_feed() -> None:
    """Neither in its words nor in its dates."""
    code = (
        "import sys; from tests.golden.approve import rendered; "
        "sys.stdout.buffer.write(rendered()['hindi.rss'])"
    )
    odia = dict.fromkeys(("LANGUAGE", "LC_ALL", "LC_TIME", "LANG"), "or_IN.UTF-8")
    made = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | odia,
        capture_output=True,
        check=True,
    )

    assert made.stdout.decode() == approved("hindi.rss").decode()


def test_every_approved_document_is_still_made() -> None:
    kept = {path.name for path in FOLDER.iterdir() if path.suffix in {".rss", ".atom", ".json"}}

    assert kept == set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith(".json")])
def test_a_reader_takes_the_approved_document(name: str) -> None:
    parsed = feedparser.parse(approved(name))

    assert not parsed.bozo
    assert parsed.feed.title
