"""Each action is one row of the audit log: who, what, to what, before and after."""

import dataclasses
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from feedsvc.errors import ForbiddenError, SecondStepError, SignInError
from feedsvc.model import (
    Action,
    ArticleId,
    Assigned,
    AuditRow,
    By,
    FeedInput,
    Release,
    Role,
    Scope,
    Session,
)
from feedsvc.storage.audit import Wanted
from feedsvc.storage.writing import history
from feedsvc.workflow import (
    accounts,
    audit,
    own_account,
    private_feeds,
    saved_feeds,
    second_factor,
    signing_in,
    tokens,
)
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.release import release_due
from feedsvc.workflow.writing import edit, together, withdraw
from tests.factories import COMMAND_LINE, given
from tests.fakes import FakeClock

GOOD = "seven lamps of odisha"
HERE = {"address": "203.0.113.7", "agent": "Firefox"}
DRAFT = given(release=Release.DRAFT)


def rows(room: Newsroom, wanted: Wanted | None = None) -> list[AuditRow]:
    """Return the log, the oldest first."""
    return list(audit.listing(room, wanted or Wanted(), by=COMMAND_LINE))[::-1]


def actions(room: Newsroom) -> list[str]:
    return [row.entry.action for row in rows(room)]


def session(room: Newsroom, token: str) -> Session:
    found = signing_in.session(room, token)
    assert found is not None
    return dataclasses.replace(found, address=HERE["address"])


def signed_in(room: Newsroom, name: str = "asha") -> Session:
    return session(room, signing_in.sign_in(room, name, GOOD, **HERE))


@pytest.fixture
def asha(room: Newsroom) -> By:
    user = accounts.add_user(room, "asha", GOOD, by=COMMAND_LINE)
    return By.of(user, HERE["address"])


def test_way_of_an_article_is_a_row_a_step(room: Newsroom, clock: FakeClock, asha: By) -> None:
    made = edit.create(room, DRAFT, by=asha)
    steps = [
        given(release=Release.REVIEW),
        DRAFT,
        given(release=Release.AT, release_at=clock.now() + timedelta(hours=1)),
        DRAFT,
        replace(DRAFT, assigned=Assigned(user_id=None)),
        given(release=Release.NOW),
        given(release=Release.NOW, correction="It was 60."),
        given("Another headline", release=Release.NOW, correction="It was 60."),
    ]
    for step in steps:
        made = edit.change(room, made.id, step, by=asha, version=made.version)
    back = given(release=Release.NOW, correction="It was 60.", restored_from=8)
    made = edit.change(room, made.id, back, by=asha, version=made.version)
    withdraw.withdraw(room, made.id, by=asha)
    withdraw.withdraw(room, made.id, by=asha)

    told = [name.removeprefix("article-") for name in actions(room)]

    assert told == [
        *("user-created", "created", "handed-in", "sent-back", "scheduled", "unscheduled"),
        *("assigned", "published", "corrected", "changed", "restored", "withdrawn"),
    ]
    with room.database.read() as tx:
        versions = history.newest(tx, ArticleId(made.id), limit=50)
    assert len(versions) == len(told) - 1


def test_row_says_who_what_before_and_after(room: Newsroom, asha: By) -> None:
    made = edit.create(room, DRAFT, by=asha)
    edit.change(room, made.id, given("New", release=Release.NOW), by=asha, version=1)

    told = rows(room)[-1].entry
    before, after = json.loads(told.before), json.loads(told.after)

    assert (told.who, told.who_id, told.role) == ("asha", asha.user_id, "admin")
    assert (told.subject.kind, told.subject.id) == ("article", str(made.id))
    assert (before["state"], after["state"]) == ("draft", "published")
    assert before["sha256"] != after["sha256"]
    assert (after["headline"], "title" in after["changed"].split()) == ("New", True)
    assert HERE["address"] not in str(told)
    assert len(told.source) == 16


def test_release_and_bulk_are_rows_too(room: Newsroom, clock: FakeClock, asha: By) -> None:
    soon = given(release=Release.AT, release_at=clock.now() + timedelta(minutes=1))
    made = edit.create(room, soon, by=asha)
    clock.advance(61)
    release_due(room)
    wish = together.Wish(action=together.Action.ADD_TAG, name="Rain")
    chosen = [together.Chosen(article_id=made.id, version=made.version)]

    together.carry_out(room, wish, chosen, by=asha)

    assert actions(room)[-3:] == ["article-scheduled", "article-released", "article-changed"]
    assert rows(room)[-2].entry.who == "feedsvc"


