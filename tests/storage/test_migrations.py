"""Migrations happen as a whole or not at all, on both engines."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from feedsvc import zstd
from feedsvc.config import Config
from feedsvc.errors import MigrationError, UnavailableError
from feedsvc.model import Action, FeedId, SubscriptionKind
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import migrations, representations
from feedsvc.storage.audit import Wanted
from feedsvc.storage.database import Database
from feedsvc.storage.hub import subscriptions
from feedsvc.storage.lists import corrections, listing
from feedsvc.storage.tables import everything
from feedsvc.wiring import build, prepare
from feedsvc.workflow import audit
from tests.conftest import ROOT, on_server
from tests.factories import COMMAND_LINE
from tests.fakes import FakeClock
from tests.live.process import wait_until


def _is_of_the_program(name: str | None, kind: str, _parents: object) -> bool:
    """The index of words is no table that SQLAlchemy knows; test_search asks after it."""
    return kind != "table" or not (name or "").startswith("search_")


COMPARED = {"compare_type": True, "include_name": _is_of_the_program}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a table, of each kind."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'new.sqlite3'}")
        yield database
        database.close()
        return
    server: str = request.getfixturevalue("postgres_server")
    name = f"empty_{uuid4().hex}"
    on_server(server, f"CREATE DATABASE {name}")
    database = Database(server % name)
    yield database
    database.close()
    on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def test_migrated_database_has_the_tables_of_the_program(database: Database) -> None:
    with database.read() as tx:
        context = MigrationContext.configure(tx.connection, opts=COMPARED)
        assert compare_metadata(context, everything()) == []


def test_preparing_twice_changes_nothing(database: Database) -> None:
    migrations.prepare(database)

    assert migrations.current_version(database) == migrations.needed_version()


def test_files_are_named_as_alembic_orders_them() -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(migrations.migrations_folder()))
    config.set_main_option("path_separator", "os")
    steps = ScriptDirectory.from_config(config).walk_revisions()

    assert migrations._known_versions() == [step.revision for step in steps][::-1]


def test_service_does_not_load_what_only_a_migration_needs() -> None:
    code = "import sys, feedsvc.cli.serve; sys.exit('alembic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_new_sqlite_file_is_migrated_by_itself(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.sqlite3'}")

    migrations.prepare(database)

    assert migrations.current_version(database) == migrations.needed_version()
    database.close()


def test_new_sqlite_file_is_read_by_nobody_else(tmp_path: Path) -> None:
    """It holds secrets, and whoever serves the shelf may be in the group of its user."""
    database = Database(f"sqlite:///{tmp_path}/new.sqlite3")
    before = os.umask(0)
    try:
        migrations.prepare(database)
    finally:
        os.umask(before)
    with database.read() as tx:
        tx.execute(text("SELECT 1"))
        modes = {file.stat().st_mode & 0o777 for file in tmp_path.glob("new.sqlite3*")}
    database.close()

    assert modes == {0o600}


def test_new_server_database_is_not_migrated_unasked(empty: Database) -> None:
    if empty.is_sqlite:
        Path(empty.engine.url.database or "").touch()
        with empty.write() as tx:
            tx.execute(text("CREATE TABLE somebody_elses (id INTEGER)"))

    with pytest.raises(MigrationError, match="run 'feedsvc migrate'"):
        migrations.prepare(empty)


def test_migrate_when_asked(empty: Database) -> None:
    migrations.prepare(empty, migrate=True)

    assert migrations.current_version(empty) == migrations.needed_version()


def test_each_migration_is_one_row_of_the_audit_log(
    config: Config, clock: FakeClock, empty: Database
) -> None:
    url = empty.engine.url.render_as_string(hide_password=False)
    named = msgspec.structs.replace(config.database, url=url)
    service = build(msgspec.structs.replace(config, database=named), clock)

    prepare(service, migrate=True)
    prepare(service, migrate=True)

    [row] = audit.listing(service.room, Wanted(), by=COMMAND_LINE)
    is_whole = not audit.verify(service.room, by=COMMAND_LINE).problem
    service.database.close()
    told = row.entry
    assert (told.action, told.who, told.who_id) == (Action.MIGRATED, "feedsvc", None)
    assert told.before == '{"version":"none"}'
    assert told.after == f'{{"version":"{migrations.needed_version()}"}}'
    assert is_whole


def test_database_of_a_newer_program_is_refused(database: Database) -> None:
    with database.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(MigrationError, match="does not know"):
        migrations.prepare(database, migrate=True)


def test_tables_without_a_version_are_not_touched(database: Database) -> None:
    with database.write() as tx:
        tx.execute(text("DELETE FROM alembic_version"))

    with pytest.raises(MigrationError, match="does not say of which version"):
        migrations.prepare(database, migrate=True)


def test_simultaneous_upgrades_all_succeed(empty: Database) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrations.upgrade, [Database(_url(empty)) for _ in range(3)]))

    assert migrations.current_version(empty) == migrations.needed_version()


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_who_waits_too_long_for_another_migration_is_told_so(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits longer for its turn than for a table, which keeps others from reading."""
    assert migrations._TURN_SECONDS > 20 * migrations._TABLE_SECONDS
    monkeypatch.setattr(migrations, "_TURN_SECONDS", 1)
    other = empty.engine.connect()
    other.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": migrations._LOCK})

    with pytest.raises(UnavailableError, match="another feedsvc has been migrating"):
        migrations.upgrade(empty)

    other.rollback()  # and so lets go
    migrations.upgrade(empty)
    other.close()
    assert migrations.current_version(empty) == migrations.needed_version()


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_who_is_cut_off_while_waiting_is_told_that_instead(empty: Database) -> None:
    waiting = text(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with ThreadPoolExecutor(1) as pool, empty.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": migrations._LOCK})
        late = pool.submit(migrations.upgrade, empty)
        wait_until(lambda: other.scalar(waiting))
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": other.scalar(waiting)})

        with pytest.raises(UnavailableError, match="could not be migrated and is as it was"):
            late.result()


FILL = """
INSERT INTO user_account VALUES (1, 'asha', 'Asha', '', false, :at);
INSERT INTO session VALUES ('hash', 1, 'secret', 'agent', :at, :at);
INSERT INTO category VALUES (1, 'news', 'News', 'news', '', NULL);
INSERT INTO article VALUES (1, 'urn:x:1', false, 'a', '/a/', 'A', 'b', 'html', 'b', '', '',
 NULL, NULL, 'published', :at, :at, :at, :at, :at, NULL, 0, 'cannot be shown', NULL, 1, :at,
 :at, '');
INSERT INTO article_category VALUES (1, 1, 0, :at, :at, NULL)
""".replace(":at", "'2026-11-22 10:00:00'")


def test_data_of_the_first_version_is_still_there_after_all_migrations(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_to("0001", empty, monkeypatch)
    with empty.write() as tx:
        for statement in FILL.split(";"):
            tx.execute(text(statement.replace(":", "\\:")))
    before = _everything(empty)

    migrations.prepare(empty, migrate=True)

    after = _everything(empty)
    assert len(after) == len(before)
    assert all(was.items() <= now.items() for was, now in zip(before, after, strict=True))
    assert migrations.current_version(empty) == migrations.needed_version()
    with empty.read() as tx:
        assert [made.set_aside for made in listing.set_aside(tx)] == ["cannot be shown"]
        context = MigrationContext.configure(tx.connection, opts=COMPARED)
        assert compare_metadata(context, everything()) == []


def upgrade_to(version: str, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Migrate as an earlier program did."""

    whole = command.upgrade

    def upgrade(config: AlembicConfig, _revision: str) -> None:
        whole(config, version)

    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", upgrade)
        migrations.upgrade(database)


BODIES = {
    ("rss", "identity"): b"<rss>the news</rss>",
    ("rss", "gzip"): b"gzip",
    ("rss", "zstd"): zstd.compress(b"<rss>the news</rss>"),
    ("json", "identity"): b"{}",
}


def test_what_was_published_before_is_whole_after_all_migrations(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_to("0008", empty, monkeypatch)
    feed = text(
        "INSERT INTO feed (id, slug, guid, revision, published_revision, published_sequence,"
        " created, archives) VALUES (7, 'recent', 'urn:x', 1, 1, 1, '2026-11-22 10:00:00', 0)"
    )
    body = text(
        "INSERT INTO representation"
        " VALUES (7, :format, :coding, 1, 'tag', '2026-11-22 10:00:00', :body)"
    )
    with empty.write() as tx:
        tx.execute(feed)
        tx.execute(
            body, [{"format": f, "coding": c, "body": b} for (f, c), b in BODIES.items()]
        )

    migrations.prepare(empty, migrate=True)

    with empty.read() as tx:
        made = representations.of_feeds(tx, [FeedId(7)], unpack)
        labels = representations.labels_of(tx, [FeedId(7)])
    assert {(each.format, each.coding): each.body for each in made} == BODIES
    assert set(labels) == {each.label for each in made}


@pytest.mark.parametrize("corrected", [None, "2026-11-22 10:00:00"], ids=["none", "one"])
def test_there_is_a_feed_of_corrections_where_there_were_some(
    empty: Database, monkeypatch: pytest.MonkeyPatch, corrected: str | None
) -> None:
    upgrade_to("0012", empty, monkeypatch)
    row = text(
        "INSERT INTO article (guid, guid_is_permalink, slug, path, title, body_source, body,"
        " body_format, excerpt, dateline, state, corrected, correction, set_aside, version,"
        " released_late_seconds, created, changed, changed_by) VALUES ('urn:x', false, 'a',"
        " '/a/', 'A', '', '', 'html', '', '', 'published', :corrected, '', '', 1, 0,"
        " '2026-11-22 10:00:00', '2026-11-22 10:00:00', '')"
    )
    with empty.write() as tx:
        tx.execute(row, {"corrected": corrected})

    migrations.prepare(empty, migrate=True)

    with empty.read() as tx:
        assert corrections.is_public(tx) is (corrected is not None)


def _everything(database: Database) -> list[dict[str, object]]:
    """Return every row by column; later versions may have more columns."""
    tables = ("user_account", "session", "category", "article", "article_category")
    with database.read() as tx:
        return [
            dict(row)
            for table in tables
            for row in tx.execute(text(f"SELECT * FROM {table}")).mappings()  # noqa: S608
        ]


KILLED = """
import os, signal, sys
from sqlalchemy import event
from feedsvc.storage import migrations
from feedsvc.storage.database import Database

database, fatal = Database(sys.argv[1]), int(sys.argv[2])
made = migrations._migration_engine
seen = 0

def engine(database):
    result = made(database)
    @event.listens_for(result, "before_cursor_execute")
    def count(*_):
        global seen
        seen += 1
        if seen == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
    return result

migrations._migration_engine = engine
migrations.upgrade(database)
"""


@pytest.mark.live
@pytest.mark.parametrize("statement", [3, 9, 17, 26])
def test_killed_migration_leaves_nothing_and_can_be_repeated(
    empty: Database, statement: int
) -> None:
    """Promise 6: any process may die at any instruction."""
    command = [sys.executable, "-c", KILLED, _url(empty), str(statement)]
    done = subprocess.run(command, check=False, env=os.environ | {"PYTHONPATH": "."})

    assert done.returncode == -signal.SIGKILL
    assert migrations.is_empty(empty)
    migrations.prepare(empty, migrate=True)
    assert migrations.current_version(empty) == migrations.needed_version()


def _url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def test_who_subscribed_before_is_sent_the_whole_feed(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_to("0015", empty, monkeypatch)
    topic, callback = "https://news.example.org/feeds/recent.rss", "https://reader.example/"
    with empty.write() as tx:
        tx.execute(
            text(
                "INSERT INTO subscription (topic, callback, host, created, expires, revision,"
                " attempts, problem) VALUES (:topic, :callback, '', :now, :now, 0, 0, '')"
            ),
            {"topic": topic, "callback": callback, "now": "2026-01-01 00:00:00"},
        )

    migrations.upgrade(empty)

    with empty.read() as tx:
        found = subscriptions.find(tx, topic, callback)
    assert found is not None
    assert found.kind is SubscriptionKind.WEBSUB


def test_migration_that_would_break_references_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    whole = command.upgrade

    def upgrade_and_break(config: AlembicConfig, _revision: str) -> None:
        whole(config, "head")
        connection = config.attributes["connection"]
        connection.execute(text("INSERT INTO byline VALUES (99, 0, 'of no article')"))

    monkeypatch.setattr(command, "upgrade", upgrade_and_break)

    with pytest.raises(MigrationError, match="nothing done"):
        migrations.upgrade(database)
    assert migrations.is_empty(database)
    database.close()


def test_failed_migration_says_that_all_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "bad.sqlite3"
    path.write_bytes(b"not a database" * 100)
    database = Database(f"sqlite:///{path}")

    with pytest.raises(UnavailableError, match="is as it was"):
        migrations.upgrade(database)
    database.close()


def test_installation_without_migrations_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "versions").mkdir()
    monkeypatch.setattr(migrations, "migrations_folder", lambda: tmp_path)

    with pytest.raises(MigrationError, match="install anew"):
        migrations.needed_version()


def test_wheel_brings_its_own_migrations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "_migrations").mkdir()
    monkeypatch.setattr(migrations, "_PACKAGE", tmp_path)

    assert migrations.migrations_folder() == tmp_path / "_migrations"
