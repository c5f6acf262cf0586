"""Results are kept within bounds, and given for an equal source only."""

from concurrent.futures import ThreadPoolExecutor

from feedsvc.rendering.kept import Kept


def test_a_result_is_given_for_an_equal_source_only() -> None:
    kept: Kept[list[int], int] = Kept(100)
    kept.put("key", [1, 2], 1, 10)

    assert kept.get("key", [1, 2]) == 1
    assert kept.get("key", [1, 3]) is None
    assert kept.get("other key", [1, 2]) is None


def test_several_are_given_as_each_by_itself() -> None:
    kept: Kept[list[int], int] = Kept(30)
    for number, key in enumerate(("a", "b", "c")):
        kept.put(key, [number], number, 10)

    found = kept.several([("b", [1]), ("none", [1]), ("a", [9]), ("b", [1])])
    kept.put("d", [3], 3, 10)

    assert found == [1, None, None, 1]
    assert kept.several([]) == []
    assert kept.get("c", [2]) is None, "which was asked for least lately"


def test_what_was_asked_for_last_stays() -> None:
    kept: Kept[str, int] = Kept(30)
    for key in ("a", "b", "c"):
        kept.put(key, key, 1, 10)
    kept.get("a", "a")

    kept.put("d", "d", 1, 10)

    assert [kept.get(key, key) for key in ("a", "b", "c", "d")] == [1, None, 1, 1]


def test_what_was_asked_for_long_ago_gives_way_in_the_end() -> None:
    kept: Kept[int, int] = Kept(30)
    kept.put(0, 0, 0, 10)
    kept.get(0, 0)

    for number in range(1, 8):
        kept.put(number, number, number, 10)

    assert kept.several([(number, number) for number in range(8)]) == [None] * 5 + [5, 6, 7]
    assert kept.weight == 30


def test_a_new_result_takes_the_place_of_the_old() -> None:
    kept: Kept[str, int] = Kept(30)
    kept.put("key", "old", 1, 20)

    kept.put("key", "new", 2, 20)

    assert (kept.get("key", "old"), kept.get("key", "new"), kept.weight) == (None, 2, 20)


def test_what_is_larger_than_all_is_not_kept() -> None:
    kept: Kept[str, int] = Kept(30)

    kept.put("key", "source", 1, 31)

    assert (kept.get("key", "source"), kept.weight) == (None, 0)


def test_nothing_is_left_when_it_is_cleared() -> None:
    kept: Kept[str, int] = Kept(30)
    kept.put("key", "source", 1, 10)

    kept.clear()

    assert (kept.get("key", "source"), kept.weight) == (None, 0)


def test_threads_share_it_within_its_bounds() -> None:
    kept: Kept[int, int] = Kept(1_000)

    def work(start: int) -> bool:
        right = True
        for number in range(start, start + 2_000):
            key = number % 150
            kept.put(key, number, number, 10)
            right &= kept.get(key, number) in {number, None} and kept.weight <= 1_010
        return right

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))
    assert kept.weight == 1_000
