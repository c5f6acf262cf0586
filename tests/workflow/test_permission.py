"""Reporters write, editors decide, admins look after users and feeds."""

import dataclasses
from datetime import timedelta

import pytest
from msgspec.structs import replace

from feedsvc.errors import ConflictError, ForbiddenError
from feedsvc.model import (
    Article,
    ArticleInput,
    By,
    FeedInput,
    Release,
    Role,
    Scope,
    State,
    UserId,
)
from feedsvc.workflow import accounts, permission, private_feeds, read, saved_feeds, tokens
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import Right
from feedsvc.workflow.writing import edit
from feedsvc.workflow.writing.withdraw import withdraw
from tests import factories
from tests.factories import COMMAND_LINE, given
from tests.fakes import FakeClock

GOOD = "correct horse battery"
DRAFT = given(release=Release.DRAFT)
LATER = timedelta(hours=1)


def joined(room: Newsroom, name: str, role: Role | None = None) -> By:
    """Return a new user."""
    return By.of(accounts.add_user(room, name, GOOD, by=COMMAND_LINE, role=role))


@pytest.fixture
def admin(room: Newsroom) -> By:
    return joined(room, "asha", Role.ADMIN)


@pytest.fixture
def editor(room: Newsroom, admin: By) -> By:
    return joined(room, "meera", Role.EDITOR)


@pytest.fixture
def reporter(room: Newsroom, admin: By) -> By:
    return joined(room, "ravi", Role.REPORTER)


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (Role.REPORTER, {Right.WRITE}),
        (Role.EDITOR, {Right.WRITE, Right.EDIT, Right.PUBLISH, Right.OPERATE}),
        (Role.ADMIN, set(Right)),
    ],
)
def test_each_role_may_what_the_ones_before_it_may(role: Role, rights: set[Right]) -> None:
    by = factories.by("somebody", role)

    assert {right for right in Right if permission.may(by, right)} == rights


@pytest.mark.parametrize("right", Right)
def test_a_refusal_says_whom_to_ask(right: Right, monkeypatch: pytest.MonkeyPatch) -> None:
    # As it would be if the role that is needed were above that of an admin.
    monkeypatch.setattr(Role, "reaches", lambda _mine, _needed: False)

    with pytest.raises(ForbiddenError, match="ask"):
        permission.demand(factories.by("somebody"), right)


def test_an_article_belongs_to_who_began_it(room: Newsroom, reporter: By, editor: By) -> None:
    made = edit.create(room, DRAFT, by=reporter)

    changed = edit.change(room, made.id, given("Other"), by=editor, version=1)

    assert made.owner_id == reporter.user_id
    assert read.article(room, made.id).owner_id == reporter.user_id
    assert (changed.changed_by, changed.owner_id) == ("meera", reporter.user_id)


def test_an_article_of_a_program_belongs_to_nobody(room: Newsroom, reporter: By) -> None:
    made = edit.create(room, DRAFT, by=factories.by("api:cms"))

    with pytest.raises(ForbiddenError, match="not yours"):
        edit.change(room, made.id, DRAFT, by=reporter, version=1)
    assert made.owner_id is None


def test_a_reporter_writes_and_hands_in(room: Newsroom, reporter: By) -> None:
    made = edit.create(room, DRAFT, by=reporter)

    handed_in = replace(DRAFT, title="Better", release=Release.REVIEW)
    waiting = edit.change(room, made.id, handed_in, by=reporter, version=1)
    mended = edit.change(room, made.id, handed_in, by=reporter, version=2)

    assert (waiting.state, mended.title) == (State.REVIEW, "Better")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"release": Release.NOW}, id="publish"),
        pytest.param({"release": Release.AT}, id="schedule"),
    ],
)
def test_a_reporter_cannot_release(
    room: Newsroom, clock: FakeClock, reporter: By, changes: dict[str, Release]
) -> None:
    wanted = replace(DRAFT, release_at=clock.now() + LATER, **changes)
    made = edit.create(room, DRAFT, by=reporter)

    with pytest.raises(ForbiddenError, match="ask an editor"):
        edit.create(room, wanted, by=reporter)
    with pytest.raises(ForbiddenError, match="ask an editor"):
        edit.change(room, made.id, wanted, by=reporter, version=1)

    assert read.article(room, made.id) == made
    assert len(read.desk_list(room, limit=9).articles) == 1


def test_a_reporter_leaves_the_articles_of_others(
    room: Newsroom, reporter: By, editor: By
) -> None:
    made = edit.create(room, DRAFT, by=editor)

    with pytest.raises(ForbiddenError, match="not yours"):
        edit.change(room, made.id, given("Mine", release=Release.DRAFT), by=reporter, version=1)

    assert read.article(room, made.id) == made


@pytest.mark.parametrize(
    "decided",
    [
        pytest.param(given(release=Release.NOW), id="published"),
        pytest.param(
            given(release=Release.AT, release_at=factories.PUBLISHED.replace(year=2030)),
            id="scheduled",
        ),
    ],
)
def test_what_is_decided_is_out_of_a_reporters_hands(
    room: Newsroom, reporter: By, editor: By, decided: ArticleInput
) -> None:
    made = edit.create(room, DRAFT, by=reporter)
    out = edit.change(room, made.id, decided, by=editor, version=1)

    for wanted in (DRAFT, decided):
        with pytest.raises(ForbiddenError, match="with the editors"):
            edit.change(room, made.id, wanted, by=reporter, version=2)
    with pytest.raises(ForbiddenError):
        withdraw(room, made.id, by=reporter)

    assert read.article(room, made.id) == out


