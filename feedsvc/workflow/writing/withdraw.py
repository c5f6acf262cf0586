"""Take an article out of every feed; its page says that it is gone."""

import logging
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from feedsvc.errors import ConflictError, InputError, NotFoundError
from feedsvc.model import Article, ArticleId, By, State
from feedsvc.rendering.text import plain_text
from feedsvc.storage import articles
from feedsvc.storage.database import one_at_a_time
from feedsvc.storage.lists import archives, corrections
from feedsvc.storage.membership import members
from feedsvc.workflow import audit, permission
from feedsvc.workflow.handed_in.fields import too_long
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import Right
from feedsvc.workflow.writing.history import forget_old_versions

logger = logging.getLogger(__name__)


MAX_NOTICE = 1000  # characters


class Seen(NamedTuple):
    """What somebody looked at before they decided."""

    version: int
    is_out: bool  # readers had it


def withdraw(
    room: Newsroom,
    article_id: ArticleId,
    *,
    by: By,
    notice: str | None = None,
    reissue: bool | None = None,
    seen: Seen | int | None = None,
) -> Article:
    """Withdraw an article; one that nobody has seen yet becomes a draft again.

    Doing it twice is harmless; a second time can say what the first has left out. `notice` is
    plain text for whoever comes to its page. `reissue` says whether feeds carry it once more,
    as withdrawn and without its text. None leaves either as it is; the first time the settings
    decide about `reissue`. With `seen` the article must still be what somebody looked at, or
    of that version, unless it is as they want it anyhow: who changes what readers are told
    withdraws nothing that is out again, and takes nobody's notice away unasked.

    Raises:
        InputError: the notice is too long; nothing was done.
        ForbiddenError: they may not withdraw anything.
        NotFoundError: there is no such article.
        ConflictError: it is not as it was `seen`; nothing was done.
    """
    permission.demand(by, Right.PUBLISH)
    notice = notice if notice is None else _checked(notice)
    now = room.clock.now()
    with room.database.write() as tx:
        one_at_a_time(tx)  # who fills a saved feed must not put it back in
        current = articles.find(tx, article_id, lock=True)
        if current is None:
            raise NotFoundError(f"there is no article {article_id}")
        gone = _taken_out(room, current, notice, reissue=reissue, now=now)
        if gone == current:
            return current
        if seen not in {None, current.version, Seen(current.version, current.is_visible(now))}:
            raise ConflictError("somebody saved this article in between, or it has come out")
        if gone.state is State.WITHDRAWN:
            archives.note_change(tx, article_id, now)
            # It may have been put into a section since then that nobody is to know yet.
            members.mark_dirty(tx, [current], only_public=not current.is_visible(now))
            if current.corrected:
                corrections.mark_dirty(tx, now)
        gone = replace(gone, version=current.version + 1, changed=now, changed_by=by.name)
        articles.replace(tx, gone, current.version, before=current)
        forget_old_versions(room, tx, article_id)
        audit.note_article(room, tx, by, current, gone)
    logger.info("withdrew article=%d state=%s by=%s", gone.id, gone.state, by.name)
    room.wake()
    return gone


def _checked(notice: str) -> str:
    notice = plain_text(notice)
    if len(notice) > MAX_NOTICE:
        problem = too_long(notice, MAX_NOTICE)
        raise InputError(f"the notice {problem}", {"notice": problem})
    return notice


def _taken_out(
    room: Newsroom,
    current: Article,
    notice: str | None,
    *,
    reissue: bool | None,
    now: datetime,
) -> Article:
    if current.state is State.DRAFT:
        return current
    if current.state is State.WITHDRAWN:
        gone = current
        # Feeds count from the withdrawal how long they show it; so it is one more.
        if reissue and not current.reissued:
            gone = replace(gone, withdrawn=now)
    elif current.is_visible(now):
        gone = replace(_withdrawn(current, now), withdrawal_notice="")
        reissue = room.config.feeds.reissue_withdrawn if reissue is None else reissue
    else:
        return _taken_back(current)
    return replace(
        gone,
        withdrawal_notice=gone.withdrawal_notice if notice is None else notice,
        reissued=gone.reissued if reissue is None else reissue,
    )


def _withdrawn(current: Article, now: datetime) -> Article:
    first = current.published or current.release_at
    return replace(
        current,
        state=State.WITHDRAWN,
        published=first,
        updated=current.updated or first,
        withdrawn=now,
        set_aside="",
    )


def _taken_back(current: Article) -> Article:
    """Return a scheduled article without its time: as it was before it was scheduled."""
    state = State.WITHDRAWN if current.withdrawn else State.DRAFT
    return replace(current, state=state, release_at=None)
