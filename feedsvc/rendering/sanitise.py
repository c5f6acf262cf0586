"""The allow-list for articles' HTML, held by nh3; it has the last word on every body.

No script, style, frame, form, SVG or MathML; no class, id, style or `on…`; links over http,
https and mail only. `srcset` is not known to nh3 as holding URLs, so the filter sees to it.
"""

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import cache
from threading import local

import nh3

from feedsvc.rendering import urls
from feedsvc.rendering.text import plain_text, xml_safe
from feedsvc.rendering.tidy import TAGS

_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"lang", "dir", "title"},
    "a": {"href", "hreflang", "rel"},
    "audio": {"src", "controls", "loop"},
    "blockquote": {"cite"},
    "del": {"cite", "datetime"},
    "img": {"src", "srcset", "sizes", "alt", "width", "height"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "q": {"cite"},
    "source": {"src", "srcset", "sizes", "media", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "video": {"src", "poster", "width", "height", "controls", "loop", "muted"},
}
_LINK_TYPES = frozenset({"author", "license", "nofollow", "sponsored", "ugc"})


def sanitise(html: str, base: str | None = None, *, tags: AbstractSet[str] = TAGS) -> str:
    """Return HTML of allowed elements and attributes only, with URLs on `base` if given.

    `html` must have been through `tidy` before, in this process or when it was stored.
    """
    _page.base = base or ""
    cleaned = _cleaner(frozenset(tags), is_on_page=bool(base)).clean(html)
    # nh3 writes the no-break space, and only it, as a reference that XML does not know.
    return xml_safe(cleaned).replace("&nbsp;", "\u00a0")


class _Page(local):
    base = ""


_page = _Page()  # that a body of this thread is seen from


@cache
def _cleaner(tags: frozenset[str], *, is_on_page: bool) -> nh3.Cleaner:
    """Return the rules as nh3 has them. To make them takes twice as long as a short body."""
    return nh3.Cleaner(
        tags=set(tags),
        attributes=_ATTRIBUTES,
        attribute_filter=_filter(is_on_page=is_on_page),
        link_rel=None,  # links open no new window, so that none needs noopener
        url_schemes={"http", "https", "mailto"},
    )


def _filter(*, is_on_page: bool) -> Callable[[str, str, str], str | None]:
    """Return the rule for attributes that `nh3` asks about each: the value, or None."""
    to_url = _absolute if is_on_page else urls.as_written
    to_link = _link if is_on_page else urls.link_as_written

    def keep(_tag: str, name: str, value: str) -> str | None:
        if name == "href":
            return to_link(value)
        if name in {"src", "cite", "poster"}:
            return to_url(value)
        if name == "srcset":
            return urls.source_set(value, to_url)
        if name == "rel":
            return " ".join(w for w in value.lower().split() if w in _LINK_TYPES) or None
        return _checked(name, value)

    return keep


def _absolute(url: str) -> str | None:
    return urls.absolute(url, _page.base)


def _link(url: str) -> str | None:
    return urls.link(url, _page.base)


def _checked(name: str, value: str) -> str | None:
    text = plain_text(value)
    pattern = _PATTERNS.get(name)
    return text if pattern is None or pattern.fullmatch(text) else None


_NUMBER = re.compile(r"-?\d{1,5}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_FLAG = re.compile("")
_PATTERNS = {
    "colspan": _NUMBER,
    "controls": _FLAG,
    "dir": re.compile("ltr|rtl|auto", re.IGNORECASE),
    "height": _NUMBER,
    "hreflang": _LANGUAGE,
    "lang": _LANGUAGE,
    "loop": _FLAG,
    "muted": _FLAG,
    "reversed": _FLAG,
    "rowspan": _NUMBER,
    "scope": re.compile("(?:row|col)(?:group)?", re.IGNORECASE),
    "start": _NUMBER,
    "type": re.compile(r"[1aAiI]|[a-z]+/[A-Za-z0-9.+-]+"),
    "value": _NUMBER,
    "width": _NUMBER,
}
