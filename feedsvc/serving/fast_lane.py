"""The fast lane: a feed answered from the loop itself, without WSGI and without a thread.

A second reader of HTTP is a second place for mistakes, so this one takes only what it
understands completely: one whole GET or HEAD for a feed that is out, in one piece, made of
printable ASCII, with fields that it knows, none of them twice, and a body that is in memory. It
says nothing of its own: the answer comes from `Answers`, as in the front, and every other
request goes the ordinary way. `server.fast_lane` turns it off.
"""

import re
from functools import lru_cache
from socket import socket
from typing import NamedTuple, Protocol, cast

from feedsvc.http.conditional import Conditions
from feedsvc.http.feed_paths import FeedPath, feed_path
from feedsvc.serving import access_log
from feedsvc.serving.addresses import asked_for
from feedsvc.serving.answers import AS_PAGE, Answer, Answers
from feedsvc.serving.channel import Channel, SharedBuffer
from feedsvc.serving.hardened import HOST
from feedsvc.serving.roles import Serving
from feedsvc.tally import Count

_SENT = int(Count.SENT_FAST)
_LONGEST = 8000  # bytes: less than a `recv` brings, and than a header may have
_MOST_FIELDS = 40
_PRINTABLE = bytes(range(0x20, 0x7F))
_FIRST_LINE = re.compile(
    rb"(GET|HEAD) (/(?:feeds?|category|rss|rdf|atom|wp-|\?)[!-~]*) HTTP/1\.1"
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


class Reply(NamedTuple):
    """What is sent, and whether the connection ends with it."""

    asked: Asked
    agent: bytes
    answer: Answer
    body: bytes
    is_closing: bool

    @property
    def parts(self) -> list[bytes]:
        """The bytes, the body apart, for it is shared by all who ask."""
        head = self.answer.head(closing=self.is_closing)
        return [head, self.body] if self.body else [head]


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


@lru_cache(maxsize=4096)
def _asked(line: bytes) -> Asked | None:
    found = _FIRST_LINE.fullmatch(line)
    if not found:
        return None
    target = found[2].decode("ascii")
    # No escapes: a path that needs decoding, or has a fragment, is for the ordinary reader.
    path, _, query = target.partition("?")
    feed = None if "%" in path or "#" in target else asked_for(path, query)
    if feed is None:
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
    """Answers what it understands."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def reply(self, data: bytes, steady: float) -> Reply | None:
        """Return what a request is answered with; None sends it the ordinary way.

        Only 200 and 304 are given here. `steady` is the monotonic time.
        """
        understood = read(data)
        if understood is None:
            return None
        asked, fields = understood
        if _text(fields.get(b"sec-fetch-dest")) == AS_PAGE:
            return None  # somebody with a browser; readers are many, people few
        is_closing = _CLOSING.get(_text(fields.get(b"connection")))
        answer = self._answer(asked, fields, steady)
        if is_closing is None or answer is None:
            return None
        body: bytes | None = b""
        if answer.label is not None and asked.method == "GET":
            body = self._answers.ready(answer.label)
        # A body that is not in memory is read by a thread: the loop must not wait for a disk.
        if body is None:
            return None
        return Reply(asked, fields.get(b"user-agent", b""), answer, body, is_closing)

    def _answer(self, asked: Asked, fields: Fields, steady: float) -> Answer | None:
        variants = self._answers.variants(asked.feed, asked.path)
        choice = variants.choose(_text(fields.get(b"accept-encoding"))) if variants else None
        if choice is None:
            return None
        moment = self._answers.moments.at(steady)
        tag, date = fields.get(b"if-none-match"), fields.get(b"if-modified-since")
        if tag is None and date is None:
            return choice.sent(moment)
        if tag is not None and tag.strip(b" ") == choice.tag:
            return choice.not_modified(moment)  # most of what is ever asked; no need to judge
        conditions = Conditions(if_none_match=_text(tag), if_modified_since=_text(date))
        return self._answers.decide(choice, conditions, moment)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.strip(b" ").decode("ascii")


class FastServing(Serving, Protocol):
    """A listening socket, as connections with a fast lane see it."""

    lane: FastLane | None


class FastChannel(Channel):
    """A connection with a fast lane."""

    server: FastServing

    def received(self, data: bytes) -> bool:
        """Answer at once, when nothing is under way and the request is understood."""
        lane = self.server.lane
        if lane is not None and self._is_free():
            now = self.server.clock.monotonic()
            reply = lane.reply(data, now)
            if reply is not None:
                self.has_asked = True
                self._since = self._wrote = now
                self._send(reply)
                return True
        return super().received(data)

    def _is_free(self) -> bool:
        return not (
            self.request is not None
            or self.requests
            or self.total_outbufs_len
            or self.will_close
            or self.close_when_flushed
            or self.is_lingering
            or self.server.is_draining
        )

    def _send(self, reply: Reply) -> None:
        """Send with one call; what does not fit waits in line, and is not copied.

        No lock is needed: no thread works for this connection, as `_is_free` has seen, and
        only the loop, which is here, could start one.
        """
        parts = reply.parts
        try:
            sent = cast("socket", self.socket).sendmsg(parts)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.handle_close()
            return
        cells = self.server.tally.cells  # only the loop writes these two, and it is here
        cells[reply.answer.kind or 0] += 1
        cells[_SENT] += sent
        if self.server.logs_access and access_log.is_on():
            self._note(reply, parts)
        for part in parts:
            if sent < len(part):
                self.write_soon(SharedBuffer(memoryview(part)[sent:]))
            sent = max(sent - len(part), 0)
        if reply.is_closing and not self.total_outbufs_len:
            self.handle_close()
        elif reply.is_closing:
            self.close_when_flushed = True

    def _note(self, reply: Reply, parts: list[bytes]) -> None:
        asked, status = reply.asked, int(reply.answer.status[:3])
        size = sum(len(part) for part in parts[1:])
        agent = reply.agent.strip(b" ").decode("ascii")
        self.server.notes.add(asked.method, asked.target, status, size, agent)
