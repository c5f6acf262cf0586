"""docs/api.md names what can be asked for, and its examples run against a real service."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from feedsvc.web.api.operations import OPERATIONS, Operation
from tests.conftest import program
from tests.live.process import ServiceProcess

_TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_operation_is_named(operation: Operation) -> None:
    assert f"| `{operation.method} {operation.path}` |" in _TEXT


@pytest.mark.live
def test_the_examples_run(tmp_path: Path) -> None:
    program("curl")
    _, *examples = re.findall(r"```sh\n(.*?)```", _TEXT, re.DOTALL)
    with ServiceProcess(tmp_path) as service:
        secret = service.run("token", "add", "cms", "--scope", "publish").split()[-1]
        shell = subprocess.run(
            ["/bin/sh", "-eu", "-c", "\necho\n".join(examples)],
            cwd=tmp_path,
            env={**os.environ, "SITE": service.url, "TOKEN": secret},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    assert shell.returncode == 0, shell.stderr
    stored, read, changed, withdrawn = shell.stdout.split("\n")[:4]
    assert read == stored
    assert '"title":"It pours"' in changed
    assert '"state":"withdrawn"' in withdrawn
