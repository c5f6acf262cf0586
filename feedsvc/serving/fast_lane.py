"""The fast lane: a feed answered from the loop itself, without WSGI and without a thread.

A second reader of HTTP is a second place for mistakes, so this one takes only what it
understands completely: one whole GET or HEAD for a feed that is out, in one piece, made of
printable ASCII, with fields that it knows, none of them twice, and a body that is in memory. It
says nothing of its own: the answer comes from `Answers`, as in the front, and every other
request goes the ordinary way. `server.fast_lane` turns it off.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from feedsvc.http.conditional import Conditions
from feedsvc.http.feed_paths import FeedPath, feed_path
from feedsvc.model import is_private
from feedsvc.publishing.sealed import Sealed
from feedsvc.serving.addresses import asked_for
from feedsvc.serving.answers import AS_PAGE, Answer, Answers, Worth
from feedsvc.serving.counting import Asked as Counted
from feedsvc.serving.counting import Counting
from feedsvc.serving.hardened import HOST
from feedsvc.serving.moment import Moment
from feedsvc.serving.recent import Recent

_LONGEST = 8000  # bytes: less than a `recv` brings, and than a header may have
_MOST_FIELDS = 40
_REMEMBERED = 1000  # bytes of a request, at most
_LEFT_AT_ONCE = 500  # replies that are not remembered: some 300 kB
_PRINTABLE = bytes(range(0x20, 0x7F))
_FIRST_LINE = re.compile(
    rb"(GET|HEAD) (/(?:feeds?|category|tag|author|rss|rdf|atom|wp-|\?)[!-~]*) HTTP/1\.1"
)

# Fields that decide something here; and fields of readers, browsers and proxies that never
# change the answer to a request for a feed, whatever is in them.
_DECIDING = "Accept-Encoding Connection Host If-Modified-Since If-None-Match Sec-Fetch-Dest"
_FORWARDED = "X-Forwarded-For X-Forwarded-Proto"
_WITHOUT_EFFECT = """
    A-IM Accept Accept-Charset Accept-Language Cache-Control Cookie DNT From Keep-Alive Origin
    Pragma Priority Referer Save-Data Sec-CH-UA Sec-CH-UA-Mobile Sec-CH-UA-Platform Sec-GPC
    Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Upgrade-Insecure-Requests
    User-Agent Via X-Forwarded-Host X-Forwarded-Port X-Real-IP X-Request-ID
"""
# Each name as it is written by nearly everybody; other spellings go the ordinary way.
_NAMES = {
    spelling.encode(): name.lower().encode()
    for name in f"{_DECIDING} {_FORWARDED} {_WITHOUT_EFFECT}".split()
    for spelling in (name, name.lower(), name.title())
}
# What waitress, told to trust a proxy, surely understands too; it refuses what it does not.
_ADDRESS = rb"(?:::)?[0-9A-Fa-f][0-9A-Fa-f.:]*"
_ADDRESSES = re.compile(rb"%b(?:, ?%b)*" % (_ADDRESS, _ADDRESS))
_CLOSING = {"keep-alive": False, "Keep-Alive": False, "close": True, None: False}

Fields = dict[bytes, bytes]  # by small name, with the blanks around their values


class Asked(NamedTuple):
    """The first line of a request for a feed; `path` is the feed's own address."""

    method: str
    target: str
    path: str
    feed: FeedPath


class Question(NamedTuple):
    """All of a request that decides about the answer, or is noted; `tag` without blanks."""

    asked: Asked
    accept_encoding: str | None
    tag: bytes | None
    date: bytes | None
    agent: bytes
    forwarded: bytes | None
    is_closing: bool


class Reply(NamedTuple):
    """What everybody is sent who asks with the same bytes in the same second.

    `etag` is that of the body which follows, None where none does; `length` is with the body.
    `seen` has the address of each connection that it was sent to, once for each time; None
    where nobody counts.
    """

    question: Question
    answer: Answer
    head: bytes
    etag: str | None
    length: int
    seen: list[str] | None


