"""Under other WSGI servers than ours: feeds, validators and the desk are the same."""

import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.live.process import ServiceProcess, wait_until

pytestmark = pytest.mark.live
FEED = "/feeds/category/news.atom"
SERVERS = {
    "wsgiref": """
from wsgiref.simple_server import make_server
make_server("127.0.0.1", {port}, create()).serve_forever()
""",
    "werkzeug": """
from werkzeug.serving import make_server
make_server("127.0.0.1", {port}, create(), threaded=True).serve_forever()
""",
}


@pytest.fixture(params=SERVERS)
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServiceProcess]:
    service = ServiceProcess(tmp_path)
    words = ["--title", "The first", "--category", "News", "--body-file", "-"]
    service.run("article", "add", *words, text="It happened.")
    program = "from feedsvc.wsgi import create\n" + SERVERS[request.param]
    with service.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", program.format(port=service.port)],
            stdout=log,
            stderr=log,
            cwd=ROOT,
            env=service.environment | {"FEEDSVC_CONFIG": str(service.settings)},
        )
    try:
        wait_until(lambda: is_served(service), why="no feed came")
        yield service
    finally:
        process.kill()
        process.wait()


def is_served(service: ServiceProcess) -> bool:
    try:
        return service.get(FEED).status == 200
    except OSError:
        return False


def test_feeds_and_desk_are_as_under_ours_and_articles_come_out(
    service: ServiceProcess,
) -> None:
    whole = service.get(FEED, {"Accept-Encoding": "gzip"})
    tag = whole.headers["etag"]
    known = service.get(FEED, {"Accept-Encoding": "gzip", "If-None-Match": tag})
    dated = service.get(FEED, {"If-Modified-Since": whole.headers["last-modified"]})
    head = service.ask("HEAD", FEED)
    desk = service.get("/desk/sign-in")

    assert tag == f'"{sha256(whole.body).hexdigest()[:32]}"'
    assert whole.headers["content-encoding"] == "gzip"
    assert (known.status, known.body, known.headers["etag"]) == (304, b"", tag)
    assert (dated.status, head.status, head.body) == (304, 200, b"")
    assert desk.status == 200
    assert service.get("/readyz").status == 200
    assert service.get("/feeds/nowhere.rss").status == 404

    words = ["--title", "The second", "--category", "News", "--body-file", "-"]
    service.run("article", "add", *words, text="It happened again.")

    wait_until(lambda: b"The second" in service.get(FEED).body, why="the second never came")
