import gc
from collections.abc import Iterator
from datetime import timedelta
from types import FunctionType, ModuleType

import pytest

from feedsvc.http.feed_paths import FeedPath, private_slug
from feedsvc.model import Coding, Format
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.serving.answers import Answer, Answers
from feedsvc.serving.counting import Counting
from feedsvc.serving.fast_lane import FastLane, Reply, read
from feedsvc.serving.moment import Moment
from tests.unit.serving.support import (
    BODY,
    NOW,
    representations,
    settings,
    shelf,
    still_clock,
    tag_of,
)

LINE = b"GET /feeds/recent.rss HTTP/1.1"
PLAIN = LINE + b"\r\nHost: x\r\n\r\n"


class Lane:
    """A fast lane at a time that stands still."""

    def __init__(
        self, memory: MemoryShelf, counting: Counting | None = None, **server: object
    ) -> None:
        self.clock = still_clock()
        self._answers = Answers(memory, settings(server=server), self.clock)
        self._lane = FastLane(self._answers, counting)

    @property
    def moment(self) -> Moment:
        return self._answers.moments.at(self.clock.monotonic())

    def reply(self, data: bytes) -> tuple[Reply, bytes] | None:
        return self._lane.reply(data, self.clock.monotonic())

    def given(self, data: bytes) -> tuple[Reply, bytes]:
        """Return what has to be there."""
        found = self.reply(data)
        assert found is not None
        return found


def held_by(root: object) -> Iterator[object]:
    """Yield everything that is held by an object, itself included."""
    seen, left = set[int](), [root]
    while left:
        one = left.pop()
        if id(one) not in seen and not isinstance(one, type | ModuleType | FunctionType):
            seen.add(id(one))
            left += gc.get_referents(one)
            yield one


def reply(data: bytes, memory: MemoryShelf | None = None) -> tuple[Reply, bytes] | None:
    return Lane(memory or shelf()).reply(data)


def asking(*lines: str) -> bytes:
    return b"\r\n".join(
        [LINE, b"Host: x", *(line.encode("latin-1") for line in lines), b"", b""]
    )


UNDERSTOOD = {
    "plain": PLAIN,
    "HEAD": PLAIN.replace(b"GET", b"HEAD"),
    "query": PLAIN.replace(b".rss", b".rss?utm_source=x&_=1"),
    "small letters": asking("accept-encoding: gzip", "user-agent: curl/8"),
    "no space": asking("Accept-Encoding:gzip"),
    "many spaces": asking("Accept-Encoding:    gzip   "),
    "empty field": asking("Accept-Encoding:"),
    "newsboat": asking(
        "User-Agent: newsboat/2.21.0 (Linux x86_64)",
        "Accept: application/rss+xml, */*;q=0.8",
        "Accept-Encoding: gzip, deflate",
        "A-IM: feed",
        'If-None-Match: "x"',
        "If-Modified-Since: Sun, 22 Nov 2026 08:00:00 GMT",
    ),
    "Thunderbird": asking(
        "User-Agent: Mozilla/5.0 Thunderbird/153.0",
        "Accept: */*",
        "Accept-Language: en-US,en;q=0.5",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "DNT: 1",
        "Sec-GPC: 1",
        "Connection: keep-alive",
        "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT",
        "Priority: u=4",
        "Pragma: no-cache",
        "Cache-Control: no-cache",
    ),
    "nginx in front": asking(
        "X-Real-IP: 203.0.113.9",
        "X-Forwarded-For: 198.51.100.1, 2001:db8::1",
        "X-Forwarded-Proto: https",
    ),
    "closing": asking("Connection: close"),
    "WordPress": PLAIN.replace(b"/feeds/recent.rss", b"/feed/"),
    "WordPress, a category below others": PLAIN.replace(
        b"/feeds/recent.rss", b"/category/news/budget/feed/atom/"
    ),
    "WordPress without fine addresses": PLAIN.replace(b"/feeds/recent.rss", b"/?feed=rss2&x=1"),
}


@pytest.mark.parametrize("data", [pytest.param(d, id=name) for name, d in UNDERSTOOD.items()])
def test_plain_request_is_understood(data: bytes) -> None:
    assert reply(data) is not None


