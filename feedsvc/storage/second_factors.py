"""Second factors: secrets of apps, recovery codes, and sign-ins that still need a code."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from feedsvc.model import UserId
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.accounts import (
    FactorOfferRow,
    RecoveryCodeRow,
    SecondFactorRow,
    SignInStepRow,
)


def is_on(tx: Transaction, user_id: UserId) -> bool:
    """Whether somebody needs a code to sign in."""
    query = select(SecondFactorRow.confirmed).where(SecondFactorRow.user_id == user_id)
    return tx.scalar(query) is not None


def holders(tx: Transaction, users: Collection[UserId]) -> set[UserId]:
    """Return which of these users need a code to sign in."""
    query = select(SecondFactorRow.user_id).where(
        SecondFactorRow.user_id.in_(users), SecondFactorRow.confirmed.is_not(None)
    )
    return set(map(UserId, tx.scalars(query)))


def secret(tx: Transaction, user_id: UserId) -> str | None:
    """Return what somebody's codes are made from."""
    query = select(SecondFactorRow.secret).where(
        SecondFactorRow.user_id == user_id, SecondFactorRow.confirmed.is_not(None)
    )
    return tx.scalar(query)


def offer(tx: Transaction, session_hash: str, value: str, now: datetime) -> None:
    """Store a secret that does not count yet, instead of any other that a session was shown."""
    end_offer(tx, session_hash)
    tx.execute(insert(FactorOfferRow).values(session_hash=session_hash, secret=value, made=now))


def offered(tx: Transaction, session_hash: str) -> tuple[str, datetime] | None:
    """Return the secret that a session was shown, and since when."""
    query = select(FactorOfferRow.secret, FactorOfferRow.made)
    found = tx.execute(query.where(FactorOfferRow.session_hash == session_hash)).first()
    return (found[0], found[1]) if found else None


def end_offer(tx: Transaction, session_hash: str) -> None:
    """Forget what a session was shown."""
    tx.execute(delete(FactorOfferRow).where(FactorOfferRow.session_hash == session_hash))


def set_up(tx: Transaction, user_id: UserId, value: str, step: int, now: datetime) -> None:
    """Let a secret count from now on, and nothing that stood in for the one before.

    Args:
        tx: in which.
        user_id: whose.
        value: the secret.
        step: the time step of the code that was made from it, which counts no more.
        now: since when.
    """
    remove(tx, user_id)
    values = {"user_id": user_id, "secret": value, "last_step": step, "confirmed": now}
    tx.execute(insert(SecondFactorRow).values(values))


def use_step(tx: Transaction, user_id: UserId, step: int) -> bool:
    """Take the code of a time step; False if it, or a later one, was taken before."""
    used = (
        update(SecondFactorRow)
        .where(SecondFactorRow.user_id == user_id, SecondFactorRow.last_step < step)
        .values(last_step=step)
        .returning(SecondFactorRow.user_id)
    )
    return tx.execute(used).first() is not None


def remove(tx: Transaction, user_id: UserId) -> None:
    """Forget the second factor of somebody, with all that stands in for it."""
    for table in (SecondFactorRow, RecoveryCodeRow, SignInStepRow):
        tx.execute(delete(table).where(table.user_id == user_id))


def set_recovery_codes(tx: Transaction, user_id: UserId, hashes: Iterable[str]) -> None:
    """Store recovery codes instead of those of before."""
    tx.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
    rows = [{"user_id": user_id, "code_hash": each} for each in hashes]
    tx.execute(insert(RecoveryCodeRow), rows)


def recovery_codes(tx: Transaction, user_id: UserId) -> set[str]:
    """Return the hashes of the recovery codes that are unused."""
    query = select(RecoveryCodeRow.code_hash).where(RecoveryCodeRow.user_id == user_id)
    return set(tx.scalars(query))


def use_recovery_code(tx: Transaction, user_id: UserId, code_hash: str) -> bool:
    """Use a recovery code up; False if there is none like it."""
    used = (
        delete(RecoveryCodeRow)
        .where(RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.code_hash == code_hash)
        .returning(RecoveryCodeRow.user_id)
    )
    return tx.execute(used).first() is not None


def recovery_codes_left(tx: Transaction, user_id: UserId) -> int:
    """Return how many recovery codes are unused."""
    query = select(func.count()).where(RecoveryCodeRow.user_id == user_id)
    return tx.scalar(query) or 0


def add_step(
    tx: Transaction, token_hash: str, user_id: UserId, *, by_link: bool, expires: datetime
) -> None:
    """Store that somebody's first factor was right."""
    tx.execute(
        insert(SignInStepRow).values(
            token_hash=token_hash, user_id=user_id, by_link=by_link, expires=expires
        )
    )


def find_step(tx: Transaction, token_hash: str, now: datetime) -> tuple[UserId, bool] | None:
    """Return whose first factor was right, and whether that was a link."""
    query = select(SignInStepRow.user_id, SignInStepRow.by_link).where(
        SignInStepRow.token_hash == token_hash, SignInStepRow.expires > now
    )
    found = tx.execute(query).first()
    return (UserId(found[0]), found[1]) if found else None


def end_step(tx: Transaction, token_hash: str) -> None:
    """Forget a sign-in that is complete."""
    tx.execute(delete(SignInStepRow).where(SignInStepRow.token_hash == token_hash))


def end_steps_of(tx: Transaction, user_id: UserId) -> None:
    """Forget what somebody has begun: their password, say, is another one now."""
    tx.execute(delete(SignInStepRow).where(SignInStepRow.user_id == user_id))


def prune(tx: Transaction, now: datetime) -> None:
    """Forget sign-ins that were never completed."""
    tx.execute(delete(SignInStepRow).where(SignInStepRow.expires <= now))
