"""`feedsvc regenerate`."""

import difflib
from collections.abc import Sequence
from pathlib import Path

import click

from feedsvc.cli.failing import FAILED, say
from feedsvc.cli.refreshing import Report, known_feeds, regenerate_visibly
from feedsvc.cli.start import feed_settings_are_new, open_service
from feedsvc.cli.writing import as_json, json_option
from feedsvc.errors import ConfigError, NotFoundError
from feedsvc.storage import feeds
from feedsvc.wiring import Service
from feedsvc.workflow.start import make_ready

_EPILOG = """
\b
Examples:
  feedsvc regenerate                 what has changed and is not out yet
  feedsvc regenerate recent          this feed, changed or not
  feedsvc regenerate category/news
  feedsvc regenerate --all

A feed whose bytes come out the same keeps its validators, so that readers fetch nothing.
"""
_OTHER_SETTINGS = (
    "the feeds were made with other settings or another version of feedsvc: name the same "
    "settings (--config, FEEDSVC_BASE_URL), or write --all to make every feed anew with these"
)


@click.command(epilog=_EPILOG)
@click.argument("names", metavar="[FEED]...", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="Every feed, changed or not.")
@json_option
@click.pass_obj
@click.pass_context
def command(
    ctx: click.Context,
    file: Path | None,
    names: tuple[str, ...],
    *,
    is_all: bool,
    is_json: bool,
) -> None:
    """Write feeds anew, now, instead of waiting for the schedule.

    Where another process leads just then, it is left to do the work.
    """
    if names and is_all:
        raise click.UsageError("Name feeds, or write '--all', not both.")
    with open_service(file) as service:
        _mark(service, names, is_all=is_all)
        report = regenerate_visibly(service)
    _tell(report, is_json=is_json)
    if report.failed:
        say(f"could not regenerate {', '.join(report.failed)}; the log above says why")
        ctx.exit(FAILED)


def _mark(service: Service, names: tuple[str, ...], *, is_all: bool) -> None:
    """Mark the feeds that are to be regenerated whether they changed or not."""
    if feed_settings_are_new(service):
        if not is_all:
            raise ConfigError(_OTHER_SETTINGS)
        make_ready(service.room)  # which marks every feed
        return
    if names:
        demand_feeds(service, names)
    if names or is_all:
        with service.database.write() as tx:
            feeds.mark_all_dirty(tx, None if is_all else names)


def demand_feeds(service: Service, names: Sequence[str]) -> None:
    """Let pass names of feeds.

    Raises:
        NotFoundError: there is no such feed; names one that may be meant.
    """
    known = [feed.slug for feed in known_feeds(service)]
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1) or known[:1]
            raise NotFoundError(f"there is no feed {name}; did you mean {', '.join(close)}?")


def _tell(report: Report, *, is_json: bool) -> None:
    if is_json:
        click.echo(
            as_json(
                {
                    "published": report.published,
                    "unchanged": report.unchanged,
                    "failed": report.failed,
                    "led_elsewhere": report.led_elsewhere,
                }
            )
        )
        return
    for slug in report.published:
        click.echo(f"published {slug}")
    for slug in report.unchanged:
        click.echo(f"unchanged {slug}")
    if report.led_elsewhere:
        click.echo("another process leads and regenerates what is left")
    elif not (report.published or report.unchanged or report.failed):
        click.echo("nothing to do: every feed is out in its newest revision")
