"""The memory shelf (promise 4: no going back; promise 6: nothing is ever mixed)."""

import gc
import tracemalloc
from collections.abc import Iterable, Mapping
from itertools import pairwise
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from feedsvc.model import Coding, Format, Label, Representation
from feedsvc.publishing.bodies import BESIDE, Bodies
from feedsvc.publishing.memory import MemoryShelf
from tests.unit.publishing.making import START, make_representation, make_set


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()


def revision_of(shelf: MemoryShelf, slug: str = "recent", format_: Format = Format.RSS) -> int:
    found = shelf.find(slug, format_)
    return found.revision if found else 0


def labels(group: Iterable[Representation]) -> dict[Coding, Label]:
    return {each.coding: each.label for each in group}


def found(shelf: MemoryShelf) -> Mapping[Coding, Label]:
    held = shelf.find("recent", Format.RSS)
    return held.labels if held else {}


def test_an_empty_shelf_finds_nothing(shelf: MemoryShelf) -> None:
    assert shelf.find("recent", Format.RSS) is None


def test_what_was_put_is_found_by_coding(shelf: MemoryShelf) -> None:
    group = make_set()

    shelf.update(group)

    assert found(shelf) == labels(group)


def test_state_is_another_one_after_each_change_only(shelf: MemoryShelf) -> None:
    states = [shelf.state]
    for revision in (2, 1):
        shelf.update(make_set(revision=revision))
        states.append(shelf.state)
    shelf.drop({"recent"})
    states.append(shelf.state)

    assert [before is after for before, after in pairwise(states)] == [False, True, False]


def test_feeds_and_formats_are_apart(shelf: MemoryShelf) -> None:
    shelf.update([*make_set("recent", Format.RSS, 1), *make_set("recent", Format.ATOM, 2)])

    assert revision_of(shelf, "recent", Format.ATOM) == 2
    assert shelf.find("category/wine", Format.RSS) is None


def test_a_newer_revision_takes_the_place_of_the_whole_set(shelf: MemoryShelf) -> None:
    shelf.update(make_set(revision=1))

    small = make_representation(revision=2)
    shelf.update([small])

    assert found(shelf) == labels([small])


@pytest.mark.parametrize("revision", [1, 2, 3])
def test_promise_4_an_older_revision_is_ignored(shelf: MemoryShelf, revision: int) -> None:
    held = make_set(revision=3)
    shelf.update(held)

    shelf.update([make_representation(revision=revision, body=b"late")])

    assert found(shelf) == labels(held)


def test_what_a_reader_holds_never_changes(shelf: MemoryShelf) -> None:
    shelf.update(make_set(revision=1))
    held = shelf.find("recent", Format.RSS)
    assert held

    shelf.update(make_set(revision=2))
    shelf.drop({"recent"})

    assert held.labels == labels(make_set(revision=1))


def test_a_dropped_feed_is_gone_in_every_format(shelf: MemoryShelf) -> None:
    shelf.update([each for format_ in Format for each in make_set("category/wine", format_)])

    shelf.drop(["category/wine", "category/never"])

    assert [shelf.find("category/wine", format_) for format_ in Format] == [None] * 3


def test_other_feeds_outlive_a_dropped_one(shelf: MemoryShelf) -> None:
    shelf.update([*make_set("category/wine"), *make_set("recent")])

    shelf.drop({"category/wine"})

    assert revision_of(shelf) == 1


def test_a_shelf_is_empty_until_something_is_put(shelf: MemoryShelf) -> None:
    assert shelf.is_empty

    shelf.update(make_set())

    assert not shelf.is_empty


def test_the_next_change_is_unknown_until_told(shelf: MemoryShelf) -> None:
    assert shelf.next_change is None

    shelf.next_change = START

    assert shelf.next_change == START


def test_bodies_that_are_given_are_ready(shelf: MemoryShelf) -> None:
    shelf.update(make_set())

    assert [shelf.body(each.label) for each in make_set()] == [each.body for each in make_set()]


def room_of_labels() -> int:
    """Return what the labels of a set take of the limit."""
    limit = 10**9
    shelf = MemoryShelf(limit)
    shelf.update([each.label for each in make_set()])
    return limit - shelf.bodies.limit


def test_labels_take_of_the_limit_what_they_take_of_memory() -> None:
    """Ten thousand feeds: some 6 MB, which the bodies leave to them."""
    shelf = MemoryShelf(limit := 10**9)
    group = [each.label for each in make_set()]
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(500):
            slug = f"f{number}"
            shelf.update([replace(each, slug=slug) for each in group])
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    counted = limit - shelf.bodies.limit
    assert 0.8 * taken < counted < 1.25 * taken, (taken, counted)
    shelf.drop({f"f{number}" for number in range(500)})
    assert shelf.bodies.limit == limit


def test_labels_leave_half_of_the_limit_to_bodies() -> None:
    """So that a small budget still has what is asked for ready."""
    shelf = MemoryShelf(limit := 1000)

    shelf.update([replace(each.label, slug=f"f{n}") for n in range(50) for each in make_set()])

    assert shelf.bodies.limit == limit // 2


def test_bodies_make_room_for_labels() -> None:
    group = make_set()
    size = sum(len(each.body) + BESIDE for each in group)
    shelf = MemoryShelf(size + room_of_labels())
    shelf.update(group)
    before = shelf.bodies.size

    shelf.update([replace(each.label, slug="another") for each in group])

    assert 0 < shelf.bodies.size < before
    assert shelf.bodies.size <= shelf.bodies.limit


def test_bodies_are_kept_within_the_limit_where_labels_are_kept_all() -> None:
    group = make_set()
    shelf = MemoryShelf(limit=2 * (len(group[0].body) + BESIDE))  # labels have half of it

    shelf.update(group)

    assert found(shelf) == labels(group)
    assert [shelf.body(each.label) is not None for each in group] == [True, False, False, False]