LEFT = {
    "nothing": b"",
    "half": PLAIN[:-2],
    "one byte missing": PLAIN[:-1],
    "byte more": PLAIN + b"x",
    "line end more": PLAIN + b"\r\n",
    "two requests": PLAIN * 2,
    "line end before": b"\r\n" + PLAIN,
    "space before": b" " + PLAIN,
    "no Host": LINE + b"\r\n\r\n",
    "two Hosts": asking("Host: x"),
    "Host twice in other letters": asking("host: x"),
    "bad Host": PLAIN.replace(b"Host: x", b"Host: x y"),
    "no header": LINE,
    "1.0": PLAIN.replace(b"1.1", b"1.0"),
    "no version": PLAIN.replace(b" HTTP/1.1", b""),
    "POST": PLAIN.replace(b"GET", b"POST"),
    "OPTIONS": PLAIN.replace(b"GET", b"OPTIONS"),
    "get": PLAIN.replace(b"GET", b"get"),
    "two spaces": PLAIN.replace(b"GET ", b"GET  "),
    "escape": PLAIN.replace(b"recent", b"rec%65nt"),
    "absolute": PLAIN.replace(b"/feeds", b"http://x/feeds"),
    "two slashes": PLAIN.replace(b"/feeds", b"//feeds"),
    "dots": PLAIN.replace(b"/feeds", b"/desk/../feeds"),
    "fragment": PLAIN.replace(b".rss", b".rss#x"),
    "no feed": PLAIN.replace(b".rss", b".css"),
    "page": PLAIN.replace(b"/feeds/recent.rss", b"/category/budget/"),
    "site": PLAIN.replace(b"/feeds/recent.rss", b"/"),
    "query of the site": PLAIN.replace(b"/feeds/recent.rss", b"/?before=1"),
    "escape in an old address": PLAIN.replace(b"/feeds/recent.rss", b"/category/%61/feed/"),
    "fragment behind a query": PLAIN.replace(b"/feeds/recent.rss", b"/?feed=rss2#x"),
    "unknown feed": PLAIN.replace(b"recent", b"nowhere"),
    "body": asking("Content-Length: 5") + b"hello",
    "no body": asking("Content-Length: 0"),
    "chunks": asking("Transfer-Encoding: chunked"),
    "expectation": asking("Expect: 100-continue"),
    "upgrade": asking("Upgrade: h2c", "Connection: upgrade"),
    "option of the connection": asking("Connection: TE"),
    "Range": asking("Range: bytes=0-9"),
    "If-Match": asking('If-Match: "x"'),
    "If-Unmodified-Since": asking("If-Unmodified-Since: Sun, 22 Nov 2026 08:00:00 GMT"),
    "unknown field": asking("X-Unknown: 1"),
    "odd spelling": asking("aCCept-eNcoding: gzip"),
    "tag twice": asking('If-None-Match: "x"', 'If-None-Match: "y"'),
    "field twice": asking("Accept: a/b", "accept: c/d"),
    "space before the colon": asking("Accept : a/b"),
    "no colon": asking("Accept"),
    "empty name": asking(": a"),
    "folded": asking("Accept: a/b", " c/d"),
    "tab": asking("Accept:\ta/b"),
    "NUL": asking("User-Agent: a\x00b"),
    "delete": asking("User-Agent: a\x7fb"),
    "beyond ASCII": asking("User-Agent: caf\xe9"),
    "bare carriage return": asking("User-Agent: a\rHost: y"),
    "bare line feed": asking("User-Agent: a\nHost: y"),
    "crossed line end": asking("User-Agent: a\n\rAccept: b"),
    "many fields": asking(*["Accept: a"] * 50),
    "long": asking("User-Agent: " + "a" * 9000),
    "malformed proto": asking("X-Forwarded-Proto: gopher"),
    "two protos": asking("X-Forwarded-Proto: http, https"),
    "malformed address": asking('X-Forwarded-For: "1.2.3.4'),
    "empty address": asking("X-Forwarded-For: :8.0"),
    "nothing acceptable": asking("Accept-Encoding: *;q=0"),
    "TLS": bytes.fromhex("16030100a5010000a10303"),
}


