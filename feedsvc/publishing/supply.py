"""From the database to an outlet: what `follow` is for this host's shelves."""

from collections.abc import Callable, Collection, Iterable
from itertools import islice
from typing import Protocol

from feedsvc.errors import UnavailableError
from feedsvc.model import FeedId, Representation, is_private
from feedsvc.publishing.follow import BATCH
from feedsvc.publishing.report import Report
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import feeds, representations
from feedsvc.storage.database import Database


class Target(Protocol):
    """Where feeds are published for others to serve: a directory or a bucket.

    What one feed lacks goes into the report; an error means that nothing can be done at all.
    """

    def put(self, representations: Iterable[Representation], report: Report) -> None:
        """Bring some feeds to what they are now."""

    def keep_only(self, slugs: Collection[str], report: Report) -> None:
        """Remove what is ours of every other feed."""


class Supplier:
    """Keeps an outlet in step with what is published, as long as the outlet is opened."""

    def __init__(self, database: Database, outlet: Target) -> None:
        self._database = database
        self._outlet = outlet
        self._sequence = 0
        self._again: set[FeedId] = set()

    def catch_up(self, on_feeds: Callable[[int], None] = lambda _: None) -> Report:
        """Write what was published since the last time, the first time everything.

        What failed is tried again the next time. Files of feeds that are no more are removed;
        where nothing at all is published nothing is, because that is a database that was
        named by mistake or is not filled yet. `on_feeds` is told how many feeds were done.

        Raises:
            UnavailableError: the database or the outlet cannot be used now, or nothing is
                published in it.
        """
        report = Report()
        self._retry(report)
        while news := self._news():
            self._put([feed_id for feed_id, _ in news], report)
            self._sequence = news[-1][1]
            on_feeds(len(news))
        self._outlet.keep_only(self.published(), report)
        return report

    def published(self) -> tuple[str, ...]:
        """Return the slugs of the feeds that belong into the outlet.

        Raises:
            UnavailableError: the database cannot answer now, or nothing is published in it.
        """
        with self._database.read() as tx:
            published = feeds.published_slugs(tx)
        if not published:
            raise UnavailableError(
                "nothing is published yet; is it the right database? 'feedsvc regenerate'"
                " publishes"
            )
        return published

    def _news(self) -> tuple[tuple[FeedId, int], ...]:
        with self._database.read() as tx:
            return feeds.published_since(tx, self._sequence, BATCH)

    def _retry(self, report: Report) -> None:
        failed = iter(sorted(self._again))
        while batch := list(islice(failed, BATCH)):
            self._put(batch, report)

    def _put(self, feed_ids: Collection[FeedId], report: Report) -> None:
        with self._database.read() as tx:
            sealed = representations.of_feeds(tx, feed_ids, unpack)
        before = len(report.failed)
        # What lies in an outlet can be read by anybody: a private feed never does.
        self._outlet.put([each for each in sealed if not is_private(each.slug)], report)
        if len(report.failed) > before:
            self._again.update(feed_ids)
        else:
            self._again.difference_update(feed_ids)
