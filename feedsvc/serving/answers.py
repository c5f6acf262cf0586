"""What a feed request is answered with: decided here, whichever way the request came in.

A feed answer depends on the path, the codings and the conditional fields, and on nothing
else: no cookie, no Host, no query string, no User-Agent. Both the WSGI front and the fast
lane ask this module, so that they cannot differ.

One thing more decides how the same bytes are called: a browser that opens a feed as a page
(`Sec-Fetch-Dest: document`, Fetch Metadata) is given them as `application/xml`, the only type
with which browsers use the style sheet that a feed names. The tag is then another one, because
a tag stands for the header fields too (RFC 9110, section 8.8.1).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from feedsvc.clock import Clock
from feedsvc.config import Config
from feedsvc.http.caching import NO_STORE, missing_cache_control
from feedsvc.http.conditional import Conditions, Verdict, evaluate
from feedsvc.http.dates import format_http_date
from feedsvc.http.feed_paths import FeedPath, feed_path
from feedsvc.http.negotiation import choose_coding
from feedsvc.model import Coding, Format, Label, Validators, is_private
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.publishing.sealed import Sealed
from feedsvc.publishing.shelved import Shelved
from feedsvc.serving.moment import Moment, Moments
from feedsvc.serving.recent import Recent
from feedsvc.tally import kind

Field = tuple[str, str]

METHODS = "GET, HEAD, OPTIONS"
_SECOND = timedelta(seconds=1)
RETRY_SECONDS = 5  # a first rendering takes about a second
PREFLIGHT_SECONDS = 86400
_MOST_CHOICES = 64  # values of Accept-Encoding remembered for each feed and format
# Of `server.memory_megabytes`, for what can be answered to a path (some 7 kB in four codings),
# two answers in one moment (some 2 kB each) and two requests with their replies.
_BESIDE_BODIES = 16_000

# For every answer: scripts of other sites may read feeds (they are public, and no cookie
# counts), and nobody guesses another media type.
_OPEN: tuple[Field, ...] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Link, Retry-After"),
    ("X-Content-Type-Options", "nosniff"),
)
# For a feed that is read with a key: no search engine lists it, no page that is opened from it
# learns its address, and no script of another site reads it.
_CLOSED: tuple[Field, ...] = (
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Robots-Tag", "noindex"),
)
# A browser that is shown a feed must not run what an article holds.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' https:; "
    "sandbox; frame-ancestors 'none'"
)
_SHOWN = frozenset({Format.RSS, Format.ATOM})  # what browsers show with a style sheet
_PAGE_TYPE = "application/xml; charset=utf-8"
AS_PAGE = "document"  # the value of Sec-Fetch-Dest
_SENT, _NOT_MODIFIED = 0, 1  # the places of what a choice is answered with


class Request(NamedTuple):
    """What decides of a request besides its address.

    `as_page`: a browser opens the feed as a page, which counts only for what it can show.
    """

    method: str
    accept_encoding: str | None = None
    conditions: Conditions = Conditions()
    as_page: bool = False


class Measure(NamedTuple):
    """What an answer to GET is worth: bytes of the body, and those that need not be sent."""

    sent: int
    spared_by_coding: int
    spared_by_304: int
    is_coded: bool
    last_modified: datetime


class Worth(NamedTuple):
    """What is counted of an answer: all that stays of it once it was given."""

    measure: Measure
    is_not_modified: bool
    caching: str  # Cache-Control


class Answer:
    """Status and header fields of one answer, and its body.

    An answer that many are given has no body of its own, but the label of the one that
    belongs to it: the body of a feed is not held by whoever answers for it. `kind` is as what
    it is counted, where that is known already; `measure` is None where no reader of a feed got
    what was asked for.
    """

    __slots__ = ("_closing", "_open", "body", "fields", "kind", "label", "measure", "status")

    def __init__(
        self,
        status: str,
        fields: tuple[Field, ...],
        body: bytes = b"",
        *,
        kind: int | None = None,
        label: Label | None = None,
        measure: Measure | None = None,
    ) -> None:
        self.kind = kind
        self.measure = measure
        self.status = status
        self.fields = fields
        self.body = body
        self.label = label
        self._open: bytes | None = None
        self._closing: bytes | None = None

    def head(self, *, closing: bool) -> bytes:
        """Return status line and header as waitress writes them: sorted, recapitalised.

        Made once and kept, because thousands of readers are given the same answer.
        """
        if closing:
            if self._closing is None:
                self._closing = _head(self, closing=True)
            return self._closing
        if self._open is None:
            self._open = _head(self, closing=False)
        return self._open

    def worth(self) -> Worth | None:
        """Return what is to be counted; None where no reader of a feed got what was asked."""
        if self.measure is None:
            return None
        caching = next((text for name, text in self.fields if name == "Cache-Control"), "")
        return Worth(self.measure, self.status.startswith("304"), caching)


def _head(answer: Answer, *, closing: bool) -> bytes:
    fields = [*answer.fields, *([("Connection", "close")] if closing else [])]
    named = [
        ("-".join(part.capitalize() for part in name.split("-")), value)
        for name, value in fields
    ]
    lines = [f"{name}: {value}" for name, value in sorted(named, key=lambda field: field[0])]
    return "\r\n".join([f"HTTP/1.1 {answer.status}", *lines, "", ""]).encode("latin-1")


class Choice:
    """One representation, chosen for a request, with the answers that can be given of it.

    `validators` are the label's, but for a browser that shows the feed as a page. A private
    feed has no `link`.
    """

    __slots__ = (
        *("_fresh", "_is_private", "_kinds", "_measures", "_sent"),
        *("label", "tag", "validators"),
    )

    tag: bytes  # as it stands in most conditional requests, quotes included

    def __init__(self, label: Label, link: str, plain: int, *, as_page: bool = False) -> None:
        self.label = label
        self.validators = _of_page(label.validators) if as_page else label.validators
        tag = f'"{self.validators.etag}"'
        self.tag = tag.encode()
        common: tuple[Field, ...] = (
            *((*_OPEN, ("Link", link)) if link else _CLOSED),
            ("ETag", tag),
            ("Vary", _varies(label.format)),
        )
        self._is_private = not link
        self._fresh = common  # what a 304 carries (RFC 9110, section 15.4.5)
        self._sent = (
            *common,
            ("Content-Length", str(label.length)),
            ("Content-Security-Policy", _POLICY),
            ("Content-Type", _PAGE_TYPE if as_page else label.format.media_type),
            *_coding_field(label.coding),
        )
        coded = label.format, label.coding
        self._kinds = kind(*coded, "200"), kind(*coded, "304")
        self._measures = _measures(label, plain)

    def sent(self, moment: Moment) -> Answer:
        """Return the 200 of this moment."""
        return self._at(moment, _SENT)

    def not_modified(self, moment: Moment) -> Answer:
        """Return the 304 of this moment."""
        return self._at(moment, _NOT_MODIFIED)

    def _at(self, moment: Moment, which: int) -> Answer:
        """Return 200 or 304, made once in a moment; what is over goes with it."""
        made: list[Answer | None] | None = moment.made.get(self)
        if made is None:
            made = [None, None]
            if len(moment.made) < moment.most_made:
                moment.made[self] = made  # by another thread too, perhaps: they are the same
        answer = made[which]
        if answer is None:
            answer = made[which] = self._answer(moment, which)
        return answer

    def _answer(self, moment: Moment, which: int) -> Answer:
        """Add the three fields that a clock can change."""
        caching = moment.private_cache_control if self._is_private else moment.cache_control
        known, measure = self._kinds[which], self._measures[which]
        cached = ("Cache-Control", caching)
        if which == _NOT_MODIFIED:
            fresh = (*self._fresh, cached, ("Date", moment.date))
            return Answer("304 Not Modified", fresh, kind=known, measure=measure)
        modified, date = _in_order(self.label.validators.last_modified, moment)
        sent = (*self._sent, cached, ("Date", date), ("Last-Modified", modified))
        return Answer("200 OK", sent, kind=known, label=self.label, measure=measure)


def _in_order(modified: datetime, moment: Moment) -> tuple[str, str]:
    """Return Last-Modified and Date, the first never later (RFC 9110, section 8.8.2.1).

    What is a little ahead came out since the moment began, or was sealed by a clock that does
    not agree with ours to the second: then it says what time it is, so that the same bytes
    have one date in every answer. What is far ahead was sealed by a clock that was wrong.
    Comparisons use the stored value in any case.
    """
    if moment.now < modified <= moment.now + _SECOND:
        written = format_http_date(modified)
        return written, written
    return format_http_date(min(modified, moment.now)), moment.date


def _measures(label: Label, plain: int) -> tuple[Measure, Measure]:
    """Return what a 200 and a 304 are worth; `plain` is the length without compression."""
    is_coded, modified = label.coding is not Coding.IDENTITY, label.validators.last_modified
    return (
        Measure(label.length, max(plain - label.length, 0), 0, is_coded, modified),
        Measure(0, 0, label.length, is_coded, modified),
    )


def _of_page(validators: Validators) -> Validators:
    return replace(validators, etag=f"{validators.etag}-page")


def _varies(format_: Format) -> str:
    return "Accept-Encoding, Sec-Fetch-Dest" if format_ in _SHOWN else "Accept-Encoding"


def _coding_field(coding: Coding) -> tuple[Field, ...]:
    return () if coding is Coding.IDENTITY else (("Content-Encoding", str(coding)),)


class Variants:
    """The representations of one feed in one format, one a coding."""

    def __init__(self, shelved: Shelved, format_: Format, link: str, *, as_page: bool) -> None:
        self.shelved = shelved  # packed: most are asked for in one coding or two
        self.varies = _varies(format_)
        self._link = link
        self._as_page = as_page and format_ in _SHOWN
        self._choices: dict[Coding, Choice] = {}  # of what has been asked for
        self._known: dict[str | None, Choice | None] = {}

    def choose(self, accept_encoding: str | None) -> Choice | None:
        """Return what a request asks for; None where it takes nothing that there is."""
        try:
            return self._known[accept_encoding]
        except KeyError:
            return self._negotiate(accept_encoding)

    def _negotiate(self, accept_encoding: str | None) -> Choice | None:
        labels = self.shelved.labels
        coding = choose_coding(accept_encoding, labels.keys())
        choice = None if coding is None else self._choice(coding, labels)
        if len(self._known) >= _MOST_CHOICES:
            self._known.clear()
        self._known[accept_encoding] = choice
        return choice

    def _choice(self, coding: Coding, labels: Mapping[Coding, Label]) -> Choice:
        choice = self._choices.get(coding)
        if choice is None:
            label, plain = labels[coding], labels.get(Coding.IDENTITY)
            length = plain.length if plain else label.length
            choice = Choice(label, self._link, length, as_page=self._as_page)
            self._choices[coding] = choice
        return choice


class Answers:
    """Answers feed requests from the memory shelf."""

    def __init__(self, memory: MemoryShelf, config: Config, clock: Clock) -> None:
        self._memory = memory
        self._site = config.site
        self._hubs = tuple(f'<{hub}>; rel="hub"' for hub in config.hubs)
        self._missing = missing_cache_control(config.cache)
        paths = max(config.server.answer_bytes // _BESIDE_BODIES, 1)
        self.most_remembered = 2 * paths  # requests; and as many answers
        self._variants = Recent[tuple[str, bool], Variants](paths)  # by path
        self.moments = Moments(clock, config.cache, memory, self.most_remembered)

    def answer(self, request: Request, feed: FeedPath) -> Answer:
        """Return the answer to a request for a feed, known or not; HEAD as if it were GET."""
        moment = self.moments.current()
        if answer := unread(request.method, moment):
            return answer
        answer = self._judge(request, feed, moment)
        while request.method == "GET" and answer.label is not None:
            body = self._memory.body(answer.label)
            if body is not None:
                given, measure = answer.fields, answer.measure
                return Answer(answer.status, given, body, kind=answer.kind, measure=measure)
            moment = self.moments.current()  # to fetch it may have taken a while
            before, answer = answer.label, self._judge(request, feed, moment)
            if answer.label == before:  # nothing was published anew meanwhile
                return later(moment, _AWAY)
        return answer

    def _judge(self, request: Request, feed: FeedPath, moment: Moment) -> Answer:
        """Return the answer to GET, without the body of a feed."""
        # Asked first: a shelf that is filled between two questions must not make a 404.
        if self._memory.is_empty:
            return later(moment)
        path = feed_path(feed.slug, feed.format)
        variants = self.variants(feed, path, as_page=request.as_page)
        if variants is None and feed.slug in self._memory.gone:
            return _refusal(moment, "410 Gone", caching=self._missing)
        return self.select(request, variants, moment)

    def select(self, request: Request, variants: Variants | None, moment: Moment) -> Answer:
        """Return the answer to GET where the variants are known, without the body.

        None for variants: there is nothing there.
        """
        if variants is None:
            return _refusal(moment, "404 Not Found", caching=self._missing)
        choice = variants.choose(request.accept_encoding)
        if choice is None:
            codings = ", ".join(sorted(variants.shelved.labels))
            reason = f"None of the codings of this feed is accepted: {codings}."
            varies = ("Vary", variants.varies)
            return _refusal(moment, "406 Not Acceptable", varies, reason=reason)
        return self.decide(choice, request.conditions, moment)

    def ready(self, etag: str) -> bytes | None:
        """Return the body with a tag if it is in memory, for those who must not wait."""
        return self._memory.bodies.get(etag)

    def sealed(self, etag: str) -> Sealed | None:
        """Return a body that was ready as memory to send from; for the loop alone."""
        return self._memory.bodies.sealed(etag)

    def variants(self, feed: FeedPath, path: str, *, as_page: bool = False) -> Variants | None:
        """Return what is out of a feed in a format; `path` is the feed's own."""
        shelved = self._memory.find(feed.slug, feed.format)
        if shelved is None:
            return None
        place = path, as_page
        variants = self._variants.get(place)
        if variants is None or variants.shelved.packed is not shelved.packed:
            # From the settings, never from Host: an answer may be kept by shared caches.
            link = f'<{self._site.url(path)}>; rel="self"'
            links = "" if is_private(feed.slug) else ", ".join((link, *self._hubs))
            variants = Variants(shelved, feed.format, links, as_page=as_page)
            self._variants.put(place, variants)
        return variants

    def decide(self, choice: Choice, conditions: Conditions, moment: Moment) -> Answer:
        """Return 200, 304 or 412: the condition is about the coding that was chosen."""
        match evaluate(choice.validators, conditions):
            case Verdict.SEND:
                return choice.sent(moment)
            case Verdict.NOT_MODIFIED:
                return choice.not_modified(moment)
            case Verdict.FAILED:
                return _refusal(moment, "412 Precondition Failed")


