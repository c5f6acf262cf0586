"""Processes of one host wake each other, and nothing depends on it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import msgspec
import pytest

from feedsvc.config import Config, Schedule
from feedsvc.model import RECENT, Coding, Format
from feedsvc.scheduling.neighbours import FOLDER, Neighbours
from feedsvc.scheduling.scheduler import Scheduler
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.live.process import PATIENCE_SECONDS, wait_until


class Neighbour(Neighbours):
    """One that notes that it was called."""

    def __init__(self, folder: Path) -> None:
        self.called = Event()
        super().__init__(folder, self.called.set)


@pytest.fixture
def running() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def neighbour(folder: Path, running: ExitStack) -> Neighbour:
    one = Neighbour(folder)
    one.start()
    running.callback(one.stop)
    return one


def pipes(folder: Path) -> list[Path]:
    return sorted((folder / FOLDER).iterdir())


def test_all_others_are_called(tmp_path: Path, running: ExitStack) -> None:
    one, two, three = (neighbour(tmp_path, running) for _ in range(3))

    one.call()

    assert two.called.wait(PATIENCE_SECONDS)
    assert three.called.wait(PATIENCE_SECONDS)
    assert not one.called.is_set()


def test_one_that_stopped_leaves_nothing_behind(tmp_path: Path, running: ExitStack) -> None:
    one = neighbour(tmp_path, running)
    two = Neighbour(tmp_path)
    two.start()

    two.stop()
    one.call()

    assert len(pipes(tmp_path)) == 1
    assert not two.called.is_set()


def test_promise_6_the_pipe_of_one_that_was_killed_is_cleared_away(
    tmp_path: Path, running: ExitStack
) -> None:
    one = neighbour(tmp_path, running)
    os.mkfifo(tmp_path / FOLDER / "7-dead.pipe")
    (tmp_path / FOLDER / "strange").write_text("not ours")

    one.call()

    assert [each.name == "strange" for each in pipes(tmp_path)].count(False) == 1


def test_one_that_does_not_listen_holds_up_nobody(tmp_path: Path, running: ExitStack) -> None:
    one = neighbour(tmp_path, running)
    deaf = tmp_path / FOLDER / "8-deaf.pipe"
    os.mkfifo(deaf)
    pipe = os.open(deaf, os.O_RDWR | os.O_NONBLOCK)
    running.callback(os.close, pipe)
    full = 0
    while full < 1_000_000:
        try:
            full += os.write(pipe, bytes(4096))
        except BlockingIOError:
            break

    one.call()

    assert deaf.exists()


def test_where_no_pipe_can_be_made_the_look_each_second_is_left(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    one = Neighbour(tmp_path)

    one.start()
    one.call()
    one.stop()

    assert "looking each second instead" in caplog.text


def test_what_one_process_publishes_another_of_the_host_serves_at_once(
    config: Config, clock: FakeClock, running: ExitStack
) -> None:
    """The clocks stand still, and nobody looks but those that are called.

    One keeps the shelf and takes the edit; the other renders.
    """
    schedule = Schedule(every_seconds=3600, debounce_seconds=0)
    settings = msgspec.structs.replace(config, schedule=schedule)
    serving, _ = [process(settings, clock, running, leads=leads) for leads in (False, True)]
    wait_until(lambda: serving.memory.find(RECENT, Format.JSON))
    clock.advance(2)

    create(serving.room, given("Hot news"), by=by("a"))

    wait_until(lambda: b"Hot news" in served(serving))


def process(settings: Config, clock: FakeClock, running: ExitStack, *, leads: bool) -> Service:
    service = build(settings, clock)
    prepare(service)
    running.callback(service.database.close)
    scheduler = Scheduler(service, may_lead=leads, follows=not leads)
    scheduler.start()
    scheduler._scheduler.remove_job("tick")
    running.callback(scheduler.stop)
    return service


def served(service: Service) -> bytes:
    found = service.memory.find(RECENT, Format.JSON)
    return (found and service.memory.body(found.labels[Coding.IDENTITY])) or b""
