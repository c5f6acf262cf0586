"""Run the whole story again and again, killed at ever later steps, and look at what is left.

`python -m tests.live.story_driver FOLDER KILLS` works on one database and one disk shelf
throughout, as a newsroom would whose power fails KILLS times. A step is a commit (one before,
one after) or a change of the disk (each write in two halves). It is a program of its own
because it forks, which only a process without threads may do.

It prints one line a kill and, at the end, `survived KILLS kills`; the first broken promise
ends it with a sentence.
"""

import gzip
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from feedsvc import config
from feedsvc.config import Config
from feedsvc.model import Article, ArticleId, Coding, Format, Label, Release, Representation
from feedsvc.scheduling.work import Work
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow import read
from feedsvc.workflow.writing.edit import change, create
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import NOON, FakeClock
from tests.unit.publishing.shelf_checks import stored
from tests.unit.publishing.steps import hooked

SECONDS_A_RUN = 100
Acknowledge = Callable[[str, Article], None]


class Broken(Exception):  # noqa: N818 - a promise, broken
    """A promise did not hold."""


def main(folder: Path, kills: int) -> None:
    settings = config.parse(
        {"data": {"folder": str(folder)}, "feeds": {"entries": 500}}, "the story"
    )
    ledger = Ledger()
    total = count_steps(folder.with_name("measured"))
    say(f"the story has {total} steps")
    for run in range(kills):
        step = 1 + run * total // kills
        died = run_story(settings, run, step, ledger)
        ledger.check(settings, run)
        say(f"run {run} killed at step {step}: {died}, articles {len(ledger.titles)}")
    say(f"survived {kills} kills, {len(ledger.titles)} articles acknowledged")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def clock_of(run: int) -> FakeClock:
    return FakeClock(NOON + timedelta(seconds=SECONDS_A_RUN * run))


def open_service(settings: Config, clock: FakeClock) -> tuple[Service, Work]:
    """Start a process, as `feedsvc serve` does."""
    service = build(settings, clock)
    prepare(service)
    service.follower.catch_up()
    service.follower.load_disk()
    service.disk.sweep()
    work = Work(service, lambda _: None)
    work.mark_prepared()
    return service, work


def _body(service: Service, label: Label) -> bytes:
    body = service.memory.body(label)
    if body is None:
        raise Broken(f"the body of {label.slug}.{label.format} ({label.coding}) is gone")
    return body


def story(settings: Config, clock: FakeClock, run: int, acknowledge: Acknowledge) -> None:
    """Publish, correct, schedule and withdraw, with the leader at work in between."""
    service, work = open_service(settings, clock)
    room = service.room
    made = create(room, given(f"Published in {run}", submission=f"p{run}"), by=by("a"))
    acknowledge("visible", made)
    work.tick()
    made = change(room, made.id, given(f"Corrected in {run}"), by=by("a"), version=made.version)
    acknowledge("visible", made)
    clock.advance(2)
    work.tick()
    due = clock.now() + timedelta(seconds=10)
    secret = given(f"Scheduled in {run}", release=Release.AT, release_at=due)
    acknowledge("visible", create(room, secret, by=by("a")))
    clock.advance(10)
    work.tick()
    gone = create(room, given(f"Withdrawn in {run}"), by=by("a"))
    acknowledge("visible", gone)
    clock.advance(2)
    work.tick()
    acknowledge("gone", withdraw(room, gone.id, by=by("a")))
    clock.advance(2)
    work.tick()


def killing_at(step: int) -> Callable[[], None]:
    steps = count(1)

    def pass_by() -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return pass_by


def stepping(
    settings: Config, run: int, pass_by: Callable[[], None], acknowledge: Acknowledge
) -> None:
    """Run the story with a call before every step."""
    with hooked(lambda _name, _args: pass_by()):
        watch_commits(pass_by)
        story(settings, clock_of(run), run, acknowledge)


def watch_commits(pass_by: Callable[[], None]) -> None:
    """Call before and after every commit of whatever engine is made from now on."""

    def watch(connection: Connection) -> None:
        dialect: Any = connection.engine.dialect
        if getattr(dialect, "is_watched", False):
            return
        commit = dialect.do_commit

        def committing(driver: object) -> None:
            pass_by()
            commit(driver)
            pass_by()

        dialect.do_commit, dialect.is_watched = committing, True

    event.listen(Engine, "engine_connect", watch)


