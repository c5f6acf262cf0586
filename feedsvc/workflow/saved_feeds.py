"""Feeds that operators make: of a rule, a tag, an author or a language.

Each is switched on by itself. A newsroom has tens of thousands of tags, and hardly anybody
subscribes to one; a feed of each would be as many to make and to keep.
"""

import logging
import re
import uuid
from dataclasses import asdict, replace
from datetime import UTC, datetime
from difflib import get_close_matches

from feedsvc.config import Site
from feedsvc.errors import ConflictError, InputError, NotFoundError
from feedsvc.model import (
    Action,
    BodyFormat,
    By,
    Facts,
    Feed,
    FeedId,
    FeedInput,
    FeedKind,
    Subject,
)
from feedsvc.model import is_private as is_private_slug
from feedsvc.rendering.body import to_html
from feedsvc.rendering.slugs import slugify
from feedsvc.rendering.text import is_blank, plain_text
from feedsvc.rule import Rule, Term, TermKind, with_unsaid
from feedsvc.says import says
from feedsvc.storage import categories, feeds, filling, members, tags
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.workflow import audit, permission
from feedsvc.workflow.fields import MAX_EXCERPT, MAX_NAME
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import Right

logger = logging.getLogger(__name__)
MAX_TERMS = 100
MAX_SLUG = 64  # characters, without the folder
MAX_ENTRIES, MAX_HOURS = 500, 24 * 31
_WORD = "[a-z0-9]+(?:-[a-z0-9]+)*"
_SLUG = re.compile(rf"{_WORD}|(?:tag|author|lang)/{_WORD}")
MAX_DELAY = 24 * 60  # minutes
_TAKEN = {"recent", "corrections", "category", "tag", "author", "lang", "archive", "private"}
_BY_THEMSELVES = {FeedKind.RECENT, FeedKind.CATEGORY, FeedKind.CORRECTIONS}
_LANGUAGE = re.compile("[a-z]{2,8}(-[a-z0-9]{1,8})*")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed was made that is not stored yet
_FOLLOWS = "cannot be chosen: what is in this feed follows from its address"
_PART = "[A-Za-z0-9._~%+-]+"
_TRACKING = re.compile(rf"{_PART}={_PART}(&{_PART}={_PART})*")


def all_feeds(room: Newsroom) -> tuple[Feed, ...]:
    """Return the saved feeds with their rules, by address."""
    with room.database.read() as tx:
        found = feeds.saved_feeds(tx)
        rules = members.rules_of(tx, [feed.id for feed in found])
    return tuple(replace(feed, rule=_shown(rules.get(feed.id, Rule()))) for feed in found)


def find(room: Newsroom, slug: str) -> Feed:
    """Return one saved feed with its rule.

    Raises:
        NotFoundError: there is none of this address.
    """
    with room.database.read() as tx:
        return _found(tx, slug)


def of_id(room: Newsroom, feed_id: FeedId) -> Feed:
    """Return one saved feed by its number, with its rule.

    Raises:
        NotFoundError: there is none of this number.
    """
    with room.database.read() as tx:
        slug = feeds.slug_of(tx, feed_id)
        if slug is None:
            raise NotFoundError(f"there is no saved feed {feed_id}")
        return _found(tx, slug)


