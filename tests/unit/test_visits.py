import os
import subprocess
import sys

from feedsvc.visits import Visit, Visits


def test_the_visit_before_is_remembered() -> None:
    visits = Visits()

    assert visits.note("asha", 1_700_000_000, 300) is None
    assert visits.note("bibek", 1_700_000_001, 60) is None
    assert visits.note("asha", 1_700_000_100, 200) == Visit(1_700_000_000, 300)
    assert visits.note("asha", 1_700_000_100, 10**9) == Visit(1_700_000_100, 200)
    assert visits.note("asha", 1_700_000_101, 0) == Visit(1_700_000_100, 2**24 - 1)


def test_memory_has_a_bound_and_who_was_not_here_for_long_goes() -> None:
    visits = Visits(places=4)
    for number in range(4):
        visits.note(f"reader {number}", 1000 + number, 0)

    assert visits.note("newcomer", 2000, 0) is None
    assert visits.note("reader 3", 2001, 0) == Visit(1003, 0)
    assert visits.note("reader 0", 2002, 0) is None


def test_processes_share_it() -> None:
    visits = Visits()
    child = os.fork()
    if not child:
        visits.note("asha", 1_700_000_000, 300)
        os._exit(0)
    os.waitpid(child, 0)

    assert visits.note("asha", 1_700_000_050, 300) == Visit(1_700_000_000, 300)


def test_hashes_are_those_of_this_run_alone() -> None:
    """So that what is in memory cannot be compared with what was there before a restart."""
    code = "print(hash(('agent', '192.0.2.1', 'recent')))"
    environment = {name: each for name, each in os.environ.items() if name != "PYTHONHASHSEED"}
    run = [sys.executable, "-c", code]
    found = {subprocess.check_output(run, env=environment) for _ in range(3)}

    assert len(found) == 3
