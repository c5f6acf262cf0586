"""What is being written and is not saved yet."""

from datetime import datetime

from msgspec import Struct

from feedsvc.model.articles import ArticleId

Fields = tuple[tuple[str, str], ...]  # of a form, as typed; a name may stand there twice


class WorkingCopy(Struct, frozen=True, kw_only=True):
    """What somebody has typed into the form of an article.

    It is no article and never becomes one by itself. `article_id` is None where no article
    was stored yet. `word` names the page that it was typed into, `count` says how many
    changes that page had seen. `version` is that of the article which the page began with.
    Once an article was stored from the page, `fields` are empty: what comes in late, with no
    higher count, is old.
    """

    article_id: ArticleId | None
    word: str
    count: int
    version: int = 0
    fields: Fields = ()
    changed: datetime

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to recover."""
        return not self.fields
