"""The text of a sanitised body: its tags are complete, and a `<` in its text is written out."""

import html
import re

_TAG = re.compile(
    r"""</?([A-Za-z][^\s/>]*+)(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>|<!--.*?-->""", re.DOTALL
)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Inside a word; every other tag keeps apart what it stands between.
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "em", "font", "i", "ins", "kbd"}
    | {"mark", "q", "s", "small", "span", "strong", "sub", "sup", "u", "wbr"}
)


def text_of(body: str) -> str:
    """Return the text of sanitised HTML; what tags say is left out."""
    without = _TAG.sub(lambda tag: "" if (tag[1] or "").lower() in _INLINE else " ", body)
    if "&" not in without:
        return without
    return _REFERENCE.sub(lambda found: html.unescape(found[0]), without)
