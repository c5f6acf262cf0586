"""Promise 6: any process may die at any instruction."""

import json
import os
import random
import subprocess
import sys
import time
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

import pytest

from feedsvc.model import Release
from feedsvc.workflow.writing.edit import create
from tests.conftest import ROOT
from tests.factories import by, given
from tests.live.process import ServiceProcess, room_of, wait_until

pytestmark = pytest.mark.live
KILLS = int(os.environ.get("FEEDSVC_KILLS", "40"))
RANDOM_KILLS = int(os.environ.get("FEEDSVC_RANDOM_KILLS", "4"))
FEEDS = (
    "/feeds/recent.rss",
    "/feeds/recent.atom",
    "/feeds/recent.json",
    "/feeds/category/news.rss",
)


def test_story_survives_kills_at_every_step(tmp_path: Path) -> None:
    """No acknowledged article lost, no torn or mixed body, no guid changed, no way back."""
    command = [sys.executable, "-m", "tests.live.story_driver", str(tmp_path / "data")]

    done = subprocess.run(
        [*command, str(KILLS)], capture_output=True, text=True, check=False, cwd=ROOT
    )

    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-2000:]
    assert f"survived {KILLS} kills" in done.stdout


def test_service_killed_at_random_loses_nothing_and_never_answers_wrongly(
    tmp_path: Path,
) -> None:
    """The whole product, killed while an editor saves and readers poll."""
    seed = int(os.environ.get("FEEDSVC_SEED", "1"))
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    titles: list[str] = []
    with ServiceProcess(tmp_path, feeds={"entries": 500}) as service, room_of(service) as room:
        readers = [Reader(service, path) for path in FEEDS]
        create(room, given("The first"), by=by("a"))
        wait_until(lambda: all(service.get(path).status == 200 for path in FEEDS))
        for kill in range(RANDOM_KILLS):
            title = f"Saved before kill {kill}"
            create(room, given(title, release=Release.NOW), by=by("a"))
            titles.append(title)
            moment = time.monotonic() + chance.uniform(0, 1.5)
            is_early = True
            while is_early:
                is_early = time.monotonic() < moment
                for reader in readers:
                    reader.poll()
            service.kill()
            service.start()
        wait_until(lambda: titles[-1].encode() in service.get(FEEDS[0]).body)
        shown = {item["title"] for item in json.loads(service.get(FEEDS[2]).body)["items"]}

    assert set(titles) <= shown
    assert [problem for reader in readers for problem in reader.problems] == []
    assert all(reader.answers for reader in readers)


class Reader:
    """Polls a feed and notes every answer that breaks a promise."""

    def __init__(self, service: ServiceProcess, path: str) -> None:
        self._service, self._path = service, path
        self._last = ("", parsedate_to_datetime("Sat, 01 Jan 2000 00:00:00 GMT"))
        self.answers = 0
        self.problems: list[str] = []

    def poll(self) -> None:
        tag, moment = self._last
        answer = self._service.get(self._path, {"If-None-Match": f'"{tag}"'} if tag else {})
        self.answers += 1
        if answer.status == 304:
            return
        tag = answer.headers["etag"].strip('"')
        modified = parsedate_to_datetime(answer.headers["last-modified"])
        if answer.status != 200 or sha256(answer.body).hexdigest()[:32] != tag:
            self.problems.append(f"{self._path}: {answer.status}, a body unlike its tag")
        if modified < moment:
            self.problems.append(f"{self._path}: Last-Modified went back")
        self._last = (tag, modified)
