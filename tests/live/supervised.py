"""A supervisor and its workers, in processes of their own, for tests that ask or kill them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.live.process import wait_until


class Supervised:
    """A supervisor and its workers, in processes of their own."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.live.supervised_program", *words],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.address = self.line()

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def events(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of the log that begin so."""
        whole = self._log.read_text().rpartition("\n")[0]
        lines = [json.loads(line) for line in whole.splitlines()]
        return [line for line in lines if str(line["event"]).startswith(event)]

    def wait_for(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        wait_until(lambda: len(self.events(event)) >= count, why=f"{event} never came")
        return self.events(event)

    def workers(self) -> list[int]:
        """Return the workers that got ready and have not died."""
        gone = {line["pid"] for line in (*self.events("worker died"), *self.events("worker e"))}
        ready = [line["pid"] for line in self.events("worker is ready")]
        return [pid for pid in ready if pid not in gone]
