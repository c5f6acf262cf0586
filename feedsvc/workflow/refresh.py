"""Dirty feeds are read in one snapshot, rendered, sealed and published.

Where there are many, they are made on all cores: most of the work is compressing, and the
compressors run beside each other in threads. Processes were considered: they would have to
start, to be handed every article, and to make entries that others have made, for the sake of
the smaller part of the work.
"""

import logging
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from feedsvc.config import Config
from feedsvc.errors import StaleError, UnavailableError
from feedsvc.http.feed_paths import feed_path
from feedsvc.model import (
    CORRECTIONS,
    Article,
    ArticleId,
    Coding,
    Feed,
    Format,
    Lease,
    Representation,
)
from feedsvc.publishing.seal import Coded, code, seal
from feedsvc.rendering.document import render
from feedsvc.storage import articles, feeds, leases, representations
from feedsvc.storage.database import Transaction
from feedsvc.storage.hub import pings
from feedsvc.storage.membership import filling
from feedsvc.workflow import archive
from feedsvc.workflow.announce import SETTLED
from feedsvc.workflow.compose import compose
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.snapshot import Work, read_dirty
from feedsvc.workflow.watching import course

logger = logging.getLogger(__name__)
CORES = os.cpu_count() or 1
STEPS_AT_ONCE = 25  # of settling who is in a feed, before dirty feeds have their turn
MANY = 8  # feeds; fewer are made on one core, the others stay free for readers
WHY = "for the reasons: feedsvc check feed"
ADVICE = "mend it at the desk and save; see the log for the cause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a feed's work has led to: its bytes by format and coding, and what was left out."""

    coded: Mapping[Format, Mapping[Coding, Coded]]
    reasons: dict[ArticleId, str]
    entries: int
    left_out: int = 0


