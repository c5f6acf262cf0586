"""What hubs are still to be told: asked for with the publication, settled after the answer."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from feedsvc.model import Ping, PingId
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.pings import PingRow


def _to_ping(row: PingRow) -> Ping:
    return Ping(
        id=PingId(row.id),
        hub=row.hub,
        topic=row.topic,
        revision=row.revision,
        attempts=row.attempts,
        due=row.due,
        problem=row.problem,
    )


def ask(tx: Transaction, hubs: Iterable[str], topic: str, revision: int, due: datetime) -> None:
    """Have every hub told of a topic; what it was still to be told of it before is the same."""
    for hub in hubs:
        values = {"revision": revision, "due": due, "attempts": 0, "problem": ""}
        waiting = (
            update(PingRow)
            .where(PingRow.hub == hub, PingRow.topic == topic)
            .values(**values)
            .returning(PingRow.id)
        )
        if tx.execute(waiting).first() is None:
            tx.execute(insert(PingRow).values(hub=hub, topic=topic, **values))


def is_any_due(tx: Transaction, now: datetime) -> bool:
    """Whether a hub is to be told something now."""
    return tx.scalar(select(PingRow.id).where(PingRow.due <= now).limit(1)) is not None


def claim(tx: Transaction, now: datetime, until: datetime, limit: int) -> tuple[Ping, ...]:
    """Return what is due, each to one caller; it is due again if not settled until a time."""
    due = (
        select(PingRow.id)
        .where(PingRow.due <= now)
        .order_by(PingRow.due, PingRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = (
        update(PingRow)
        .where(PingRow.id.in_(due.scalar_subquery()))
        .where(PingRow.due <= now)
        .values(due=until)
        .returning(PingRow)
    )
    return tuple(_to_ping(row) for row in sorted(tx.rows(claimed), key=lambda row: row.id))


def told(tx: Transaction, ping: Ping) -> bool:
    """Forget what a hub was told; False if it was settled, or a newer revision came out."""
    done = delete(PingRow).where(PingRow.id == ping.id, PingRow.revision == ping.revision)
    settled = done.returning(PingRow.id)
    return tx.execute(settled).first() is not None


def failed(tx: Transaction, ping: Ping, problem: str, again: datetime | None) -> None:
    """Note that a hub could not be told, and when to try again, if at all."""
    tx.execute(
        update(PingRow)
        .where(PingRow.id == ping.id, PingRow.revision == ping.revision)
        .values(due=again, problem=problem, attempts=PingRow.attempts + 1)
    )


def unsettled(tx: Transaction, limit: int = 100) -> tuple[Ping, ...]:
    """Return what hubs were to be told and could not be, newest first."""
    query = select(PingRow).where(PingRow.attempts > 0).order_by(PingRow.id.desc())
    return tuple(_to_ping(row) for row in tx.rows(query.limit(limit)))


def forget_others(tx: Transaction, hubs: Iterable[str]) -> None:
    """Forget what was to be told to hubs that are ours no more."""
    tx.execute(delete(PingRow).where(PingRow.hub.not_in(tuple(hubs))))
