"""The API does what its description says, for whatever schemathesis thinks of.

Left out: requests that fit the schema and are refused all the same (a blank headline, a
wrong language) are what 422 is for, and 428 is the status for a change without If-Match.
"""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, missing
from tests.live.process import ServiceProcess

_PROGRAM = ROOT / ".venv" / "api" / "bin" / "schemathesis"
_NOT_OURS = "positive_data_acceptance,missing_required_header"
_EXAMPLES = "10"


@pytest.mark.live
def test_the_description_is_true(tmp_path: Path) -> None:
    if not _PROGRAM.exists():
        missing("schemathesis is not installed; 'make .venv/api/.ready' does it")
    with ServiceProcess(tmp_path) as service:
        secret = service.run("token", "add", "cms", "--scope", "publish").split()[-1]
        options = [
            *("--header", f"Authorization: Bearer {secret}"),
            *("--max-examples", _EXAMPLES, "--generation-deterministic", "--no-color"),
            *("--exclude-checks", _NOT_OURS, "--request-timeout", "30"),
        ]
        ended = subprocess.run(
            [_PROGRAM, "run", f"{service.url}/api/v1/openapi.json", *options],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    assert ended.returncode == 0, ended.stdout[-4000:]
    assert "14/14" in ended.stdout
