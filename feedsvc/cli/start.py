"""What commands begin with: a service on a fit database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feedsvc import wiring
from feedsvc.cli.failing import say
from feedsvc.cli.settings import existing_default, read_settings
from feedsvc.storage import settings as settings_
from feedsvc.wiring import Service
from feedsvc.workflow.start import FINGERPRINT, fingerprint, make_ready


@contextmanager
def open_service(file: Path | None) -> Iterator[Service]:
    """Open the service for one command, on a database that fits.

    Raises:
        ConfigError: a setting is impossible, or the data folder cannot be used.
        MigrationError: the database is of another version.
        UnavailableError: the database does not answer.
    """
    service = wiring.build(read_settings(file))
    is_new = service.database.is_missing
    try:
        wiring.migrate_if_due(service)
        if is_new:
            say(_made(service, file))
        if feed_settings_are_new(service) is None:
            make_ready(service.room)
        yield service
    finally:
        service.database.close()


def _made(service: Service, file: Path | None) -> str:
    """Say that there was nothing: it may be that other settings were meant."""
    settings = file or existing_default() or "no file (--config names one)"
    return f"made a new, empty database {service.database.shown_url}; settings: {settings}"


def feed_settings_are_new(service: Service) -> bool | None:
    """Whether feeds were made with other settings than ours; None if none were made yet.

    One command with other settings than the server's must not change every feed: links
    would lead to another host.
    """
    with service.database.read() as tx:
        known = settings_.get(tx, FINGERPRINT)
    return None if known is None else known != fingerprint(service.room)
