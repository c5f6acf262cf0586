"""Articles from elsewhere are stored: some hundred at a time, each batch as a whole.

Every batch is one transaction with its articles, the dirty marks of their feeds, and a note
of what was taken. So the work may be stopped at any instruction and begun again: what was
taken is known by its number there, and left alone unless it has changed there.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import unquote

from msgspec.structs import replace

from feedsvc.errors import InputError
from feedsvc.model import RECENT, Article, ArticleId, BodyFormat, By, Category, State, Tag
from feedsvc.reading.values import ForeignItem, ForeignTerm, Status
from feedsvc.rendering.slugs import kept_slug, slugify
from feedsvc.rendering.text import html_text, is_blank, plain_text, shorten
from feedsvc.storage import articles, bulk, tags
from feedsvc.storage.categories import name_key
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.storage.membership import members
from feedsvc.storage.moving import imports
from feedsvc.storage.moving.imports import Imported, Kind
from feedsvc.storage.moving.scratch import Scratch
from feedsvc.workflow import audit
from feedsvc.workflow.handed_in.fields import MAX_NAME
from feedsvc.workflow.moving.foreign import Content, Origin, chosen_terms, content_of, digest
from feedsvc.workflow.moving.foreign_categories import Placed, key_of
from feedsvc.workflow.moving.takeover_report import Listed, Report, Subscribers
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing.edit import path_of

logger = logging.getLogger(__name__)
BATCH = 100
BY = By.system("import")


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """One piece of work: from where, by which rules, with what to remember.

    `is_trial` stores nothing. `scratch` remembers what this run has seen already.
    """

    room: Newsroom
    source: str
    origin: Origin
    placed: Placed
    scratch: Scratch
    report: Report
    subscribers: Subscribers
    with_pages: bool = False
    is_trial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """An item, clean, with what is known of it."""

    item: ForeignItem
    digest: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What is stored for an item: the article as it was (if it was), and as it is to be."""

    ready: _Ready
    before: Article | None
    after: Article


def take(work: Takeover, items: Iterable[ForeignItem]) -> None:
    """Take over items in batches; a faulty one is set aside in the report, the others go on.

    Raises:
        UnavailableError: the database cannot answer now; what was taken stays, and the same
            call goes on from there.
    """
    ordered = iter(items)
    while batch := list(islice(ordered, BATCH)):
        _take_batch(work, batch)


def note_run(room: Newsroom, report: Report, *, by: By) -> None:
    """Note in the audit log that a run is over, unless it was a trial."""
    if not report.is_trial:
        counts = {"added": report.added, "changed": report.changed}
        audit.note_import(room, report.source, counts, by=by)


def name_of(item: ForeignItem) -> str:
    """Return how a report names an item."""
    title = shorten(html_text(item.title[:1000]), 80)
    place = f", line {item.line}" if item.line else ""
    return f"{item.kind} {item.id[:100]} {title!r}{place}"


def _take_batch(work: Takeover, batch: list[ForeignItem]) -> None:
    wanted = list(_wanted(work, batch))
    with work.room.database.read() as tx:
        known = imports.find(tx, work.source, Kind.ARTICLE, [item.id for item in wanted])
    ready = list(_ready(work, wanted, known))
    if not ready:
        return
    if work.is_trial:
        with work.room.database.read() as tx:
            _decide(work, tx, ready, known)
        return
    with work.room.database.write() as tx:
        one_at_a_time(tx)
        _store(work, tx, _decide(work, tx, ready, known))
    work.room.wake()


def _wanted(work: Takeover, batch: list[ForeignItem]) -> Iterator[ForeignItem]:
    """Yield what is an article, and the first that has its number in this run."""
    for item in batch:
        reason = _reason_to_leave(work, item)
        if reason:
            work.report.left_out[reason] += 1
        elif work.scratch.claim("item", item.id, str(item.line)) != str(item.line):
            work.report.refuse(name_of(item), "stands twice in the file; the first counts")
        else:
            yield item


def _reason_to_leave(work: Takeover, item: ForeignItem) -> str:
    if item.kind == "page" and not work.with_pages:
        return "pages (take them with --pages)"
    if item.kind not in {"post", "page"}:
        return f"of kind {plain_text(item.kind)[:40]}"
    return "drafts that WordPress made by itself" if item.status is Status.OTHER else ""


