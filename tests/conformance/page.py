"""docs/conformance.md: each statement of the checklist, and the test that proves it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.marks import Proof

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER.parents[1] / "docs" / "conformance.md"
COMMAND = "make conformance"

_HEAD = f"""\
# Conformance

What RSS 2.0, Atom, JSON Feed, WebSub and HTTP ask of a feed service, what the programs that
read feeds need beyond that, and which test shows that feedsvc does it. *Policy* is what no
standard asks for, but some reader breaks without.

Made by `{COMMAND}` from the tests' `@pytest.mark.checklist(…)` and from the
lists in `tests/conformance/`; a test fails when this page is not what they say.

"""


@dataclass(frozen=True)
class Statement:
    """One thing that is asked, of how much force (MUST, SHOULD, MAY, Policy, Note), by whom."""

    identifier: str
    level: str
    source: str
    says: str


@dataclass(frozen=True)
class Section:
    """Statements about one thing."""

    title: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Reason:
    """Why a statement is not held, or not wholly: a word of KINDS, and a sentence."""

    kind: str
    sentence: str


def sections() -> tuple[Section, ...]:
    """Return the checklist."""
    return tuple(
        Section(
            one["title"],
            tuple(Statement(name, *fields) for name, fields in one["statements"].items()),
        )
        for one in tomllib.loads((FOLDER / "statements.toml").read_text("utf-8"))["sections"]
    )


def reasons() -> Mapping[str, Reason]:
    """Return why statements are not held, by statement; one that has two is a ValueError."""
    listed = tomllib.loads((FOLDER / "not_held.toml").read_text("utf-8"))
    pairs = [
        (name, Reason(kind, one["reason"]))
        for kind, groups in listed.items()
        for one in groups
        for name in one["statements"]
    ]
    if len(pairs) != len(dict(pairs)):
        raise ValueError("not_held.toml names a statement twice")
    return dict(pairs)


KINDS = {
    "partly": "held in part",
    "declined": "not done, on purpose",
    "missing": "not done, or not proven",
    "unused": "nothing to hold: the service does no such thing",
    "elsewhere": "for others to hold",
}


def page(proven: Mapping[str, tuple[Proof, ...]]) -> str:
    """Return the whole page, given the tests that prove each statement."""
    why = reasons()
    parts = [_HEAD, *_summary(proven, why)]
    for section in sections():
        parts += [f"\n## {section.title}\n\n| | | statement | held |\n|---|---|---|---|\n"]
        parts += [_row(one, proven, why) for one in section.statements]
    return "".join(parts)


def _summary(
    proven: Mapping[str, tuple[Proof, ...]], why: Mapping[str, Reason]
) -> Iterator[str]:
    total = sum(len(section.statements) for section in sections())
    held = len(proven.keys() - why.keys())
    yield f"| statements | {total} |\n|---|---|\n"
    yield f"| held, and proven by tests | {held} |\n"
    for kind, words in KINDS.items():
        yield f"| {words} | {sum(one.kind == kind for one in why.values())} |\n"


def _row(
    one: Statement, proven: Mapping[str, tuple[Proof, ...]], why: Mapping[str, Reason]
) -> str:
    held = [_link(proof) for proof in proven.get(one.identifier, ())]
    if reason := why.get(one.identifier):
        held.insert(0, f"**{KINDS[reason.kind].capitalize()}.** {reason.sentence}")
    cells = one.identifier, one.level, f"{one.says} *{one.source}*", "<br>".join(held)
    return f"| {' | '.join(cells)} |\n"


def _link(proof: Proof) -> str:
    shown = proof.name.removeprefix("test_").replace("_", " ") or f"all of {proof.path}"
    return f"[{shown}](../tests/{proof.path})"