def test_a_withdrawn_article_is_out_of_a_reporters_hands(
    room: Newsroom, reporter: By, editor: By
) -> None:
    made = edit.create(room, DRAFT, by=reporter)
    edit.change(room, made.id, given(), by=editor, version=1)
    gone = withdraw(room, made.id, by=editor)

    with pytest.raises(ForbiddenError):
        edit.change(room, made.id, DRAFT, by=reporter, version=gone.version)


def test_a_reporter_of_another_newsroom_owns_nothing_here(article_of_nobody: Article) -> None:
    """None is nobody, also where an article has no owner either."""
    assert not permission.is_own(factories.by("x", Role.REPORTER), article_of_nobody)
    assert not permission.may_change(factories.by("x", Role.REPORTER), article_of_nobody)


@pytest.fixture
def article_of_nobody() -> Article:
    return factories.article(state=State.DRAFT)


def test_feeds_are_for_admins(room: Newsroom, editor: By, admin: By) -> None:
    feed = saved_feeds.add(room, "rain", FeedInput(title="Rain"), by=admin)
    private = private_feeds.add(room, FeedInput(title="Ours"), by=admin).feed
    before = saved_feeds.all_feeds(room)

    with pytest.raises(ForbiddenError, match="only admins"):
        saved_feeds.add(room, "snow", FeedInput(title="Snow"), by=editor)
    with pytest.raises(ForbiddenError, match="only admins"):
        saved_feeds.change(room, feed.slug, FeedInput(title="Snow"), by=editor)
    with pytest.raises(ForbiddenError, match="only admins"):
        saved_feeds.remove(room, feed.slug, by=editor)
    with pytest.raises(ForbiddenError, match="only admins"):
        private_feeds.add(room, FeedInput(title="Ours"), by=editor)
    with pytest.raises(ForbiddenError, match="only admins"):
        private_feeds.renew(room, private.slug, by=editor)

    assert saved_feeds.all_feeds(room) == before


def test_users_are_for_admins(room: Newsroom, editor: By) -> None:
    before = accounts.users(room)

    with pytest.raises(ForbiddenError, match="only admins"):
        accounts.add_user(room, "eve", GOOD, by=editor)
    with pytest.raises(ForbiddenError, match="only admins"):
        accounts.set_role(room, "meera", Role.ADMIN, by=editor)
    with pytest.raises(ForbiddenError, match="only admins"):
        accounts.set_password(room, "asha", GOOD, by=editor)
    with pytest.raises(ForbiddenError, match="only admins"):
        accounts.disable_user(room, "asha", by=editor)
    with pytest.raises(ForbiddenError, match="only admins"):
        accounts.enable_user(room, "asha", by=editor)

    assert accounts.users(room) == before


def test_first_user_is_admin_and_the_next_an_editor(room: Newsroom) -> None:
    assert [joined(room, name).role for name in ("a", "b")] == [Role.ADMIN, Role.EDITOR]


def test_a_role_counts_from_the_next_request_on(room: Newsroom, editor: By, admin: By) -> None:
    accounts.set_role(room, "meera", Role.REPORTER, by=admin)

    assert {user.name: user.role for user in accounts.users(room)} == {
        "asha": Role.ADMIN,
        "meera": Role.REPORTER,
    }


def test_the_last_admin_stays_admin(room: Newsroom, admin: By, editor: By) -> None:
    with pytest.raises(ConflictError, match="the only admin"):
        accounts.set_role(room, "asha", Role.EDITOR, by=admin)
    with pytest.raises(ConflictError, match="the only admin"):
        accounts.disable_user(room, "asha", by=admin)

    accounts.set_role(room, "meera", Role.ADMIN, by=admin)
    accounts.disable_user(room, "meera", by=admin)  # a disabled one does not count
    with pytest.raises(ConflictError, match="the only admin"):
        accounts.set_role(room, "asha", Role.EDITOR, by=admin)
    accounts.enable_user(room, "meera", by=admin)
    accounts.set_role(room, "asha", Role.EDITOR, by=admin)


def test_command_line_may_shut_out_the_last_admin(room: Newsroom, admin: By) -> None:
    """Whoever sits at the machine must be able to, and lets somebody in again."""
    accounts.disable_user(room, "asha", by=COMMAND_LINE)

    assert [user.disabled for user in accounts.users(room)] == [True]


@pytest.mark.parametrize(
    ("scope", "role"),
    [
        (Scope.READ, Role.REPORTER),
        (Scope.WRITE, Role.EDITOR),
        (Scope.PUBLISH, Role.ADMIN),
    ],
)
def test_a_program_acts_as_its_scope_says(
    room: Newsroom, clock: FakeClock, scope: Scope, role: Role
) -> None:
    token, _secret = tokens.issue(room, "cms", scope)

    assert tokens.bearer_of(token) == By(name="api:cms", role=role)


def test_user_id_of_another_is_not_ones_own(room: Newsroom, reporter: By) -> None:
    made = edit.create(room, DRAFT, by=reporter)
    other = dataclasses.replace(reporter, user_id=UserId(999))

    with pytest.raises(ForbiddenError, match="not yours"):
        edit.change(room, made.id, DRAFT, by=other, version=1)
