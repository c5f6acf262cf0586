"""The supervisor of several workers: replaces, gives up for a while, hands over, drains."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.live.process import PATIENCE_SECONDS
from tests.live.supervised import Supervised
from tests.live.wire import Wire, request, until

pytestmark = pytest.mark.live


Start = Callable[..., Supervised]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Supervised] = []

    def start(*words: str) -> Supervised:
        one = Supervised(tmp_path, *words)
        started.append(one)
        return one

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


def end(service: Supervised) -> int:
    return service.process.wait(PATIENCE_SECONDS)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for runs no more."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_dead_worker_is_replaced_and_said_once(start: Start) -> None:
    service = start("2", "serve")
    first = service.wait_for("worker is ready", 2)[0]["pid"]

    os.kill(first, signal.SIGKILL)

    service.wait_for("worker is ready", 3)
    (died,) = service.events("worker died")
    assert (died["pid"], died["reason"], died["level"]) == (first, "SIGKILL", "warning")
    assert len(service.workers()) == 2
    with Wire(service.address) as wire:
        assert wire.ask("/x").body == b"/x"


def test_worker_that_is_asked_to_go_finishes_and_is_replaced(start: Start) -> None:
    service = start("2", "serve")
    service.wait_for("worker is ready", 2)
    with Wire(service.address) as wire:
        wire.send(request("/late"))
        assert service.line() == "working"
        for pid in service.workers():
            os.kill(pid, signal.SIGTERM)

        assert wire.response().body == b"/late"
    service.wait_for("worker is ready", 4)


def test_workers_that_die_at_once_are_reported_and_started_more_slowly(start: Start) -> None:
    service = start("2", "die")

    first, second = service.wait_for(reported := "workers die one after the other", 2)[:2]

    assert (first["level"], first["seconds"], second["seconds"]) == ("error", 1, 2)
    events = [str(line["event"]) for line in service.events("")]
    told = [number for number, event in enumerate(events) if event.startswith(reported)]
    assert sum(event == "started worker" for event in events[: told[1]]) <= 8
    service.process.send_signal(signal.SIGTERM)
    assert end(service) == 0


def test_leader_that_dies_again_and_again_keeps_nobody_from_serving(start: Start) -> None:
    service = start("1", "serve-unled")
    service.wait_for("leaders die one after the other")
    (pid,) = (line["pid"] for line in service.wait_for("worker is ready"))

    os.kill(pid, signal.SIGKILL)

    service.wait_for("worker is ready", 2)
    assert service.events("workers die") == []


def test_pages_that_lead_and_die_again_and_again_keep_nobody_from_serving(start: Start) -> None:
    service = start("1", "serve-unled-by-pages")
    service.wait_for("processes for pages die one after the other")

    service.wait_for("worker is ready")


def test_nobody_serves_a_new_service_before_the_pages_that_lead_are_ready(start: Start) -> None:
    service = start("2", "serve-led-by-pages")
    (pid,) = (line["pid"] for line in service.wait_for("started pages"))
    assert service.events("started worker") == []

    os.kill(pid, signal.SIGUSR2)

    service.wait_for("worker is ready", 2)
    order = [line["event"] for line in service.events("")]
    assert order.index("pages is ready") < order.index("started worker")


def test_service_whose_pages_lead_and_refuse_ends_with_their_status(start: Start) -> None:
    assert end(start("1", "serve-refused-by-pages")) == 5


def test_service_whose_first_worker_refuses_ends_with_its_status(start: Start) -> None:
    assert end(start("3", "refuse")) == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda it: it.name)
def test_signal_drains_every_worker(start: Start, number: signal.Signals) -> None:
    service = start("2", "serve")
    service.wait_for("worker is ready", 2)
    with Wire(service.address) as wire:
        wire.send(request("/late"))
        assert service.line() == "working"
        service.process.send_signal(number)

        assert wire.response().body == b"/late"
    assert end(service) == 0
    with pytest.raises(ConnectionRefusedError):
        Wire(service.address)


def test_signal_to_the_whole_group_is_one_signal(start: Start) -> None:
    """systemd and a terminal signal every process; that must not count as a second one."""
    service = start("2", "serve")
    service.wait_for("worker is ready", 2)
    with Wire(service.address) as wire:
        wire.send(request("/late"))
        assert service.line() == "working"
        for pid in (*service.workers(), service.process.pid, *service.workers()):
            with suppress(ProcessLookupError):  # one that is idle ends at the first
                os.kill(pid, signal.SIGTERM)

        assert wire.response().body == b"/late"
    assert end(service) == 0


def test_second_signal_waits_for_nobody(start: Start) -> None:
    service = start("2", "serve")
    service.wait_for("worker is ready", 2)
    with Wire(service.address) as wire:
        wire.send(request("/very-late"))
        assert service.line() == "working"
        service.process.send_signal(signal.SIGTERM)
        service.wait_for("draining", 2)
        service.process.send_signal(signal.SIGTERM)

        assert wire.rest() == b""
    assert end(service) == 0


def test_workers_end_when_their_supervisor_is_killed(start: Start) -> None:
    service = start("2", "serve")
    service.wait_for("worker is ready", 2)
    workers = service.workers()

    service.process.kill()

    assert until(lambda: not any(is_alive(pid) for pid in workers))
    with pytest.raises(ConnectionRefusedError):
        Wire(service.address)


def test_new_worker_that_refuses_leaves_the_old_ones_as_they_are(start: Start) -> None:
    service = start("2", "serve", "refuse")
    service.wait_for("worker is ready", 2)
    before = service.workers()

    service.process.send_signal(signal.SIGHUP)

    (line,) = service.wait_for("nothing handed over")
    assert line["reason"] == "exit status 3"
    assert service.workers() == before
    os.kill(before[0], signal.SIGKILL)
    service.wait_for("worker is ready", 3)  # still replaced, as before


def test_settings_that_are_refused_leave_the_old_workers(start: Start) -> None:
    service = start("2", "serve")
    service.wait_for("worker is ready", 2)
    before = service.workers()

    service.process.send_signal(signal.SIGHUP)

    (line,) = service.wait_for("nothing handed over")
    assert "there is no other way" in line["event"]
    assert service.workers() == before
