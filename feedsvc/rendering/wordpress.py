"""What WordPress makes of an author's text when it shows it: paragraphs, captions, embeds.

A WordPress stores what was typed: block comments, shortcodes in brackets, addresses alone on
a line, empty lines for paragraphs. Here that becomes plain HTML, once and for all, with
nothing left over. What comes out goes through the ordinary sanitiser like every body.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from feedsvc.model import BodyFormat
from feedsvc.rendering.body import MAX_CHARACTERS, absolute_urls, to_html
from feedsvc.rendering.paragraphs import add_paragraphs

MOST_PICTURES = 100  # of a gallery


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A media file that a text names by its number."""

    url: str
    alt: str = ""
    caption: str = ""


# Given numbers, or none for all that belong to the article: the files in that order.
Pictures = Callable[[tuple[str, ...]], list[Picture]]

# Every pattern stops at the next beginning of what it looks for, so that none looks at a
# character more than a few times. WordPress escapes < and > in the attributes of blocks.
_BLOCK = re.compile(r"<!--\s*/?wp:[a-z][a-z0-9/_-]*[^<>]*-->")
_PARTING = re.compile(r"<!--\s*(?:more|nextpage|noteaser)[^<>]*-->")
_NAME = r"[A-Za-z][A-Za-z0-9_-]*+"
_VALUE = r"\"[^\"]*+\"|'[^']*+'|[^\s\"'\[\]]++"
_SHORTCODE = re.compile(
    rf"\[(?P<escape>\[)?(?P<close>/)?(?P<name>{_NAME})"
    rf"(?P<attributes>(?:\s++(?>{_NAME}\s*+=\s*+(?:{_VALUE})|{_VALUE}))*+|=[^\s\[\]]++)"
    r"\s*+/?\](?(escape)\])"
)
_ATTRIBUTE = re.compile(rf"({_NAME})\s*+=\s*+({_VALUE})|({_VALUE})")
_ASSIGNED = re.compile(r"[\w-]=[\"'\w/#]|[\w-]\s*=\s*[\"']")
_ADDRESS = r"https?://[^\s<>\"\[\]]++"
_ADDRESS_LINE = re.compile(
    rf"^[ \t]*+({_ADDRESS})[ \t]*+$|<p>\s*+({_ADDRESS})\s*+</p>", re.MULTILINE
)
_VERBATIM = re.compile(r"<(pre|script|style|textarea)\b", re.IGNORECASE)
_EMPTY = re.compile(
    r"<(p|div|figure|figcaption|span|ul|ol|li|h[1-6]|strong|em|a)(?: [^>]*)?>[\s\u00a0]*</\1>"
)
# Shortcodes of WordPress and of its best-known plugins that show nothing a feed could carry.
_SILENT = frozenset(
    [
        *("ads", "adsense", "contactform", "gravityform", "poll", "popup", "sidebar"),
        *("sitemap", "slideshow", "subscribe", "toc", "wpforms"),
    ]
)
_PLAYERS = {
    "audio": ("src", "mp3", "m4a", "ogg", "wav"),
    "video": ("src", "mp4", "webm", "m4v"),
}
_LINKS = frozenset({"embed", "youtube", "vimeo", "soundcloud", "twitter", "tweet", "instagram"})


def from_wordpress(source: str, page: str, pictures: Pictures) -> str:
    """Return an article's body as sanitised HTML with every URL absolute, seen from `page`.

    Raises:
        InputError: see `body.to_html`.
    """
    if len(source) > MAX_CHARACTERS:
        return to_html(source, BodyFormat.HTML)  # which refuses it
    text = source.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    has_blocks = "<!-- wp:" in text
    text = _PARTING.sub("\n\n", text)
    text = _BLOCK.sub("", text) if has_blocks else text
    kept: list[str] = []
    text = _put_away(text, kept)
    text = _Shortcodes(text, pictures).resolved()
    text = _ADDRESS_LINE.sub(lambda found: _link(found[1] or found[2]), text)
    text = text if has_blocks else add_paragraphs(text)
    text = re.sub(r"\x00(\d+)\x00", lambda found: kept[int(found[1])], text)
    return without_litter(absolute_urls(to_html(text, BodyFormat.HTML), page))


def without_litter(body: str) -> str:
    """Return sanitised HTML without the elements in which nothing is left."""
    for _ in range(5):  # an empty list in an empty part of an empty part
        body, count = _EMPTY.subn("", body)
        if not count:
            break
    return body.strip()


def _put_away(text: str, kept: list[str]) -> str:
    """Put marks in the place of elements whose text is shown as it is, line ends and all."""
    small, out, at = text.lower(), [], 0
    while found := _VERBATIM.search(text, at):
        end = small.find(f"</{found[1].lower()}", found.end())
        end = small.find(">", end) + 1 if end > 0 else 0
        if not end:
            break
        kept.append(text[found.start() : end])
        out += [text[at : found.start()], f"\x00{len(kept) - 1}\x00"]
        at = end
    return "".join([*out, text[at:]])


