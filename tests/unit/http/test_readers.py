"""What User-Agents say, whatever anybody sends (checklist BEH-30 to BEH-33)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.http.readers import KNOWN, LONGEST, MOST_CLAIMED, OTHER, identify
from feedsvc.model import ReaderKind
from tests.conftest import ROOT

TABLE = ROOT / "bench" / "user_agents.tsv"
ROWS = [
    line.split("\t")
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def test_the_table_is_whole() -> None:
    assert len(ROWS) == 85


@pytest.mark.parametrize(
    ("agent", "name", "claimed", "feed_id"), [pytest.param(*row[:4], id=row[0]) for row in ROWS]
)
def test_every_known_agent_is_read(agent: str, name: str, claimed: str, feed_id: str) -> None:
    found = identify(agent)

    assert found.software.name == name
    assert found.claimed == (None if claimed == "-" else int(claimed))
    assert found.feed_id == (None if feed_id == "-" else feed_id)
    assert found.software in KNOWN


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 462 subscribers; )", "aggregator"),
        ("newsboat/2.21.0 (Linux x86_64)", "app"),
        ("FreshRSS/1.29.1 (Linux; https://freshrss.org)", "app"),
        ("curl/7.88.1", "library"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "browser"),
        ("Mozilla/5.0 (compatible; SomethingBot/1.0)", "bot"),
        ("Acme Poller 7", "unknown"),
        ("Acme Reader 7 (12 subscribers)", "aggregator"),
        ("", "unknown"),
    ],
)
def test_kinds(agent: str, kind: str) -> None:
    assert identify(agent).software.kind == ReaderKind(kind)


def test_what_nobody_knows_has_one_name() -> None:
    assert identify("Acme Poller 7").software == OTHER
    assert identify("x\r\ny\x00z").software == OTHER


def test_claims_have_a_bound() -> None:
    assert identify("Feedly/1.0 (999999999 subscribers)").claimed == MOST_CLAIMED
    assert identify("Feedly/1.0 (9999999999 subscribers)").claimed is None
    assert identify("Acme (0 subscribers)").claimed == 0


@pytest.mark.checklist("BEH-30")
def test_only_the_beginning_is_looked_at() -> None:
    padding = "x" * LONGEST

    assert identify(f"{padding} Feedly; 12 subscribers").software == OTHER
    assert identify(f"{padding} Feedly; 12 subscribers").claimed is None
    assert identify("é" * (LONGEST // 2) + "feedly").software == OTHER  # bytes, not characters


@given(st.text(max_size=1500))
def test_nothing_raises_and_nothing_is_kept(agent: str) -> None:
    found = identify(agent)

    assert found.software in KNOWN
    assert found.feed_id is None or (found.feed_id.isascii() and found.feed_id.isprintable())
    assert found.claimed is None or 0 <= found.claimed <= MOST_CLAIMED


@pytest.mark.checklist("BEH-30")
@pytest.mark.parametrize(
    "agent",
    [
        "1 " * 512,
        "1" + " " * 1023,
        "feed-id" + " " * 1017,
        "subscriber count:" + " " * 1000,
        "on behalf of" + " " * 500 + "1" * 500,
        "/site/" * 170,
        "(id:" * 256,
        "9" * 1024,
    ],
)
def test_hostile_text_takes_no_longer(agent: str) -> None:
    begun = time.process_time()
    for number in range(20):
        identify(f"{number}{agent}")

    assert time.process_time() - begun < 1  # quadratic patterns would take minutes


def test_names_are_bounded() -> None:
    """So that labels of metrics and rows of tables are."""
    assert len(KNOWN) == len({one.name for one in KNOWN}) < 200
    assert all(len(one.name) <= 64 for one in KNOWN)
