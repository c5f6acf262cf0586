"""SmartNews: what its SmartFormat asks for."""

from feedsvc import limits
from feedsvc.model import Partner
from feedsvc.partners.findings import ERROR, WARNING, FeedRule, Rule, Rules, Seen, SeenFeed
from feedsvc.rendering.text import is_blank

_SOURCE = limits.SMARTNEWS_BYTES.source


def most_characters(language: str) -> int:
    """Return how long the description of a channel in this language may be."""
    is_japanese = language.partition("-")[0].lower() == "ja"
    limit = limits.SMARTNEWS_DESCRIPTION_JA if is_japanese else limits.SMARTNEWS_DESCRIPTION
    return limit.value


def _no_body(seen: Seen) -> str:
    if not is_blank(seen.body.text) and seen.full_text:
        return ""
    return (
        "SmartNews shows the article's text, and the feed would carry none: give it full text."
    )


def _description(seen: SeenFeed) -> str:
    count = len(seen.document.description)
    most = most_characters(seen.document.language)
    if count <= most:
        return ""
    return (
        f"The feed's description has {count} characters, and SmartNews takes {most}: shorten "
        "it, or it is cut."
    )


def _size(seen: SeenFeed) -> str:
    most = limits.SMARTNEWS_BYTES.value
    if seen.size <= most:
        return ""
    return (
        f"The feed has {seen.size / 1e6:.1f} MB, and SmartNews advises {most // 1_000_000} at "
        "most: let it hold fewer articles."
    )


SMARTNEWS = Rules(
    partner=Partner.SMARTNEWS,
    articles=(Rule("no-text", ERROR, "no text, or excerpts only", _SOURCE, _no_body),),
    feeds=(
        FeedRule(
            "description",
            WARNING,
            f"a description over {limits.SMARTNEWS_DESCRIPTION.value} characters "
            f"({limits.SMARTNEWS_DESCRIPTION_JA.value} in Japanese)",
            _SOURCE,
            _description,
        ),
        FeedRule("size", WARNING, "more than 1 MB", _SOURCE, _size),
    ),
)