def _link(address: str) -> str:
    quoted = html.escape(html.unescape(address))
    return f'\n\n<p><a href="{quoted}">{quoted}</a></p>\n\n'


class _Shortcodes:
    """Shortcodes are replaced from left to right; one that encloses takes what it encloses."""

    def __init__(self, text: str, pictures: Pictures) -> None:
        self._text = text
        self._pictures = pictures
        found = _SHORTCODE.finditer(text)
        # Where each name is closed for the last time: behind it nothing need be looked for.
        self._closed = {m["name"].lower(): m.start() for m in found if m["close"]}

    def resolved(self) -> str:
        out: list[str] = []
        at = 0
        while found := _SHORTCODE.search(self._text, at):
            out.append(self._text[at : found.start()])
            shown, at = self._shown(found)
            out.append(shown)
        out.append(self._text[at:])
        return "".join(out)

    def _shown(self, found: re.Match[str]) -> tuple[str, int]:
        """Return what stands in the place of a shortcode, and where reading goes on."""
        name = found["name"].lower()
        if found["escape"]:
            return found[0][1:-1], found.end()
        if found["close"]:
            return ("" if self._is_ours(found) else found[0]), found.end()
        if not self._is_ours(found):
            return found[0], found.end()
        inner, end = self._inner(found, name)
        return self._replaced(name, found["attributes"], inner), end

    def _is_ours(self, found: re.Match[str]) -> bool:
        """Whether it is a shortcode, and not what an author has put in brackets."""
        name = found["name"].lower()
        is_known = name in _PLAYERS or name in _LINKS or name in _SILENT
        return (
            is_known
            or name in {"caption", "wp_caption", "gallery", "playlist"}
            or name in self._closed
            or found["attributes"].startswith("=")
            or _ASSIGNED.search(found["attributes"]) is not None
            or "_" in name
        )

    def _inner(self, found: re.Match[str], name: str) -> tuple[str | None, int]:
        """Return what a shortcode encloses, and where it ends; None if it encloses nothing."""
        is_single = found[0].endswith("/]") or name not in _ENCLOSING
        if is_single or self._closed.get(name, -1) < found.end():
            return None, found.end()
        end = re.compile(rf"\[/{re.escape(name)}\s*\]", re.IGNORECASE)
        closing = end.search(self._text, found.end())
        if closing is None:
            return None, found.end()
        return self._text[found.end() : closing.start()], closing.end()

    def _replaced(self, name: str, attributes: str, inner: str | None) -> str:
        given, bare = _attributes(attributes)
        if name in {"caption", "wp_caption"}:
            return _caption(inner or "", given)
        if name in {"gallery", "playlist"}:
            return self._gallery(given)
        if name in _PLAYERS:
            return _player(name, given, inner or "")
        if name in _LINKS:
            address = (inner or "").strip() or given.get("url", "") or next(iter(bare), "")
            return _link(address) if address.startswith(("http://", "https://")) else ""
        return ""

    def _gallery(self, given: dict[str, str]) -> str:
        named = re.findall(r"\d+", given.get("ids", "") or given.get("include", ""))
        shown = self._pictures(tuple(named[:MOST_PICTURES]))
        return "\n\n" + "\n".join(map(_figure, shown)) + "\n\n" if shown else ""


_ENCLOSING = frozenset({"caption", "wp_caption", "embed", "audio", "video"} | _LINKS)


def _attributes(text: str) -> tuple[dict[str, str], list[str]]:
    """Return named and bare attributes; `[youtube=https://…]` has a bare one."""
    if text.startswith("="):
        return {}, [html.unescape(text[1:].strip("\"'"))]
    named: dict[str, str] = {}
    bare: list[str] = []
    for name, value, alone in _ATTRIBUTE.findall(text):
        if name:
            named[name.lower()] = html.unescape(value.strip("\"'"))
        else:
            bare.append(html.unescape(alone.strip("\"'")))
    return named, bare


_IMAGE = re.compile(r"\s*((?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(.*)", re.DOTALL)


def _caption(inner: str, given: dict[str, str]) -> str:
    """Return picture and words as a figure; older texts have the words as an attribute."""
    found = _IMAGE.fullmatch(inner)
    picture, words = (found[1], found[2].strip()) if found else (inner, "")
    words = words or html.escape(given.get("caption", ""), quote=False)
    return f"\n\n<figure>{picture}<figcaption>{words}</figcaption></figure>\n\n"


def _player(name: str, given: dict[str, str], inner: str) -> str:
    address = next((given[key] for key in _PLAYERS[name] if given.get(key)), "")
    address = address or inner.strip()
    if not address.startswith(("http://", "https://", "/")):
        return ""
    return f'\n\n<p><{name} src="{html.escape(address)}" controls></{name}></p>\n\n'


def _figure(picture: Picture) -> str:
    image = f'<img src="{html.escape(picture.url)}" alt="{html.escape(picture.alt)}">'
    words = html.escape(picture.caption, quote=False)
    return f"<figure>{image}<figcaption>{words}</figcaption></figure>"
