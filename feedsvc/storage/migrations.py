"""Bringing a database to the version that this program needs: whole, or not at all."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

import feedsvc
from feedsvc.errors import MigrationError, UnavailableError
from feedsvc.storage.database import Database
from feedsvc.storage.reached import prepare_connection
from feedsvc.storage.tables.articles import ArticleRow

_PACKAGE = Path(feedsvc.__file__).parent
_LOCK = 7_236_281  # any number that nobody else uses as an advisory lock
_TURN_SECONDS = 120  # in which another host is done with its migrations, however busy it is
_TABLE_SECONDS = 4  # while it waits for a table, all who want to read that wait behind it
_STATEMENT_SECONDS = 60
_TIMED_OUT = "55P03"  # lock_not_available
NO_VERSION = "none"  # of a database that there was not


def migrations_folder() -> Path:
    """Return where the migrations are: in the wheel, or beside the package in a checkout."""
    bundled = _PACKAGE / "_migrations"
    return bundled if bundled.is_dir() else _PACKAGE.parent / "migrations"


def needed_version() -> str:
    """Return the version of the database that this program works with."""
    known = _known_versions()
    if not known:
        raise MigrationError("the migrations are missing from this installation; install anew")
    return known[-1]


def _known_versions() -> list[str]:
    """Return all versions in order: files are named by their number, and follow each other.

    Alembic would say the same, in a tenth of a second and 8 MB that only a migration needs.
    """
    names = sorted(file.name for file in migrations_folder().glob("versions/[0-9]*.py"))
    return [name.partition("_")[0] for name in names]


def current_version(database: Database) -> str | None:
    """Return the database's version; None when it was never migrated.

    Raises:
        UnavailableError: the database does not answer.
    """
    if database.is_missing:
        return None
    with database.read() as tx:
        if not inspect(tx.connection).has_table("alembic_version"):
            return None
        found: str | None = tx.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def is_empty(database: Database) -> bool:
    """Whether the database holds no table at all."""
    if database.is_missing:
        return True
    with database.read() as tx:
        return not inspect(tx.connection).get_table_names()


def prepare(database: Database, *, migrate: bool = False) -> tuple[str, str] | None:
    """Make sure that the program and the database agree, migrating where that is safe.

    A new SQLite file is migrated by itself; anything else only when `migrate` says so.
    Returns the versions before and after; None if there was nothing to do.

    Raises:
        MigrationError: the database is of another version; the text says what to do.
        UnavailableError: the database does not answer.
    """
    current = current_version(database)
    if current == needed_version():
        return None
    is_new = database.is_sqlite and current is None and is_empty(database)
    if _is_known(current) and (migrate or is_new) and not _is_unnamed(database, current):
        upgrade(database)
        return current or NO_VERSION, needed_version()
    raise mismatch(database, current)


def mismatch(database: Database, current: str | None) -> MigrationError:
    """Return what to say of a database that is not at our version."""
    if current is None and is_empty(database):
        return MigrationError(
            f"there is no database yet at {database.shown_url}; run 'feedsvc migrate' to make"
            " one. If there should be one, name its settings with --config or FEEDSVC_CONFIG"
        )
    where = f"the database {database.shown_url} is at version {current or 'none'}"
    if _is_unnamed(database, current):
        return MigrationError(
            f"the database {database.shown_url} has tables of feedsvc but does not say of "
            "which version (alembic_version); restore a backup, or name an empty database"
        )
    if _is_known(current):
        return MigrationError(
            f"{where}, and this program needs {needed_version()}; "
            "make a backup, then run 'feedsvc migrate'"
        )
    return MigrationError(
        f"{where}, which this program (version {feedsvc.__version__}) does not know; "
        "run the newer feedsvc that made it"
    )


def _is_unnamed(database: Database, current: str | None) -> bool:
    """Whether the database has our tables without their version, so that none can be added."""
    if current is not None or database.is_missing:
        return False
    with database.read() as tx:
        return inspect(tx.connection).has_table(ArticleRow.__tablename__)


def _is_known(version: str | None) -> bool:
    return version is None or version in _known_versions()


def upgrade(database: Database) -> None:
    """Run every migration that is missing, in one transaction.

    Two hosts cannot migrate at once: SQLite has one writer, PostgreSQL an advisory lock.

    Raises:
        UnavailableError: the database does not answer, its tables are locked, or another host
            migrates it for too long.
    """
    engine = _migration_engine(database)
    if database.is_missing:
        _begin_file(Path(database.engine.url.database or ""))
    try:
        with engine.begin() as connection:
            if not database.is_sqlite:
                _take_turn(connection, database)
            _run_all(connection)
            _check_references(connection, database)
    except DBAPIError as error:
        raise UnavailableError(
            f"the database {database.shown_url} could not be migrated and is as it was: "
            f"{' '.join(str(error.orig).split())[:200]}"
        ) from error
    finally:
        engine.dispose()


def _begin_file(file: Path) -> None:
    """Begin a new SQLite file that nobody else may read; the files beside it follow its mode.

    It holds hashes of passwords and secrets of second factors, and who serves the shelf
    (`docs/deploy.md`) may be in the group.
    """
    with suppress(OSError):  # SQLite will say why
        file.touch(mode=0o600)


def _take_turn(connection: Connection, database: Database) -> None:
    """Wait until no other host migrates, and then for no table longer than is good.

    Raises:
        UnavailableError: another host has been at it for too long.
    """
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text(f"SET lock_timeout = '{_TURN_SECONDS}s'"))
    try:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _TIMED_OUT:
            raise
        raise UnavailableError(
            f"another feedsvc has been migrating the database {database.shown_url} for "
            f"{_TURN_SECONDS} seconds, and this one has changed nothing; see whether the other "
            "is still at work, and try again when it is done"
        ) from error
    connection.execute(text(f"SET lock_timeout = '{_TABLE_SECONDS}s'"))
    connection.execute(text(f"SET statement_timeout = '{_STATEMENT_SECONDS}s'"))


def _run_all(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see _known_versions
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _migration_engine(database: Database) -> Engine:
    """Return an engine for schema changes.

    On SQLite foreign keys are off meanwhile: batch mode drops and re-makes tables, and with
    foreign keys on that would delete every child row.
    """
    engine = create_engine(database.engine.url, poolclass=NullPool)
    if database.is_sqlite:

        @event.listens_for(engine, "connect")
        def connected(connection: sqlite3.Connection, _record: object) -> None:
            prepare_connection(connection, busy_seconds=30, foreign_keys=False)

        @event.listens_for(engine, "begin")
        def begun(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _check_references(connection: Connection, database: Database) -> None:
    if not database.is_sqlite:
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise MigrationError(
            f"the migration would break references: {broken[:3]}; nothing done"
        )
