"""Why an article is set aside: sentences for an editor, and how to know them again.

They are stored with the article in English. `again` finds out which sentence it was, so that a
desk can say the same in its own language.
"""

import re
from functools import cache

from feedsvc.says import Said, says

GUID = says("The article's guid is empty, too long or not plain text.")
NO_TITLE = says("The article has no title, and no text to take one from.")
NO_ZONE = says("A time of the article has no time zone.")
NOT_WITHDRAWN = says("The article was not withdrawn; withdraw it again.")
NO_CORRECTION = says("The article has no correction; write the note again.")
NOT_PUBLISHED = says("The article has no publication time; publish it again.")
TWICE = says("Another article of this feed has the same guid.")


def bad_address(address: str) -> str:
    """Return what is said of an address that no feed can have."""
    return says(
        "The article's address %(address)s is no http or https URL; correct the canonical link "
        "or the base URL.",
        address=repr(address),
    )


def unwritable(error: Exception) -> str:
    """Return what is said of an article that cannot be written, nobody foresaw why."""
    return says("The article holds something that no feed can carry: %(error)s", error=error)


_ALL = (
    *(GUID, NO_TITLE, NO_ZONE, NOT_WITHDRAWN, NO_CORRECTION, NOT_PUBLISHED, TWICE),
    *(bad_address(""), unwritable(ValueError())),
)


def again(stored: str) -> str:
    """Return a stored sentence as one that can be said in other languages, if it is ours."""
    for message, pattern in _patterns().items():
        if found := pattern.fullmatch(stored):
            return says(message, **found.groupdict())
    return stored


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Return each message with what all of its sentences look like."""
    found = {}
    for one in _ALL:
        assert isinstance(one, Said)  # noqa: S101 - `says` returns nothing else
        values = {name: "\0" + name + "\0" for name in one.values}
        parts = re.split("\0(.*?)\0", one.message % values)
        shape = "".join(
            f"(?P<{part}>.*)" if at % 2 else re.escape(part) for at, part in enumerate(parts)
        )
        found[one.message] = re.compile(shape, re.DOTALL)
    return found
