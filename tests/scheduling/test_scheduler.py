"""The real clockwork: threads, APScheduler, a watchdog."""

import logging
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event

import msgspec
import pytest
from apscheduler.triggers.date import DateTrigger

from feedsvc.clock import SystemClock
from feedsvc.config import Config, WebSub
from feedsvc.model import RECENT, Format
from feedsvc.model.pictures import Picture, PictureFile
from feedsvc.scheduling import scheduler
from feedsvc.scheduling.scheduler import Scheduler
from feedsvc.storage import pictures
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow.newsroom import Bell
from feedsvc.workflow.writing.edit import create
from tests.conftest import ROOT
from tests.factories import by, given
from tests.live.process import wait_until
from tests.scheduling.shelf import shows
from tests.unit.publishing.shelf_checks import stored

FILE = PictureFile(width=10, height=10, digest="0" * 64, body=b"a picture")


@pytest.fixture
def service(config: Config) -> Iterator[Service]:
    service = build(config, SystemClock())
    prepare(service)
    yield service
    service.database.close()


@pytest.fixture
def running(service: Service) -> Iterator[Scheduler]:
    made = Scheduler(service)
    made.start()
    yield made
    made.stop()


def test_feeds_are_ready_when_it_has_started(service: Service, running: Scheduler) -> None:
    assert service.memory.find(RECENT, Format.RSS) is not None
    assert service.memory.next_change is not None
    assert running.is_leading


@pytest.mark.parametrize("sweeps", [True, False])
def test_only_who_sweeps_looks_through_the_disk_shelf(
    service: Service, *, sweeps: bool
) -> None:
    """Of the processes of a host one does: with ten thousand feeds it takes seconds."""
    litter = service.disk.folder / "sets" / ".tmp-litter"
    litter.mkdir(parents=True)
    made = Scheduler(service, sweeps=sweeps)
    made.start()
    made.stop()

    assert litter.exists() is not sweeps


def test_each_batch_is_told_of_when_it_is_out(service: Service) -> None:
    """Who waits for the first feeds does not wait for the last, which may never come."""
    told: list[int] = []

    def publish_more() -> None:
        told.append(len(told))
        if len(told) < 3:
            create(
                service.room, given("More", categories=(f"Section {len(told)}",)), by=by("a")
            )

    made = Scheduler(service, follows=False, on_published=publish_more)
    made.start()
    before = len(told)
    made.stop()

    assert before >= 2


def test_edit_wakes_the_leader(service: Service, running: Scheduler) -> None:
    create(service.room, given("Hot news"), by=by("a"))

    wait_until(lambda: shows(service, "Hot news"))


