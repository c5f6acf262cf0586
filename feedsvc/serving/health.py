"""What a worker answers besides feeds: load balancers, and nobody else.

Plain WSGI, since Flask is where the pages are; of health the pages' own views say the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from feedsvc.config import Config
from feedsvc.errors import FeedsvcError
from feedsvc.http.health import (
    ALIVE,
    ALIVE_BODY,
    AWAY,
    NO_DATABASE,
    NO_FEED,
    READY,
    RETRY_SECONDS,
    readiness,
)
from feedsvc.http.security import always
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.storage import published
from feedsvc.storage.plain import PlainDatabase

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_TEXT = "text/plain; charset=utf-8"
_READ = ("GET", "HEAD")
_NOT_NOW = {"Retry-After": str(RETRY_SECONDS)}
Said = tuple[str, str, str, Mapping[str, str]]  # status, media type, text, other fields


class Health:
    """The WSGI application; who asks for a page got here by mistake, and may come again."""

    def __init__(self, config: Config, memory: MemoryShelf, database: PlainDatabase) -> None:
        self._fields = always(config)
        self._memory = memory
        self._database = database

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        method = environ["REQUEST_METHOD"]
        status, kind, text, others = self._said(environ.get("PATH_INFO", ""), method)
        body = text.encode()
        fields = {"Content-Type": kind, "Content-Length": str(len(body)), **others}
        start_response(status, list({**self._fields, **fields}.items()))
        return [] if method == "HEAD" else [body]

    def _said(self, path: str, method: str) -> Said:
        asked = path.rstrip("/")
        if asked not in {ALIVE, READY}:
            return "503 Service Unavailable", _TEXT, AWAY, _NOT_NOW
        if method == "OPTIONS":
            return "200 OK", _TEXT, "", {"Allow": "GET, HEAD, OPTIONS"}
        if method not in _READ:
            return "405 Method Not Allowed", _TEXT, "Method Not Allowed.\n", {}
        if asked == ALIVE:
            return "200 OK", _TEXT, ALIVE_BODY, {}
        missing = list(self._missing())
        said = "application/json", readiness(missing)
        if missing:
            return "503 Service Unavailable", *said, _NOT_NOW
        return "200 OK", *said, {}

    def _missing(self) -> Iterator[str]:
        if self._memory.is_empty:
            yield NO_FEED
        try:
            with self._database.read() as tx:
                published.answers(tx)
        except FeedsvcError:  # which one is for the log, not for whoever asks
            yield NO_DATABASE
