"""Bodies that nh3 would give back as they are, told from all others by looking at them.

Much of what newsrooms write is paragraphs of text, with a word in italics here and a link to
somebody else's page there. To take that apart and to write it again costs nh3 five times what a
look does. What is less simple, in whatever way, is nh3's: it has the last word on all but this.

Only characters that XML cannot carry are not looked for: those are left in the text, and who
writes a document drops them (`rendering/vetting.py`).
"""

import re

from feedsvc.rendering.urls import MAX_URL, PLAIN

# All of its markup without its text: nothing that browsers would repair, nothing to look up.
_STYLED = "|".join(f"<{name}></{name}>" for name in ("b", "code", "em", "i", "strong", "u"))
_LINK = rf'<a href="(?=[^"]{{1,{MAX_URL}}}"){PLAIN}"></a>'
_LINE = rf"(?:{_STYLED}|{_LINK}|<br>)*+"
_BLOCK = "|".join(rf"<{name}>{_LINE}</{name}>" for name in ("p", "h2", "h3", "h4"))
_LIST = "|".join(rf"<{name}>(?:<li>{_LINE}</li>)*+</{name}>" for name in ("ol", "ul"))
_SIMPLE = re.compile(rf"(?:{_BLOCK}|{_LIST}|<blockquote>(?:{_BLOCK})*+</blockquote>|<hr>)++")
_TAG = re.compile("(<[^<>]*>)")
_REFERENCE = re.compile("&(?!(?:amp|lt|gt);)")  # one that nh3 would write otherwise


def is_simple(html: str) -> bool:
    """Whether a body is so simple that nh3 changes nothing about it, on whatever page it is."""
    if not html.startswith("<"):  # a byte order mark, perhaps
        return False
    parts = _TAG.split(html)  # text, tag, text, tag, … text
    text = "".join(parts[::2])
    return (
        _SIMPLE.fullmatch("".join(parts[1::2])) is not None
        and not ("<" in text or ">" in text or "\r" in text)
        and _REFERENCE.search(text) is None
    )
