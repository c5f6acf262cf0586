"""Feeds, desk and schedule in processes of their own, on one database."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.live.process import PATIENCE_SECONDS, ServiceProcess, wait_until

pytestmark = pytest.mark.live
FEED = "/feeds/recent.rss"
Start = Callable[..., ServiceProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start processes in roles, each on a port of its own, with one data folder."""
    started: list[ServiceProcess] = []
    data: dict[str, object] = {"folder": str(tmp_path / "data")}

    def start(role: str) -> ServiceProcess:
        folder = tmp_path / role
        folder.mkdir()
        site: dict[str, object] = {
            "base_url": "https://news.example.org",
            "title": "The News Hashtag",
        }
        service = ServiceProcess(folder, data=data, site=site)
        service.start(*service.command("serve", "--only", role))
        started.append(service)
        return service

    yield start
    statuses = [service.stop() for service in started]
    assert statuses == [0] * len(started)


def status(service: ServiceProcess, path: str) -> int:
    return service.get(path).status


def test_feeds_and_desk_make_a_whole(start: Start) -> None:
    desk = start("desk")
    feeds = start("feeds")

    wait_until(lambda: status(feeds, "/readyz") == status(desk, "/readyz") == 200)

    asked = (FEED, "/", "/desk/sign-in", "/feeds/", "/healthz")
    assert [status(feeds, path) for path in asked] == [200, 404, 404, 404, 200]
    assert [status(desk, path) for path in (FEED, "/", "/feeds/", "/healthz")] == [
        404,
        *[200] * 3,
    ]
    assert "/desk/setup/" in desk.log.read_text()
    assert "/desk/setup/" not in feeds.log.read_text()
    assert feeds.lines("event=published") == 0


def test_each_part_takes_over_new_settings_alone(start: Start) -> None:
    for service in (start("desk"), start("feeds")):
        service.signal(signal.SIGHUP)

        wait_until(lambda: service.lines("handed over") == 1)  # noqa: B023 - called here
        assert service.get("/healthz").status == 200


def test_scheduler_publishes_what_others_serve(start: Start) -> None:
    feeds = start("feeds")
    before = status(feeds, FEED)
    with scheduling(feeds) as (scheduler, log):
        wait_until(lambda: status(feeds, FEED) == 200)
        words = ["--title", "It rains", "--category", "News", "--body-file", "-"]
        feeds.run("article", "add", *words, text="Everywhere.")
        wait_until(lambda: b"It rains" in feeds.get(FEED).body)
        scheduler.send_signal(signal.SIGTERM)

        assert before == 503
        assert scheduler.wait(PATIENCE_SECONDS) == 0
    assert "scheduler stopped" in log.read_text()
    assert "Traceback" not in log.read_text()


@contextmanager
def scheduling(beside: ServiceProcess) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run `feedsvc scheduler` with the settings of a service; it does not outlive the test."""
    log = beside.folder / "scheduler"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            beside.command("scheduler"), stderr=file, env=beside.environment, cwd=ROOT
        ) as scheduler,
    ):
        try:
            wait_until(lambda: b"scheduler started" in log.read_bytes())
            yield scheduler, log
        finally:
            scheduler.kill()
