"""Bodies that are asked for often, in memory that the system sends from."""

import os
import resource
from collections import OrderedDict
from pathlib import Path

import pytest

from feedsvc.publishing.bodies import BESIDE, MOST_SEALED, Bodies
from feedsvc.publishing.sealed import LARGEST, SMALLEST, Sealed, seal_in_memory

BODY = b"<rss>" + b"seven people crossed the river " * 2000 + b"</rss>"
ROOM = 10 * LARGEST


def asked(bodies: Bodies, etag: str, times: int = 8) -> Sealed | None:
    """Ask for a body as often as that; return what the last one is given to send from."""
    for _ in range(times - 1):
        bodies.get(etag)
        bodies.sealed(etag)
    bodies.get(etag)
    return bodies.sealed(etag)


def content(sealed: Sealed) -> bytes:
    return os.pread(sealed.descriptor, 2 * sealed.size, 0)


def is_open(descriptor: int) -> bool:
    return Path(f"/proc/self/fd/{descriptor}").resolve().name.startswith("memfd:feed")


def test_body_that_is_asked_for_often_is_sealed_and_takes_room() -> None:
    bodies = Bodies(ROOM)
    bodies.put("a", BODY)
    assert asked(bodies, "a", 7) is None
    assert bodies.size == len(BODY)

    sealed = asked(bodies, "a", 1)

    assert sealed is not None
    assert (content(sealed), sealed.size) == (BODY, len(BODY))
    assert asked(bodies, "a", 1) is sealed
    assert bodies.size == 2 * len(BODY)


@pytest.mark.parametrize(
    ("size", "room"),
    [(SMALLEST - 1, ROOM), (LARGEST + 1, ROOM), (len(BODY), 4 * len(BODY) - 1)],
    ids=["small", "large", "little room"],
)
def test_body_is_not_sealed_where_that_does_not_pay(size: int, room: int) -> None:
    bodies = Bodies(room)
    bodies.put("a", bytes(size))

    assert asked(bodies, "a", 20) is None
    assert bodies.size == size


def test_sealed_memory_cannot_be_changed() -> None:
    sealed = seal_in_memory(BODY)

    assert sealed is not None
    with pytest.raises(PermissionError):
        os.pwrite(sealed.descriptor, b"x", 0)
    with pytest.raises(PermissionError):
        os.ftruncate(sealed.descriptor, 1)


def test_sealed_memory_goes_with_its_body_and_stays_for_who_sends_it() -> None:
    bodies = Bodies(ROOM)
    bodies.put("a", BODY)
    sealed = asked(bodies, "a")
    assert sealed is not None
    descriptor = sealed.descriptor

    bodies.discard(["a"])

    assert bodies.size == 0
    assert bodies.sealed("a") is None
    assert content(sealed) == BODY
    del sealed
    assert not is_open(descriptor)


def test_sealed_memory_gives_way_when_there_is_no_room() -> None:
    bodies = Bodies(5 * len(BODY) + 3 * BESIDE)
    for name in "abc":
        bodies.put(name, BODY)
    asked(bodies, "a")

    assert asked(bodies, "b") is not None

    assert [bodies.get(name) is not None for name in "abc"] == [True, True, True]
    bodies.put("d", BODY)
    assert bodies.size <= 5 * len(BODY)
    assert [bodies.get(name) is not None for name in "abcd"] == [False, True, True, True]


def test_few_bodies_are_sealed_and_the_longest_unused_goes() -> None:
    bodies, body = Bodies(ROOM), bytes(SMALLEST)
    names = [str(number) for number in range(MOST_SEALED + 1)]
    for name in names:
        bodies.put(name, body)
    first = asked(bodies, names[0])
    for name in names[1:-1]:
        asked(bodies, name)
    assert asked(bodies, names[0], 1) is first

    asked(bodies, names[-1])

    assert asked(bodies, names[0], 1) is first
    assert asked(bodies, names[1], 1) is None
    assert bodies.size == (len(names) + MOST_SEALED) * len(body)


def test_asking_for_very_many_bodies_is_counted_within_bounds() -> None:
    bodies = Bodies(ROOM)
    for number in range(3000):
        bodies.sealed(str(number))

    assert len(bodies._asked) <= 1000


def test_without_a_descriptor_nothing_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        assert seal_in_memory(BODY) is None
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert seal_in_memory(BODY) is not None

    monkeypatch.delattr(os, "memfd_create")
    assert seal_in_memory(BODY) is None


class Vanishing(OrderedDict[str, bytes]):
    """Lets another thread come in while a body that was found is sealed."""

    def get(self, etag: str, default: bytes = b"") -> bytes:  # type: ignore[override]
        return self.pop(etag, default)


def test_body_that_is_let_go_of_meanwhile_is_not_kept_sealed() -> None:
    bodies = Bodies(ROOM)
    bodies.put("a", BODY)
    asked(bodies, "a", 7)
    bodies._held = Vanishing(bodies._held)

    sealed = bodies.sealed("a")

    assert sealed is not None
    assert content(sealed) == BODY
    assert bodies.sealed("a") is None


class Moved(OrderedDict[str, Sealed]):
    """Lets another thread come in between finding sealed memory and noting its use."""

    def move_to_end(self, key: str, last: bool = True) -> None:  # noqa: FBT002 - as it is called
        del self[key]
        super().move_to_end(key, last=last)


def test_sealed_memory_that_has_just_gone_is_sent_all_the_same() -> None:
    bodies = Bodies(ROOM)
    bodies.put("a", BODY)
    sealed = asked(bodies, "a")
    bodies._sealed = Moved(bodies._sealed)

    assert bodies.sealed("a") is sealed
