"""The ground of a service is laid: the database is fit, and it is known what it is."""

import logging
from collections.abc import Callable

from feedsvc import wiring
from feedsvc.cli.ground import Ground
from feedsvc.clock import Clock
from feedsvc.config import Config
from feedsvc.errors import UnavailableError
from feedsvc.storage import feeds, migrations
from feedsvc.wiring import Service

logger = logging.getLogger(__name__)


def prepare(service: Service, *, migrate: bool = False) -> bool:
    """Make the database fit; while it is away, feeds are served from this host's disk."""
    try:
        wiring.prepare(service, migrate=migrate)
    except UnavailableError as error:
        logger.error("started without the database: %s", error)  # noqa: TRY400 - foreseen
        return False
    return True


def lay(
    settings: Config, clock: Clock, welcome: Callable[[Service], str], *, migrate: bool
) -> Ground:
    """Prepare the database, and say what processes begin on.

    Raises:
        ConfigError: a folder cannot be made, or the database's URL is not usable.
        MigrationError: the database is of another version; the text says what to do.
    """
    service = wiring.build(settings, clock)
    try:
        is_prepared = prepare(service, migrate=migrate)
        return Ground(
            reach=service.database.reach,
            version=migrations.needed_version(),
            is_prepared=is_prepared,
            is_new=is_prepared and not _is_anything_published(service),
            welcome=welcome(service) if is_prepared else "",
        )
    finally:
        service.database.close()


def look(settings: Config, clock: Clock) -> Ground:
    """Say what processes begin on where others are at work; nothing is changed.

    Raises:
        ConfigError: a folder cannot be made, or the database's URL is not usable.
    """
    service = wiring.build(settings, clock)
    return Ground(reach=service.database.reach, version=migrations.needed_version())


def _is_anything_published(service: Service) -> bool:
    try:
        with service.database.read() as tx:
            return bool(feeds.published_since(tx, 0, 1))
    except UnavailableError:
        return True  # readers get what this host knew before
