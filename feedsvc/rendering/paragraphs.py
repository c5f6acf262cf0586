"""Empty lines become paragraphs and line ends become breaks, as WordPress shows them."""

import re

_NAMES = (
    "address|article|aside|audio|blockquote|canvas|caption|center|col|colgroup|dd|details|div|"
    "dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hgroup|hr|iframe|legend|li|"
    "main|map|menu|nav|object|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul|video"
)
_OPENING = re.compile(rf"(<(?:{_NAMES})\b[^>]*>)", re.IGNORECASE)
_CLOSING = re.compile(rf"(</(?:{_NAMES})\s*>)", re.IGNORECASE)
_IS_BLOCK = re.compile(rf"</?(?:{_NAMES})\b|\x00", re.IGNORECASE)
_TAIL = re.compile(rf"(.*?)((?:\s*</(?:{_NAMES})\s*>)*)\s*", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"(?:<br\s*/?>)?[ \t]*\n", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n\s*\n")


def add_paragraphs(text: str) -> str:
    """Return HTML in which every loose run of text stands in a paragraph.

    What is in a block already stays as it is. Line ends inside tags are none of the text's.
    """
    text = re.sub(r"<[^<>]*>", lambda found: found[0].replace("\n", " "), text)
    spaced = _CLOSING.sub(r"\1\n\n", _OPENING.sub(r"\n\n\1", text))
    return "\n".join(_paragraph(part) for part in _EMPTY_LINES.split(spaced) if part.strip())


def _paragraph(part: str) -> str:
    part = part.strip()
    if _IS_BLOCK.match(part):
        return part
    found = _TAIL.fullmatch(part)
    words, tail = (found[1], found[2]) if found else (part, "")
    return f"<p>{_BREAK.sub('<br>' + chr(10), words)}</p>{tail}"
