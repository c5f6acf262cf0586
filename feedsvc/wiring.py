"""Settings in, service out: the only place that picks implementations."""

import logging

from msgspec import Struct

from feedsvc.clock import Clock, SystemClock
from feedsvc.config import Config
from feedsvc.errors import ConfigError, UnavailableError
from feedsvc.imaging.aside import Imaging
from feedsvc.outbound import Outbound
from feedsvc.publishing.disk import DiskShelf
from feedsvc.publishing.follow import Follower
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.publishing.shelves import FOLDER, shelves
from feedsvc.storage import migrations
from feedsvc.storage.database import Database, ensure_folder
from feedsvc.tally import Tally, alone
from feedsvc.workflow import audit
from feedsvc.workflow.hub import callbacks
from feedsvc.workflow.newsroom import Bell, Newsroom
from feedsvc.workflow.passwords import Hashing
from feedsvc.workflow.start import make_ready

logger = logging.getLogger(__name__)


class Service(Struct, frozen=True, kw_only=True):
    """Everything that a process of feedsvc works with."""

    config: Config
    clock: Clock
    database: Database
    memory: MemoryShelf
    disk: DiskShelf
    follower: Follower
    bell: Bell
    room: Newsroom
    outbound: Outbound
    callbacks: Outbound
    imaging: Imaging
    tally: Tally


def build(
    config: Config,
    clock: Clock | None = None,
    tally: Tally | None = None,
    hashing: Hashing | None = None,
) -> Service:
    """Put a service together; nothing is read from the database yet.

    Raises:
        ConfigError: a folder cannot be made, or the database's URL is not usable.
    """
    clock = clock or SystemClock()
    shelf = config.folder / FOLDER
    try:
        shelf.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"cannot make the folder {shelf}: {error.strerror}; choose another with data.folder"
        ) from None
    ensure_folder(config.database_url)
    database = Database(config.database_url, busy_seconds=config.database.busy_seconds)
    made, bell = shelves(config, database, clock), Bell()
    return Service(
        config=config,
        clock=clock,
        database=database,
        memory=made.memory,
        disk=made.disk,
        follower=made.follower,
        bell=bell,
        room=Newsroom(
            config=config,
            clock=clock,
            database=database,
            wake=bell,
            hashing=hashing or Hashing(),
        ),
        outbound=Outbound(config.outbound.allowed),
        # Anybody may name a callback, so what is allowed for hubs and imports is not for these.
        callbacks=Outbound(
            config.websub.allowed_callbacks,
            ports=callbacks.PORTS,
            setting=callbacks.SETTING,
        ),
        imaging=Imaging(),
        tally=tally or alone(),
    )


def prepare(service: Service, *, migrate: bool = False) -> None:
    """Make the database fit for this program and these settings.

    Raises:
        MigrationError: the database is of another version; the text says what to do.
        UnavailableError: the database does not answer, or is lost.
    """
    migrate_if_due(service, migrate=migrate)
    make_ready(service.room)


def migrate_if_due(service: Service, *, migrate: bool = False) -> None:
    """Bring the database to our version where that is safe, and never begin a second one.

    Where feeds are on the shelf there was a database. A new one would number their revisions
    from the beginning, and readers would not get a new article for a long time.

    Raises:
        MigrationError: the database is of another version; the text says what to do.
        UnavailableError: the database does not answer, or is lost.
    """
    database = service.database
    if not service.disk.is_empty and migrations.is_empty(database):
        raise UnavailableError(
            f"the database {database.shown_url} is "
            f"{'gone' if database.is_sqlite else 'empty'}, but feeds made from one are in "
            f"{service.config.folder / 'shelf'}; put the database back, or remove that "
            "folder to begin anew"
        )
    done = migrations.prepare(database, migrate=migrate)
    if done is not None:
        audit.note_migration(service.room, *done)
        if done[0] != migrations.NO_VERSION:
            logger.info("migrated the database before=%s now=%s", *done)
