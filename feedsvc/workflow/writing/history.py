"""What an article was, version by version; storage notes each with the change itself."""

from dataclasses import dataclass
from datetime import timedelta

from feedsvc.errors import NotFoundError
from feedsvc.model import Article, ArticleId, Version
from feedsvc.storage import articles
from feedsvc.storage.database import Transaction
from feedsvc.storage.writing import history
from feedsvc.workflow.newsroom import Newsroom

ON_A_PAGE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A page of an article's history, the newest first; `older` is where the next begins."""

    article: Article
    versions: tuple[Version, ...]
    older: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One version: the article as it is, as it was then, and as it was before (if ever)."""

    article: Article
    version: Version
    then: Article
    before: Article | None
    is_newest: bool


def past(room: Newsroom, article_id: ArticleId, *, before: int | None = None) -> Past:
    """Return a page of an article's history.

    One that nobody has changed since it was imported, or since an older program stored it,
    has none yet.

    Raises:
        NotFoundError: there is no such article.
    """
    with room.database.read() as tx:
        article = _article(tx, article_id)
        found = history.newest(tx, article_id, limit=ON_A_PAGE + 1, before=before)
    page = found[:ON_A_PAGE]
    older = page[-1].number if len(found) > len(page) else None
    return Past(article=article, versions=page, older=older)


def change(room: Newsroom, article_id: ArticleId, number: int) -> Change:
    """Return one version, and the one before it.

    Raises:
        NotFoundError: there is no such article, or no such version of it.
    """
    with room.database.read() as tx:
        article = _article(tx, article_id)
        found = history.newest(tx, article_id, limit=1, before=number + 1)
        then = history.as_it_was(tx, article, number)
        if then is None or not found:
            raise NotFoundError(f"the article {article_id} has no version {number}")
        newest = history.newest(tx, article_id, limit=1)
        return Change(
            article=article,
            version=found[0],
            then=then,
            before=history.as_it_was(tx, article, number - 1),
            is_newest=newest == found,
        )


def forget_old_versions(room: Newsroom, tx: Transaction, article_id: ArticleId) -> None:
    """Forget what the settings say need not be kept; nothing unless they say so."""
    days = room.config.desk.history_days
    if days:
        history.forget(tx, article_id, room.clock.now() - timedelta(days=days))


def _article(tx: Transaction, article_id: ArticleId) -> Article:
    article = articles.find(tx, article_id)
    if article is None:
        raise NotFoundError(f"there is no article {article_id}")
    return article
