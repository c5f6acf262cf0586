"""What one process does when it is woken, and what two do together."""

import json
import logging
import secrets
import shutil
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import text

from feedsvc.config import Cache, Config, Schedule
from feedsvc.config import Database as DatabaseSettings
from feedsvc.model import RECENT, Coding, Format, Lease, Release
from feedsvc.scheduling.work import Work
from feedsvc.storage import feeds, search_filling, settings
from feedsvc.tally import Count
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow import refresh
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.full import full
from tests.unit.publishing.shelf_checks import stored

LATER = timedelta(minutes=5)


def next_regeneration(now: datetime) -> datetime:
    return now + LATER


@pytest.fixture
def make(
    config: Config, clock: FakeClock, database_url: str, tmp_path: object
) -> Iterator["Maker"]:
    maker = Maker(config, clock, database_url)
    yield maker
    for service in maker.services:
        service.database.close()


class Maker:
    """Makes processes, as it were: services on one database, each with a host's folder."""

    def __init__(self, config: Config, clock: FakeClock, url: str) -> None:
        self.services: list[Service] = []
        self._config = msgspec.structs.replace(config, database=DatabaseSettings(url=url))
        self._clock = clock

    def process(self, **sections: object) -> tuple[Service, Work]:
        folder = f"{self._config.data.folder}-{len(self.services)}"
        data = msgspec.structs.replace(self._config.data, folder=folder)
        config = msgspec.structs.replace(self._config, data=data, **sections)
        service = build(config, self._clock)
        prepare(service)
        self.services.append(service)
        work = Work(service, next_regeneration)
        work.mark_prepared()
        return service, work


def titles(service: Service) -> list[str]:
    found = service.memory.find(RECENT, Format.JSON)
    assert found is not None
    body = service.memory.body(found.labels[Coding.IDENTITY])
    assert body is not None
    return [item["title"] for item in json.loads(body)["items"]]


def test_edit_reaches_the_shelf_with_the_next_tick(make: Maker) -> None:
    service, work = make.process()
    create(service.room, given(), by=by("a"))

    work.tick()

    assert titles(service) == ["Start-ups meet officials"]
    assert len(stored(service.disk)) == 24  # 2 feeds, 3 formats, 4 codings


def test_edits_are_gathered_for_a_moment(make: Maker, clock: FakeClock) -> None:
    service, work = make.process(schedule=Schedule(debounce_seconds=5))
    work.tick()
    create(service.room, given(), by=by("a"))
    clock.advance(4)
    work.tick()
    early = titles(service)
    clock.advance(1)

    work.tick()

    assert (early, len(titles(service))) == ([], 1)


def test_schedule_alone_decides_if_edits_do_not_wake(make: Maker, clock: FakeClock) -> None:
    service, work = make.process(schedule=Schedule(regenerate_on_edit=False))
    work.regenerate()
    create(service.room, given(), by=by("a"))
    clock.advance(60)
    work.tick()
    before = titles(service)

    work.regenerate()

    assert (before, len(titles(service))) == ([], 1)


def test_work_is_counted(make: Maker, clock: FakeClock) -> None:
    service, work = make.process()
    board = service.tally.board
    work.tick()
    late = given("Late", release=Release.AT, release_at=clock.now() + LATER)
    create(service.room, late, by=by("a"))
    before = board.total(Count.PUBLISHED)
    clock.advance(LATER.total_seconds() + 10)
    work.tick()

    assert board.total(Count.PUBLISHED) > before > 0
    assert (board.total(Count.RELEASED), board.total(Count.RELEASED_LATE)) == (1, 1)
    assert board.total(Count.RUNS) > 1
    now = int(clock.now().timestamp())
    assert board.each(Count.LOOKED) == board.each(Count.WORKED) == [now]
    assert board.each(Count.LEADS_UNTIL)[0] > now
    assert board.each(Count.FOLLOWED) == [service.follower.sequence]
    work.give_up()
    assert board.each(Count.LEADS_UNTIL) == [0]


