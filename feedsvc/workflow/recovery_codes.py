"""Recovery codes: how they are made, and what is kept of them.

They have 120 random bits, so that their SHA-256 is as good as a slow hash (ASVS 5.0, 6.5.2).
"""

import base64
import hmac
import secrets
from collections.abc import Set as AbstractSet

from feedsvc.model import Session
from feedsvc.workflow.passwords import token_hash

COUNT = 10
_CODE_BYTES = 15
_GROUP = 6  # letters
_RANDOM_BYTES = 24
_BEGINNING = 8  # letters of a hash, enough to know it again among ten


def new() -> tuple[str, ...]:
    """Return codes that nobody could know."""
    return tuple(_spelled(secrets.token_bytes(_CODE_BYTES)) for _ in range(COUNT))


def renewal(unused: AbstractSet[str]) -> str:
    """Return what a form for others carries: a random word, and which ones they replace.

    Args:
        unused: the hashes of those that there are now.
    """
    beginnings = sorted(one[:_BEGINNING] for one in unused)
    return ".".join([secrets.token_urlsafe(_RANDOM_BYTES), *beginnings])


def of_form(session: Session, form: str) -> tuple[str, ...]:
    """Return the codes that a form makes, the same each time it is sent.

    They come from the form's random word, which is stored nowhere, and the session's secret,
    which is in no page: neither the database nor a form alone is enough to know them.
    """
    return tuple(
        _spelled(hmac.digest(session.csrf_secret.encode(), text.encode(), "sha256"))
        for text in (f"recovery code {number}\n{form}" for number in range(COUNT))
    )


def may_follow(unused: AbstractSet[str], form: str) -> bool:
    """Whether the codes that there are, as far as they are unused, are those of the form."""
    word, *replaced = form.split(".")
    return len(word) > _RANDOM_BYTES and {one[:_BEGINNING] for one in unused} <= set(replaced)


def hashed(code: str) -> str:
    """Return what is kept of a recovery code, however it was typed."""
    return token_hash("".join(code.replace("-", " ").split()).lower())


def _spelled(random: bytes) -> str:
    letters = base64.b32encode(random[:_CODE_BYTES]).decode().lower()
    groups = [letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP)]
    return "-".join(groups)
