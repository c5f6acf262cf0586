"""The audit log: a chain of rows that is only added to, whoever writes at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from feedsvc.errors import ConflictError, UnavailableError
from feedsvc.model import Action, AuditEntry, Subject
from feedsvc.storage import audit
from feedsvc.storage.audit import Wanted
from feedsvc.storage.database import Database
from tests.fakes import NOON
from tests.storage.plans import Catch, faults_of

ENTRY = AuditEntry(
    action=Action.ARTICLE_CHANGED,
    at=NOON,
    who="asha",
    who_id=1,
    role="editor",
    source="0123456789abcdef",
    subject=Subject(kind="article", id="7"),
    before='{"version":1}',
    after='{"version":2}',
)


def add(database: Database, *entries: AuditEntry) -> None:
    for entry in entries:
        with database.write() as tx:
            audit.add(tx, entry)


def tamper(database: Database, statement: str) -> None:
    """Do what only somebody with the database in their hands can."""
    off = (
        ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"]
        if database.is_sqlite
        else ["DROP TRIGGER audit_no_change ON audit"]
    )
    with database.write() as tx:
        for each in (*off, statement):
            tx.execute(text(each))


def verdict(database: Database, known: tuple[int, str] | None = None) -> audit.Verdict:
    with database.read() as tx:
        return audit.verify(tx, known)


def test_chain_of_all_that_was_added_is_whole(database: Database) -> None:
    with database.write() as tx:
        audit.add(tx, ENTRY)
        audit.add(tx, replace(ENTRY, who="ravi", who_id=None))
    add(database, ENTRY)

    found = verdict(database)

    assert (found.rows, found.problem) == (3, "")
    assert verdict(database, (3, found.hash)) == found
    with database.read() as tx:
        rows = audit.newest(tx, Wanted(), limit=5)
    assert [row.entry.who for row in rows] == ["asha", "ravi", "asha"]
    assert rows[0].entry == ENTRY


def test_empty_log_is_whole(database: Database) -> None:
    assert verdict(database) == audit.Verdict()


def test_what_is_rolled_back_is_in_no_log(database: Database) -> None:
    def fail() -> None:
        with database.write() as tx:
            audit.add(tx, ENTRY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert verdict(database).rows == 0


def test_what_is_not_kept_leaves_no_gap(database: Database) -> None:
    with database.write() as tx:
        for who, is_kept in (("asha", True), ("eve", False), ("ravi", True)):
            audit.add(tx, replace(ENTRY, who=who), is_kept=is_kept)
    with database.write() as tx:
        audit.add(tx, replace(ENTRY, who="eve"), is_kept=False)

    assert verdict(database).rows == 2
    assert verdict(database).problem == ""


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'eve'", "DELETE FROM audit"])
def test_rows_are_neither_changed_nor_removed(database: Database, statement: str) -> None:
    add(database, ENTRY)

    with pytest.raises((ConflictError, UnavailableError)), database.write() as tx:
        tx.execute(text(statement))

    assert verdict(database).rows == 1


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit SET who = 'eve' WHERE sequence = 2", "row 2 is not as it was written"),
        ("UPDATE audit SET after = '' WHERE sequence = 3", "row 3 is not as it was written"),
        ("DELETE FROM audit WHERE sequence = 1", "row 1 is missing"),
        ("DELETE FROM audit WHERE sequence = 2", "row 2 is missing"),
    ],
)
def test_what_was_changed_is_named(database: Database, statement: str, problem: str) -> None:
    add(database, ENTRY, ENTRY, ENTRY)

    tamper(database, statement)

    assert verdict(database).problem == problem


def test_end_that_was_cut_off_shows_with_a_noted_head(database: Database) -> None:
    add(database, ENTRY, ENTRY)
    head = verdict(database)

    tamper(database, "DELETE FROM audit WHERE sequence = 2")

    assert verdict(database).problem == ""
    assert verdict(database, (2, head.hash)).problem == "row 2 is missing"


def test_log_that_was_written_anew_shows_with_a_noted_head(database: Database) -> None:
    add(database, ENTRY)

    assert verdict(database, (1, "0" * 64)).problem == "row 1 has another hash than you noted"


def test_writers_at_once_make_one_chain(database: Database) -> None:
    """Nobody waits for another row while holding the end of the chain: so no deadlock."""

    def write(number: int) -> None:
        for _ in range(25):
            add(database, replace(ENTRY, who=f"u{number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))

    assert verdict(database).rows == 200
    assert verdict(database).problem == ""


def test_every_question_is_one_index_range(database: Database) -> None:
    with database.write() as tx:
        for number in range(2000):
            one = Subject(kind="article", id=str(number % 100))
            action = Action.SIGN_IN if number % 5 == 0 else Action.ARTICLE_CHANGED
            audit.add(tx, replace(ENTRY, who=f"u{number % 3}", subject=one, action=action))
    with database.write() as tx:
        tx.execute(text("ANALYZE"))
    catch, about = Catch(database), Subject(kind="article", id="7")

    with catch.by("audit"), database.write() as tx:
        for wanted in (
            Wanted(),
            Wanted(who="u1"),
            Wanted(action=Action.SIGN_IN),
            Wanted(who="u1", action=Action.SIGN_IN),
            Wanted(about=about),
        ):
            assert len(audit.newest(tx, wanted, limit=10)) == 10
            assert audit.newest(tx, wanted, limit=10, before=1000)[0].sequence < 1000
        changed = Wanted(who="u1", action=Action.ARTICLE_CHANGED, about=about)
        every = audit.newest(tx, changed, limit=10)
        assert {(row.entry.who, row.entry.action) for row in every} == {("u1", changed.action)}
        own = Wanted(about=about, among=frozenset({Action.ARTICLE_CHANGED, "sign-out"}))
        assert len(audit.newest(tx, own, limit=10)) == 10
        assert audit.newest(tx, replace(own, among=frozenset({Action.SIGN_IN})), limit=10) == ()
        audit.add(tx, ENTRY)

    assert len(catch.sent) == (13 if database.is_sqlite else 14)  # with a lock
    with database.engine.connect() as connection:
        found = {sent.statement: faults_of(connection, sent) for sent in catch.sent.values()}
        connection.rollback()
    assert {statement: faults for statement, faults in found.items() if faults} == {}
