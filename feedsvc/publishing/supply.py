"""From the database to an outlet: what `follow` is for this host's shelves."""

from collections.abc import Collection
from itertools import islice

from feedsvc.errors import UnavailableError
from feedsvc.model import FeedId
from feedsvc.publishing.follow import BATCH
from feedsvc.publishing.outlet import Outlet, Report
from feedsvc.storage import feeds, representations
from feedsvc.storage.database import Database


class Supplier:
    """Keeps an outlet in step with what is published, as long as the outlet is opened."""

    def __init__(self, database: Database, outlet: Outlet) -> None:
        self._database = database
        self._outlet = outlet
        self._sequence = 0
        self._again: set[FeedId] = set()

    def catch_up(self) -> Report:
        """Write what was published since the last time, the first time everything.

        What failed is tried again the next time. Files of feeds that are no more are removed;
        where nothing at all is published nothing is, because that is a database that was
        named by mistake or is not filled yet.

        Raises:
            UnavailableError: the database cannot answer now, or nothing is published in it.
        """
        report = Report()
        self._retry(report)
        while news := self._news():
            self._put([feed_id for feed_id, _ in news], report)
            self._sequence = news[-1][1]
        self._outlet.keep_only(self._published(), report)
        return report

    def _published(self) -> tuple[str, ...]:
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
        self._again = set()
        while batch := list(islice(failed, BATCH)):
            self._put(batch, report)

    def _put(self, feed_ids: Collection[FeedId], report: Report) -> None:
        with self._database.read() as tx:
            sealed = representations.of_feeds(tx, feed_ids)
        before = len(report.failed)
        self._outlet.put(sealed, report)
        if len(report.failed) > before:
            self._again.update(feed_ids)
