"""Another version on the disk is not mixed with the one that runs."""

from pathlib import Path

import pytest

from feedsvc.cli.program import Program
from feedsvc.errors import FeedsvcError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "part").mkdir()
    (tmp_path / "one.py").write_text("A = 1\n")
    (tmp_path / "part" / "two.py").write_text("B = 1\n")
    return tmp_path


def test_the_same_program_is_loaded(folder: Path) -> None:
    program = Program(folder)
    (folder / "part" / "two.cpython-311.pyc").write_bytes(b"as Python leaves it")

    program.make_sure()
    Program().make_sure()


@pytest.mark.parametrize("name", ["one.py", "part/two.py", "part/three.py"])
def test_another_version_is_not(folder: Path, name: str) -> None:
    program = Program(folder)
    new = folder / "new"
    new.write_text("A = 1\n")
    new.replace(folder / name)

    with pytest.raises(FeedsvcError, match="another version"):
        program.make_sure()


def test_a_version_that_is_being_removed_is_not(folder: Path) -> None:
    program = Program(folder)
    (folder / "part" / "two.py").unlink()

    with pytest.raises(FeedsvcError, match="restart"):
        program.make_sure()
