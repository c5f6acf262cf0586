"""Where an article goes when an editor saves it: pure, one table of moves."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from feedsvc.errors import InputError
from feedsvc.model import Article, Release, State
from feedsvc.says import says


class Life(Struct, frozen=True, kw_only=True):
    """The part of an article that says where it is in its life."""

    state: State
    release_at: datetime | None = None
    published: datetime | None = None
    updated: datetime | None = None
    withdrawn: datetime | None = None


def life_of(article: Article, now: datetime) -> Life:
    """Return where an article is; one that is due counts as released."""
    if article.state is State.SCHEDULED and article.is_visible(now):
        return Life(
            state=State.PUBLISHED,
            release_at=article.release_at,
            published=article.published or article.release_at,
            updated=article.release_at,
        )
    return Life(
        state=article.state,
        release_at=article.release_at,
        published=article.published,
        updated=article.updated,
        withdrawn=article.withdrawn,
    )


def saved(
    current: Life | None,
    *,
    release: Release,
    release_at: datetime | None,
    significant: bool,
    now: datetime,
) -> Life:
    """Return where the article is after the save.

    Raises:
        InputError: a published article cannot be hidden or moved by saving it.
    """
    if current is not None and current.state is State.PUBLISHED:
        return _kept(current, release, release_at, significant=significant, now=now)
    before = current or Life(state=State.DRAFT)
    if release is Release.DRAFT:
        state = State.WITHDRAWN if before.withdrawn else State.DRAFT
        return replace(before, state=state, release_at=None)
    if release is Release.REVIEW:
        return replace(before, state=State.REVIEW, release_at=None)
    if release is Release.AT and release_at is not None and release_at > now:
        return replace(before, state=State.SCHEDULED, release_at=release_at)
    when = release_at if release is Release.AT else None
    return _published(before, when or now, now)


def _published(before: Life, when: datetime, now: datetime) -> Life:
    """Publish: an article that was public before keeps its first date."""
    if before.published is not None:
        return Life(
            state=State.PUBLISHED,
            release_at=now,
            published=before.published,
            updated=max(now, before.published),
        )
    return Life(state=State.PUBLISHED, release_at=when, published=when, updated=when)


def _kept(
    current: Life,
    release: Release,
    release_at: datetime | None,
    *,
    significant: bool,
    now: datetime,
) -> Life:
    if release in {Release.DRAFT, Release.REVIEW}:
        problem = says("readers have this article already; withdraw it instead")
        raise InputError(problem, {"release": problem})
    if release is Release.AT and release_at not in {current.release_at, current.published}:
        problem = says("the article is published already; its time cannot be changed")
        raise InputError(problem, {"release_at": problem})
    updated = max(now, current.updated or now) if significant else current.updated
    return Life(
        state=State.PUBLISHED,
        release_at=current.release_at,
        published=current.published,
        updated=updated,
    )
