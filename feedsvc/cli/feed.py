"""`feedsvc feed`: feeds of a rule, a tag, an author or a language."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypedDict, TypeVar, Unpack

import click
from msgspec.structs import replace

from feedsvc.cli.acting import acting, by_option
from feedsvc.cli.start import open_service
from feedsvc.cli.writing import as_json, json_option, table
from feedsvc.config import Site
from feedsvc.http.feed_paths import feed_path
from feedsvc.model import Feed, FeedInput, Format, ImageMode, Partner
from feedsvc.model.rule import Rule
from feedsvc.workflow import private_feeds, saved_feeds

P = ParamSpec("P")
R = TypeVar("R")
_DIGITS = re.compile("[0-9]{1,9}")
_DEFAULT = "default"  # takes back a number or choice of the feed's own
_UNKNOWN: Mapping[Format, str] = {}
_WHICH = "Give FEED, the address, or --private with --title: one of the two."
_ONCE = "keep the address: it is shown this once, and whoever has it can read the feed"
_NEVER_AGAIN = "its address was shown when it was made; 'feedsvc feed key' makes a new one"
_EPILOG = """
\b
Examples:
  feedsvc feed add partner --title "Our politics" --include category:Politics
  feedsvc feed add tag/elections
  feedsvc feed add author/asha-rao --title "Asha Rao"
  feedsvc feed add lang/or
  feedsvc feed set partner --excerpts --tracking utm_source=partner
  feedsvc feed list
  feedsvc feed add --private --title "For subscribers"
  feedsvc feed key "For subscribers"
  feedsvc feed remove partner

