"""The languages that feedsvc speaks: catalogues of messages, for pages and for feeds.

Messages stand in the sources in English. Their translations are `<tag>/LC_MESSAGES/feedsvc.po`
beside this module, read when somebody first asks for that language; what is not translated
there is said in English. Nothing here looks at the machine or at a request, so what goes into
a feed is the same on every host.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from feedsvc.says import Said

if TYPE_CHECKING:
    from babel.support import NullTranslations

SOURCE = "en"
_FOLDER = Path(__file__).parent
_DOMAIN = "feedsvc"


@cache
def tongues() -> tuple[str, ...]:
    """Return the tags of all languages that can be spoken, English first."""
    found = sorted(path.parent.parent.name for path in _FOLDER.glob(f"*/*/{_DOMAIN}.po"))
    return (SOURCE, *found)


def closest(tag: str) -> str:
    """Return the language among ours that a tag asks for: "hi-IN" is "hi"; else English."""
    subtags = tag.lower().split("-")
    return subtags[0] if subtags[0] in tongues() else SOURCE


@cache
def catalogue(tag: str) -> "NullTranslations":
    """Return the messages of one of our languages; those of English are themselves."""
    from babel.support import NullTranslations, Translations  # noqa: PLC0415 - most say nothing

    if tag == SOURCE:
        return NullTranslations()
    # Only here, and not when an English newsroom starts.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with (_FOLDER / tag / "LC_MESSAGES" / f"{_DOMAIN}.po").open("rb") as source:
        messages = read_po(source, locale=tag, domain=_DOMAIN)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled, _DOMAIN)


def said_in(tag: str, text: str) -> str:
    """Return a sentence of `feedsvc.says` in one of our languages; other text as it is."""
    if not isinstance(text, Said):
        return text
    known = catalogue(tag)
    values = {
        name: said_in(tag, value) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    if text.many:
        message = known.ungettext(text.message, text.many, text.number)
        return message % {"n": text.number, **values}
    return known.ugettext(text.message) % values
