"""The service's own secret: for keeping words that can be compared, and not read back."""

import hashlib
import hmac

from feedsvc.storage import settings
from feedsvc.storage.database import Transaction
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import new_token


def keyed(room: Newsroom, text: str) -> str:
    """Return what is kept of a name or an address: nothing that leads back to it."""
    return _digest(_secret(room), text)


def keyed_within(tx: Transaction, text: str) -> str:
    """Return the same inside a transaction that writes."""
    return _digest(_known_or_new(tx), text)


def _digest(secret: str, text: str) -> str:
    data = text.encode("utf-8", "replace")
    return hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


def _secret(room: Newsroom) -> str:
    with room.database.read() as tx:
        secret = settings.get(tx, "secret")
    if secret is not None:
        return secret
    with room.database.write() as tx:
        return _known_or_new(tx)


def _known_or_new(tx: Transaction) -> str:
    known = settings.get(tx, "secret")
    if known is not None:
        return known
    secret = new_token()
    settings.put(tx, "secret", secret)
    return secret
