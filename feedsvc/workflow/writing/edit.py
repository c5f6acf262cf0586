"""An editor saves an article: stored with the dirty mark of every feed it touches."""

import logging
import re
import uuid
from datetime import UTC, datetime

from msgspec.structs import replace

from feedsvc.errors import ConflictError, InputError, NotFoundError
from feedsvc.model import (
    Article,
    ArticleId,
    ArticleInput,
    Assigned,
    By,
    Category,
    CategoryId,
    Release,
    State,
    Tag,
    TagId,
)
from feedsvc.rendering.slugs import slugify
from feedsvc.says import says
from feedsvc.storage import articles
from feedsvc.storage.database import Transaction, one_at_a_time
from feedsvc.storage.membership import waiting
from feedsvc.workflow import audit, permission, pictures
from feedsvc.workflow.handed_in.checking import Checked, check
from feedsvc.workflow.handed_in.enclosures import known_image, merged
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import Right
from feedsvc.workflow.soundness import demand_sound
from feedsvc.workflow.writing.assigning import owner_after
from feedsvc.workflow.writing.life import Life, life_of, saved
from feedsvc.workflow.writing.naming import Subjects, subjects_of
from feedsvc.workflow.writing.storing import CONTENT, mark, store_change

logger = logging.getLogger(__name__)
_UNSAVED = datetime(1970, 1, 1, tzinfo=UTC)  # when an article was stored that never was


def create(room: Newsroom, given: ArticleInput, *, by: By) -> Article:
    """Store a new article; the same `submission` again returns the one already stored.

    Raises:
        InputError: something cannot be taken; nothing was stored.
        ForbiddenError: they may write, but not release it so.
        UnavailableError: the database cannot answer now; the same call may be repeated.
    """
    permission.demand(by, Right.WRITE)
    permission.demand_release(by, given.release)
    checked = pictures.confirmed(room, check(given))
    _demand_sound(room, checked)
    stored = _create(room, given, checked, by)
    room.wake()
    return stored


def change(
    room: Newsroom,
    article_id: ArticleId,
    given: ArticleInput,
    *,
    by: By,
    version: int,
    known: Article | None = None,
) -> Article:
    """Store a changed article over the version that the editor saw.

    Saving the same thing twice is not a conflict. `known` is the article as the caller has read
    it just before, if it has.

    Raises:
        InputError: something cannot be taken; nothing was stored.
        NotFoundError: there is no such article.
        ForbiddenError: they may not change it, or not release it so.
        ConflictError: somebody else saved it in between; nothing was stored.
    """
    checked = pictures.confirmed(room, check(given))
    _demand_sound(room, checked, article_id, known)
    stored = _change(room, article_id, given, checked, by, version)
    room.wake()
    return stored


def preview(room: Newsroom, given: ArticleInput) -> Article:
    """Return the article as it would be stored now, without storing anything.

    Raises:
        InputError: something cannot be taken.
    """
    return _as_out(room, check(given))


def _as_out(room: Newsroom, checked: Checked) -> Article:
    """Return the article as readers would have it, of which nothing is stored yet."""
    life = saved(
        None,
        release=Release.NOW,
        release_at=None,
        significant=False,
        now=checked.release_at or room.clock.now(),
    )
    shown = Subjects(
        categories=tuple(
            Category(id=CategoryId(-number), slug=slugify(name), name=name)
            for number, name in enumerate(checked.categories, 1)
        ),
        tags=tuple(
            Tag(id=TagId(-number), slug=slugify(name) or "tag", name=name)
            for number, name in enumerate(checked.tags, 1)
        ),
    )
    return _compose(None, checked, life, shown, slugify(checked.title) or "preview")


def _demand_sound(
    room: Newsroom,
    checked: Checked,
    article_id: ArticleId | None = None,
    known: Article | None = None,
) -> None:
    """Let go out what feeds can carry; what they do not carry already may be worked on.

    Raises:
        InputError: no feed could carry it.
    """
    if not checked.release.goes_out:
        return
    made = _as_out(room, checked)
    if article_id is not None:
        current = known or _found(room, article_id)
        if current is None or current.set_aside:
            return
        same = ("guid", "guid_is_permalink", "slug", "path", "enclosures")
        made = replace(made, **{name: getattr(current, name) for name in same})
    demand_sound(room, made)


