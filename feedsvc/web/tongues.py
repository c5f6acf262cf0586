"""In which language a page speaks: that of the site, or what its request chose."""

from typing import cast

from flask import Flask, current_app, g, has_app_context
from jinja2 import Environment

from feedsvc import catalogues
from feedsvc.catalogues import SOURCE, closest, said_in
from feedsvc.says import Said


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
        lambda message: catalogues.catalogue(tongue()).ugettext(message),
        lambda one, many, n: catalogues.catalogue(tongue()).ungettext(one, many, n),
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
    return catalogues.catalogue(tongue()).ugettext(message) % values


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """Return what is said of one, or of `n`, which the message may name as `%(n)s`."""
    return catalogues.catalogue(tongue()).ungettext(one, many, n) % {"n": n, **values}


def told(text: object) -> object:
    """Return a sentence of a layer below in the language of the request; others as they are."""
    return said_in(tongue(), text) if isinstance(text, Said) else text


def marked(message: str) -> str:
    """Return a message as it stands: for those that are translated where they are shown."""
    return message
