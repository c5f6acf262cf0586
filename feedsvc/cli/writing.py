"""How commands write their results: tables for people, JSON for scripts."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from feedsvc.log import one_line

json_option = click.option("--json", "is_json", is_flag=True, help="Write JSON.")


def as_json(value: object, *, is_one_line: bool = False) -> str:
    """Return JSON; times are UTC as in RFC 3339."""
    indent = None if is_one_line else 2
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return list(value) if isinstance(value, Iterable) else str(value)


def table(rows: Sequence[Sequence[object]]) -> str:
    """Return rows with aligned columns, the last one as long as it is."""
    texts = [[one_line(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in texts
    )
    return "".join(f"{line}\n" for line in lines)


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a time as the newsroom's clocks show it; "-" for none."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else "-"
