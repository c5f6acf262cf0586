"""The units for systemd are ones, and docs/deploy.md names every file beside it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import program

_DOCS = Path(__file__).parents[2] / "docs"
_FILES = sorted(path.name for path in (_DOCS / "deploy").iterdir())
_UNITS = [name for name in _FILES if name.endswith(".service")]


@pytest.fixture(params=_UNITS)
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A unit as it is, but with a program that is there."""
    content = (_DOCS / "deploy" / request.param).read_text("utf-8")
    assert "/opt/feedsvc/bin/feedsvc" in content
    path: Path = tmp_path / request.param
    path.write_text(content.replace("/opt/feedsvc/bin/feedsvc", sys.executable))
    return path


def _analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("systemd-analyze"), *words], capture_output=True, text=True, check=False
    )


def test_systemd_understands_the_unit(unit: Path) -> None:
    done = _analyze("verify", "--man=no", str(unit))

    assert [line for line in done.stderr.splitlines() if unit.name in line] == []
    assert done.returncode == 0, done.stderr


def test_systemd_understands_the_socket(tmp_path: Path) -> None:
    service = (_DOCS / "deploy" / "feedsvc.service").read_text("utf-8")
    (tmp_path / "feedsvc.service").write_text(
        service.replace("/opt/feedsvc/bin/feedsvc", sys.executable)
    )
    unit = tmp_path / "feedsvc.socket"
    unit.write_text((_DOCS / "deploy" / unit.name).read_text("utf-8"))

    done = _analyze("verify", "--man=no", str(unit))

    assert done.stderr == ""
    assert done.returncode == 0


def test_the_unit_is_hardened(unit: Path) -> None:
    """An exposure of at most 2.5 of 10, as systemd counts it."""
    done = _analyze("security", "--offline=yes", "--threshold=25", "--no-pager", str(unit))

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", _FILES)
def test_the_document_names_the_file(name: str) -> None:
    assert f"(deploy/{name})" in (_DOCS / "deploy.md").read_text("utf-8")


def test_the_document_names_no_other_file() -> None:
    named = re.findall(r"\(deploy/([^)]+)\)", (_DOCS / "deploy.md").read_text("utf-8"))

    assert set(named) == set(_FILES)
