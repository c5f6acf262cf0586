"""Fault plan F5, F6: a disk that really is full, under SQLite and the shelf of a service."""

import errno
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from lxml import html

from tests.live.process import ServiceProcess, wait_until
from tests.live.test_outage import is_served_as
from tests.web.desk_client import PASSWORD

pytestmark = pytest.mark.live
FEED = "/feeds/recent.rss"
SPACE = "24m"  # so much is no shortage yet
SAID = "nothing can be stored"
_LETTERS = random.Random(1).choices("aeiou mnrst", k=100_000)  # noqa: S311 - no secret
TEXT = "".join(_LETTERS)  # as it cannot be made small, it fits into nothing that is left


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, as the folder for data."""
    folder = tmp_path / "data"
    folder.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux may mount a small file system")
    options = ["-t", "tmpfs", "-o", f"size={SPACE}", "tmpfs", str(folder)]
    mounted = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"this machine lets nobody mount: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Desk:
    """An editor's browser, as far as forms go."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.status = 0
        self.page = html.Element("html")

    def open(self, path: str, data: bytes | None = None) -> None:
        try:
            answer = self._opener.open(urljoin(self._url, path), data, timeout=60)
        except HTTPError as error:
            answer = error
        with answer:
            self.status = answer.status
            self.page = html.document_fromstring(answer.read().decode(), base_url=answer.url)

    def send(self, action: str, **changes: str) -> None:
        """Fill in the form of the page and press a button."""
        form = self.page.xpath("//main//form")[0]
        values = {**dict(form.form_values()), "action": action, **changes}
        target = urljoin(str(self.page.base_url), form.get("action") or "")
        self.open(target, urlencode(values).encode())

    @property
    def alert(self) -> str:
        return " ".join(each.text_content() for each in self.page.xpath("//*[@role='alert']"))


def fill(ballast: Path) -> None:
    """Take all space that is left."""
    with ballast.open("ab", buffering=0) as file:
        for size in (1_000_000, 4096):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                assert error.errno == errno.ENOSPC  # noqa: PT017 - what else would it end with


def said_by(service: ServiceProcess, *words: str) -> str:
    """Return what a command says that finds something wrong."""
    with pytest.raises(AssertionError) as raised:
        service.run(*words)
    return str(raised.value)


def leader(service: ServiceProcess) -> int:
    [line] = [each for each in service.log.read_text().splitlines() if "started leader" in each]
    return int(line.partition("pid=")[2].split()[0])


def signed_in(service: ServiceProcess) -> Desk:
    desk = Desk(service.url)
    wait_until(lambda: service.lines("/desk/setup/"))
    [link] = [each for each in service.log.read_text().split() if "/desk/setup/" in each]
    desk.open(link)
    desk.send("", name="asha", password=PASSWORD)
    return desk


def publish(desk: Desk, title: str, text: str) -> None:
    desk.open("/desk/articles/new")
    desk.send("publish", title=title, body_source=text)


def test_promise_5_a_full_disk_stops_nothing_but_saving(tmp_path: Path, data: Path) -> None:
    ballast = data / "ballast"
    # With one worker alone, whoever leads answers pages, too.
    with ServiceProcess(tmp_path, server={"workers": 2}) as service:
        desk = signed_in(service)
        publish(desk, "Before", "Dry.")
        wait_until(lambda: b"Before" in service.get(FEED).body)
        before = service.get(FEED)

        os.kill(leader(service), signal.SIGSTOP)
        publish(desk, "Stored", TEXT)
        fill(ballast)
        os.kill(leader(service), signal.SIGCONT)
        wait_until(lambda: service.lines(SAID) >= 1)  # it cannot publish
        publish(desk, "Rain", TEXT)
        for _ in range(2):
            assert desk.status == 503
            assert "no space left" in desk.alert
            assert "kept in this page" in desk.alert
            desk.send("publish")
        assert is_served_as(service, before)
        assert service.get("/readyz").status == 200  # what it is to serve, it serves
        assert "free some space" in said_by(service, "status")

        ballast.unlink()
        desk.send("publish")
        assert desk.status == 200
        wait_until(lambda: b"Stored" in (now := service.get(FEED).body) and b"Rain" in now)
        assert service.lines(SAID) == 2  # once in the leader, once in the worker
        assert service.lines("lost the database") == 0
