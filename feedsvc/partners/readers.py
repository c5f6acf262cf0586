"""What any reader stumbles over: the preflight of every article."""

import ipaddress
from datetime import timedelta
from urllib.parse import urlsplit

from feedsvc.errors import RenderingError
from feedsvc.model import BodyFormat, Partner
from feedsvc.model.pictures import picture_at
from feedsvc.partners.body import embedded
from feedsvc.partners.findings import ERROR, WARNING, Rule, Rules, Seen
from feedsvc.rendering.limits import APPLE_TITLE, MSN_TITLE_MOST
from feedsvc.rendering.pictures import own_pictures
from feedsvc.rendering.text import is_blank
from feedsvc.rendering.urls import absolute
from feedsvc.rendering.vetting import MAX_BODY, vet_entry
from feedsvc.says import counts, says

_OWN = "feedsvc"
_YEAR = timedelta(days=365)
_INWARD = (".local", ".internal", ".localhost", ".lan", ".test", ".invalid", ".example")
_MOST_NAMED = 3
_PLAYERS = frozenset({"audio", "video"})
_NO_ALT = says(
    "The lead image has no description, so readers who cannot see it learn "
    "nothing of it: say what it shows."
)


def _refused(seen: Seen) -> str:
    try:
        vet_entry(seen.entry)
    except RenderingError as error:
        return says("No feed can carry the article. %(reason)s", reason=str(error))
    return ""


def _too_long(seen: Seen) -> str:
    length = len(seen.article.body)
    if length <= MAX_BODY:
        return ""
    return says(
        "The text has %(length)s characters of markup, so feeds carry the "
        "excerpt only: split the article.",
        length=f"{length:,}",
    )


def _no_text(seen: Seen) -> str:
    if not is_blank(seen.body.text) or seen.body.images:
        return ""
    return says("The article has no text, so readers see a headline only: write some.")


def _short_title(seen: Seen) -> str:
    count, least = len(seen.entry.title), APPLE_TITLE[0].value
    if count >= least:
        return ""
    return counts(
        "The headline has 1 character: in a list, fewer than %(least)s "
        "hardly say what the article is about.",
        "The headline has %(count)s characters: in a list, fewer than %(least)s "
        "hardly say what the article is about.",
        count,
        least=least,
    )


def _long_title(seen: Seen) -> str:
    count, most = len(seen.entry.title), MSN_TITLE_MOST.value
    if count <= most:
        return ""
    return says(
        "The headline has %(count)s characters, and many readers cut it: "
        "%(most)s are plenty, the rest can open the text.",
        count=count,
        most=most,
    )


def _namesake(seen: Seen) -> str:
    if not seen.namesakes:
        return ""
    return says(
        "Another article of this day has the same headline, and some readers "
        "show only one of two such: change one of them."
    )


def _no_category(seen: Seen) -> str:
    if seen.entry.categories:
        return ""
    return says(
        "The article is in no category, so only the feed of recent posts has it: choose one."
    )


def _image_alt(seen: Seen) -> str:
    return _NO_ALT if _lacks_alt(seen) and not _is_own_lead(seen) else ""


def _own_alt(seen: Seen) -> str:
    return _NO_ALT if _lacks_alt(seen) and _is_own_lead(seen) else ""


def _body_alt(seen: Seen) -> str:
    return _undescribed(seen.body.undescribed - _own_undescribed(seen))


def _own_body_alt(seen: Seen) -> str:
    return _undescribed(_own_undescribed(seen))


def _undescribed(count: int) -> str:
    if count <= 0:  # a feed of excerpts has none of them
        return ""
    return counts(
        "There is 1 image in the text without a description: say what can be seen.",
        "There are %(count)s images in the text without a description: say what can be seen.",
        count,
    )


def _missing(seen: Seen) -> str:
    found = [one for one in seen.body.images if one in seen.missing]
    if not found:
        return ""
    return says(
        "There is no picture at %(named)s, so readers see a gap in the text: upload it again, "
        "or take it out.",
        named=_named(found),
    )


def _relative(seen: Seen) -> str:
    found = [one for one in (*seen.body.links, *seen.body.images) if _is_relative(one)]
    if not found:
        return ""
    return says(
        "The text names no host in %(named)s, so feeds lead there on this site: "
        "write the whole address if it is elsewhere.",
        named=_named(found),
    )


def _dead(seen: Seen) -> str:
    found = [
        one or "an empty address"
        for one in (*seen.body.links, *seen.body.images)
        if _is_dead(one)
    ]
    if not found:
        return ""
    return says(
        "Nobody outside can follow %(named)s: correct or remove what leads there.",
        named=_named(found),
    )


