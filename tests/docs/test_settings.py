"""An example that is not run is already wrong: every setting is shown as it is."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from feedsvc import config
from feedsvc.config import ENVIRONMENT, SECRETS, Config

_ROOT = Path(__file__).parents[2]
_EXAMPLE = _ROOT / "config.example.toml"
_SETTINGS = [
    (section.name, setting.name)
    for section in msgspec.structs.fields(Config)
    for setting in msgspec.structs.fields(section.type)
]


def test_the_example_shows_every_default() -> None:
    assert config.load(_EXAMPLE, {}) == Config()


@pytest.mark.parametrize(("section", "name"), _SETTINGS, ids=".".join)
def test_every_setting_stands_in_the_example(section: str, name: str) -> None:
    tree = tomllib.loads(_EXAMPLE.read_text("utf-8"))

    assert name in tree[section]


def test_every_setting_says_why_one_would_change_it() -> None:
    explained = ""
    for line in _EXAMPLE.read_text("utf-8").splitlines():
        if not line or line.startswith("["):
            explained = ""
        elif line.startswith("#"):
            explained = line
        else:
            assert explained, f"no reason is given for {line}"


@pytest.mark.parametrize("variable", [*ENVIRONMENT, *(f"{name}_FILE" for name in SECRETS)])
def test_every_variable_stands_in_the_example(variable: str) -> None:
    assert variable in _EXAMPLE.read_text("utf-8")
