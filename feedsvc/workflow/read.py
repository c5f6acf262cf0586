"""What pages and scripts ask for. One question decides what is public: is it visible now?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from feedsvc.errors import GoneError, InputError, NotFoundError
from feedsvc.model import Article, ArticleId, Category, Feed, Place, State
from feedsvc.says import says
from feedsvc.storage import articles
from feedsvc.storage import categories as categories_
from feedsvc.storage import feeds as feeds_
from feedsvc.storage import tags as tags_
from feedsvc.storage.hub import subscriptions as subscriptions_
from feedsvc.storage.lists import corrections, listing
from feedsvc.storage.moving import imports
from feedsvc.workflow.newsroom import Newsroom

_STAMP = "%Y%m%dT%H%M%SZ"
_LARGEST = (1 << 31) - 1  # that PostgreSQL takes for an id, or for the number of a version


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a list goes on; its text form is safe in a URL."""

    when: datetime
    article_id: ArticleId

    def encode(self) -> str:
        """Return the text form."""
        return f"{self.when.astimezone(UTC).strftime(_STAMP)}-{self.article_id}"

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read the text form.

        Raises:
            InputError: it is none.
        """
        stamp, _, number = text.partition("-")
        try:
            when = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
            return cls(when=when, article_id=ArticleId(row_number(number)))
        except ValueError:
            raise InputError(
                says("this address of a page is not ours; start from the first page")
            ) from None


def row_number(text: str) -> int:
    """Read a number by which the database may be asked for something.

    Raises:
        ValueError: it is none, or larger than a database takes.
    """
    number = int(text)
    if not 0 < number <= _LARGEST:
        raise ValueError(text)
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some articles, and where the list goes on, if it does."""

    articles: tuple[Article, ...]
    next: Cursor | None


def article(room: Newsroom, article_id: ArticleId) -> Article:
    """Return an article in whatever state, for the desk.

    Raises:
        NotFoundError: there is no such article.
    """
    with room.database.read() as tx:
        found = articles.find(tx, article_id)
    if found is None:
        raise NotFoundError(f"there is no article {article_id}")
    return found


def public_article(room: Newsroom, path: str) -> Article:
    """Return the article that everybody may see at a permalink's path.

    Raises:
        NotFoundError: nothing public was ever there.
        GoneError: what was there has been withdrawn.
    """
    with room.database.read() as tx:
        found = articles.find_by_path(tx, path)
    return _public(room, found)


def _public(room: Newsroom, found: Article | None) -> Article:
    if found is not None and found.is_visible(room.clock.now()):
        return found
    if found is not None and found.withdrawn is not None:
        raise GoneError("this article has been withdrawn", found.withdrawal_notice)
    raise NotFoundError("there is no such page")


def article_of_wordpress(room: Newsroom, number: str) -> Article:
    """Return the public article that had this number when the newsroom was a WordPress.

    Raises:
        NotFoundError: nothing public was ever taken over under this number.
        GoneError: it has been withdrawn.
    """
    source = imports.wordpress(room.config.site.base_url)
    with room.database.read() as tx:
        known = imports.find(tx, source, imports.Kind.ARTICLE, [number]).get(number)
        found = articles.find(tx, ArticleId(known.local_id)) if known else None
    return _public(room, found)


