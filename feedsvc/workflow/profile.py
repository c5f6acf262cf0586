"""What the partner that a feed is made for changes about it."""

from feedsvc.config import Config
from feedsvc.model import Branding, Feed, Partner
from feedsvc.rendering import shaping


def is_whole(config: Config, feed: Feed) -> bool:
    """Whether the feed carries whole articles, and not their excerpts only."""
    if feed.profile in shaping.WHOLE:
        return True
    return config.feeds.full_text if feed.full_text is None else feed.full_text


def branding(config: Config, profile: Partner) -> Branding | None:
    """Return what a feed with this profile says of the newsroom; nothing without one."""
    if profile is Partner.READERS:
        return None
    partners = config.partners
    return Branding(
        profile=profile,
        icon=config.site.icon,
        logo=partners.logo,
        cover=partners.cover,
        accent_color=partners.accent_color,
        smart_logo=partners.smartnews_logo,
        smart_dark_logo=partners.smartnews_dark_logo,
        has_image_rights=partners.image_rights,
    )
