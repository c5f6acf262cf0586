"""What partners ask of feeds, as numbers with the page that says so; read in November 2026.

Nothing here claims more than was read: vendors' pages change, and some were read in excerpts.
"""

from typing import NamedTuple


class Limit(NamedTuple):
    """A number that a partner has named, and where."""

    value: int
    source: str


_MSN = "MSN content requirements"
_FLIPBOARD = "Flipboard RSS spec of 2016"
_FLIPBOARD_NEWER = "Flipboard help pages"
_SMARTNEWS = "SmartFormat 2.1"
_APPLE = "Apple, RSS guidelines for Apple News"
_FLATPLAN = "Flatplan, on Apple News"
_GOOGLE = "Google News limits of before 2025"
_FEEDLY = "Feedly post of 2015, not verified"

MSN_TITLE_REFUSED = Limit(20, _MSN)  # characters; longer it has to be
MSN_TITLE_MOST = Limit(150, _MSN)  # characters; longer needs a short title
MSN_AGE_DAYS = Limit(365, _MSN)  # younger it has to be
MSN_NESTING = Limit(10, _MSN)  # elements in each other; fewer it has to be
MSN_IMAGE_WIDTH = Limit(720, _MSN)  # pixels, recommended
MSN_IMAGE_BYTES = Limit(15_000_000, _MSN)
MSN_IMAGE_RATIO = (0.5, 1.89)  # width to height
MSN_TAGS = frozenset(
    [
        *("b", "i", "em", "strong", "sub", "sup", "small", "h1", "h2", "h3", "h4", "h5"),
        *("a", "img", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "col"),
        *("caption", "colgroup", "ul", "ol", "li", "p", "div", "span", "br"),
    ]
)
FLIPBOARD_ENTRIES = Limit(30, _FLIPBOARD)
FLIPBOARD_ENTRIES_LEAST = Limit(20, _FLIPBOARD_NEWER)
FLIPBOARD_IMAGE_SIDE = Limit(500, _FLIPBOARD_NEWER)  # pixels, the smaller side
FLIPBOARD_SUMMARY = Limit(300, _FLIPBOARD_NEWER)  # characters, generally
SMARTNEWS_DESCRIPTION = Limit(30, _SMARTNEWS)  # characters
SMARTNEWS_DESCRIPTION_JA = Limit(15, _SMARTNEWS)  # characters, in Japanese
SMARTNEWS_BYTES = Limit(1_000_000, _SMARTNEWS)  # of the whole file, advised
APPLE_TITLE = (Limit(15, _APPLE), Limit(60, _APPLE))  # characters
APPLE_ENTRIES = Limit(10, _FLATPLAN)
GOOGLE_ARTICLE_BYTES = Limit(1_000_000, _GOOGLE)
GOOGLE_FEED_BYTES = Limit(2_000_000, _GOOGLE)
FEEDLY_IMAGE_WIDTH = Limit(450, _FEEDLY)  # pixels; only larger ones are shown


def smartnews_description(language: str) -> Limit:
    """Return how long the description of a channel in a language may be."""
    is_japanese = language.partition("-")[0].lower() == "ja"
    return SMARTNEWS_DESCRIPTION_JA if is_japanese else SMARTNEWS_DESCRIPTION
