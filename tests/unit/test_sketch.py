import random
import struct
from collections.abc import Iterable
from math import sqrt

import pytest

from feedsvc.sketch import SIZE, Sketch


def of(numbers: range) -> Sketch:
    sketch = Sketch()
    for number in numbers:
        sketch.add(random.Random(number).getrandbits(64))  # noqa: S311 - the same each time
    return sketch


@pytest.mark.parametrize("count", [0, 1, 2, 10, 100, 1000, 5000, 20_000])
def test_estimate_is_near(count: int) -> None:
    assert of(range(count)).estimate() == pytest.approx(count, rel=0.05, abs=1)


@pytest.mark.parametrize(
    ("count", "standard_error"), [(100, 0.014), (1000, 0.014), (20_000, 0.018)]
)
def test_estimate_errs_as_is_said_of_it(count: int, standard_error: float) -> None:
    """What the operator's page says of its numbers; sets are drawn the same each time."""
    drawn = random.Random(7)  # noqa: S311
    errors = [_error(count, drawn) for _ in range(60)]

    assert sqrt(sum(error**2 for error in errors) / 60) < standard_error
    assert abs(sum(errors) / 60) < 0.004, "it has no bias"
    assert sum(abs(error) <= 0.02 for error in errors) > 60 * 0.7, "usually"
    assert max(map(abs, errors)) < 0.05, "nearly always"
    assert max(map(abs, errors)) > 0.02, "and more than two per cent now and then"


def _error(count: int, drawn: random.Random) -> float:
    sketch = Sketch()
    for number in struct.unpack(f"<{count}Q", drawn.randbytes(8 * count)):
        sketch.add(number)
    return sketch.estimate() / count - 1


def test_the_same_ones_count_once() -> None:
    sketch = of(range(300))
    before = sketch.packed()
    sketch.merge(of(range(100, 300)))

    assert sketch.packed() == before


def merged(sketches: Iterable[Sketch]) -> Sketch:
    whole = Sketch()
    for each in sketches:
        whole.merge(each)
    return whole


def test_merging_is_that_of_the_sets_in_any_order() -> None:
    parts = [of(range(900)), of(range(600, 1200)), of(range(1100, 1500))]

    assert merged(parts).packed() == merged(parts[::-1]).packed() == of(range(1500)).packed()


def test_it_is_small() -> None:
    assert len(of(range(50)).packed()) < 250
    assert len(of(range(20_000)).packed()) < 2600
    assert Sketch(of(range(50)).packed()).estimate() == of(range(50)).estimate()


@pytest.mark.parametrize("bytes_", [b"x", b"x\x9c\x03\x00\x00\x00\x00\x01", b"\xff" * SIZE])
def test_other_bytes_are_no_sketch(bytes_: bytes) -> None:
    with pytest.raises(ValueError, match="no sketch"):
        Sketch(bytes_)


def test_full_registers_are_no_fault() -> None:
    sketch = Sketch()
    for place in range(SIZE):
        sketch.add(place << 52)

    assert sketch.estimate() == 2**64


def test_registers_that_can_grow_no_more_are_corrected_for() -> None:
    half = Sketch()
    for place in range(SIZE):
        half.add(place << 52 | (0 if place % 2 else (1 << 52) - 1))

    assert SIZE < half.estimate() < 2**64
