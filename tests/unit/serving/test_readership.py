"""Counts are handed over once, whatever the database does meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import msgspec
import pytest
from sqlalchemy import func, select, text

from feedsvc.cli.serving import counted
from feedsvc.errors import UnavailableError
from feedsvc.http.feed_paths import FeedPath
from feedsvc.model import Format
from feedsvc.serving import gathering
from feedsvc.serving.readership import HAND_OVER_SECONDS, IDLE_SECONDS, Readership
from feedsvc.sketch import Sketch
from feedsvc.storage import settings
from feedsvc.storage.database import Database
from feedsvc.storage.line import LOOK_SECONDS
from feedsvc.storage.readers import readership_reports
from feedsvc.storage.readers.taking_in import ALL
from feedsvc.storage.tables.readership import ReaderBatchRow
from feedsvc.visits import Visits
from feedsvc.wiring import Service
from feedsvc.workflow.watching import handing_over as counts
from feedsvc.workflow.watching import operations
from feedsvc.workflow.watching.handing_over import Batch
from feedsvc.workflow.watching.reports import Span
from tests.fakes import FakeClock
from tests.unit.serving.test_gathering import DAY, asked


@pytest.fixture
def readership(service: Service) -> Readership:
    made = counted(service, Visits())
    assert made is not None
    return made


def stored(service: Service) -> int:
    return operations.overview(service.room).traffic.requests


def test_until_they_are_stored_counts_take_of_the_budget(
    service: Service, readership: Readership
) -> None:
    whole = service.memory.bodies.limit
    for number in range(100):
        feed = FeedPath(slug=f"category/s{number}", format=Format.RSS)
        readership.counting.note(asked(feed=feed))
    readership.gather()

    assert whole - service.memory.bodies.limit > 100 * 500

    readership.hand_over()
    readership.gather()

    assert service.memory.bodies.limit == whole


def lose(service: Service) -> None:
    """Take the tables of counts away, as good as the database itself for who hands over."""
    with service.database.write() as tx:
        tx.execute(text("ALTER TABLE reader_count RENAME TO elsewhere"))


def find(service: Service) -> None:
    with service.database.write() as tx:
        tx.execute(text("ALTER TABLE elsewhere RENAME TO reader_count"))


def test_what_was_asked_is_stored(service: Service, readership: Readership) -> None:
    for _ in range(3):
        readership.counting.note(asked())
    readership.gather()
    assert stored(service) == 0
    readership.hand_over()
    readership.hand_over()

    assert stored(service) == 3
    assert operations.overview(service.room).readers.direct == 1


def test_database_that_is_away_is_waited_for(
    service: Service, readership: Readership, clock: FakeClock
) -> None:
    lose(service)
    for _ in range(3):
        readership.counting.note(asked())
        readership.gather()
        with pytest.raises(UnavailableError):
            readership.hand_over()
        clock.advance(60)
    find(service)
    readership.hand_over()

    assert stored(service) == 3


def test_batch_that_arrived_unknown_to_us_does_not_count_twice(
    service: Service, readership: Readership
) -> None:
    """Promise 11: the answer of the database may get lost."""
    readership.counting.note(asked())
    readership.gather()
    batch = readership._gathered.sealed(readership._secret)
    readership._frozen = [batch]
    readership.hand_over()
    readership._frozen = [batch]
    readership.counting.note(asked())
    readership.gather()
    readership.hand_over()

    assert stored(service) == 2


def test_idle_process_writes_nothing_but_that_it_is_there(
    service: Service, readership: Readership, clock: FakeClock
) -> None:
    def seen() -> list[int]:
        with service.database.read() as tx:
            return [when for _, when, _ in readership_reports.present(tx, 0)]

    readership.hand_over()
    first = seen()
    clock.advance(599)
    readership.hand_over()
    assert seen() == first
    clock.advance(1)
    readership.hand_over()
    assert seen() == [first[0] + 600]
    with service.database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(ReaderBatchRow)) == 0
    readership.stop()
    assert seen() == []


def test_process_that_has_nothing_to_say_is_still_there(
    service: Service, readership: Readership, clock: FakeClock
) -> None:
    """It speaks when it hands over, the first time after it was silent for long enough."""
    readership.hand_over()
    for seconds in (IDLE_SECONDS - 1, HAND_OVER_SECONDS[1]):
        clock.advance(seconds)
        assert len(operations.overview(service.room).hosts) == 1
        readership.hand_over()


def test_what_is_left_is_handed_over_at_the_end(
    service: Service, readership: Readership
) -> None:
    readership.start()
    readership.counting.note(asked())
    readership.stop()

    assert stored(service) == 1


def test_end_without_a_database_says_so(
    service: Service, readership: Readership, caplog: pytest.LogCaptureFixture
) -> None:
    lose(service)
    readership.counting.note(asked())
    readership.stop()

    assert "the last minute's readers are not counted" in caplog.text


def test_trouble_is_said_once_for_as_long_as_it_lasts(
    service: Service, readership: Readership, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    lose(service)
    readership.counting.note(asked())
    for _ in range(3):
        readership._work(is_due=True)
    assert caplog.text.count("wait for the database") == 1
    find(service)
    readership._work(is_due=True)
    lose(service)
    readership.counting.note(asked())
    readership._work()
    readership._work(is_due=True)

    assert caplog.text.count("wait for the database") == 2
    assert stored_after(service) == 1


def test_readers_that_did_not_fit_are_counted_with_the_next(
    service: Service, readership: Readership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST_SKETCHES", 1)
    for number in range(5):
        feed = FeedPath(slug=f"f{number}", format=Format.RSS)
        readership.counting.note(asked(f"192.0.{number}.1", feed=feed))
    readership.gather()
    for _ in range(6):
        readership.hand_over()

    assert operations.overview(service.room).readers.direct == 5


def test_much_is_handed_over_in_parts(
    service: Service, readership: Readership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others wait for a transaction; each part is taken in once, whatever breaks off."""
    monkeypatch.setattr(counts, "MOST_ROWS", 4)
    for number in range(9):
        feed = FeedPath(slug=f"f{number}", format=Format.RSS)
        readership.counting.note(asked(f"192.0.{number}.1", feed=feed))
        readership.counting.note(asked(agent=f"Feedly feed-id:{number} 5 subscribers"))
    readership.gather()
    lose(service)
    with pytest.raises(UnavailableError):
        readership.hand_over()
    find(service)
    readership.hand_over()

    assert stored(service) == 18
    assert operations.overview(service.room).readers.direct == 9
    assert operations.overview(service.room).readers.claimed == 45
    with service.database.read() as tx:  # 10 counts, 9 claims, 11 sketches
        assert tx.scalar(select(func.count()).select_from(ReaderBatchRow)) == 3 + 3 + 3