def test_a_body_that_is_not_ready_comes_from_the_first_source_that_has_it() -> None:
    asked: list[str] = []

    def empty(label: Label) -> list[Representation]:
        asked.append(f"empty {label.coding}")
        return []

    def full(label: Label) -> list[Representation]:
        asked.append(f"full {label.coding}")
        return [each for each in make_set() if each.coding is label.coding]

    shelf = MemoryShelf(sources=[empty, full])
    first = make_set()[0]
    shelf.update([each.label for each in make_set()])

    assert [shelf.body(first.label), shelf.body(first.label)] == [first.body] * 2
    assert asked == ["empty identity", "full identity"]


def test_promise_6_a_newer_set_that_a_source_has_is_taken_over_whole() -> None:
    """Published between the label and the body: the old body is nowhere any more."""
    shelf = MemoryShelf(sources=[lambda _: make_set(revision=2)])
    shelf.update([each.label for each in make_set(revision=1)])

    assert shelf.body(make_set(revision=1)[0].label) is None
    assert found(shelf) == labels(make_set(revision=2))


def test_bodies_that_are_out_no_more_make_room_for_those_that_are() -> None:
    size = sum(len(each.body) for each in make_set(revision=1))
    shelf = MemoryShelf(size + BESIDE * len(make_set()) + room_of_labels())
    shelf.update(make_set(revision=1))

    shelf.update(make_set(revision=2))

    assert shelf.bodies.size == size
    assert all(shelf.body(each.label) == each.body for each in make_set(revision=2))


def test_process_without_readers_keeps_labels_only(shelf: MemoryShelf) -> None:
    shelf.keep_no_bodies()

    shelf.update(make_set())

    assert found(shelf) == labels(make_set())
    assert shelf.bodies.size == 0


def test_bodies_of_what_is_ignored_are_not_kept(shelf: MemoryShelf) -> None:
    shelf.update(make_set(revision=2))
    before = shelf.bodies.size

    shelf.update(make_set(revision=1))

    assert shelf.bodies.size == before


class InterruptedShelf(MemoryShelf):
    """Lets another writer run between looking at what is held and replacing it."""

    def __init__(self) -> None:
        super().__init__()
        self.other = Thread(target=self.update, args=[make_set(revision=3)])

    def _is_newer(self, key: tuple[str, Format], revision: int) -> bool:
        newer = super()._is_newer(key, revision)
        if revision == 2:
            self.other.start()
            self.other.join(0.05)  # it must wait for us, so it is not done by then
        return newer


def test_promise_4_of_two_writers_the_newer_wins() -> None:
    shelf = InterruptedShelf()

    shelf.update(make_set(revision=2))
    shelf.other.join()

    assert revision_of(shelf) == 3


class StoppedBodies(Bodies):
    """Stays in the middle of an update, when what was out before has gone."""

    def __init__(self) -> None:
        super().__init__(10**9)
        self.is_between, self.may_go_on = Event(), Event()

    def discard(self, etags: Iterable[str]) -> None:
        super().discard(etags)
        self.is_between.set()
        self.may_go_on.wait(10)


def test_promise_5_who_asks_while_a_feed_is_exchanged_finds_the_newer_one(
    shelf: MemoryShelf,
) -> None:
    """With no source left, as with the database away and a full disk."""
    before = make_set(revision=1)
    shelf.update(before)
    shelf.bodies = bodies = StoppedBodies()
    seen: list[tuple[bytes | None, int]] = []
    writing = Thread(target=shelf.update, args=[make_set(revision=2)])
    asking = Thread(
        target=lambda: seen.append((shelf.body(before[0].label), revision_of(shelf)))
    )

    writing.start()
    assert bodies.is_between.wait(10)
    asking.start()
    asking.join(0.05)  # it must wait for the update, so it is not done by then
    bodies.may_go_on.set()
    for thread in (writing, asking):
        thread.join()

    assert seen == [(None, 2)]


REPRESENTATIONS = st.builds(
    make_representation,
    slug=st.sampled_from(["recent", "category/wine"]),
    format_=st.sampled_from(Format),
    revision=st.integers(1, 5),
    coding=st.sampled_from(Coding),
)


@given(st.lists(st.lists(REPRESENTATIONS, max_size=8), max_size=6))
def test_promise_6_in_any_order_of_arrival_nothing_is_mixed(
    arrivals: list[list[Representation]],
) -> None:
    shelf = MemoryShelf()
    newest: dict[tuple[str, Format], int] = {}
    for news in arrivals:
        shelf.update(news)
        for each in news:
            key = each.slug, each.format
            newest[key] = max(newest.get(key, 0), each.revision)

    for (slug, format_), revision in newest.items():
        held = shelf.find(slug, format_)
        assert held
        assert {each.revision for each in held.labels.values()} == {revision}


def test_promise_6_readers_see_whole_sets_while_writers_write(shelf: MemoryShelf) -> None:
    """Two writers and a reader: every set read is of one revision, and none goes back."""
    shelf.update(make_set(revision=1))
    done = Event()
    seen: list[set[int]] = []

    def read() -> None:
        while not done.is_set():
            seen.append({each.revision for each in found(shelf).values()})

    def write(first: int) -> None:
        for revision in range(first, 2000, 2):
            shelf.update(make_set(revision=revision))

    reader = Thread(target=read)
    writers = [Thread(target=write, args=[first]) for first in (2, 3)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()

    assert all(len(revisions) == 1 for revisions in seen)
    order = [max(revisions) for revisions in seen]
    assert order == sorted(order)
    assert revision_of(shelf) == 1999
