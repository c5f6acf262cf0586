"""What has come from elsewhere: which article or category it has become, and of which state."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import delete, func, insert, select

from feedsvc.model import ArticleId, Category, CategoryId
from feedsvc.storage.categories import CATEGORY, category
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.articles import (
    ArticleCategoryRow,
    ArticleRow,
    CategoryRow,
    ImportedRow,
)
from feedsvc.storage.types import UtcDateTime


class Kind(StrEnum):
    """What was taken over."""

    ARTICLE = "article"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One thing from elsewhere: its name there, what it is here, and what it was like."""

    foreign_id: str
    local_id: int
    digest: str = ""
    version: int = 0


def wordpress(site_url: str) -> str:
    """Return what names a WordPress for ever as a source, whatever its scheme.

    Raises:
        ValueError: the address is none.
    """
    parts = urlsplit(site_url)
    host = parts.netloc.lower().removeprefix("www.")
    return f"wordpress {host}{parts.path.rstrip('/')}"


def find(
    tx: Transaction, source: str, kind: Kind, foreign_ids: Collection[str]
) -> dict[str, Imported]:
    """Return what is known of some things from a source, by their names there."""
    query = select(ImportedRow).where(
        ImportedRow.source == source,
        ImportedRow.kind == kind.value,
        ImportedRow.foreign_id.in_(foreign_ids),
    )
    return {
        row.foreign_id: Imported(
            foreign_id=row.foreign_id,
            local_id=row.local_id,
            digest=row.digest,
            version=row.version,
        )
        for row in tx.rows(query)
    }


def note(tx: Transaction, source: str, kind: Kind, news: Sequence[Imported]) -> None:
    """Remember what things from a source have become."""
    names = [each.foreign_id for each in news]
    tx.execute(
        delete(ImportedRow).where(
            ImportedRow.source == source,
            ImportedRow.kind == kind.value,
            ImportedRow.foreign_id.in_(names),
        )
    )
    rows = [
        {
            "source": source,
            "kind": kind.value,
            "foreign_id": each.foreign_id,
            "local_id": each.local_id,
            "digest": each.digest,
            "version": each.version,
        }
        for each in news
    ]
    if rows:
        tx.execute(insert(ImportedRow), rows)


def categories(tx: Transaction, source: str) -> dict[str, Category]:
    """Return the categories from a source, by their slugs there."""
    query = (
        select(ImportedRow.foreign_id, *CATEGORY)
        .join(CategoryRow, CategoryRow.id == ImportedRow.local_id)
        .where(ImportedRow.source == source, ImportedRow.kind == Kind.CATEGORY.value)
    )
    return {foreign_id: category(*named) for foreign_id, *named in tx.execute(query)}


def guids_taken(tx: Transaction, guids: Collection[str]) -> dict[str, ArticleId]:
    """Return which articles have some guids."""
    query = select(ArticleRow.guid, ArticleRow.id).where(ArticleRow.guid.in_(guids))
    return {guid: ArticleId(number) for guid, number in tx.execute(query)}


def paths_taken(tx: Transaction, paths: Collection[str]) -> dict[str, ArticleId]:
    """Return which articles have some permalinks' paths."""
    query = select(ArticleRow.path, ArticleRow.id).where(ArticleRow.path.in_(paths))
    return {path: ArticleId(number) for path, number in tx.execute(query)}


def newest(
    tx: Transaction, now: datetime, category_id: CategoryId | None, limit: int
) -> list[tuple[datetime, str, str]]:
    """Return what a feed lists by what subscribers know it by: time, guid and title."""
    moment = func.coalesce(ArticleRow.published, ArticleRow.release_at, type_=UtcDateTime())
    query = select(moment, ArticleRow.guid, ArticleRow.title)
    shown = ArticleRow.feed_from
    if category_id is not None:
        link = ArticleCategoryRow
        query = query.join(link, link.article_id == ArticleRow.id)
        query = query.where(link.category_id == category_id)
        shown = link.feed_from
    rows = tx.execute(query.where(shown <= now).order_by(shown.desc()).limit(limit))
    return [(when, guid, title) for when, guid, title in rows if when]
