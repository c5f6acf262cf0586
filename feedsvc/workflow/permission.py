"""Who may do what: decided here and nowhere else, for desk, API and command line alike.

Workflows demand a right before they do anything; pages ask for the same rights to know what
to offer. A refusal says whom to ask.
"""

import logging
from collections.abc import Mapping
from enum import StrEnum

from feedsvc.errors import ForbiddenError
from feedsvc.model import Article, By, Release, Role, State
from feedsvc.says import says

logger = logging.getLogger(__name__)


class Right(StrEnum):
    """Something that not everybody may do."""

    WRITE = "write"  # articles of one's own, while they are drafts or in review
    EDIT = "edit"  # articles of others, and what readers have
    PUBLISH = "publish"  # decide what readers see: publish, schedule, withdraw
    OPERATE = "operate"  # see how the service is
    FEEDS = "feeds"  # make, change and remove saved feeds, and their keys
    PEOPLE = "people"  # add users, change and disable them
    AUDIT = "audit"  # see who did what


_NEEDED: Mapping[Right, Role] = {
    Right.WRITE: Role.REPORTER,
    Right.EDIT: Role.EDITOR,
    Right.PUBLISH: Role.EDITOR,
    Right.OPERATE: Role.EDITOR,
    Right.FEEDS: Role.ADMIN,
    Right.PEOPLE: Role.ADMIN,
    Right.AUDIT: Role.ADMIN,
}
_REFUSALS: Mapping[Right, str] = {
    Right.WRITE: says("you may not write articles here; ask an admin"),
    Right.EDIT: says("this article is not yours to change; ask an editor"),
    Right.PUBLISH: says("only editors publish, schedule and withdraw; ask an editor to do it"),
    Right.OPERATE: says("only editors and admins see how the service is; ask one of them"),
    Right.FEEDS: says("only admins make and change feeds; ask one of them"),
    Right.PEOPLE: says("only admins see and change who uses the desk; ask one of them"),
    Right.AUDIT: says("only admins see who did what; ask one of them"),
}
_UNDECIDED = {State.DRAFT, State.REVIEW}
_HANDED_ON = says("this article is with the editors now; ask one of them to change it")


def may(by: By, right: Right) -> bool:
    """Whether somebody has a right."""
    return by.role.reaches(_NEEDED[right])


def demand(by: By, right: Right) -> None:
    """Let pass whoever has the right.

    Raises:
        ForbiddenError: they have not; says whom to ask.
    """
    if not may(by, right):
        _refuse(by, right, _REFUSALS[right])


def is_own(by: By, article: Article) -> bool:
    """Whether it is their article."""
    return by.user_id is not None and article.owner_id == by.user_id


def may_change(by: By, article: Article) -> bool:
    """Whether somebody may save this article: editors any, others their own."""
    return may(by, Right.EDIT) or (is_own(by, article) and article.state in _UNDECIDED)


def demand_change(by: By, article: Article) -> None:
    """Let pass whoever may save this article.

    Raises:
        ForbiddenError: they may not; says whom to ask.
    """
    if not may_change(by, article):
        own = is_own(by, article)
        _refuse(by, Right.EDIT, _HANDED_ON if own else _REFUSALS[Right.EDIT])


def may_release(by: By, release: Release) -> bool:
    """Whether somebody may ask for such a release: anybody to keep it or to hand it in."""
    return not release.goes_out or may(by, Right.PUBLISH)


def demand_release(by: By, release: Release) -> None:
    """Let pass whoever may ask for such a release.

    Raises:
        ForbiddenError: they may not; says whom to ask.
    """
    if not may_release(by, release):
        demand(by, Right.PUBLISH)


def _refuse(by: By, right: Right, sentence: str) -> None:
    logger.warning("refused right=%s by=%s role=%s", right, by.name, by.role)
    raise ForbiddenError(sentence)
