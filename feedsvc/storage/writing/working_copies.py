"""What is being written and is not saved yet."""

import json
from datetime import datetime

from sqlalchemy import delete, select

from feedsvc.model import ArticleId, UserId
from feedsvc.model.writing import Fields, WorkingCopy
from feedsvc.storage import upserts
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.users import UserRow
from feedsvc.storage.tables.writing import UNSAVED, WorkingCopyRow

_NEW = 0  # the subject of what was never stored: no article has this id
_ROWS = 100  # far more than the workflow lets there be


def one_at_a_time(tx: Transaction, user_id: UserId) -> None:
    """Let no other request touch this user's copies until this transaction ends."""
    tx.execute(select(UserRow.id).where(UserRow.id == user_id).with_for_update())


def of(
    tx: Transaction, user_id: UserId, article_id: ArticleId | None
) -> tuple[WorkingCopy, ...]:
    """Return a user's copies of an article, or of what is new; the newest first.

    Those that are settled are among them.
    """
    query = select(WorkingCopyRow).where(
        WorkingCopyRow.user_id == user_id, WorkingCopyRow.subject == (article_id or _NEW)
    )
    rows = tx.rows(query.limit(_ROWS))
    return tuple(sorted(map(_copy, rows), key=lambda one: one.changed, reverse=True))


def unsaved(tx: Transaction, user_id: UserId, limit: int) -> tuple[WorkingCopy, ...]:
    """Return what a user has not saved yet, the newest first."""
    query = (
        select(WorkingCopyRow)
        .where(WorkingCopyRow.user_id == user_id, UNSAVED)
        .order_by(WorkingCopyRow.changed.desc())
    )
    return tuple(map(_copy, tx.rows(query.limit(limit))))


def unsaved_beyond(
    tx: Transaction, user_id: UserId, most: int
) -> tuple[tuple[ArticleId | None, str], ...]:
    """Return article and word of a user's oldest unsaved copies, a hundred at a time.

    Those are what comes after the newest `most`.
    """
    query = (
        select(WorkingCopyRow.subject, WorkingCopyRow.word)
        .where(WorkingCopyRow.user_id == user_id, UNSAVED)
        .order_by(WorkingCopyRow.changed.desc())
        .limit(most + _ROWS)
    )
    beyond = tx.execute(query).all()[most:]
    return tuple((ArticleId(row.subject) if row.subject else None, row.word) for row in beyond)


def put(tx: Transaction, user_id: UserId, copy: WorkingCopy) -> None:
    """Store a copy in the place of an earlier one of the same page."""
    key = {"user_id": user_id, "subject": copy.article_id or _NEW, "word": copy.word}
    then = {
        "count": copy.count,
        "version": copy.version,
        "fields": _written(copy.fields),
        "changed": copy.changed,
    }
    new = upserts.insert(tx, WorkingCopyRow).values(**key, **then)
    tx.execute(new.on_conflict_do_update(index_elements=[*key], set_=then))


def remove(tx: Transaction, user_id: UserId, article_id: ArticleId | None, word: str) -> None:
    """Forget one copy."""
    tx.execute(
        delete(WorkingCopyRow).where(
            WorkingCopyRow.user_id == user_id,
            WorkingCopyRow.subject == (article_id or _NEW),
            WorkingCopyRow.word == word,
        )
    )


def prune(tx: Transaction, before: datetime) -> None:
    """Forget copies that nobody has touched since a time."""
    tx.execute(delete(WorkingCopyRow).where(WorkingCopyRow.changed < before))


def _copy(row: WorkingCopyRow) -> WorkingCopy:
    return WorkingCopy(
        article_id=ArticleId(row.subject) if row.subject else None,
        word=row.word,
        count=row.count,
        version=row.version,
        fields=_read(row.fields),
        changed=row.changed,
    )


def _written(fields: Fields) -> str:
    """Return fields as text; escaped where PostgreSQL could not store a character as it is."""
    return json.dumps(fields) if fields else ""


def _read(text: str) -> Fields:
    return tuple((name, value) for name, value in json.loads(text)) if text else ()
