"""`feedsvc audit`: who did what, and whether the log of it is whole."""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from feedsvc.cli.acting import acting
from feedsvc.cli.failing import FAILED, say
from feedsvc.cli.start import open_service
from feedsvc.cli.times import read_time
from feedsvc.cli.writing import as_json, local, table
from feedsvc.errors import InputError
from feedsvc.model import AuditRow, Subject
from feedsvc.storage.audit import Wanted
from feedsvc.workflow import audit

MOST = 100  # rows of a table, where no time says how many
_EPILOG = """
\b
Examples:
  feedsvc audit list --who anna --since "2026-11-20 00:00"
  feedsvc audit list --about article:12
  feedsvc audit list --csv > audit.csv
  feedsvc audit verify
"""
_HEAD = ("WHEN", "WHO", "WHAT", "ABOUT", "BEFORE", "AFTER")
_KEYS = (
    *("sequence", "at", "action", "who", "who_id", "role", "source", "about"),
    *("before", "after", "hash"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_POINT = re.compile(r"(\d{1,10}):([0-9a-f]{64})")
_REMEDY = (
    "Somebody, or a fault of the disk, changed the database past feedsvc. Keep a copy of it, "
    "compare it with a backup ('feedsvc audit list --json' of both), and see who can write to "
    "the database"
)


@click.group(epilog=_EPILOG)
def command() -> None:
    """Say who did what, and whether the log of it is whole.

    Rows are added with what they tell of, and never changed or removed.
    """


@command.command("list", epilog="\b\nExample:\n  feedsvc audit list --who anna --json")
@click.option("--since", metavar="TIME", help='Only what came later: "2026-11-20 09:30".')
@click.option("--who", default="", metavar="NAME", help="Only what this user or program did.")
@click.option(
    "--about",
    metavar="KIND:ID",
    help="Only what was done to this: article:12, user:anna, feed:3, token:cms.",
)
@click.option("--json", "is_json", is_flag=True, help="Write JSON, an object a line.")
@click.option("--csv", "is_csv", is_flag=True, help="Write CSV, for a spreadsheet.")
@click.pass_obj
def list_(
    file: Path | None,
    since: str | None,
    who: str,
    about: str | None,
    *,
    is_json: bool,
    is_csv: bool,
) -> None:
    """List who did what, the newest first.

    For people the last 100 rows, or all since a time; JSON and CSV have all of them.
    """
    with open_service(file) as service:
        zone = service.config.site.zone
        moment = read_time(since, zone) if since else None
        wanted = Wanted(who=who, about=_subject(about))
        rows = audit.listing(service.room, wanted, by=acting(), since=moment)
        if is_json:
            _write_json(rows)
        elif is_csv:
            _write_csv(rows)
        else:
            _write_table(rows, zone, None if moment else MOST)


def _subject(about: str | None) -> Subject | None:
    if about is None:
        return None
    kind, _, id_ = about.partition(":")
    if not kind or not id_:
        raise InputError(f"{about!r} names nothing; write article:12, user:anna or feed:3")
    return Subject(kind=kind, id=id_)


def _write_json(rows: Iterable[AuditRow]) -> None:
    for row in rows:
        click.echo(as_json(dict(zip(_KEYS, _values(row), strict=True)), is_one_line=True))


def _write_csv(rows: Iterable[AuditRow]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(_KEYS)
    writer.writerows([_harmless(value) for value in _values(row)] for row in rows)


def _harmless(value: object) -> str:
    """Return text that no spreadsheet takes for a formula."""
    shown = value.isoformat() if isinstance(value, datetime) else value
    text = "" if shown is None else str(shown)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_table(rows: Iterator[AuditRow], zone: ZoneInfo, most: int | None) -> None:
    found = list(islice(rows, most))
    shown = [
        (
            local(row.entry.at, zone),
            row.entry.who or "-",
            row.entry.action,
            _about(row),
            row.entry.before,
            row.entry.after,
        )
        for row in found
    ]
    click.echo(table([_HEAD, *shown]), nl=False)
    if len(found) == most:
        click.echo(f"the last {most} rows; --since, --json and --csv show more", err=True)


def _about(row: AuditRow) -> str:
    subject = row.entry.subject
    return f"{subject.kind}:{subject.id}" if subject.id else subject.kind


def _values(row: AuditRow) -> tuple[object, ...]:
    entry = row.entry
    told = entry.at, entry.action, entry.who, entry.who_id, entry.role, entry.source
    return row.sequence, *told, _about(row), entry.before, entry.after, row.hash


@command.command(epilog="\b\nExample:\n  feedsvc audit verify --head 1204:5f0c...")
@click.option("--head", metavar="SEQ:HASH", help="A row as an earlier 'verify' has named it.")
@click.pass_obj
@click.pass_context
def verify(ctx: click.Context, file: Path | None, head: str | None) -> None:
    """Say whether the log is as it was written; exit with 1 if it is not.

    Each row's hash covers the row before. That shows what was changed or taken out, but not
    that rows are missing at the end: so note what this prints at another place, and give it
    with --head the next time.
    """
    known = _point(head) if head else None
    with open_service(file) as service:
        found = audit.verify(service.room, known, by=acting())
    if found.problem:
        say(f"the audit log is not whole: {found.problem}. {_REMEDY}")
        ctx.exit(FAILED)
    click.echo(f"the audit log is whole; rows: {found.rows}")
    click.echo(f"its end, to be noted at another place: {found.rows}:{found.hash}")


def _point(text: str) -> tuple[int, str]:
    match = _POINT.fullmatch(text.strip().lower())
    if match is None:
        raise InputError(f"{text!r} is no row; write what 'feedsvc audit verify' has printed")
    return int(match[1]), match[2]