class Given(NamedTuple):
    """What stays of a reply until it is counted; a reply is some 2 kB."""

    question: Question
    worth: Worth
    seen: list[str]

    def asked_for(self) -> Counted:
        """Return what was asked, and by whom, for whoever counts."""
        asked, codings, tag, date, agent, forwarded, _ = self.question
        return Counted(
            feed=asked.feed,
            method=asked.method,
            agent=_text(agent) or "",
            accept_encoding=codings,
            tag=_text(tag),
            date=_text(date),
            forwarded=_text(forwarded),
            worth=self.worth,
            hosts=self.seen,
        )


def read(data: bytes) -> tuple[Asked, Fields] | None:
    """Take a request apart; None when it is not completely understood."""
    lines = data.split(b"\r\n")
    # What is left are the line ends, and each of them is one at which the data was split: so
    # there is no control character, no byte beyond ASCII, and no bare CR or LF.
    if len(data) > _LONGEST or data.translate(None, _PRINTABLE) != b"\r\n" * (len(lines) - 1):
        return None
    first, *rest = lines
    if rest[-2:] != [b"", b""] or len(rest) > _MOST_FIELDS:
        return None
    asked = _asked(first)
    fields = _fields(rest[:-2]) if asked else None
    return (asked, fields) if asked and fields else None


@lru_cache(maxsize=1024)  # others ask for the same; who asks again is remembered whole
def _asked(line: bytes) -> Asked | None:
    found = _FIRST_LINE.fullmatch(line)
    if not found:
        return None
    target = found[2].decode("ascii")
    # No escapes: a path that needs decoding, or has a fragment, is for the ordinary reader.
    path, _, query = target.partition("?")
    feed = None if "%" in path or "#" in target else asked_for(path, query)
    if feed is None or is_private(feed.slug):  # few ask with a key: the ordinary way
        return None
    own_path = feed_path(feed.slug, feed.format)
    return Asked(found[1].decode("ascii"), target, own_path, feed)


def _fields(lines: list[bytes]) -> Fields | None:
    fields: Fields = {}
    try:
        for line in lines:
            name, colon, value = line.partition(b":")
            fields[_NAMES[name]] = value
            if not colon:
                return None
    except KeyError:
        return None
    is_sound = len(fields) == len(lines) and _is_host(fields.get(b"host")) and _is_plain(fields)
    return fields if is_sound else None


@lru_cache(maxsize=256)
def _is_host(value: bytes | None) -> bool:
    return value is not None and HOST.fullmatch(value.strip(b" ")) is not None


def _is_plain(fields: Fields) -> bool:
    """Whether what a proxy says of the client cannot be malformed."""
    proto, addresses = fields.get(b"x-forwarded-proto"), fields.get(b"x-forwarded-for")
    return (proto is None or proto.strip(b" ") in {b"http", b"https"}) and (
        addresses is None or _ADDRESSES.fullmatch(addresses.strip(b" ")) is not None
    )


