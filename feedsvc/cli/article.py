"""`feedsvc article`: what the editors' form does, from a script."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Unpack

import click
from msgspec.structs import replace

from feedsvc.cli.acting import acting, by_option
from feedsvc.cli.article_options import (
    Given,
    applied,
    article_options,
    in_options,
)
from feedsvc.cli.article_shown import as_values, row, tell, tell_new_categories
from feedsvc.cli.refreshing import counting
from feedsvc.cli.start import open_service
from feedsvc.cli.writing import as_json, json_option, table
from feedsvc.errors import InputError
from feedsvc.model import (
    Article,
    ArticleId,
    ArticleInput,
    Enclosure,
    Release,
    State,
)
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.handed_in.looking_up import looked_up, to_look_up
from feedsvc.workflow.writing import edit as editing
from feedsvc.workflow.writing.as_input import stored_as_input
from feedsvc.workflow.writing.assigning import named
from feedsvc.workflow.writing.withdraw import withdraw as withdraw_article

_EPILOG = """
\b
Examples:
  feedsvc article add --title "It rains" --body-file rain.md --category News
  feedsvc article add --title "It rained" --body-file - --at "2026-12-01 09:30" <rain.md
  feedsvc article edit 12 --title "It pours" --significant
  feedsvc article list --state scheduled --json
  feedsvc article withdraw 12
"""
_ADD_EPILOG = """
\b
Examples:
  feedsvc article add --title "It rains" --body-file rain.md \\
    --category News --category Weather --byline "Anna Das" --dateline Puri
  render report | feedsvc article add --title "The report" --body-file - \\
    --format html --at "2026-12-01 09:30" --once report-2026-12
"""
_EDIT_EPILOG = """
\b
Examples:
  feedsvc article edit 12 --title "It pours" --significant
  feedsvc article edit 12 --byline "" --at 2026-12-01T09:30+05:30
  feedsvc article edit 12 --correction "The meeting was on Tuesday, not on Monday."
  feedsvc article edit 12 --draft --review-note "Who says so? Name a second source."
"""
_WITHDRAW_EPILOG = """
\b
Examples:
  feedsvc article withdraw 12
  feedsvc article withdraw 12 --reissue --notice "A court has ruled."
