"""Categories and tags by their names: found, or made with the article that is the first."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from feedsvc.model import Category, Tag
from feedsvc.rendering.slugs import slugify
from feedsvc.storage import categories, tags
from feedsvc.storage.categories import name_key
from feedsvc.storage.database import Transaction
from feedsvc.workflow.handed_in.checking import Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """What an article is about."""

    categories: tuple[Category, ...]
    tags: tuple[Tag, ...]


def subjects_of(tx: Transaction, checked: Checked, now: datetime) -> Subjects:
    """Return what an article is about, as it is stored; what is new is stored now."""
    known = tags.find_by_names(tx, checked.tags)
    return Subjects(
        categories=tuple(category_named(tx, name, now) for name in checked.categories),
        tags=tuple(known.get(name_key(name)) or _new_tag(tx, name) for name in checked.tags),
    )


def category_named(tx: Transaction, name: str, now: datetime) -> Category:
    """Return the category of a name; a new one nobody is told of yet."""
    return categories.find_by_name(tx, name) or _new_category(tx, name, now)


def tag_named(tx: Transaction, name: str) -> Tag:
    """Return the tag of a name."""
    return tags.find_by_name(tx, name) or _new_tag(tx, name)


def _new_tag(tx: Transaction, name: str) -> Tag:
    return tags.add(tx, slug=slugify(name, limit=56) or "tag", name=name)


def _new_category(tx: Transaction, name: str, now: datetime) -> Category:
    base = slugify(name, limit=48) or "category"
    slug, number = base, 1
    while categories.slug_is_taken(tx, slug):
        number += 1
        slug = f"{base}-{number}"
    guid = f"urn:uuid:{uuid.uuid4()}"
    return categories.add(tx, slug=slug, name=name, feed_guid=guid, now=now)
