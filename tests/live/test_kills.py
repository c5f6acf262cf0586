"""Promise 6: any process may die at any instruction."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.live
KILLS = int(os.environ.get("FEEDSVC_KILLS", "40"))


def test_story_survives_kills_at_every_step(tmp_path: Path) -> None:
    """No acknowledged article lost, no torn or mixed body, no guid changed, no way back."""
    command = [sys.executable, "-m", "tests.live.story_driver", str(tmp_path / "data")]

    done = subprocess.run(
        [*command, str(KILLS)], capture_output=True, text=True, check=False, cwd=ROOT
    )

    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-2000:]
    assert f"survived {KILLS} kills" in done.stdout
