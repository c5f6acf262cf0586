"""Logs: one event is one line, whatever is in it, and no secret is ever in it."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc import log

_logger = logging.getLogger("feedsvc.tests")


def _record(message: str, *values: object, created: float = 1e9) -> logging.LogRecord:
    record = logging.LogRecord("feedsvc.front", logging.INFO, "", 0, message, values, None)
    record.created = created
    return record


def _logfmt(message: str, *values: object) -> str:
    return log.Logfmt().format(_record(message, *values))


@pytest.fixture
def logs(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What the process logged so far; the root logger is as it was afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield lambda: capsys.readouterr().err
    root.handlers[:] = before
    root.setLevel(level)
    logging.getLogger("feedsvc.access").setLevel(logging.NOTSET)
    logging.captureWarnings(capture=False)


def test_fields_stand_apart_from_the_sentence() -> None:
    line = _logfmt("published feed=%s revision=%d", "recent", 41)

    assert line == (
        "time=2001-09-09T01:46:40.000Z level=info logger=front event=published "
        "feed=recent revision=41"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("two words", '"two words"', id="spaces are quoted"),
        pytest.param("a=b", '"a=b"', id="equals sign"),
        pytest.param('say "so"', '"say \\"so\\""', id="quotes"),
        pytest.param("", '""', id="empty"),
        pytest.param("a\nlevel=error", '"a\\nlevel=error"', id="line break"),
        pytest.param("a\x1b[2Jb", '"a\\u001b[2Jb"', id="terminal control"),
        pytest.param("a\u202eb", '"a\\u202eb"', id="direction override"),
        pytest.param("a\u2028b", '"a\\u2028b"', id="line separator"),
        pytest.param("a\ud800b", '"a\\ud800b"', id="lone surrogate"),
        pytest.param("ଓଡ଼ିଶା", "ଓଡ଼ିଶା", id="Odia stays readable"),
        pytest.param(None, "None", id="none"),
        pytest.param(True, "true", id="boolean"),
    ],
)
def test_values_are_quoted_where_needed(value: object, shown: str) -> None:
    assert _logfmt("saved title=%s", value).endswith(f"event=saved title={shown}")


@pytest.mark.parametrize(
    ("message", "values", "event"),
    [
        pytest.param(
            "could not read %s: %s", ("a", "b"), "could not read a: b", id="no fields"
        ),
        pytest.param("took %.2f s", (1.234,), "took 1.23 s", id="rounded"),
        pytest.param("100%% of %s", ("x",), "100% of x", id="percent sign"),
        pytest.param("wrong %s", (), "wrong %s", id="no values"),
        pytest.param("wrong %d", ("x",), "wrong 'x'", id="value of the wrong kind"),
        pytest.param("wrong", ("x",), "wrong ('x',)", id="more values than places"),
    ],
)
def test_an_event_is_never_lost(message: str, values: tuple[object, ...], event: str) -> None:
    fields = json.loads(log.JsonLines().format(_record(message, *values)))

    assert fields["event"] == event


def test_a_field_cannot_hide_what_the_formatter_writes() -> None:
    line = _logfmt("saved level=%s", "error")

    assert " level=info " in line
    assert line.endswith("level_=error")


def test_json_keeps_numbers() -> None:
    line = log.JsonLines().format(_record("answered status=%d seconds=%.3f", 304, 0.00123))

    assert json.loads(line)["status"] == 304


@given(st.text(), st.text())
def test_one_event_is_one_line(title: str, reason: str) -> None:
    for formatter in (log.Logfmt(), log.JsonLines()):
        line = formatter.format(
            _record("set aside title=%s: " + reason.replace("%", ""), title)
        )

        assert len(line.splitlines()) == 1
        assert line.isprintable() or "\x1b" not in line


@pytest.mark.parametrize(
    ("text", "kept", "hidden"),
    [
        pytest.param("postgresql://anna:pw1@db/x", "://***@db/x", "pw1", id="database URL"),
        pytest.param("https://u:p%40ss@host/", "://***@host/", "p%40ss", id="any URL"),
        pytest.param("host=db password=pw2 user=x", "password=***", "pw2", id="conninfo"),
        pytest.param("{'password': 'pw 3'}", "'password': '***'", "pw 3", id="quoted"),
        pytest.param("Authorization: Bearer abc", "Authorization: ***", "abc", id="header"),
        pytest.param("Cookie: session=abc", "Cookie: ***", "abc", id="cookie"),
        pytest.param("/desk/link/" + "k" * 43, "/desk/link/***", "kkk", id="one-time link"),
        pytest.param("/x?reset_token=abc&a=1", "reset_token=***&a=1", "abc", id="query"),
    ],
)
def test_secrets_are_not_written(text: str, kept: str, hidden: str) -> None:
    line = _logfmt("failed %s", text) + _logfmt("failed reason=%s", text)

    assert kept in line
    assert hidden not in line


def test_a_field_named_like_a_secret_is_hidden() -> None:
    assert _logfmt("made link token=%s", "abc").endswith("token=***")


def test_a_fencing_token_is_no_secret() -> None:
    assert _logfmt("leading token=%d", 17).endswith("token=17")


def test_a_traceback_stays_on_its_line(logs: Callable[[], str]) -> None:
    log.configure()

    try:
        raise ValueError("postgresql://a:hunter2@b")  # noqa: TRY301
    except ValueError:
        _logger.exception("job failed job=%s", "release")

    written = logs()
    assert written.count("\n") == 1
    assert "Traceback" in written
    assert "hunter2" not in written


def test_configuring_twice_writes_once(logs: Callable[[], str]) -> None:
    log.configure()
    log.configure()

    _logger.info("started")

    assert logs().count("event=started") == 1


def test_the_level_is_kept(logs: Callable[[], str]) -> None:
    log.configure(level="warning")

    _logger.info("started")

    assert not logs()


@pytest.mark.parametrize(("access", "lines"), [(True, 1), (False, 0)])
def test_requests_are_logged_as_asked(
    logs: Callable[[], str], access: bool, lines: int
) -> None:
    log.configure(access=access)

    logging.getLogger("feedsvc.access").info("answered status=%d", 304)

    assert logs().count("status=304") == lines


_VALUES = st.tuples(st.text(max_size=20), st.integers(-5, 5), st.text(max_size=20))


@pytest.mark.parametrize("style", [log.Logfmt(), log.JsonLines()])
@given(st.lists(_VALUES, min_size=1, max_size=5))
def test_many_lines_are_what_each_would_be_alone(
    style: logging.Formatter, many: list[tuple[str, int, str]]
) -> None:
    template = "answered path=%s status=%d token=%s"
    together = log.Many("feedsvc.front", logging.INFO, template, many)
    together.created = 1e9

    assert style.format(together).split("\n") == [
        style.format(_record(template, *values)) for values in many
    ]


def test_many_lines_are_cut_apart_between_two_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = list[str]()

    class Pipe(io.StringIO):
        def write(self, text: str) -> int:
            pieces.append(text)
            return len(text)

    monkeypatch.setattr(sys, "stderr", Pipe())
    handler = log.StandardError()
    handler.setFormatter(log.Logfmt())
    agents = [f"{'ଓଡ଼ିଶା' * 20} {number}" for number in range(60)]

    handler.handle(log.Many("feedsvc.x", logging.INFO, "a agent=%s", [(a,) for a in agents]))

    assert len(pieces) > 1
    assert all(len(piece.encode()) <= 4096 and piece[-1] == "\n" for piece in pieces)
    lines = "".join(pieces).splitlines()
    assert [line.split(" agent=")[1] for line in lines] == [f'"{agent}"' for agent in agents]


@pytest.mark.parametrize("library", ["alembic.runtime.migration", "apscheduler", "waitress"])
def test_libraries_write_the_same_lines(library: str, logs: Callable[[], str]) -> None:
    log.configure(style="json")

    logging.getLogger(library).error("it is 5 o'clock")

    assert json.loads(logs())["logger"] == library


def test_a_closed_standard_error_stops_nothing(
    logs: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log.configure()
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)

    _logger.error("nobody reads this")


def test_a_library_repeats_itself_once_a_second() -> None:
    flood = log.Flood()
    records = [_record("queue depth is %d", n, created=1e9 + n / 100) for n in range(250)]
    for record in records:
        record.name, record.levelno = "waitress", logging.WARNING

    passed = [record for record in records if flood.filter(record)]

    assert [record.created - 1e9 for record in passed] == [0, 1, 2]
    assert log.Logfmt().format(passed[1]).endswith("repeated=99")


def test_our_own_warnings_all_pass() -> None:
    flood = log.Flood()
    records = [_record("set aside article=%d", n) for n in range(5)]
    for record in records:
        record.levelno = logging.WARNING

    assert all(flood.filter(record) for record in records)


def test_a_flood_of_different_texts_takes_bounded_memory() -> None:
    flood = log.Flood()
    for n in range(5000):
        record = _record(f"text {n}")
        record.name, record.levelno = "library", logging.WARNING
        assert flood.filter(record)

    assert len(flood._seen) <= 1001


def test_a_message_for_a_terminal_is_one_plain_line() -> None:
    text = log.one_line("cannot open\npostgresql://a:b@c\x1b[2J")

    assert text == "cannot open postgresql://***@c\\u001b[2J"
