"""Readers that look closely: every body beside its entity tag, every date beside the last.

What one poller learns all know, so that an answer is held against everything that any worker
has ever sent: a tag has one date and one document, a date has one document in all codings.
"""

import gzip
import json
import sys
import time
import zlib
from collections import Counter
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from itertools import count
from threading import Event, Lock, Thread

import brotli
from lxml import etree

from tests.live.wire import Lines, Response, Wire

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PATHS = tuple(
    f"/feeds/{slug}.{format_}"
    for slug in ("recent", "category/news", "category/weather")
    for format_ in ("rss", "atom", "json")
)
ACCEPTED = ("", "gzip", "br", "zstd", "gzip, deflate, br, zstd", "br;q=0.5, gzip;q=1")
# A worker looks once a second. On a machine that has other things to do it may sleep; what is
# measured is told, and this is where it counts as wrong.
LAG_SECONDS = 30.0
_DECODE = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
}
_ROOTS = {"rss": "rss", "atom": "{http://www.w3.org/2005/Atom}feed"}
_FAULTS = (ValueError, OSError, EOFError, zlib.error, brotli.error, zstd.ZstdError)


class Truth:
    """What all pollers have seen, and what was wrong with it."""

    def __init__(self) -> None:
        self.ends = Event()
        self.phase = "quiet"
        self.problems: list[str] = []
        self.counts: Counter[tuple[str, str]] = Counter()  # by phase and what happened
        self.longest_lag = 0.0
        self.bytes = 0
        self._lock = Lock()  # guards everything here
        self._versions: dict[tuple[str, str], tuple[datetime, str]] = {}
        self._documents: dict[tuple[str, datetime], str] = {}
        self._newest: dict[str, tuple[datetime, float]] = {}

    @property
    def answers(self) -> int:
        """How many answers came whole."""
        return sum(n for (_, what), n in self.counts.items() if what in {"200", "304"})

    @property
    def versions(self) -> int:
        """How many different bodies have been seen."""
        return len(self._versions)

    def total(self, what: str) -> int:
        """Return how often something happened, in every phase."""
        return sum(n for (_, happened), n in self.counts.items() if happened == what)

    def note(self, what: str) -> None:
        """Count something that happened."""
        with self._lock:
            self.counts[self.phase, what] += 1

    def wrong(self, problem: str) -> None:
        """Take down what must never be."""
        with self._lock:
            self.problems.append(problem)

    def hold(self, path: str, answer: Response, began: float) -> datetime | None:
        """Check a 200 against everything that is known; return its date."""
        tag = answer.fields["etag"].strip('"')
        if sha256(answer.body).hexdigest()[:32] != tag:
            self.wrong(f"{path}: a body unlike its tag {tag}")
            return None
        with self._lock:
            self.bytes += len(answer.body)
            known = self._versions.get((path, tag))
        modified = parsedate_to_datetime(answer.fields["last-modified"])
        digest = known[1] if known else self._read(path, answer)
        with self._lock:
            self._compare(path, tag, modified, digest)
            self._see(path, modified, began)
        return modified

    def date_of(self, path: str, tag: str) -> datetime | None:
        """Return the date of a body that somebody has seen."""
        with self._lock:
            known = self._versions.get((path, tag))
        return known[0] if known else None

    def _read(self, path: str, answer: Response) -> str:
        """Decode and parse a body; return what tells documents apart."""
        coding = answer.fields.get("content-encoding", "identity")
        try:
            plain = _DECODE[coding](answer.body)
            is_right = _is_feed(path, plain) and path.encode() in plain
        except _FAULTS as error:
            self.wrong(f"{path} in {coding}: {error!r}")
            return ""
        if not is_right:
            self.wrong(f"{path} in {coding}: another document")
        return sha256(plain).hexdigest()

    def _compare(self, path: str, tag: str, modified: datetime, digest: str) -> None:
        version = self._versions.setdefault((path, tag), (modified, digest))
        if version != (modified, digest):
            self.problems.append(f"{path}: tag {tag} of {version[0]} again, of {modified}")
        if self._documents.setdefault((path, modified), digest) != digest:
            self.problems.append(f"{path}: two documents of {modified}")

    def _see(self, path: str, modified: datetime, began: float) -> None:
        newest, since = self._newest.get(path, (modified, began))
        if modified > newest or path not in self._newest:
            self._newest[path] = modified, time.monotonic()
        elif modified < newest and began > since:
            self.longest_lag = max(self.longest_lag, began - since)
            if began - since > LAG_SECONDS:
                self.problems.append(f"{path}: went back from {newest} to {modified}")