def test_accounts_are_a_row_an_action(room: Newsroom, asha: By) -> None:
    accounts.add_user(room, "ravi", GOOD, by=asha, role=Role.REPORTER)
    accounts.set_role(room, "ravi", Role.EDITOR, by=asha)
    accounts.set_role(room, "ravi", Role.EDITOR, by=asha)
    accounts.disable_user(room, "ravi", by=asha)
    accounts.disable_user(room, "ravi", by=asha)
    accounts.enable_user(room, "ravi", by=asha)
    accounts.set_password(room, "ravi", "another lamp of odisha", by=asha)
    signing_in.make_sign_in_link(room, "ravi", by=asha)
    second_factor.take_away(room, "ravi", by=asha)

    told = rows(room, Wanted(who="asha"))

    assert [row.entry.action for row in told] == [
        *("user-created", "role-changed", "user-disabled", "user-enabled"),
        *("password-changed", "link-made", "second-factor-removed"),
    ]
    assert {row.entry.subject.id for row in told} == {"ravi"}
    assert (told[1].entry.before, told[1].entry.after) == (
        '{"role":"reporter"}',
        '{"role":"editor"}',
    )


def test_signing_in_and_out_are_rows(room: Newsroom, asha: By) -> None:
    with pytest.raises(SignInError):
        signing_in.sign_in(room, "asha", "wrong " * 3, **HERE)
    with pytest.raises(SignInError):
        signing_in.sign_in(room, "nobody", GOOD, **HERE)
    token = signing_in.sign_in(room, "asha", GOOD, **HERE)
    signing_in.sign_out(room, token, address=HERE["address"])
    signing_in.sign_out(room, token)
    link = signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)
    signing_in.sign_in_by_link(room, link, **HERE)

    assert actions(room)[1:] == [
        *("sign-in-failed", "sign-in", "sign-out", "link-made", "sign-in"),
    ]
    assert rows(room)[1].entry.who == ""
    assert rows(room)[-1].entry.after == '{"by":"link"}'


def test_own_account_is_rows(room: Newsroom, asha: By) -> None:
    mine, other, third = signed_in(room), signed_in(room), signed_in(room)
    own_account.end_session(room, mine, other.id)
    own_account.end_session(room, mine, other.id)
    own_account.end_other_sessions(room, mine)
    own_account.end_other_sessions(room, mine)
    own_account.change_password(room, mine, GOOD, "another lamp of odisha", address="")

    assert actions(room)[4:] == ["session-ended", "session-ended", "password-changed"]
    assert third.id != mine.id


def test_second_factor_is_rows(
    room: Newsroom, asha: By, code: Callable[[str], str], clock: FakeClock
) -> None:
    mine = signed_in(room)
    secret = second_factor.begin(room, mine).secret
    spare = second_factor.confirm(room, mine, code(secret))
    with pytest.raises(SecondStepError) as asked:
        signing_in.sign_in(room, "asha", GOOD, **HERE)
    with pytest.raises(SignInError):
        signing_in.sign_in_by_code(room, asked.value.step, "000000 or so", **HERE)
    signing_in.sign_in_by_code(room, asked.value.step, spare[0], **HERE)
    second_factor.renew_codes(room, mine, second_factor.renewal(room, mine.user.id))
    second_factor.switch_off(room, mine)
    second_factor.switch_off(room, mine)

    assert actions(room)[2:] == [
        *("second-factor-set", "sign-in-failed", "sign-in"),
        *("recovery-codes-renewed", "second-factor-removed"),
    ]


@pytest.fixture
def code(clock: FakeClock) -> Callable[[str], str]:
    import pyotp  # noqa: PLC0415 - only here

    return lambda secret: pyotp.TOTP(secret).at(clock.now())


def test_tokens_are_rows(room: Newsroom) -> None:
    tokens.issue(room, "cms", Scope.WRITE, by=COMMAND_LINE)
    tokens.issue(room, "old", Scope.READ, expires=room.clock.now() + timedelta(days=1))
    tokens.revoke(room, "cms", by=COMMAND_LINE)
    tokens.revoke(room, "cms", by=COMMAND_LINE)

    assert actions(room) == ["token-made", "token-made", "token-revoked"]


