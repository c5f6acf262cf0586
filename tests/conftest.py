"""What all tests share: a clock, a database of each kind, a newsroom, a service."""

import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as examples
from jinja2.bccache import Bucket, BytecodeCache

from feedsvc import config as configuration
from feedsvc.config import Config
from feedsvc.storage import migrations
from feedsvc.storage.database import Database
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow.newsroom import Newsroom
from tests import postgres, s3
from tests.fakes import FakeClock
from tests.files_at import FileServer, file_server

ROOT = Path(__file__).parent.parent
IS_CI = bool(os.environ.get("FEEDSVC_CI"))

MEMORY, ROOM = Path("/dev/shm"), 2 * 2**30


def work_in_memory() -> None:
    """Let temporary files be in memory, where there is room, unless TMPDIR says otherwise.

    Services wait for their disk again and again, and for long where others use it, too. What
    is killed here is processes and never the machine, so no test needs what survives that.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


work_in_memory()  # also for the processes that tests start

# How long an example takes says how busy the machine is. CI tries the same examples each time,
# so that a run differs from the one before by what was changed; elsewhere they are drawn anew.
examples.register_profile(
    "feedsvc",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=IS_CI,
    database=None,
)
examples.load_profile("feedsvc")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left alone with it in the end."""
    live = ROOT / "tests" / "live"
    items.sort(key=lambda item: not item.path.is_relative_to(live))


class CompiledTemplates(BytecodeCache):
    """Keeps what Jinja makes of templates for the next app: most of what a first page takes."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def templates_are_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": CompiledTemplates()})
        yield


def missing(reason: str) -> None:
    """Skip a test for want of a program; in CI, which installs them, fail instead."""
    if IS_CI:
        pytest.fail(reason)
    pytest.skip(reason)


def program(name: str) -> str:
    """Return where a Debian program is, or skip."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not installed; .ci/run installs it")
    return str(found)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def files() -> Iterator[FileServer]:
    """A server of media files."""
    with file_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrations.prepare(database)
    database.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture(scope="session", autouse=True)
def no_cluster_is_left() -> Iterator[None]:
    yield
    postgres.forget()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A running PostgreSQL, as a URL with a place for the database's name."""
    try:
        with postgres.running() as url:
            yield url
    except postgres.NoPostgresError as error:
        missing(str(error))


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A migrated, empty PostgreSQL database's name."""
    on_server(postgres_server, "CREATE DATABASE template_feedsvc")
    database = Database(postgres_server % "template_feedsvc")
    migrations.prepare(database, migrate=True)
    database.close()
    return "template_feedsvc"


def on_server(server: str, statement: str) -> None:
    with psycopg.connect(server % "postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Server]:
    """A running S3 server; each test makes a bucket of its own."""
    with s3.running(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3_environment(s3_server: s3.S3Server, monkeypatch: pytest.MonkeyPatch) -> s3.S3Server:
    """The server, and an environment that leads to it and nowhere else."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in (s3.CREDENTIALS | {"AWS_ENDPOINT_URL": s3_server.url}).items():
        monkeypatch.setenv(name, value)
    return s3_server


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    path = tmp_path / "feedsvc.sqlite3"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    on_server(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield postgres_server % name
    on_server(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database, once SQLite and once PostgreSQL."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return configuration.parse(
        {
            "data": {"folder": str(tmp_path / "data")},
            "site": {"title": "The News Hashtag", "base_url": "https://news.example.org"},
        },
        "the test",
    )


@pytest.fixture
def room(config: Config, clock: FakeClock, database: Database) -> Newsroom:
    """A newsroom on each kind of database; nobody answers its bell."""
    return Newsroom(config=config, clock=clock, database=database, wake=lambda: None)


@pytest.fixture
def service(config: Config, clock: FakeClock, sqlite_template: Path) -> Iterator[Service]:
    """A whole service on SQLite, prepared; its schedule does not run."""
    config.folder.mkdir(parents=True)
    shutil.copy(sqlite_template, config.folder / "feedsvc.sqlite3")
    service = build(config, clock)
    prepare(service)
    yield service
    service.database.close()
