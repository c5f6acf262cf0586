"""How a database carries out a statement: its plan, and how many rows it looked at."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import event
from sqlalchemy.engine import Connection

from feedsvc.storage.database import Database

# Tables that grow with the newsroom's settings, not with its archive or its readers. Where
# they are walked through: categories and feeds for the site's menu and the directory, feeds
# for the dirty ones of a batch; the others hold a row or two.
SMALL = {
    *("category", "feed", "setting", "lease", "counter", "user_account", "alembic_version"),
    *("ping", "api_token"),  # a row for each feed, format and hub; one for each program
    "reader_software",  # a hundred odd, whatever is sent
    "tag",  # looked up by its id, but PostgreSQL rather reads them all while they are dozens
}
MOST_ROWS = 700  # a feed's window of 500 entries, and some: never the archive


class Sent(NamedTuple):
    """A statement as it went to the database, with values of one of its rows."""

    statement: str
    values: Any
    who: str


class Catch:
    """Notes every statement that a database is sent."""

    def __init__(self, database: Database) -> None:
        self.sent: dict[str, Sent] = {}
        self._who = ""
        event.listen(database.engine, "before_cursor_execute", self._note)
        database.plain.told = lambda statement, values: self._note(
            None, None, statement, values, None, False
        )

    @contextmanager
    def by(self, who: str) -> Iterator[None]:
        """Note who asks for what comes now."""
        self._who = who
        yield
        self._who = ""

    def _note(self, _c: object, _k: object, statement: str, values: Any, *rest: object) -> None:  # noqa: ANN401
        _, is_many = rest
        if self._who and re.match("(SELECT|UPDATE|DELETE|WITH) ", statement):
            shape = re.sub(r"(\?|%\(\w+\)s(::\w+)?)(, (\?|%\(\w+\)s(::\w+)?))*", "?", statement)
            first = values[0] if is_many else values
            self.sent.setdefault(shape, Sent(statement, first, self._who))


def faults_of(connection: Connection, sent: Sent) -> list[str]:
    """Return what is wrong with the plan of a statement."""
    explain: Callable[[Connection, Sent], list[str]] = (
        _sqlite if connection.dialect.name == "sqlite" else _postgresql
    )
    return explain(connection, sent)


def faults_in(database: Database, sent: Sent) -> list[str]:
    """Return the same for a statement that may have changed something; nothing is kept."""
    with database.engine.connect() as connection:
        found = faults_of(connection, sent)
        connection.rollback()
    return [f"{fault}\n    {sent.statement}" for fault in found]


def _sqlite(connection: Connection, sent: Sent) -> list[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sent.statement}", sent.values)
    steps = [str(row[3]) for row in rows]
    scans = [step for step in steps if step.startswith("SCAN") and not _is_fair(step, sent)]
    big = [step for step in steps if re.match("S[A-Z]+ (\\w+)", step) and _table(step)]
    sorts = [step for step in steps if step.startswith("USE TEMP B-TREE")]
    if all(_is_bounded(step) for step in big):
        sorts = []
    return scans + sorts


def _table(step: str) -> str:
    """Return the big table that a step reads, or ""."""
    name = step.split()[1]
    return "" if name in SMALL or name.startswith(("(", "CONSTANT")) else name


def _is_fair(step: str, sent: Sent) -> bool:
    """Whether a walk is along an index, from its end, and stops after so many rows."""
    if re.match(r"SCAN search_words VIRTUAL TABLE INDEX \d+:M", step):
        return True  # FTS5 looks the words up
    is_whole = " WHERE " not in sent.statement or "set_aside" in step
    return not _table(step) or (
        "USING" in step and "INDEX" in step and is_whole and " LIMIT " in sent.statement
    )


def _is_bounded(step: str) -> bool:
    """Whether a step looks up named rows, so that sorting them is small."""
    return re.search(r"\((rowid|article_id|feed_id|id|token_hash)=\?", step) is not None


def _postgresql(connection: Connection, sent: Sent) -> list[str]:
    """Run the statement with a count of rows; the caller rolls back what it changes.

    A table of a few pages is walked through because that is cheapest; what counts is whether
    there is another way.
    """
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    explain = "EXPLAIN (ANALYZE, FORMAT JSON)"
    answer = connection.exec_driver_sql(f"{explain} {sent.statement}", sent.values).scalar()
    assert isinstance(answer, list)
    return [fault for node in _nodes(answer[0]["Plan"]) for fault in _faults(node)]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _faults(node: dict[str, Any]) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name", "")
    dropped = node.get("Rows Removed by Filter", 0) + node.get(
        "Rows Removed by Index Recheck", 0
    )
    seen = (node.get("Actual Rows", 0) + dropped) * node.get("Actual Loops", 1)
    if kind == "Seq Scan" and table not in SMALL and not table.startswith("pg_"):
        yield f"Seq Scan of {table}"
    if seen > MOST_ROWS:
        yield f"{kind} {table} looks at {seen} rows"
