"""The command line as real processes: started, stopped, and given the wrong things."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPMessage
from pathlib import Path
from threading import Event, Timer

import psycopg
import pytest

_ROOT = Path(__file__).parents[2]
_FEEDSVC = (sys.executable, "-m", "feedsvc")
_DEADLINE = 60.0  # seconds, for a machine that is busy with other tests

pytestmark = pytest.mark.live


class Process:
    """A running `feedsvc`, whose standard output and log are one text."""

    def __init__(self, *arguments: str, folder: Path, **environment: str) -> None:
        self._popen = subprocess.Popen(
            [*_FEEDSVC, *arguments],
            cwd=folder,
            env=_environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._overdue = Timer(_DEADLINE, self._kill)
        self._overdue.start()
        self.text = ""

    def wait_for(self, pattern: str) -> str:
        """Read until the pattern's group is there, and return it."""
        if found := re.search(pattern, self.text):
            return found[1]
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            self.text += line
            if found := re.search(pattern, self.text):
                return found[1]
        pytest.fail(f"{pattern!r} never came; this did:\n{self.text}")

    def stop(
        self, number: signal.Signals = signal.SIGTERM, *, is_terminal: bool = False
    ) -> int:
        """Send a signal, and return the exit status; a terminal signals all processes."""
        (os.killpg if is_terminal else os.kill)(self._popen.pid, number)
        assert self._popen.stdout is not None
        self.text += self._popen.stdout.read()
        self._popen.wait()
        self._overdue.cancel()
        return self._popen.returncode

    def end(self) -> None:
        """Let nothing of it stay."""
        self._overdue.cancel()
        self._kill()
        self._popen.wait()
        assert self._popen.stdout is not None
        self._popen.stdout.close()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, signal.SIGKILL)


