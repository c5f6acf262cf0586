"""Who gets in, who does not, and how long guessing takes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from msgspec.structs import replace
from sqlalchemy import event, select, text, update

from feedsvc.errors import (
    ConflictError,
    InputError,
    NotFoundError,
    SignInError,
    ThrottledError,
)
from feedsvc.storage.tables.accounts import SessionRow, SignInAttemptRow
from feedsvc.storage.tables.users import UserRow
from feedsvc.workflow import accounts, own_account, passwords, signing_in
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import Hashing
from feedsvc.workflow.prune import prune
from tests.factories import COMMAND_LINE
from tests.fakes import FakeClock

GOOD = "correct horse battery"
HERE = {"address": "192.0.2.1", "agent": "Firefox"}


@pytest.fixture
def asha(room: Newsroom) -> str:
    return accounts.add_user(room, "Asha", GOOD, "Asha Rao", by=COMMAND_LINE).name


def sign_in(room: Newsroom, password: str = GOOD, name: str = "asha", **where: str) -> str:
    return signing_in.sign_in(room, name, password, **(HERE | where))


def attempt(room: Newsroom, password: str, name: str = "asha", **where: str) -> int:
    """Return how long the guesser was told to wait; 0 if the guess was looked at."""
    try:
        sign_in(room, password, name, **where)
    except ThrottledError as error:
        return error.retry_after
    except SignInError:
        return 0
    pytest.fail("a guess was right")


def test_fresh_newsroom_has_nobody(room: Newsroom) -> None:
    assert not accounts.has_users(room)
    assert accounts.users(room) == ()


def test_right_password_opens_a_session(room: Newsroom, asha: str) -> None:
    session = signing_in.session(room, sign_in(room, name=" ASHA "))

    assert session is not None
    assert (session.user.name, session.user.display_name) == ("asha", "Asha Rao")
    assert len(session.csrf_secret) >= 32


def test_token_is_stored_nowhere(room: Newsroom, asha: str) -> None:
    token = sign_in(room)

    with room.database.read() as tx:
        row = tx.only(select(SessionRow))
    assert token not in (row.token_hash, row.csrf_secret)


@pytest.mark.parametrize(("name", "password"), [("asha", "wrong " * 3), ("nobody", GOOD)])
def test_wrong_name_and_wrong_password_look_the_same(
    room: Newsroom, asha: str, name: str, password: str
) -> None:
    with pytest.raises(SignInError, match="do not open the desk"):
        sign_in(room, password, name)


class CountedHashing(Hashing):
    """Notes against what parameters each password was held; the last part is the hash."""

    def __init__(self) -> None:
        self.work: list[str] = []

    def matches(self, stored: str | None, password: str) -> bool:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(passwords, "_hasher", self)
            return super().matches(stored, password)

    def verify(self, stored: str, password: str) -> bool:
        self.work.append(stored.rpartition("$")[0].rpartition("$")[0])
        return PasswordHasher().verify(stored, password)


def work_of(room: Newsroom, name: str) -> tuple[list[str], list[str]]:
    """Return what a failed sign-in asks of the database, and what is hashed for it."""
    sent: list[str] = []

    def note(*said: object) -> None:
        sent.append(str(said[2]))

    hashing = CountedHashing()
    event.listen(room.database.engine, "before_cursor_execute", note)
    with pytest.raises(SignInError):
        sign_in(replace(room, hashing=hashing), "wrong " * 3, name)
    event.remove(room.database.engine, "before_cursor_execute", note)
    return sent, hashing.work


def test_failed_sign_ins_are_the_same_work_whoever_is_meant(room: Newsroom, asha: str) -> None:
    """How long an answer takes must not say who has an account here (ASVS 5.0, 6.3.8)."""
    accounts.add_user(room, "ravi", GOOD, by=COMMAND_LINE)
    accounts.disable_user(room, "ravi", by=COMMAND_LINE)
    work_of(room, "somebody")  # the very first one makes a secret

    known, unknown, disabled = (work_of(room, name) for name in ("asha", "nobody", "ravi"))

    assert known == unknown == disabled
    statements, hashed = known
    assert any(each.startswith("INSERT INTO audit") for each in statements)
    assert len(hashed) == 1


def test_unknown_session_is_none(room: Newsroom) -> None:
    assert signing_in.session(room, "x\ud800") is None


@pytest.mark.parametrize(
    ("idle_hours", "days"), [pytest.param(13, 0, id="idle"), pytest.param(0, 8, id="old")]
)
def test_session_ends_by_itself(
    room: Newsroom, clock: FakeClock, asha: str, idle_hours: int, days: int
) -> None:
    token = sign_in(room)
    for _ in range(days * 3):
        clock.advance(8 * 3600)
        signing_in.session(room, token)
    clock.advance(idle_hours * 3600)

    assert signing_in.session(room, token) is None


def test_session_in_use_lasts(room: Newsroom, clock: FakeClock, asha: str) -> None:
    token = sign_in(room)
    for _ in range(12):
        clock.advance(6 * 3600)
        assert signing_in.session(room, token) is not None


def test_signing_out_ends_the_session(room: Newsroom, asha: str) -> None:
    token = sign_in(room)

    signing_in.sign_out(room, token)
    signing_in.sign_out(room, token)

    assert signing_in.session(room, token) is None


def test_disabling_shuts_out_at_once(room: Newsroom, asha: str) -> None:
    token = sign_in(room)
    link = signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)

    accounts.disable_user(room, "asha", by=COMMAND_LINE)

    assert signing_in.session(room, token) is None
    with pytest.raises(SignInError):
        sign_in(room)
    with pytest.raises(SignInError):
        signing_in.sign_in_by_link(room, link, agent="x")
    with pytest.raises(NotFoundError, match="disabled"):
        signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)
    accounts.enable_user(room, "asha", by=COMMAND_LINE)
    assert sign_in(room)


def test_new_password_ends_old_sessions(room: Newsroom, asha: str) -> None:
    token = sign_in(room)

    accounts.set_password(room, "asha", "another horse entirely", by=COMMAND_LINE)

    assert signing_in.session(room, token) is None
    assert sign_in(room, "another horse entirely")


def test_old_hashes_are_made_anew(room: Newsroom, asha: str) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(GOOD)
    with room.database.write() as tx:
        tx.execute(update(UserRow).values(password_hash=weak))

    sign_in(room)

    with room.database.read() as tx:
        assert "m=19456,t=2,p=1" in str(tx.scalar(select(UserRow.password_hash)))


@dataclass(frozen=True)
class _Slow(Hashing):
    """While it hashes once more, somebody gives the user another password."""

    meanwhile: Callable[[], None]

    def make(self, password: str) -> str:
        self.meanwhile()
        return super().make(password)


def test_password_that_is_changed_during_a_sign_in_stays_changed(
    room: Newsroom, asha: str
) -> None:
    other = "another good phrase"
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(GOOD)
    with room.database.write() as tx:
        tx.execute(update(UserRow).values(password_hash=weak))
    slow = _Slow(lambda: accounts.set_password(room, "asha", other, by=COMMAND_LINE))

    signing_in.verified(replace(room, hashing=slow), "asha", GOOD, address=HERE["address"])

    assert sign_in(room, other)
    with pytest.raises(SignInError):
        sign_in(room)


def test_guessing_on_an_account_is_slowed_and_the_owner_gets_in(
    room: Newsroom, clock: FakeClock, asha: str
) -> None:
    """ASVS 6.3.1: of a thousand guesses in an hour at most forty are looked at."""
    seen: list[int] = []
    for guess in range(1000):
        seen.append(attempt(room, f"guess number {guess}", address=f"192.0.2.{guess % 250}"))
        clock.advance(3.6)
    clock.advance(300)

    assert seen.count(0) <= 40
    assert max(seen) <= 300
    assert sign_in(room)


class SlowHashing(Hashing):
    """Lets twelve guesses come while the first is still being looked at."""

    def __init__(self, room: Newsroom) -> None:
        self.looked_at = 0
        self.room = replace(room, hashing=self)

    def matches(self, stored: str | None, password: str) -> bool:
        self.looked_at += 1
        if self.looked_at < 12:
            attempt(self.room, f"guess number {self.looked_at}")
        return super().matches(stored, password)


def test_guesses_made_at_once_are_counted_before_they_are_looked_at(
    room: Newsroom, asha: str
) -> None:
    hashing = SlowHashing(room)

    attempt(hashing.room, "the first guess")

    assert hashing.looked_at == signing_in.FREE_ON_ACCOUNT


def test_right_password_is_no_failure(room: Newsroom, asha: str) -> None:
    for _ in range(signing_in.FREE_ON_ACCOUNT + 1):
        assert sign_in(room)


def test_guessing_from_one_address_is_slowed_across_accounts(room: Newsroom) -> None:
    waits = [attempt(room, GOOD, f"name{guess}") for guess in range(30)]

    assert waits[:20] == [0] * 20
    assert waits[20] > 0


def test_attempts_keep_no_names_and_addresses(room: Newsroom, asha: str) -> None:
    with pytest.raises(SignInError):
        sign_in(room, "wrong password")

    with room.database.read() as tx:
        row = tx.only(select(SignInAttemptRow))
    assert not {"asha", "192.0.2.1"} & {row.account_hash, row.address_hash}


def test_link_signs_in_once(room: Newsroom, asha: str) -> None:
    link = signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)

    assert signing_in.link_is_good(room, link)
    token = signing_in.sign_in_by_link(room, link, agent="x")
    assert signing_in.session(room, token) is not None
    assert not signing_in.link_is_good(room, link)
    with pytest.raises(SignInError, match="used or is too old"):
        signing_in.sign_in_by_link(room, link, agent="x")


def test_link_grows_old(room: Newsroom, clock: FakeClock, asha: str) -> None:
    link = signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)
    clock.advance(3601)

    with pytest.raises(SignInError):
        signing_in.sign_in_by_link(room, link, agent="x")


def test_first_user_is_made_with_the_setup_token(room: Newsroom) -> None:
    token = signing_in.make_setup_token(room)
    assert signing_in.setup_is_open(room, token)
    assert not signing_in.link_is_good(room, token)
    with pytest.raises(InputError):
        signing_in.redeem_setup(room, token, "asha", "short")

    user = signing_in.redeem_setup(room, token, "asha", GOOD)

    assert user.display_name == "asha"
    assert not signing_in.setup_is_open(room, token)
    with pytest.raises(ConflictError):
        signing_in.redeem_setup(room, token, "eve", GOOD)
    with pytest.raises(ConflictError):
        signing_in.make_setup_token(room)


def test_made_up_setup_token_makes_nobody(room: Newsroom) -> None:
    with pytest.raises(SignInError):
        signing_in.redeem_setup(room, "made up", "eve", GOOD)

    assert not accounts.has_users(room)


def test_sign_in_link_is_no_setup_token(room: Newsroom, asha: str) -> None:
    link = signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)

    assert not signing_in.setup_is_open(room, link)


@pytest.mark.parametrize("name", ["", "a b", "é", "x" * 65, "-a", "a\x00"])
def test_bad_name_is_refused(room: Newsroom, name: str) -> None:
    with pytest.raises(InputError) as caught:
        accounts.add_user(room, name, GOOD, by=COMMAND_LINE)

    assert "name" in caught.value.fields


@pytest.mark.parametrize(
    "password",
    ["short", "x" * 257, "password1234", "aaaaaaaaaaaaaa", "The News Hashtag", "ashaashaasha"],
)
def test_weak_password_is_refused(room: Newsroom, password: str) -> None:
    with pytest.raises(InputError) as caught:
        accounts.add_user(room, "asha", password, by=COMMAND_LINE)

    assert "password" in caught.value.fields


@pytest.mark.parametrize(
    "password", ["thenewshashtag2026", "news.example.org", "Asha Rao 2026", "asha-asha-asha"]
)
def test_what_everybody_knows_is_nobodys_password(room: Newsroom, password: str) -> None:
    """Wherever one is set: title and host of the site, both names of the user."""
    with pytest.raises(InputError, match="names of yours"):
        accounts.add_user(room, "asha", password, "Asha Rao", by=COMMAND_LINE)
    accounts.add_user(room, "asha", GOOD, "Asha Rao", by=COMMAND_LINE)
    with pytest.raises(InputError, match="names of yours"):
        accounts.set_password(room, "ASHA", password, by=COMMAND_LINE)
    session = signing_in.session(room, sign_in(room))
    assert session is not None
    with pytest.raises(InputError, match="names of yours"):
        own_account.change_password(room, session, GOOD, password, address="192.0.2.1")


@pytest.mark.parametrize("password", [" leading and trailing ", "p" * 5 + "äöü😀 x" * 20])
def test_password_is_taken_as_it_is(room: Newsroom, password: str) -> None:
    accounts.add_user(room, "asha", password, by=COMMAND_LINE)

    assert sign_in(room, password)
    with pytest.raises(SignInError):
        sign_in(room, password.strip() + "x")


def test_second_user_of_a_name_is_refused(room: Newsroom, asha: str) -> None:
    with pytest.raises(ConflictError, match="already"):
        accounts.add_user(room, "ASHA", GOOD, by=COMMAND_LINE)


def test_unknown_user_is_named(room: Newsroom) -> None:
    with pytest.raises(NotFoundError, match="no user zoe"):
        accounts.disable_user(room, "Zoe", by=COMMAND_LINE)


def test_damaged_hash_lets_nobody_in() -> None:
    assert not Hashing().matches("damaged", GOOD)
    assert not Hashing().matches(None, GOOD)
    assert Hashing().matches(Hashing().make(GOOD), GOOD)


def test_old_rows_are_cleared_away(room: Newsroom, clock: FakeClock, asha: str) -> None:
    sign_in(room)
    signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)
    with pytest.raises(SignInError):
        sign_in(room, "wrong password")
    clock.advance(timedelta(days=8).total_seconds())

    prune(room)

    with room.database.read() as tx:
        counts = [
            tx.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            for table in ("session", "sign_in_link", "sign_in_attempt")
        ]
    assert counts == [0, 0, 0]
