"""Bodies that are ready: as many bytes as allowed, the longest unused go first."""

import tracemalloc
from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.publishing.bodies import BESIDE, Bodies


def test_the_longest_unused_goes_first() -> None:
    bodies = Bodies(20 + 2 * BESIDE)
    for name in ("a", "b"):
        bodies.put(name, name.encode() * 10)
    bodies.get("a")

    bodies.put("c", b"c" * 10)

    assert [bodies.get(name) is not None for name in ("a", "b", "c")] == [True, False, True]
    assert bodies.size == 20


def test_what_is_larger_than_all_that_is_allowed_is_not_kept() -> None:
    bodies = Bodies(20 + BESIDE)
    bodies.put("a", b"a" * 20)

    bodies.put("b", b"b" * 21)

    assert (bodies.get("a"), bodies.get("b")) == (b"a" * 20, None)


def test_what_is_offered_takes_free_room_only() -> None:
    bodies = Bodies(20 + 2 * BESIDE)
    bodies.offer("a", b"a" * 15)

    bodies.offer("b", b"b" * 6)
    bodies.offer("c", b"c" * 5)

    assert [bodies.get(name) is not None for name in ("a", "b", "c")] == [True, False, True]


def test_what_is_let_go_of_gives_its_room_back() -> None:
    bodies = Bodies(20 + BESIDE)
    bodies.put("a", b"a" * 20)

    bodies.discard(["a", "never"])

    assert (bodies.get("a"), bodies.size) == (None, 0)


def test_small_bodies_do_not_take_more_than_is_allowed_by_being_many() -> None:
    """Ten thousand tags and places are megabytes."""
    bodies = Bodies(200_000)
    tracemalloc.start()
    try:
        for number in range(2000):
            bodies.put(f"{number:032x}", bytes(100))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(bodies._held) > 100
    assert taken <= 200_000


class Emptied(OrderedDict[str, bytes]):
    """Lets another thread come in between finding a body and noting that it was used."""

    other: Bodies

    def get(self, etag: str) -> bytes | None:  # type: ignore[override] # the default is None
        body = super().get(etag)
        self.other.discard([etag])
        return body


def test_a_body_that_another_thread_lets_go_of_is_still_given() -> None:
    bodies = Bodies(20 + BESIDE)
    bodies._held = Emptied()
    bodies._held.other = bodies
    bodies.put("a", b"a" * 20)

    assert bodies.get("a") == b"a" * 20
    assert bodies.size == 0


STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "offer", "get", "discard"]), st.integers(0, 12))
)


@given(STEPS, st.integers(0, 5 * BESIDE))
def test_there_are_never_more_bytes_than_allowed(
    steps: list[tuple[str, int]], limit: int
) -> None:
    bodies = Bodies(limit)
    for step, number in steps:
        name, body = str(number), b"x" * number
        if step == "get":
            assert bodies.get(name) in {None, body}
        elif step == "discard":
            bodies.discard([name])
        else:
            getattr(bodies, step)(name, body)

    held = [number for number in range(13) if bodies.get(str(number)) is not None]
    assert bodies.size == sum(held)
    assert bodies.size + len(held) * BESIDE <= limit
