"""The categories of another system find or get their places here."""

import html
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote

from msgspec.structs import replace

from feedsvc.model import Category, CategoryId
from feedsvc.reading.values import ForeignTerm
from feedsvc.rendering.slugs import kept_slug, slugify
from feedsvc.rendering.text import html_text, is_blank, plain_text, shorten
from feedsvc.storage import categories
from feedsvc.storage.database import Transaction
from feedsvc.storage.moving import imports
from feedsvc.storage.moving.imports import Imported, Kind
from feedsvc.workflow.handed_in.checking import MAX_CATEGORIES
from feedsvc.workflow.handed_in.fields import MAX_EXCERPT, MAX_NAME


@dataclass(slots=True)
class Placed:
    """Categories by their slugs there, the parent of each, and what had to be changed."""

    by_slug: dict[str, Category] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def of(self, slugs: Iterable[str]) -> tuple[Category, ...]:
        """Return categories and then those they are part of, each once.

        WordPress shows an article in every category above its own, pages and feeds alike.
        """
        found: dict[CategoryId, Category] = {}
        above: list[str] = []
        for slug in slugs:
            if slug in self.by_slug:
                found.setdefault(self.by_slug[slug].id, self.by_slug[slug])
                above += self._above(slug)
        for slug in above:
            found.setdefault(self.by_slug[slug].id, self.by_slug[slug])
        return tuple(found.values())[:MAX_CATEGORIES]

    def _above(self, slug: str) -> list[str]:
        line: list[str] = []
        while (slug := self.parents.get(slug, "")) and slug in self.by_slug:
            line.append(slug)
        return line


def key_of(term: ForeignTerm) -> str:
    """Return what names a category there; the oldest exports give names only."""
    return unquote(term.slug or term.name).casefold()


def sort_out(terms: Iterable[ForeignTerm]) -> tuple[dict[str, ForeignTerm], list[str]]:
    """Return terms by key, parents without circles, and what was wrong with them."""
    found: dict[str, ForeignTerm] = {}
    notes: list[str] = []
    for term in terms:
        key = key_of(term)
        if key and (key not in found or term.parent):
            found[key] = replace(term, parent=unquote(term.parent).casefold())
    for key, term in found.items():
        if term.parent and term.parent not in found:
            found[key] = replace(term, parent="")
        elif _is_circle(found, key):
            notes.append(f"category {term.name!r} is part of itself; its parent was left out")
            found[key] = replace(term, parent="")
    return found, notes


def _is_circle(found: Mapping[str, ForeignTerm], key: str) -> bool:
    seen, at = {key}, found[key].parent
    while at and at in found:
        if at in seen:
            return True
        seen.add(at)
        at = found[at].parent
    return False


def place(
    tx: Transaction, source: str, terms: Iterable[ForeignTerm], now: datetime, *, is_dry: bool
) -> Placed:
    """Find a place for each category, and store what is new unless this is a trial."""
    found, notes = sort_out(terms)
    placed = Placed(notes=notes, parents={key: term.parent for key, term in found.items()})
    known = imports.categories(tx, source)
    used: dict[str, str] = {category.slug: key for key, category in known.items()}
    for key, term in found.items():
        category = known.get(key) or _find_or_make(tx, term, found, used, now, is_dry=is_dry)
        used[category.slug] = key
        placed.by_slug[key] = category
        if term.slug and kept_slug(unquote(term.slug)) != category.slug:
            notes.append(
                f"category {term.name!r} has the address /category/{category.slug}/ here; its "
                f"old one with {unquote(term.slug)!r} leads nowhere"
            )
    if not is_dry:
        _remember(tx, source, placed)
    return placed


def _find_or_make(
    tx: Transaction,
    term: ForeignTerm,
    found: Mapping[str, ForeignTerm],
    used: dict[str, str],
    now: datetime,
    *,
    is_dry: bool,
) -> Category:
    name = _name(term)
    same = categories.find_by_name(tx, name)
    names = {_name(other).casefold() for key, other in found.items() if key in used.values()}
    if (same and same.slug in used) or (is_dry and name.casefold() in names):
        above = found.get(term.parent)
        name = shorten(f"{name} ({_name(above) if above else unquote(term.slug)})", MAX_NAME)
        same = categories.find_by_name(tx, name)
    if same is not None and same.slug not in used:
        return same
    if same is not None:
        name = shorten(f"{name} {uuid.uuid4().hex[:8]}", MAX_NAME)
    slug = _free_slug(tx, term, used)
    if is_dry:
        return Category(id=CategoryId(-len(used) - 1), slug=slug, name=name)
    guid = f"urn:uuid:{uuid.uuid4()}"
    made = categories.add(tx, slug=slug, name=name, feed_guid=guid, now=now)
    description = shorten(html_text(term.description), MAX_EXCERPT)
    if description:
        categories.describe(tx, made.id, description)
    return replace(made, description=description)


def _name(term: ForeignTerm) -> str:
    """Return the name; WordPress stores it with its ampersands escaped."""
    name = shorten(plain_text(html.unescape(term.name)), MAX_NAME)
    return unquote(term.slug) if is_blank(name) else name


def _free_slug(tx: Transaction, term: ForeignTerm, used: Mapping[str, str]) -> str:
    base = kept_slug(unquote(term.slug)) or slugify(term.name, limit=48) or "category"
    slug, number = base, 1
    while slug in used or categories.slug_is_taken(tx, slug):
        number += 1
        slug = f"{base[:56]}-{number}"
    return slug


def _remember(tx: Transaction, source: str, placed: Placed) -> None:
    for key, category in placed.by_slug.items():
        above = placed.by_slug.get(placed.parents.get(key, ""))
        if above is not None and category.parent_id != above.id != category.id:
            categories.set_parent(tx, category.id, above.id)
    imports.note(
        tx,
        source,
        Kind.CATEGORY,
        [
            Imported(foreign_id=key, local_id=category.id)
            for key, category in placed.by_slug.items()
        ],
    )
