"""Word from host to host through PostgreSQL: a feed was marked dirty, or published.

A notice is sent with the transaction that makes it true, so nobody hears of what was rolled
back, and nobody looks too early. It may get lost (a server that restarts forgets it, a
transaction pooler does not pass it on), so it only spares the wait for the next look. SQLite
knows no notices; there nothing is sent. `hearing` is the other end.
"""

from sqlalchemy import text

from feedsvc.storage.database import Transaction

_NOTIFY = text("SELECT pg_notify('feedsvc', :origin)")


def send(tx: Transaction) -> None:
    """Tell the others, when the transaction is committed; once, however often it is asked."""
    if not tx.is_sqlite:
        tx.execute(_NOTIFY, {"origin": tx.origin})
