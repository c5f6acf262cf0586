"""`feedsvc status` says who reads."""

from pathlib import Path

import pytest

from feedsvc import config as configuration
from feedsvc import wiring
from feedsvc.cli.readership import percent, size
from feedsvc.model import RECENT, ReaderKind, Software, Traffic
from feedsvc.storage.readers import taking_in
from feedsvc.workflow.watching.handing_over import Batch, day_of, hand_over, hour_of
from tests.cli.conftest import Run, execute, status_of

FEEDLY = Software("Feedly", ReaderKind.AGGREGATOR)
MANY = Traffic(requests=200, not_modified=112, sent=1_500_000, spared_by_304=4_000_000)


def count(folder: Path) -> None:
    """Store what a process that serves would have counted a moment ago."""
    service = wiring.build(configuration.load(folder / "config.toml", {}))
    now = service.clock.now()
    hand_over(
        service.room.database,
        service.room.clock,
        Batch(
            software={FEEDLY},
            counts={(RECENT, "Feedly", hour_of(now)): MANY},
            claims={(day_of(now), RECENT, "Feedly", "rss"): (1_000_000, 1_000_000)},
        ),
    )
    with service.database.write() as tx:
        taking_in.note_presence(tx.plainly(), "press/w/1/1", int(now.timestamp()) + 60, 0)
    service.database.close()


def line(text: str, begin: str) -> str:
    (found,) = (each for each in text.splitlines() if each.startswith(begin))
    return " ".join(found.split())


def test_status_says_who_reads(run: Run, published: Path) -> None:
    run("regenerate")
    count(published)

    result = run("status")

    assert result.code == 0
    claimed = "0 direct 100000 subscribers claimed by aggregators, which is doubtful"
    assert line(result.out, "readers") == f"readers {claimed}"
    asked = "200 requests 56% of them 304; 1.5 MB sent, 4.0 MB spared"
    assert line(result.out, "24 hours") == f"24 hours {asked}"
    assert line(result.out, "host ") == "host press, 1 serving 2 publications behind"
    feed = "200 56% 1.5 MB 4.0 MB 0 100000?"
    assert line(result.out.split("NEXT")[1], "recent").endswith(feed)
    assert line(result.out, "Feedly") == (
        "Feedly aggregator 200 56% 30 - 100000? unconditional, uncompressed"
    )


def test_status_says_it_to_scripts(run: Run, published: Path) -> None:
    run("regenerate")
    count(published)

    _, status = status_of(run)

    found = status["readership"]
    assert isinstance(found, dict)
    assert (found["requests"], found["claimed"], found["is_doubtful"]) == (200, 100_000, True)
    assert [one["name"] for one in found["software"]] == ["Feedly"]
    assert [one["slug"] for one in found["feeds"]] == ["recent", "category/news"]
    assert found["hosts"][0]["name"] == "press"


def test_status_names_releases_that_were_late(run: Run, published: Path) -> None:
    execute(published, "UPDATE article SET released_late_seconds = 90")
    run("regenerate")

    late = line(run("status").out, "late")

    assert late == "late 1 releases in 7 days last: It rains"


def test_status_says_that_nobody_counts(run: Run, published: Path) -> None:
    run("regenerate")
    with (published / "config.toml").open("a") as settings:
        settings.write("[statistics]\nenabled = false\n")

    assert line(run("status").out, "readers") == (
        "readers not counted statistics.enabled is false"
    )


def test_without_a_database_nobody_is_known(
    run: Run, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDSVC_DATABASE_URL", "postgresql://a@127.0.0.1:1/c")

    _, status = status_of(run)

    assert status["readership"] is None


def test_numbers_are_written_for_people() -> None:
    assert [size(n) for n in (0, 999, 1000, 1_234_567, 5 * 10**15)] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "1.2 MB",
        "5000.0 TB",
    ]
    assert (percent(None), percent(0.564)) == ("-", "56%")
