"""`feedsvc publish`."""

import logging
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Protocol, cast

import click

from feedsvc.cli.failing import FAILED, say
from feedsvc.cli.refreshing import counting
from feedsvc.cli.start import open_service
from feedsvc.cli.writing import as_json
from feedsvc.errors import ConfigError, UnavailableError
from feedsvc.publishing.bucket_address import parse_address
from feedsvc.publishing.bucket_notes import Notes
from feedsvc.publishing.outlet import Outlet
from feedsvc.publishing.report import Report
from feedsvc.publishing.supply import Supplier, Target
from feedsvc.wiring import Service

logger = logging.getLogger(__name__)

POLL_SECONDS = 1
RETRY_SECONDS = 10
_EPILOG = """
\b
Examples:
  feedsvc publish /srv/www
  feedsvc publish --watch /srv/www
  feedsvc publish --json /mnt/site | jq .written
  feedsvc publish --watch s3://my-bucket/news

DIR/feeds/recent.rss and the others are plain files, with .gz, .br and .zst beside them and
dated with Last-Modified. Files that are not from here are left alone. A run that was stopped
in the middle is made good by the next.

A bucket needs pip install 'feedsvc[publish]', and AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY in the environment. Its settings are in [publish].
"""


class _Opened(Target, Protocol):
    """A target that has to be opened first."""

    def opened(self) -> AbstractContextManager[None]:
        """Keep it to this process."""


class _Place(click.ParamType[Path | str]):
    """A directory, or the address of a bucket."""

    name = "place"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """Tell the two apart."""
        text = str(value)
        if "://" in text:
            return text
        return click.Path(path_type=Path, file_okay=False).convert(text, param, ctx)


@click.command(epilog=_EPILOG)
@click.argument("place", metavar="DIR|s3://BUCKET/PREFIX", type=_Place())
@click.option("--watch", is_flag=True, help="Go on, and follow what is published.")
@click.option(
    "--json", "is_json", is_flag=True, help="Write JSON, with --watch a line a change."
)
@click.pass_obj
@click.pass_context
def command(
    ctx: click.Context, file: Path | None, place: Path | str, *, watch: bool, is_json: bool
) -> None:
    """Keep the feeds in a directory or a bucket, for other programs to serve.

    It follows what is published: only what changed is written, never an older feed over a
    newer one, and what is gone is removed.
    """
    with open_service(file) as service:
        outlet = _bucket(place, service) if isinstance(place, str) else Outlet(place)
        with outlet.opened():
            supplier = Supplier(service.database, outlet)
            if watch:
                _follow(supplier, is_json=is_json)
                return
            report = _publish(supplier)
    _tell(report, is_json=is_json)
    if report.failed:
        ctx.exit(FAILED)


def _bucket(url: str, service: Service) -> _Opened:
    """Return a bucket; what speaks to it is imported only here."""
    address = parse_address(url, service.config.publish)
    try:
        bucket = import_module("feedsvc.publishing.bucket")
        object_store = import_module("feedsvc.publishing.object_store")
    except ModuleNotFoundError as error:
        if error.name != "obstore":
            raise
        raise ConfigError(
            "publishing to a bucket needs the package obstore: pip install 'feedsvc[publish]'"
        ) from None
    notes = Notes(service.config.folder / "buckets", str(address))
    return cast(
        "_Opened", bucket.Bucket(object_store.ObjectStore(address), notes, service.config)
    )


def _publish(supplier: Supplier) -> Report:
    """Publish everything, and show how far it is."""
    with counting(len(supplier.published()), "publishing") as on_feeds:
        return supplier.catch_up(on_feeds)


def _follow(supplier: Supplier, *, is_json: bool) -> None:
    """Catch up again and again until a signal ends it, and tell what is new each time."""
    failed: dict[str, str] = {}
    is_away = False
    with _until_signalled() as stop:
        while not stop.is_set():
            try:
                report = supplier.catch_up()
            except UnavailableError as error:
                if not is_away:
                    logger.warning("nothing can be published now: %s", error)
                is_away = True
                stop.wait(RETRY_SECONDS)
                continue
            is_away = False
            if report.written or report.removed or report.failed != failed:
                _tell(report, is_json=is_json, is_following=True)
            failed = report.failed
            stop.wait(RETRY_SECONDS if failed else POLL_SECONDS)


@contextmanager
def _until_signalled() -> Iterator[Event]:
    """Set the event at SIGTERM or Ctrl-C, so that no file is left half done."""
    stop = Event()
    before = {
        number: signal.signal(number, lambda _number, _frame: stop.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(report: Report, *, is_json: bool, is_following: bool = False) -> None:
    if is_json:
        click.echo(as_json(_json(report), is_one_line=is_following))
    else:
        for name in report.written:
            click.echo(f"wrote {name}")
        for name in report.removed:
            click.echo(f"removed {name}")
        if report.is_empty:
            click.echo(f"nothing to do: {report.unchanged} files are as published")
    for name, reason in report.failed.items():
        say(f"could not publish {name}: {reason}")


def _json(report: Report) -> dict[str, object]:
    return {
        "written": report.written,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "failed": report.failed,
    }