def test_release_comes_at_its_second_whatever_the_schedule(
    make: Maker, clock: FakeClock
) -> None:
    """Promise 7."""
    service, work = make.process(schedule=Schedule(regenerate_on_edit=False))
    work.regenerate()
    due = clock.now() + timedelta(seconds=60)
    create(service.room, given(release=Release.AT, release_at=due), by=by("a"))
    clock.advance(59)
    work.tick()
    before = titles(service)
    clock.advance(1)

    work.tick()

    assert (before, len(titles(service))) == ([], 1)


def test_every_process_follows_the_one_that_leads(make: Maker, clock: FakeClock) -> None:
    """Promise 11: two schedulers, one publication, the same bytes everywhere."""
    (one, first), (two, second) = make.process(), make.process()
    create(one.room, given(), by=by("a"))

    first.tick()
    second.tick()

    assert first.leadership.is_held
    assert not second.leadership.is_held
    for format_ in Format:
        assert one.memory.find(RECENT, format_) == two.memory.find(RECENT, format_)


def test_another_leads_when_the_leader_is_gone(make: Maker, clock: FakeClock) -> None:
    (_, first), (two, second) = make.process(), make.process()
    first.tick()
    create(two.room, given(), by=by("a"))
    clock.advance(2)
    second.tick()
    while_it_lasts = titles(two)
    clock.advance(10)

    second.tick()

    assert (while_it_lasts, len(titles(two))) == ([], 1)
    assert second.leadership.is_held


def test_leader_that_stops_in_good_order_is_followed_at_once(make: Maker) -> None:
    (_, first), (two, second) = make.process(), make.process()
    first.tick()
    first.leadership.give_up()
    create(two.room, given(), by=by("a"))

    second.leadership.claim()

    assert second.leadership.is_held
    assert not first.leadership.is_held


def test_idle_service_writes_nothing(make: Maker, clock: FakeClock) -> None:
    service, work = make.process()
    create(service.room, given(), by=by("a"))
    work.tick()
    clock.advance(2)
    work.tick()
    before = state(service)
    for _ in range(5):
        clock.advance(30)
        work.tick()
        work.regenerate()

    assert state(service) == before


def state(service: Service) -> list[object]:
    with service.database.read() as tx:
        return [
            tx.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
            for table in ("feed", "lease", "counter", "article", "setting")
        ]