def count_steps(folder: Path) -> int:
    """Return how many steps the story has, by running it undisturbed elsewhere."""
    settings = config.parse({"data": {"folder": str(folder)}}, "the story")
    seen, sent = os.pipe()
    child = os.fork()
    if child == 0:
        steps = 0

        def pass_by() -> None:
            nonlocal steps
            steps += 1

        stepping(settings, 0, pass_by, lambda _kind, _article: None)
        os.write(sent, str(steps).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return int(os.read(seen, 100))


def run_story(settings: Config, run: int, step: int, ledger: "Ledger") -> bool:
    """Run the story in a child that dies at a step; note what it acknowledged before."""
    seen, sent = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(seen)

        def acknowledge(kind: str, article: Article) -> None:
            line = json.dumps([kind, article.id, article.guid, article.title])
            os.write(sent, line.encode() + b"\n")

        stepping(settings, run, killing_at(step), acknowledge)
        os._exit(0)
    os.close(sent)
    with os.fdopen(seen) as lines:
        for line in lines:
            ledger.note(*json.loads(line))
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise Broken(f"run {run} failed without being killed")
    return os.WIFSIGNALED(status)


class Ledger:
    """What was acknowledged, and what readers have seen: it must all stay true."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}
        self.gone: set[str] = set()
        self.guids: dict[int, str] = {}
        self._seen: dict[tuple[str, Format], Representation] = {}

    def note(self, kind: str, number: int, guid: str, title: str) -> None:
        if self.guids.setdefault(number, guid) != guid:
            raise Broken(f"the guid of article {number} changed")
        self.titles[guid] = title
        if kind == "gone":
            self.gone.add(guid)

    def check(self, settings: Config, run: int) -> None:
        """Restart, let the leader work, and look at everything."""
        clock = clock_of(run)
        clock.advance(SECONDS_A_RUN / 2)
        service = build(settings, clock)
        for made in stored(service.disk):
            self._check_bytes(made)
        service.database.close()
        service, work = open_service(settings, clock)
        work.tick()
        clock.advance(2)
        work.tick()
        self._check_feed(service)
        self._check_rows(service)
        service.database.close()

    def _check_bytes(self, made: Representation) -> None:
        """A body is whole, is what its tag says, and is never older than what was out."""
        if sha256(made.body).hexdigest()[:32] != made.validators.etag:
            raise Broken(f"a torn body of {made.slug}.{made.format} ({made.coding})")
        if made.coding is not Coding.IDENTITY:
            return
        key = (made.slug, made.format)
        old = self._seen.get(key)
        if old is not None:
            later = made.validators.last_modified > old.validators.last_modified
            if made.revision < old.revision or (made.body != old.body and not later):
                raise Broken(f"{made.slug}.{made.format} went back")
        self._seen[key] = made

    def _check_feed(self, service: Service) -> None:
        for slug in ("recent", "category/news") if self.titles else ("recent",):
            for format_ in Format:
                found = service.memory.find(slug, format_)
                if found is None:
                    raise Broken(f"no {slug}.{format_}")
                bodies = {
                    coding: _body(service, label) for coding, label in found.labels.items()
                }
                for coding, label in found.labels.items():
                    self._check_bytes(label.with_body(bodies[coding]))
                if gzip.decompress(bodies[Coding.GZIP]) != bodies[Coding.IDENTITY]:
                    raise Broken(f"a mixed set of {slug}.{format_}")
            self._check_entries(service, slug)

    def _check_entries(self, service: Service, slug: str) -> None:
        found = service.memory.find(slug, Format.JSON)
        body = _body(service, found.labels[Coding.IDENTITY]) if found else b'{"items": []}'
        items = json.loads(body)["items"]
        shown = {item["id"]: item["title"] for item in items}
        for guid, title in self.titles.items():
            if guid in self.gone and guid in shown:
                raise Broken(f"{title} was withdrawn and is still in {slug}")
            if guid not in self.gone and guid not in shown:
                # It may have been withdrawn just before the kill, unacknowledged.
                self._must_be_withdrawn(service, guid, title)
        if len(shown) != len(items):
            raise Broken(f"an entry stands twice in {slug}")

    def _must_be_withdrawn(self, service: Service, guid: str, title: str) -> None:
        number = next(number for number, known in self.guids.items() if known == guid)
        if read.article(service.room, ArticleId(number)).withdrawn is None:
            raise Broken(f"{title} was acknowledged and is lost")

    def _check_rows(self, service: Service) -> None:
        for number, guid in self.guids.items():
            if read.article(service.room, ArticleId(number)).guid != guid:
                raise Broken(f"the guid of article {number} changed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