def _future(seen: Seen) -> str:
    published = seen.entry.published
    ahead = published - seen.now
    scheduled = seen.article.release_at is not None and seen.article.release_at > seen.now
    if ahead <= (_YEAR if scheduled else timedelta(minutes=5)):
        return ""
    return says(
        "The article is dated %(published)s, which is still to come: some "
        "readers hide it, others keep it on top until then; look at the date.",
        published=f"{published:%Y-%m-%d}",
    )


def _old(seen: Seen) -> str:
    published = seen.entry.published
    if seen.now - published <= _YEAR:
        return ""
    return says(
        "The article is dated %(published)s, more than a year ago: readers may "
        "not show it as new; look at the date.",
        published=f"{published:%Y-%m-%d}",
    )


def _left_out(seen: Seen) -> str:
    if seen.article.body_format is not BodyFormat.HTML:
        return ""
    found = embedded(seen.article.body_source)
    if not found:
        return ""
    return says(
        "The text as it was written holds %(names)s, which no page or feed "
        "carries: put a link or an image in its place.",
        names=", ".join(sorted(found)),
    )


def _players(seen: Seen) -> str:
    found = sorted(seen.body.tags & _PLAYERS)
    if not found:
        return ""
    return says(
        "The text holds %(names)s, which many readers and newsletters leave out: "
        "add a link to it.",
        names=", ".join(found),
    )


def _lacks_alt(seen: Seen) -> bool:
    return seen.entry.image is not None and not seen.entry.image.alt


def _is_own_lead(seen: Seen) -> bool:
    lead = seen.article.image
    return lead is not None and picture_at(lead.url) is not None


def _own_undescribed(seen: Seen) -> int:
    return sum(not words for _, words in own_pictures(seen.article.body))


def _is_relative(address: str) -> bool:
    if picture_at(address) is not None:  # uploaded here, so this is where it is
        return False
    head = address.partition(":")[0]
    has_scheme = ":" in address and head.isalnum()
    return bool(address) and not has_scheme and not address.startswith(("#", "//"))


def _is_dead(address: str) -> bool:
    if not address:
        return True
    if address.lower().startswith("mailto:"):
        return "@" not in address
    known = absolute(address, "https://news.feedsvc.org/")
    return known is None or _is_inward(urlsplit(known).hostname or "")


def _is_inward(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or f".{host}".endswith(_INWARD)


def _named(found: list[str]) -> str:
    """Return the first few of some addresses."""
    known = list(dict.fromkeys(found))
    return ", ".join(known[:_MOST_NAMED]) + (" …" if len(known) > _MOST_NAMED else "")


READERS = Rules(
    partner=Partner.READERS,
    articles=(
        Rule("refused", ERROR, "what no feed can carry", _OWN, _refused),
        Rule("too-long", WARNING, "more text than a feed carries", _OWN, _too_long),
        Rule("no-text", WARNING, "no text", _OWN, _no_text),
        Rule(
            "title-short",
            WARNING,
            f"a headline under {APPLE_TITLE[0].value} characters",
            APPLE_TITLE[0].source,
            _short_title,
        ),
        Rule(
            "title-long",
            WARNING,
            f"a headline over {MSN_TITLE_MOST.value} characters",
            MSN_TITLE_MOST.source,
            _long_title,
        ),
        Rule("title-twice", WARNING, "the headline of another one today", _OWN, _namesake),
        Rule("no-category", WARNING, "no category", _OWN, _no_category),
        Rule("own-alt", ERROR, "an uploaded lead image without description", _OWN, _own_alt),
        Rule("own-body-alt", ERROR, "uploaded images without one", _OWN, _own_body_alt),
        Rule("image-alt", WARNING, "a lead image without description", _OWN, _image_alt),
        Rule("body-alt", WARNING, "images in the text without one", _OWN, _body_alt),
        Rule("missing", WARNING, "uploaded images that are not there", _OWN, _missing),
        Rule("relative", WARNING, "links without a host", _OWN, _relative),
        Rule("dead", WARNING, "links that can lead nowhere", _OWN, _dead),
        Rule("future", WARNING, "a date to come", _OWN, _future),
        Rule("old", WARNING, "a date more than a year ago", _OWN, _old),
        Rule("left-out", WARNING, "frames, scripts, forms in the source", _OWN, _left_out),
        Rule("players", WARNING, "audio or video in the text", _OWN, _players),
    ),
)
