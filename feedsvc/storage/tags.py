"""Tags: the subjects that articles name."""

from collections.abc import Iterable

from sqlalchemy import insert, select

from feedsvc.model import Tag, TagId
from feedsvc.storage.categories import name_key
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.articles import TagRow


def find_by_names(tx: Transaction, names: Iterable[str]) -> dict[str, Tag]:
    """Return the known ones of some tags, by the key of their names (`name_key`)."""
    keys = {name_key(name) for name in names}
    if not keys:
        return {}
    rows = tx.rows(select(TagRow).where(TagRow.name_key.in_(keys)))
    return {row.name_key: _to_tag(row) for row in rows}


def find_by_name(tx: Transaction, name: str) -> Tag | None:
    """Return the tag of this name, whatever the letter case."""
    return find_by_names(tx, [name]).get(name_key(name))


def find_by_slug(tx: Transaction, slug: str) -> Tag | None:
    """Return the tag with this slug."""
    row = tx.row(select(TagRow).where(TagRow.slug == slug))
    return _to_tag(row) if row else None


def add(tx: Transaction, *, slug: str, name: str) -> Tag:
    """Store a tag; its slug gets a number if another tag has it."""
    free, number = slug, 1
    while tx.scalar(select(TagRow.id).where(TagRow.slug == free)) is not None:
        number += 1
        free = f"{slug[:56]}-{number}"
    new = insert(TagRow).values(slug=free, name=name, name_key=name_key(name))
    return _to_tag(tx.only(new.returning(TagRow)))


def _to_tag(row: TagRow) -> Tag:
    return Tag(id=TagId(row.id), slug=row.slug, name=row.name)
