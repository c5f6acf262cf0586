"""The service's own secret: for keeping words that can be compared, and not read back."""

import hashlib
import hmac

from feedsvc.storage import settings
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import new_token


def keyed(room: Newsroom, text: str) -> str:
    """Return what is kept of a name or an address: nothing that leads back to it."""
    key = _secret(room).encode()
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _secret(room: Newsroom) -> str:
    with room.database.read() as tx:
        secret = settings.get(tx, "secret")
    if secret is not None:
        return secret
    with room.database.write() as tx:
        secret = settings.get(tx, "secret") or new_token()
        settings.put(tx, "secret", secret)
    return secret