def _ready(
    work: Takeover, wanted: list[ForeignItem], known: dict[str, Imported]
) -> Iterator[_Ready]:
    now = work.room.clock.now()
    for given in wanted:
        _note_public(work, given)
        item = _with_own_guid(work, given)
        word = digest(item, work.origin)
        if item.id in known and known[item.id].digest == word:
            work.report.unchanged += 1
            continue
        if item.status is Status.TRASH and item.id not in known:
            work.report.left_out["in the trash"] += 1
            continue
        try:
            yield _Ready(item=item, digest=word, content=content_of(item, work.origin, now))
        except InputError as error:
            work.report.refuse(name_of(item), _lowered(str(error)))


def _with_own_guid(work: Takeover, item: ForeignItem) -> ForeignItem:
    """Return the item, with another guid and in no feed if one before it has its guid.

    To readers the two were one entry, and a second one would be new to all of them.
    """
    guid = item.guid.strip()
    first = work.scratch.claim("guid", guid, item.id) if guid else item.id
    if first == item.id:
        return item
    own = uuid.uuid5(uuid.NAMESPACE_URL, f"{work.source} {item.id}")
    return replace(
        item,
        guid=f"urn:uuid:{own}",
        guid_is_permalink=False,
        in_feeds=False,
        problems=(f"has the guid of {first[:100]}; it has a page, but is in no feed",),
    )


def _lowered(sentence: str) -> str:
    return sentence.replace("The body ", "has a body that ", 1)


def _note_public(work: Takeover, item: ForeignItem) -> None:
    """Remember what the old feeds have shown, to tell what would be new to subscribers."""
    if item.is_protected or item.kind != "post" or item.published is None:
        return
    is_due = item.status is Status.SCHEDULED and item.published <= work.room.clock.now()
    if item.status is not Status.PUBLISHED and not is_due:
        return
    guid = item.guid.strip() or item.link.strip()
    work.scratch.put("public", guid, item.id)
    entry = Listed(item.published, guid, plain_text(item.title)[:100])
    work.subscribers.had(_feeds_of(_categories(work, item)), entry)


def _categories(work: Takeover, item: ForeignItem) -> tuple[Category, ...]:
    return work.placed.of(map(key_of, chosen_terms(item)))


def _feeds_of(found: Iterable[Category]) -> list[str]:
    return [RECENT, *(f"category/{category.slug}" for category in found)]


def _decide(
    work: Takeover, tx: Transaction, ready: list[_Ready], known: dict[str, Imported]
) -> list[_Stored]:
    """Return what is to be stored, after a look at what is here."""
    found = _Found(work, tx, ready)
    decided: list[_Stored] = []
    for each in ready:
        try:
            before = _current(tx, known.get(each.item.id))
            found.check_guid(each, before)
            after = _merged(work, each, before, found.path_for(each, before))
        except _KeptError:
            work.report.kept += 1
            work.report.adjust(
                name_of(each.item), ["was changed there and here; it stays as it is here"]
            )
        except InputError as error:
            work.report.refuse(name_of(each.item), str(error))
        else:
            decided.append(_Stored(ready=each, before=before, after=after))
            _count(work, each, before, after)
    return decided


class _KeptError(InputError):
    """Editors have changed the article here, and what they wrote stays."""


def _current(tx: Transaction, known: Imported | None) -> Article | None:
    if known is None:
        return None
    article = articles.find(tx, ArticleId(known.local_id))
    if article is not None and article.version != known.version:
        raise _KeptError("was changed here")
    return article


class _Found:
    """Which guids and paths are taken, looked up for a whole batch."""

    def __init__(self, work: Takeover, tx: Transaction, ready: list[_Ready]) -> None:
        self._work = work
        self._guids = imports.guids_taken(tx, [each.content.guid for each in ready])
        wished = [path for each in ready for path in _wishes(each)]
        self._paths = imports.paths_taken(tx, wished)

    def check_guid(self, each: _Ready, before: Article | None) -> None:
        """Raise InputError if another article has the guid."""
        guid = each.content.guid
        owner = self._guids.get(guid)
        if owner is not None and (before is None or owner != before.id):
            raise InputError(f"has the guid {guid[:100]!r} of article {owner}, which is here")

    def path_for(self, each: _Ready, before: Article | None) -> str:
        """Return the first path it could have that is free; a public one never moves."""
        if before is not None and before.published is not None:
            return before.path
        mine = before.id if before else None
        for path in _wishes(each):
            is_free = self._paths.get(path) in {None, mine}
            if is_free and self._work.scratch.claim("path", path, each.item.id) == each.item.id:
                return path
        return path_of(f"{each.content.slug}-{uuid.uuid4().hex[:8]}")


