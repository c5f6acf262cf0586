"""Archive documents: closed as a feed is published, and made when somebody asks (RFC 5005).

The feed itself carries what is in no archive document yet, so that every article is in the
feed or in one of them. One is closed in the transaction that publishes the feed without it,
once there is enough for a whole one.

None is stored. It is made from its range of articles as they are: so what was withdrawn is
not in it, and what was corrected is. Its entries are otherwise those it was closed with.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from feedsvc.errors import NotFoundError
from feedsvc.model import (
    Archive,
    ArticleId,
    Feed,
    Format,
    Lease,
    Place,
    Representation,
    Validators,
)
from feedsvc.publishing.coding import compress
from feedsvc.publishing.tags import entity_tag
from feedsvc.rendering.document import render
from feedsvc.rendering.kept import passing
from feedsvc.storage import feeds, settings
from feedsvc.storage.database import Transaction
from feedsvc.storage.lists import archives, windows
from feedsvc.workflow import leading
from feedsvc.workflow.compose import compose
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import SETTLED

logger = logging.getLogger(__name__)
AT_ONCE = 50  # documents closed in one transaction
_LONG_AGO = "2000-01-02T00:00:00+00:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Which bytes an archive document has now; another version may have others.

    It is final when the document after it is closed too: then its links stay as they are.
    """

    modified: datetime
    is_final: bool


def close_waiting(room: Newsroom, lease: Lease, feed: Feed, before: Place) -> None:
    """Close the documents for all that a feed no longer shows, some in each transaction.

    There is much of it once: with articles from before there were archives, or when many
    come in at once.

    Raises:
        StaleError: another leader has taken over.
        UnavailableError: the database cannot answer now.
    """
    size, count = room.config.feeds.archive_entries, feed.archives
    is_more = True
    while is_more:
        with room.database.write() as tx:
            leading.hold(tx, room, lease)
            limit = AT_ONCE * size
            places = windows.waiting(
                tx, feed.source, after=feed.archived, before=before, limit=limit
            )
            if ends := places[size - 1 :: size]:
                feed = archives.close(tx, feed, ends, room.clock.now())
            is_more = len(places) == limit
    logger.info("archived feed=%s documents=%d", feed.slug, feed.archives - count)


def close(tx: Transaction, room: Newsroom, feed: Feed, ends: tuple[Place, ...]) -> bool:
    """Close documents as the feed is published; False if they are no longer what was read.

    An article may have come or gone between the snapshot and this transaction; then the
    feed is dirty again, and is read once more.
    """
    when, article_id = ends[-1]
    count = room.config.feeds.archive_entries * len(ends)
    places = windows.waiting(
        tx,
        feed.source,
        after=feed.archived,
        before=(when, ArticleId(article_id + 1)),
        limit=count + 1,
    )
    if len(places) != count or places[-1] != ends[-1]:
        return False
    archives.close(tx, feed, ends, room.clock.now())
    return True


def version(room: Newsroom, slug: str, number: int) -> Version:
    """Return which version of an archive document readers are to have: a few small rows.

    Raises:
        NotFoundError: it is not closed yet, or there is no such feed.
        UnavailableError: the database cannot answer now.
    """
    with room.database.read() as tx:
        return _find(room, tx, slug, number)[2]


def make(
    room: Newsroom, slug: str, number: int, format_: Format
) -> tuple[Version, tuple[Representation, ...]]:
    """Make an archive document from its range of articles, as they are now.

    What is made on the way is not kept: a crawler that walks through the whole archive must
    not drive out what the feeds of today are made of.

    Raises:
        NotFoundError: it is not closed yet, or there is no such feed.
        UnavailableError: the database cannot answer now.
        RenderingError: the feed cannot be written at all.
    """
    with room.database.read() as tx:
        feed, archive, found = _find(room, tx, slug, number)
        shown = windows.in_archive(tx, feed.source, archive)
    with passing():
        composed = compose(room.config, feed, shown, (), number=number)
        rendered = render(composed.document)
        coded = compress(rendered.bodies[format_], rendered.parts[format_])
    return found, tuple(
        Representation(
            slug=slug,
            format=format_,
            coding=coding,
            body=body,
            validators=Validators(etag=entity_tag(body), last_modified=found.modified),
            revision=number,
        )
        for coding, body in coded.items()
    )


def _find(
    room: Newsroom, tx: Transaction, slug: str, number: int
) -> tuple[Feed, Archive, Version]:
    feed = feeds.find(tx, slug) if room.config.feeds.archive_entries else None
    archive = archives.find(tx, feed.id, number) if feed else None
    if feed is None or archive is None or feed.is_private:
        raise NotFoundError("there is no such archive document")
    settled = datetime.fromisoformat(settings.get(tx, SETTLED) or _LONG_AGO)
    modified = max(archive.changed, settled)
    return feed, archive, Version(modified=modified, is_final=number < feed.archives)
