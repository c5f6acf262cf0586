"""Tokens of programs, and what was asked for under an idempotency key."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from feedsvc.model import ApiToken, Scope, TokenId
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.tokens import ApiRequestRow, ApiTokenRow


def _to_token(row: ApiTokenRow) -> ApiToken:
    return ApiToken(
        id=TokenId(row.id),
        name=row.name,
        scope=Scope(row.scope),
        created=row.created,
        expires=row.expires,
        last_used=row.last_used,
        revoked=row.revoked,
    )


def add(
    tx: Transaction,
    *,
    name: str,
    token_hash: str,
    scope: Scope,
    created: datetime,
    expires: datetime | None,
) -> ApiToken:
    """Store a token; the name must be free."""
    added = insert(ApiTokenRow).values(
        name=name,
        token_hash=token_hash,
        scope=scope.value,
        created=created,
        expires=expires,
    )
    return _to_token(tx.only(added.returning(ApiTokenRow)))


def find(tx: Transaction, token_hash: str) -> ApiToken | None:
    """Return the token with this hash, be it good or not."""
    row = tx.row(select(ApiTokenRow).where(ApiTokenRow.token_hash == token_hash))
    return _to_token(row) if row else None


def find_by_name(tx: Transaction, name: str) -> ApiToken | None:
    """Return the token of this name, be it good or not."""
    row = tx.row(select(ApiTokenRow).where(ApiTokenRow.name == name))
    return _to_token(row) if row else None


def tokens(tx: Transaction, limit: int = 1000) -> tuple[ApiToken, ...]:
    """Return the tokens by name."""
    rows = tx.rows(select(ApiTokenRow).order_by(ApiTokenRow.name).limit(limit))
    return tuple(_to_token(row) for row in rows)


def touch(tx: Transaction, token_id: TokenId, now: datetime) -> None:
    """Note that a token was used."""
    changed = update(ApiTokenRow).where(ApiTokenRow.id == token_id)
    tx.execute(changed.values(last_used=now))


def revoke(tx: Transaction, token_id: TokenId, now: datetime) -> None:
    """Let a token open nothing any more; its name stays, for colleagues to see."""
    changed = update(ApiTokenRow).where(ApiTokenRow.id == token_id)
    tx.execute(changed.values(revoked=now))


def fingerprint(tx: Transaction, token_id: TokenId, key_hash: str) -> str | None:
    """Return what was asked for under a key; None if nothing was."""
    return tx.scalar(
        select(ApiRequestRow.fingerprint).where(
            ApiRequestRow.token_id == token_id, ApiRequestRow.key_hash == key_hash
        )
    )


def remember(
    tx: Transaction, token_id: TokenId, key_hash: str, fingerprint: str, now: datetime
) -> None:
    """Note what is asked for under a key that was not used before."""
    tx.execute(
        insert(ApiRequestRow).values(
            token_id=token_id, key_hash=key_hash, fingerprint=fingerprint, created=now
        )
    )


def prune(tx: Transaction, before: datetime) -> None:
    """Forget what was asked for before a time."""
    tx.execute(delete(ApiRequestRow).where(ApiRequestRow.created < before))
