"""Feeds that are not in memory, and a disk shelf that somebody spoils under a running service.

Promise 6: a torn or mixed body is impossible. What is sent is checked against its entity tag,
whatever became of the files meanwhile.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.live.process import Answer, ServiceProcess, wait_until

pytestmark = pytest.mark.live

CODINGS = {"identity": "", "gzip": ".gz", "br": ".br", "zstd": ".zst"}
FORMATS = ("rss", "atom", "json")


def cut(path: Path) -> None:
    os.truncate(path, 0)


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    """Put other bytes of the same length into the same file."""
    with path.open("r+b") as file:
        file.write(b"x" * path.stat().st_size)


def swap(path: Path) -> None:
    """Put another file of the same length in its place."""
    beside = path.with_name("beside")
    beside.write_bytes(path.read_bytes()[::-1])
    beside.replace(path)


def forbid(path: Path) -> None:
    path.chmod(0)


def make_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGES: tuple[Callable[[Path], None], ...] = (
    *(cut, halve, overwrite, swap, forbid, make_a_pipe),
    Path.unlink,
    lambda path: shutil.rmtree(path.parent),
)


def publish(service: ServiceProcess, title: str) -> None:
    service.run("article", "add", "--title", title, "--body-file", "-", text="Text. " * 200)
    wait_until(lambda: title.encode() in service.get("/feeds/recent.json").body)


def ask(service: ServiceProcess, format_: str, coding: str, **fields: str) -> Answer:
    headers = {"Accept-Encoding": coding, **fields}
    return service.get(f"/feeds/recent.{format_}", headers)


def assert_right(answer: Answer, coding: str = "identity") -> None:
    """The body is what its tag says, in the coding that was asked for."""
    assert answer.status == 200
    assert answer.headers["etag"] == f'"{sha256(answer.body).hexdigest()[:32]}"'
    assert answer.headers.get("content-encoding", "identity") == coding


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    """A service that was started anew: it knows every feed, and has no body in memory."""
    with ServiceProcess(tmp_path) as made:
        publish(made, "It rains")
        made.stop()
        made.start()
        yield made


def file_of(service: ServiceProcess, format_: str, coding: str) -> Path:
    public = service.folder / "data/shelf/feeds" / f"recent.{format_}{CODINGS[coding]}"
    return public.resolve(strict=True)


def test_promise_6_spoilt_files_never_reach_a_reader(service: ServiceProcess) -> None:
    """Each file is spoilt in another way, before it is read for the first time."""
    wanted = [(format_, coding) for format_ in FORMATS for coding in CODINGS]
    files = [file_of(service, *each) for each in wanted]
    for number, file in enumerate(files[: len(DAMAGES)]):
        if file.exists():
            DAMAGES[number](file)

    for format_, coding in wanted * 2:
        assert_right(ask(service, format_, coding), coding)
    assert b"It rains" in ask(service, "json", "identity").body
    log = service.log.read_text()
    for format_ in FORMATS[:2]:
        assert log.count(f"left a damaged feed out slug=recent format={format_}") <= 1
    assert "left a damaged feed out" in log
    assert "Traceback" not in log

    publish(service, "It pours")
    for format_, coding in wanted:
        assert_right(ask(service, format_, coding), coding)


def test_promise_5_without_the_database_what_is_spoilt_is_refused_and_the_rest_is_served(
    service: ServiceProcess,
) -> None:
    whole = ask(service, "rss", "identity")
    service.stop()
    database = service.folder / "data" / "feedsvc.sqlite3"
    for path in database.parent.glob(f"{database.name}*"):
        path.rename(service.folder / path.name)
    service.start()
    halve(file_of(service, "rss", "identity"))

    answers = [ask(service, "rss", "identity") for _ in range(3)]
    tag = {"If-None-Match": whole.headers["etag"]}
    known = ask(service, "rss", "identity", **tag)

    assert [one.status for one in answers] == [503] * 3
    assert int(answers[0].headers["retry-after"]) > 0
    assert answers[0].headers["cache-control"] == "no-store"
    assert (known.status, known.headers["etag"]) == (304, whole.headers["etag"])
    assert_right(ask(service, "rss", "gzip"), "gzip")
    assert service.lines("some feeds cannot be answered") == 1
    for path in service.folder.glob(f"{database.name}*"):
        path.rename(database.parent / path.name)
    again = ask(service, "rss", "identity")
    assert (again.status, again.body) == (200, whole.body)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that is soon full, where the shelf is to be; only root may make one."""
    folder = tmp_path / "data" / "shelf"
    folder.mkdir(parents=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("this user cannot mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_promise_5_a_full_disk_delays_no_feed(tmp_path: Path, small_disk: Path) -> None:
    with ServiceProcess(tmp_path) as service:
        publish(service, "Before the disk was full")
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass

        publish(service, "While the disk was full")
        wait_until(lambda: service.lines("could not write the disk shelf"))
        for format_ in FORMATS:
            for coding in CODINGS:
                assert_right(ask(service, format_, coding), coding)

        filler.unlink()
        wait_until(lambda: service.lines("the disk shelf can be written again"))
        # Each process that keeps the shelf says it once: the worker, and the one that leads.
        assert service.lines("could not write the disk shelf") in {1, 2}
        public = small_disk / "feeds" / "recent.json"
        wait_until(lambda: b"While the disk was full" in public.read_bytes())
