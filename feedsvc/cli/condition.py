"""What condition a service is in, found out from outside: database, schedule, shelf."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feedsvc import processes
from feedsvc.cli.readership import Figures, figures
from feedsvc.errors import MigrationError, UnavailableError
from feedsvc.model import (
    Article,
    ArticleId,
    Coding,
    Feed,
    Format,
    Lease,
    Ping,
    Subscription,
)
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import leases, migrations, releases, representations
from feedsvc.storage.hub import pings, subscriptions
from feedsvc.wiring import Service
from feedsvc.workflow import read

FEW_BYTES = 20_000_000  # on a disk; a newsroom writes as much in a day
LATE = timedelta(seconds=5)  # so long a leader may take to release what is due


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCondition:
    """A feed, and how many entries readers get; None before it is published."""

    feed: Feed
    entries: int | None


@dataclass(slots=True, kw_only=True)
class Condition:
    """Everything that `feedsvc status` knows; what is wrong stands in `problems`."""

    problems: list[str] = field(default_factory=list)
    version: str | None = None
    is_known: bool = False  # what follows; not where the database does not answer
    needed: str = ""
    feeds: list[FeedCondition] = field(default_factory=list)
    lease: Lease | None = None
    is_led: bool = False
    overdue: tuple[ArticleId, ...] = ()
    next_release: datetime | None = None
    set_aside: tuple[Article, ...] = ()
    pings: tuple[Ping, ...] = ()
    subscribers: subscriptions.Standing | None = None  # None where there is no hub of our own
    undelivered: tuple[Subscription, ...] = ()
    shelf_documents: int = 0
    shelf_bytes: int = 0
    figures: Figures | None = None  # None where the database does not answer


def examine(service: Service) -> Condition:
    """Look at everything, and go on where something cannot be looked at."""
    condition = Condition()
    _examine_shelf(service, condition)
    condition.problems.extend(_short_of_space(service))
    try:
        _examine_database(service, condition)
    except (MigrationError, UnavailableError) as error:
        condition.problems.append(str(error))
    return condition


def _examine_shelf(service: Service, condition: Condition) -> None:
    for label in service.disk.load():
        condition.shelf_documents += label.coding is Coding.IDENTITY
        condition.shelf_bytes += label.length


def _short_of_space(service: Service) -> Iterator[str]:
    for folder in dict.fromkeys((service.config.folder.absolute(), service.database.folder)):
        if folder is None or not folder.is_dir():
            continue
        free = shutil.disk_usage(folder).free
        if free < FEW_BYTES:
            yield (
                f"{free / 1_000_000:.1f} MB are left on the disk of {folder}; free some space: "
                "without it nothing can be saved or published, and feeds stay as they are"
            )


def _examine_database(service: Service, condition: Condition) -> None:
    condition.needed = migrations.needed_version()
    condition.version = migrations.current_version(service.database)
    if condition.version != condition.needed:
        raise migrations.mismatch(service.database, condition.version)
    now = service.clock.now()
    with service.database.read() as tx:
        condition.lease = leases.current(tx, leases.LEASE)
        condition.overdue = releases.overdue(tx, now - LATE)
        condition.next_release = releases.next_release(tx)
        condition.pings = pings.unsettled(tx)
        if service.config.own_hub:
            condition.subscribers = subscriptions.standing(tx, now)
            condition.undelivered = subscriptions.undelivered(tx, now)
    lease = condition.lease
    condition.is_led = (
        lease is not None and lease.expires > now and not processes.is_gone(lease.holder)
    )
    condition.set_aside = read.set_aside(service.room)
    condition.feeds = [
        FeedCondition(feed=feed, entries=_entries(service, feed))
        for feed in read.feeds(service.room)
    ]
    condition.figures = figures(service.room)
    condition.is_known = True
    condition.problems.extend(_problems(condition))


def _entries(service: Service, feed: Feed) -> int | None:
    """Count what readers are given, in the simplest of the formats."""
    with service.database.read() as tx:
        published = representations.identity_of(tx, [feed.id], unpack).get(feed.id, {})
    document = published.get(Format.JSON)
    return len(json.loads(document.body)["items"]) if document else None


def _problems(condition: Condition) -> Iterator[str]:
    if condition.overdue:
        count = len(condition.overdue)
        yield f"{count} releases are overdue; is 'feedsvc serve' running?"
    for article in condition.set_aside:
        yield f"no feed shows article {article.id}: {article.set_aside}"
    for ping in condition.pings:
        if ping.due is None:
            yield (
                f"the hub {ping.hub} could not be told of {ping.topic}: {ping.problem}; see "
                "that it is right, or remove it from websub.hubs"
            )
    waiting = [one.feed.slug for one in condition.feeds if one.entries is None]
    if waiting:
        yield f"never published: {', '.join(waiting)}; is 'feedsvc serve' running?"
