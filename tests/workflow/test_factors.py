"""A second factor that is demanded: of whom, what a session without one is, what stays."""

from collections.abc import Callable

import msgspec
import pyotp
import pytest
from msgspec.structs import replace

from feedsvc.errors import ForbiddenError, PasskeyStepError, SecondStepError, SignInError
from feedsvc.model import By, PasskeyId, Role, Scope, Session
from feedsvc.storage import passkeys as keys
from feedsvc.workflow import (
    accounts,
    factors,
    own_account,
    passkeys,
    second_factor,
    signing_in,
    tokens,
)
from feedsvc.workflow.newsroom import Newsroom
from tests.factories import COMMAND_LINE
from tests.fakes import FakeClock
from tests.workflow.test_passkeys import Device, add, answer_to

GOOD, OTHER = "correct horse battery", "seven boats on chilika"
HERE = {"address": "192.0.2.1", "agent": "Firefox"}
Demand = Callable[[str], Newsroom]


@pytest.fixture
def demand(room: Newsroom) -> Demand:
    """Return a way to have the same newsroom with another setting."""

    def with_setting(second_factor: str) -> Newsroom:
        desk = msgspec.structs.replace(room.config.desk, second_factor=second_factor)
        return replace(room, config=msgspec.structs.replace(room.config, desk=desk))

    return with_setting


def joined(room: Newsroom, role: Role = Role.ADMIN) -> Session:
    accounts.add_user(room, role.value, GOOD, by=COMMAND_LINE, role=role)
    return opened(room, entered(room, role))


def entered(room: Newsroom, role: Role = Role.ADMIN) -> str:
    return signing_in.sign_in(room, role.value, GOOD, **HERE)


def opened(room: Newsroom, token: str) -> Session:
    session = signing_in.session(room, token)
    assert session is not None
    return session


def set_up_app(room: Newsroom, session: Session) -> str:
    """Set up an app and return the secret."""
    secret = second_factor.begin(room, session).secret
    second_factor.confirm(room, session, pyotp.TOTP(secret).at(room.clock.now()))
    return secret


def sign_in_by_key(room: Newsroom, device: Device, step: str = "") -> str:
    asked = passkeys.ask_to_sign_in(room)
    return passkeys.sign_in(room, answer_to(asked, device), agent="Firefox", step=step)


@pytest.mark.parametrize(
    ("setting", "roles"),
    [
        ("offered", set()),
        ("admins", {Role.ADMIN}),
        ("editors", {Role.ADMIN, Role.EDITOR}),
        ("everybody", set(Role)),
    ],
)
def test_the_setting_says_of_whom_one_is_demanded(
    demand: Demand, setting: str, roles: set[Role]
) -> None:
    room = demand(setting)

    assert {role for role in Role if joined(room, role).must_set_up} == roles


def test_an_app_opens_the_desk_and_ends_what_a_password_opened(demand: Demand) -> None:
    room = demand("admins")
    admin, token = joined(room), entered(room)
    elsewhere = entered(room)

    set_up_app(room, opened(room, token))

    assert not opened(room, token).must_set_up
    assert signing_in.session(room, elsewhere) is None
    assert [each.id for each in own_account.sessions(room, admin)] == [opened(room, token).id]
    with pytest.raises(SecondStepError):
        entered(room)


def test_a_passkey_opens_the_desk_and_ends_what_a_password_opened(demand: Demand) -> None:
    room, device = demand("admins"), Device()
    joined(room)
    token, elsewhere = entered(room), entered(room)

    add(room, opened(room, token), device)

    assert not opened(room, token).must_set_up
    assert signing_in.session(room, elsewhere) is None


def test_a_password_is_not_enough_for_who_has_a_passkey(demand: Demand) -> None:
    room, device = demand("admins"), Device()
    add(room, joined(room), device)
    link = signing_in.make_sign_in_link(room, "admin", by=COMMAND_LINE)

    with pytest.raises(PasskeyStepError):
        entered(room)
    with pytest.raises(PasskeyStepError):
        signing_in.sign_in_by_link(room, link, agent="x")
    device.count = 2
    assert not opened(room, sign_in_by_key(room, device)).must_set_up


def step_by_link(room: Newsroom, name: str = "admin") -> str:
    link = signing_in.make_sign_in_link(room, name, by=COMMAND_LINE)
    with pytest.raises(PasskeyStepError) as caught:
        signing_in.sign_in_by_link(room, link, agent="x")
    assert signing_in.session(room, caught.value.step) is None
    return caught.value.step


def test_a_link_and_a_passkey_set_a_password_without_the_old_one(
    demand: Demand, clock: FakeClock
) -> None:
    room, device = demand("admins"), Device()
    add(room, joined(room), device)
    step = step_by_link(room)
    device.count = 2

    session = opened(room, sign_in_by_key(room, device, step))
    assert not own_account.needs_current_password(room, session)
    own_account.change_password(room, session, "", OTHER, address="192.0.2.1")

    with pytest.raises(PasskeyStepError):
        signing_in.sign_in(room, "admin", OTHER, **HERE)
    device.count = 3
    again = opened(room, sign_in_by_key(room, device, step))
    assert own_account.needs_current_password(room, again)  # a link counts once