def _environment(changes: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("FEEDSVC_")
    }
    return kept | {"PYTHONPATH": str(_ROOT), "PYTHONUNBUFFERED": "1"} | dict(changes)


Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `feedsvc` in an empty folder; nothing of it stays after the test."""
    started: list[Process] = []

    def start(*arguments: str, **environment: str) -> Process:
        process = Process(*arguments, folder=tmp_path, **environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.end()


def _run(
    folder: Path, *arguments: str, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_FEEDSVC, *arguments],
        cwd=folder,
        env=_environment(environment),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=_DEADLINE,
        check=False,
    )


def _get(url: str) -> tuple[bytes, HTTPMessage]:
    with urllib.request.urlopen(url, timeout=_DEADLINE) as answer:  # noqa: S310 - loopback
        return answer.read(), answer.headers


def _eventually(url: str, content: bytes) -> bytes:
    """Ask until the content is there: what is published is served a moment later."""
    deadline = time.monotonic() + _DEADLINE
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.HTTPError):
            body, _ = _get(url)
            if content in body:
                return body
        Event().wait(0.05)
    pytest.fail(f"{content!r} never came at {url}")


def _add_article(folder: Path, title: str = "It rains") -> None:
    added = _run(
        folder,
        *("article", "add", "--title", title, "--body-file", "-", "--category", "News"),
        stdin="It has rained since morning.",
    )
    assert added.returncode == 0, added.stderr


_LISTENING = r"event=listening address=(\S+)"


def test_a_new_folder_is_all_that_serving_needs(start: Start, tmp_path: Path) -> None:
    process = start("serve", "--port", "0")

    body, headers = _get(process.wait_for(_LISTENING) + "/feeds/recent.rss")

    assert b"<rss" in body
    assert headers["ETag"]
    assert (tmp_path / "data" / "feedsvc.sqlite3").exists()


def test_what_a_script_adds_is_served_within_seconds(start: Start, tmp_path: Path) -> None:
    process = start("serve", "--port", "0")
    address = process.wait_for(_LISTENING)

    _add_article(tmp_path)

    assert _eventually(address + "/feeds/category/news.atom", b"It rains")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda it: it.name)
def test_a_signal_stops_it_in_good_order(start: Start, number: signal.Signals) -> None:
    process = start("serve", "--port", "0")
    process.wait_for(_LISTENING)

    assert process.stop(number) == 0
    assert "Traceback" not in process.text


def test_a_terminals_ctrl_c_ends_all_processes_quietly(start: Start) -> None:
    process = start("serve", "--workers", "2", "--port", "0")
    process.wait_for(_LISTENING)
    before = len(process.text)

    assert process.stop(signal.SIGINT, is_terminal=True) == 0
    said = process.text[before:]
    assert not [word for word in ("Traceback", "level=warning", "level=error") if word in said]


def test_the_first_start_shows_the_way_in(start: Start) -> None:
    process = start("serve", "--port", "0")
    address = process.wait_for(_LISTENING)

    shown = process.text if "/desk/setup/" in process.text else ""
    path = re.search(
        r"(/desk/setup/\S+)", shown or process.wait_for(r"((?s:.*)/desk/setup/\S+)")
    )

    assert path is not None
    assert b"<form" in _get(address + path[1])[0]


def test_with_users_there_is_no_way_in_to_show(start: Start, tmp_path: Path) -> None:
    password = "correct horse battery"
    added = _run(tmp_path, "user", "add", "anna", "--password-stdin", stdin=password)
    assert added.returncode == 0, added.stderr
    process = start("serve", "--port", "0")
    process.wait_for(_LISTENING)

    process.stop()

    assert "/desk/setup/" not in process.text
    assert password not in process.text


def test_feeds_outlive_the_database(start: Start, tmp_path: Path) -> None:
    _add_article(tmp_path)
    process = start("serve", "--port", "0")
    before, headers = _get(process.wait_for(_LISTENING) + "/feeds/recent.rss")
    process.stop()
    for file in (tmp_path / "data").glob("feedsvc.sqlite3*"):
        file.unlink()
    (tmp_path / "data" / "feedsvc.sqlite3").write_bytes(b"damaged " * 1000)

    again = start("serve", "--port", "0")

    body, headers_again = _get(again.wait_for(_LISTENING) + "/feeds/recent.rss")
    assert body == before
    assert headers_again["ETag"] == headers["ETag"]


def test_the_demo_is_a_whole_newsroom(start: Start) -> None:
    process = start("demo", "--port", "0")
    address = process.wait_for(r"site +(http://127\.0\.0\.1:\d+)/")
    link = process.wait_for(r"desk +(http\S+)")

    feed, _ = _get(address + "/feeds/category/news.rss")
    page, _ = _get(address + "/")
    desk, _ = _get(link)

    assert feed.count(b"<item>") == 7
    assert b"Sanatanpali" in page
    assert b"<form" in desk
    assert process.stop(signal.SIGINT) == 0


def test_the_demo_can_be_started_again(start: Start) -> None:
    feeds = []
    for _ in range(2):
        process = start("demo", "--port", "0")
        address = process.wait_for(r"site +(http://127\.0\.0\.1:\d+)/")
        body = _get(address + "/feeds/recent.json")[0]
        feeds.append(body.replace(address.encode(), b""))
        process.stop(signal.SIGINT)

    assert feeds[0] == feeds[1]


def test_commands_act_on_the_demo_with_the_settings_that_it_names(
    start: Start, tmp_path: Path
) -> None:
    process = start("demo", "--port", "0")
    address = process.wait_for(r"site +(http://127\.0\.0\.1:\d+)/")
    told = {"FEEDSVC_CONFIG": process.wait_for(r"export FEEDSVC_CONFIG=(\S+)")}

    link = _run(tmp_path, "user", "link", "demo", **told)
    made_anew = _run(tmp_path, "regenerate", **told)

    assert link.stdout.startswith(f"{address}/desk/sign-in/link/")
    assert (made_anew.returncode, made_anew.stderr) == (0, "")  # the settings are the same


def test_a_second_demo_leaves_the_first_one_alone(start: Start, tmp_path: Path) -> None:
    """Feeds would lead to the port of the second, whichever serves them."""
    process = start("demo", "--port", "0")
    address = process.wait_for(r"site +(http://127\.0\.0\.1:\d+)/")
    before = _get(address + "/feeds/recent.json")[0]

    second = _run(tmp_path, "demo", "--port", "0")

    assert second.returncode == 2
    assert re.match(r"feedsvc: a demo runs in \S+ already: .*--data DIR", second.stderr)
    assert _get(address + "/feeds/recent.json")[0] == before


def test_the_demo_heeds_no_settings_of_a_real_newsroom(start: Start, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[data]\nfolder = 'real'\n")
    process = start("demo", "--port", "0", FEEDSVC_DATA="real")
    process.wait_for(r"site +(http)")

    process.stop()

    assert not (tmp_path / "real").exists()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_taken_port_is_named(tmp_path: Path, taken_port: int, command: str) -> None:
    ended = _run(tmp_path, command, "--port", str(taken_port))

    assert ended.returncode == 2
    assert f"server.port: {taken_port} is taken on 127.0.0.1" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "sentence"),
    [
        pytest.param(("srve",), {}, 2, "Did you mean 'serve'?", id="unknown command"),
        pytest.param(("--config", "no.toml", "serve"), {}, 2, "no settings file", id="no file"),
        pytest.param(("serve",), {"FEEDSVC_PORT": "x"}, 2, "FEEDSVC_PORT: ", id="variable"),
        pytest.param(
            ("serve",), {"FEEDSVC_DATA": "/proc/x"}, 2, "cannot make the folder", id="folder"
        ),
        pytest.param(
            ("serve",),
            {"FEEDSVC_DATABASE_URL": "oracle://a:hunter2@b/c"},
            2,
            "database.url must be like",
            id="other database",
        ),
        pytest.param(
            ("article", "list"),
            {"FEEDSVC_DATABASE_URL": "postgresql://a:hunter2@127.0.0.1:1/c"},
            75,
            "does not answer",
            id="database is not there",
        ),
        pytest.param(
            ("serve", "--host", "no.such.host.invalid", "--port", "0"),
            {},
            2,
            "server.host: 'no.such.host.invalid'",
            id="no such address",
        ),
    ],
)
def test_what_cannot_start_says_why(
    tmp_path: Path,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    code: int,
    sentence: str,
) -> None:
    ended = _run(tmp_path, *arguments, **environment)

    assert ended.returncode == code
    assert sentence in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("feedsvc: ")
    assert "Traceback" not in ended.stderr
    assert "hunter2" not in ended.stderr


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a PostgreSQL database without any table."""
    with psycopg.connect(postgres_server % "postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE never_migrated")
    yield postgres_server % "never_migrated"
    with psycopg.connect(postgres_server % "postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE never_migrated WITH (FORCE)")


def test_an_unmigrated_database_is_refused_with_the_remedy(
    tmp_path: Path, empty_postgres: str
) -> None:
    ended = _run(tmp_path, "serve", "--port", "0", FEEDSVC_DATABASE_URL=empty_postgres)

    assert ended.returncode == 1
    assert "run 'feedsvc migrate'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_serving_migrates_when_asked(start: Start, empty_postgres: str) -> None:
    process = start("serve", "--port", "0", "--migrate", FEEDSVC_DATABASE_URL=empty_postgres)

    assert b"<rss" in _get(process.wait_for(_LISTENING) + "/feeds/recent.rss")[0]


def test_a_reader_that_has_seen_enough_hears_no_complaint(tmp_path: Path) -> None:
    _add_article(tmp_path)
    with subprocess.Popen(
        [*_FEEDSVC, "article", "list"],
        cwd=tmp_path,
        env=_environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()

    assert not complaint
