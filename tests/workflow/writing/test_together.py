"""Many articles at once: each by itself, over what was seen, with a word on every one."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from feedsvc.errors import ForbiddenError, InputError, UnavailableError
from feedsvc.model import Article, ArticleId, Release, Role, State
from feedsvc.storage import feeds
from feedsvc.workflow import read
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing import edit, storing, together
from feedsvc.workflow.writing.together import Action, Chosen, Outcome, Wish
from feedsvc.workflow.writing.withdraw import withdraw as take_out
from tests.factories import by, given
from tests.fakes import NOON, FakeClock

ASHA = by("asha")
SPORT = Wish(action=Action.ADD_CATEGORY, name="Sport")


def add(room: Newsroom, title: str, **changes: object) -> Article:
    return edit.create(room, given(title, **changes), by=ASHA)


def seen(articles: Sequence[Article]) -> list[Chosen]:
    return [Chosen(article_id=one.id, version=one.version) for one in articles]


def do(room: Newsroom, wish: Wish, articles: Sequence[Article]) -> list[Outcome]:
    """Carry it out; what was foreseen must be what happens."""
    chosen = seen(articles)
    foreseen = [each.outcome for each in together.foresee(room, wish, chosen, by=ASHA)]
    done = [each.outcome for each in together.carry_out(room, wish, chosen, by=ASHA)]
    assert done == foreseen
    return done


def names(room: Newsroom, article: Article) -> tuple[list[str], list[str]]:
    found = read.article(room, article.id)
    return [one.name for one in found.categories], [one.name for one in found.tags]


def revisions(room: Newsroom) -> dict[str, int]:
    with room.database.read() as tx:
        return {feed.slug: feed.revision for feed in feeds.public_feeds(tx)}


def test_category_is_added_to_each_that_has_it_not(room: Newsroom) -> None:
    first = add(room, "First")
    second = add(room, "Second", categories=("Sport",))
    draft = add(room, "Draft", categories=(), release=Release.DRAFT)
    before = revisions(room)

    done = do(room, SPORT, [first, second, draft])

    assert done == [Outcome.DONE, Outcome.NOTHING, Outcome.DONE]
    assert names(room, first)[0] == ["News", "Sport"]
    assert names(room, draft)[0] == ["Sport"]
    assert revisions(room)["category/sport"] == before["category/sport"] + 1


def test_category_is_taken_out_and_its_feed_marked(room: Newsroom) -> None:
    article = add(room, "First", categories=("News", "Sport"))
    before = revisions(room)

    wish = Wish(action=Action.REMOVE_CATEGORY, name="SPORT")
    assert do(room, wish, [article]) == [Outcome.DONE]

    assert names(room, article)[0] == ["News"]
    assert revisions(room)["category/sport"] == before["category/sport"] + 1


def test_tags_come_and_go(room: Newsroom) -> None:
    articles = [add(room, "First", tags=("Rain",)), add(room, "Second")]

    done = do(room, Wish(action=Action.ADD_TAG, name="rain"), articles)
    assert done == [Outcome.NOTHING, Outcome.DONE]
    assert names(room, articles[1])[1] == ["Rain"]
    new = Wish(action=Action.ADD_TAG, name="Flood")
    assert do(room, new, [articles[0]]) == [Outcome.DONE]
    again = [read.article(room, one.id) for one in articles]
    wish = Wish(action=Action.REMOVE_TAG, name="Rain")
    assert do(room, wish, again) == [Outcome.DONE, Outcome.DONE]
    assert names(room, articles[0])[1] == ["Flood"]


def test_body_and_dates_stay_as_they_are(room: Newsroom, clock: FakeClock) -> None:
    article = add(room, "First", tags=("Rain",))
    clock.advance(3600)

    do(room, SPORT, [article])

    after = read.article(room, article.id)
    kept = replace(
        after,
        categories=article.categories,
        version=article.version,
        changed=article.changed,
    )
    assert kept == article


def test_what_somebody_saved_meanwhile_is_left(room: Newsroom) -> None:
    article, other = add(room, "First"), add(room, "Second")
    edit.change(room, article.id, given("Other"), by=by("ravi"), version=1)

    assert do(room, SPORT, [article, other]) == [Outcome.CHANGED, Outcome.DONE]
    assert do(room, Wish(action=Action.WITHDRAW), [article]) == [Outcome.CHANGED]


def test_only_what_readers_have_is_withdrawn(room: Newsroom) -> None:
    due = NOON + timedelta(days=1)
    articles = [
        add(room, "Out"),
        add(room, "Later", release=Release.AT, release_at=due),
        add(room, "Draft", release=Release.DRAFT),
    ]

    wish = Wish(action=Action.WITHDRAW, notice="Not so.", reissue=True)
    done = do(room, wish, articles)

    assert done == [Outcome.DONE, Outcome.NOT_OUT, Outcome.NOT_OUT]
    gone = read.article(room, articles[0].id)
    assert (gone.state, gone.withdrawal_notice, gone.reissued) == (
        State.WITHDRAWN,
        "Not so.",
        True,
    )
    assert do(room, wish, [gone]) == [Outcome.NOTHING]


def test_only_what_is_to_come_is_made_a_draft(room: Newsroom, clock: FakeClock) -> None:
    due = NOON + timedelta(days=1)
    wish = Wish(action=Action.DRAFT)
    out = add(room, "Out")
    later = add(room, "Later", release=Release.AT, release_at=due)
    draft = add(room, "Draft", release=Release.DRAFT)

    assert do(room, wish, [out, later, draft]) == [
        Outcome.OUT,
        Outcome.DONE,
        Outcome.NOTHING,
    ]
    assert read.article(room, later.id).state is State.DRAFT


def test_what_has_come_out_meanwhile_is_not_taken_back(
    room: Newsroom, clock: FakeClock
) -> None:
    due = NOON + timedelta(minutes=1)
    later = add(room, "Later", release=Release.AT, release_at=due)
    clock.advance(60)

    assert do(room, Wish(action=Action.DRAFT), [later]) == [Outcome.OUT]
    assert do(room, Wish(action=Action.WITHDRAW), [later]) == [Outcome.DONE]


def test_reporters_change_their_own_and_withdraw_nothing(room: Newsroom) -> None:
    reporter = by("ravi", Role.REPORTER)
    chosen = seen([add(room, "Of another")])

    (verdict,) = together.carry_out(room, SPORT, chosen, by=reporter)

    assert verdict.outcome is Outcome.FORBIDDEN
    for action in (Action.WITHDRAW, Action.DRAFT):
        with pytest.raises(ForbiddenError, match="ask an editor"):
            together.checked(Wish(action=action), by=reporter)
        with pytest.raises(ForbiddenError):
            together.carry_out(room, Wish(action=action), chosen, by=reporter)


def test_article_that_does_not_exist_is_said(room: Newsroom) -> None:
    none = [Chosen(article_id=ArticleId(99), version=1)]

    for wish in (SPORT, Wish(action=Action.WITHDRAW)):
        (verdict,) = together.carry_out(room, wish, none, by=ASHA)
        assert (verdict.article, verdict.outcome) == (None, Outcome.GONE)


def test_article_takes_no_more_than_it_can_have(room: Newsroom) -> None:
    article = add(room, "Full", categories=tuple(f"C{n}" for n in range(20)))
    tagged = add(room, "Full", tags=tuple(f"T{n}" for n in range(50)))

    assert do(room, SPORT, [article]) == [Outcome.FULL]
    assert do(room, Wish(action=Action.ADD_TAG, name="One more"), [tagged]) == [Outcome.FULL]


@pytest.mark.parametrize("name", ["", " \u200b", "x" * 500])
def test_name_must_be_one(room: Newsroom, name: str) -> None:
    with pytest.raises(InputError, match="the name"):
        together.checked(Wish(action=Action.ADD_TAG, name=name), by=ASHA)


def test_too_long_a_notice_is_refused_before_anything_is_done(room: Newsroom) -> None:
    article = add(room, "Out")

    with pytest.raises(InputError, match="notice"):
        together.carry_out(
            room, Wish(action=Action.WITHDRAW, notice="x" * 2000), seen([article]), by=ASHA
        )
    assert read.article(room, article.id).state is State.PUBLISHED


def test_what_is_left_is_not_tried_while_the_database_is_away(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles = [add(room, f"Article {n}") for n in range(3)]
    whole, count = storing.mark, iter(range(9))

    def mark(*values: object) -> None:
        if next(count) == 1:
            raise UnavailableError("the database is away")
        whole(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(storing, "mark", mark)
    done = together.carry_out(room, SPORT, seen(articles), by=ASHA)

    assert [each.outcome for each in done] == [Outcome.DONE, Outcome.AWAY, Outcome.AWAY]
    assert next(count) == 2
    assert names(room, articles[1])[0] == ["News"]


def test_who_saves_in_the_very_moment_is_not_withdrawn(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = add(room, "Out")

    def withdraw(*args: object, **named: object) -> Article:
        edit.change(room, article.id, given("Other"), by=by("ravi"), version=1)
        return take_out(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(together, "withdraw", withdraw)
    (done,) = together.carry_out(room, Wish(action=Action.WITHDRAW), seen([article]), by=ASHA)

    assert done.outcome is Outcome.CHANGED
    assert read.article(room, article.id).state is State.PUBLISHED
