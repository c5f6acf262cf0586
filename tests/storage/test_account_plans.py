"""What accounts ask of the database is index ranges, however many have signed in."""

from datetime import timedelta

from sqlalchemy import insert, text

from feedsvc.model import PasskeyId, UserId
from feedsvc.storage import accounts, passkeys, second_factors
from feedsvc.storage.database import Database, Transaction
from feedsvc.storage.tables.accounts import (
    FactorOfferRow,
    PasskeyChallengeRow,
    PasskeyRow,
    RecoveryCodeRow,
    SecondFactorRow,
    SessionRow,
    SignInStepRow,
)
from feedsvc.storage.tables.users import UserRow
from tests.fakes import NOON
from tests.storage.plans import Catch, faults_of

MANY = 1500
LATER = NOON + timedelta(days=1)
SOMEBODY = UserId(7)


def _fill(database: Database) -> None:
    """Let many people have a session, a second factor and a passkey each."""
    people = range(1, MANY + 1)
    common = {"created": NOON, "password_hash": "", "disabled": False, "role": "editor"}
    users = [{"id": n, "name": f"u{n}", "display_name": "", **common} for n in people]
    used = {"csrf_secret": "", "created": NOON, "last_seen": NOON}
    with database.write() as tx:
        tx.execute(insert(UserRow), users)
        tx.execute(
            insert(SessionRow), [{"token_hash": f"s{n}", "user_id": n, **used} for n in people]
        )
        tx.execute(
            insert(SecondFactorRow),
            [{"user_id": n, "secret": "x", "confirmed": NOON, "last_step": 1} for n in people],
        )
        tx.execute(
            insert(FactorOfferRow),
            [{"session_hash": f"s{n}", "secret": "x", "made": NOON} for n in people],
        )
        tx.execute(
            insert(RecoveryCodeRow), [{"user_id": n, "code_hash": f"c{n}"} for n in people]
        )
        tx.execute(
            insert(SignInStepRow),
            [{"token_hash": f"t{n}", "user_id": n, "expires": LATER} for n in people],
        )
        tx.execute(insert(PasskeyRow), [_passkey(n) for n in people])
        tx.execute(
            insert(PasskeyChallengeRow),
            [{"challenge_hash": f"h{n}", "user_id": n, "expires": LATER} for n in people],
        )
    with database.write() as tx:
        tx.execute(text("ANALYZE"))


def _passkey(number: int) -> dict[str, object]:
    key = {"name": "Phone", "public_key": b"p", "sign_count": 1, "created": NOON}
    return {"user_id": number, "credential_id": f"k{number}".encode(), **key}


def _ask(tx: Transaction) -> None:
    assert len(accounts.sessions_of(tx, SOMEBODY)) == 1
    assert accounts.names(tx, [SOMEBODY, UserId(9)]) == {7: "u7", 9: "u9"}
    accounts.confirm_session(tx, "s7", NOON)
    accounts.strengthen_session(tx, SOMEBODY, "s7")
    accounts.end_session_of(tx, SOMEBODY, "none")
    accounts.end_sessions_of(tx, SOMEBODY, but="s7")
    accounts.drop_links_of(tx, SOMEBODY)
    assert second_factors.is_on(tx, SOMEBODY)
    assert second_factors.holders(tx, [SOMEBODY]) == {SOMEBODY}
    assert passkeys.holders(tx, [SOMEBODY]) == {SOMEBODY}
    assert second_factors.secret(tx, SOMEBODY) == "x"
    assert second_factors.find_step(tx, "t7", NOON) == (SOMEBODY, False)
    assert second_factors.use_step(tx, SOMEBODY, 2)
    assert second_factors.recovery_codes_left(tx, SOMEBODY) == 1
    assert second_factors.use_recovery_code(tx, SOMEBODY, "c7")
    second_factors.end_step(tx, "t8")
    second_factors.remove(tx, SOMEBODY)
    assert [each.id for each in passkeys.of_user(tx, SOMEBODY)] == [7]
    assert passkeys.find(tx, b"k7") is not None
    passkeys.use(tx, PasskeyId(7), 2, NOON)
    assert passkeys.take_challenge(tx, "h7", SOMEBODY, NOON)
    assert passkeys.note_answered(tx, "new", LATER)
    assert not passkeys.note_answered(tx, "new", LATER)
    passkeys.remove(tx, SOMEBODY, PasskeyId(7))
    passkeys.remove_all(tx, SOMEBODY)
    second_factors.prune(tx, NOON)
    passkeys.prune(tx, NOON)


def _replace(tx: Transaction) -> None:
    accounts.note_factor(tx, "s7", NOON)
    assert accounts.factor_shown(tx, "s7") == NOON
    assert second_factors.offered(tx, "s7") == ("x", NOON)
    second_factors.offer(tx, "s7", "y", NOON)
    second_factors.end_offer(tx, "s8")
    second_factors.set_up(tx, SOMEBODY, "y", 3, NOON)


def test_accounts_ask_for_index_ranges(database: Database) -> None:
    _fill(database)
    catch = Catch(database)

    with catch.by("accounts"), database.write() as tx:
        _ask(tx)
        _replace(tx)

    assert len(catch.sent) > 15
    with database.engine.connect() as connection:
        found = {sent.statement: faults_of(connection, sent) for sent in catch.sent.values()}
        connection.rollback()
    assert {statement: faults for statement, faults in found.items() if faults} == {}
