"""`feedsvc publish --watch` as a process of its own, beside the one that serves."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from tests import postgres
from tests.live.process import PATIENCE_SECONDS, ServiceProcess, wait_until
from tests.s3 import S3Server
from tests.unit.publishing.outlet_checks import files_of

pytestmark = pytest.mark.live
FEED = "feeds/recent.rss"


@contextmanager
def watching(
    service: ServiceProcess, *words: str, log: BinaryIO | None = None
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        service.command("publish", "--watch", *words),
        env=service.environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=log or subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def add(service: ServiceProcess, title: str) -> None:
    service.run("article", "add", "--title", title, "--body-file", "-", text="Text.")
    wait_until(lambda: title.encode() in service.get(f"/{FEED}").body)


def is_shown(folder: Path, title: str) -> bool:
    path = folder / FEED
    return path.exists() and title.encode() in path.read_bytes()


def test_what_is_published_is_followed_until_a_signal(tmp_path: Path) -> None:
    www = tmp_path / "www"
    with ServiceProcess(tmp_path) as service:
        add(service, "Before")
        with watching(service, "--json", str(www)) as process:
            wait_until(lambda: is_shown(www, "Before"))
            add(service, "While it watches")
            wait_until(lambda: is_shown(www, "While it watches"))
            served = service.get(f"/{FEED}")
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, err) == (0, "")
    first, *news = [json.loads(line) for line in out.splitlines()]
    assert FEED in first["written"]
    assert [FEED in line["written"] for line in news] == [True]
    assert (www / FEED).read_bytes() == served.body
    modified = parsedate_to_datetime(served.headers["last-modified"]).timestamp()
    assert (www / FEED).stat().st_mtime == modified


def test_killed_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """Promise 6: any process may die at any instruction."""
    www = tmp_path / "www"
    with ServiceProcess(tmp_path) as service:
        for number in range(3):
            add(service, f"Number {number}")
            with watching(service, str(www)) as process:
                wait_until(lambda: bool(files_of(www)))
                process.kill()
        service.run("publish", str(www))

        assert (www / FEED).read_bytes() == service.get(f"/{FEED}").body
        assert os.listdir(www / ".feedsvc") == ["files.json"]  # noqa: PTH208 - names only


@pytest.mark.xdist_group("s3")
def test_a_bucket_is_followed_too(tmp_path: Path, s3_environment: S3Server) -> None:
    bucket = s3_environment.new_bucket()
    with ServiceProcess(tmp_path) as service:
        add(service, "Before")
        with watching(service, f"s3://{bucket}") as process:
            wait_until(lambda: FEED in s3_environment.names(bucket), PATIENCE_SECONDS)
            add(service, "While it watches")
            served = service.get(f"/{FEED}").body
            wait_until(
                lambda: s3_environment.get(bucket, FEED).body == served, PATIENCE_SECONDS
            )
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (0, "")


def test_a_database_that_is_away_is_said_once_and_waited_for(
    cluster: Path, tmp_path: Path
) -> None:
    www, log = tmp_path / "www", tmp_path / "watch.log"
    url = f"postgresql://postgres@/postgres?host={cluster}"
    service = ServiceProcess(tmp_path, database={"url": url})
    with log.open("wb") as file, ExitStack() as beside:
        with postgres.serving(cluster):
            service.run("migrate")
            add_alone(service, "Before")
            process = beside.enter_context(watching(service, str(www), log=file))
            wait_until(lambda: is_shown(www, "Before"))
        wait_until(lambda: "nothing can be published now" in log.read_text())
        assert is_shown(www, "Before")
        with postgres.serving(cluster):
            add_alone(service, "After")
            wait_until(lambda: is_shown(www, "After"))
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) == 0
    assert log.read_text().count("nothing can be published now") == 1


def add_alone(service: ServiceProcess, title: str) -> None:
    """Add an article, and publish it, where nothing serves."""
    service.run("article", "add", "--title", title, "--body-file", "-", text="Text.")
    service.run("regenerate")
