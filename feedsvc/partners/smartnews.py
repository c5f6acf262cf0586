"""SmartNews: what its SmartFormat asks for."""

from feedsvc.model import Partner
from feedsvc.partners.findings import ERROR, WARNING, FeedRule, Rule, Rules, Seen, SeenFeed
from feedsvc.rendering import limits
from feedsvc.rendering.text import is_blank
from feedsvc.says import says

_SOURCE = limits.SMARTNEWS_BYTES.source


def _no_body(seen: Seen) -> str:
    if not is_blank(seen.body.text):
        return ""
    return says("SmartNews shows the article's text, and there is none: write some.")


def _description(seen: SeenFeed) -> str:
    count = len(seen.description)
    most = limits.smartnews_description(seen.document.language).value
    if count <= most or seen.document.description == _preset(seen):
        return ""
    return says(
        "The feed's description has %(count)s characters, and SmartNews takes "
        "%(most)s, so its beginning is sent: set partners.smartnews_description.",
        count=count,
        most=most,
    )


def _preset(seen: SeenFeed) -> str:
    return seen.config.partners.smartnews_description


def _logo(seen: SeenFeed) -> str:
    partners = seen.config.partners
    if partners.smartnews_logo and partners.smartnews_dark_logo:
        return ""
    return says(
        "SmartFormat has a logo for light and one for dark screens, and not both "
        "are named: set partners.smartnews_logo and smartnews_dark_logo."
    )


def _size(seen: SeenFeed) -> str:
    most = limits.SMARTNEWS_BYTES.value
    if seen.size <= most:
        return ""
    return says(
        "The feed has %(size)s MB, and SmartNews advises %(most)s at most, so "
        "the oldest articles are left out: let it hold fewer.",
        size=f"{seen.size / 1000000.0:.1f}",
        most=most // 1000000,
    )


SMARTNEWS = Rules(
    partner=Partner.SMARTNEWS,
    articles=(Rule("no-text", ERROR, "no text", _SOURCE, _no_body),),
    feeds=(
        FeedRule(
            "description",
            WARNING,
            f"a description over {limits.SMARTNEWS_DESCRIPTION.value} characters "
            f"({limits.SMARTNEWS_DESCRIPTION_JA.value} in Japanese)",
            _SOURCE,
            _description,
        ),
        FeedRule("logo", WARNING, "no logos", _SOURCE, _logo),
        FeedRule("size", WARNING, "more than 1 MB", _SOURCE, _size),
    ),
)
