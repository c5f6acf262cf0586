"""Pictures are decoded by a process of their own, and what happens there stays there."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from feedsvc.errors import InputError
from feedsvc.imaging import aside
from feedsvc.imaging.aside import Imaging
from tests.pictures import ImagingHere, bomb, encoded, photograph


def _problem(data: bytes = b"x") -> str:
    with pytest.raises(InputError) as caught:
        Imaging().make(data)
    return caught.value.fields["image_file"]


def _program(tmp_path: Path, text: str) -> str:
    file = tmp_path / "python"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def test_helper_makes_what_a_thread_would() -> None:
    data = encoded(photograph(700, 500))

    made = Imaging().make(data)

    assert made == ImagingHere().make(data)
    assert made.name.endswith("-700x500")
    assert [file.width for file in made.files] == [480, 700]


def test_helper_says_what_it_refuses() -> None:
    assert _problem(bomb(30_000, 30_000)).startswith("the picture has 30,000 by 30,000 pixels")


def test_nothing_is_refused_without_a_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    assert _problem(b"") == "the picture is empty; choose another file"
    assert "cannot be worked on now" in _problem()


def test_helper_that_dies_is_a_picture_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As from a fault in a decoder, or when it is stopped at its bounds."""
    program = _program(tmp_path, "kill -SEGV $$")
    monkeypatch.setattr(sys, "executable", program)

    assert "could not be read" in _problem(b"x" * 1_000_000)


def test_helper_that_does_not_end_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", _program(tmp_path, "exec sleep 600"))
    monkeypatch.setattr(aside, "_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(aside, "_WAIT_SECONDS", 0.05)

    assert "cannot be worked on now" in _problem()


def test_one_picture_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "_QUEUE_SECONDS", 0.01)
    imaging = Imaging()

    with imaging._turn, pytest.raises(InputError, match="others"):
        imaging.make(b"x")


def test_no_more_than_so_many_wait_for_their_turn() -> None:
    """With its turn free, and not for as long as a turn may take, who comes last is refused."""
    imaging = Imaging()

    with ExitStack() as others:
        for _ in range(1 + aside.WAITING):
            others.enter_context(imaging._places)
        with pytest.raises(InputError, match="others"):
            imaging.make(b"x")
    with pytest.raises(InputError, match="no JPEG"):
        imaging.make(b"x")


def test_helper_is_bounded_and_lets_others_go_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = (
        "import json, os, resource, sys; from feedsvc.imaging import aside;"
        " limit = lambda kind: resource.getrlimit(kind)[0];"
        " aside.told_of = lambda data: json.dumps({'refused': 'pixels', 'values': {"
        " 'width': limit(resource.RLIMIT_AS), 'height': limit(resource.RLIMIT_CPU),"
        " 'millions': os.sched_getscheduler(0)}}).encode() + b'\\n'; aside.help_()"
    )
    start = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    monkeypatch.setattr(aside, "_START", start + told)
    monkeypatch.setattr(aside, "_PATIENCE_SECONDS", 60)

    values = {
        "width": aside.MEMORY_BYTES,
        "height": aside.CPU_SECONDS,
        "millions": os.SCHED_IDLE,
    }
    assert _problem() == aside.sentence("pixels", values)
