"""Dirty feeds are read in one snapshot, rendered, sealed and published.

Where there are many, they are made on all cores: by a crew of processes, or, in a service, by
threads, where most of the time is compressing, which lets go of the interpreter's lock.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from feedsvc.errors import ConflictError, StaleError, UnavailableError
from feedsvc.http.feed_paths import feed_path
from feedsvc.model import ArticleId, Feed, FeedId, Label, Lease, Representation
from feedsvc.publishing.seal import seal
from feedsvc.storage import articles, feeds, representations
from feedsvc.storage.database import Transaction
from feedsvc.storage.hub import pings
from feedsvc.storage.membership import filling
from feedsvc.workflow import archive, leading
from feedsvc.workflow.crew import AT_ONCE, TOGETHER, Crew
from feedsvc.workflow.making import MANY, Made, Result, beside
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.snapshot import Work, read_dirty
from feedsvc.workflow.watching import course

logger = logging.getLogger(__name__)
_SETTLED = timedelta(seconds=2)  # after a publication every host has followed
STEPS_AT_ONCE = 25  # of settling who is in a feed, before dirty feeds have their turn
WHY = "for the reasons: feedsvc check feed"
ADVICE = "mend it at the desk and save; see the log for the cause"
_Ready = tuple[Work, Made]
_Sealed = list[Representation | Label]  # empty where readers have these bytes already


@dataclass(slots=True)
class Outcome:
    """What a run did. `deferred` feeds are to be tried again in a second.

    Of so many feeds as are `settling` it is still to be found out which articles are in them.
    `sealed` is what was published, as shelves keep it; where that `is_kept`.
    """

    published: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    deferred: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    settling: int = 0
    sealed: list[Representation] = field(default_factory=list)
    is_kept: bool = True

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
    crew: Crew | None = None,
) -> Outcome:
    """Bring dirty feeds to their newest revision.

    Where there are many, a `crew` makes them; what was published is not kept then.
    With nothing dirty this is one query and no write. A feed that fails is named in the log
    and stays dirty; the others go out.

    Raises:
        StaleError: another leader has taken over.
        UnavailableError: the database cannot answer now.
    """
    settling = _settle(room, lease)
    if crew and crew.is_whole and len(ids := _dirty(room, skipping)) >= MANY:
        outcome = Outcome(settling=settling, is_kept=False)
        _bring_out(room, lease, _made_by(crew, room, lease, ids), outcome, on_feed)
        return outcome
    outcome = Outcome(settling=settling)
    batch = read_dirty(room, skipping)
    if _archive_waiting(room, lease, batch):
        batch = read_dirty(room, skipping)
    with beside(room.config, batch) as results:
        _bring_out(room, lease, _by_several(results), outcome, on_feed)
    return outcome


def _bring_out(
    room: Newsroom,
    lease: Lease,
    results: Iterable[Sequence[Result]],
    outcome: Outcome,
    on_feed: Callable[[str], None],
) -> None:
    """Publish what is made; what is done at the same time comes out together."""
    keep = leading.keep(room, lease)  # nothing is written while several are made
    for together in results:
        ready: list[_Ready] = []
        for work, get in together:
            keep()
            with _one_job(work, outcome):
                ready.append((work, get()))
        _publish(room, lease, ready, outcome)
        for work, _ in together:
            on_feed(work.feed.slug)


@contextmanager
def _one_job(work: Work, outcome: Outcome) -> Iterator[None]:
    """Let no fault in one feed stop the others."""
    try:
        yield
    except (StaleError, UnavailableError):
        raise
    except Exception:
        logger.exception("could not regenerate feed=%s; it stays", work.feed.slug)
        outcome.failed.append(work.feed.slug)


def _by_several(results: Sequence[Result]) -> Iterator[Sequence[Result]]:
    """Let an article come out in its feeds at once: mostly they are few, soon made."""
    for first in range(0, len(results), TOGETHER):
        yield results[first : first + TOGETHER]


def _made_by(
    crew: Crew, room: Newsroom, lease: Lease, ids: Sequence[FeedId]
) -> Iterator[list[Result]]:
    """Have feeds made by a crew; those of which more is to be archived first come later."""
    for done in crew.make(ids, leading.keep(room, lease)):
        for work, _ in done:
            if work.waiting:
                archive.close_waiting(room, lease, work.feed, work.waiting)
        yield [(work, made) for work, made in done if not work.waiting]


def _dirty(room: Newsroom, skipping: Collection[str]) -> list[FeedId]:
    with room.database.read() as tx:
        return [feed.id for feed in feeds.dirty(tx, AT_ONCE, skipping)]


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
                leading.hold(tx, room, lease)
                if not filling.step(tx, feed_id, room.clock.now()):
                    return len(left) - 1
    return len(left)


def _archive_waiting(room: Newsroom, lease: Lease, batch: list[Work]) -> bool:
    """Archive what there is more of than one reading takes; whether there was any."""
    behind = [(work.feed, work.waiting) for work in batch if work.waiting]
    for feed, before in behind:
        archive.close_waiting(room, lease, feed, before)
    return bool(behind)


def _publish(room: Newsroom, lease: Lease, ready: Sequence[_Ready], outcome: Outcome) -> None:
    """Bring out what is ready in one transaction; where that fails, each feed in its own.

    To be sure that it is stored takes as long for several feeds as for one. What somebody
    saves changes several feeds, too: who waits for him has only one in hand.
    """
    try:
        _publish_together(room, lease, ready, outcome)
    except UnavailableError:
        raise
    except Exception:  # noqa: BLE001 - it comes again, with the feed that it is about
        for one in ready:
            with _one_job(one[0], outcome):
                _publish_together(room, lease, [one], outcome)


def _publish_together(
    room: Newsroom, lease: Lease, ready: Sequence[_Ready], outcome: Outcome
) -> None:
    sealed = [_seal(room, work, made) for work, made in ready]
    if any(each is not None for each in sealed):
        aside = _set_aside(ready, sealed)
        with room.database.write() as tx:
            leading.hold(tx, room, lease)
            # Before the feeds, as who saves an article takes them: else each may wait for the
            # other.
            for number, reason in aside.items():
                articles.set_aside(tx, number, reason)
            if len(ready) > 1 and not feeds.take(tx, [work.feed.id for work, _ in ready]):
                raise ConflictError("one of these feeds is being changed")
            sealed = [
                None if each is None else _store(tx, room, work, each)
                for (work, _), each in zip(ready, sealed, strict=True)
            ]
            course.note(tx, room.clock.now())
        _tell_set_aside(aside)
    for (work, made), each in zip(ready, sealed, strict=True):
        _note(work, made, each, outcome)


def _store(tx: Transaction, room: Newsroom, work: Work, sealed: _Sealed) -> _Sealed | None:
    """Make sealed bytes those that readers have; None if they are of a feed that has moved on.

    Raises:
        StaleError: they have newer ones.
    """
    now = room.clock.now()
    if work.ends and not archive.close(tx, room, work.feed, work.ends):
        return None
    if not feeds.mark_published(tx, work.feed, now):
        raise StaleError(f"feed {work.feed.slug} is out in a newer revision")
    representations.replace(tx, work.feed.id, sealed)
    for topic in _topics(room, work.feed, sealed):
        pings.ask(tx, room.config.hubs, topic, work.feed.revision, now + _SETTLED)
    return sealed


def _note(work: Work, made: Made, sealed: _Sealed | None, outcome: Outcome) -> None:
    """Say what came of a feed."""
    slug = work.feed.slug
    if sealed is None:
        outcome.deferred.append(slug)
        return
    (outcome.published if sealed else outcome.unchanged).append(slug)
    if outcome.is_kept:
        outcome.sealed += [each for each in sealed if isinstance(each, Representation)]
    logger.info(
        "%s feed=%s revision=%d entries=%d",
        "published" if sealed else "left unchanged",
        slug,
        work.feed.revision,
        made.entries,
    )
    if made.left_out:
        logger.info("left out of feed=%s entries=%d; %s %s", slug, made.left_out, WHY, slug)


def _seal(room: Newsroom, work: Work, made: Made) -> _Sealed | None:
    """Seal every format; None if one of them changed within the second of the last change.

    All formats of a feed come out together, so one that must wait makes all wait.
    """
    sealed: _Sealed = []
    for format_, coded in made.coded.items():
        before = work.previous.get(format_)
        now = room.clock.now()
        group = seal(work.feed.slug, format_, coded, work.feed.revision, now, before)
        if group is None:
            return None
        sealed.extend(group)
    return sealed


def _topics(room: Newsroom, feed: Feed, sealed: _Sealed) -> list[str]:
    """Return the self links of what has changed: each format is a topic of its own."""
    if feed.is_private:
        return []
    formats = sorted({each.format for each in sealed})
    return [room.config.site.url(feed_path(feed.slug, format_)) for format_ in formats]


def _set_aside(
    ready: Sequence[_Ready], sealed: Sequence[_Sealed | None]
) -> dict[ArticleId, str]:
    """Return what is to be noted of articles, each once however many feeds it is in."""
    found: dict[ArticleId, str] = {}
    for (_, made), each in zip(ready, sealed, strict=True):
        found |= {} if each is None else made.aside
    return dict(sorted(found.items()))


def _tell_set_aside(aside: Mapping[ArticleId, str]) -> None:
    for number, reason in aside.items():
        if reason:
            logger.error("set aside article=%d reason=%s; %s", number, reason, ADVICE)
