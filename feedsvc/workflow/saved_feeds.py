"""Feeds that operators make: of a rule, a tag, an author or a language.

Each is switched on by itself. A newsroom has tens of thousands of tags, and hardly anybody
subscribes to one; a feed of each would be as many to make and to keep.
"""

import logging
import uuid
from difflib import get_close_matches

from msgspec.structs import asdict, replace

from feedsvc.errors import ConflictError, NotFoundError
from feedsvc.model import (
    Action,
    By,
    Facts,
    Feed,
    FeedId,
    FeedInput,
    FeedKind,
    Subject,
)
from feedsvc.model.rule import Rule, Term, TermKind, with_unsaid
from feedsvc.says import says
from feedsvc.storage import feeds
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.storage.membership import filling, members
from feedsvc.workflow import audit, permission
from feedsvc.workflow.handed_in.checking_feeds import check_address, checked
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import Right

logger = logging.getLogger(__name__)
_BY_THEMSELVES = {FeedKind.RECENT, FeedKind.CATEGORY, FeedKind.CORRECTIONS}


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
            check_address(slug)
        wanted = checked(tx, room.config.site, slug, given)
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
        wanted = checked(tx, room.config.site, slug, given)
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
        meant = f"; did you mean {close[0]}?" if close else "; 'feedsvc feed list' names them"
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
