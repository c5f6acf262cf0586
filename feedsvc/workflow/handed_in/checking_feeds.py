"""What was handed in for a saved feed: checked, or refused with a sentence for each field."""

import re
from datetime import UTC, datetime

from feedsvc.config import Site
from feedsvc.errors import InputError
from feedsvc.model import BodyFormat, Feed, FeedId, FeedInput
from feedsvc.model.rule import Rule
from feedsvc.rendering.body import to_html
from feedsvc.rendering.text import is_blank, plain_text
from feedsvc.says import says
from feedsvc.storage.database import Transaction
from feedsvc.workflow.handed_in.checking_rules import (
    LANGUAGE,
    MAX_SLUG,
    checked_rule,
    of_subject,
)
from feedsvc.workflow.handed_in.fields import (
    MAX_EXCERPT,
    MAX_LANGUAGE,
    MAX_NAME,
    Problems,
    too_long,
)

MAX_ENTRIES, MAX_HOURS = 500, 24 * 31
MAX_DELAY = 24 * 60  # minutes
_WORD = "[a-z0-9]+(?:-[a-z0-9]+)*"
_SLUG = re.compile(rf"{_WORD}|(?:tag|author|lang)/{_WORD}")
_TAKEN = {"recent", "corrections", "category", "tag", "author", "lang", "archive", "private"}
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed was made that is not stored yet
_PART = "[A-Za-z0-9._~%+-]+"
_TRACKING = re.compile(rf"{_PART}={_PART}(&{_PART}={_PART})*")


def check_address(slug: str) -> None:
    """Refuse what cannot be the address of a saved feed.

    Raises:
        InputError: says what an address is.
    """
    name = slug.rpartition("/")[2]
    if not _SLUG.fullmatch(slug) or len(name) > MAX_SLUG or slug in _TAKEN:
        problem = says(
            "must be a word of a-z, 0-9 and - for the address, such as partner-msn, "
            "or tag/…, author/… or lang/…, of at most %(max_slug)s characters",
            max_slug=MAX_SLUG,
        )
        raise _refusal(Problems(slug=problem))


def checked(tx: Transaction, site: Site, slug: str, given: FeedInput) -> Feed:
    """Return the feed as it will be stored; only its settings count.

    Raises:
        InputError: something cannot be taken; `fields` says what.
    """
    problems = Problems()
    given = of_subject(tx, slug, given, problems)
    rule = checked_rule(tx, site.language, given, problems)
    feed = _settings(slug, given, rule, problems)
    if problems:
        raise _refusal(problems)
    return feed


def _refusal(problems: Problems) -> InputError:
    return InputError(says("the feed was not stored: some fields need a look"), dict(problems))


def _settings(slug: str, given: FeedInput, rule: Rule, problems: Problems) -> Feed:
    language = given.language.strip().lower()
    if len(language) > MAX_LANGUAGE:
        problems.note("language", too_long(language, MAX_LANGUAGE))
    elif language and not LANGUAGE.fullmatch(language):
        problems.note(
            "language", says("must be a language tag such as en, hi, or, ur or pt-BR")
        )
    tracking = given.tracking.strip().lstrip("?")
    if tracking and not (_TRACKING.fullmatch(tracking) and len(tracking) <= MAX_EXCERPT):
        problems.note("tracking", says("must be query parameters such as utm_source=partner"))
    title = _text(given.title, "title", MAX_NAME, problems)
    if is_blank(title):
        problems.note("title", says("write a title: readers know a feed by it"))
    return Feed(
        id=FeedId(0),
        slug=slug,
        guid="",
        category=None,
        revision=0,
        published_revision=0,
        created=_NEVER,
        title=title,
        description=_text(given.description, "description", MAX_EXCERPT, problems),
        language=given.language.strip() or None,
        rule=rule,
        max_entries=_number(given.entries, "entries", 1, MAX_ENTRIES, problems),
        min_hours=_number(given.hours, "hours", 0, MAX_HOURS, problems),
        full_text=given.full_text,
        delay_minutes=_number(given.delay, "delay", 0, MAX_DELAY, problems),
        image_mode=given.image_mode,
        tracking=tracking,
        footer=_footer(given.footer, problems),
        profile=given.profile,
    )


def _text(value: str, field: str, limit: int, problems: Problems) -> str:
    text = plain_text(value)
    if len(text) > limit:
        problems.note(field, too_long(text, limit))
    return text


def _number(
    value: int | None, field: str, least: int, most: int, problems: Problems
) -> int | None:
    if value is not None and not least <= value <= most:
        problems.note(
            field, says("must be a number from %(least)s to %(most)s", least=least, most=most)
        )
    return value


def _footer(value: str, problems: Problems) -> str:
    if not value.strip():
        return ""
    if len(value) > MAX_EXCERPT:
        problems.note(
            "footer", says("is longer than %(max_excerpt)s characters", max_excerpt=MAX_EXCERPT)
        )
        return ""
    try:
        return to_html(value, BodyFormat.HTML)
    except InputError as error:
        problems.note("footer", str(error))
        return ""