@pytest.mark.parametrize("data", [pytest.param(d, id=name) for name, d in LEFT.items()])
def test_other_request_is_left_to_the_ordinary_way(data: bytes) -> None:
    assert reply(data) is None


def test_empty_shelf_is_left_to_the_ordinary_way() -> None:
    assert reply(PLAIN, MemoryShelf()) is None


def cold() -> MemoryShelf:
    """Return the usual feeds, none of whose bodies is ready."""
    memory = MemoryShelf(limit=0)
    memory.update(one for format_ in Format for one in representations(format_=format_))
    return memory


def test_body_that_is_not_in_memory_is_left_to_the_ordinary_way() -> None:
    """Reading it may take a disk's time, which the loop has not."""
    assert reply(PLAIN, cold()) is None


def test_without_its_body_a_feed_is_still_answered_where_none_is_sent() -> None:
    lane = Lane(memory := cold())
    tag = f"If-None-Match: {tag_of(memory)}"

    given = [lane.given(PLAIN.replace(b"GET", b"HEAD")), lane.given(asking(tag))]

    assert [one.answer.status for one, _ in given] == ["200 OK", "304 Not Modified"]
    assert [(one.length, body) for one, body in given] == [
        (len(one.head), b"") for one, _ in given
    ]


def test_body_is_not_copied() -> None:
    memory = shelf()
    shelved = memory.find("recent", Format.RSS)
    assert shelved is not None

    given, body = Lane(memory).given(PLAIN)

    assert body is memory.body(shelved.labels[Coding.IDENTITY])
    assert given.length == len(given.head) + len(body)


def test_reply_is_made_once_for_all_who_ask_alike_in_a_second() -> None:
    lane = Lane(shelf())
    first, second = (lane.given(asking("Accept: a/b", "Via: x"))[0] for _ in range(2))
    other = lane.given(PLAIN)[0]
    lane.clock.advance(1)
    later, body = lane.given(PLAIN)

    assert second is first
    assert other.head is first.head
    assert later.head != first.head
    assert body == BODY


def test_an_answer_is_kept_by_its_second_and_by_nothing_else() -> None:
    memory, clock = shelf(), still_clock()
    answers = Answers(memory, settings(), clock)
    feed = FeedPath(slug="recent", format=Format.RSS)
    first = answers.moments.current()
    choices = [
        found.choose(None)
        for _ in range(2)
        if (found := answers.variants(feed, "/feeds/recent.rss"))
    ]
    given = [choice.sent(first) for choice in choices if choice]
    clock.advance(1)
    later = answers.moments.current()

    assert given[0] is given[1]
    assert len(first.made) == 1
    assert later.made == {}


def test_answers_of_one_second_are_kept_within_bounds() -> None:
    lane = Lane(shelf())
    first = lane.given(asking("Via: 1"))[0]
    lane.moment.made.clear()
    lane.moment.made.update(dict.fromkeys(range(lane.moment.most_made)))

    second, third = (lane.given(asking(f"Via: {number}"))[0] for number in (2, 3))

    assert len(lane.moment.made) == lane.moment.most_made
    assert first.head == second.head == third.head


def test_what_is_remembered_ends_with_a_publication() -> None:
    """Promise 4: nobody is given what was out before."""
    lane = Lane(memory := shelf())
    known = asking(f"If-None-Match: {tag_of(memory)}")
    assert [lane.given(data)[0].answer.status[:3] for data in (PLAIN, known)] == ["200", "304"]

    memory.update(representations(body=b"<rss>new</rss>", revision=2))

    assert lane.given(PLAIN)[1] == b"<rss>new</rss>"
    assert lane.given(known)[1] == b"<rss>new</rss>"


def test_what_is_remembered_ends_with_a_feed() -> None:
    lane = Lane(memory := shelf())
    lane.given(PLAIN)

    memory.drop({"recent"})

    assert lane.reply(PLAIN) is None


