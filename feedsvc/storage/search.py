"""The index of words: which articles hold what is looked for, newest first.

An entry is written in the transaction that stores its article. SQLite has it in FTS5, without
the text (which knows what to take out only if it is told what was put in, so that is kept
beside it, packed); PostgreSQL in a tsvector with a GIN index. What both index are the tokens
of `feedsvc.words`, so both find the same. Not only words are tokens: state, categories, tags
and people are, so whatever is combined is one question to one index.

The number of an entry is the article's time and id. So FTS5, whose entries are in the order of
their numbers, gives the newest first without sorting, and a span of time is one of numbers.
"""

import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from msgspec import Struct
from sqlalchemy import bindparam, text

from feedsvc.model import Article, ArticleId, CategoryId, Place, State, TagId, UserId
from feedsvc.storage.database import Transaction
from feedsvc.words import entry
from feedsvc.words.asked import Term
from feedsvc.words.plain import text_of

_BITS = 30  # of an article's id; what is left of 63 are seconds up to the year 2242
_MASK = (1 << _BITS) - 1
_MOST_SECONDS = (1 << 33) - 1
_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_KNOWN = text("SELECT article_id, place, words FROM search_entry WHERE article_id IN :ids")
_KNOWN = _KNOWN.bindparams(bindparam("ids", expanding=True))
TAKE_OUT = text(
    "INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', :place, :words)"
)
PUT_IN = text("INSERT INTO search_words (rowid, words) VALUES (:place, :words)")
_KEEP = text(
    "INSERT INTO search_entry (article_id, place, words) VALUES (:id, :place, :packed)"
    " ON CONFLICT (article_id) DO UPDATE SET place = excluded.place, words = excluded.words"
)
_VECTOR = text(
    "INSERT INTO search_entry (article_id, place, words)"
    " VALUES (:id, :place, CAST(:words AS tsvector)) ON CONFLICT (article_id)"
    " DO UPDATE SET place = excluded.place, words = excluded.words"
    " WHERE search_entry.place <> excluded.place OR search_entry.words <> excluded.words"
)
_MATCH = text(
    "SELECT rowid FROM search_words WHERE search_words MATCH :asked"
    " AND rowid >= :first AND rowid < :end ORDER BY rowid DESC LIMIT :limit"
)
# GIN knows no order: all that is found has to be gathered and sorted. So the newest 600 are
# looked through first, along the index of places, which fills a page with what is frequent; and
# the rest, by the words alone, only of what is rarer.
_LATELY = text(
    "SELECT place FROM search_entry WHERE words @@ CAST(:asked AS tsquery)"
    " AND place >= :first AND place < :end ORDER BY place DESC LIMIT :limit"
)
_BEFORE = text(
    "SELECT place FROM search_entry WHERE words @@ CAST(:asked AS tsquery)"
    " AND place + 0 >= :first AND place + 0 < :end ORDER BY place + 0 DESC LIMIT :limit"
)
_LATE_PLACE = text(
    "SELECT min(place) FROM (SELECT place FROM search_entry WHERE place < :end"
    " ORDER BY place DESC LIMIT 600) AS lately"
)
# A walk through the table looks cheap to the planner, which does not know what it costs to
# read what is stored beside the rows.
_NO_WALK = text("SET LOCAL enable_seqscan = off")


class Wanted(Struct, frozen=True, kw_only=True):
    """What is looked for: all of it has to be met.

    `is_out` asks for what readers have or will have by themselves, whenever that is.
    `person` is the name of who saved an article last, or, with `owner`, of whose it is.
    `since` and `until` are the first and the end of a span of the articles' times.
    """

    terms: tuple[Term, ...] = ()
    state: State | None = None
    is_out: bool = False
    category: CategoryId | None = None
    tag: TagId | None = None
    person: str = ""
    owner: UserId | None = None
    since: datetime | None = None
    until: datetime | None = None


def place_of(article: Article) -> Place:
    """Return where an article stands among what is found.

    That is when it is to come out, or came out, or else when somebody began it. What was out
    and is to come out once more stands at its next time: among what is out its place would
    tell readers that its new words are found (promise 7).
    """
    due = article.release_at if article.state is State.SCHEDULED else None
    when = due or article.published or article.release_at or article.created
    return when, article.id


def put(tx: Transaction, articles: Iterable[Article]) -> None:
    """Write the entries of these articles as they are now."""
    made = [_entry(article) for article in articles]
    if not made:
        return
    if tx.is_sqlite:
        _put_words(tx, made)
        return
    rows = [
        {"id": one.id, "place": one.place, "words": entry.as_vector(one.facts, one.tokens)}
        for one in made
    ]
    tx.execute(_VECTOR, rows)


