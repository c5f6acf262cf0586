"""Entries and feeds as the profile of a partner wants them; what it would refuse is left out.

Only what is wrong at any time is left out here: what is too old today is said by the checks,
because a feed's bytes depend on its content alone.
"""

import sys
from collections.abc import Iterable

from msgspec.structs import replace

from feedsvc.model import Enclosure, Entry, Partner
from feedsvc.rendering import limits
from feedsvc.rendering.allowed import for_msn
from feedsvc.rendering.excerpt import running_text
from feedsvc.rendering.kept import Kept
from feedsvc.rendering.markup import Tag, escape, tokens
from feedsvc.rendering.text import ELLIPSIS, html_text, is_blank, shorten

BUDGET = 16_000_000  # bytes: some 1,000 articles of 400 words
WHOLE = frozenset({Partner.FLIPBOARD, Partner.MSN, Partner.SMARTNEWS})  # excerpts are refused
_LONGER = 400  # characters of a description, so that cut between words it has 300

_kept: Kept[Entry, Entry] = Kept(BUDGET)


def forget() -> None:
    """Shape every entry anew from now on."""
    _kept.clear()


def shape(
    entries: Iterable[Entry], profile: Partner, language: str
) -> tuple[list[Entry], list[Entry]]:
    """Return the entries as the partner wants them, and those that it would refuse."""
    if profile not in _PARTICULAR:
        return list(entries), []
    fit: list[Entry] = []
    unfit: list[Entry] = []
    for entry in entries:
        if entry.ended:  # whatever a partner asks of articles, this one it is to remove
            fit.append(entry)
        elif _is_fit(entry, profile, language):
            fit.append(_shaped(entry, profile))
        else:
            unfit.append(entry)
    return fit, unfit


def least_entries(profile: Partner) -> int:
    """Return how many entries the partner wants at least."""
    return limits.FLIPBOARD_ENTRIES.value if profile is Partner.FLIPBOARD else 1


def description(text: str, preset: str, profile: Partner, language: str) -> str:
    """Return what a feed is about: `preset`, or the beginning, where it is too long."""
    if profile is not Partner.SMARTNEWS:
        return text
    most = limits.smartnews_description(language).value
    if len(text) <= most:
        return text
    return preset if 0 < len(preset) <= most else shorten(text, most)


def _is_fit(entry: Entry, profile: Partner, language: str) -> bool:
    if profile in WHOLE and is_blank(html_text(entry.html, 1)):
        return False
    if profile is not Partner.MSN:
        return True
    is_long = len(entry.title) > limits.MSN_TITLE_REFUSED.value
    return is_long and same_language(entry.language or language, language)


def same_language(one: str, other: str) -> bool:
    """Whether two tags name one language, wherever it is spoken."""
    first, second = (tag.partition("-")[0].lower() for tag in (one, other))
    return first == second


def _shaped(entry: Entry, profile: Partner) -> Entry:
    if profile not in _WAYS:
        return entry
    key = (entry.article_id, profile, not entry.html, entry.look)
    found = _kept.get(key, entry)
    if found is None:
        found = _WAYS[profile](entry)
        _kept.put(key, entry, found, sys.getsizeof(entry.html) + sys.getsizeof(found.html))
    return found


def _for_msn(entry: Entry) -> Entry:
    return replace(entry, html=for_msn(entry.html), enclosures=())


def _for_flipboard(entry: Entry) -> Entry:
    """Return it with a description of 300 characters or more, where there are as many.

    The enclosure, of which there is one, is the lead image.
    """
    summary = entry.summary
    if len(summary) < limits.FLIPBOARD_SUMMARY.value:
        summary = max(summary, _long_description(entry.html), key=len)
    return replace(entry, summary=summary, enclosures=())


def _long_description(html: str) -> str:
    """Return the first words of the paragraphs; with headings and lists where they are few."""
    text, is_cut = running_text(html)
    if len(text) < limits.FLIPBOARD_SUMMARY.value:
        return shorten(html_text(html), _LONGER)
    return text + ELLIPSIS if is_cut and len(text) < _LONGER else shorten(text, _LONGER)


def _for_newsletter(entry: Entry) -> Entry:
    """Return it with the lead image before all others, because mailers take the first."""
    image = entry.image
    if image is None or _first_image(entry.html) == image.url:
        return entry
    text = entry.html or f"<p>{escape(entry.summary)}</p>"
    return replace(entry, html=f"<p>{_markup(image)}</p>{text}")


def _first_image(html: str) -> str:
    found = (t for t in tokens(html) if isinstance(t, Tag) and t.name == "img")
    return next((tag.attributes().get("src", "") for tag in found), "")


def _markup(image: Enclosure) -> str:
    alt = escape(image.alt).replace('"', "&quot;")
    return f'<img src="{escape(image.url)}" alt="{alt}">'


_WAYS = {
    Partner.FLIPBOARD: _for_flipboard,
    Partner.MSN: _for_msn,
    Partner.NEWSLETTER: _for_newsletter,
}
_PARTICULAR = WHOLE | _WAYS.keys()  # the others take every entry as it is
