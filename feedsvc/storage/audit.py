"""The audit log: rows are added, in the transaction of what they tell of, and only added.

Each row's hash covers the row and the hash of the one before, so rows have one order. SQLite
has one writer anyway. On PostgreSQL whoever adds rows holds a lock until the end of the
transaction; it is taken as the very last thing before the commit, so that nobody waits for
another's work but only for another's commit, and never holds it while waiting for a row.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct
from sqlalchemy import Boolean, Row, Select, bindparam, func, insert, select, text

from feedsvc.model import GENESIS, AuditEntry, AuditRow, Subject, chained
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.audit import AuditLogRow

_CHAIN = 7_236_283  # any number that nobody else uses as an advisory lock
_PAGE = 500
_COLUMNS = tuple(AuditLogRow.__table__.columns)
# A row comes by this statement whether it is kept or not: nobody can tell by how long it takes.
_GIVEN = (bindparam(f"new_{each.name}", type_=each.type) for each in _COLUMNS)
_INSERT = insert(AuditLogRow).from_select(
    _COLUMNS, select(*_GIVEN).where(bindparam("is_kept", type_=Boolean))
)


class Wanted(Struct, frozen=True, kw_only=True):
    """Which rows are asked for: what somebody did, of one kind, to something, or all of it.

    `among` are the kinds of what was done to something; none are all.
    """

    who: str = ""
    action: str = ""
    about: Subject | None = None
    among: frozenset[str] = frozenset()


class Verdict(Struct, frozen=True, kw_only=True):
    """How far the chain is whole, and what is wrong after that; "" if nothing is."""

    rows: int = 0
    hash: str = GENESIS
    problem: str = ""


def add(tx: Transaction, entry: AuditEntry, *, is_kept: bool = True) -> None:
    """Add an entry when this transaction ends well, and not otherwise.

    One that is not kept leaves nothing, and takes the same statements as one that is.
    """
    tx.at_end(_add_all, (entry, is_kept))


def _add_all(tx: Transaction, entries: Iterable[tuple[AuditEntry, bool]]) -> None:
    if not tx.is_sqlite:
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN})
    end = select(func.max(AuditLogRow.sequence)).scalar_subquery()
    found = select(AuditLogRow.sequence, AuditLogRow.hash).where(AuditLogRow.sequence == end)
    last = tx.execute(found).first()
    sequence, previous = (last.sequence, last.hash) if last else (0, GENESIS)
    rows = []
    for entry, is_kept in entries:
        digest = chained(sequence + 1, entry, previous)
        columns = _columns(sequence + 1, entry, digest).items()
        rows.append({f"new_{name}": value for name, value in columns} | {"is_kept": is_kept})
        if is_kept:
            sequence, previous = sequence + 1, digest
    tx.execute(_INSERT, rows)


def newest(
    tx: Transaction, wanted: Wanted, *, limit: int, before: int | None = None
) -> tuple[AuditRow, ...]:
    """Return rows, the newest first, or those before a sequence number: one index range."""
    query = _matching(wanted).order_by(AuditLogRow.sequence.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditLogRow.sequence < before)
    return tuple(map(_row, tx.execute(query)))


def verify(tx: Transaction, known: tuple[int, str] | None = None) -> Verdict:
    """Follow the chain from the first row to the last, or to the first that is not right.

    Args:
        tx: a snapshot.
        known: sequence number and hash of a row, as somebody has noted them elsewhere.
    """
    done, is_known = Verdict(), known is None
    for row in _every(tx):
        if row.sequence != done.rows + 1:
            return _broken(done, f"row {done.rows + 1} is missing")
        if not row.follows(done.hash):
            return _broken(done, f"row {row.sequence} is not as it was written")
        done = Verdict(rows=row.sequence, hash=row.hash)
        is_known = is_known or known == (row.sequence, row.hash)
    if known is not None and not is_known:
        gone = known[0] > done.rows
        problem = "is missing" if gone else "has another hash than you noted"
        return _broken(done, f"row {known[0]} {problem}")
    return done


def _broken(done: Verdict, problem: str) -> Verdict:
    return Verdict(rows=done.rows, hash=done.hash, problem=problem)


def _every(tx: Transaction) -> Iterator[AuditRow]:
    last = -(2**31)
    while True:
        query = select(*_COLUMNS).where(AuditLogRow.sequence > last)
        page = tuple(map(_row, tx.execute(query.order_by(AuditLogRow.sequence).limit(_PAGE))))
        if not page:
            return
        yield from page
        last = page[-1].sequence


def _matching(wanted: Wanted) -> Select[tuple[object, ...]]:
    query: Select[tuple[object, ...]] = select(*_COLUMNS).where(AuditLogRow.sequence > 0)
    named = ((AuditLogRow.who, wanted.who), (AuditLogRow.action, wanted.action))
    if wanted.about is None:
        return query.where(*(column == value for column, value in named if value))
    # What was done to one thing is little, what somebody did is much: so no index is to be
    # taken for who and what, and none fits what is not the column itself.
    return query.where(
        AuditLogRow.subject_kind == wanted.about.kind,
        AuditLogRow.subject_id == wanted.about.id,
        *(column.concat("") == value for column, value in named if value),
        *([AuditLogRow.action.concat("").in_(sorted(wanted.among))] if wanted.among else []),
    )


def _columns(sequence: int, entry: AuditEntry, digest: str) -> dict[str, object]:
    return {
        "sequence": sequence,
        "at": entry.at,
        "action": str(entry.action),
        "who": entry.who,
        "who_id": entry.who_id,
        "role": entry.role,
        "source": entry.source,
        "subject_kind": entry.subject.kind,
        "subject_id": entry.subject.id,
        "before": entry.before,
        "after": entry.after,
        "hash": digest,
    }


def _row(found: Row[tuple[object, ...]]) -> AuditRow:
    return AuditRow(
        sequence=found.sequence,
        hash=found.hash,
        entry=AuditEntry(
            action=found.action,
            at=found.at,
            who=found.who,
            who_id=found.who_id,
            role=found.role,
            source=found.source,
            subject=Subject(kind=found.subject_kind, id=found.subject_id),
            before=found.before,
            after=found.after,
        ),
    )