\b
A rule takes an article that has, of each kind it includes, at least one, and none of
what it excludes; a rule that includes nothing takes everything else.
"""


class Given(TypedDict):
    """What the options of `_options` hold; None or () where one was left out."""

    title: str | None
    description: str | None
    language: str | None
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    entries: str | None
    hours: str | None
    delay: str | None
    text: str | None
    image: str | None
    tracking: str | None
    footer: str | None
    profile: str | None


_TERM = "category:NAME, tag:NAME, author:NAME or language:TAG; may be repeated."
_OPTIONS = (
    click.option("--title", help="What readers see it is called."),
    click.option("--description", help="What it is about."),
    click.option("--language", metavar="TAG", help="Of the feed: en, hi, or; else the site's."),
    click.option("--include", multiple=True, metavar="TERM", help=_TERM),
    click.option("--exclude", multiple=True, metavar="TERM", help="The same, left out."),
    click.option(
        "--entries", metavar="N", help="Has at least so many; 'default': as set for all."
    ),
    click.option(
        "--hours", metavar="N", help="And all of the last so many hours; or 'default'."
    ),
    click.option(
        "--delay", metavar="MINUTES", help="A new article waits so long; or 'default'."
    ),
    click.option("--full-text", "text", flag_value="full", help="With the whole text."),
    click.option("--excerpts", "text", flag_value="excerpts", help="With excerpts only."),
    click.option("--default-text", "text", flag_value=_DEFAULT, help="As set for all feeds."),
    click.option(
        "--image",
        type=click.Choice([mode.value for mode in ImageMode]),
        help="The lead image: all, wherever the format has a place; text, at the top of the "
        "text, too; none.",
    ),
    click.option("--tracking", metavar="PARAMETERS", help="For links: utm_source=partner."),
    click.option("--footer", metavar="HTML", help="A line at the end of each text."),
    click.option(
        "--profile",
        type=click.Choice([partner.value for partner in Partner]),
        help="The partner it is made for.",
    ),
)


def _options(function: Callable[P, R]) -> Callable[P, R]:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@click.group(epilog=_EPILOG)
def command() -> None:
    """Make feeds of a rule, a tag, an author or a language.

    Those of recent posts and of every category are there by themselves.
    """


slug_argument = click.argument("slug", metavar="FEED")


@command.command(epilog="\b\nExample:\n  feedsvc feed add tag/elections")
@click.argument("slug", metavar="FEED", required=False)
@click.option("--private", "is_private", is_flag=True, help="Only for who has its address.")
@_options
@by_option
@json_option
@click.pass_obj
def add(
    file: Path | None,
    slug: str | None,
    *,
    is_private: bool,
    by: str | None,
    is_json: bool,
    **given: Unpack[Given],
) -> None:
    """Make a feed at /feeds/FEED.rss, .atom and .json.

    With --private there is no FEED to be given: the address has a secret key, and is shown
    this once. The other commands of this group take its number or its title as FEED.
    """
    if is_private is (slug is not None):
        raise click.UsageError(_WHICH)
    with open_service(file) as service:
        wanted = _applied(given, FeedInput())
        if slug is None:
            keyed = private_feeds.add(service.room, wanted, by=acting(by))
            _tell(service.config.site, keyed.feed, keyed.addresses, is_json=is_json)
            return
        feed = saved_feeds.add(service.room, slug, wanted, by=acting(by))
    _tell(service.config.site, feed, is_json=is_json)


@command.command(epilog='\b\nExample:\n  feedsvc feed key "For subscribers"')
@slug_argument
@by_option
@json_option
@click.pass_obj
def key(file: Path | None, slug: str, *, by: str | None, is_json: bool) -> None:
    """Give a private feed a new address, and show it this once.

    Whoever has the one of before gets nothing more: it answers 410 Gone, on every host.
    FEED is its number or its title.
    """
    with open_service(file) as service:
        feed = private_feeds.named(service.room, slug)
        keyed = private_feeds.renew(service.room, feed.slug, by=acting(by))
    _tell(service.config.site, keyed.feed, keyed.addresses, is_json=is_json)


@command.command("set", epilog="\b\nExample:\n  feedsvc feed set partner --entries 30")
@slug_argument
@_options
@by_option
@json_option
@click.pass_obj
def set_(
    file: Path | None, slug: str, *, by: str | None, is_json: bool, **given: Unpack[Given]
) -> None:
    """Change what is given of a feed, and nothing else.

    An empty value clears: --exclude "" leaves nothing out. With another rule the feed holds
    what meets it, also of what was published before, and its archive begins anew.
    """
    with open_service(file) as service:
        before = private_feeds.named(service.room, slug)
        wanted = _applied(given, saved_feeds.as_input(before))
        feed = saved_feeds.change(
            service.room, before.slug, wanted, by=acting(by), version=before.version
        )
    _tell(service.config.site, feed, is_json=is_json)


@command.command(epilog="\b\nExample:\n  feedsvc feed remove partner")
@slug_argument
@by_option
@click.pass_obj
def remove(file: Path | None, slug: str, *, by: str | None) -> None:
    """Remove a feed: its address answers 410 Gone from then on.

    'feedsvc feed add' brings it back, with its identity, unless it is private.
    """
    with open_service(file) as service:
        feed = private_feeds.named(service.room, slug)
        saved_feeds.remove(service.room, feed.slug, by=acting(by))
    click.echo(f"removed feed {slug}")


@command.command("list", epilog="\b\nExample:\n  feedsvc feed list --json")
@json_option
@click.pass_obj
def list_(file: Path | None, *, is_json: bool) -> None:
    """List the feeds that somebody has made."""
    with open_service(file) as service:
        found, site = saved_feeds.all_feeds(service.room), service.config.site
    if is_json:
        click.echo(as_json([_json(site, feed) for feed in found]))
        return
    if not found:
        click.echo("no feeds of your own yet; make one with 'feedsvc feed add'", err=True)
    rows = [(_name(feed), _rule(feed.rule or Rule()), feed.title) for feed in found]
    click.echo(table(rows) if rows else "", nl=False)


def _applied(given: Given, before: FeedInput) -> FeedInput:
    """Return what is wanted with the given options, and as it was where none is given."""
    changes: dict[str, Any] = {
        name: value
        for name in ("title", "description", "language", "tracking", "footer")
        if (value := given[name]) is not None
    }
    for name, terms in (("include", given["include"]), ("exclude", given["exclude"])):
        if terms:
            changes[name] = tuple(filter(None, terms))
    numbers = {name: given[name] for name in ("entries", "hours", "delay")}
    for name, number in numbers.items():
        if number is not None:
            changes[name] = _number(name, number)
    if given["text"]:
        changes["full_text"] = {"full": True, "excerpts": False}.get(given["text"])
    if given["image"]:
        changes["image_mode"] = ImageMode(given["image"])
    if given["profile"]:
        changes["profile"] = Partner(given["profile"])
    return replace(before, **changes)


def _number(name: str, text: str) -> int | None:
    if text == _DEFAULT:
        return None
    if not _DIGITS.fullmatch(text):
        raise click.UsageError(f"'--{name}' takes a number or 'default', not {text[:20]!r}.")
    return int(text)


def _rule(rule: Rule) -> str:
    parts = [str(term) for term in rule.include] + [f"not {term}" for term in rule.exclude]
    return ", ".join(parts) or "everything"


def _name(feed: Feed) -> str:
    return f"{feed.id} (private)" if feed.is_private else feed.slug


def _tell(
    site: Site,
    feed: Feed,
    addresses: Mapping[Format, str] = _UNKNOWN,
    *,
    is_json: bool,
) -> None:
    if is_json:
        click.echo(as_json(_json(site, feed, addresses)))
        return
    click.echo(f"feed {_name(feed)} ({_rule(feed.rule or Rule())}):")
    for address in (addresses or _addresses(site, feed)).values():
        click.echo(f"  {address}")
    if addresses:
        click.echo(_ONCE, err=True)
    elif feed.is_private:
        click.echo(_NEVER_AGAIN, err=True)


def _addresses(site: Site, feed: Feed) -> Mapping[Format, str]:
    """Return where a feed is; nothing of a private one, whose key is not known."""
    if feed.is_private:
        return _UNKNOWN
    return {format_: site.url(feed_path(feed.slug, format_)) for format_ in Format}


def _json(
    site: Site, feed: Feed, addresses: Mapping[Format, str] = _UNKNOWN
) -> dict[str, object]:
    rule = feed.rule or Rule()
    known = addresses or _addresses(site, feed)
    return {
        "id": feed.id,
        "slug": feed.slug,
        "title": feed.title,
        "description": feed.description,
        "language": feed.language,
        "include": [str(term) for term in rule.include],
        "exclude": [str(term) for term in rule.exclude],
        "entries": feed.max_entries,
        "hours": feed.min_hours,
        "full_text": feed.full_text,
        "delay": feed.delay_minutes,
        "image": feed.image_mode,
        "tracking": feed.tracking,
        "footer": feed.footer,
        "profile": feed.profile,
        "revision": feed.revision,
        "published_revision": feed.published_revision,
        "private": feed.is_private,
        **{format_.value: known.get(format_) for format_ in Format},
    }