def test_what_is_remembered_ends_when_the_schedule_changes() -> None:
    """The reply says for how long it holds."""
    lane = Lane(memory := shelf())
    assert b"max-age=900," in lane.given(PLAIN)[0].head

    memory.next_change = NOW + timedelta(minutes=5)

    assert b"max-age=300," in lane.given(PLAIN)[0].head


def test_no_more_is_remembered_than_what_is_bounded() -> None:
    """Whoever asks otherwise each time makes room for the next, and no reply wrong."""
    lane = Lane(shelf())
    asked = [asking(f"User-Agent: {number}") for number in range(3 * lane._lane._most)]

    agents = [lane.given(data)[0].question.agent for data in asked * 2]

    assert agents == [b" %d" % number for number in range(len(asked))] * 2
    assert len(lane._lane._replies) <= lane._lane._most


def test_a_small_machine_remembers_less() -> None:
    """What is remembered of requests and answers is part of `server.memory_megabytes`."""
    kept = []
    for megabytes in (256, 32):
        lane = Lane(shelf(), memory_megabytes=megabytes)
        for number in range(3000):
            lane.given(asking(f"User-Agent: {number}"))
        kept.append(len(lane._lane._replies))

    assert kept == [2000, 500]


def test_with_next_to_no_memory_all_is_answered() -> None:
    lane = Lane(memory := shelf(), memory_megabytes=1, workers=64)
    known = asking(f"If-None-Match: {tag_of(memory)}")

    statuses = [lane.given(data)[0].answer.status[:3] for data in (PLAIN, known) * 2]

    assert statuses == ["200", "304"] * 2


def test_long_requests_are_answered_and_not_remembered() -> None:
    """What is remembered has a bound in bytes too."""
    lane = Lane(shelf())

    reply, _ = lane.given(asking(f"User-Agent: {'x' * 1000}"))

    assert reply.answer.status == "200 OK"
    assert lane._lane._replies == {}


def test_what_is_read_is_what_was_sent() -> None:
    understood = read(asking("Accept-Encoding:  gzip ", 'If-None-Match: "a", "b"'))

    assert understood is not None
    assert understood[0].target == "/feeds/recent.rss"
    assert understood[1] == {
        b"host": b" x",
        b"accept-encoding": b"  gzip ",
        b"if-none-match": b' "a", "b"',
    }


def test_private_feed_goes_the_ordinary_way() -> None:
    memory = shelf()
    memory.update(representations(private_slug("k" * 43)))
    asked = PLAIN.replace(b"recent", b"private/" + b"k" * 43)

    assert reply(asked, memory) is None
    assert reply(PLAIN, memory) is not None


def test_what_waits_to_be_counted_holds_no_answer() -> None:
    """An answer with its head is some 2 kB, and thousands of them wait for a second."""
    counting = Counting()
    lane = Lane(shelf(), counting)
    given, _ = lane.given(PLAIN)
    assert given.seen is not None
    given.seen.append("192.0.2.1")
    lane.clock.advance(1)
    lane.given(PLAIN)

    assert not any(isinstance(one, Answer | Reply) for one in held_by(counting))
    assert [one.hosts for one in counting.taken()] == [["192.0.2.1"]]


def test_what_is_not_remembered_is_counted_before_its_second_is_over() -> None:
    """Of thousands who ask differently not all wait for that; and each is counted once."""
    counting = Counting()
    lane = Lane(shelf(), counting, memory_megabytes=1)  # remembers 14
    for number in range(614):
        given, _ = lane.given(asking(f"User-Agent: {number}"))
        assert given.seen is not None
        given.seen.append("192.0.2.1")

    counting.wait(60)  # not so long: there is much to count
    early = [int(one.agent) for one in counting.taken()]
    lane.clock.advance(1)
    lane.given(PLAIN)
    late = [int(one.agent) for one in counting.taken()]

    assert early == list(range(14, 514))
    assert late == [*range(14), *range(514, 614)]


def test_only_the_answer_that_is_asked_for_is_made() -> None:
    memory = shelf()
    lane = Lane(memory)
    lane.given(asking(f"If-None-Match: {tag_of(memory)}"))

    made = [one.status for one in held_by(lane.moment) if isinstance(one, Answer)]
    assert made == ["304 Not Modified"]