def test_saved_feeds_are_rows_without_keys(room: Newsroom, asha: By) -> None:
    edit.create(room, given(tags=("Rain",)), by=asha)
    wanted = FeedInput(title="Rain", include=("tag:rain",))
    saved_feeds.add(room, "rain", wanted, by=asha)
    long = replace(wanted, title="Showers", description="Rain. " * 60)
    saved_feeds.change(room, "rain", long, by=asha)
    saved_feeds.remove(room, "rain", by=asha)
    private = private_feeds.add(room, wanted, by=asha)
    private_feeds.renew(room, private.feed.slug, by=asha)

    told = rows(room)[2:]

    assert [row.entry.action for row in told] == [
        *("feed-created", "feed-changed", "feed-removed", "feed-created", "feed-key-renewed"),
    ]
    assert json.loads(told[1].entry.before) == {"title": "Rain"}
    assert json.loads(told[1].entry.after)["description"].startswith("sha256:")
    assert private.feed.slug not in str(told)


def test_addresses_of_one_network_have_one_hash(room: Newsroom, asha: By) -> None:
    for address in ("2001:db8::1", "2001:db8::2", "2001:db8:1::1", "a socket", ""):
        edit.create(room, DRAFT, by=dataclasses.replace(asha, address=address))

    first, second, other, socket, none = [row.entry.source for row in rows(room)[1:]]

    assert first == second
    assert len({first, other, socket, none}) == 4
    assert none == ""


def test_pages_follow_each_other(room: Newsroom) -> None:
    for number in range(audit.ON_A_PAGE + 10):
        audit.note_import(room, f"feed {number}", {}, by=COMMAND_LINE)

    first = audit.page(room, Wanted(), by=COMMAND_LINE)
    second = audit.page(room, Wanted(), by=COMMAND_LINE, before=first.older)

    assert (len(first.rows), len(second.rows), second.older) == (audit.ON_A_PAGE, 10, None)
    assert len(rows(room)) == audit.ON_A_PAGE + 10


def test_log_is_listed_back_to_a_time(room: Newsroom, clock: FakeClock) -> None:
    audit.note_migration(room, "0028", "0029")
    clock.advance(4 * 3600)
    since = clock.now()
    audit.note_import(room, "feed", {}, by=COMMAND_LINE)

    found = list(audit.listing(room, Wanted(), by=COMMAND_LINE, since=since))

    assert [row.entry.action for row in found] == [Action.IMPORTED]


def test_everybody_sees_what_became_of_their_own_account(room: Newsroom, asha: By) -> None:
    accounts.add_user(room, "ravi", GOOD, by=asha, role=Role.REPORTER)
    accounts.set_role(room, "ravi", Role.EDITOR, by=asha)
    mine = signed_in(room, "ravi")
    own_account.end_other_sessions(room, signed_in(room))
    signing_in.make_sign_in_link(room, "ravi", by=asha)

    told = audit.of_own_account(room, mine)

    assert [(entry.action, entry.who) for entry in told] == [
        *(("link-made", "asha"), ("sign-in", "ravi")),
        *(("role-changed", "asha"), ("user-created", "asha")),
    ]


def test_many_sign_ins_hide_no_change(room: Newsroom, asha: By) -> None:
    accounts.set_password(room, "asha", GOOD, by=COMMAND_LINE)
    sessions = [signed_in(room) for _ in range(audit.OF_ONES_OWN + 5)]

    told = audit.of_own_account(room, sessions[-1])

    assert [entry.action for entry in told] == [
        *["sign-in"] * 5,
        *("password-changed", "user-created"),
    ]


def test_newest_of_ones_own_are_told(room: Newsroom, asha: By) -> None:
    mine = signed_in(room)
    for _ in range(audit.OF_ONES_OWN + 1):
        signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)

    told = audit.of_own_account(room, mine)

    assert [entry.action for entry in told] == ["link-made"] * audit.OF_ONES_OWN


def test_only_admins_see_the_log(room: Newsroom) -> None:
    editor = By(name="ravi", role=Role.EDITOR)

    for ask in (
        lambda: audit.page(room, Wanted(), by=editor),
        lambda: audit.listing(room, Wanted(), by=editor),
        lambda: audit.verify(room, by=editor),
    ):
        with pytest.raises(ForbiddenError):
            ask()


def test_log_of_all_that_is_whole(room: Newsroom, asha: By) -> None:
    edit.create(room, DRAFT, by=asha)

    assert audit.verify(room, by=COMMAND_LINE).rows == 2
