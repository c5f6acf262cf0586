"""Feedly, Apple News, Google and newsletters: little is asked for, or little is known."""

from feedsvc.model import Partner
from feedsvc.partners.findings import ERROR, WARNING, FeedRule, Rule, Rules, Seen, SeenFeed
from feedsvc.rendering import limits
from feedsvc.says import counts, says

_FEEDLY = limits.FEEDLY_IMAGE_WIDTH.source
_APPLE = limits.APPLE_TITLE[0].source
_GOOGLE = limits.GOOGLE_FEED_BYTES.source
_GOOGLE_NOW = "Google, on site names and favicons"
_MAILERS = "Help pages of MailerLite and MailUp"


def _feedly_image(seen: Seen) -> str:
    if seen.entry.image is not None:
        return ""
    return says("The article has no lead image, so Feedly has none to show beside it.")


def _feedly_width(seen: Seen) -> str:
    width = seen.entry.image.width if seen.entry.image else None
    least = limits.FEEDLY_IMAGE_WIDTH.value
    if width is None or width > least:
        return ""
    return says(
        "The lead image is %(width)s pixels wide, and Feedly is said to show "
        "those over %(least)s only: use a larger one.",
        width=width,
        least=least,
    )


def _feedly_brand(seen: SeenFeed) -> str:
    partners = seen.config.partners
    named = {
        "site.icon": seen.config.site.icon,
        "partners.logo": partners.logo,
        "partners.cover": partners.cover,
        "partners.accent_color": partners.accent_color,
    }
    missing = [name for name, value in named.items() if not value]
    if not missing:
        return ""
    return says(
        "Feedly is said to show more of a newsroom than its name: set %(names)s.",
        names=", ".join(missing),
    )


def _apple_title(seen: Seen) -> str:
    count = len(seen.entry.title)
    least, most = (limit.value for limit in limits.APPLE_TITLE)
    if least <= count <= most:
        return ""
    return counts(
        "The headline has 1 character, and Apple's guide asks for %(least)s to %(most)s.",
        "The headline has %(count)s characters, and Apple's guide asks for "
        "%(least)s to %(most)s.",
        count,
        least=least,
        most=most,
    )


def _apple_summary(seen: Seen) -> str:
    if seen.entry.summary:
        return ""
    return says("Apple's guide lists a description for each article: write an excerpt.")


def _apple_short(seen: Seen) -> str:
    if seen.full_text:
        return ""
    return says("Apple's guide recommends the long form, and the feed carries excerpts only.")


def _apple_link(seen: Seen) -> str:
    if not seen.body.last_link.endswith(("…", "...", "[…]", "[...]")):
        return ""
    return says("The text ends in a link with an ellipsis, which Apple's guide asks not to do.")


def _apple_language(seen: SeenFeed) -> str:
    if "-" in seen.document.language:
        return ""
    return says(
        "The feed's language is %(language)s, and Apple's guide asks for one "
        "with its country, such as en-IN: set site.language.",
        language=seen.document.language,
    )


def _apple_few(seen: SeenFeed) -> str:
    count, least = len(seen.document.entries), limits.APPLE_ENTRIES.value
    if count >= least:
        return ""
    return says(
        "The feed has %(count)s articles, and for Apple News at least %(least)s are asked for.",
        count=count,
        least=least,
    )


def _google_article(seen: Seen) -> str:
    size, most = len(seen.entry.html.encode()), limits.GOOGLE_ARTICLE_BYTES.value
    if size <= most:
        return ""
    return says(
        "The article has %(size)s MB, and Google used to take 1 at most, which "
        "is still a good ceiling: split it.",
        size=f"{size / 1000000.0:.1f}",
    )


def _google_feed(seen: SeenFeed) -> str:
    if seen.size <= limits.GOOGLE_FEED_BYTES.value:
        return ""
    return says(
        "The feed has %(size)s MB, and Google used to take 2 at most, which is "
        "still a good ceiling: let it hold fewer articles.",
        size=f"{seen.size / 1000000.0:.1f}",
    )


def _google_icon(seen: SeenFeed) -> str:
    if seen.config.site.icon:
        return ""
    return says(
        "Google takes a newsroom's logo from its icon of 48 pixels or more, and "
        "none is named: set site.icon."
    )


def _mail_image(seen: Seen) -> str:
    if seen.entry.image is not None or seen.body.images:
        return ""
    return says(
        "The article has no image, so a newsletter that shows the first one shows none."
    )


def _mail_updated(seen: Seen) -> str:
    if seen.entry.updated <= seen.entry.published:
        return ""
    return says(
        "The article was updated after it came out, and MailerLite sends updated "
        "ones no second time: whoever should know needs another article."
    )


FEEDLY = Rules(
    partner=Partner.FEEDLY,
    articles=(
        Rule("no-image", WARNING, "no lead image", _FEEDLY, _feedly_image),
        Rule(
            "image-width",
            WARNING,
            f"an image not over {limits.FEEDLY_IMAGE_WIDTH.value} pixels wide",
            _FEEDLY,
            _feedly_width,
        ),
    ),
    feeds=(
        FeedRule("brand", WARNING, "no icon, logo, cover or colour", _FEEDLY, _feedly_brand),
    ),
)
APPLE = Rules(
    partner=Partner.APPLE,
    articles=(
        Rule(
            "title",
            WARNING,
            "a headline outside 15 to 60 characters",
            _APPLE,
            _apple_title,
        ),
        Rule("no-summary", ERROR, "no description", _APPLE, _apple_summary),
        Rule("excerpts", WARNING, "excerpts only", _APPLE, _apple_short),
        Rule(
            "last-link",
            WARNING,
            "a text that ends in a link with an ellipsis",
            _APPLE,
            _apple_link,
        ),
    ),
    feeds=(
        FeedRule("language", ERROR, "a language without country", _APPLE, _apple_language),
        FeedRule(
            "few",
            WARNING,
            f"fewer than {limits.APPLE_ENTRIES.value} articles",
            limits.APPLE_ENTRIES.source,
            _apple_few,
        ),
    ),
)
GOOGLE = Rules(
    partner=Partner.GOOGLE,
    articles=(Rule("size", WARNING, "an article over 1 MB", _GOOGLE, _google_article),),
    feeds=(
        FeedRule("size", WARNING, "a feed over 2 MB", _GOOGLE, _google_feed),
        FeedRule("icon", WARNING, "no icon", _GOOGLE_NOW, _google_icon),
    ),
)
NEWSLETTER = Rules(
    partner=Partner.NEWSLETTER,
    articles=(
        Rule("no-image", WARNING, "no image at all", _MAILERS, _mail_image),
        Rule("updated", WARNING, "an update after publication", _MAILERS, _mail_updated),
    ),
)
