"""What became of an article with each change: for its history, and for the audit log."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from feedsvc.model.articles import Article, ArticleId, State


class Event(StrEnum):
    """What became of an article; of several things the one that readers notice most."""

    EARLIER = "earlier"  # it was like this when its history began
    CREATED = "created"
    CHANGED = "changed"
    HANDED_IN = "handed-in"  # for review
    SENT_BACK = "sent-back"  # from review
    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    PUBLISHED = "published"
    RELEASED = "released"  # published by itself, at its time
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"  # an earlier version was stored again


class Version(Struct, frozen=True, kw_only=True):
    """One entry of an article's history, without its text.

    `number` counts from 1 without gaps, `version` is the article's of then. `changes` names
    what differs from the entry before, by the attributes of `Article`; none for the first.
    """

    article_id: ArticleId
    number: int
    version: int
    event: Event
    state: State
    changes: tuple[str, ...] = ()
    by: str = ""
    at: datetime


def event_of(before: Article | None, after: Article, *, restored_from: int = 0) -> Event:
    """Return what became of an article, from what it was and what it is.

    Args:
        before: as it was; None for a new one.
        after: as it is stored now, at its time `changed`.
        restored_from: the number of the version whose content the editor took up again.
    """
    moved = _moved(before, after)
    if moved is not None:
        return moved
    if before is None:
        return Event.CREATED
    if after.correction not in {"", before.correction}:
        return Event.CORRECTED
    return Event.RESTORED if restored_from else Event.CHANGED


def _moved(before: Article | None, after: Article) -> Event | None:
    """Return where the article went in its life, if it went anywhere."""
    was = before.state if before else None
    if before is not None and before.is_visible(after.changed):
        was = State.PUBLISHED
    if after.state is State.SCHEDULED:
        is_same = was is State.SCHEDULED and before and before.release_at == after.release_at
        return None if is_same else Event.SCHEDULED
    if after.state is was:
        return None
    if after.state in _ARRIVED:
        return _ARRIVED[after.state]
    if was in _LEFT:
        return _LEFT[was]
    return Event.WITHDRAWN if after.state is State.WITHDRAWN and was else None


_ARRIVED = {State.PUBLISHED: Event.PUBLISHED, State.REVIEW: Event.HANDED_IN}
_LEFT = {State.SCHEDULED: Event.UNSCHEDULED, State.REVIEW: Event.SENT_BACK}
