"""Leases: who may work until when, with a token that fences off the one before."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update

from feedsvc.errors import StaleError
from feedsvc.model import Lease
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.state import LeaseRow

LEASE = "leader"  # of the process that regenerates feeds
_STANDING = (
    select(LeaseRow.token, LeaseRow.expires)
    .where(LeaseRow.name == bindparam("lease"))
    .with_for_update(read=True)
)


def acquire(
    tx: Transaction,
    name: str,
    holder: str,
    now: datetime,
    term: timedelta,
    is_gone: Callable[[str], bool] = lambda _holder: False,
) -> Lease | None:
    """Take a free or expired lease, or extend one's own; None while another holds it.

    A new holder gets a higher token; an extension keeps it. A holder that `is_gone` for
    certain need not be waited for.
    """
    row = tx.row(select(LeaseRow).where(LeaseRow.name == name).with_for_update())
    expires = now + term
    if row is None:
        tx.execute(insert(LeaseRow).values(name=name, holder=holder, token=1, expires=expires))
        return Lease(name=name, holder=holder, token=1, expires=expires)
    if row.holder != holder and row.expires > now and not is_gone(row.holder):
        return None
    token = row.token + (0 if row.holder == holder else 1)
    taken = update(LeaseRow).where(LeaseRow.name == name)
    tx.execute(taken.values(holder=holder, token=token, expires=expires))
    return Lease(name=name, holder=holder, token=token, expires=expires)


def give_up(tx: Transaction, lease: Lease, now: datetime) -> None:
    """End one's own lease, so that the next leader need not wait for its term."""
    tx.execute(
        update(LeaseRow)
        .where(LeaseRow.name == lease.name, LeaseRow.token == lease.token)
        .values(expires=now, holder="")
    )


def check(tx: Transaction, lease: Lease) -> None:
    """Make sure, inside the transaction that writes, that nobody else has taken over.

    Raises:
        StaleError: another leader has a newer token.
    """
    _expiry(tx, lease)


def hold(tx: Transaction, lease: Lease, now: datetime, term: timedelta) -> None:
    """Check, and extend one's own lease by a term from now where under half a term is left.

    What was checked cannot change before this transaction ends, so whoever has lost the lease
    extends nothing; nor does who has given it up.

    Raises:
        StaleError: another leader has a newer token.
    """
    if _expiry(tx, lease) - now < term / 2:
        tx.execute(
            update(LeaseRow)
            .where(
                LeaseRow.name == lease.name,
                LeaseRow.token == lease.token,
                LeaseRow.holder == lease.holder,
            )
            .values(expires=now + term)
        )


def _expiry(tx: Transaction, lease: Lease) -> datetime:
    """Return until when one's own lease stands, checked."""
    row = tx.execute(_STANDING, {"lease": lease.name}).one_or_none()
    if row is None or row.token != lease.token:
        raise StaleError(f"another process has taken over the lease {lease.name}")
    expires: datetime = row.expires
    return expires


def current(tx: Transaction, name: str) -> Lease | None:
    """Return who holds or last held the lease."""
    row = tx.row(select(LeaseRow).where(LeaseRow.name == name))
    if row is None:
        return None
    return Lease(name=row.name, holder=row.holder, token=row.token, expires=row.expires)
