"""Passkeys, and what devices are asked to sign."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from feedsvc.model import Passkey, PasskeyId, UserId
from feedsvc.storage import upserts
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.accounts import PasskeyChallengeRow, PasskeyRow


def _to_passkey(row: PasskeyRow) -> Passkey:
    return Passkey(
        id=PasskeyId(row.id),
        user_id=UserId(row.user_id),
        name=row.name,
        credential_id=row.credential_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        created=row.created,
        last_used=row.last_used,
    )


def add(tx: Transaction, passkey: Passkey) -> None:
    """Store a passkey; the id it comes with is not used."""
    names = ("user_id", "name", "credential_id", "public_key", "sign_count", "created")
    tx.execute(insert(PasskeyRow).values({name: getattr(passkey, name) for name in names}))


def of_user(tx: Transaction, user_id: UserId) -> tuple[Passkey, ...]:
    """Return the passkeys of somebody, the first one first."""
    query = select(PasskeyRow).where(PasskeyRow.user_id == user_id).order_by(PasskeyRow.id)
    return tuple(map(_to_passkey, tx.rows(query)))


def holders(tx: Transaction, users: Collection[UserId]) -> set[UserId]:
    """Return which of these users have a passkey."""
    query = select(PasskeyRow.user_id).where(PasskeyRow.user_id.in_(users)).distinct()
    return set(map(UserId, tx.scalars(query)))


def find(tx: Transaction, credential_id: bytes) -> Passkey | None:
    """Return the passkey that a device knows by this id."""
    row = tx.row(select(PasskeyRow).where(PasskeyRow.credential_id == credential_id))
    return _to_passkey(row) if row else None


def use(tx: Transaction, passkey_id: PasskeyId, sign_count: int, now: datetime) -> bool:
    """Note that a passkey was used; False if it is not there any more."""
    changed = update(PasskeyRow).where(PasskeyRow.id == passkey_id)
    used = changed.values(sign_count=sign_count, last_used=now).returning(PasskeyRow.id)
    return tx.execute(used).first() is not None


def remove(tx: Transaction, user_id: UserId, passkey_id: PasskeyId) -> str | None:
    """Forget a passkey, if it is this user's, and return its name; None if it is not."""
    mine = delete(PasskeyRow).where(PasskeyRow.user_id == user_id)
    mine = mine.where(PasskeyRow.id == passkey_id)
    return tx.execute(mine.returning(PasskeyRow.name)).scalar()


def remove_all(tx: Transaction, user_id: UserId) -> None:
    """Forget every passkey of somebody."""
    tx.execute(delete(PasskeyRow).where(PasskeyRow.user_id == user_id))


def add_challenge(
    tx: Transaction, challenge_hash: str, user_id: UserId, expires: datetime
) -> None:
    """Store what a device is asked to make a key with."""
    tx.execute(
        insert(PasskeyChallengeRow).values(
            challenge_hash=challenge_hash, user_id=user_id, expires=expires
        )
    )


def take_challenge(
    tx: Transaction, challenge_hash: str, user_id: UserId, now: datetime
) -> bool:
    """Use a challenge up; False if it is unknown, used, expired or somebody else's."""
    used = (
        delete(PasskeyChallengeRow)
        .where(
            PasskeyChallengeRow.challenge_hash == challenge_hash,
            PasskeyChallengeRow.user_id == user_id,
            PasskeyChallengeRow.expires > now,
        )
        .returning(PasskeyChallengeRow.challenge_hash)
    )
    return tx.execute(used).first() is not None


def note_answered(tx: Transaction, challenge_hash: str, expires: datetime) -> bool:
    """Keep a challenge that was answered until it expires; False if it was before."""
    values = {"challenge_hash": challenge_hash, "user_id": None, "expires": expires}
    answered = upserts.insert(tx, PasskeyChallengeRow).values(**values).on_conflict_do_nothing()
    noted = tx.execute(answered.returning(PasskeyChallengeRow.challenge_hash))
    return noted.first() is not None


def prune(tx: Transaction, now: datetime) -> None:
    """Forget challenges that can be answered no more."""
    tx.execute(delete(PasskeyChallengeRow).where(PasskeyChallengeRow.expires <= now))
