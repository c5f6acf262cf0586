"""Flipboard: two descriptions of its own that differ; what meets both is asked for."""

from urllib.parse import urlsplit

from feedsvc.model import Partner
from feedsvc.partners.findings import ERROR, WARNING, FeedRule, Rule, Rules, Seen, SeenFeed
from feedsvc.rendering import limits
from feedsvc.rendering.text import is_blank
from feedsvc.says import counts, says

_OLDER = limits.FLIPBOARD_ENTRIES.source
_NEWER = limits.FLIPBOARD_ENTRIES_LEAST.source


def _no_body(seen: Seen) -> str:
    if not is_blank(seen.body.text):
        return ""
    return says("Flipboard requires the article's full text, and there is none: write some.")


def _short_text(seen: Seen) -> str:
    least = limits.FLIPBOARD_SUMMARY.value
    count = max(len(seen.entry.summary), len(seen.body.text))
    if is_blank(seen.body.text) or count >= least:
        return ""
    return counts(
        "The article has 1 character, and Flipboard generally asks for "
        "%(least)s in a description: write a little more.",
        "The article has %(count)s characters, and Flipboard generally asks for "
        "%(least)s in a description: write a little more.",
        count,
        least=least,
    )


def _no_image(seen: Seen) -> str:
    image = seen.entry.image
    if image is not None and image.media_type is not None:
        return ""
    if image is None:
        return says(
            "Flipboard's newer pages list an image for each article: give it a lead image."
        )
    return says(
        "Nothing tells what type the lead image is, so it is no enclosure, which "
        "Flipboard's newer pages list: use an address that ends in .jpg or .png."
    )


def _small_image(seen: Seen) -> str:
    image, least = seen.entry.image, limits.FLIPBOARD_IMAGE_SIDE.value
    if image is None or image.width is None or image.height is None:
        return ""
    side = min(image.width, image.height)
    if side >= least:
        return ""
    return says(
        "The lead image's smaller side has %(side)s pixels, and Flipboard asks "
        "for %(least)s: use a larger one.",
        side=side,
        least=least,
    )


def _no_byline(seen: Seen) -> str:
    if seen.entry.bylines:
        return ""
    return says("Flipboard's newer pages list an author for each article: add a byline.")


def _elsewhere(seen: Seen) -> str:
    host = urlsplit(seen.entry.permalink).hostname
    if host == seen.host:
        return ""
    return says(
        "The article leads to %(host)s, and Flipboard prefers links to the feed's own host.",
        host=host,
    )


def _few(seen: SeenFeed) -> str:
    count, least = len(seen.document.entries), limits.FLIPBOARD_ENTRIES_LEAST.value
    if count >= least:
        return ""
    return says(
        "The feed has %(count)s articles, and Flipboard asks for the %(least)s "
        "most recent at least: publish more before you hand it in.",
        count=count,
        least=least,
    )


def _fewer(seen: SeenFeed) -> str:
    count, least = len(seen.document.entries), limits.FLIPBOARD_ENTRIES.value
    if count >= least or count < limits.FLIPBOARD_ENTRIES_LEAST.value:
        return ""
    return says(
        "The feed has %(count)s articles, and Flipboard's older page asks for %(least)s.",
        count=count,
        least=least,
    )


FLIPBOARD = Rules(
    partner=Partner.FLIPBOARD,
    articles=(
        Rule("no-text", ERROR, "no text", _OLDER, _no_body),
        Rule(
            "text-short",
            WARNING,
            f"a text under {limits.FLIPBOARD_SUMMARY.value} characters",
            _NEWER,
            _short_text,
        ),
        Rule("no-image", ERROR, "no lead image, or one of unknown type", _NEWER, _no_image),
        Rule(
            "image-small",
            ERROR,
            f"an image with a side under {limits.FLIPBOARD_IMAGE_SIDE.value} pixels",
            _NEWER,
            _small_image,
        ),
        Rule("no-byline", WARNING, "no byline", _NEWER, _no_byline),
        Rule("elsewhere", WARNING, "a link to another host", _OLDER, _elsewhere),
    ),
    feeds=(
        FeedRule(
            "few",
            ERROR,
            f"fewer than {limits.FLIPBOARD_ENTRIES_LEAST.value} articles",
            _NEWER,
            _few,
        ),
        FeedRule(
            "fewer",
            WARNING,
            f"fewer than {limits.FLIPBOARD_ENTRIES.value} articles",
            _OLDER,
            _fewer,
        ),
    ),
)