_REASONS = {
    "404": "There is no such feed here. The addresses of all feeds are on the page /feeds/.",
    "405": f"A feed can be read only; the methods are {METHODS}.",
    "410": "There is no such feed any more. Those that there are stand on the page /feeds/.",
    "412": "The feed is no longer as the condition of the request has it.",
    "503": "This feed is made for the first time at this moment; please come back shortly.",
}


_AWAY = "This feed cannot be read here at this moment; please come back shortly."


def unread(method: str, moment: Moment) -> Answer | None:
    """Return the answer to a method that reads nothing; None where the method does."""
    if method == "OPTIONS":
        return _preflight(moment)
    if method not in {"GET", "HEAD"}:
        return _refusal(moment, "405 Method Not Allowed", ("Allow", METHODS))
    return None


def later(moment: Moment, reason: str = "") -> Answer:
    """Return the answer where something is not to be had just now."""
    retry = ("Retry-After", str(RETRY_SECONDS))
    return _refusal(moment, "503 Service Unavailable", retry, reason=reason)


def _refusal(
    moment: Moment, status: str, *more: Field, caching: str = NO_STORE, reason: str = ""
) -> Answer:
    body = f"{reason or _REASONS[status[:3]]}\n".encode()
    fields = (
        *_OPEN,
        ("Cache-Control", caching),
        ("Content-Length", str(len(body))),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Date", moment.date),
        *more,
    )
    return Answer(status, fields, body)


def _preflight(moment: Moment) -> Answer:
    fields = (
        *_OPEN,
        ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since"),
        ("Access-Control-Allow-Methods", "GET, HEAD"),
        ("Access-Control-Max-Age", str(PREFLIGHT_SECONDS)),
        ("Allow", METHODS),
        ("Date", moment.date),
    )
    return Answer("204 No Content", fields)