class FastLane:
    """Answers what it understands.

    Readers ask with the same bytes again and again, and many with the same as others. So what
    was understood is remembered by the bytes of the request, and so is the reply, until the
    second is over or anything else is out. Both depend on nothing but these.
    """

    def __init__(self, answers: Answers, counting: Counting | None = None) -> None:
        self._answers = answers
        self._counting = counting
        self._given: list[Given] = []  # in this moment: what is to be counted of what is here
        self._once: list[Given] = []  # and of what nobody else will be given
        self._most = answers.most_remembered
        self._questions = Recent[bytes, Question](self._most)
        self._replies: dict[bytes, Reply] = {}
        self._moments = answers.moments
        self._moment: Moment | None = None

    def reply(self, data: bytes, steady: float) -> tuple[Reply, bytes] | None:
        """Return what a request is answered with, and the body; None: the ordinary way.

        Only 200 and 304 are given here. `steady` is the monotonic time.
        """
        # Asked for first, so that what is remembered is never older than this.
        moment = self._moments.at(steady)
        if moment is not self._moment:
            self._begin(moment)
        reply = self._replies.get(data) or self._judged(data, moment)
        if reply is None:
            return None
        if reply.etag is None:
            return reply, b""
        # A body that is not in memory is read by a thread: the loop must not wait for a disk.
        body = self._answers.ready(reply.etag)
        return None if body is None else (reply, body)

    def settle(self, steady: float) -> None:
        """Leave what was asked for those who count, once its moment is over."""
        if (self._given or self._once) and self._moments.at(steady) is not self._moment:
            self._begin(None)

    def finish(self) -> None:
        """Leave everything that was asked for those who count."""
        self._begin(None)

    def _begin(self, moment: Moment | None) -> None:
        if self._counting is not None and (given := [*self._given, *self._once]):
            self._counting.put(given)
            self._given, self._once = [], []
        self._moment, self._replies = moment, {}

    def sealed(self, reply: Reply) -> Sealed | None:
        """Return the body of a reply as memory to send from, where it is there."""
        return self._answers.sealed(reply.etag) if reply.etag else None

    def _judged(self, data: bytes, moment: Moment) -> Reply | None:
        question = self._questions.get(data) or self._understood(data)
        answer = self._answer(question, moment) if question else None
        if question is None or answer is None:
            return None
        head = answer.head(closing=question.is_closing)
        etag, length = None, len(head)
        if answer.label is not None and question.asked.method != "HEAD":
            etag, length = answer.label.validators.etag, length + answer.label.length
        is_kept = len(data) <= _REMEMBERED and len(self._replies) < self._most
        seen: list[str] | None = None
        if self._counting is not None and (worth := answer.worth()):
            seen = []
            self._note(Given(question, worth, seen), self._counting, is_kept=is_kept)
        reply = Reply(question, answer, head, etag, length, seen)
        if is_kept:
            self._replies[data] = reply
        return reply

    def _note(self, given: Given, counting: Counting, *, is_kept: bool) -> None:
        """Note what is to be counted.

        What nobody else will be given need not wait for the end of the moment: where thousands
        ask differently, that would be megabytes. It has been sent when the next is asked for.
        """
        if is_kept:
            self._given.append(given)
            return
        if len(self._once) >= _LEFT_AT_ONCE:
            counting.put(self._once)
            counting.wake()
            self._once = []
        self._once.append(given)

    def _understood(self, data: bytes) -> Question | None:
        understood = read(data)
        question = _question(*understood) if understood else None
        if question is not None and len(data) <= _REMEMBERED:
            self._questions.put(data, question)
        return question

    def _answer(self, question: Question, moment: Moment) -> Answer | None:
        asked, accept_encoding, tag, date, _, _, _ = question
        variants = self._answers.variants(asked.feed, asked.path)
        choice = variants.choose(accept_encoding) if variants else None
        if choice is None:
            return None
        if tag is None and date is None:
            return choice.sent(moment)
        if tag == choice.tag:
            return choice.not_modified(moment)  # most of what is ever asked; no need to judge
        conditions = Conditions(if_none_match=_text(tag), if_modified_since=_text(date))
        return self._answers.decide(choice, conditions, moment)


def _question(asked: Asked, fields: Fields) -> Question | None:
    if _text(fields.get(b"sec-fetch-dest")) == AS_PAGE:
        return None  # somebody with a browser; readers are many, people few
    is_closing = _CLOSING.get(_text(fields.get(b"connection")))
    if is_closing is None:
        return None
    codings, tag = _text(fields.get(b"accept-encoding")), fields.get(b"if-none-match")
    tag = tag and tag.strip(b" ")
    date, agent = fields.get(b"if-modified-since"), fields.get(b"user-agent", b"")
    forwarded = fields.get(b"x-forwarded-for")
    return Question(asked, codings, tag, date, agent, forwarded, is_closing)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.strip(b" ").decode("ascii")