def recent(
    room: Newsroom, *, limit: int, category: str | None = None, before: Cursor | None = None
) -> Page:
    """Return what is visible now, newest first, in one category (its slug) or in all.

    Raises:
        NotFoundError: there is no such category, or nothing in it was ever public.
    """
    with room.database.read() as tx:
        found = categories_.find_public(tx, category) if category is not None else None
        if category is not None and found is None:
            raise NotFoundError("there is no such category")
        rows = listing.visible(
            tx,
            room.clock.now(),
            limit=limit + 1,
            category_id=found.id if found else None,
            before=_place(before),
        )
    return _page(rows, limit, _shown_since(rows, limit))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A tag or author, as its page shows it; `feed` is the address of its feed, or ""."""

    path: str
    name: str
    description: str = ""
    language: str | None = None
    feed: str = ""


def of_tag(
    room: Newsroom, slug: str, *, limit: int, before: Cursor | None = None
) -> tuple[Subject, Page]:
    """Return a tag, and what names it and is visible now, newest first.

    Raises:
        NotFoundError: there is no such tag, or nothing with it was ever public.
    """
    now, place = room.clock.now(), _place(before)
    with room.database.read() as tx:
        tag, feed = tags_.find_by_slug(tx, slug), feeds_.find(tx, f"tag/{slug}")
        if tag is None:
            raise NotFoundError("there is no such tag")
        rows = listing.visible_of_tag(tx, now, tag.id, limit=limit + 1, before=place)
    is_out = feed is not None and feed.revision > 0
    if not (rows or is_out):
        raise NotFoundError("there is no such tag")
    subject = Subject(
        path=f"/tag/{slug}/",
        name=tag.name,
        description=feed.description if feed else "",
        language=feed.language if feed else None,
        feed=feed.slug if feed and is_out else "",
    )
    return subject, _page(rows, limit, _shown_since(rows, limit))


def of_author(
    room: Newsroom, slug: str, *, limit: int, before: Cursor | None = None
) -> tuple[Subject, Page]:
    """Return an author whose feed is switched on, and what is in it, newest first.

    Raises:
        NotFoundError: there is no such feed, or nothing in it was ever public.
    """
    now, place = room.clock.now(), _place(before)
    with room.database.read() as tx:
        feed = feeds_.find(tx, f"author/{slug}")
        if feed is None or not feed.revision:
            raise NotFoundError("there is no such author")
        found = listing.entered(tx, now, feed.id, limit=limit + 1, before=place)
    subject = Subject(
        path=f"/author/{slug}/",
        name=feed.title,
        description=feed.description,
        language=feed.language,
        feed=feed.slug,
    )
    when = found[limit - 1][1] if len(found) > limit else None
    return subject, _page([article for article, _ in found], limit, when)


def _shown_since(rows: Sequence[Article], limit: int) -> datetime | None:
    """Return where a list of visible articles goes on, if it does."""
    last = rows[limit - 1] if len(rows) > limit else None
    if last is None:
        return None
    return last.release_at if last.state is State.SCHEDULED else last.published


def desk_list(
    room: Newsroom, *, limit: int, state: State | None = None, before: Cursor | None = None
) -> Page:
    """Return articles in one or all states, last changed first."""
    with room.database.read() as tx:
        rows = listing.for_desk(tx, limit=limit + 1, state=state, before=_place(before))
    when = rows[limit - 1].changed if len(rows) > limit else None
    return _page(rows, limit, when)


def set_aside(room: Newsroom) -> tuple[Article, ...]:
    """Return the published articles that no feed can show, with the reason in each."""
    with room.database.read() as tx:
        return tuple(listing.set_aside(tx))


def standing(room: Newsroom) -> tuple[feeds_.Standing, int]:
    """Return how the feeds are, and how many articles are set aside; a thousand at most."""
    with room.database.read() as tx:
        return feeds_.standing(tx), len(listing.set_aside_ids(tx))


def subscribers(room: Newsroom) -> subscriptions_.Standing | None:
    """Return how the subscriptions at our own hub are; None where there is none."""
    if not room.config.own_hub:
        return None
    with room.database.read() as tx:
        return subscriptions_.standing(tx, room.clock.now())


def categories(room: Newsroom) -> tuple[Category, ...]:
    """Return the categories that the public may know, by name."""
    with room.database.read() as tx:
        return categories_.public_categories(tx)


def desk_categories(room: Newsroom) -> tuple[Category, ...]:
    """Return every category, by name, also those of articles still to come."""
    with room.database.read() as tx:
        return categories_.all_categories(tx)


def category(room: Newsroom, slug: str) -> Category:
    """Return one public category.

    Raises:
        NotFoundError: there is none, or nothing in it was ever public.
    """
    with room.database.read() as tx:
        found = categories_.find_public(tx, slug)
    if found is None:
        raise NotFoundError("there is no such category")
    return found


def feeds(room: Newsroom) -> tuple[Feed, ...]:
    """Return the feeds that anybody may know of: recent posts first, then by category."""
    with room.database.read() as tx:
        return feeds_.public_feeds(tx)


def has_corrections(room: Newsroom) -> bool:
    """Whether there is a feed of corrections that anybody may know of."""
    with room.database.read() as tx:
        return corrections.is_public(tx)


def _place(cursor: Cursor | None) -> Place | None:
    return (cursor.when, cursor.article_id) if cursor else None


def _page(rows: Sequence[Article], limit: int, when: datetime | None) -> Page:
    shown = tuple(rows[:limit])
    following = Cursor(when=when, article_id=shown[-1].id) if when else None
    return Page(articles=shown, next=following)
