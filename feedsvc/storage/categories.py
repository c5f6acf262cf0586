"""Categories, each with a feed of its own."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, insert, select, update

from feedsvc.model import Category, CategoryId
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.articles import CategoryRow
from feedsvc.storage.tables.feeds import FeedRow

# What a category is made of, in this order.
CATEGORY = (
    CategoryRow.id,
    CategoryRow.slug,
    CategoryRow.name,
    CategoryRow.description,
    CategoryRow.language,
    CategoryRow.parent_id,
)


def to_category(row: CategoryRow | Row[*tuple[Any, ...]]) -> Category:
    """Return the row, or its columns as they were read alone, as a value."""
    return category(row.id, row.slug, row.name, row.description, row.language, row.parent_id)


@lru_cache(maxsize=4096)
def category(
    number: int,
    slug: str,
    name: str,
    description: str,
    language: str | None,
    parent: int | None,
) -> Category:
    """Return columns as a value: as long as they are the same, so that is the same object.

    A regeneration compares the categories of each article with what they are called now, and
    nothing is cheaper to compare.
    """
    return Category(
        id=CategoryId(number),
        slug=slug,
        name=name,
        description=description,
        language=language,
        parent_id=None if parent is None else CategoryId(parent),
    )


def name_key(name: str) -> str:
    """Return what makes two names the same category: letter case does not count."""
    return name.casefold()


def all_categories(tx: Transaction, limit: int = 2000) -> tuple[Category, ...]:
    """Return the categories by name, for those who may know all of them."""
    rows = tx.rows(select(CategoryRow).order_by(CategoryRow.name_key).limit(limit))
    return tuple(to_category(row) for row in rows)


def public_categories(tx: Transaction, limit: int = 2000) -> tuple[Category, ...]:
    """Return the categories in which something was ever public, by name."""
    query = (
        select(CategoryRow)
        .join(FeedRow, FeedRow.category_id == CategoryRow.id)
        .where(FeedRow.revision > 0)
        .order_by(CategoryRow.name_key)
        .limit(limit)
    )
    return tuple(to_category(row) for row in tx.rows(query))


def find_public(tx: Transaction, slug: str) -> Category | None:
    """Return the category with this slug if something in it was ever public."""
    query = (
        select(CategoryRow)
        .join(FeedRow, FeedRow.category_id == CategoryRow.id)
        .where(CategoryRow.slug == slug, FeedRow.revision > 0)
    )
    row = tx.row(query)
    return to_category(row) if row else None


def find_by_name(tx: Transaction, name: str) -> Category | None:
    """Return the category of this name, whatever the letter case."""
    row = tx.row(select(CategoryRow).where(CategoryRow.name_key == name_key(name)))
    return to_category(row) if row else None


def find_by_slug(tx: Transaction, slug: str) -> Category | None:
    """Return the category with this slug, public or not."""
    row = tx.row(select(CategoryRow).where(CategoryRow.slug == slug))
    return to_category(row) if row else None


def set_parent(tx: Transaction, category_id: CategoryId, parent_id: CategoryId | None) -> None:
    """Say which category one is part of; the caller sees to it that there is no circle."""
    change = update(CategoryRow).where(CategoryRow.id == category_id)
    tx.execute(change.values(parent_id=parent_id))


def describe(tx: Transaction, category_id: CategoryId, description: str) -> None:
    """Say what a category is about; every feed that shows it has to be marked dirty."""
    change = update(CategoryRow).where(CategoryRow.id == category_id)
    tx.execute(change.values(description=description))


def slug_is_taken(tx: Transaction, slug: str) -> bool:
    """Whether a category has this slug."""
    return tx.scalar(select(CategoryRow.id).where(CategoryRow.slug == slug)) is not None


def add(tx: Transaction, *, slug: str, name: str, feed_guid: str, now: datetime) -> Category:
    """Store a category and its feed; nobody is told of either until an article is public."""
    new = insert(CategoryRow).values(slug=slug, name=name, name_key=name_key(name))
    row = tx.only(new.returning(CategoryRow))
    its = {"slug": f"category/{slug}", "guid": feed_guid, "category_id": row.id}
    tx.execute(insert(FeedRow).values(**its, created=now))
    return to_category(row)