def test_feed_that_fails_rests_and_the_others_go_on(
    make: Maker, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    service, work = make.process()
    create(service.room, given(), by=by("a"))
    with service.database.write() as tx:
        tx.execute(text("UPDATE feed SET guid = '' WHERE slug = 'category/news'"))
    for _ in range(3):
        work.tick()
        clock.advance(2)

    failures = [record for record in caplog.records if "could not regenerate" in record.message]
    assert len(failures) == 1
    assert len(titles(service)) == 1
    clock.advance(60)
    work.tick()
    assert sum("could not regenerate" in record.message for record in caplog.records) == 2


def test_max_age_does_not_tell_of_a_release(make: Maker, clock: FakeClock) -> None:
    """Promise 7: not even how long a copy stays fresh says that something is to come."""
    quiet, quiet_work = make.process()
    open_, open_work = make.process(cache=Cache(announce_releases=True))
    due = clock.now() + timedelta(seconds=90)
    create(quiet.room, given(release=Release.AT, release_at=due), by=by("a"))

    quiet_work.tick()
    open_work.tick()

    assert quiet.memory.next_change == clock.now() + LATER
    assert open_.memory.next_change == due


def test_lost_database_is_said_once_and_so_is_its_return(
    make: Maker, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 5: feeds are served from memory."""
    service, work = make.process()
    create(service.room, given(), by=by("a"))
    work.tick()
    with caplog.at_level(logging.INFO):
        with service.database.write() as tx:
            tx.execute(text("ALTER TABLE feed RENAME TO feed_away"))
        for _ in range(3):
            clock.advance(2)
            work.tick()
        with service.database.write() as tx:
            tx.execute(text("ALTER TABLE feed_away RENAME TO feed"))
        work.tick()

    messages = [record.message for record in caplog.records]
    assert sum("lost the database" in message for message in messages) == 1
    assert sum("answers again" in message for message in messages) == 1
    assert len(titles(service)) == 1


def test_full_disk_is_said_once_and_what_waited_is_published(
    service: Service, caplog: pytest.LogCaptureFixture, clock: FakeClock
) -> None:
    """Promise 5, fault plan F5: readers keep what they have, and then get what is new."""
    work = Work(service, next_regeneration)
    work.mark_prepared()
    text = " ".join(secrets.token_hex(8) for _ in range(5000))
    with caplog.at_level(logging.INFO):
        create(service.room, given(body_source=text), by=by("a"))
        with full(service.database):
            for _ in range(3):
                clock.advance(2)
                work.tick()
            assert service.memory.is_empty
        work.tick()

    messages = [record.message for record in caplog.records]
    assert sum("nothing can be stored" in message for message in messages) == 1
    assert not [message for message in messages if "answers again" in message]
    assert not service.memory.is_empty


def test_restart_serves_from_disk_before_the_database_is_asked(
    make: Maker, clock: FakeClock
) -> None:
    """Promise 5: also after a restart, with the database gone."""
    service, work = make.process()
    create(service.room, given(), by=by("a"))
    work.tick()
    again = build(service.config, clock)

    count = again.follower.load_disk()

    assert count == 24
    for format_ in Format:
        assert again.memory.find(RECENT, format_) == service.memory.find(RECENT, format_)
    again.database.close()


def test_disk_that_cannot_be_written_is_tried_again(
    make: Maker, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    service, work = make.process()
    shelf = service.config.folder / "shelf"
    shutil.rmtree(shelf)
    shelf.write_text("in the way")
    create(service.room, given(), by=by("a"))
    work.tick()
    served = titles(service)
    shelf.unlink()
    shelf.mkdir()
    clock.advance(2)

    work.tick()

    assert len(served) == 1
    assert len(stored(service.disk)) == 24
    assert "serving from memory" in caplog.text


def test_change_that_must_wait_a_second_needs_no_second_schedule(
    make: Maker, clock: FakeClock
) -> None:
    service, work = make.process(schedule=Schedule(regenerate_on_edit=False))
    work.regenerate()
    create(service.room, given(), by=by("a"))
    work.regenerate()
    at_once = titles(service)
    clock.advance(1)

    work.tick()

    assert (at_once, len(titles(service))) == ([], 1)


def test_database_that_was_away_at_the_start_is_made_fit_on_its_return(
    make: Maker, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    service, _ = make.process()
    with service.database.write() as tx:
        tx.execute(text("DELETE FROM setting"))
    work = Work(service, next_regeneration)

    work.tick()

    assert titles(service) == []
    with service.database.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = 'other'"))
    another = Work(service, next_regeneration)
    for _ in range(2):
        another.tick()
    assert caplog.text.count("could not work") == 1


def test_run_under_way_is_not_disturbed(make: Maker) -> None:
    service, work = make.process()
    with work._busy:
        work.tick()

    assert service.memory.is_empty


class Restless:
    """Editors who save another article whenever a batch has gone out."""

    def __init__(self, service: Service, clock: FakeClock, work: Work, batches: int) -> None:
        self.batches = 0
        self._service, self._clock, self._work, self._most = service, clock, work, batches
        self._refresh = refresh.refresh

    def __call__(
        self, room: Newsroom, lease: Lease, *, skipping: Collection[str]
    ) -> refresh.Outcome:
        outcome = self._refresh(room, lease, skipping=skipping)
        self._clock.advance(2)
        create(self._service.room, given(f"Edit {self.batches}"), by=by("a"))
        self.batches += 1
        if self.batches == self._most:
            self._work.stop()
        return outcome


def test_neither_the_end_nor_a_release_waits_for_editors_to_rest(
    make: Maker, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 7: with something to regenerate all the time, a release is on time."""
    service, work = make.process()
    due = clock.now() + timedelta(seconds=3)
    create(service.room, given("Due", release=Release.AT, release_at=due), by=by("a"))
    restless = Restless(service, clock, work, batches=5)
    monkeypatch.setattr(refresh, "refresh", restless)

    work.tick()

    assert restless.batches == 5
    assert "Due" in titles(service)
    assert refresh.has_work(service.room)  # left to whoever leads next
    assert service.tally.board.total(Count.RELEASED_LATE) == 0


def test_work_that_another_has_taken_over_is_dropped(
    make: Maker, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 4."""
    (one, first), (two, second) = make.process(), make.process()
    create(one.room, given(), by=by("a"))
    real = first.leadership.claim

    def sleep_through() -> Lease | None:
        lease = real()
        clock.advance(60)
        second.tick()
        clock.advance(2)
        create(two.room, given("Later"), by=by("a"))
        return lease

    first.leadership.claim = sleep_through  # type: ignore[method-assign]
    first.tick()

    assert "dropped work" in caplog.text
    assert len(titles(two)) == 1


def test_giving_up_what_one_does_not_hold_is_harmless(make: Maker) -> None:
    _, work = make.process()

    work.leadership.give_up()

    assert not work.leadership.is_held


def test_process_that_may_not_lead_follows_and_never_publishes(make: Maker) -> None:
    """Promise 11 with roles: what serves feeds only leaves the work to others."""
    leader_service, leader = make.process()
    service, _ = make.process()
    follower = Work(service, next_regeneration, may_lead=False)
    follower.mark_prepared()
    create(service.room, given("Hot news", release=Release.NOW), by=by("a"))

    follower.tick()
    follower.regenerate()
    alone = service.memory.is_empty
    leader.tick()
    follower.tick()

    assert alone
    assert not follower.leadership.is_held
    assert titles(service) == titles(leader_service) == ["Hot news"]
    assert service.memory.next_change == leader_service.memory.next_change


def test_process_that_renders_for_others_has_no_shelf_in_memory(make: Maker) -> None:
    service, _ = make.process()
    calls: list[str] = []
    leader = Work(
        service, next_regeneration, follows=False, on_published=lambda: calls.append("look")
    )
    leader.mark_prepared()
    create(service.room, given("Hot news", release=Release.NOW), by=by("a"))

    leader.tick()
    leader.tick()
    leader.regenerate()
    leader.give_up()

    with service.database.read() as tx:
        assert not feeds.is_any_dirty(tx)
    assert service.memory.is_empty
    assert {made.slug for made in stored(service.disk)} == {RECENT, "category/news"}
    assert calls == ["look"]


def test_leader_that_cannot_store_leaves_it_to_those_who_serve(make: Maker) -> None:
    service, _ = make.process()
    service.disk.folder.rmdir()
    service.disk.folder.write_text("in the way")
    leader = Work(service, next_regeneration, follows=False)
    leader.mark_prepared()
    create(service.room, given("Hot news", release=Release.NOW), by=by("a"))

    leader.tick()
    leader.give_up()

    with service.database.read() as tx:
        assert not feeds.is_any_dirty(tx)


def test_look_that_is_asked_for_during_a_run_follows_it(make: Maker, clock: FakeClock) -> None:
    service, work = make.process()
    real = work._note_next_change

    def last_step(due: datetime | None) -> None:
        work._note_next_change = real  # type: ignore[method-assign]
        real(due)
        clock.advance(2)
        create(service.room, given(), by=by("a"))
        work.tick()

    work._note_next_change = last_step  # type: ignore[method-assign,assignment]

    work.tick()

    assert len(titles(service)) == 1


def test_mending_an_empty_shelf_is_no_work(make: Maker) -> None:
    service, _ = make.process()

    service.follower.mend_disk()

    assert service.disk.load() == []


def test_old_articles_are_indexed_while_others_wait_their_turn(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_filling, "PAGE", 1)
    service, work = make.process()
    _, other = make.process()
    for number in range(6):
        create(service.room, given(f"Article {number}"), by=by("asha"))
    with service.database.write() as tx:
        settings.put(tx, "search", "7")

    work.tick()
    with service.database.read() as tx:
        left = settings.get(tx, "search")
    other.tick()  # does not lead
    with service.database.read() as tx:
        assert settings.get(tx, "search") == left == "3"
    for _ in range(2):
        work.tick()

    with service.database.read() as tx:
        assert search_filling.is_done(tx)