def add(
    room: Newsroom, slug: str, given: FeedInput, *, by: By, is_private: bool = False
) -> Feed:
    """Make a feed. One that was removed comes back at its address, with its identity.

    For `tag/…`, `author/…` and `lang/…` the rule follows from the address; an author's feed
    says in `title` how the author signs. Private ones are made by `private_feeds`.

    Raises:
        InputError: something cannot be taken; `fields` says what. Nothing was stored.
        ForbiddenError: only admins make feeds.
        ConflictError: there is such a feed already.
    """
    permission.demand(by, Right.FEEDS)
    now = room.clock.now()
    with room.database.write() as tx:
        one_at_a_time(tx)
        if not is_private:
            _check_address(slug)
        wanted = _checked(tx, room.config.site, slug, given)
        known = feeds.find(tx, slug, is_gone=True)
        if known is not None and known.gone is None:
            raise ConflictError(
                says("there is a feed %(slug)s already; change it instead", slug=slug)
            )
        if known is None:
            feeds.add(tx, slug, f"urn:uuid:{uuid.uuid4()}", wanted.title, now)
        stored = _same(feeds.find(tx, slug, is_gone=True))
        private = replace(stored, is_private=is_private)
        feeds.change(tx, _with(private, wanted), stored.version)
        _settle(tx, stored.id, wanted.rule or Rule())
        made = _found(tx, slug)
        change = audit.differences({}, _facts(made))
        audit.note(room, tx, by, Action.FEED_CREATED, subject_of(made), change)
    logger.info("added feed=%s by=%s", slug, by.name)
    room.wake()
    return made


def change(
    room: Newsroom, slug: str, given: FeedInput, *, by: By, version: int | None = None
) -> Feed:
    """Change a feed; with another rule it is found out anew what is in it.

    Raises:
        InputError: something cannot be taken; nothing was stored.
        NotFoundError: there is no such feed.
        ForbiddenError: only admins change feeds.
        ConflictError: it is not of this version any more; nothing was stored.
    """
    permission.demand(by, Right.FEEDS)
    with room.database.write() as tx:
        one_at_a_time(tx)
        before = _found(tx, slug)
        wanted = _checked(tx, room.config.site, slug, given)
        expected = before.version if version is None else version
        if not feeds.change(tx, _with(before, wanted), expected):
            raise ConflictError(says("somebody else changed this feed; look at it again"))
        rules = members.rules_of(tx, [before.id])
        if wanted.rule is not None and rules.get(before.id) != _sorted(wanted.rule):
            _settle(tx, before.id, wanted.rule)
        made = _found(tx, slug)
        difference = audit.differences(_facts(before), _facts(made))
        audit.note(room, tx, by, Action.FEED_CHANGED, subject_of(made), difference)
    logger.info("changed feed=%s by=%s", slug, by.name)
    room.wake()
    return made


def remove(room: Newsroom, slug: str, *, by: By) -> None:
    """Remove a feed: from then on its address says, on every host, that it is gone.

    Raises:
        ForbiddenError: only admins remove feeds.
        NotFoundError: there is no such feed.
    """
    permission.demand(by, Right.FEEDS)
    with room.database.write() as tx:
        one_at_a_time(tx)
        feed = _found(tx, slug)
        filling.begin(tx, feed.id)
        feeds.remove(tx, feed.id, room.clock.now())
        was = {"title": feed.title, **_address(feed)}
        audit.note(room, tx, by, Action.FEED_REMOVED, subject_of(feed), (was, {}))
    logger.info("removed feed=%s by=%s", slug, by.name)
    room.wake()


def subject_of(feed: Feed) -> Subject:
    """Return a feed as what something is done to."""
    return Subject(kind="feed", id=str(feed.id))


def _facts(feed: Feed) -> Facts:
    """Return what there is to know of a feed, without what is not said."""
    given = asdict(as_input(feed)).items()
    known = {name: str(_plain(value)) for name, value in given if value not in {None, "", ()}}
    return {**_address(feed), **known}


