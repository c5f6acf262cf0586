"""MSN (Microsoft Start): what its page on content asks for."""

import re
from datetime import timedelta

from feedsvc.model import Partner
from feedsvc.partners.findings import ERROR, WARNING, FeedRule, Rule, Rules, Seen, SeenFeed
from feedsvc.rendering import limits
from feedsvc.rendering.limits import MSN_TITLE_REFUSED
from feedsvc.rendering.shaping import same_language
from feedsvc.rendering.text import is_blank
from feedsvc.says import counts, says

_SOURCE = MSN_TITLE_REFUSED.source
_IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_MARKUP = re.compile(r"</?[a-z][a-z0-9]*[^<>]*>", re.IGNORECASE)
_AGE = timedelta(days=limits.MSN_AGE_DAYS.value)


def _short_title(seen: Seen) -> str:
    count, most = len(seen.entry.title), MSN_TITLE_REFUSED.value
    if count > most:
        return ""
    return counts(
        "The headline has 1 character, and MSN takes more than %(most)s: lengthen it.",
        "The headline has %(count)s characters, and MSN takes more than %(most)s: lengthen it.",
        count,
        most=most,
    )


def _long_title(seen: Seen) -> str:
    count, most = len(seen.entry.title), limits.MSN_TITLE_MOST.value
    if count <= most:
        return ""
    return says(
        "The headline has %(count)s characters, and MSN takes at most %(most)s: "
        "it is sent its beginning as a short title, and a shorter one of your "
        "own is better.",
        count=count,
        most=most,
    )


def _markup_in_title(seen: Seen) -> str:
    if not _MARKUP.search(seen.entry.title):
        return ""
    return says("The headline holds HTML, which MSN does not take there: write plain text.")


def _no_body(seen: Seen) -> str:
    if not is_blank(seen.body.text):
        return ""
    return says("MSN asks for the article's text, and there is none: write some.")


def _future(seen: Seen) -> str:
    if seen.entry.published <= seen.now:
        return ""
    return says(
        "MSN takes articles that are out already, and the date of this one is still to come."
    )


def _old(seen: Seen) -> str:
    if seen.now - seen.entry.published < _AGE:
        return ""
    return says(
        "MSN takes articles of the last %(days)s days, and this one is from "
        "%(published)s: leave it to the archive.",
        days=_AGE.days,
        published=f"{seen.entry.published:%Y-%m-%d}",
    )


def _language(seen: Seen) -> str:
    if same_language(seen.entry.language or seen.language, seen.language):
        return ""
    return says(
        "The article's language is %(language)s, and MSN takes one language for "
        "each feed, here %(language2)s: make a feed for the other one.",
        language=seen.entry.language,
        language2=seen.language,
    )


def _markup(seen: Seen) -> str:
    found = sorted(seen.body.tags - limits.MSN_TAGS)
    if not found:
        return ""
    return says(
        "The text uses %(names)s, which MSN does not list as allowed: its feed "
        "has the words without that form, and nothing of what is struck out or "
        "played.",
        names=", ".join(found),
    )


def _nesting(seen: Seen) -> str:
    if seen.body.depth < limits.MSN_NESTING.value:
        return ""
    return says(
        "The text nests %(depth)s elements, and MSN asks for fewer than "
        "%(msn_nesting)s: the innermost are left out there, and their words stay.",
        depth=seen.body.depth,
        msn_nesting=limits.MSN_NESTING.value,
    )


def _breaks(seen: Seen) -> str:
    if seen.body.breaks <= 1:
        return ""
    return says(
        "MSN asks for no runs of line breaks, so one is sent of each: write paragraphs."
    )


def _no_image(seen: Seen) -> str:
    if seen.entry.image is not None:
        return ""
    return says(
        "The article has no lead image: MSN takes it, but publishes by itself "
        "only what has one; give it a picture."
    )


def _image_type(seen: Seen) -> str:
    kind = seen.entry.image.media_type if seen.entry.image else None
    if kind is None or kind in _IMAGE_TYPES:
        return ""
    return says(
        "The lead image is %(kind)s, and MSN lists PNG, JPEG, GIF and WebP: use one of these.",
        kind=kind,
    )


def _image_width(seen: Seen) -> str:
    width = seen.entry.image.width if seen.entry.image else None
    least = limits.MSN_IMAGE_WIDTH.value
    if width is None or width >= least:
        return ""
    return says(
        "The lead image is %(width)s pixels wide, and MSN recommends at least %(least)s.",
        width=width,
        least=least,
    )


def _image_size(seen: Seen) -> str:
    length = seen.entry.image.length if seen.entry.image else None
    most = limits.MSN_IMAGE_BYTES.value
    if length is None or length <= most:
        return ""
    return says(
        "The lead image has %(length)s MB, and MSN takes %(most)s at most: make it smaller.",
        length=f"{length / 1000000.0:.1f}",
        most=most // 1000000,
    )


def _image_ratio(seen: Seen) -> str:
    image = seen.entry.image
    if image is None or not image.width or not image.height:
        return ""
    low, high = limits.MSN_IMAGE_RATIO
    ratio = image.width / image.height
    if low <= ratio <= high:
        return ""
    return says(
        "The lead image is %(ratio)s times as wide as high, and MSN takes "
        "%(low)s to %(high)s: cut it to fit.",
        ratio=f"{ratio:.2f}",
        low=low,
        high=high,
    )


def _https(seen: SeenFeed) -> str:
    if seen.config.site.base_url.startswith("https://"):
        return ""
    return says(
        "MSN fetches feeds over HTTPS only, and site.base_url begins with http: serve HTTPS."
    )


MSN = Rules(
    partner=Partner.MSN,
    articles=(
        Rule(
            "title-short",
            ERROR,
            f"a headline of {MSN_TITLE_REFUSED.value} characters or fewer",
            _SOURCE,
            _short_title,
        ),
        Rule(
            "title-long",
            WARNING,
            f"a headline over {limits.MSN_TITLE_MOST.value} characters",
            _SOURCE,
            _long_title,
        ),
        Rule("title-markup", ERROR, "HTML in the headline", _SOURCE, _markup_in_title),
        Rule("no-text", ERROR, "no text", _SOURCE, _no_body),
        Rule("future", ERROR, "a date to come", _SOURCE, _future),
        Rule("old", ERROR, f"an age of {_AGE.days} days or more", _SOURCE, _old),
        Rule("language", ERROR, "another language than the feed's", _SOURCE, _language),
        Rule("markup", WARNING, "HTML that is not on its list", _SOURCE, _markup),
        Rule(
            "nesting",
            WARNING,
            f"{limits.MSN_NESTING.value} elements in each other",
            _SOURCE,
            _nesting,
        ),
        Rule("breaks", WARNING, "runs of line breaks", _SOURCE, _breaks),
        Rule("no-image", WARNING, "no lead image", _SOURCE, _no_image),
        Rule(
            "image-type",
            WARNING,
            "an image that is no PNG, JPEG, GIF or WebP",
            _SOURCE,
            _image_type,
        ),
        Rule(
            "image-width",
            WARNING,
            f"an image under {limits.MSN_IMAGE_WIDTH.value} pixels wide",
            _SOURCE,
            _image_width,
        ),
        Rule("image-size", WARNING, "an image over 15 MB", _SOURCE, _image_size),
        Rule(
            "image-ratio",
            WARNING,
            "an image of another ratio than 0.5 to 1.89",
            _SOURCE,
            _image_ratio,
        ),
    ),
    feeds=(FeedRule("https", ERROR, "a public address without HTTPS", _SOURCE, _https),),
)
