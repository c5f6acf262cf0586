"""What goes with every change of a stored article: its archive, its history, its feeds."""

from datetime import datetime

from feedsvc.errors import ConflictError
from feedsvc.model import Article
from feedsvc.storage import articles
from feedsvc.storage.database import Transaction
from feedsvc.storage.lists import archives, corrections
from feedsvc.storage.membership import members
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing.history import forget_old_versions

CONTENT = (
    "title",
    "body_source",
    "body_format",
    "body",
    "excerpt",
    "bylines",
    "dateline",
    "language",
    "canonical_url",
    "image",
    "correction",
)
_SUBJECTS = ("enclosures", "categories", "tags")
_LIFE = ("state", "published", "updated", "path")


def store_change(
    room: Newsroom,
    tx: Transaction,
    before: Article,
    after: Article,
    *,
    restored_from: int = 0,
) -> Article:
    """Store an article over what it was when it was locked; return it as it is stored.

    Whatever saves an article does it here, so that a change of many at once does to each what
    a change of one does. `after` is one version later, and says when and by whom.

    Raises:
        ConflictError: somebody else saved it in between; nothing was stored.
    """
    if _is_shown_otherwise(before, after):
        archives.note_change(tx, before.id, after.changed)
    stored = articles.replace(
        tx, after, before.version, before=before, restored_from=restored_from
    )
    if stored is None:
        raise ConflictError("somebody saved this article in between; nothing was stored")
    forget_old_versions(room, tx, before.id)
    mark(tx, before, stored, after.changed)
    return stored


def mark(tx: Transaction, before: Article | None, after: Article, now: datetime) -> None:
    """Mark the feeds that showed the article, and those that will; none for a secret one."""
    seen = [made for made in (before, after) if made is not None and made.is_visible(now)]
    if seen:
        members.mark_dirty(tx, seen)
    if any(made.corrected for made in seen):
        corrections.mark_dirty(tx, now)


def _is_shown_otherwise(before: Article, after: Article) -> bool:
    """Whether feeds show anything of it otherwise than before."""
    names = (*CONTENT, *_SUBJECTS, *_LIFE)
    return any(getattr(before, name) != getattr(after, name) for name in names)
