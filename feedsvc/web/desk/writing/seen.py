"""What is being written, as readers would see it if it were saved now."""

from msgspec.structs import replace

from feedsvc.model import Article, ArticleInput, Release
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing import edit


def seen(room: Newsroom, given: ArticleInput, stored: Article | None) -> Article:
    """Return what was typed as an article, with the dates of the one that readers have.

    Raises:
        InputError: something cannot be taken.
    """
    cleaned = edit.preview(room, given)
    if stored is None or stored.published is None:
        return cleaned
    is_old = cleaned.correction == stored.correction
    return replace(
        cleaned,
        path=stored.path,
        published=stored.published,
        updated=stored.updated,
        corrected=stored.corrected if is_old else room.clock.now(),
    )


def timeless(given: ArticleInput) -> ArticleInput:
    """Return what was typed, whenever it is to be released."""
    return replace(given, release=Release.DRAFT, release_at=None)
