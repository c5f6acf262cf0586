"""How articles are shown: in a line for people, with all that is known for scripts."""

from difflib import get_close_matches
from zoneinfo import ZoneInfo

import click

from feedsvc.cli.failing import say
from feedsvc.cli.writing import as_json, local
from feedsvc.config import Site
from feedsvc.model import Article, Category, State
from feedsvc.wiring import Service


def tell(service: Service, article: Article, *, is_json: bool) -> None:
    """Write what has become of an article: where it is, or as JSON all that is known of it."""
    site = service.config.site
    if is_json:
        click.echo(as_json(as_values(site, article)))
        return
    where = site.url(article.path)
    match article.state:
        case State.PUBLISHED:
            what = f"is published: {where}{_waiting(service, article)}"
        case State.SCHEDULED:
            what = f"appears at {local(article.release_at, site.zone)}: {where}"
        case State.DRAFT:
            what = "is a draft"
        case State.REVIEW:
            what = "is in review"
        case State.WITHDRAWN:
            what = "is withdrawn"
    click.echo(f"article {article.id} {what}")


def _waiting(service: Service, article: Article) -> str:
    """Say when feeds have it, if they wait."""
    when = article.enters_at
    if when is None or when <= service.clock.now():
        return ""
    return f" (in feeds at {local(when, service.config.site.zone)})"


def tell_new_categories(article: Article, known: tuple[Category, ...]) -> None:
    """Say which categories are new, because a new one may be an old one misspelt."""
    names = [category.name for category in known]
    slugs = {category.slug for category in known}
    for category in article.categories:
        if category.slug not in slugs:
            close = get_close_matches(category.name, names, 1)
            mend = f"feedsvc article edit {article.id} --category"
            meant = f"; if you meant {close[0]}: {mend} '{close[0]}'" if close else ""
            say(f"--category: {category.name} is a new category{meant}")


def row(article: Article, zone: ZoneInfo) -> tuple[object, ...]:
    """Return the cells of an article in a table of articles."""
    when = article.release_at if article.state is State.SCHEDULED else article.published
    return (article.id, article.state, local(when, zone), article.title)


def as_values(site: Site, article: Article) -> dict[str, object]:
    """Return an article for scripts, with the public address in the place of its path."""
    return {
        "id": article.id,
        "guid": article.guid,
        "state": article.state,
        "title": article.title,
        "url": site.url(article.path),
        "version": article.version,
        "release_at": article.release_at,
        "published": article.published,
        "updated": article.updated,
        "enters_at": article.enters_at,
        "withdrawn": article.withdrawn,
        "withdrawal_notice": article.withdrawal_notice,
        "reissued": article.reissued,
        "correction": article.correction,
        "corrected": article.corrected,
        "categories": [category.name for category in article.categories],
        "tags": [tag.name for tag in article.tags],
        "bylines": article.bylines,
        "enclosures": [
            {"url": file.url, "type": file.media_type, "length": file.length}
            for file in article.enclosures
        ],
        "language": article.language,
        "released_late_seconds": article.released_late_seconds,
        "set_aside": article.set_aside,
        "review_note": article.review_note,
        "changed": article.changed,
        "changed_by": article.changed_by,
        "owner_id": article.owner_id,
    }
