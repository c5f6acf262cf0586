"""gzip in parts: lossless, one member, and the same whatever was compressed before."""

import gzip
import random
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.publishing import gzip_parts
from feedsvc.rendering.kept import passing

WORDS = [f"w{number:03}" for number in range(800)]
PARTS = st.lists(st.integers(0, 60), max_size=60)


def entry(number: int) -> bytes:
    """Return one entry's markup: always the same, of some thousand bytes."""
    draw = random.Random(number)  # noqa: S311 - not a secret
    words = " ".join(draw.choices(WORDS, k=draw.randint(1, 1200)))
    return f"<item><guid>{number}</guid>{words}</item>".encode()


ENTRIES = [entry(number) for number in range(400)]


def feed(newest: int, count: int = 50) -> list[bytes]:
    """Return a feed in parts, newest entry first."""
    newest_first = ENTRIES[newest - count : newest][::-1]
    return [f"<rss>{newest}".encode(), *newest_first, b"</rss>"]


def coded(parts: Sequence[bytes]) -> bytes:
    return gzip_parts.gzip(b"".join(parts), parts)


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    gzip_parts.forget()
    yield
    gzip_parts.forget()


@pytest.fixture
def compressed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the lengths of what is compressed from now on."""
    lengths: list[int] = []
    before = gzip_parts._compressed

    def noted(dictionary: bytes, run: bytes, *, is_last: bool) -> bytes:
        lengths.append(len(run))
        return before(dictionary, run, is_last=is_last)

    monkeypatch.setattr(gzip_parts, "_compressed", noted)
    return lengths


def test_it_is_one_member_that_any_reader_can_read_as_it_comes() -> None:
    """curl fails at a second member; some decode byte by byte."""
    parts = feed(200)
    stream = zlib.decompressobj(wbits=31)

    found = b"".join(stream.decompress(bytes([byte])) for byte in coded(parts))

    assert found == b"".join(parts)
    assert stream.eof
    assert not stream.unused_data


@given(st.lists(PARTS, min_size=1, max_size=6))
@settings(max_examples=60)
def test_promise_2_what_was_compressed_before_changes_nothing(feeds: list[list[int]]) -> None:
    """However feeds change: entries come and go, move, and stand in several."""
    after_each_other = [coded([ENTRIES[number] for number in numbers]) for numbers in feeds]

    for numbers, known in zip(feeds, after_each_other, strict=True):
        gzip_parts.forget()
        parts = [ENTRIES[number] for number in numbers]
        assert gzip.decompress(known) == b"".join(parts)
        assert coded(parts) == known


def test_promise_2_equal_parts_that_are_other_objects_give_the_same() -> None:
    parts = feed(200)
    known = coded(parts)

    assert coded([bytes(bytearray(part)) for part in parts]) == known


def test_promise_2_it_is_the_same_in_another_process() -> None:
    program = (
        "import hashlib; from tests.unit.publishing.test_gzip_parts import coded, feed;"
        "print(hashlib.sha256(coded(feed(200))).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(seen) == 1


def test_with_a_new_entry_at_the_top_most_is_not_compressed_again(
    compressed: list[int],
) -> None:
    coded(feed(200))
    whole = sum(compressed)
    compressed.clear()

    for newest in range(201, 221):
        parts = feed(newest)
        assert gzip.decompress(coded(parts)) == b"".join(parts)

    assert sum(compressed) / 20 < whole / 2


def test_a_feed_that_is_as_it_was_is_not_compressed_at_all(compressed: list[int]) -> None:
    coded(feed(200))
    compressed.clear()

    coded(feed(200))

    assert compressed == []


def test_of_what_is_asked_for_once_nothing_is_kept(compressed: list[int]) -> None:
    with passing():
        coded(feed(200))
    before = len(compressed)

    coded(feed(200))

    assert len(compressed) == 2 * before


def test_it_is_hardly_larger_than_in_one_piece() -> None:
    parts = feed(200)
    body = b"".join(parts)

    assert len(coded(parts)) < 1.05 * len(gzip_parts.gzip(body, [body]))


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_whatever_the_parts_it_is_lossless(parts: list[bytes]) -> None:
    assert gzip.decompress(coded(parts)) == b"".join(parts)
