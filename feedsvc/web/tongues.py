"""In which language pages speak: catalogues of messages, and which one a request is given.

Messages stand in the sources in English. Their translations are `catalogues/<tag>/LC_MESSAGES/
feedsvc.po` beside this module, read when somebody first asks for that language; what is not
translated there is shown in English.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import cast

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, has_app_context
from jinja2 import Environment

from feedsvc.says import Said

SOURCE = "en"
_FOLDER = Path(__file__).parent / "catalogues"
_DOMAIN = "feedsvc"


def register(app: Flask, site_language: str) -> None:
    """Teach this app's templates `_()`, `ngettext()`, `spoken()` and `{% trans %}`.

    Sentences that were made by `feedsvc.says` are translated wherever a template shows them.

    A page speaks the site's language, if there is a catalogue of it, unless `speak` was called
    in its request.
    """
    app.config["TONGUE"] = closest(site_language)
    environment: Environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    # The extension adds this method; with newstyle, values are escaped as everywhere.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: _catalogue(tongue()).ugettext(message),
        lambda one, many, n: _catalogue(tongue()).ungettext(one, many, n),
        newstyle=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals["spoken"] = tongue
    environment.finalize = told


def speak(tag: str) -> None:
    """Let the rest of this request be in a language, as far as there is a catalogue of it."""
    g.tongue = closest(tag)


def tongue() -> str:
    """Return the language tag of what is being said now."""
    if not has_app_context():
        return SOURCE
    return cast("str", g.get("tongue", current_app.config.get("TONGUE", SOURCE)))


def gettext(message: str, **values: object) -> str:
    """Return a message in the language of the request, with `%(name)s` filled in."""
    return _catalogue(tongue()).ugettext(message) % values


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """Return what is said of one, or of `n`, which the message may name as `%(n)s`."""
    return _catalogue(tongue()).ungettext(one, many, n) % {"n": n, **values}


def told(text: object) -> object:
    """Return a sentence of a layer below in the language of the request; others as they are."""
    if not isinstance(text, Said):
        return text
    values = {name: told(value) for name, value in text.values.items()}
    if text.many:
        return ngettext(text.message, text.many, text.number, **values)
    return gettext(text.message, **values)


def marked(message: str) -> str:
    """Return a message as it stands: for those that are translated where they are shown."""
    return message


@cache
def tongues() -> tuple[str, ...]:
    """Return the tags of all languages that pages can speak, English first."""
    found = sorted(path.parent.parent.name for path in _FOLDER.glob(f"*/*/{_DOMAIN}.po"))
    return (SOURCE, *found)


def closest(tag: str) -> str:
    """Return the language among ours that a tag asks for: "hi-IN" is "hi"; else English."""
    subtags = tag.lower().split("-")
    return subtags[0] if subtags[0] in tongues() else SOURCE


@cache
def _catalogue(tag: str) -> NullTranslations:
    if tag == SOURCE:
        return NullTranslations()
    with (_FOLDER / tag / "LC_MESSAGES" / f"{_DOMAIN}.po").open("rb") as source:
        messages = read_po(source, locale=tag, domain=_DOMAIN)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled, _DOMAIN)
