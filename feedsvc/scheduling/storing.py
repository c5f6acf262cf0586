"""What a leader has published goes on the disk shelf of its host, beside its other work."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from feedsvc.errors import UnavailableError
from feedsvc.model import Representation
from feedsvc.publishing.disk import DiskShelf

logger = logging.getLogger(__name__)


class Storing:
    """Stores one batch while the next one is made, and no more: bodies are large."""

    def __init__(self, disk: DiskShelf) -> None:
        self._disk = disk
        self._thread = ThreadPoolExecutor(1, "storing")
        self._under_way: Future[None] | None = None

    def begin(self, sealed: Sequence[Representation]) -> None:
        """Begin to store, once what was before is stored."""
        self.finish()
        self._under_way = self._thread.submit(self._store, sealed)

    def finish(self) -> None:
        """Wait until everything is stored that can be."""
        under_way, self._under_way = self._under_way, None
        if under_way:
            under_way.result()

    def _store(self, sealed: Sequence[Representation]) -> None:
        """Store; where that fails those who serve do it, and say why they cannot."""
        try:
            self._disk.store(sealed)
        except UnavailableError as error:
            logger.debug("left the disk shelf to those who serve: %s", error)
        except Exception:
            logger.exception("could not store what was published; those who serve do it")