@dataclass(slots=True)
class Outcome:
    """What a run did. `deferred` feeds are to be tried again in a second.

    Of so many feeds as are `settling` it is still to be found out which articles are in them.
    `sealed` is what was published, as shelves keep it.
    """

    published: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    deferred: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    settling: int = 0
    sealed: list[Representation] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether nothing of this batch is left to do."""
        return not self.deferred and not self.failed and not self.settling

    @property
    def count(self) -> int:
        """How many feeds were looked at."""
        groups = (self.published, self.unchanged, self.deferred, self.failed)
        return sum(len(group) for group in groups) + self.settling


def refresh(
    room: Newsroom,
    lease: Lease,
    *,
    on_feed: Callable[[str], None] = lambda _slug: None,
    skipping: Collection[str] = (),
) -> Outcome:
    """Bring dirty feeds to their newest revision, one transaction each.

    With nothing dirty this is one query and no write. A feed that fails is named in the log
    and stays dirty; the others go out.

    Raises:
        StaleError: another leader has taken over.
        UnavailableError: the database cannot answer now.
    """
    outcome = Outcome(settling=_settle(room, lease))
    batch = read_dirty(room, skipping)
    if _archive_waiting(room, lease, batch):
        batch = read_dirty(room, skipping)
    with _making(room, batch) as making:
        for work, made in making:
            try:
                _publish(room, lease, work, made.result(), outcome)
            except (StaleError, UnavailableError):
                raise
            except Exception:  # one feed is one job: a fault in it must not stop the others
                logger.exception("could not regenerate feed=%s; it stays", work.feed.slug)
                outcome.failed.append(work.feed.slug)
            on_feed(work.feed.slug)
    if outcome.published or outcome.unchanged:
        course.note(room)
    return outcome


def has_work(room: Newsroom, skipping: Collection[str] = ()) -> bool:
    """Whether any feed is dirty: one look into an index."""
    with room.database.read() as tx:
        return feeds.is_any_dirty(tx, skipping)


def _settle(room: Newsroom, lease: Lease) -> int:
    """Find out who is in feeds whose rule is new; return how many are left to go on with.

    A walk through a large archive takes many short transactions. Feeds that are dirty do not
    wait for all of them.
    """
    with room.database.read() as tx:
        left = filling.waiting(tx)
    for feed_id in left[:1]:
        for _ in range(STEPS_AT_ONCE):
            with room.database.write() as tx:
                leases.check(tx, lease)
                if not filling.step(tx, feed_id, room.clock.now()):
                    return len(left) - 1
    return len(left)


def _archive_waiting(room: Newsroom, lease: Lease, batch: list[Work]) -> bool:
    """Archive what there is more of than one reading takes; whether there was any."""
    behind = [(work.feed, work.waiting) for work in batch if work.waiting]
    for feed, before in behind:
        archive.close_waiting(room, lease, feed, before)
    return bool(behind)


@contextmanager
def _making(room: Newsroom, batch: list[Work]) -> Iterator[list[tuple[Work, Future[Made]]]]:
    """Have every feed of the batch made in threads, first come, first served.

    When the work is given up, what has not begun is cancelled, and the rest waited for.
    """
    threads = ThreadPoolExecutor(CORES if len(batch) >= MANY else 1, "making")
    try:
        yield [(work, threads.submit(_make, room.config, work)) for work in batch]
    finally:
        threads.shutdown(cancel_futures=True)


def _make(config: Config, work: Work) -> Made:
    """Render and compress: all that needs neither the time nor the database."""
    feed = replace(work.feed, archives=work.feed.archives + len(work.ends))
    composed = compose(config, feed, work.articles, work.tombstones)
    rendered = render(composed.document)
    aside = (*composed.set_aside, *rendered.set_aside)
    return Made(
        coded={
            format_: code(body, work.previous.get(format_))
            for format_, body in rendered.bodies.items()
        },
        reasons={bad.article_id: bad.reason for bad in aside},
        entries=len(composed.document.entries) - len(rendered.set_aside),
        left_out=len(composed.left_out),
    )


def _publish(room: Newsroom, lease: Lease, work: Work, made: Made, outcome: Outcome) -> None:
    sealed = _seal(room, work, made)
    if sealed is None:
        outcome.deferred.append(work.feed.slug)
        return
    now = room.clock.now()
    with room.database.write() as tx:
        leases.check(tx, lease)
        if work.ends and not archive.close(tx, room, work.feed, work.ends):
            outcome.deferred.append(work.feed.slug)
            return
        if not feeds.mark_published(tx, work.feed, now):
            raise StaleError(f"feed {work.feed.slug} is out in a newer revision")
        representations.replace(tx, work.feed.id, sealed)
        for topic in _topics(room, work.feed, sealed):
            pings.ask(tx, room.config.hubs, topic, work.feed.revision, now + SETTLED)
        if work.feed.slug != CORRECTIONS:  # which does not show the articles themselves
            _note_set_aside(tx, work.articles, made.reasons)
    (outcome.published if sealed else outcome.unchanged).append(work.feed.slug)
    outcome.sealed += sealed
    logger.info(
        "%s feed=%s revision=%d entries=%d",
        "published" if sealed else "left unchanged",
        work.feed.slug,
        work.feed.revision,
        made.entries,
    )
    if made.left_out:
        slug = work.feed.slug
        logger.info("left out of feed=%s entries=%d; %s %s", slug, made.left_out, WHY, slug)


def _seal(room: Newsroom, work: Work, made: Made) -> list[Representation] | None:
    """Seal every format; None if one of them changed within the second of the last change.

    All formats of a feed come out together, so one that must wait makes all wait.
    """
    sealed: list[Representation] = []
    for format_, coded in made.coded.items():
        before = work.previous.get(format_)
        now = room.clock.now()
        group = seal(work.feed.slug, format_, coded, work.feed.revision, now, before)
        if group is None:
            return None
        sealed.extend(group)
    return sealed


def _topics(room: Newsroom, feed: Feed, sealed: list[Representation]) -> list[str]:
    """Return the self links of what has changed: each format is a topic of its own."""
    if feed.is_private:
        return []
    formats = sorted({each.format for each in sealed})
    return [room.config.site.url(feed_path(feed.slug, format_)) for format_ in formats]


def _note_set_aside(
    tx: Transaction, shown: tuple[Article, ...], reasons: dict[ArticleId, str]
) -> None:
    for article in shown:
        reason = reasons.get(article.id, "")
        if reason != article.set_aside:
            articles.set_aside(tx, article.id, reason)
        if reason and reason != article.set_aside:
            logger.error("set aside article=%d reason=%s; %s", article.id, reason, ADVICE)
