"""The shelves of one process, and what keeps them in step with what is published."""

import logging
from dataclasses import dataclass
from typing import Generic, TypeVar

from feedsvc.clock import Clock
from feedsvc.config import Config
from feedsvc.errors import UnavailableError
from feedsvc.publishing.disk import DiskShelf
from feedsvc.publishing.follow import Follower
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.publishing.refetch import Refetching
from feedsvc.storage.plain import Reachable

logger = logging.getLogger(__name__)
FOLDER = "shelf"  # in the data folder
_Kind = TypeVar("_Kind", bound=Reachable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves(Generic[_Kind]):
    """What a process needs to answer for feeds."""

    database: _Kind
    memory: MemoryShelf
    disk: DiskShelf
    follower: Follower


def shelves(config: Config, database: _Kind, clock: Clock) -> Shelves[_Kind]:
    """Put them together; nothing is read yet."""
    disk = DiskShelf(config.folder / FOLDER)
    memory = MemoryShelf(config.server.body_bytes, (disk.body, Refetching(database)))
    follower = Follower(database, memory, disk, clock)
    return Shelves(database=database, memory=memory, disk=disk, follower=follower)


def fill(follower: Follower, *, is_prepared: bool) -> None:
    """Never begin with an older revision than readers may have from another process."""
    if is_prepared:
        try:
            follower.catch_up()
        except UnavailableError as error:
            logger.warning("started with the feeds that this host knew: %s", error)
    follower.load_disk()
