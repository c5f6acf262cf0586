"""What tests do to the database past the program."""

from sqlalchemy import update

from feedsvc.model import ArticleId
from feedsvc.storage.tables.articles import ArticleRow
from feedsvc.workflow.newsroom import Newsroom


def spoil(room: Newsroom, article_id: ArticleId, **values: object) -> None:
    """Put something into the database that the desk would never store."""
    with room.database.write() as tx:
        tx.execute(update(ArticleRow).where(ArticleRow.id == article_id).values(**values))
