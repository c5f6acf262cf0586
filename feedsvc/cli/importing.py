"""`feedsvc import`: moving in."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from feedsvc.cli.acting import acting
from feedsvc.cli.failing import FAILED, say
from feedsvc.cli.refreshing import counting
from feedsvc.cli.start import open_service
from feedsvc.cli.writing import as_json, json_option
from feedsvc.errors import InputError
from feedsvc.outbound import Limits, Outbound, Request
from feedsvc.workflow.moving.import_archive import import_archive
from feedsvc.workflow.moving.import_feed import import_feed
from feedsvc.workflow.moving.import_wxr import import_wxr
from feedsvc.workflow.moving.takeover_report import Report, Unseen

MOST_LINES = 20  # of a kind, for people; --json names a thousand
_EPILOG = """
\b
Examples:
  feedsvc import wordpress --dry-run export.xml
  feedsvc import wordpress export.xml.gz

Doing it again updates what has changed there and takes nothing twice. A run that was stopped
goes on where it was. Exit status 1 says that something could not be taken.
"""
_WORDPRESS_EPILOG = """
\b
Examples:
  feedsvc import wordpress --dry-run export.xml
  feedsvc import wordpress export.xml.gz
  feedsvc import wordpress --json - <export.xml | jq .refused

The export is what WordPress makes under Tools, Export, All content. docs/moving-in.md tells
the whole story.
"""
_FEED_EPILOG = """
\b
Examples:
  feedsvc import feed --dry-run https://old.example.org/feed/
  feedsvc import feed archive.json

A feed lists its newest articles only; an export has all of them.
"""

file_argument = click.argument(
    "export", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True)
)
dry_run = click.option("--dry-run", is_flag=True, help="Only say what it would do.")


@click.group("import", epilog=_EPILOG)
def command() -> None:
    """Take over articles from another system, with their guids, dates and addresses."""


@command.command(epilog=_WORDPRESS_EPILOG)
@file_argument
@click.option("--pages", is_flag=True, help="Pages too: at their addresses, in no feed.")
@dry_run
@json_option
@click.pass_obj
@click.pass_context
def wordpress(
    ctx: click.Context,
    file: Path | None,
    export: Path,
    *,
    pages: bool,
    dry_run: bool,
    is_json: bool,
) -> None:
    """Take over a WordPress: an export file (WXR), also gzipped; - is standard input."""
    with open_service(file) as service, readable(export) as path, bytes_of(path) as on_bytes:
        report = import_wxr(
            service.room,
            path,
            with_pages=pages,
            is_trial=dry_run,
            on_bytes=on_bytes,
            by=acting(),
        )
    tell(report, is_json=is_json)
    if report.refused_count or report.unseen:
        ctx.exit(FAILED)


@command.command(epilog=_FEED_EPILOG)
@click.argument("feed", metavar="FILE|URL")
@dry_run
@json_option
@click.pass_obj
@click.pass_context
def feed(
    ctx: click.Context, file: Path | None, feed: str, *, dry_run: bool, is_json: bool
) -> None:
    """Take over what a feed lists: RSS, Atom or JSON Feed; - is standard input."""
    is_url = feed.lower().startswith(("http://", "https://"))
    with open_service(file) as service:
        allowed = service.config.outbound.allowed
        with fetched(allowed, feed) if is_url else readable(Path(feed)) as path:
            report = import_feed(
                service.room,
                path,
                address=feed if is_url else "",
                is_trial=dry_run,
                by=acting(),
            )
    tell(report, is_json=is_json)
    if report.refused_count or report.unseen:
        ctx.exit(FAILED)


@command.command("json", epilog="\b\nExample:\n  feedsvc import json newsroom.json")
@file_argument
@click.pass_obj
def json_(file: Path | None, export: Path) -> None:
    """Take over what 'feedsvc export json' wrote, into an empty newsroom; - is standard input.

    All of it, with ids and guids, so that every feed has the same bytes as there: to move to
    another machine, or from SQLite to PostgreSQL.
    """
    with (
        open_service(file) as service,
        readable(export) as path,
        counting(path.stat().st_size if path.exists() else 0, "reading") as on_bytes,
    ):
        count = import_archive(service.room, path, on_bytes=on_bytes, by=acting())
    click.echo(f"{count} articles added")


@contextmanager
def readable(given: Path) -> Iterator[Path]:
    """Give a file that can be read twice: standard input is put into one first."""
    if str(given) != "-":
        yield given
        return
    with TemporaryDirectory(prefix="feedsvc-") as folder:
        path = Path(folder) / "standard-input"
        with path.open("wb") as file:
            while chunk := sys.stdin.buffer.read(1 << 20):
                file.write(chunk)
        yield path


@contextmanager
def fetched(allowed: Sequence[str], url: str) -> Iterator[Path]:
    """Give what is at an address as a file.

    Raises:
        OutboundError: the address may not be spoken to, or does not answer well.
        InputError: the answer is no success.
    """
    limits = Limits(seconds=60, body_bytes=64 << 20, redirects=5)
    response = Outbound(allowed).send(Request(url=url, limits=limits))
    if not response.is_good:
        raise InputError(f"{url} answers {response.status}; fetch the feed yourself, as a file")
    with TemporaryDirectory(prefix="feedsvc-") as folder:
        path = Path(folder) / "feed"
        path.write_bytes(response.body)
        yield path


@contextmanager
def bytes_of(path: Path) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how much of a file has been read; it is read twice."""
    size = path.stat().st_size if path.exists() else 0
    with counting(size * 2, "reading twice") as on_bytes:
        yield on_bytes


