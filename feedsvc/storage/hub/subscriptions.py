"""Who is sent which topic by our hub, and what they are still to be sent.

A row is a callback and a topic, and holds at most one delivery: what comes out before it was
made is delivered with it, so nothing older can follow something newer.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from feedsvc.model import Intent, Subscription, SubscriptionId, SubscriptionKind
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.hub import SubscriptionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many are subscribed, how many wait for a delivery, and for how many one failed."""

    active: int
    waiting: int
    failing: int


def _to_subscription(row: SubscriptionRow) -> Subscription:
    return Subscription(
        id=SubscriptionId(row.id),
        kind=SubscriptionKind(row.kind),
        topic=row.topic,
        callback=row.callback,
        host=row.host,
        secret=row.secret,
        expires=row.expires,
        revision=row.revision,
        attempts=row.attempts,
        due=row.due,
        held=row.held,
        problem=row.problem,
    )


def find(tx: Transaction, topic: str, callback: str) -> Subscription | None:
    """Return a subscription, be it expired or not."""
    row = SubscriptionRow
    found = tx.row(select(row).where(row.topic == topic, row.callback == callback))
    return _to_subscription(found) if found else None


def count(tx: Transaction) -> int:
    """Return how many there are; the settings bound it."""
    return tx.scalar(select(func.count()).select_from(SubscriptionRow)) or 0


def count_of(tx: Transaction, host: str) -> int:
    """Return how many callbacks of a host are subscribed."""
    of_host = select(func.count()).where(SubscriptionRow.host == host)
    return tx.scalar(of_host) or 0


def confirm(tx: Transaction, intent: Intent, now: datetime, expires: datetime) -> None:
    """Subscribe a callback, or renew what it has, as it asked for now."""
    row = SubscriptionRow
    kind = SubscriptionKind.CLOUD if intent.mode.is_cloud else SubscriptionKind.WEBSUB
    renewed = (
        update(row)
        .where(row.topic == intent.topic, row.callback == intent.callback)
        .values(kind=kind.value, secret=intent.secret, expires=expires, attempts=0, problem="")
        .returning(row.id)
    )
    if tx.execute(renewed).first() is None:
        tx.execute(
            insert(row).values(
                kind=kind.value,
                topic=intent.topic,
                callback=intent.callback,
                host=intent.host,
                secret=intent.secret,
                created=now,
                expires=expires,
            )
        )


def end(tx: Transaction, topic: str, callback: str) -> None:
    """Forget a subscription, its secret included."""
    row = SubscriptionRow
    tx.execute(delete(row).where(row.topic == topic, row.callback == callback))


def want(tx: Transaction, topic: str, revision: int, now: datetime, patiently: datetime) -> int:
    """Have a revision of a topic sent to all who subscribed; return how many they are.

    Who failed before is not tried any sooner for it: at the time that was set, or, where
    nobody tried any more, once more at the `patiently` given time.
    """
    row = SubscriptionRow
    due = case(
        (row.attempts == 0, now),
        (row.due.is_(None), patiently),
        else_=row.due,
    )
    wanted = (
        update(row)
        .where(row.topic == topic, row.expires > now)
        .values(revision=revision, due=due)
        .returning(row.id)
    )
    return len(tx.execute(wanted).all())


def is_any_due(tx: Transaction, now: datetime, busy: Collection[str] = ()) -> bool:
    """Whether something is to be sent now, of none of these hosts, and nobody is at it."""
    return tx.scalar(_due(now, busy)) is not None


def claim(
    tx: Transaction, now: datetime, until: datetime, busy: Collection[str]
) -> Subscription | None:
    """Return one that is due, of none of these hosts; to one caller, until a time."""
    row = SubscriptionRow
    due = _due(now, busy).with_for_update(skip_locked=True)
    claimed = (
        update(row)
        .where(row.id == due.scalar_subquery(), _is_free(now))
        .values(held=until)
        .returning(row)
    )
    found = tx.row(claimed)
    return _to_subscription(found) if found else None


def _due(now: datetime, busy: Collection[str]) -> Select[int]:
    """Ask for what has waited longest, without busy hosts, and without what others are at."""
    row = SubscriptionRow
    query = select(row.id).where(row.due <= now, _is_free(now), row.expires > now)
    if busy:
        query = query.where(row.host.not_in(busy))
    return query.order_by(row.due, row.id).limit(1)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(SubscriptionRow.held.is_(None), SubscriptionRow.held <= now)


def still(tx: Transaction, claimed: Subscription, now: datetime) -> Subscription | None:
    """Return it as it is now; None if it has ended, or another may have claimed it."""
    row = SubscriptionRow
    mine = row.id == claimed.id, row.held == claimed.held
    found = tx.row(select(row).where(*mine, row.held > now, row.expires > now))
    return _to_subscription(found) if found else None


def delivered(tx: Transaction, claimed: Subscription, revision: int) -> None:
    """Note what was sent; what came out meanwhile is still due."""
    row = SubscriptionRow
    tx.execute(
        update(row)
        .where(row.id == claimed.id, row.held == claimed.held)
        .values(
            held=None,
            attempts=0,
            problem="",
            due=case((row.revision > revision, row.due), else_=None),
        )
    )


def failed(
    tx: Transaction,
    claimed: Subscription,
    problem: str,
    again: datetime | None,
    patiently: datetime,
) -> None:
    """Note that a delivery failed, and when to try again, if at all.

    What came out meanwhile is due at the `patiently` given time where there is no other.
    """
    row = SubscriptionRow
    newer = case((row.revision > claimed.revision, patiently), else_=None)
    due = newer if again is None else again
    tx.execute(
        update(row)
        .where(row.id == claimed.id, row.held == claimed.held)
        .values(held=None, attempts=row.attempts + 1, problem=problem, due=due)
    )


def standing(tx: Transaction, now: datetime) -> Standing:
    """Return how all of them are."""
    row = SubscriptionRow
    counted = select(
        func.count(),
        func.count().filter(and_(row.due.is_not(None), row.attempts == 0)),
        func.count().filter(row.attempts > 0),
    ).where(row.expires > now)
    active, waiting, failing = tx.execute(counted).one()
    return Standing(active=active, waiting=waiting, failing=failing)


def undelivered(tx: Transaction, now: datetime, limit: int = 100) -> tuple[Subscription, ...]:
    """Return some of those for whom a delivery failed, newest first."""
    row = SubscriptionRow
    failing = select(row).where(row.attempts > 0, row.expires > now)
    found = tx.rows(failing.order_by(row.id.desc()).limit(limit))
    return tuple(_to_subscription(each) for each in found)


def prune(tx: Transaction, now: datetime) -> None:
    """Forget those that have expired, their secrets included."""
    tx.execute(delete(SubscriptionRow).where(SubscriptionRow.expires <= now))
