"""Logs: one line an event, `key=value` (logfmt) or JSON, on standard error.

Events are written as the standard library has it, their fields last:
`logger.info("published feed=%s revision=%d", slug, revision)`. Fields are taken from the
template and not from the finished text, so that a value with spaces or line breaks stays one
value and can never pass for another field or another line.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

_CONVERSION = re.compile(r"%[#0 +-]*\d*(?:\.\d+)?[a-z]")
_FIELD = re.compile(rf"(?<!\S)([a-z][a-z0-9_]*)=({_CONVERSION.pattern})(?!\S)")
_RESERVED = frozenset({"time", "level", "logger", "event", "error"})

# Line breaks, terminal controls, direction overrides and lone surrogates: whatever could
# make one line look like two, or read other than it is.
_DANGEROUS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_PLAIN_VALUE = re.compile(r'[^\s"=\\]+')

_WORD = r"\w*(?:password|passwd|secret|token)\w*"
_SECRET_NAME = re.compile(_WORD, re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,9}")  # a lease's fencing token is a number, and no secret
_SECRETS = (
    (re.compile(r"([a-z][a-z0-9+.-]*://)[^\s/?#]*@", re.IGNORECASE), r"\1***@"),
    (re.compile(rf"\b({_WORD}=)(?![0-9]{{1,9}}\b)[^\s&;,\"']+", re.IGNORECASE), r"\1***"),
    (re.compile(rf"(['\"]{_WORD}['\"]\s*:\s*)(['\"]).*?\2", re.IGNORECASE), r"\1\2***\2"),
    (re.compile(r"\b((?:authorization|(?:set-)?cookie):\s*).+", re.IGNORECASE), r"\1***"),
    (re.compile(r"(/desk/(?:[a-z-]+/)*)[A-Za-z0-9_-]{32,}"), r"\1***"),  # one-time links
)
_SUSPECT = re.compile(  # most texts hold none of these, and need no closer look
    "://|password|passwd|secret|token|authorization|cookie|/desk/", re.IGNORECASE
)

# Bytes that a pipe takes in one piece, whoever else writes to it (POSIX, PIPE_BUF; Linux).
_ONE_PIECE = 4096

# Libraries that tell more than an operator wants to read.
_LEVELS = {
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,
    "waitress.queue": logging.ERROR,
}


def configure(*, level: str = "info", style: str = "logfmt", access: bool = True) -> None:
    """Send every log record of this process to standard error, in one style.

    `access` says whether each answered request has its line, too.
    """
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, StandardError)]:
        root.removeHandler(old)
    handler = StandardError()
    handler.setFormatter(JsonLines() if style == "json" else Logfmt())
    handler.addFilter(Flood())
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.getLogger("feedsvc.access").setLevel("NOTSET" if access else "WARNING")
    for name, least in _LEVELS.items():
        logging.getLogger(name).setLevel(least)
    logging.captureWarnings(capture=True)


def one_line(text: str) -> str:
    """Return text fit for one line of a log or terminal: no secrets, nothing invisible."""
    return _DANGEROUS.sub(_escape, redact(" ".join(text.split())))


@lru_cache(maxsize=1024)  # the lines of requests say the same few things all day
def redact(text: str) -> str:
    """Replace passwords, tokens, and the user part of URLs by asterisks."""
    if _SUSPECT.search(text):
        for pattern, replacement in _SECRETS:
            text = pattern.sub(replacement, text)
    return text


class Many(logging.LogRecord):
    """Events of one kind and one moment: a line for each, for little more than one costs.

    Every value must be a string or a number, as it is remembered how a line ends.
    """

    def __init__(
        self, logger: str, level: int, template: str, values: Iterable[tuple[str | int, ...]]
    ) -> None:
        super().__init__(logger, level, "", 0, template, None, None)
        self.values = tuple(values)

    def getMessage(self) -> str:  # noqa: N802 - logging's own name
        """Return what handlers that are not ours write."""
        return "\n".join(str(self.msg) % values for values in self.values)


class StandardError(logging.Handler):
    """Writes to standard error, whichever stream that is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or as many as there are events."""
        try:
            # In one piece: several workers write to one place, and lines must not mix.
            for piece in _pieces_of(self.format(record)):
                sys.stderr.write(f"{piece}\n")
                sys.stderr.flush()
        except (OSError, ValueError):
            # A full disk or a closed pipe must not stop the service; nobody could be told.
            return


def _pieces_of(lines: str) -> Iterator[str]:
    """Cut lines apart where they are too many to be written in one piece."""
    if len(lines) < _ONE_PIECE // 4:  # the most bytes that a character takes
        yield lines
        return
    piece, size = list[str](), 0
    for line in lines.split("\n"):
        length = len(line.encode(errors="replace")) + 1
        if piece and size + length > _ONE_PIECE:
            yield "\n".join(piece)
            piece, size = [], 0
        piece.append(line)
        size += length
    yield "\n".join(piece)


class Logfmt(logging.Formatter):
    """`time=2026-11-22T09:30:00.123Z level=info logger=front event=answered status=304`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of one event, or those of many."""
        if isinstance(record, Many):
            begin = f"time={_time(record)} "
            return "\n".join([begin + ending for ending in _endings(record, _logfmt)])
        return _logfmt(_fields(record))


class JsonLines(logging.Formatter):
    """One JSON object a line, numbers as numbers."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of one event, or those of many."""
        if isinstance(record, Many):
            begin = f'{{"time": "{_time(record)}", '
            return "\n".join([begin + ending[1:] for ending in _endings(record, _json)])
        return _json(_fields(record))