def _plain(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def _address(feed: Feed) -> dict[str, str]:
    """Return where a feed is; not of a private one, whose address changes with its key."""
    return {} if feed.is_private else {"address": feed.slug}


def review_languages(tx: Transaction, site_language: str) -> None:
    """Find out anew what is in feeds of languages, where the site has another one now."""
    for feed_id, rule in members.rules_of(tx, members.naming_languages(tx)).items():
        shown = _shown(rule)
        wanted = Rule(
            include=with_unsaid(shown.include, site_language),
            exclude=with_unsaid(shown.exclude, site_language),
        )
        if _sorted(wanted) != rule:
            _settle(tx, feed_id, wanted)


def as_input(feed: Feed) -> FeedInput:
    """Return what would have to be handed in to get the feed as it is stored."""
    rule = feed.rule or Rule()
    return FeedInput(
        title=feed.title,
        description=feed.description,
        language=feed.language or "",
        include=tuple(map(str, rule.include)),
        exclude=tuple(map(str, rule.exclude)),
        entries=feed.max_entries,
        hours=feed.min_hours,
        full_text=feed.full_text,
        delay=feed.delay_minutes,
        image_mode=feed.image_mode,
        tracking=feed.tracking,
        footer=feed.footer,
        profile=feed.profile,
    )


def _found(tx: Transaction, slug: str) -> Feed:
    feed = feeds.find(tx, slug)
    if feed is None or feed.kind in _BY_THEMSELVES:
        names = [known.slug for known in feeds.saved_feeds(tx) if not known.is_private]
        close = get_close_matches(slug, names, 1)
        meant = f"; did you mean {close[0]}?" if close else ""
        raise NotFoundError(f"there is no saved feed {slug}{meant}")
    return replace(feed, rule=_shown(members.rules_of(tx, [feed.id]).get(feed.id, Rule())))


def _same(feed: Feed | None) -> Feed:
    assert feed is not None  # noqa: S101 - it was stored in this transaction
    return feed


def _settle(tx: Transaction, feed_id: FeedId, rule: Rule) -> None:
    members.set_rule(tx, feed_id, rule)
    filling.begin(tx, feed_id)


def _shown(rule: Rule) -> Rule:
    """Return a rule without what was added to it for articles that name no language."""
    unsaid = Term(TermKind.LANGUAGE, "")
    return Rule(
        include=tuple(term for term in rule.include if term != unsaid),
        exclude=tuple(term for term in rule.exclude if term != unsaid),
    )


def _sorted(rule: Rule) -> Rule:
    """Return a rule as it is read back: its terms in the order of their text."""
    return Rule(
        include=tuple(sorted(set(rule.include), key=str)),
        exclude=tuple(sorted(set(rule.exclude), key=str)),
    )


def _with(feed: Feed, wanted: Feed) -> Feed:
    """Return a stored feed with the settings of another."""
    return replace(wanted, id=feed.id, guid=feed.guid, is_private=feed.is_private, gone=None)


class _Problems(dict[str, str]):
    """What is wrong, by field."""

    def note(self, field: str, problem: str) -> None:
        self.setdefault(field, problem)


def _check_address(slug: str) -> None:
    name = slug.rpartition("/")[2]
    if not _SLUG.fullmatch(slug) or len(name) > MAX_SLUG or slug in _TAKEN:
        problem = says(
            "must be a word of a-z, 0-9 and - for the address, such as partner-msn, "
            "or tag/…, author/… or lang/…, of at most %(max_slug)s characters",
            max_slug=MAX_SLUG,
        )
        raise _refusal(_Problems(slug=problem))


def _checked(tx: Transaction, site: Site, slug: str, given: FeedInput) -> Feed:
    """Return the feed as it will be stored; only its settings count."""
    problems = _Problems()
    given = _of_subject(tx, slug, given, problems)
    rule = Rule(
        include=with_unsaid(_terms(tx, given.include, "include", problems), site.language),
        exclude=with_unsaid(_terms(tx, given.exclude, "exclude", problems), site.language),
    )
    if both := set(rule.include) & set(rule.exclude):
        problems.note(
            "exclude", says("names %(least)s, which is included", least=min(map(str, both)))
        )
    feed = _settings(slug, given, rule, problems)
    if problems:
        raise _refusal(problems)
    return feed


def _refusal(problems: _Problems) -> InputError:
    return InputError(says("the feed was not stored: some fields need a look"), dict(problems))


def _of_subject(tx: Transaction, slug: str, given: FeedInput, problems: _Problems) -> FeedInput:
    """Return what is wanted of a feed of a subject: its rule follows from its address."""
    kind, slash, name = slug.partition("/")
    if not slash or is_private_slug(slug):
        return given
    if kind == FeedKind.TAG:
        tag = tags.find_by_slug(tx, name)
        if tag is None:
            problems.note("slug", says("names a tag %(name)s that no article has", name=name))
        title, term = given.title or (tag.name if tag else name), f"tag:{name}"
    elif kind == FeedKind.AUTHOR:
        title, term = given.title, f"author:{given.title}"
        if slugify(title, limit=MAX_SLUG) != name:
            problems.note(
                "title", says("must be how the author signs: the address follows from it")
            )
    else:
        title, term = given.title or name, f"language:{name}"
    subject = kind if kind != FeedKind.LANGUAGE else TermKind.LANGUAGE
    if given.exclude:
        problems.note("exclude", _FOLLOWS)
    if any(not _is_of(text, subject, name) for text in given.include):
        problems.note("include", _FOLLOWS)
    language = given.language or (name if kind == FeedKind.LANGUAGE else "")
    return replace(given, title=title, language=language, include=(term,), exclude=())


def _is_of(term: str, kind: str, name: str) -> bool:
    """Whether a term names what a feed's address does."""
    named, _, value = term.partition(":")
    return named == kind and name in {value, slugify(value, limit=MAX_SLUG)}


def _settings(slug: str, given: FeedInput, rule: Rule, problems: _Problems) -> Feed:
    language = given.language.strip().lower()
    if language and not _LANGUAGE.fullmatch(language):
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


def _text(value: str, field: str, limit: int, problems: _Problems) -> str:
    text = plain_text(value)
    if len(text) > limit:
        problems.note(
            field,
            says(
                "is %(count)s characters long; at most %(limit)s are possible",
                count=len(text),
                limit=limit,
            ),
        )
    return text


def _number(
    value: int | None, field: str, least: int, most: int, problems: _Problems
) -> int | None:
    if value is not None and not least <= value <= most:
        problems.note(
            field, says("must be a number from %(least)s to %(most)s", least=least, most=most)
        )
    return value


def _footer(value: str, problems: _Problems) -> str:
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


def _terms(
    tx: Transaction, given: tuple[str, ...], field: str, problems: _Problems
) -> tuple[Term, ...]:
    found: dict[Term, None] = {}
    for text in given:
        try:
            found[_term(tx, text)] = None
        except InputError as error:
            problems.note(field, str(error))
    if len(found) > MAX_TERMS:
        problems.note(
            field,
            says(
                "names %(count)s things; at most %(max_terms)s are possible",
                count=len(found),
                max_terms=MAX_TERMS,
            ),
        )
    return tuple(found)


def _term(tx: Transaction, text: str) -> Term:
    kind, _, name = text.partition(":")
    name = plain_text(name)
    match kind.strip():
        case TermKind.CATEGORY:
            section = categories.find_by_name(tx, name) or categories.find_by_slug(tx, name)
            slug = section.slug if section else ""
        case TermKind.TAG:
            tag = tags.find_by_name(tx, name) or tags.find_by_slug(tx, name)
            slug = tag.slug if tag else ""
        case TermKind.AUTHOR:
            slug = categories.name_key(name)
        case TermKind.LANGUAGE:
            slug = name.lower() if _LANGUAGE.fullmatch(name.lower()) else ""
        case _:
            raise InputError(
                says(
                    "%(text)s is none of category:NAME, tag:NAME, author:NAME and language:TAG",
                    text=f"{text!r}",
                )
            )
    if not slug:
        raise InputError(
            says("there is no %(kind)s %(name)s", kind=kind.strip(), name=f"{name!r}")
        )
    return Term(TermKind(kind.strip()), slug)