def _is_feed(path: str, plain: bytes) -> bool:
    format_ = path.rpartition(".")[2]
    if format_ == "json":
        return "items" in json.loads(plain)
    return bool(etree.fromstring(plain).tag == _ROOTS[format_])


class Poller(Thread):
    """One reader with habits: a feed, a coding, how it connects, what it remembers."""

    def __init__(self, address: str, truth: Truth, number: int) -> None:
        super().__init__(daemon=True, name=f"poller {number}")
        self._address, self._truth = address, truth
        self._path = PATHS[number % len(PATHS)]
        self._accepted = ACCEPTED[number // 2 % len(ACCEPTED)]
        self._keeps = number % 2 == 0
        self._condition = ("tag", "date", "none", "both")[number // 3 % 4]
        self._is_ordinary = number % 7 == 0  # a field that the fast lane does not know
        self._wire: Wire | None = None
        self._seen: datetime | None = None  # on this connection, so from one worker
        self._held = ("", "")  # the tag and the date of the last body

    def run(self) -> None:
        """Poll until the end."""
        for turn in count():
            if self._truth.ends.is_set():
                break
            is_kept = self._wire is not None
            try:
                self._poll(is_conditional=turn % 10 != 0)
            except EOFError as error:
                self._break("cut" if error.args[0] else "closed" if is_kept else "refused")
            except OSError as error:
                is_reset = isinstance(error, ConnectionError)
                self._break("closed" if is_kept and is_reset else "refused")
        self._hang_up()

    def _break(self, how: str) -> None:
        self._truth.note(how)
        self._hang_up()

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.socket.close()
        self._wire, self._seen = None, None

    def _poll(self, *, is_conditional: bool) -> None:
        if self._wire is None:
            self._wire = Wire(self._address)
        began = time.monotonic()
        answer = self._wire.ask(self._path, self._fields(is_conditional=is_conditional))
        self._check(answer, began)
        self._truth.note(str(answer.status))
        if not self._keeps and self._wire.rest():
            self._truth.wrong(f"{self._path}: more after the answer")
        if not self._keeps or answer.fields.get("connection") == "close":
            self._hang_up()

    def _fields(self, *, is_conditional: bool) -> Lines:
        tag, date = self._held if is_conditional else ("", "")
        fields = [
            ("Accept-Encoding", self._accepted),
            ("If-None-Match", tag if self._condition in {"tag", "both"} else ""),
            ("If-Modified-Since", date if self._condition in {"date", "both"} else ""),
            ("Connection", "" if self._keeps else "close"),
            ("X-Poller", "yes" if self._is_ordinary else ""),
        ]
        return [(name, value) for name, value in fields if value]

    def _check(self, answer: Response, began: float) -> None:
        if answer.status == 200:
            modified = self._truth.hold(self._path, answer, began)
            self._held = answer.fields["etag"], answer.fields["last-modified"]
        elif answer.status == 304:
            modified = self._unchanged(answer)
        else:
            self._truth.wrong(f"{self._path}: {answer.status}")
            return
        if modified and self._seen and modified < self._seen:
            self._truth.wrong(f"{self._path}: one worker went back to {modified}")
        self._seen = modified or self._seen

    def _unchanged(self, answer: Response) -> datetime | None:
        """Check a 304: it is about what we have, or about something as old in our coding."""
        tag = answer.fields["etag"]
        if self._condition in {"tag", "both"} and tag != self._held[0]:
            self._truth.wrong(f"{self._path}: 304 for {self._held[0]} says {tag}")
        modified = self._truth.date_of(self._path, tag.strip('"'))
        if modified and modified > parsedate_to_datetime(self._held[1]):
            self._truth.wrong(f"{self._path}: 304 for a date before {modified}")
        return modified
