"""A service under which another version is installed goes on as what it is, or not at all."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.live.process import ServiceProcess, alive, wait_until

pytestmark = pytest.mark.live
FEED = "/feeds/recent.rss"
REFUSED = "another version of feedsvc was installed since the service was started"


def test_pages_wait_for_the_restart_and_feeds_do_not(tmp_path: Path) -> None:
    """With one worker, who answers pages reads the program's files after the start."""
    home = tmp_path / "home"
    for part in ("feedsvc", "migrations"):
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, home / part, ignore=left_out)
    with ServiceProcess(tmp_path, home=home) as service:
        wait_until(lambda: alive(service, "pages") and alive(service))
        wait_until(lambda: service.get("/").status == service.get(FEED).status == 200)
        worker, [pages] = alive(service), alive(service, "pages")

        install(home / "feedsvc" / "errors.py")
        os.kill(pages, signal.SIGKILL)
        wait_until(lambda: service.lines(REFUSED))

        assert service.get(FEED).status == 200
        assert (alive(service), alive(service, "pages")) == (worker, [])
        assert "Traceback" not in service.log.read_text()
        assert service.stop() == 0
        service.start()
        assert [service.get(path).status for path in (FEED, "/")] == [200, 200]


def install(module: Path) -> None:
    """Put another version in the place of a module, as installers do."""
    new = module.with_suffix(".new")
    new.write_text(f"{module.read_text()}\n# of another version\n")
    new.replace(module)
