"""What our hub was asked for, and callbacks have not confirmed yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, or_, select, update

from feedsvc.model import HubMode, Intent, IntentId
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.hub import IntentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many intents there are: in all, with one callback host, and from one source."""

    all: int
    of_host: int
    of_source: int


def _to_intent(row: IntentRow) -> Intent:
    return Intent(
        id=IntentId(row.id),
        mode=HubMode(row.mode),
        topic=row.topic,
        callback=row.callback,
        host=row.host,
        source=row.source,
        secret=row.secret,
        lease_seconds=row.lease_seconds,
        reason=row.reason,
        created=row.created,
    )


def put(tx: Transaction, intent: Intent, due: datetime, failed: datetime | None = None) -> None:
    """Store an intent under an id of its own, in the place of one with the same callback.

    `failed` is when its host last did not confirm: a new request must not make that forgotten.
    """
    row = IntentRow
    same = row.topic == intent.topic, row.callback == intent.callback
    tx.execute(delete(row).where(*same))
    tx.execute(
        insert(row).values(
            mode=intent.mode.value,
            topic=intent.topic,
            callback=intent.callback,
            host=intent.host,
            source=intent.source,
            secret=intent.secret,
            lease_seconds=intent.lease_seconds,
            reason=intent.reason,
            created=intent.created,
            due=due,
            failed=failed,
        )
    )


def crowd(tx: Transaction, host: str, source: str) -> Crowd:
    """Count what is there, those that failed lately included."""

    def count(*where: ColumnElement[bool]) -> int:
        return tx.scalar(select(func.count()).select_from(IntentRow).where(*where)) or 0

    return Crowd(
        all=count(),
        of_host=count(IntentRow.host == host),
        of_source=count(IntentRow.source == source),
    )


def last_failure(tx: Transaction, host: str) -> datetime | None:
    """Return when a host last did not confirm what was said to be its wish."""
    return tx.scalar(select(func.max(IntentRow.failed)).where(IntentRow.host == host))


def is_any_due(tx: Transaction, now: datetime, busy: Collection[str] = ()) -> bool:
    """Whether a callback is to be asked now, of none of these hosts."""
    return tx.scalar(_due(now, busy)) is not None


def claim(
    tx: Transaction, now: datetime, until: datetime, busy: Collection[str]
) -> Intent | None:
    """Return an intent that is due, of none of these hosts; to one caller, until a time."""
    due = _due(now, busy).with_for_update(skip_locked=True)
    claimed = (
        update(IntentRow)
        .where(IntentRow.id == due.scalar_subquery(), IntentRow.due <= now)
        .values(due=until)
        .returning(IntentRow)
    )
    row = tx.row(claimed)
    return _to_intent(row) if row else None


def _due(now: datetime, busy: Collection[str]) -> Select[int]:
    query = select(IntentRow.id).where(IntentRow.due <= now)
    if busy:
        query = query.where(IntentRow.host.not_in(busy))
    return query.order_by(IntentRow.due, IntentRow.id).limit(1)


def settle(tx: Transaction, intent: Intent) -> bool:
    """Forget an intent; False if another has taken its place meanwhile."""
    gone = delete(IntentRow).where(IntentRow.id == intent.id).returning(IntentRow.id)
    return tx.execute(gone).first() is not None


def failed(tx: Transaction, intent: Intent, now: datetime) -> None:
    """Note that a callback did not confirm; nobody asks it any more."""
    one = update(IntentRow).where(IntentRow.id == intent.id)
    tx.execute(one.values(due=None, failed=now, secret=None))


def put_off(tx: Transaction, host: str, until: datetime) -> None:
    """Let all that is asked of a host wait until a time."""
    waiting = update(IntentRow).where(IntentRow.host == host, IntentRow.due < until)
    tx.execute(waiting.values(due=until))


def prune(tx: Transaction, *, failed_before: datetime, made_before: datetime) -> None:
    """Forget what failed, and what nobody got round to, before these times."""
    over = and_(IntentRow.failed < failed_before, IntentRow.due.is_(None))
    tx.execute(delete(IntentRow).where(or_(over, IntentRow.created < made_before)))