class Pauses(Event):
    """Somebody else writes in each pause; who had to wait then would be refused at once."""

    def __init__(self, write: Callable[[], None]) -> None:
        super().__init__()
        self.taken: list[float | None] = []
        self._write = write

    def wait(self, timeout: float | None = None) -> bool:
        self.taken.append(timeout)
        self._write()
        return self.is_set()


def read_by(readership: Readership, feeds: int) -> None:
    for number in range(feeds):
        feed = FeedPath(slug=f"f{number}", format=Format.RSS)
        readership.counting.note(asked(f"192.0.{number}.1", feed=feed))
    readership.gather()


def writing(service: Service, *, busy_seconds: int) -> Callable[[], None]:
    """Return what writes by another connection, as another process does."""
    other = Database(service.database.shown_url, busy_seconds=busy_seconds)

    def write() -> None:
        with other.write() as tx:
            settings.put(tx, "written meanwhile", "yes")
        other.close()

    return write


def test_between_two_parts_others_have_a_turn(
    service: Service, readership: Readership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause is longer than the time after which those of other processes look again."""
    monkeypatch.setattr(counts, "MOST_ROWS", 4)
    readership._stopping = pauses = Pauses(writing(service, busy_seconds=0))
    read_by(readership, 9)
    readership.hand_over()

    assert stored(service) == 9
    assert len(pauses.taken) == 3 + 3 - 1  # 10 counts, 11 sketches
    assert min(seconds or 0 for seconds in pauses.taken) > LOOK_SECONDS


def test_whoever_writes_meanwhile_waits_for_one_part_and_not_for_all(
    service: Service, readership: Readership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All parts would hold the database for much longer than the other writer waits."""
    monkeypatch.setattr(counts, "MOST_ROWS", 1)
    write, is_held, is_written = writing(service, busy_seconds=4), Event(), Event()

    def hold(statement: str, _values: object) -> None:
        if "reader_batch" in statement:  # each part's first
            is_held.set()
            is_written.wait(0.3)

    def write_meanwhile() -> None:
        assert is_held.wait(30)
        try:
            write()
        finally:
            is_written.set()
            readership._stopping.set()

    read_by(readership, 20)
    service.database.plain.told = hold
    with ThreadPoolExecutor(1) as other:
        written = other.submit(write_meanwhile)
        readership.hand_over()

    written.result()
    assert stored(service) == 20


def test_what_is_asked_in_a_pause_is_counted(
    service: Service, readership: Readership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "MOST_ROWS", 4)
    readership._stopping = Pauses(lambda: readership.counting.note(asked()))
    read_by(readership, 9)
    readership.hand_over()
    assert list(readership.counting.taken()) == []
    readership.hand_over()

    assert stored(service) == 9 + 5


def test_batch_that_can_never_be_stored_stops_no_other(
    service: Service, readership: Readership, caplog: pytest.LogCaptureFixture
) -> None:
    nameless: dict[tuple[int, str, str | None], Sketch] = {(DAY, "", "unheard of"): Sketch()}
    readership._frozen = [Batch(direct=nameless)]
    readership.counting.note(asked())
    readership._work(is_due=True)

    assert "counts of some requests are lost" in caplog.text
    assert stored(service) == 1


def stored_after(service: Service) -> int:
    find(service)
    return stored(service)


def test_fault_ends_no_thread(readership: Readership, caplog: pytest.LogCaptureFixture) -> None:
    readership.counting.put([None])  # type: ignore[list-item]
    readership._work()

    assert "will be tried again" in caplog.text


def test_readers_of_a_day_long_gone_are_dropped(
    service: Service, readership: Readership, clock: FakeClock
) -> None:
    """Their day is a number by now, and its secret is gone."""
    readership.counting.note(asked())
    readership.gather()
    clock.advance(2 * 86400)
    readership.hand_over()

    assert operations.overview(service.room, Span.WEEK).traffic.requests == 1
    with service.database.read() as tx:
        assert readership_reports.by_hour(tx, ALL, ALL, 0)
        names = tx.scalars(text("SELECT name FROM setting WHERE name LIKE 'readership-salt%'"))
        assert list(names) == []


def test_switched_off_counts_nothing(service: Service) -> None:
    off = msgspec.structs.replace(service.config.statistics, enabled=False)
    config = msgspec.structs.replace(service.config, statistics=off)
    quiet = Service(
        **{n: getattr(service, n) for n in service.__struct_fields__} | {"config": config}
    )

    assert counted(quiet, Visits()) is None
    assert counted(service, Visits()) is not None
