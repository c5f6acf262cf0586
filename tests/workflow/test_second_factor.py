"""Codes of an app besides the password: each counts once, and guessing is slow."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from sqlalchemy import select

from feedsvc.errors import (
    ForbiddenError,
    InputError,
    SecondStepError,
    SignInError,
    ThrottledError,
)
from feedsvc.model import PasskeyId, Role, Session
from feedsvc.storage.audit import Wanted
from feedsvc.storage.tables.accounts import RecoveryCodeRow, SignInStepRow
from feedsvc.workflow import accounts, audit, own_account, passkeys, second_factor, signing_in
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.prune import prune
from tests.factories import COMMAND_LINE, by
from tests.fakes import FakeClock

GOOD = "correct horse battery"
HERE = {"address": "192.0.2.1", "agent": "Firefox"}


@pytest.fixture
def asha(room: Newsroom) -> Session:
    accounts.add_user(room, "asha", GOOD, by=COMMAND_LINE)
    return opened(room, signing_in.sign_in(room, "asha", GOOD, **HERE))


def opened(room: Newsroom, token: str) -> Session:
    session = signing_in.session(room, token)
    assert session is not None
    return session


def app_code(room: Newsroom, secret: str, steps: int = 0) -> str:
    """Return what an app shows, so many steps from now."""
    step = int(room.clock.now().timestamp()) // 30 + steps
    return pyotp.TOTP(secret).generate_otp(step)


class App:
    """A phone with the secret, and the recovery codes on paper."""

    def __init__(self, room: Newsroom, session: Session) -> None:
        self.secret = second_factor.begin(room, session).secret
        self.codes = second_factor.confirm(room, session, app_code(room, self.secret))


@pytest.fixture
def app(room: Newsroom, asha: Session, clock: FakeClock) -> App:
    app = App(room, asha)
    clock.advance(60)  # the code that confirmed it is over
    return app


def step_of(room: Newsroom, password: str = GOOD) -> str:
    """Return what goes on with a sign-in whose password is right."""
    with pytest.raises(SecondStepError) as caught:
        signing_in.sign_in(room, "asha", password, **HERE)
    return caught.value.step


def finish(room: Newsroom, step: str, code: str) -> Session:
    return opened(room, signing_in.sign_in_by_code(room, step, code, **HERE))


def refused(room: Newsroom, step: str, code: str) -> bool:
    try:
        finish(room, step, code)
    except SignInError:
        return True
    return False


def test_it_is_off_until_the_app_has_shown_a_code(room: Newsroom, asha: Session) -> None:
    offer = second_factor.begin(room, asha)

    assert signing_in.sign_in(room, "asha", GOOD, **HERE)
    assert not second_factor.is_on(room, asha.user.id)
    assert second_factor.pending(room, asha) == offer
    assert offer.address.startswith("otpauth://totp/")
    assert "asha" in offer.address


def test_a_wrong_first_code_switches_nothing_on(room: Newsroom, asha: Session) -> None:
    with pytest.raises(InputError):
        second_factor.confirm(room, asha, "000000")  # nothing was offered

    offer = second_factor.begin(room, asha)
    for code in ("", "12345", "abcdef", "१२३४५६", app_code(room, offer.secret, 5)):
        with pytest.raises(InputError, match="not the code"):
            second_factor.confirm(room, asha, code)

    assert not second_factor.is_on(room, asha.user.id)


def test_the_password_alone_opens_nothing(room: Newsroom, asha: Session, app: App) -> None:
    step = step_of(room)

    assert signing_in.session(room, step) is None
    assert finish(room, step, app_code(room, app.secret)).user.name == "asha"


def test_a_wrong_password_does_not_tell_of_the_second_factor(
    room: Newsroom, asha: Session, app: App
) -> None:
    with pytest.raises(SignInError) as caught:
        signing_in.sign_in(room, "asha", "wrong", **HERE)

    assert not isinstance(caught.value, SecondStepError)


def test_switching_on_ends_other_sessions(room: Newsroom, asha: Session) -> None:
    other = signing_in.sign_in(room, "asha", GOOD, **HERE)

    App(room, asha)

    assert signing_in.session(room, other) is None


def test_a_code_counts_once(room: Newsroom, asha: Session, app: App) -> None:
    code = app_code(room, app.secret)
    finish(room, step_of(room), code)

    assert refused(room, step_of(room), code)


def test_the_code_that_switched_it_on_opens_nothing(room: Newsroom, asha: Session) -> None:
    app = App(room, asha)

    assert refused(room, step_of(room), app_code(room, app.secret))


def test_an_earlier_code_counts_no_more(room: Newsroom, asha: Session, app: App) -> None:
    """Otherwise whoever looked over a shoulder could use the one before."""
    before = app_code(room, app.secret, -1)
    finish(room, step_of(room), app_code(room, app.secret))

    assert refused(room, step_of(room), before)


@pytest.mark.parametrize(
    ("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_clocks_may_differ_a_little(
    room: Newsroom, asha: Session, app: App, clock: FakeClock, steps: int, is_taken: bool
) -> None:
    clock.advance(120)

    assert refused(room, step_of(room), app_code(room, app.secret, steps)) is not is_taken


def test_a_code_at_once_from_two_sides_opens_one_door(
    room: Newsroom, asha: Session, app: App
) -> None:
    code, steps = app_code(room, app.secret), [step_of(room) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda step: refused(room, step, code), steps))

    assert sorted(found) == [False, True, True, True]


def test_a_sign_in_goes_on_once_and_not_for_long(
    room: Newsroom, asha: Session, app: App, clock: FakeClock
) -> None:
    used, old = step_of(room), step_of(room)
    finish(room, used, app_code(room, app.secret))
    clock.advance(60)
    assert refused(room, used, app_code(room, app.secret))

    clock.advance(600)
    with pytest.raises(SignInError, match="too much time"):
        finish(room, old, app_code(room, app.secret))


def test_a_recovery_code_counts_once(room: Newsroom, asha: Session, app: App) -> None:
    assert len(set(app.codes)) == 10

    finish(room, step_of(room), app.codes[0].upper().replace("-", " "))

    assert refused(room, step_of(room), app.codes[0])
    assert second_factor.codes_left(room, asha.user.id) == 9
    finish(room, step_of(room), app.codes[9])


def renew(room: Newsroom, session: Session) -> tuple[str, ...]:
    form = second_factor.renewal(room, session.user.id)
    return second_factor.renew_codes(room, session, form)


def test_recovery_codes_are_not_stored(room: Newsroom, asha: Session, app: App) -> None:
    with room.database.read() as tx:
        stored = set(tx.scalars(select(RecoveryCodeRow.code_hash)))

    bare = {code.replace("-", "") for code in app.codes}
    assert all(len(code) == 24 for code in bare)  # of 5 bits each: 120
    assert not stored & (bare | set(app.codes))


def test_new_recovery_codes_void_the_old(room: Newsroom, asha: Session, app: App) -> None:
    fresh = renew(room, asha)

    assert refused(room, step_of(room), app.codes[0])
    finish(room, step_of(room), fresh[0])


def test_a_form_that_is_sent_twice_makes_the_same_codes(
    room: Newsroom, asha: Session, app: App
) -> None:
    """A browser shows the last of two answers, whichever of them was made first."""
    form = second_factor.renewal(room, asha.user.id)

    first = second_factor.renew_codes(room, asha, form)
    last = second_factor.renew_codes(room, asha, form)

    assert (first, len(set(first) | set(app.codes))) == (last, 20)
    assert second_factor.codes_left(room, asha.user.id) == 10
    finish(room, step_of(room), last[0])


def test_two_forms_make_different_codes(room: Newsroom, asha: Session, app: App) -> None:
    assert not set(renew(room, asha)) & set(renew(room, asha))


@pytest.mark.parametrize("number", [0, 9])
def test_a_form_counts_though_a_code_was_used_meanwhile(
    room: Newsroom, asha: Session, app: App, number: int
) -> None:
    """It may be what the page that asks who is there was given."""
    form = second_factor.renewal(room, asha.user.id)
    finish(room, step_of(room), app.codes[number])

    assert len(second_factor.renew_codes(room, asha, form)) == 10
    assert second_factor.codes_left(room, asha.user.id) == 10


def test_a_form_brings_no_used_code_back(room: Newsroom, asha: Session, app: App) -> None:
    form = second_factor.renewal(room, asha.user.id)
    codes = second_factor.renew_codes(room, asha, form)
    finish(room, step_of(room), codes[0])

    assert second_factor.renew_codes(room, asha, form) == ()
    assert second_factor.codes_left(room, asha.user.id) == 9
    assert refused(room, step_of(room), codes[0])


def test_a_form_of_before_does_not_void_newer_codes(
    room: Newsroom, asha: Session, app: App
) -> None:
    form = second_factor.renewal(room, asha.user.id)
    second_factor.renew_codes(room, asha, form)
    newest = renew(room, asha)

    assert second_factor.renew_codes(room, asha, form) == ()
    finish(room, step_of(room), newest[0])


@pytest.mark.parametrize("form", ["", "short", "short.of.everything"])
def test_a_form_of_nobody_knows_what_makes_no_codes(
    room: Newsroom, asha: Session, app: App, form: str
) -> None:
    """Codes would come from what the database knows alone."""
    for code in app.codes:
        finish(room, step_of(room), code)

    assert second_factor.renew_codes(room, asha, form) == ()
    assert second_factor.codes_left(room, asha.user.id) == 0


def test_codes_of_another_user_open_nothing(room: Newsroom, asha: Session, app: App) -> None:
    accounts.add_user(room, "ravi", GOOD, by=COMMAND_LINE)
    ravi = opened(room, signing_in.sign_in(room, "ravi", GOOD, **HERE))
    theirs = App(room, ravi)

    for code in (theirs.codes[0], app_code(room, theirs.secret, 1)):
        assert refused(room, step_of(room), code)


def test_guessing_is_slowed_and_not_by_new_sign_ins(
    room: Newsroom, asha: Session, app: App, clock: FakeClock
) -> None:
    for number in range(5):
        assert refused(room, step_of(room), f"{number:06d}")

    with pytest.raises(ThrottledError) as caught:
        finish(room, step_of(room), app_code(room, app.secret))
    assert caught.value.retry_after > 0

    clock.advance(caught.value.retry_after)
    finish(room, step_of(room), app_code(room, app.secret))


def test_nobody_can_hold_back_the_codes_of_others(
    room: Newsroom, asha: Session, app: App
) -> None:
    """Names are typed by anybody: none of them counts where codes are counted."""
    for _ in range(signing_in.FREE_ON_ACCOUNT):
        with pytest.raises(SignInError):
            signing_in.sign_in(
                room, f"second factor {asha.user.id}", "x", address="192.0.2.9", agent="x"
            )

    assert finish(room, step_of(room), app_code(room, app.secret)).user.name == "asha"


def test_a_new_password_ends_what_the_old_one_began(
    room: Newsroom, asha: Session, app: App
) -> None:
    own, others = "seven boats on chilika", "eleven lamps of odisha"
    step = step_of(room)
    own_account.change_password(room, asha, GOOD, own, address="192.0.2.1")
    assert refused(room, step, app_code(room, app.secret))

    with pytest.raises(SecondStepError) as caught:
        signing_in.sign_in(room, "asha", own, **HERE)
    accounts.set_password(room, "asha", others, by=COMMAND_LINE)
    assert refused(room, caught.value.step, app_code(room, app.secret))


def test_a_disabled_user_begins_anew_when_enabled(
    room: Newsroom, asha: Session, app: App
) -> None:
    step = step_of(room)

    accounts.disable_user(room, "asha", by=COMMAND_LINE)
    accounts.enable_user(room, "asha", by=COMMAND_LINE)

    assert refused(room, step, app_code(room, app.secret))


def test_a_link_is_no_way_around_it(room: Newsroom, asha: Session, app: App) -> None:
    link = signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)

    with pytest.raises(SecondStepError) as caught:
        signing_in.sign_in_by_link(room, link, agent="x")

    assert not signing_in.link_is_good(room, link)
    assert finish(room, caught.value.step, app_code(room, app.secret)).by_link


def test_a_new_link_ends_what_an_earlier_one_began(
    room: Newsroom, asha: Session, app: App
) -> None:
    link = signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)
    with pytest.raises(SecondStepError) as caught:
        signing_in.sign_in_by_link(room, link, agent="x")

    signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)

    assert refused(room, caught.value.step, app_code(room, app.secret))


def test_a_secret_planted_in_another_session_opens_nothing(
    room: Newsroom, asha: Session, clock: FakeClock
) -> None:
    thief = opened(room, signing_in.sign_in(room, "asha", GOOD, **HERE))
    planted = second_factor.begin(room, thief).secret

    App(room, asha)
    clock.advance(60)

    assert refused(room, step_of(room), app_code(room, planted))
    with pytest.raises(ForbiddenError):
        second_factor.confirm(room, thief, app_code(room, planted))


def test_disabled_user_gets_no_further(room: Newsroom, asha: Session, app: App) -> None:
    step = step_of(room)

    accounts.disable_user(room, "asha", by=COMMAND_LINE)

    assert refused(room, step, app_code(room, app.secret))


def test_switching_off_takes_all_of_it_away(room: Newsroom, asha: Session, app: App) -> None:
    step = step_of(room)

    second_factor.switch_off(room, asha)

    assert signing_in.sign_in(room, "asha", GOOD, **HERE)
    assert second_factor.codes_left(room, asha.user.id) == 0
    assert refused(room, step, app.codes[0])


def test_it_can_be_taken_away_by_admins(room: Newsroom, asha: Session, app: App) -> None:
    with pytest.raises(ForbiddenError):
        second_factor.take_away(room, "asha", by=by("eve", Role.EDITOR))
    assert second_factor.is_on(room, asha.user.id)

    second_factor.take_away(room, "ASHA", by=COMMAND_LINE)

    assert signing_in.sign_in(room, "asha", GOOD, **HERE)


def test_there_is_one_at_a_time(room: Newsroom, asha: Session, app: App) -> None:
    """A new secret would otherwise quietly take the place of the one that counts."""
    with pytest.raises(InputError, match="already"):
        second_factor.begin(room, asha)
    with pytest.raises(InputError):
        second_factor.confirm(room, asha, app_code(room, app.secret, 1))

    assert second_factor.pending(room, asha) is None
    finish(room, step_of(room), app_code(room, app.secret))


def other_session(room: Newsroom, app: App) -> Session:
    """Sign in somewhere else, with the app."""
    return finish(room, step_of(room), app_code(room, app.secret))


def confirm_with(room: Newsroom, session: Session, code: str) -> None:
    own_account.confirm_by_code(room, session, code, address="192.0.2.1")


def test_another_app_takes_the_place_of_the_one_when_it_has_made_a_code(
    room: Newsroom, asha: Session, app: App, clock: FakeClock
) -> None:
    """Promise of docs/accounts.md: never a moment without a factor."""
    elsewhere = other_session(room, app)
    offer = second_factor.replace(room, asha)
    for code in ("", "000000", app_code(room, app.secret, 1), app.codes[0]):
        with pytest.raises(InputError, match="not the code"):
            second_factor.confirm(room, asha, code)
    assert second_factor.pending(room, asha) == offer
    assert refused(room, step_of(room), app_code(room, offer.secret))
    clock.advance(60)
    finish(room, step_of(room), app_code(room, app.secret))
    begun = step_of(room)

    codes = second_factor.confirm(room, asha, app_code(room, offer.secret))

    assert signing_in.session(room, elsewhere.id) is None
    assert [each.id for each in own_account.sessions(room, asha)] == [asha.id]
    assert second_factor.codes_left(room, asha.user.id) == 10
    clock.advance(60)
    assert refused(room, begun, app_code(room, offer.secret))
    for code in (app_code(room, app.secret), app.codes[1]):
        assert refused(room, step_of(room), code)
    finish(room, step_of(room), app_code(room, offer.secret))
    finish(room, step_of(room), codes[0])


def test_replacing_is_a_row_of_its_own(room: Newsroom, asha: Session, app: App) -> None:
    offer = second_factor.replace(room, asha)
    second_factor.confirm(room, asha, app_code(room, offer.secret))

    rows = list(audit.listing(room, Wanted(who="asha"), by=COMMAND_LINE))
    assert [row.entry.action for row in rows][:2] == [
        "second-factor-replaced",
        "second-factor-set",
    ]


def changes(room: Newsroom, session: Session) -> list[Callable[[], object]]:
    """Return what changes by what somebody signs in."""
    return [
        lambda: second_factor.replace(room, session),
        lambda: second_factor.pending(room, session),
        lambda: second_factor.confirm(room, session, "000000"),
        lambda: renew(room, session),
        lambda: second_factor.switch_off(room, session),
        lambda: passkeys.remove(room, session, PasskeyId(1)),
    ]


def test_a_session_alone_changes_nothing(
    room: Newsroom, asha: Session, app: App, clock: FakeClock
) -> None:
    """Whoever has stolen one, and the password: not even right after it was opened."""
    stolen = other_session(room, app)
    own_account.confirm(room, stolen, GOOD, address="192.0.2.9")

    assert own_account.must_show_factor(room, stolen)
    for change in changes(room, stolen):
        with pytest.raises(ForbiddenError, match="first"):
            change()
    clock.advance(601)
    for change in changes(room, asha):  # in which the app was set up, a while ago
        with pytest.raises(ForbiddenError, match="first"):
            change()
    assert second_factor.codes_left(room, asha.user.id) == 10


@pytest.mark.parametrize("is_recovery", [False, True], ids=["app", "recovery code"])
def test_a_code_lets_one_session_change_factors_for_ten_minutes(
    room: Newsroom, asha: Session, app: App, clock: FakeClock, is_recovery: bool
) -> None:
    mine, other = other_session(room, app), other_session_by(room, app.codes[0])
    clock.advance(660)
    code = app.codes[1] if is_recovery else app_code(room, app.secret)

    confirm_with(room, mine, code)

    assert not own_account.must_show_factor(room, mine)
    assert own_account.must_show_factor(room, other)
    with pytest.raises(SignInError, match="used before"):
        confirm_with(room, other, code)
    clock.advance(600)
    second_factor.replace(room, mine)
    clock.advance(1)
    assert own_account.must_show_factor(room, mine)


def other_session_by(room: Newsroom, code: str) -> Session:
    return finish(room, step_of(room), code)


def test_guesses_in_a_session_count_with_those_at_the_door(
    room: Newsroom, asha: Session, app: App
) -> None:
    for number in range(3):
        with pytest.raises(SignInError):
            confirm_with(room, asha, f"{number:06d}")
    for number in range(2):
        assert refused(room, step_of(room), f"{number:06d}")

    with pytest.raises(ThrottledError):
        confirm_with(room, asha, app_code(room, app.secret))


def test_what_a_session_is_offered_counts_in_no_other(
    room: Newsroom, asha: Session, app: App
) -> None:
    other = other_session(room, app)
    confirm_with(room, other, app.codes[0])
    offer = second_factor.replace(room, asha)

    assert second_factor.pending(room, other) is None
    with pytest.raises(InputError):
        second_factor.confirm(room, other, app_code(room, offer.secret))
    theirs = second_factor.replace(room, other)
    assert theirs.secret != offer.secret
    second_factor.confirm(room, asha, app_code(room, offer.secret))
    with pytest.raises(ForbiddenError):  # that session has ended
        second_factor.confirm(room, other, app_code(room, theirs.secret))
    with pytest.raises(InputError, match="session has ended"):
        second_factor.replace(room, other)


def test_asking_twice_offers_one_secret(
    room: Newsroom, asha: Session, clock: FakeClock
) -> None:
    """Of two answers to a button pressed twice, the browser shows either."""
    first = second_factor.begin(room, asha)
    clock.advance(60)
    assert second_factor.begin(room, asha) == first
    clock.advance(1)

    assert second_factor.begin(room, asha) != first


def test_a_code_sent_twice_switches_on_once(room: Newsroom, asha: Session) -> None:
    offer = second_factor.begin(room, asha)
    code = app_code(room, offer.secret)
    second_factor.confirm(room, asha, code)

    with pytest.raises(InputError):
        second_factor.confirm(room, asha, code)

    assert second_factor.pending(room, asha) is None
    assert len(renew(room, asha)) == 10  # without another code


def test_who_has_none_replaces_none(room: Newsroom, asha: Session) -> None:
    with pytest.raises(InputError, match="no second factor"):
        second_factor.replace(room, asha)


def test_without_one_there_are_no_codes(room: Newsroom, asha: Session) -> None:
    with pytest.raises(InputError, match="no second factor"):
        renew(room, asha)
    assert second_factor.pending(room, asha) is None


def test_unfinished_sign_ins_are_forgotten(
    room: Newsroom, asha: Session, app: App, clock: FakeClock
) -> None:
    step_of(room)
    clock.advance(601)

    prune(room)

    with room.database.read() as tx:
        assert list(tx.scalars(select(SignInStepRow.token_hash))) == []
