"""Content codings: smaller, lossless, the same every time (promise 2)."""

import gzip
import random
import subprocess
import sys

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc import zstd
from feedsvc.errors import UnavailableError
from feedsvc.model import Coding
from feedsvc.publishing.coding import SMALLEST, compress
from feedsvc.publishing.unpacking import unpack

FEED = b"<item><title>Harbour reopens</title><link>https://example.org/1</link></item>" * 40
DECODE = {
    Coding.IDENTITY: bytes,
    Coding.GZIP: gzip.decompress,
    Coding.BR: brotli.decompress,
    Coding.ZSTD: zstd.decompress,
}


@pytest.mark.parametrize("coding", Coding)
def test_each_coding_decodes_to_the_body(coding: Coding) -> None:
    assert DECODE[coding](compress(FEED)[coding]) == FEED


def test_what_is_damaged_in_the_database_is_said_and_not_served() -> None:
    coded = compress(FEED)[Coding.ZSTD]

    assert unpack(coded) == FEED
    with pytest.raises(UnavailableError, match="restore a backup"):
        unpack(coded[: len(coded) // 2])


@pytest.mark.parametrize("coding", [Coding.GZIP, Coding.BR, Coding.ZSTD])
def test_each_coding_is_smaller(coding: Coding) -> None:
    assert len(compress(FEED)[coding]) < len(FEED) / 10


def test_a_long_feed_in_an_indian_script_is_coded_as_well_as_a_short_one() -> None:
    """At its level 2 zstd looks less closely at what is longer than 256 kB."""
    draw = random.Random(7)  # noqa: S311 - not a secret
    letters = "କଖଗଘଙଚଛଜଝଞଟଠଡଢଣତଥଦଧନପଫବଭମ"
    words = ["".join(draw.choices(letters, k=draw.randint(2, 6))) for _ in range(6000)]
    weights = [1 / (rank + 10) for rank in range(6000)]
    body = " ".join(draw.choices(words, weights, k=30_000)).encode()
    short = body[:250_000]

    assert len(body) > 300_000
    assert len(compress(body)[Coding.ZSTD]) < 0.97 * len(zstd.compress(body, 2))
    assert len(compress(short)[Coding.ZSTD]) < 1.01 * len(zstd.compress(short, 2))


def test_a_client_that_keeps_what_it_promises_can_read_the_longest_feed() -> None:
    """Of what came before, 8 MB at most are to be kept (RFC 9659, section 3)."""
    body = FEED * (9 * 2**20 // len(FEED))
    promised: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}

    assert zstd.decompress(compress(body)[Coding.ZSTD], options=promised) == body


@pytest.mark.checklist("HTTP-08", "HTTP-56")
def test_promise_2_codings_are_the_same_in_another_process() -> None:
    program = (
        "import sys, hashlib; from feedsvc.publishing.coding import compress;"
        "print([hashlib.sha256(c).hexdigest()"
        " for _, c in sorted(compress(sys.stdin.buffer.read()).items())])"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=FEED,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "TZ": zone},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed, zone in [("1", "UTC"), ("2", "Asia/Kolkata")]
    }

    assert len(seen) == 1


@pytest.mark.checklist("HTTP-56")
def test_promise_2_gzip_carries_no_time_and_no_name() -> None:
    header = compress(FEED)[Coding.GZIP][:10]

    assert header[3] == 0  # no flags: no name, no comment
    assert header[4:8] == bytes(4)  # no modification time


@pytest.mark.checklist("HTTP-58")
@pytest.mark.parametrize(
    ("length", "codings"),
    [
        pytest.param(0, {Coding.IDENTITY}, id="nothing"),
        pytest.param(SMALLEST - 1, {Coding.IDENTITY}, id="small"),
        pytest.param(SMALLEST, set(Coding), id="no longer small"),
    ],
)
def test_small_bodies_stay_as_they_are(length: int, codings: set[Coding]) -> None:
    assert compress(b"a" * length).keys() == codings


def test_a_coding_that_does_not_pay_is_left_out() -> None:
    noise = random.Random(5).randbytes(2000)  # noqa: S311 - noise, not a secret

    assert compress(noise).keys() == {Coding.IDENTITY}


@given(st.binary(max_size=2000) | st.text(min_size=100, max_size=2000).map(str.encode))
@settings(max_examples=50)
def test_whatever_the_body_codings_are_lossless(body: bytes) -> None:
    assert {DECODE[coding](coded) for coding, coded in compress(body).items()} == {body}