def test_a_link_counts_for_its_own_user_and_for_ten_minutes(
    demand: Demand, clock: FakeClock
) -> None:
    """Whoever found a link of somebody else sets no password: not with a passkey of theirs."""
    room, device = demand("everybody"), Device()
    boss, writer = joined(room), joined(room, Role.REPORTER)
    add(room, boss, device)
    add(room, writer, Device(id=b"a key of the reporter..."))
    theirs, old = step_by_link(room, "reporter"), step_by_link(room)

    device.count = 2
    assert not opened(room, sign_in_by_key(room, device, theirs)).by_link
    clock.advance(601)
    device.count = 3
    assert not opened(room, sign_in_by_key(room, device, old)).by_link
    with pytest.raises(SignInError):
        signing_in.sign_in_by_code(room, old, "000000", **HERE)


def test_a_password_and_a_passkey_are_no_link(demand: Demand) -> None:
    room, device = demand("admins"), Device()
    add(room, joined(room), device)
    with pytest.raises(PasskeyStepError) as caught:
        entered(room)
    with pytest.raises(SignInError, match="not the one"):
        signing_in.sign_in_by_code(room, caught.value.step, "000000", **HERE)

    device.count = 2
    assert not opened(room, sign_in_by_key(room, device, caught.value.step)).by_link


def test_what_a_password_opened_ends_when_the_factor_is_demanded(
    room: Newsroom, demand: Demand
) -> None:
    """Who has a factor signs in with it; nobody is asked to set up another one."""
    device = Device()
    add(room, joined(room), device)
    by_password = entered(room)
    device.count = 2
    by_key = sign_in_by_key(room, device)

    assert not opened(room, by_password).must_set_up
    assert signing_in.session(demand("admins"), by_password) is None
    assert not opened(demand("admins"), by_key).must_set_up
    assert signing_in.session(room, by_password) is None  # for good: nobody demands it now


def test_a_passkey_that_cannot_be_used_is_none(
    demand: Demand, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = demand("admins")
    admin = joined(room)
    add(room, admin, Device())

    monkeypatch.setattr(factors, "_is_installed", lambda: False)

    assert opened(room, entered(room)).must_set_up
    assert not factors.is_last(room, admin)
    assert factors.without(room, (admin.user,)) == {admin.user.id}
    assert factors.has_any(room, admin.user.id)


def test_the_last_factor_stays_while_one_is_demanded(room: Newsroom, demand: Demand) -> None:
    strict = demand("admins")
    admin = joined(room)
    set_up_app(room, admin)
    assert (factors.is_last(room, admin), factors.is_last(strict, admin)) == (False, True)

    with pytest.raises(ForbiddenError, match="this is the last"):
        second_factor.switch_off(strict, admin)
    with pytest.raises(ForbiddenError, match="this is the last"):
        second_factor.take_away(strict, "admin", by=admin.by)
    add(strict, admin, Device())
    assert not factors.is_last(strict, admin)
    second_factor.switch_off(strict, admin)
    number = passkeys.of(strict, admin)[0].id
    with pytest.raises(ForbiddenError, match="this is the last"):
        passkeys.remove(strict, admin, number)
    passkeys.remove(strict, admin, PasskeyId(number + 1))  # there is none

    assert len(passkeys.of(strict, admin)) == 1
    passkeys.remove(room, admin, number)
    assert passkeys.of(room, admin) == ()


def test_an_admin_helps_who_lost_theirs(demand: Demand) -> None:
    room = demand("everybody")
    boss = joined(room)
    writer = joined(room, Role.REPORTER)
    set_up_app(room, writer)

    second_factor.take_away(room, "reporter", by=boss.by)

    assert factors.without(room, (writer.user,)) == {writer.user.id}
    assert not factors.has_any(room, writer.user.id)
    assert opened(room, entered(room, Role.REPORTER)).must_set_up


def test_another_role_counts_at_once(demand: Demand) -> None:
    room = demand("admins")
    accounts.add_user(room, "editor", GOOD, by=COMMAND_LINE, role=Role.EDITOR)
    token = entered(room, Role.EDITOR)
    assert not opened(room, token).must_set_up

    accounts.set_role(room, "editor", Role.ADMIN, by=COMMAND_LINE)

    assert opened(room, token).must_set_up


def test_tokens_are_made_by_who_has_one(demand: Demand) -> None:
    room = demand("admins")
    admin = joined(room)

    with pytest.raises(ForbiddenError, match="you have none"):
        tokens.issue(room, "cms", Scope.READ, by=By.of(admin.user))
    assert tokens.tokens(room) == ()
    set_up_app(room, admin)
    tokens.issue(room, "cms", Scope.READ, by=By.of(admin.user))
    tokens.issue(room, "machine", Scope.READ, by=COMMAND_LINE)

    assert len(tokens.tokens(room)) == 2


def test_the_list_of_holders_knows_apps_and_passkeys(room: Newsroom) -> None:
    people = {role: joined(room, role) for role in Role}
    add(room, people[Role.EDITOR], Device())
    set_up_app(room, people[Role.ADMIN])
    second_factor.begin(room, people[Role.REPORTER])  # counts once a code was given
    users = accounts.users(room)

    assert factors.without(room, users) == {people[Role.REPORTER].user.id}
    with room.database.read() as tx:
        assert keys.holders(tx, [user.id for user in users]) == {people[Role.EDITOR].user.id}
