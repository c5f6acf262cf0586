"""`feedsvc status`."""

from pathlib import Path

import click

from feedsvc import wiring
from feedsvc.cli import readership
from feedsvc.cli.condition import Condition, FeedCondition, examine
from feedsvc.cli.failing import FAILED, say
from feedsvc.cli.settings import read_settings
from feedsvc.cli.writing import as_json, json_option, local, table
from feedsvc.wiring import Service

_EPILOG = """
\b
Examples:
  feedsvc status
  feedsvc status --json | jq .problems
"""


@click.command(epilog=_EPILOG)
@json_option
@click.pass_obj
@click.pass_context
def command(ctx: click.Context, file: Path | None, *, is_json: bool) -> None:
    """Say how feeds, schedule and database are, and who reads; exit with 1 if a thing is wrong.

    Wrong is: a disk with hardly any space left, a database that does not answer or is of
    another version, a release that is overdue, a published article that no feed can show, a
    feed that was never published, a hub that could not be told of a change for days.
    """
    service = wiring.build(read_settings(file))
    try:
        condition = examine(service)
    finally:
        service.database.close()
    if is_json:
        click.echo(as_json(_json(service, condition)))
    else:
        _show(service, condition)
        for problem in condition.problems:
            say(problem)
    ctx.exit(FAILED if condition.problems else 0)


def _show(service: Service, condition: Condition) -> None:
    zone = service.config.site.zone
    rows = [
        ("database", service.database.shown_url, f"version {condition.version or 'unknown'}"),
        *(_schedule(service, condition) if condition.is_known else ()),
        *(readership.rows(condition.figures) if condition.figures else ()),
        (
            "shelf",
            str(service.config.folder / "shelf"),
            f"{condition.shelf_documents} documents, {condition.shelf_bytes} bytes",
        ),
    ]
    click.echo(table(rows), nl=False)
    head = ("FEED", "REVISION", "PUBLISHED", "ENTRIES", "REGENERATED")
    feeds = [
        (
            one.feed.slug,
            one.feed.revision,
            one.feed.published_revision,
            "-" if one.entries is None else one.entries,
            local(one.feed.regenerated, zone),
        )
        for one in condition.feeds
    ]
    if feeds:
        click.echo("\n" + table([head, *feeds]), nl=False)
    for each in readership.tables(condition.figures, zone) if condition.figures else ():
        click.echo(f"\n{each}", nl=False)


def _schedule(service: Service, condition: Condition) -> list[tuple[str, str, str]]:
    return [
        ("leader", *_leader(condition)),
        ("releases", f"{len(condition.overdue)} overdue", _next(service, condition)),
        *_hubs(condition),
        *_subscribers(condition),
        ("set aside", f"{len(condition.set_aside)} articles", ""),
    ]


def _leader(condition: Condition) -> tuple[str, str]:
    if condition.lease is None or not condition.is_led:
        waits = any(one.feed.is_dirty for one in condition.feeds)
        asked = "there is work: is 'feedsvc serve' running?"
        return "none now", asked if waits else "there was no work lately"
    match condition.lease.holder.partition("@")[2].split("/"):
        case [host, _world, number, _start]:
            return f"process {number} on {host}", ""
        case _:
            return condition.lease.holder, ""


def _hubs(condition: Condition) -> list[tuple[str, str, str]]:
    """Return a row where hubs are still to be told of something; the last failure says why."""
    if not condition.pings:
        return []
    return [("hubs", f"{len(condition.pings)} not told yet", condition.pings[0].problem)]


def _subscribers(condition: Condition) -> list[tuple[str, str, str]]:
    """Return a row where there is a hub of our own; the last failure says why."""
    found = condition.subscribers
    if found is None:
        return []
    first = next(iter(condition.undelivered), None)
    last = f" ({first.host}: {first.problem})" if first else ""
    waiting = f"{found.waiting} deliveries waiting, {found.failing} failing{last}"
    return [("our hub", f"{found.active} subscriptions", waiting)]


def _subscribers_json(condition: Condition) -> dict[str, object] | None:
    found = condition.subscribers
    if found is None:
        return None
    return {
        "subscriptions": found.active,
        "waiting": found.waiting,
        "failing": found.failing,
        "problems": [
            {"host": one.host, "topic": one.topic, "due": one.due, "problem": one.problem}
            for one in condition.undelivered
        ],
    }


def _next(service: Service, condition: Condition) -> str:
    due = condition.next_release
    return f"next at {local(due, service.config.site.zone)}" if due else "none scheduled"


def _json(service: Service, condition: Condition) -> dict[str, object]:
    return {
        "problems": condition.problems,
        "database": {
            "kind": service.database.kind,
            "url": service.database.shown_url,
            "version": condition.version,
            "needed": condition.needed,
        },
        "leader": condition.lease.holder if condition.lease and condition.is_led else None,
        "overdue": condition.overdue,
        "next_release": condition.next_release,
        "hubs_not_told": [
            {"hub": ping.hub, "topic": ping.topic, "due": ping.due, "problem": ping.problem}
            for ping in condition.pings
        ],
        "own_hub": _subscribers_json(condition),
        "set_aside": [
            {"id": article.id, "title": article.title, "reason": article.set_aside}
            for article in condition.set_aside
        ],
        "shelf": {
            "folder": str(service.config.folder / "shelf"),
            "documents": condition.shelf_documents,
            "bytes": condition.shelf_bytes,
        },
        "feeds": [_feed_json(one) for one in condition.feeds],
        "readership": readership.as_json(condition.figures),
    }


def _feed_json(one: FeedCondition) -> dict[str, object]:
    return {
        "slug": one.feed.slug,
        "revision": one.feed.revision,
        "published_revision": one.feed.published_revision,
        "dirty": one.feed.is_dirty,
        "entries": one.entries,
        "regenerated": one.feed.regenerated,
    }
