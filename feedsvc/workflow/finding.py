"""Finding articles at the desk: by words, state, category, person and time, in any combination.

All of it is one question to the index of words, whose answer is newest first. Newsrooms look
for what they had lately far more often than for the best match, and a list in the order of
time goes on page by page while others write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedsvc.model import Article, ArticleId, Lease, State
from feedsvc.storage import accounts, categories, leases, search, search_filling
from feedsvc.storage.database import Transaction
from feedsvc.storage.lists import listing
from feedsvc.storage.search import Wanted
from feedsvc.words.asked import parse
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.read import Cursor, Page

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for; what is empty is not asked.

    `text` is as typed, `category` a slug, `person` the name of whose
    article it is, or who saved it last.
    `since` and `until` are the first moment of a span and the one after it.
    """

    text: str = ""
    state: State | None = None
    category: str = ""
    person: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of what was found; older articles may be missing while it is not `whole`."""

    page: Page
    whole: bool = True


def find(room: Newsroom, sought: Sought, *, limit: int, before: Cursor | None = None) -> Found:
    """Return the articles that meet everything that is asked for, newest first.

    A text without a letter or number in it, and a category that does not exist, find nothing.
    """
    with room.database.read() as tx:
        whole = search_filling.is_done(tx)
        wanted = _wanted(tx, sought)
        if wanted is None:
            return Found(page=Page(articles=(), next=None), whole=whole)
        place = (before.when, before.article_id) if before else None
        ids = search.find(tx, wanted, limit=limit + 1, before=place)
        articles = listing.in_full(tx, ids[:limit])
    following = _following(articles, ids, limit)
    return Found(page=Page(articles=tuple(articles), next=following), whole=whole)


def find_public(room: Newsroom, text: str, *, limit: int, before: Cursor | None = None) -> Page:
    """Return what everybody may see of the articles with these words, newest first.

    Nothing that nobody may see yet is found, not even to be left out: a shorter page, or where
    the next one begins, would tell what words it has (promise 7).
    """
    now, terms = room.clock.now(), parse(text)
    if not terms:
        return Page(articles=(), next=None)
    wanted = Wanted(terms=terms, is_out=True, until=now + _SECOND)
    place = (before.when, before.article_id) if before else None
    with room.database.read() as tx:
        ids = search.find(tx, wanted, limit=limit + 1, before=place)
        found = listing.in_full(tx, ids[:limit])
    shown = tuple(article for article in found if article.is_visible(now))
    return Page(articles=shown, next=_following(found, ids, limit))


def _following(found: Sequence[Article], ids: Sequence[ArticleId], limit: int) -> Cursor | None:
    """Return where a list goes on, if more was found than it shows."""
    if len(ids) <= limit:
        return None
    when, number = search.place_of(found[-1])
    return Cursor(when=when, article_id=number)


def _wanted(tx: Transaction, sought: Sought) -> Wanted | None:
    terms = parse(sought.text)
    section = categories.find_by_slug(tx, sought.category) if sought.category else None
    if (sought.text.strip() and not terms) or (sought.category and section is None):
        return None
    user = accounts.find_user(tx, sought.person) if sought.person else None
    return Wanted(
        terms=terms,
        state=sought.state,
        category=section.id if section else None,
        person=sought.person,
        owner=user.id if user else None,
        since=sought.since,
        until=sought.until,
    )


def is_ready(room: Newsroom) -> bool:
    """Whether every article is in the index."""
    with room.database.read() as tx:
        return search_filling.is_done(tx)


def prepare(room: Newsroom, lease: Lease) -> bool:
    """Put some more of what was there before into the index; return whether more is left.

    Raises:
        StaleError: another leader has taken over.
    """
    with room.database.write() as tx:
        leases.check(tx, lease)
        return search_filling.step(tx)
