"""What kind of file there is at an address, and how long it is: asked where the file is.

It is asked when an editor saves, before anything is stored: never in a transaction, and never
while a feed is made. What was found is stored, so that feeds do not depend on others' servers.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from threading import BoundedSemaphore
from urllib.parse import urlsplit

from msgspec.structs import replace

from feedsvc.clock import Clock
from feedsvc.errors import BusyError, InputError, OutboundError
from feedsvc.model import ArticleInput, Enclosure, FileInput
from feedsvc.outbound import Limits, Outbound, Request, Response
from feedsvc.rendering.entry import MEDIA_TYPES
from feedsvc.says import says
from feedsvc.workflow.handed_in.asking import SECONDS, Watch, asked, late
from feedsvc.workflow.handed_in.checking import check
from feedsvc.workflow.handed_in.enclosures import of_file
from feedsvc.workflow.handed_in.fields import address, joined

logger = logging.getLogger(__name__)
AT_ONCE = 6  # files of an article: each takes a thread, and a connection to somebody
SAVES = 4  # articles whose files are looked up at once: half of the threads of a desk
# Guards threads and connections; whoever has a place gives it back after `asking.SECONDS`.
_places = BoundedSemaphore(SAVES)
# Once the length is known nobody needs the file itself. Twice of these are in asking.SECONDS.
_LIMITS = Limits(seconds=4.5, connect_seconds=4, body_bytes=0, redirects=5)
_UNKNOWN = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,15}")
_TOTAL = re.compile(r"bytes 0-[0-9]+/([0-9]{1,15})")
_PARTIAL = 206


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What is known of a file; `problem` says why nothing is."""

    media_type: str = ""
    length: int | None = None
    problem: str = ""


def looked_up(
    clock: Clock,
    outbound: Outbound,
    given: ArticleInput,
    stored: Iterable[Enclosure] = (),
    *,
    watch: Watch | None = None,
) -> ArticleInput:
    """Return the article with type and length of every file of which they are not known.

    `stored` are the files that the article has already. Nobody is asked while something else
    is wrong with the article. A type that was given is good without an answer. Whoever watches
    waits until every file had its turn: ten seconds for each six.

    Raises:
        InputError: something cannot be taken, or a file cannot be found out about.
        BusyError: the files of as many other articles as may be are being looked up.
    """
    wanted = _every_wanted(given, stored)
    if not wanted:
        return given
    check(given)
    urls = sorted({*wanted.values()})
    with _place():
        answers = asked(
            clock, urls, lambda url: _file_at(outbound, url), at_once=AT_ONCE, watch=watch
        )
    files, problems = [], []
    for number, file in enumerate(given.enclosures or (), 1):
        url = wanted.get(file)
        found = answers.get(url, _Found(problem=late())) if url else _Found()
        files.append(_completed(file, found))
        if url and not files[-1].media_type:
            problems.append(of_file(number, found.problem))
    if problems:
        told = says(
            "%(problems)s. Check the address, or write type and size yourself",
            problems=joined(problems),
        )
        raise InputError(says("a file could not be looked up"), {"enclosures": told})
    return replace(given, enclosures=tuple(files))


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise BusyError(
            says("Too many files are being looked up just now. Save again in a moment."),
            retry_after=int(SECONDS),
        )
    try:
        yield
    finally:
        _places.release()


def to_look_up(given: ArticleInput, stored: Iterable[Enclosure] = ()) -> int:
    """Return at how many addresses `looked_up` would ask."""
    return len({*_every_wanted(given, stored).values()})


def _every_wanted(given: ArticleInput, stored: Iterable[Enclosure]) -> dict[FileInput, str]:
    known = {file.url for file in stored}
    return {file: url for file in given.enclosures or () if (url := _wanted(file, known))}


def _wanted(file: FileInput, known: set[str]) -> str | None:
    """Return the address to ask at, if there is anything to ask."""
    if file.media_type.strip() and file.length is not None:
        return None
    try:
        url = address(file.url)
    except InputError:
        return None  # which is said when the article is checked
    return None if url in known else url


def _completed(file: FileInput, found: _Found) -> FileInput:
    return replace(
        file,
        media_type=file.media_type.strip() or found.media_type,
        length=found.length if file.length is None else file.length,
    )


def _file_at(outbound: Outbound, url: str) -> _Found:
    """Ask for the head; where it says too little, for the first byte."""
    found = _answered(outbound, url, "HEAD")
    if found.problem or found.length is None:
        second = _answered(outbound, url, "GET")
        found = second if found.problem or not second.problem else found
    if found.problem:
        logger.info("could not look up a file url=%r: %s", url, found.problem)
    return found


def _answered(outbound: Outbound, url: str, method: str) -> _Found:
    headers = {"Accept-Encoding": "identity"}
    if method == "GET":
        headers["Range"] = "bytes=0-0"
    request = Request(url=url, method=method, headers=headers, limits=_LIMITS)
    try:
        response = outbound.send(request)
    except OutboundError as error:
        return _Found(problem=str(error))
    if not response.is_good:
        where = urlsplit(response.url).hostname
        return _Found(
            problem=says(
                "%(host)s answers with status %(status)s", host=where, status=response.status
            )
        )
    return _read(response)


def _read(response: Response) -> _Found:
    said = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said in _PAGES:
        return _Found(problem=says("at the address is a web page, and no file"))
    suffix = PurePosixPath(urlsplit(response.url).path).suffix.lower()
    kind = MEDIA_TYPES.get(suffix, "") if said in _UNKNOWN else said
    if not _TYPE.fullmatch(kind):
        return _Found(problem=says("nothing says what kind of file it is"))
    return _Found(media_type=kind, length=_length(response))


def _length(response: Response) -> int | None:
    """Return the length in bytes; 0 is what some say who do not know."""
    if response.status == _PARTIAL:
        told = _TOTAL.fullmatch(response.headers.get("content-range", ""))
        return int(told[1]) if told else None
    text = response.headers.get("content-length", "")
    is_plain = "content-encoding" not in response.headers and _NUMBER.fullmatch(text)
    return int(text) or None if is_plain else None