def _logfmt(fields: dict[str, Any]) -> str:
    return " ".join(f"{key}={_quoted(value)}" for key, value in fields.items())


def _json(fields: dict[str, Any]) -> str:
    return _DANGEROUS.sub(_escape, json.dumps(fields, ensure_ascii=False, default=str))


def _endings(record: Many, write: Callable[[dict[str, Any]], str]) -> Iterator[str]:
    """Give each line without its time, which is first in it."""
    name, level, template = record.name, record.levelno, str(record.msg)
    return (_ending(name, level, template, values, write) for values in record.values)


@lru_cache(maxsize=4096)  # a feed is asked for by the same readers all day
def _ending(
    name: str,
    level: int,
    template: str,
    values: tuple[str | int, ...],
    write: Callable[[dict[str, Any]], str],
) -> str:
    fields = _fields(logging.LogRecord(name, level, "", 0, template, values, None))
    del fields["time"]
    return write(fields)


class Flood(logging.Filter):
    """Lets libraries repeat a warning once a second; the next one says how often it came.

    Under attack waitress alone would otherwise write thousands of lines a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()  # guards the dictionary below
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        if record.levelno < logging.WARNING or record.name.startswith("feedsvc"):
            return True
        key = (record.name, str(record.msg))
        with self._lock:
            last, dropped = self._seen.get(key, (float("-inf"), 0))
            if 0 <= record.created - last < 1:
                self._seen[key] = (last, dropped + 1)
                return False
            if len(self._seen) > 1000:  # noqa: PLR2004 - texts without number, bounded memory
                self._seen.clear()
            self._seen[key] = (record.created, 0)
        if dropped:
            record.repeated = dropped
        return True


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    event, fields = _event(record)
    line: dict[str, Any] = {
        "time": _time(record),
        "level": record.levelname.lower(),
        "logger": record.name.removeprefix("feedsvc."),
        "event": redact(event),
    }
    for name, value in fields.items():
        line[f"{name}_" if name in _RESERVED else name] = _shown(name, value)
    if repeated := getattr(record, "repeated", 0):
        line["repeated"] = repeated
    if record.exc_info:
        line["error"] = redact(logging.Formatter().formatException(record.exc_info))
    return line


def _time(record: logging.LogRecord) -> str:
    return f"{_second(int(record.created))}.{int(record.created % 1 * 1000):03}Z"


@lru_cache(maxsize=4)
def _second(since_1970: int) -> str:
    return datetime.fromtimestamp(since_1970, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _event(record: logging.LogRecord) -> tuple[str, dict[str, object]]:
    """Take a record apart into its sentence and its fields."""
    template, values = str(record.msg), record.args
    pieces = _pieces(template)
    if not isinstance(values, tuple) or len(values) != len(pieces) - 1 or "%%" in template:
        return _finished(record), {}
    sentence, fields = [], dict[str, object]()
    for piece, value in zip(pieces, values, strict=False):
        sentence.append(piece.text)
        if not piece.field:
            sentence.append(_converted(piece.conversion, value))
        elif piece.conversion in {"%s", "%d"}:  # written so, a number stays one
            fields[piece.field] = value
        else:
            fields[piece.field] = _converted(piece.conversion, value)
    return "".join([*sentence, pieces[-1].text]).replace("  ", " ").strip(), fields


class _Piece(NamedTuple):
    """A stretch of a template, up to and with the next value; `field` is that value's name."""

    text: str
    conversion: str = ""
    field: str = ""


@lru_cache(maxsize=512)
def _pieces(template: str) -> tuple[_Piece, ...]:
    fields = {found.start(2): found for found in _FIELD.finditer(template)}
    pieces, done = [], 0
    for found in _CONVERSION.finditer(template):
        field = fields.get(found.start())
        text = template[done : field.start() if field else found.start()]
        pieces.append(_Piece(text, found[0], field[1] if field else ""))
        done = found.end()
    return (*pieces, _Piece(template[done:]))


def _finished(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # values that do not fit must not lose the event
        return f"{record.msg} {record.args!r}"


def _converted(conversion: str, value: object) -> str:
    try:
        return conversion % (value,)
    except (TypeError, ValueError):
        return repr(value)


def _shown(name: str, value: object) -> object:
    if isinstance(value, int | float) or value is None:
        return value
    text = str(value)
    if _SECRET_NAME.fullmatch(name) and not _NUMBER.fullmatch(text):
        return "***"
    return redact(text)


def _quoted(value: object) -> str:
    return _quoted_text(str(value).lower() if isinstance(value, bool) else str(value))


@lru_cache(maxsize=1024)
def _quoted_text(text: str) -> str:
    if _PLAIN_VALUE.fullmatch(text) and not _DANGEROUS.search(text):
        return text
    return _DANGEROUS.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