"""
_PAGE = 100


class Edited(Given):
    """What the options of `edit` hold, besides those that `add` has."""

    significant: bool
    correction: str | None
    review_note: str
    owner: str | None


id_argument = click.argument("article_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))


@click.group(epilog=_EPILOG)
def command() -> None:
    """Add, edit, withdraw and list articles, as the desk does.

    A running feedsvc shows the change to readers within seconds.
    """


@command.command(epilog=_ADD_EPILOG)
@article_options
@click.option(
    "--once",
    metavar="WORD",
    help="A word of your own, 8 letters or more: the same word twice is one article, so "
    "that a script may simply try again.",
)
@by_option
@json_option
@click.pass_obj
def add(
    file: Path | None,
    *,
    once: str | None,
    by: str | None,
    is_json: bool,
    **given: Unpack[Given],
) -> None:
    """Add an article; it is published at once unless you say otherwise."""
    for name in ("title", "body_file"):
        if given[name] is None:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"Missing option '{option}'.")
    blank = ArticleInput(
        title="", body_source="", release=Release.NOW, submission=once, is_operators=True
    )
    with open_service(file) as service, _options_named():
        wanted = applied(given, blank, service.config.site.zone)
        wanted = _looked_up(service, wanted)
        known = read.desk_categories(service.room)
        article = editing.create(service.room, wanted, by=acting(by))
        tell_new_categories(article, known)
        tell(service, article, is_json=is_json)


@command.command(epilog=_EDIT_EPILOG)
@id_argument
@article_options
@click.option("--significant", is_flag=True, help="Readers are to know that it changed.")
@click.option(
    "--correction",
    metavar="NOTE",
    help="What was wrong, and what is right: stands on top, and readers are told.",
)
@click.option(
    "--review-note",
    default="",
    metavar="NOTE",
    help="What whoever writes it is told, with --draft for an article in review.",
)
@click.option("--owner", metavar="NAME", help='Whose it is to be; "" for nobody.')
@by_option
@json_option
@click.pass_obj
def edit(
    file: Path | None,
    article_id: int,
    *,
    by: str | None,
    is_json: bool,
    **given: Unpack[Edited],
) -> None:
    """Change what is given of an article, and nothing else.

    An empty value clears: --byline "" leaves no byline. Several --category replace all that
    were there.
    """
    with open_service(file) as service, _options_named():
        before = read.article(service.room, ArticleId(article_id))
        kept = replace(
            stored_as_input(before),
            is_operators=True,
            significant=given["significant"],
            review_note=given["review_note"],
        )
        if given["correction"] is not None:
            kept = replace(kept, correction=given["correction"])
        if given["owner"] is not None:
            kept = replace(kept, assigned=named(service.room, given["owner"]))
        wanted = applied(given, kept, service.config.site.zone, before.enclosures)
        wanted = _looked_up(service, wanted, before.enclosures)
        known = read.desk_categories(service.room)
        article = editing.change(
            service.room, before.id, wanted, by=acting(by), version=before.version
        )
        tell_new_categories(article, known)
        tell(service, article, is_json=is_json)


def _looked_up(
    service: Service, given: ArticleInput, stored: tuple[Enclosure, ...] = ()
) -> ArticleInput:
    """Look up media files for as long as it takes, and show how far it is."""
    with counting(to_look_up(given, stored), "looking up files") as on_files:
        return looked_up(service.clock, service.outbound, given, stored, watch=on_files)


@command.command(epilog=_WITHDRAW_EPILOG)
@id_argument
@click.option("--notice", metavar="TEXT", help="What its page says to readers besides.")
@click.option(
    "--reissue/--no-reissue",
    default=None,
    help="Send it once more, as withdrawn and without its text; else as the settings say.",
)
@by_option
@json_option
@click.pass_obj
def withdraw(
    file: Path | None,
    article_id: int,
    *,
    notice: str | None,
    reissue: bool | None,
    by: str | None,
    is_json: bool,
) -> None:
    """Take an article out of every feed; its page says that it is gone.

    Nothing is deleted: 'feedsvc article edit ID --now' publishes it again. A second time can
    add what was left out: a notice, a reissue.
    """
    with open_service(file) as service, _options_named():
        article = withdraw_article(
            service.room, ArticleId(article_id), by=acting(by), notice=notice, reissue=reissue
        )
        tell(service, article, is_json=is_json)


@command.command(
    "list",
    epilog="\b\nExample:\n  feedsvc article list --state scheduled --json | jq '.[].title'",
)
@click.option(
    "--state", type=click.Choice([state.value for state in State]), help="Only these."
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="At most.")
@json_option
@click.pass_obj
def list_(file: Path | None, *, state: str | None, limit: int, is_json: bool) -> None:
    """List articles, last changed first."""
    with open_service(file) as service:
        articles = _listed(service, State(state) if state else None, limit)
    site = service.config.site
    if is_json:
        click.echo(as_json([as_values(site, article) for article in articles]))
        return
    if not articles:
        none = f"no article is in the state {state}" if state else "no articles yet"
        click.echo(f"{none}; 'feedsvc article add' adds one", err=True)
    rows = [row(article, site.zone) for article in articles]
    click.echo(table(rows), nl=False)


def _listed(service: Service, state: State | None, limit: int) -> list[Article]:
    found: list[Article] = []
    cursor = None
    while len(found) < limit:
        size = min(_PAGE, limit - len(found))
        page = read.desk_list(service.room, limit=size, state=state, before=cursor)
        found.extend(page.articles)
        cursor = page.next
        if cursor is None:
            break
    return found


@contextmanager
def _options_named() -> Iterator[None]:
    """Let a refusal name the option, not the field."""
    try:
        yield
    except InputError as error:
        raise in_options(error) from None
