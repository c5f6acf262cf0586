from feedsvc.serving.deaths import Deaths


def test_death_now_and_then_costs_no_wait() -> None:
    deaths = Deaths()

    assert [deaths.note(now) for now in (0, 3, 6, 9, 12, 15, 18)] == [0] * 7


def test_fifth_within_ten_seconds_costs_ever_longer_waits() -> None:
    deaths = Deaths()

    waits = [deaths.note(now) for now in (0, 1, 2, 3, 4, 5, 8, 12, 20, 37, 68)]

    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30]


def test_worker_that_lived_long_ends_the_loop() -> None:
    deaths = Deaths()
    for now in range(5):
        deaths.note(now)

    assert deaths.note(4 + 1 + 10 + 1) == 0
