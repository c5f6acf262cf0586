"""Promise 7, in a real process: nothing is visible before its second, all of it after."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.live.process import ServiceProcess, wait_until

pytestmark = pytest.mark.live
SECRET = "Merger of two banks"
AHEAD = int(os.environ.get("FEEDSVC_AHEAD", "5"))  # seconds
PLACES = (
    "/",
    "/feeds/",
    "/feeds/recent.rss",
    "/feeds/recent.atom",
    "/feeds/recent.json",
    "/feeds/category/mergers.rss",
    "/category/mergers/",
    "/articles/merger-of-two-banks/",
)


def schedule(service: ServiceProcess) -> float:
    """Schedule an article and return its moment, in seconds since 1970."""
    due = datetime.fromtimestamp(int(time.time()) + AHEAD, UTC)  # noqa: TID251 - real time
    words = ["article", "add", "--title", SECRET, "--body-file", "-"]
    words += ["--category", "Mergers", "--at", due.isoformat()]
    service.run(*words, text="They agreed.")
    return due.timestamp()


def shows_it(service: ServiceProcess, path: str) -> bool:
    answer = service.get(path)
    return answer.status == 200 and b"erger" in answer.body


def now() -> float:
    return time.time()  # noqa: TID251 - the real time is what is tested


def test_article_appears_everywhere_within_two_seconds_and_never_before(
    tmp_path: Path,
) -> None:
    with ServiceProcess(tmp_path) as service:
        due = schedule(service)
        early: list[str] = []
        while now() < due - 0.5:  # a round takes a moment, and must end before the second
            early += [path for path in PLACES if shows_it(service, path)]
        wait_until(lambda: all(shows_it(service, path) for path in PLACES), 5)
        late = now() - due

    assert early == []
    assert late < 2


def test_moment_missed_while_down_is_caught_up_at_start(tmp_path: Path) -> None:
    """Promise 6: killed just before, restarted just after."""
    with ServiceProcess(tmp_path) as service:
        due = schedule(service)
        wait_until(lambda: now() > due - 0.5, AHEAD + 5)
        service.kill()
        wait_until(lambda: now() > due + 0.2)
        service.start()
        started = now()
        wait_until(lambda: all(shows_it(service, path) for path in PLACES), 5)
        passed = now() - started
        feed = service.get("/feeds/recent.json").body.decode()

    expected = datetime.fromtimestamp(due, UTC)
    assert passed < 2
    assert f'"date_published":"{expected:%Y-%m-%dT%H:%M:%SZ}"' in feed
