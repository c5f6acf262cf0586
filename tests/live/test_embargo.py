"""Promise 7, in a real process: nothing is visible before its second, all of it after."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedsvc.model import Release
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.live.process import ServiceProcess, room_of, wait_until

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
    due = datetime.fromtimestamp(int(now()) + AHEAD, UTC)
    secret = given(SECRET, categories=("Mergers",), release=Release.AT, release_at=due)
    with room_of(service) as room:
        create(room, secret, by=by("asha"))
    return due.timestamp()


def shows_it(service: ServiceProcess, path: str) -> bool:
    answer = service.get(path)
    return answer.status == 200 and b"erger" in answer.body


def now() -> float:
    return time.time()  # noqa: TID251 - the real time is what is tested


def kept_waiting(service: ServiceProcess) -> float:
    """Return for how many seconds threads of it and of ours had no processor to run on.

    On a machine that is busy with other tests that is most of the time that anything takes.
    It is the second number of schedstat (the kernel's sched-stats.rst).
    """
    processes = [*service.family(), os.getpid()]
    tasks = [task for pid in processes for task in Path(f"/proc/{pid}/task").iterdir()]
    return sum(_waited(task / "schedstat") for task in tasks) / 1e9


def _waited(counts: Path) -> int:
    try:
        return int(counts.read_text().split()[1])
    except OSError:  # the thread has ended, or this kernel does not count
        return 0


def test_article_appears_everywhere_within_two_seconds_and_never_before(
    tmp_path: Path,
) -> None:
    with ServiceProcess(tmp_path) as service:
        due = schedule(service)
        early: list[str] = []
        while now() < due:
            early += [path for path in PLACES if shows_it(service, path) and now() < due]
        before = kept_waiting(service)
        wait_until(lambda: all(shows_it(service, path) for path in PLACES))
        late = now() - due - (kept_waiting(service) - before)

    assert early == []
    assert late < 2


def test_moment_missed_while_down_is_caught_up_at_start(tmp_path: Path) -> None:
    """Promise 6: killed just before, restarted just after."""
    with ServiceProcess(tmp_path) as service:
        due = schedule(service)
        wait_until(lambda: now() > due - 0.5)
        service.kill()
        wait_until(lambda: now() > due + 0.2)
        service.start()
        started, before = now(), kept_waiting(service)
        wait_until(lambda: all(shows_it(service, path) for path in PLACES))
        passed = now() - started - (kept_waiting(service) - before)
        feed = service.get("/feeds/recent.json").body.decode()

    expected = datetime.fromtimestamp(due, UTC)
    assert passed < 2
    assert f'"date_published":"{expected:%Y-%m-%dT%H:%M:%SZ}"' in feed
