"""The front: answers feeds before Flask sees the request.

Plain WSGI, so that it works under any server; `feedsvc.serving.fast_lane` does the same
without WSGI under ours.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from feedsvc.clock import Clock
from feedsvc.config import Config
from feedsvc.http.conditional import Conditions
from feedsvc.http.feed_paths import ArchivePath, FeedPath, parse_archive_path
from feedsvc.model import Format
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.serving.addresses import asked_for
from feedsvc.serving.answers import AS_PAGE, Answer, Answers, Request, Worth
from feedsvc.serving.counting import Asked, Counting
from feedsvc.tally import ORDINARY, OUTCOMES, Count, Tally, alone, kind, outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from feedsvc.serving.archives import ArchiveAnswers


class Front:
    """WSGI middleware that answers every feed path from the shelves and passes on the rest.

    No session, no cookie, and no database where a shelf has it: feeds are served while
    everything behind this class is down. `archives` answers for archive documents, which
    nobody polls, where there is a newsroom to ask for them.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        memory: MemoryShelf,
        config: Config,
        clock: Clock,
        tally: Tally | None = None,
    ) -> None:
        self._tally = tally or alone()
        self._app = Counted(app, self._tally)
        self.answers = Answers(memory, config, clock)
        self.archives: ArchiveAnswers | None = None
        self.counting: Counting | None = None

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        request = _request(environ)
        asked: FeedPath | ArchivePath
        if feed := asked_for(path, environ.get("QUERY_STRING", "")):
            asked, answer = feed, self.answers.answer(request, feed)
            if self.counting is not None and (worth := answer.worth()):
                self.counting.note(_noted(environ, feed, worth))
        elif self.archives and (archive := parse_archive_path(path)):
            asked, answer = archive, self.archives.answer(request, archive)
        else:
            return self._app(environ, start_response)
        self._count(asked.format, answer)
        start_response(answer.status, list(answer.fields))
        # HEAD: the length is that of GET, the body is not sent (RFC 9110, section 9.3.2).
        return [] if request.method == "HEAD" or not answer.body else [answer.body]

    def _count(self, format_: Format, answer: Answer) -> None:
        known = answer.kind
        number = kind(format_, None, answer.status) if known is None else known
        self._tally.add(ORDINARY + number)


def _noted(environ: "WSGIEnvironment", feed: FeedPath, worth: Worth) -> Asked:
    """Return a note for who counts; the address is what a believed proxy said already."""
    return Asked(
        feed=feed,
        method=environ["REQUEST_METHOD"],
        agent=environ.get("HTTP_USER_AGENT", ""),
        accept_encoding=environ.get("HTTP_ACCEPT_ENCODING"),
        tag=environ.get("HTTP_IF_NONE_MATCH"),
        date=environ.get("HTTP_IF_MODIFIED_SINCE"),
        forwarded=None,
        worth=worth,
        hosts=(environ.get("REMOTE_ADDR", ""),),
    )


class Counted:
    """WSGI middleware that counts what the application behind it answers."""

    def __init__(self, app: "WSGIApplication", tally: Tally) -> None:
        self._app = app
        self._tally = tally

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Pass one request on (PEP 3333)."""

        def start(
            status: str,
            fields: list[tuple[str, str]],
            *error: Any,  # noqa: ANN401 - as PEP 3333 has it
        ) -> "Callable[[bytes], object]":
            self._tally.add(Count.PAGES_2XX + OUTCOMES.index(outcome(status)))
            return start_response(status, fields, *error)

        return self._app(environ, start)


def _request(environ: "WSGIEnvironment") -> Request:
    return Request(
        method=environ["REQUEST_METHOD"],
        accept_encoding=environ.get("HTTP_ACCEPT_ENCODING"),
        conditions=_conditions(environ),
        as_page=environ.get("HTTP_SEC_FETCH_DEST") == AS_PAGE,
    )


def _conditions(environ: "WSGIEnvironment") -> Conditions:
    return Conditions(
        if_match=environ.get("HTTP_IF_MATCH"),
        if_unmodified_since=environ.get("HTTP_IF_UNMODIFIED_SINCE"),
        if_none_match=environ.get("HTTP_IF_NONE_MATCH"),
        if_modified_since=environ.get("HTTP_IF_MODIFIED_SINCE"),
    )