def test_a_slow_subscriber_is_waited_for_in_silence(
    config: Config, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A round at our hub may take many seconds: nobody else waits, and nothing is logged."""
    caplog.set_level(logging.WARNING)
    begun, over = [], Event()

    def work(*_: object) -> int:
        begun.append(1)
        over.wait(60)
        return 0

    monkeypatch.setattr(scheduler, "work", work)
    own = build(msgspec.structs.replace(config, websub=WebSub(embedded=True)), SystemClock())
    prepare(own)
    made = Scheduler(own)
    made.start()
    try:
        wait_until(lambda: begun)
        since = own.clock.monotonic()
        wait_until(lambda: made._work.last_tick > since + 2)
        create(own.room, given("Hot news"), by=by("a"))
        wait_until(lambda: shows(own, "Hot news"))
    finally:
        over.set()
        made.stop()
        own.database.close()

    assert "skipped" not in caplog.text


def test_stalled_schedule_is_set_going_again(
    service: Service,
    running: Scheduler,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A clock that is set back silences APScheduler; here its jobs wait for 2090."""
    monkeypatch.setattr(scheduler, "STALLED_SECONDS", 1.5)
    never = DateTrigger("2090-01-01T00:00:00+00:00")
    running._scheduler.reschedule_job("tick", trigger=never)

    wait_until(lambda: "stood still" in caplog.text)
    create(service.room, given("After the standstill"), by=by("a"))
    wait_until(lambda: shows(service, "After the standstill"))


FREED = """
from pathlib import Path
from feedsvc.scheduling.scheduler import give_back_memory

def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

held = [bytearray(10_000) for _ in range(4_000)]
held = held[::100]  # each keeps what was freed below it
before = resident()
give_back_memory()
print(before - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries differ")
def test_memory_that_is_free_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FREED], capture_output=True, check=True, cwd=ROOT
    )

    assert int(done.stdout) > 20_000_000


def test_job_that_fails_runs_again(
    service: Service, running: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    running._run("test", fail)

    assert "job failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_old_sessions_are_cleared_and_an_outage_is_survived(
    service: Service, running: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    running._prune()
    assert "could not clear" not in caplog.text

    (service.config.folder / "feedsvc.sqlite3").rename(service.config.folder / "moved")
    service.database.close()
    with caplog.at_level(logging.WARNING):
        running._prune()

    assert "could not clear away" in caplog.text
    service.database.close()
    (service.config.folder / "moved").rename(service.config.folder / "feedsvc.sqlite3")


def test_removal_of_pictures_ends_when_the_program_does(
    service: Service, running: Scheduler
) -> None:
    """So that nobody who stops the service waits for the pauses between them."""
    long_ago = service.room.clock.now() - timedelta(days=1000)
    every = [f"{number:032x}-10x10" for number in range(1, 6)]
    with service.database.write() as tx:
        for name in every:
            picture = Picture(name=name, suffix="jpg", width=10, height=10, created=long_ago)
            pictures.add(tx, picture, [FILE], unused_since=long_ago)
    running._stopping.set()

    running._prune()

    with service.database.read() as tx:
        assert len(pictures.suffixes(tx, every)) == 3


def test_damaged_shelf_is_mended_while_the_service_runs(
    service: Service, running: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 5: so that the next start without the database has all feeds to show."""
    whole = stored(service.disk)
    public = service.config.folder / "shelf/feeds/recent.rss"
    public.resolve().write_bytes(b"")
    job = running._scheduler.get_job("mend")

    job.func(*job.args)

    assert public.stat().st_size > 0
    assert "wrote a damaged feed anew" in caplog.text
    assert stored(service.disk) == whole


def test_whole_shelf_is_left_alone(
    service: Service, running: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    before = _written(service.config.folder / "shelf")

    service.follower.mend_disk()

    assert _written(service.config.folder / "shelf") == before
    assert "anew" not in caplog.text


def test_shelf_that_cannot_be_written_is_reported_once(
    service: Service, running: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = service.config.folder / "shelf"
    shelf.rename(shelf.with_name("aside"))
    shelf.write_text("in its place")

    service.follower.mend_disk()
    service.follower.mend_disk()
    shelf.unlink()
    with caplog.at_level(logging.INFO):
        service.follower.mend_disk()

    assert caplog.text.count("could not write the disk shelf") == 1
    assert "can be written again" in caplog.text


def _written(folder: Path) -> dict[Path, int]:
    return {path: path.lstat().st_ctime_ns for path in folder.rglob("*")}


def test_stopping_without_a_database_says_so(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    service = build(config, SystemClock())
    prepare(service)
    made = Scheduler(service)
    made.start()
    service.database.close()
    (config.folder / "feedsvc.sqlite3").write_bytes(b"not a database" * 1000)

    made.stop()

    assert "could not give up the lease" in caplog.text
    service.database.close()


def test_bell_that_nobody_answers_is_harmless() -> None:
    rung: list[str] = []
    bell = Bell()
    bell()

    bell.answered_by(lambda: rung.append("heard"))
    bell()

    assert rung == ["heard"]


def test_unprepared_start_prepares(config: Config) -> None:
    service = build(config, SystemClock())
    made = Scheduler(service)

    made.start(is_prepared=False)
    made.stop()

    assert service.memory.find(RECENT, Format.RSS) is not None
    service.database.close()
