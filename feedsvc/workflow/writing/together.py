"""Many articles at once: into a category or out of it, tags, withdrawn, back to drafts.

Each article is a transaction of its own, stored over the version that was seen; so what can
be done is done, and of everything else is said why not.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from feedsvc.errors import ConflictError, UnavailableError
from feedsvc.model import Article, ArticleId, By, State, Tag
from feedsvc.storage import articles
from feedsvc.storage.categories import name_key
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.storage.lists import listing
from feedsvc.workflow import audit, permission
from feedsvc.workflow.handed_in.checking import MAX_CATEGORIES, MAX_TAGS, checked_name
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import Right
from feedsvc.workflow.writing.naming import category_named, tag_named
from feedsvc.workflow.writing.storing import store_change
from feedsvc.workflow.writing.withdraw import Seen, withdraw

logger = logging.getLogger(__name__)
MOST = 200  # articles at once


class Action(StrEnum):
    """What is to happen to each of them."""

    ADD_CATEGORY = "add-category"
    REMOVE_CATEGORY = "remove-category"
    ADD_TAG = "add-tag"
    REMOVE_TAG = "remove-tag"
    WITHDRAW = "withdraw"
    DRAFT = "draft"  # a scheduled one loses its time

    @property
    def is_named(self) -> bool:
        """Whether it needs the name of a category or a tag."""
        return self not in {Action.WITHDRAW, Action.DRAFT}


class Wish(Struct, frozen=True, kw_only=True):
    """What is to happen; `name` is that of a category or tag, `notice` stands on pages."""

    action: Action
    name: str = ""
    notice: str = ""
    reissue: bool | None = None


class Chosen(Struct, frozen=True, kw_only=True):
    """An article, and the version of it that was seen."""

    article_id: ArticleId
    version: int


class Outcome(StrEnum):
    """What becomes of one article."""

    DONE = "done"
    NOTHING = "nothing"  # it is so already
    CHANGED = "changed"  # somebody saved it in between
    FORBIDDEN = "forbidden"
    OUT = "out"  # readers have it
    NOT_OUT = "not-out"  # readers do not have it
    FULL = "full"  # of categories or tags
    GONE = "gone"  # there is no such article
    AWAY = "away"  # the database cannot answer


class Verdict(Struct, frozen=True, kw_only=True):
    """What becomes of an article; it is None where there is no such article."""

    chosen: Chosen
    article: Article | None
    outcome: Outcome


def checked(wish: Wish, *, by: By) -> Wish:
    """Return a wish as it can be carried out.

    Raises:
        InputError: the name of a category or a tag is missing or cannot be taken.
        ForbiddenError: they may not withdraw articles, nor take their time from them.
    """
    if not wish.action.is_named:
        permission.demand(by, Right.PUBLISH)
    return replace(wish, name=checked_name(wish.name)) if wish.action.is_named else wish


def foresee(
    room: Newsroom, wish: Wish, chosen: Sequence[Chosen], *, by: By
) -> tuple[Verdict, ...]:
    """Return what would become of each of these articles now; nothing is stored."""
    now, known = room.clock.now(), _known(room, chosen)
    return tuple(
        _verdict(each, known.get(each.article_id), wish, by, now) for each in chosen[:MOST]
    )


def carry_out(
    room: Newsroom, wish: Wish, chosen: Sequence[Chosen], *, by: By
) -> tuple[Verdict, ...]:
    """Do it to each article by itself, and return what has become of each.

    Once the database cannot answer, what is left is not tried. Doing the same again is
    harmless.

    Raises:
        InputError: a name or a notice cannot be taken; nothing was done.
        ForbiddenError: they may not do this to any article.
    """
    wish, known = checked(wish, by=by), _known(room, chosen)
    done: list[Verdict] = []
    for each in chosen[:MOST]:
        article = known.get(each.article_id)
        is_away = bool(done) and done[-1].outcome is Outcome.AWAY
        outcome = Outcome.AWAY if is_away else _outcome(room, wish, each, by)
        done.append(Verdict(chosen=each, article=article, outcome=outcome))
    count = sum(one.outcome is Outcome.DONE for one in done)
    logger.info("%s articles=%d of=%d by=%s", wish.action, count, len(done), by.name)
    room.wake()
    return tuple(done)


def _known(room: Newsroom, chosen: Iterable[Chosen]) -> dict[ArticleId, Article]:
    ids = [each.article_id for each in chosen][:MOST]
    with room.database.read() as tx:
        return {one.id: one for one in listing.existing(tx, ids)}


def _verdict(
    chosen: Chosen, article: Article | None, wish: Wish, by: By, now: datetime
) -> Verdict:
    outcome = _foreseen(chosen, article, wish, by, now)
    return Verdict(chosen=chosen, article=article, outcome=outcome)


def _foreseen(
    chosen: Chosen, article: Article | None, wish: Wish, by: By, now: datetime
) -> Outcome:
    if article is None:
        return Outcome.GONE
    if wish.action.is_named and not permission.may_change(by, article):
        return Outcome.FORBIDDEN
    if article.version != chosen.version:
        return Outcome.CHANGED
    is_out = article.is_visible(now)
    match wish.action:
        case Action.WITHDRAW:
            return _withdrawn(article, is_out=is_out)
        case Action.DRAFT:
            return _drafted(article, is_out=is_out)
        case _:
            return _named(article, wish)


def _withdrawn(article: Article, *, is_out: bool) -> Outcome:
    if article.state is State.WITHDRAWN:
        return Outcome.NOTHING
    return Outcome.DONE if is_out else Outcome.NOT_OUT


def _drafted(article: Article, *, is_out: bool) -> Outcome:
    if is_out:
        return Outcome.OUT
    return Outcome.DONE if article.state is State.SCHEDULED else Outcome.NOTHING


def _named(article: Article, wish: Wish) -> Outcome:
    is_category = wish.action in {Action.ADD_CATEGORY, Action.REMOVE_CATEGORY}
    names = [
        name_key(one.name) for one in (article.categories if is_category else article.tags)
    ]
    has = name_key(wish.name) in names
    if wish.action in {Action.REMOVE_CATEGORY, Action.REMOVE_TAG}:
        return Outcome.DONE if has else Outcome.NOTHING
    if has:
        return Outcome.NOTHING
    is_full = len(names) >= (MAX_CATEGORIES if is_category else MAX_TAGS)
    return Outcome.FULL if is_full else Outcome.DONE


def _outcome(room: Newsroom, wish: Wish, chosen: Chosen, by: By) -> Outcome:
    try:
        if wish.action.is_named:
            return _rename(room, wish, chosen, by)
        return _take_back(room, wish, chosen, by)
    except ConflictError:
        return Outcome.CHANGED
    except UnavailableError:
        return Outcome.AWAY


def _take_back(room: Newsroom, wish: Wish, chosen: Chosen, by: By) -> Outcome:
    """Withdraw an article, or take its time from one that is scheduled."""
    with room.database.read() as tx:
        found = articles.find(tx, chosen.article_id)
    outcome = _foreseen(chosen, found, wish, by, room.clock.now())
    if outcome is not Outcome.DONE:
        return outcome
    withdraw(
        room,
        chosen.article_id,
        by=by,
        notice=wish.notice if wish.action is Action.WITHDRAW else None,
        reissue=wish.reissue,
        seen=Seen(chosen.version, is_out=wish.action is Action.WITHDRAW),
    )
    return Outcome.DONE


def _rename(room: Newsroom, wish: Wish, chosen: Chosen, by: By) -> Outcome:
    """Store an article with other categories or tags, and nothing else of it."""
    now = room.clock.now()
    with room.database.write() as tx:
        one_at_a_time(tx)
        current = articles.find(tx, chosen.article_id, lock=True)
        outcome = _foreseen(chosen, current, wish, by, now)
        if current is None or outcome is not Outcome.DONE:
            return outcome
        after = _with_names(tx, current, wish, now)
        after = replace(after, version=current.version + 1, changed=now, changed_by=by.name)
        after = store_change(room, tx, current, after)
        audit.note_article(room, tx, by, current, after)
    return outcome


def _with_names(tx: Transaction, current: Article, wish: Wish, now: datetime) -> Article:
    key = name_key(wish.name)
    match wish.action:
        case Action.ADD_CATEGORY:
            return replace(
                current, categories=(*current.categories, category_named(tx, wish.name, now))
            )
        case Action.ADD_TAG:
            return replace(current, tags=(*current.tags, tag_named(tx, wish.name)))
        case Action.REMOVE_CATEGORY:
            left = tuple(one for one in current.categories if name_key(one.name) != key)
            return replace(current, categories=left)
        case _:
            kept: tuple[Tag, ...] = tuple(
                one for one in current.tags if name_key(one.name) != key
            )
            return replace(current, tags=kept)
