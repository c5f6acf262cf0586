import random
from collections.abc import Iterable

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
