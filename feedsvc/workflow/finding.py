"""Finding articles at the desk: by words, state, category, person and time, in any combination.

All of it is one question to the index of words, whose answer is newest first. Newsrooms look
for what they had lately far more often than for the best match, and a list in the order of
time goes on page by page while others write.
"""

from dataclasses import dataclass
from datetime import datetime

from feedsvc.model import Lease, State
from feedsvc.storage import accounts, categories, leases, listing, search, search_filling
from feedsvc.storage.database import Transaction
from feedsvc.storage.search import Wanted
from feedsvc.words.asked import parse
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.read import Cursor, Page


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
    following = None
    if len(ids) > limit:
        when, number = search.place_of(articles[-1])
        following = Cursor(when=when, article_id=number)
    return Found(page=Page(articles=tuple(articles), next=following), whole=whole)


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
