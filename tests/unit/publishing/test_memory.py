"""The memory shelf (promise 4: no going back; promise 6: nothing is ever mixed)."""

from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import Coding, Format, Representation
from feedsvc.publishing.memory import MemoryShelf
from tests.unit.publishing.making import START, make_representation, make_set


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()


def revision_of(shelf: MemoryShelf, slug: str = "recent", format_: Format = Format.RSS) -> int:
    found = shelf.find(slug, format_)
    return next(iter(found.values())).revision if found else 0


def test_an_empty_shelf_finds_nothing(shelf: MemoryShelf) -> None:
    assert shelf.find("recent", Format.RSS) is None


def test_what_was_put_is_found_by_coding(shelf: MemoryShelf) -> None:
    group = make_set()

    shelf.update(group)

    assert shelf.find("recent", Format.RSS) == {each.coding: each for each in group}


def test_feeds_and_formats_are_apart(shelf: MemoryShelf) -> None:
    shelf.update([*make_set("recent", Format.RSS, 1), *make_set("recent", Format.ATOM, 2)])

    assert revision_of(shelf, "recent", Format.ATOM) == 2
    assert shelf.find("category/wine", Format.RSS) is None


def test_a_newer_revision_takes_the_place_of_the_whole_set(shelf: MemoryShelf) -> None:
    shelf.update(make_set(revision=1))

    small = make_representation(revision=2)
    shelf.update([small])

    assert shelf.find("recent", Format.RSS) == {Coding.IDENTITY: small}


@pytest.mark.parametrize("revision", [1, 2, 3])
def test_promise_4_an_older_revision_is_ignored(shelf: MemoryShelf, revision: int) -> None:
    held = make_set(revision=3)
    shelf.update(held)

    shelf.update([make_representation(revision=revision, body=b"late")])

    assert shelf.find("recent", Format.RSS) == {each.coding: each for each in held}


def test_what_a_reader_holds_never_changes(shelf: MemoryShelf) -> None:
    shelf.update(make_set(revision=1))
    held = shelf.find("recent", Format.RSS)
    assert held
    before = dict(held)

    shelf.update(make_set(revision=2))
    shelf.drop({"recent"})

    assert held == before


def test_what_a_reader_holds_cannot_be_changed(shelf: MemoryShelf) -> None:
    shelf.update(make_set())
    held = shelf.find("recent", Format.RSS)

    with pytest.raises(TypeError):
        held[Coding.IDENTITY] = make_representation()  # type: ignore[index]


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
        found = shelf.find(slug, format_)
        assert found
        assert {each.revision for each in found.values()} == {revision}


def test_promise_6_readers_see_whole_sets_while_writers_write(shelf: MemoryShelf) -> None:
    """Two writers and a reader: every set read is of one revision, and none goes back."""
    shelf.update(make_set(revision=1))
    done = Event()
    seen: list[set[int]] = []

    def read() -> None:
        while not done.is_set():
            found = shelf.find("recent", Format.RSS) or {}
            seen.append({each.revision for each in found.values()})

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
