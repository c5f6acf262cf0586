"""Regenerating feeds in a process that is no server: under the lease, as every leader does."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import click

from feedsvc.model import Feed
from feedsvc.scheduling.leader import Leadership
from feedsvc.storage import feeds
from feedsvc.wiring import Service
from feedsvc.workflow.crew import Crew, crew_of
from feedsvc.workflow.refresh import has_work, refresh
from feedsvc.workflow.release import release_due

_SECOND = 1.0  # two changes of a feed's bytes must lie that far apart


@dataclass(slots=True)
class Report:
    """What was done; `led_elsewhere` says that a running leader does it instead."""

    published: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    led_elsewhere: bool = False


def regenerate(service: Service, on_feed: Callable[[str], None] = lambda _: None) -> Report:
    """Release what is due and bring every dirty feed to its newest revision.

    Raises:
        StaleError: another process took over meanwhile.
        UnavailableError: the database does not answer.
    """
    settings = service.config.schedule
    leadership = Leadership(service.database, service.clock, settings.lease_seconds)
    report = Report()
    release_due(service.room)
    with crew_of(service.room) as crew:
        try:
            _work(service, leadership, report, crew, on_feed)
        finally:
            if crew:  # it ends while what is left is done
                crew.dismiss()
            leadership.give_up()
            service.database.close()
    return report


def _work(
    service: Service,
    leadership: Leadership,
    report: Report,
    crew: Crew | None,
    on_feed: Callable[[str], None],
) -> None:
    """Bring out batch after batch, until nothing is left or another process leads."""
    while has_work(service.room, report.failed):
        lease = leadership.claim()
        if lease is None:
            report.led_elsewhere = True
            return
        outcome = refresh(
            service.room, lease, on_feed=on_feed, skipping=report.failed, crew=crew
        )
        report.published += outcome.published
        report.unchanged += outcome.unchanged
        report.failed += outcome.failed
        if outcome.deferred:
            Event().wait(_SECOND)


def regenerate_visibly(service: Service) -> Report:
    """Do the same, and show how far it is."""
    waiting = sum(feed.is_dirty for feed in known_feeds(service)) if _is_seen() else 0
    with progress(waiting, "regenerating") as on_feed:
        return regenerate(service, on_feed)


def known_feeds(service: Service) -> tuple[Feed, ...]:
    """Return the feeds that anybody may know of."""
    with service.database.read() as tx:
        return feeds.public_feeds(tx)


@contextmanager
def progress(length: int, label: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal how far the work is; each call is one step done."""
    with counting(length, label) as on_steps:
        yield lambda _name: on_steps(1)


@contextmanager
def counting(length: int, label: str) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far the work is; each call is so many steps done."""
    hidden = length <= 0 or not _is_seen()
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield bar.update


def _is_seen() -> bool:
    return sys.stderr.isatty()
