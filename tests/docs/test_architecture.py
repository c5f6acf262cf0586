"""The layout in docs/architecture.md is that of the program."""

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_TEXT = (_ROOT / "docs" / "architecture.md").read_text("utf-8")
_LAYOUT = _TEXT.partition("## Layout")[2].partition("```\n")[2].partition("```\n")[0]
_WAYS_IN = {"__init__.py", "__main__.py", "wsgi.py"}


def test_layout_names_every_part_and_no_other() -> None:
    package = _ROOT / "feedsvc"
    modules = {path.name for path in package.glob("*.py")} - _WAYS_IN
    packages = {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}
    lines = re.findall(r"^  (\S+(?:  [a-z]+\.py)*)", _LAYOUT, re.MULTILINE)

    assert {name for line in lines for name in line.split()} == modules | packages


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([a-z]+/[a-z_/]+\.py)`", _TEXT))))
def test_named_module_exists(path: str) -> None:
    assert (_ROOT / path).is_file() or (_ROOT / "feedsvc" / path).is_file()
