"""The style sheet that browsers show a feed with: one for each language that we speak.

They differ by one sentence, which says in the feed's language what a feed is. A style sheet
cannot read it from the feed: RSS names its language in the text of an element.
"""

from feedsvc.catalogues import SOURCE, said_in
from feedsvc.says import says

SOURCE_NAME = "feed.css"
_NOTICE = says(
    "This is a web feed, for programs that follow the news for you. To subscribe, copy the "
    "address of this page into a feed reader."
)


def name(spoken: str) -> str:
    """Return the file of one of our languages, below `/static/`."""
    return SOURCE_NAME if spoken == SOURCE else f"feed.{spoken}.css"


def translated(sheet: str, spoken: str) -> str:
    """Return the style sheet, which says it in English, in one of our languages.

    Raises:
        ValueError: it does not say it; the file is not that of this program.
    """
    before, found, after = sheet.partition(_quoted(_NOTICE))
    if not found:
        raise ValueError(f"{SOURCE_NAME} is without its notice; install feedsvc anew")
    return before + _quoted(said_in(spoken, _NOTICE)) + after


def _quoted(text: str) -> str:
    """Return a text as a string of CSS (CSS Syntax Level 3, section 4.3.5)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
