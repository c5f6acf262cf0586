"""Which tests say that they prove a statement: read from their source, without running them."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True, order=True)
class Proof:
    """A test, or a whole module of them (no name), by its place below tests/."""

    path: str
    name: str = ""


@cache
def proofs(folder: Path = TESTS) -> Mapping[str, tuple[Proof, ...]]:
    """Return the tests that carry `@pytest.mark.checklist("RSS-01")`, by statement, in order.

    A marker elsewhere than on a test or in `pytestmark`, or with anything but literals, is a
    ValueError: it would say something that nobody reads.
    """
    found: dict[str, set[Proof]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        source = path.read_text("utf-8")
        if "mark.checklist" in source:
            for proof, identifier in _of_module(path.relative_to(folder), source):
                found.setdefault(identifier, set()).add(proof)
    return {identifier: tuple(sorted(found[identifier])) for identifier in found}


def _of_module(path: Path, source: str) -> Iterator[tuple[Proof, str]]:
    tree = ast.parse(source)
    marked = [
        (Proof(path.as_posix(), name), call)
        for name, nodes in _carriers(tree)
        for node in nodes
        for call in _markers(node)
    ]
    if len(marked) != len(list(_markers(tree))):
        raise ValueError(f"{path}: a checklist marker that is on no test")
    for proof, call in marked:
        for argument in call.args:
            if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                message = f"{path}:{call.lineno}: a marker names statements literally"
                raise ValueError(message)  # noqa: TRY004 - of a source, not of a value
            yield proof, argument.value


def _carriers(tree: ast.Module) -> Iterator[tuple[str, list[ast.expr]]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, node.decorator_list
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            yield "", [node.value]


def _markers(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.checklist":
            yield node
