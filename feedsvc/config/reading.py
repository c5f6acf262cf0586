"""Reading the settings: a TOML file, the environment, the command line."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from feedsvc.config.checks import did_you_mean, problems
from feedsvc.config.settings import Config
from feedsvc.errors import ConfigError

ENVIRONMENT: Mapping[str, tuple[str, str]] = {
    "FEEDSVC_DATABASE_URL": ("database", "url"),
    "FEEDSVC_BASE_URL": ("site", "base_url"),
    "FEEDSVC_DATA": ("data", "folder"),
    "FEEDSVC_HOST": ("server", "host"),
    "FEEDSVC_PORT": ("server", "port"),
}
SECRETS = frozenset({"FEEDSVC_DATABASE_URL"})  # each may be FEEDSVC_..._FILE instead
_NUMBERS = frozenset({"port"})  # the environment knows only text
_MISSPELT = 0.9  # how alike names are when one is the other misspelt
_DIGITS = re.compile("[0-9]{1,9}")
Tree = dict[str, Any]


def load(
    path: Path | None,
    environment: Mapping[str, str],
    given: Mapping[str, Mapping[str, object]] | None = None,
) -> Config:
    """Read the settings, from a file if one is named, and check them.

    The environment beats the file, and `given` (from the command line) beats both.

    Raises:
        ConfigError: the file cannot be read, or a setting is unknown or impossible.
    """
    source = str(path) if path else "settings"
    tree = _read(path) if path else {}
    _refuse_unknown(tree, source)
    _refuse_misspelt(environment)
    origins = {}
    for variable, (section, name) in ENVIRONMENT.items():
        if text := _from_environment(variable, environment):
            value = int(text) if name in _NUMBERS and _DIGITS.fullmatch(text) else text
            _refuse_impossible({section: {name: value}}, variable)
            tree.setdefault(section, {})[name] = value
            origins[f"{section}.{name}"] = variable
    for section, values in (given or {}).items():
        tree.setdefault(section, {}).update(values)
        origins.update({f"{section}.{name}": source for name in values})
    return parse(tree, source, origins)


def parse(tree: Tree, source: str, origins: Mapping[str, str] | None = None) -> Config:
    """Turn a tree as TOML gives it into checked settings.

    What is wrong with a setting is said of where it came from, by its name in `origins`, else
    of the `source`.
    """
    _refuse_unknown(tree, source)
    config = _refuse_impossible(tree, source)
    for setting, problem in problems(config):
        raise ConfigError(f"{(origins or {}).get(setting, source)}: {setting} {problem}")
    return config


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    """Refuse a variable that can only be one of ours misspelt; others may be anybody's."""
    known = {"FEEDSVC_CONFIG", *ENVIRONMENT, *(f"{name}_FILE" for name in SECRETS)}
    for variable in environment:
        if variable.startswith("FEEDSVC_") and variable not in known:
            close = difflib.get_close_matches(variable, known, 1, _MISSPELT)
            if close:
                raise ConfigError(f"unknown variable {variable}; did you mean {close[0]}?")


def _from_environment(variable: str, environment: Mapping[str, str]) -> str:
    value = environment.get(variable, "")
    file = environment.get(f"{variable}_FILE", "") if variable in SECRETS else ""
    if value and file:
        raise ConfigError(f"both {variable} and {variable}_FILE are set; unset one of them")
    if not file:
        return value
    try:
        held = Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{variable}_FILE: cannot read {file}: {reason}") from None
    if not held:  # or the default would count, which is another database
        raise ConfigError(f"{variable}_FILE: {file} is empty; write the value into it")
    return held


def _read(path: Path) -> Tree:
    try:
        # Some editors begin a file with a mark of its order of bytes; TOML knows none.
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            f"there is no settings file {path}; 'feedsvc config example' prints one"
        ) from None
    except OSError as error:
        raise ConfigError(f"cannot read the settings file {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None


def _refuse_unknown(tree: Tree, source: str) -> None:
    sections = {field.name: field.type for field in msgspec.structs.fields(Config)}
    for section, values in tree.items():
        if section not in sections:
            if not _is_section(values):
                raise ConfigError(f"{source}: {_outside(section, sections)}")
            raise ConfigError(
                f"{source}: unknown section [{section}]" + did_you_mean(section, sections)
            )
        if not isinstance(values, dict):
            raise ConfigError(f"{source}: {section} must be a section: write [{section}]")
        known = [field.name for field in msgspec.structs.fields(sections[section])]
        for name in values:
            if name not in known:
                full = f"{section}.{name}"
                raise ConfigError(
                    f"{source}: unknown setting {full}" + did_you_mean(name, known)
                )


def _is_section(values: object) -> bool:
    """Whether that is a section, or several of one name, of which we have none."""
    several = values if isinstance(values, list) else [values]
    return bool(several) and all(isinstance(one, dict) for one in several)


def _outside(name: str, sections: Mapping[str, type]) -> str:
    """Say where a setting belongs that stands above all sections."""
    home = [
        section
        for section, kind in sections.items()
        if name in (field.name for field in msgspec.structs.fields(kind))
    ]
    where = " or ".join(f"[{section}]" for section in home) or "its section"
    return f"{name} stands outside every section; write it below {where}"


def _refuse_impossible(tree: Tree, source: str) -> Config:
    try:
        return msgspec.convert(tree, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{source}: {_sentence(str(error))}") from None


_KINDS = {
    "int": "a whole number",
    "float": "a number with a fraction",
    "str": "text",
    "bool": "true or false",
    "array": "a list in brackets",
    "object": "a table",
    "date": "a date",
    "datetime": "a date and time",
    "time": "a time",
}
_CHOICES = {
    "partners.accent_color": "six hexadecimal digits such as 00FF00",
    "desk.second_factor": "offered, admins, editors or everybody",
    "log.level": "debug, info, warning or error",
    "log.format": "logfmt or json",
    "publish.plain": "identity or gzip",
    "site.language": "a language tag such as en, hi or or-IN",
}


def _sentence(message: str) -> str:
    """Say in plain words what msgspec says about types, ranges and patterns."""
    found = re.fullmatch(r"Expected `(\w+)`(.*) - at `\$\.(.*)`", message)
    if not found:
        return message
    kind, rest, setting = found.groups()
    # A whole number is as good where one with a fraction may stand.
    wanted = _CHOICES.get(setting, "a number" if kind == "float" else _KINDS.get(kind, kind))
    if "regex" in rest:
        return f"{setting} must be {wanted}"
    rest = re.sub(r", got `(\w+)`", lambda got: f", not {_KINDS.get(got[1], got[1])}", rest)
    rest = rest.replace(" <=", ", at most").replace(" >=", ", at least")
    rest = rest.replace(" of length, at least 1", " that is not empty")
    rest = re.sub(r" of length, (at most \d+)", r" of \1 characters", rest)
    return f"{setting} must be {wanted}{rest}"
