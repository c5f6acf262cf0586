"""Values of which those that are asked for stay."""

from feedsvc.serving.recent import Recent


def test_what_is_asked_for_stays() -> None:
    recent = Recent[str, int](10)
    recent.put("asked", -1)

    for number in range(100):
        recent.put(str(number), number)
        assert recent.get("asked") == -1

    assert recent.get("99") == 99
    assert recent.get("0") is None


def test_there_are_never_more_than_allowed() -> None:
    recent = Recent[str, int](10)

    for number in range(100):
        recent.put(str(number), number)

    assert sum(recent.get(str(number)) is not None for number in range(100)) <= 10


def test_a_value_may_be_replaced() -> None:
    recent = Recent[str, int](10)
    for number in range(5):
        recent.put(str(number), number)

    recent.put("0", 7)

    assert recent.get("0") == 7
