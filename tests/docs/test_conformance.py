"""docs/conformance.md says which statements hold, and it says what the tests say."""

from pathlib import Path

import pytest

from tests.conformance.marks import Proof, proofs
from tests.conformance.page import COMMAND, DOCUMENT, KINDS, page, reasons, sections

STATEMENTS = [one for section in sections() for one in section.statements]
KNOWN = {one.identifier for one in STATEMENTS}


def test_the_page_is_current() -> None:
    assert DOCUMENT.read_text("utf-8") == page(proofs()), f"run {COMMAND}"


def test_every_statement_is_proven_or_has_a_reason() -> None:
    assert proofs().keys() | reasons().keys() == KNOWN


def test_only_what_is_held_in_part_has_tests_and_a_reason() -> None:
    in_part = {name for name, reason in reasons().items() if reason.kind == "partly"}

    assert proofs().keys() & reasons().keys() == in_part


def test_every_statement_is_listed_once() -> None:
    assert len(KNOWN) == len(STATEMENTS)


def test_every_reason_is_of_a_kind_and_a_sentence() -> None:
    for reason in reasons().values():
        assert reason.kind in KINDS
        assert reason.sentence.endswith(".")


def test_marks_are_found(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(
        "pytestmark = pytest.mark.checklist('X-01')\n"
        "@pytest.mark.checklist('X-02', 'X-01')\n"
        "def test_b(): ...\n"
        "@pytest.mark.parametrize('a', [param(1, marks=pytest.mark.checklist('X-02'))])\n"
        "def test_c(): ...\n"
    )

    assert proofs(tmp_path) == {
        "X-01": (Proof("test_a.py"), Proof("test_a.py", "test_b")),
        "X-02": (Proof("test_a.py", "test_b"), Proof("test_a.py", "test_c")),
    }


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        pytest.param("def helper(): ...", "on no test", id="on no test"),
        pytest.param("def test_b(): ...", "literally", id="a name for a name"),
    ],
)
def test_a_mark_that_nobody_reads_is_refused(
    tmp_path: Path, source: str, complaint: str
) -> None:
    (tmp_path / "test_a.py").write_text(f"@pytest.mark.checklist(NAME)\n{source}\n")

    with pytest.raises(ValueError, match=complaint):
        proofs(tmp_path)
