"""The last source of a body that is not ready: the database, if the disk shelf has it not."""

import logging
from collections.abc import Sequence

from feedsvc.errors import UnavailableError
from feedsvc.model import Label, Representation
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import published
from feedsvc.storage.plain import Reachable

logger = logging.getLogger(__name__)


class Refetching:
    """Fetches sets from the database; for any thread but that of the loop."""

    def __init__(self, database: Reachable) -> None:
        self._database = database
        self._is_away = False

    def __call__(self, label: Label) -> Sequence[Representation]:
        """Return the set that is out now, which may be a newer one; nothing if it is away."""
        try:
            with self._database.plain.read() as tx:
                found = published.of_set(tx, label.slug, label.format, unpack)
        except UnavailableError as error:
            if not self._is_away:
                logger.error(  # noqa: TRY400 - foreseen
                    "some feeds cannot be answered: they are neither in memory nor whole on"
                    " the disk shelf, and the database is away: %s",
                    error,
                )
            self._is_away = True
            return ()
        self._is_away = False
        return found