def tell(report: Report, *, is_json: bool) -> None:
    """Write what was done; what needs somebody's attention goes to standard error."""
    if is_json:
        click.echo(as_json(_json(report)))
        return
    click.echo("\n".join(_lines(report)))
    for problem in report.refused[:MOST_LINES]:
        say(f"not taken: {problem.what} {problem.why}")
    _more(report.refused_count, MOST_LINES)
    for problem in report.adjusted[:MOST_LINES]:
        say(f"note: {problem.what} {problem.why}")
    _more(report.adjusted_count, MOST_LINES)
    for note in report.notes:
        say(f"note: {note}")
    for entry in report.unseen[:MOST_LINES]:
        say(f"subscribers of {entry.feed} would see as new: {entry.title!r} ({entry.guid})")


def _more(count: int, shown: int) -> None:
    if count > shown:
        say(f"... and {count - shown} more; --json names them")


def _lines(report: Report) -> Iterator[str]:
    would = "would be " if report.is_trial else ""
    yield f"{report.source}:"
    yield f"  {report.added} articles {would}added"
    yield f"  {report.changed} {would}updated"
    yield f"  {report.unchanged} unchanged since they were taken"
    if report.kept:
        yield f"  {report.kept} changed here and there, and kept as they are here"
    for reason, count in sorted(report.left_out.items()):
        yield f"  {count} left out: {reason}"
    yield f"  {report.refused_count} could not be taken"
    yield f"  {report.adjusted_count} notes on articles that were taken"
    yield f"  {len(report.unseen)} entries that subscribers would see as new"
    if report.missing:
        yield f"  {len(report.missing)} entries that the old feeds listed and ours do not"


def _json(report: Report) -> dict[str, object]:
    def entries(found: list[Unseen]) -> list[dict[str, str]]:
        return [{"feed": one.feed, "guid": one.guid, "title": one.title} for one in found]

    return {
        "source": report.source,
        "dry_run": report.is_trial,
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "kept": report.kept,
        "left_out": dict(sorted(report.left_out.items())),
        "refused_count": report.refused_count,
        "refused": [{"what": one.what, "why": one.why} for one in report.refused],
        "adjusted_count": report.adjusted_count,
        "adjusted": [{"what": one.what, "why": one.why} for one in report.adjusted],
        "notes": report.notes,
        "new_to_subscribers": entries(report.unseen),
        "missing_to_subscribers": entries(report.missing),
    }