def _wishes(each: _Ready) -> list[str]:
    content, number = each.content, slugify(each.item.id, limit=24)
    own = [path_of(content.slug), path_of(f"{content.slug}-{number}")]
    return [content.path, *own] if content.path else own


def _merged(work: Takeover, each: _Ready, before: Article | None, path: str) -> Article:
    content, item = each.content, each.item
    now = work.room.clock.now()
    made = Article(
        id=before.id if before else ArticleId(0),
        guid=before.guid if before else content.guid,
        guid_is_permalink=(before.guid_is_permalink if before else content.guid_is_permalink),
        slug=before.slug if before and before.published else content.slug,
        path=path,
        title=content.title,
        body_source=content.body,
        body_format=BodyFormat.HTML,
        body=content.body,
        excerpt=content.excerpt,
        bylines=content.bylines,
        language=content.language,
        image=content.image,
        enclosures=content.enclosures,
        in_feeds=item.in_feeds and item.kind != "page",
        categories=_categories(work, item),
        state=content.life.state,
        release_at=content.life.release_at,
        published=content.life.published,
        updated=content.life.updated,
        version=before.version + 1 if before else 1,
        created=before.created if before else now,
        changed=now,
        changed_by=BY.name,
        owner_id=before.owner_id if before else None,
    )
    return _lived(made, before, now) if before else made


def _lived(made: Article, before: Article, now: datetime) -> Article:
    """Let an article that is here already live on: what readers have seen stays seen."""
    if before.published is None and not before.is_visible(now):
        return made
    first = before.published or before.release_at
    if made.state is not State.PUBLISHED:
        gone = before.withdrawn or now
        return replace(
            made,
            state=State.WITHDRAWN,
            release_at=before.release_at,
            published=first,
            updated=before.updated or first,
            withdrawn=gone,
        )
    moments = [when for when in (before.updated, made.updated) if when]
    return replace(
        made, release_at=before.release_at, published=first, updated=max(moments, default=first)
    )


def _count(work: Takeover, each: _Ready, before: Article | None, after: Article) -> None:
    work.report.added += before is None
    work.report.changed += before is not None
    work.report.adjust(name_of(each.item), each.content.notes)
    if after.state is State.PUBLISHED and after.published and after.in_feeds:
        entry = Listed(after.published, after.guid, after.title)
        work.subscribers.will_have(_feeds_of(after.categories), entry)


def _store(work: Takeover, tx: Transaction, decided: list[_Stored]) -> None:
    now = work.room.clock.now()
    tagged = _tagged(tx, decided)
    new = [each for each in decided if each.before is None]
    ids = bulk.add_articles(
        tx, [tagged[each.ready.item.id] for each in new], [None for _ in new]
    )
    local = {each.ready.item.id: number for each, number in zip(new, ids, strict=True)}
    for each in decided:
        if each.before is not None:
            local[each.ready.item.id] = each.before.id
            articles.replace(tx, tagged[each.ready.item.id], each.before.version)
    noted = [
        Imported(
            foreign_id=each.ready.item.id,
            local_id=local[each.ready.item.id],
            digest=each.ready.digest,
            version=each.after.version,
        )
        for each in decided
    ]
    imports.note(tx, work.source, Kind.ARTICLE, noted)
    seen = [
        article
        for each in decided
        for article in (each.before, each.after)
        if article is not None and article.is_visible(now)
    ]
    if seen:
        members.mark_dirty(tx, seen)


def _tagged(tx: Transaction, decided: list[_Stored]) -> dict[str, Article]:
    """Return the articles with their tags, by their numbers there; new tags are stored."""
    terms = [term for each in decided for term in each.ready.content.tags]
    known = tags.find_by_names(tx, [_tag_name(term) for term in terms])
    made: dict[str, Article] = {}
    for each in decided:
        found = dict.fromkeys(
            _tag(tx, term, known)
            for term in each.ready.content.tags
            if not is_blank(_tag_name(term))
        )
        made[each.ready.item.id] = replace(each.after, tags=tuple(found))
    return made


def _tag(tx: Transaction, term: ForeignTerm, known: dict[str, Tag]) -> Tag:
    name = _tag_name(term)
    key = name_key(name)
    if key not in known:
        slug = kept_slug(unquote(term.slug)) or slugify(name) or "tag"
        known[key] = tags.add(tx, slug=slug, name=name)
    return known[key]


def _tag_name(term: ForeignTerm) -> str:
    return shorten(html_text(term.name), MAX_NAME)