def _found(room: Newsroom, article_id: ArticleId) -> Article | None:
    with room.database.read() as tx:
        return articles.find(tx, article_id)


def _create(room: Newsroom, given: ArticleInput, checked: Checked, by: By) -> Article:
    now = room.clock.now()
    with room.database.write() as tx:
        one_at_a_time(tx)
        if given.submission:
            done = articles.find_by_submission(tx, given.submission)
            if done is not None:
                return done
        life = saved(
            None,
            release=checked.release,
            release_at=checked.release_at,
            significant=given.significant,
            now=now,
        )
        chosen = subjects_of(tx, checked, now)
        article = _compose(None, checked, life, chosen, _free_slug(tx, checked.title, None))
        owner = owner_after(tx, given.assigned, by.user_id, by=by)
        article = replace(article, created=now, changed=now, changed_by=by.name, owner_id=owner)
        article = _corrected(None, article, was_public=False)
        article = _held_back(room, None, article, send_now=given.send_now)
        article = replace(article, id=articles.add(tx, article, given.submission))
        article = replace(article, enters_at=waiting.until(tx, article.id))
        mark(tx, None, article, now)
        audit.note_article(room, tx, by, None, article)
    logger.info("stored article=%d state=%s by=%s", article.id, article.state, by.name)
    return article


def _change(
    room: Newsroom,
    article_id: ArticleId,
    given: ArticleInput,
    checked: Checked,
    by: By,
    version: int,
) -> Article:
    now = room.clock.now()
    with room.database.write() as tx:
        one_at_a_time(tx)
        current = articles.find(tx, article_id, lock=True)
        if current is None:
            raise NotFoundError(f"there is no article {article_id}")
        permission.demand_change(by, current)
        checked = replace(checked, image=known_image(current.image, checked.image))
        permission.demand_release(by, given.release)
        life = saved(
            life_of(current, now),
            release=checked.release,
            release_at=checked.release_at,
            significant=_is_significant(tx, current, given, checked, now),
            now=now,
        )
        owner = owner_after(tx, given.assigned, current.owner_id, by=by)
        if current.version != version:
            return _same_again(current, given, checked, life)
        chosen = subjects_of(tx, checked, now)
        was_public = current.is_visible(now) or current.published is not None
        slug = current.slug if was_public else _free_slug(tx, checked.title, current)
        article = _compose(current, checked, life, chosen, slug)
        article = replace(
            article, version=version + 1, changed=now, changed_by=by.name, owner_id=owner
        )
        article = _corrected(current, article, was_public=was_public)
        article = _held_back(room, current, article, send_now=given.send_now)
        article = store_change(room, tx, current, article, restored_from=given.restored_from)
        audit.note_article(room, tx, by, current, article, restored_from=given.restored_from)
    logger.info("stored article=%d state=%s by=%s", article.id, article.state, by.name)
    return article


def _same_again(current: Article, given: ArticleInput, checked: Checked, life: Life) -> Article:
    """Accept a repeated save of what is stored; refuse everything else."""
    same = all(getattr(current, name) == getattr(checked, name) for name in CONTENT)
    same = same and merged(current.enclosures, checked.enclosures) == current.enclosures
    names = [category.name.casefold() for category in current.categories]
    names += [tag.name.casefold() for tag in current.tags]
    asked = [name.casefold() for name in (*checked.categories, *checked.tags)]
    is_sent = bool(current.sent) or not given.send_now
    is_told = checked.review_note in {"", current.review_note}
    is_theirs = given.assigned in {None, Assigned(user_id=current.owner_id)}
    is_stored = names == asked and is_sent and is_told and is_theirs
    if same and is_stored and _is_same_life(current, life):
        return current
    raise ConflictError(
        says(
            "%(changed_by)s saved this article while you were writing; nothing of "
            "yours was stored yet",
            changed_by=current.changed_by or "somebody",
        )
    )


