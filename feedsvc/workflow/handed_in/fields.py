"""Single fields of what was handed in: cleaned, or refused with a sentence."""

from collections.abc import Sequence

from feedsvc.errors import InputError
from feedsvc.rendering.text import plain_text
from feedsvc.rendering.urls import absolute
from feedsvc.says import says

MAX_EXCERPT = 1000
MAX_NAME = 100
MAX_URL = 2000
MAX_LANGUAGE = 35  # RFC 5646, section 4.4.1: what has to have room


class Problems(dict[str, str]):
    """What is wrong, by field: of each the first that was found."""

    def note(self, field: str, problem: str) -> None:
        """Add what is wrong with a field, unless something is known already."""
        self.setdefault(field, problem)


def too_long(text: str, limit: int) -> str:
    """Return what is said of a text of more than so many characters."""
    return says(
        "is %(count)s characters long; at most %(limit)s are possible",
        count=len(text),
        limit=limit,
    )


def limited(value: str, limit: int) -> str:
    """Return plain text of at most so many characters.

    Raises:
        InputError: it is longer.
    """
    text = plain_text(value)
    if len(text) > limit:
        raise InputError(too_long(text, limit))
    return text


def address(value: str) -> str | None:
    """Return an absolute http address in ASCII, or None if nothing was given.

    Raises:
        InputError: it is too long, or no such address.
    """
    text = plain_text(value)
    if not text:
        return None
    if len(text) > MAX_URL:
        raise InputError(too_long(text, MAX_URL))
    url = absolute(text, "") if text.lower().startswith(("http://", "https://")) else None
    if url is None:
        raise InputError(says("must be a full address that starts with https:// or http://"))
    return url


def joined(problems: Sequence[str]) -> str:
    """Return some things to mend, one or more, in one sentence."""
    whole = problems[0]
    for more in problems[1:]:
        whole = says("%(first)s; %(second)s", first=whole, second=more)
    return whole