def find(
    tx: Transaction, wanted: Wanted, *, limit: int, before: Place | None = None
) -> list[ArticleId]:
    """Return the articles that meet what is wanted, newest first."""
    first = _number(wanted.since, 0) if wanted.since else _LOWEST
    ends = [_number(wanted.until, 0)] if wanted.until else []
    end = min([*ends, *([_number(*before)] if before else [])], default=_HIGHEST)
    facts = tuple(_facts_of(wanted))
    if tx.is_sqlite:
        asked = entry.as_match(facts, wanted.terms)
        values = {"asked": asked, "first": first, "end": end, "limit": limit}
        rows: Iterable[int] = tx.scalars(_MATCH, values)
    else:
        rows = _gathered(tx, entry.as_query(facts, wanted.terms), first, end, limit)
    return [ArticleId(number & _MASK) for number in rows]


def _gathered(tx: Transaction, asked: str, first: int, end: int, limit: int) -> list[int]:
    """Return the places of what is found by PostgreSQL, newest first."""
    tx.execute(_NO_WALK)
    late = tx.scalar(_LATE_PLACE, {"end": end})
    if late is None:
        return []
    lately = max(first, late)
    values = {"asked": asked, "first": lately, "end": end, "limit": limit}
    found = list(tx.scalars(_LATELY, values))
    if len(found) == limit or lately == first:
        return found
    rest = {"first": first, "end": lately, "limit": limit - len(found)}
    return [*found, *tx.scalars(_BEFORE, values | rest)]


def kept(tx: Transaction) -> list[dict[str, object]]:
    """Return every entry of SQLite's as it was put in."""
    rows = tx.execute(text("SELECT place, words FROM search_entry"))
    return [{"place": place, "words": zlib.decompress(words).decode()} for place, words in rows]


class _Entry(Struct, frozen=True, kw_only=True):
    id: ArticleId
    place: int
    facts: Sequence[str]
    tokens: Sequence[str]


def _entry(article: Article) -> _Entry:
    fields = (
        article.title,
        article.excerpt,
        *article.bylines,
        article.dateline,
        *(tag.name for tag in article.tags),
        text_of(article.body),
    )
    return _Entry(
        id=article.id,
        place=_number(*place_of(article)),
        facts=tuple(_facts(article)),
        tokens=entry.text_tokens(fields),
    )


def _facts(article: Article) -> Iterable[str]:
    yield entry.ANY
    yield f"s={article.state.value}"
    yield f"w={_digest(article.changed_by)}"
    if article.owner_id is not None:
        yield f"o={article.owner_id}"
    yield from (f"c={category.id}" for category in article.categories)
    yield from (f"t={tag.id}" for tag in article.tags)


def _facts_of(wanted: Wanted) -> Iterable[entry.Facts]:
    if wanted.state is not None:
        yield (f"s={wanted.state.value}",)
    if wanted.is_out:
        yield tuple(f"s={state.value}" for state in State if state.is_out)
    if wanted.person:
        saved = f"w={_digest(wanted.person)}"
        yield (saved,) if wanted.owner is None else (saved, f"o={wanted.owner}")
    if wanted.category is not None:
        yield (f"c={wanted.category}",)
    if wanted.tag is not None:
        yield (f"t={wanted.tag}",)


def _digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:12]


def _number(when: datetime, article_id: int) -> int:
    seconds = (when - _EPOCH) // timedelta(seconds=1)
    return max(-_MOST_SECONDS, min(seconds, _MOST_SECONDS)) << _BITS | article_id


def _put_words(tx: Transaction, made: Sequence[_Entry]) -> None:
    """Write entries into FTS5, and take out those that were there."""
    known = {
        number: (place, zlib.decompress(packed).decode())
        for number, place, packed in tx.execute(_KNOWN, {"ids": [one.id for one in made]})
    }
    new = {one.id: (one.place, entry.as_text(one.facts, one.tokens)) for one in made}
    changed = {number: row for number, row in new.items() if known.get(number) != row}
    if not changed:
        return
    gone = [known[number] for number in changed if number in known]
    if gone:
        tx.execute(TAKE_OUT, [{"place": place, "words": words} for place, words in gone])
    rows = [
        {"id": number, "place": at, "words": said, "packed": zlib.compress(said.encode(), 6)}
        for number, (at, said) in changed.items()
    ]
    tx.execute(PUT_IN, rows)
    tx.execute(_KEEP, rows)
