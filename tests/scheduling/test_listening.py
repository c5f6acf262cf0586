"""What one host does, another hears at once: two services on one PostgreSQL.

No clock is read here. The look of each second, which stands behind the notices, is put off
for an hour, and so is the watchdog: what arrives within the test was heard.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event, Semaphore, Thread

import msgspec
import pytest

from feedsvc.config import Config, Schedule
from feedsvc.config import Database as DatabaseSettings
from feedsvc.scheduling import listening, scheduler
from feedsvc.scheduling.listening import Listener
from feedsvc.scheduling.scheduler import Scheduler
from feedsvc.storage import feeds, hearing, migrations
from feedsvc.storage.database import Database
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow.writing.edit import create
from tests import postgres
from tests.conftest import missing
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.live.process import PATIENCE_SECONDS, wait_until
from tests.scheduling.shelf import shows

HOUR = 3600


class Make:
    """Makes hosts on one database, each with a folder of its own, and runs their schedule."""

    def __init__(self, config: Config, clock: FakeClock) -> None:
        self._config = config
        self._clock = clock
        self._running = ExitStack()
        self._count = 0

    def __call__(self, url: str) -> Service:
        self._count += 1
        folder = f"{self._config.folder}-{self._count}"
        place = msgspec.structs.replace(self._config.data, folder=folder)
        schedule = Schedule(every_seconds=HOUR, debounce_seconds=0)
        base = DatabaseSettings(url=url)
        settings = msgspec.structs.replace(
            self._config, database=base, data=place, schedule=schedule
        )
        service = build(settings, self._clock)
        prepare(service)
        self._running.callback(service.database.close)
        made = Scheduler(service)
        made.start()
        self._running.callback(made.stop)
        return service

    def close(self) -> None:
        """Stop all hosts."""
        self._running.close()


@pytest.fixture
def make(config: Config, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Make hosts whose schedule never looks by itself."""
    monkeypatch.setattr(scheduler, "TICK_SECONDS", HOUR)
    monkeypatch.setattr(scheduler, "STALLED_SECONDS", float(HOUR))
    monkeypatch.setattr(listening, "AGAIN_SECONDS", 0.05)
    made = Make(config, clock)
    yield made
    made.close()


def publish(service: Service, clock: FakeClock, title: str) -> None:
    clock.advance(2)  # two versions of a feed never share a second
    create(service.room, given(title, categories=()), by=by("a"))


def hosts(make: Make, url: str) -> tuple[Service, Service]:
    """Start two; the first leads, and both have what there is."""
    one, other = make(url), make(url)
    wait_until(lambda: not one.memory.is_empty and not other.memory.is_empty)
    return one, other


def test_edit_on_one_host_is_in_the_memory_of_the_other(
    make: Make, postgres_url: str, clock: FakeClock
) -> None:
    one, other = hosts(make, postgres_url)

    publish(one, clock, "Hot news")

    wait_until(lambda: shows(other, "Hot news"))


def test_edit_where_nobody_leads_wakes_the_leader(
    make: Make, postgres_url: str, clock: FakeClock
) -> None:
    one, other = hosts(make, postgres_url)

    publish(other, clock, "From the second host")

    wait_until(lambda: shows(one, "From the second host"))
    wait_until(lambda: shows(other, "From the second host"))


def test_server_that_comes_back_is_listened_to_again(
    make: Make, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        with postgres.cluster() as folder:
            with postgres.serving(folder) as server:
                url = server % "postgres"
                migrations.upgrade(database := Database(url))
                database.close()
                one, other = hosts(make, url)
            wait_until(lambda: caplog.text.count("cannot hear other hosts") >= 2)
            with postgres.serving(folder):
                publish(one, clock, "After the break")
                wait_until(lambda: shows(other, "After the break"))
                make.close()
    except postgres.NoPostgresError as error:
        missing(str(error))


def test_own_notices_and_those_rolled_back_are_not_heard(postgres_url: str) -> None:
    mine, other = Database(postgres_url), Database(postgres_url)
    heard, stopping = Semaphore(0), Event()
    thread = Thread(target=hearing.listen, args=(mine, heard.release, stopping))
    thread.start()
    assert heard.acquire(timeout=PATIENCE_SECONDS)  # the call at the beginning

    with mine.write() as tx:
        feeds.mark_dirty(tx, [])
    with other.write() as tx:
        feeds.mark_dirty(tx, [])
        tx.connection.rollback()
    with other.write() as tx:
        feeds.mark_dirty(tx, [])
        feeds.mark_dirty(tx, [])

    assert heard.acquire(timeout=PATIENCE_SECONDS)
    stopping.set()
    thread.join(PATIENCE_SECONDS)
    assert not heard.acquire(blocking=False)
    mine.close()
    other.close()


def test_nobody_listens_on_sqlite(sqlite_url: str) -> None:
    listener = Listener(Database(sqlite_url), lambda: None)

    listener.start()

    assert not listener._thread.is_alive()
    listener.stop()
