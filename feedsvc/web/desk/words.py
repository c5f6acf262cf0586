"""What the desk's templates say about articles and times."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Blueprint, g

from feedsvc.http.feed_paths import feed_path
from feedsvc.model import CORRECTIONS, RECENT, Article, Format, State
from feedsvc.rendering.reasons import again
from feedsvc.web.auth import visit
from feedsvc.web.desk import times
from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import ngettext, told, tongue
from feedsvc.wiring import Service

_MINUTE = 60
_HOUR = 60 * _MINUTE
_ENDS = (".", "!", "?", "।")


def register(desk: Blueprint, service: Service) -> Callable[[], dict[str, object]]:
    """Teach the desk's templates these words, and return what knows them."""
    config, zone = service.config, service.config.site.zone

    def when(at: datetime) -> str:
        return times.show(at, zone)

    def entering(article: Article) -> str:
        return _entering(article, zone)

    def zone_now() -> str:
        return times.zone_name(service.clock.now(), zone)

    def zone_said() -> str:
        name, now = config.site.timezone, zone_now()
        if now == name:
            return _("Times are those of %(zone)s.", zone=name)
        return _("Times are those of %(zone)s (%(now)s).", zone=name, now=now)

    def is_waiting(article: Article) -> bool:
        return article.enters_at is not None and article.enters_at > service.clock.now()

    desk.add_app_template_filter(sentence, "sentence")
    desk.add_app_template_filter(again, "reason")

    @desk.context_processor
    def words() -> dict[str, object]:
        return {
            "session": visit().session if "visit" in g else None,
            "csrf_token": visit().csrf_token if "visit" in g else "",
            "language": tongue(),  # whatever the newsroom publishes in
            "zone": config.site.timezone,
            "zone_now": zone_now,
            "zone_said": zone_said,
            "is_waiting": is_waiting,
            "delay_minutes": config.feeds.delay_minutes,
            "picture_megabytes": config.desk.picture_megabytes,
            "entering": entering,
            "later": later,
            "moment": service.clock.now,
            "when": when,
            "lateness": lateness,
            "feeds_of": feeds_of,
            "State": State,
            "state_name": state_name,
            "fits_input": times.fits_input,
            "language_name": language_name,
            "soon": lambda: soon(service),
        }

    return words


def soon(service: Service) -> str:
    """Say when readers of feeds see what has just been saved."""
    schedule = service.config.schedule
    if schedule.regenerate_on_edit:
        return _("Readers see it within seconds.")
    return _("The page shows it now; feeds carry it with their next scheduled regeneration.")


def state_name(article: Article, *, is_public: bool) -> str:
    """Say where an article is in its life; one that is due counts as published."""
    match State.PUBLISHED if is_public else article.state:
        case State.DRAFT:
            return _("Draft")
        case State.REVIEW:
            return _("In review")
        case State.SCHEDULED:
            return _("Scheduled")
        case State.PUBLISHED:
            return _("Published")
        case State.WITHDRAWN:
            return _("Withdrawn")


def language_name(tag: str) -> str:
    """Return what a language is called in the language of the request."""
    return str(Locale.parse(tongue()).languages.get(tag, tag))


def later(minutes: int, time: str) -> str:
    """Say when feeds have what has its page so many minutes before."""
    return ngettext(
        "In feeds at %(time)s, a minute later.",
        "In feeds at %(time)s, %(n)s minutes later.",
        minutes,
        time=time,
    )


def _entering(article: Article, zone: ZoneInfo) -> str:
    """Say when the first feed that waits for a scheduled article has it."""
    if article.enters_at is None or article.release_at is None:
        return ""
    minutes = (article.enters_at - article.release_at) // timedelta(minutes=1)
    return later(minutes, f"{article.enters_at.astimezone(zone):%H:%M}")


def sentence(text: str) -> str:
    """Write a message as a sentence of its own."""
    text = str(told(text)).strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith(_ENDS) else ".")


def lateness(seconds: int) -> str:
    """Say how late a release was."""
    if seconds < 2 * _MINUTE:
        return _("Released %(seconds)s s late", seconds=seconds)
    if seconds < 2 * _HOUR:
        return _("Released %(minutes)s minutes late", minutes=seconds // _MINUTE)
    return _("Released %(hours)s hours late", hours=seconds // _HOUR)


def feeds_of(article: Article) -> list[tuple[str, str]]:
    """Return name and path of the feeds that carry an article."""
    named = [(f"category/{found.slug}", found.name) for found in article.categories]
    named += [(CORRECTIONS, _("Corrections"))] if article.corrected else []
    return [
        (name, feed_path(slug, Format.RSS))
        for slug, name in [(RECENT, _("Recent posts")), *named]
    ]