def _is_same_life(current: Article, life: Life) -> bool:
    """Whether the save asked for where the article is; when it was published is no wish."""
    is_scheduled = life.state is State.SCHEDULED
    return current.state is life.state and (
        not is_scheduled or current.release_at == life.release_at
    )


def _is_significant(
    tx: Transaction, current: Article, given: ArticleInput, checked: Checked, now: datetime
) -> bool:
    """Whether readers are told. Before feeds have an article there is nobody to tell."""
    if _is_new_correction(current, checked):
        return True
    return given.significant and not waiting.is_in_no_feed_yet(tx, current.id, now)


def _is_new_correction(current: Article, checked: Checked) -> bool:
    return checked.correction not in {"", current.correction}


def _corrected(current: Article | None, article: Article, *, was_public: bool) -> Article:
    """Note when the article was corrected.

    Raises:
        InputError: nobody has seen the article, so that there is nothing to correct.
    """
    if not article.correction:
        return replace(article, corrected=None)
    if current is None or not was_public:
        problem = says("readers have not seen this article yet, so there is nothing to correct")
        raise InputError(problem, {"correction": problem})
    is_new = article.correction != current.correction
    return replace(article, corrected=article.changed if is_new else current.corrected)


def _held_back(
    room: Newsroom, current: Article | None, article: Article, *, send_now: bool
) -> Article:
    """Let feeds wait for an article that comes out, and no longer once it is to be sent."""
    delay, sent = room.config.feeds.delay_minutes, None
    if not article.state.is_out:
        delay = 0
    elif current is not None and current.state.is_out:
        delay, sent = current.feed_delay, current.sent
    if send_now and article.state.is_out:
        sent = sent or article.changed
    return replace(article, feed_delay=delay, sent=sent)


def _compose(
    current: Article | None,
    checked: Checked,
    life: Life,
    chosen: Subjects,
    slug: str,
) -> Article:
    """Put an article together; a guid is minted here, once, and depends on nothing."""
    return Article(
        id=current.id if current else ArticleId(0),
        guid=current.guid if current else f"urn:uuid:{uuid.uuid4()}",
        guid_is_permalink=current.guid_is_permalink if current else False,
        slug=slug,
        path=current.path if current and current.slug == slug else path_of(slug),
        **{name: getattr(checked, name) for name in CONTENT},
        in_feeds=current.in_feeds if current else True,
        enclosures=merged(current.enclosures if current else (), checked.enclosures),
        categories=chosen.categories,
        tags=chosen.tags,
        state=life.state,
        release_at=life.release_at,
        published=life.published,
        updated=life.updated,
        withdrawn=life.withdrawn,
        withdrawal_notice=current.withdrawal_notice if current and life.withdrawn else "",
        reissued=current.reissued if current and life.withdrawn else False,
        released_late_seconds=current.released_late_seconds if current else 0,
        review_note=_review_note(current, checked, life),
        version=current.version if current else 1,
        created=current.created if current else _UNSAVED,
        changed=current.changed if current else _UNSAVED,
        owner_id=current.owner_id if current else None,
    )


def _review_note(current: Article | None, checked: Checked, life: Life) -> str:
    """Return what whoever writes the article is told: nothing any more once it is handed in."""
    if current is None or life.state not in {State.DRAFT, State.WITHDRAWN}:
        return ""
    is_sent_back = current.state is State.REVIEW
    return checked.review_note if is_sent_back else current.review_note


def path_of(slug: str) -> str:
    """Return the permalink's path that a new slug gives."""
    return f"/articles/{slug}/"


def _free_slug(tx: Transaction, title: str, current: Article | None) -> str:
    base = slugify(title) or "article"
    if current is not None and re.fullmatch(rf"{base}(-\d+)?", current.slug):
        return current.slug
    mine = current.id if current else None
    for number in range(1, 10):
        slug = base if number == 1 else f"{base}-{number}"
        if not articles.path_is_taken(tx, path_of(slug), mine):
            return slug
    return f"{base}-{uuid.uuid4().hex[:8]}"
