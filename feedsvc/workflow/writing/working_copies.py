"""What is being written is kept apart from articles, for the one who writes it.

Nothing here is ever published, shown to anybody else or put in the place of what is stored:
an article changes by saving it alone.
"""

from datetime import timedelta
from enum import StrEnum

from msgspec.structs import replace

from feedsvc.errors import InputError, NotFoundError
from feedsvc.model import ArticleId, UserId
from feedsvc.model.pictures import named
from feedsvc.model.writing import WorkingCopy
from feedsvc.rendering.body import MAX_CHARACTERS
from feedsvc.says import says
from feedsvc.storage import articles, pictures
from feedsvc.storage.database import Transaction
from feedsvc.storage.writing import presence, working_copies
from feedsvc.workflow.newsroom import Newsroom

KEPT_FOR = timedelta(days=30)
MOST_COPIES = 10  # of one article by one user; as many pages that were left without saving
MOST_UNSAVED = 50  # of all articles by one user: each may be megabytes
MOST_CHARACTERS = (
    2 * MAX_CHARACTERS
)  # of all fields: somebody may yet cut a text that is too long


class Kept(StrEnum):
    """What became of a copy that was handed in."""

    KEPT = "kept"
    SAVED = "saved"  # the article itself has been stored with this text, or a later one
    OLDER = "older"  # a later copy of the same page is there already


def keep(room: Newsroom, user_id: UserId, copy: WorkingCopy) -> Kept:
    """Store a working copy, unless a later one of the same page is there.

    Raises:
        InputError: it is longer than any article can be.
        NotFoundError: there is no such article.
        UnavailableError: the database cannot answer now.
    """
    if sum(len(value) for _, value in copy.fields) > MOST_CHARACTERS:
        raise InputError(
            says(
                "a working copy has at most %(most_characters)s characters",
                most_characters=f"{MOST_CHARACTERS:,}",
            )
        )
    copy = replace(copy, changed=room.clock.now())
    with room.database.write() as tx:
        working_copies.one_at_a_time(tx, user_id)
        copy = _placed(tx, copy)
        copies = working_copies.of(tx, user_id, copy.article_id)
        found = next((one for one in copies if one.word == copy.word), None)
        if found is not None and found.count >= copy.count:
            return _known(found, copy)
        working_copies.put(tx, user_id, copy)
        pictures.note_named(tx, named(*(value for _, value in copy.fields)), copy.changed)
        _trim(tx, user_id, [one for one in copies if one.word != copy.word])
        for article_id, word in working_copies.unsaved_beyond(tx, user_id, MOST_UNSAVED):
            working_copies.remove(tx, user_id, article_id, word)
    return Kept.KEPT


def settle(
    room: Newsroom,
    user_id: UserId,
    article_id: ArticleId | None,
    word: str,
    count: int,
    *,
    has_left: bool = False,
) -> None:
    """Note that what a page held after so many changes needs no recovery any more.

    It was stored, or thrown away. What was typed there later stays. With `has_left` the user
    has the article no longer open, either.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    now = room.clock.now()
    done = WorkingCopy(article_id=article_id, word=word, count=count, changed=now)
    with room.database.write() as tx:
        working_copies.one_at_a_time(tx, user_id)
        if article_id is not None:
            working_copies.remove(tx, user_id, None, word)
        if article_id is not None and has_left:
            presence.leave(tx, article_id, user_id)
        copies = working_copies.of(tx, user_id, article_id)
        if any(one.word == word and one.count > count for one in copies):
            return
        working_copies.put(tx, user_id, done)
        _trim(tx, user_id, [one for one in copies if one.word != word])


def of(
    room: Newsroom, user_id: UserId, article_id: ArticleId | None
) -> tuple[WorkingCopy, ...]:
    """Return a user's copies of an article, or of what is new; the newest first.

    Those that are settled are among them.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    with room.database.read() as tx:
        return working_copies.of(tx, user_id, article_id)


def unsaved(room: Newsroom, user_id: UserId, limit: int) -> tuple[WorkingCopy, ...]:
    """Return what a user has not saved yet, the newest first.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    with room.database.read() as tx:
        return working_copies.unsaved(tx, user_id, limit)


def _placed(tx: Transaction, copy: WorkingCopy) -> WorkingCopy:
    """Return the copy where it belongs: its page may have stored a new article meanwhile."""
    if copy.article_id is None:
        return replace(copy, article_id=articles.id_by_submission(tx, copy.word))
    if not articles.exists(tx, copy.article_id):
        raise NotFoundError(f"there is no article {copy.article_id}")
    return copy


def _known(found: WorkingCopy, copy: WorkingCopy) -> Kept:
    """Say what became of a copy that comes late, or once more because an answer was lost."""
    if found.is_settled:
        return Kept.SAVED
    is_same = found.count == copy.count and found.fields == copy.fields
    return Kept.KEPT if is_same else Kept.OLDER


def _trim(tx: Transaction, user_id: UserId, others: list[WorkingCopy]) -> None:
    """Let the oldest go where there would be too many; settled ones first."""
    by_need = sorted(others, key=lambda one: (one.is_settled, -one.changed.timestamp()))
    for one in by_need[MOST_COPIES - 1 :]:
        working_copies.remove(tx, user_id, one.article_id, one.word)
