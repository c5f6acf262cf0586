"""Other machines: only public ones, only as long and as much as was agreed."""

import gzip
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from feedsvc.errors import OutboundError
from feedsvc.outbound import AGENT, Limits, Outbound, Request, is_public
from tests.conftest import program

_ENOUGH = Limits(seconds=30)


class _Handler(BaseHTTPRequestHandler):
    """Answers by path; `/` gives back what was asked."""

    def do_POST(self) -> None:
        self._echo()

    def do_GET(self) -> None:
        pages: dict[str, Callable[[], object]] = {
            "/large": lambda: self._send(b"x" * 100_000),
            "/bomb": lambda: self._send(gzip.compress(b"0" * 50_000_000), "gzip"),
            "/packed": lambda: self._send(gzip.compress(b"unpacked"), "gzip"),
            "/slow": self._drip,
            "/slow-head": self._drip_head,
            "/away": lambda: self._redirect("http://169.254.169.254/"),
            "/near": lambda: self._redirect("/"),
            "/round": lambda: self._redirect("/round"),
            "/nonsense": lambda: self.wfile.write(b"nonsense\r\n\r\n"),
        }
        pages.get(self.path, self._echo)()

    def _echo(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._send(f"{self.command} {self.headers}".encode() + body)

    def _send(self, body: bytes, coding: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if coding:
            self.send_header("Content-Encoding", coding)
        self.end_headers()
        self._write(body)

    def _write(self, data: bytes) -> bool:
        try:
            self.wfile.write(data)
        except OSError:
            return False
        return True

    def _redirect(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        while self._write(b"x") and not _over.wait(0.05):
            pass

    def _drip_head(self) -> None:
        while self._write(b"H") and not _over.wait(0.05):
            pass

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


_over = threading.Event()


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    _over.clear()
    yield server
    _over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(server: ThreadingHTTPServer) -> str:
    return f"http://hub.test:{server.server_port}"


@pytest.fixture
def outbound(server: ThreadingHTTPServer) -> Outbound:
    return Outbound([f"hub.test:{server.server_port}"], resolve=_to("127.0.0.1"))


def _to(*addresses: str) -> Callable[[str, int], tuple[str, ...]]:
    return lambda _host, _port: addresses


@pytest.mark.checklist("HUB-36")
def test_a_request_arrives_as_it_was_meant(outbound: Outbound, address: str) -> None:
    request = Request(
        url=address, method="POST", headers={"X-A": "b"}, body=b"hub.mode=publish"
    )

    response = outbound.send(request)

    assert (response.status, response.is_good, response.url) == (200, True, address)
    text = response.body.decode()
    assert text.startswith("POST ")
    assert text.endswith("hub.mode=publish")
    for line in (f"Host: {address.removeprefix('http://')}", f"User-Agent: {AGENT}", "X-A: b"):
        assert line in text


def test_what_is_packed_is_unpacked(outbound: Outbound, address: str) -> None:
    assert outbound.send(Request(url=f"{address}/packed")).body == b"unpacked"


@pytest.mark.parametrize("path", ["large", "bomb"])
def test_an_answer_has_a_size(outbound: Outbound, address: str, path: str) -> None:
    with pytest.raises(OutboundError, match="larger than 65536 bytes"):
        outbound.send(Request(url=f"{address}/{path}", limits=_ENOUGH))


@pytest.mark.parametrize("path", ["slow", "slow-head"])
def test_an_answer_takes_its_time_and_no_more(
    outbound: Outbound, address: str, path: str
) -> None:
    with pytest.raises(OutboundError, match=r"took longer than 0\.5 seconds"):
        outbound.send(Request(url=f"{address}/{path}", limits=Limits(seconds=0.5)))


def test_a_redirect_is_an_answer_unless_it_may_be_followed(
    outbound: Outbound, address: str
) -> None:
    near = f"{address}/near"

    assert outbound.send(Request(url=near)).status == 302
    followed = outbound.send(Request(url=near, limits=Limits(redirects=1)))
    assert (followed.status, followed.url) == (200, f"{address}/")


@pytest.mark.checklist("HUB-36")
def test_a_redirect_is_checked_like_the_first(outbound: Outbound, address: str) -> None:
    with pytest.raises(OutboundError, match="not a public address"):
        Outbound([address.removeprefix("http://")], resolve=_by_name).send(
            Request(url=f"{address}/away", limits=Limits(redirects=2))
        )


def _by_name(host: str, _port: int) -> tuple[str, ...]:
    return ("127.0.0.1",) if host == "hub.test" else (host,)


def test_redirects_end(outbound: Outbound, address: str) -> None:
    response = outbound.send(Request(url=f"{address}/round", limits=Limits(redirects=3)))

    assert response.status == 302


def test_who_speaks_no_http_does_not_answer(outbound: Outbound, address: str) -> None:
    with pytest.raises(OutboundError, match="does not answer"):
        outbound.send(Request(url=f"{address}/nonsense"))


def test_nobody_there_is_said(server: ThreadingHTTPServer) -> None:
    with pytest.raises(OutboundError, match="does not answer"):
        Outbound(["hub.test:1"], resolve=_to("127.0.0.1")).send(
            Request(url="http://hub.test:1/")
        )


@pytest.mark.checklist("HUB-35")
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/",
        "http://100.64.0.1/",
        "http://[fe80::1%25lo]/",
    ],
)
def test_our_own_network_is_not_spoken_to(url: str) -> None:
    with pytest.raises(OutboundError, match=r"public address|is no address|not known"):
        Outbound().send(Request(url=url))


@pytest.mark.checklist("HUB-35")
@pytest.mark.parametrize(
    "url", ["ftp://x.org/", "file:///etc/passwd", "http://u:p@x.org/", "x"]
)
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(OutboundError, match=r"cannot be asked|is no address"):
        Outbound().send(Request(url=url))


@pytest.mark.checklist("HUB-35")
def test_unusual_ports_have_to_be_named() -> None:
    with pytest.raises(OutboundError, match=r"can name x\.org:22"):
        Outbound(resolve=_to("93.184.216.34")).send(Request(url="http://x.org:22/"))


@pytest.mark.checklist("HUB-35")
def test_one_private_address_among_public_ones_is_enough() -> None:
    with pytest.raises(OutboundError, match="not a public address"):
        Outbound(resolve=_to("93.184.216.34", "10.0.0.1")).send(Request(url="http://x.org/"))


def test_a_name_that_is_unknown_is_said() -> None:
    def unknown(_host: str, _port: int) -> tuple[str, ...]:
        raise OSError

    with pytest.raises(OutboundError, match=r"x\.invalid is not known"):
        Outbound(resolve=unknown).send(Request(url="http://x.invalid/"))


@pytest.mark.checklist("HUB-35")
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1", True),
        ("192.0.0.8", False),
        ("224.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("nonsense", False),
    ],
)
def test_what_is_public(address: str, expected: bool) -> None:
    assert is_public(address) is expected


@pytest.mark.checklist("HUB-36")
def test_a_certificate_must_prove_the_name(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *(program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
            *("-subj", "/CN=hub.test", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.handle_request, daemon=True).start()
        outbound = Outbound([f"hub.test:{server.server_port}"], resolve=_to("127.0.0.1"))

        with pytest.raises(OutboundError, match="cannot prove"):
            outbound.send(Request(url=f"https://hub.test:{server.server_port}/"))


@pytest.mark.checklist("HUB-35")
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "0",
        "0.0.0.0",  # noqa: S104 - refused
        "10.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "[fe80::1%25lo]",
        "[fd00::1]",
        "224.0.0.1",
        "192.0.2.1",
    ],
)
def test_a_disguise_is_seen_through_without_asking(host: str) -> None:
    def nobody(_host: str, _port: int) -> tuple[str, ...]:
        raise AssertionError

    with pytest.raises(OutboundError, match=r"not a public address|is no address"):
        Outbound(resolve=nobody).vet(f"http://{host}/")


@pytest.mark.checklist("HUB-35", "HUB-37")
def test_what_is_looked_at_has_a_host_and_a_port_that_may_be_spoken_to() -> None:
    outbound = Outbound(["10.0.0.1", "x.org:22"], ports=[8443], setting="a.setting")

    for address in (
        "https://X.org/",
        "https://x.org:8443",
        "http://x.org:22",
        "https://1.1.1.1",
    ):
        assert outbound.vet(address) in {"x.org", "1.1.1.1"}
    assert outbound.vet("http://10.0.0.1/") == "10.0.0.1"
    for address in ("https://x.org:25/", "http://10.0.0.1:8443/"):
        with pytest.raises(OutboundError, match=r"a\.setting can name"):
            outbound.vet(address)


def test_a_body_that_nobody_wants_is_not_read(outbound: Outbound, address: str) -> None:
    request = Request(url=f"{address}/large", limits=Limits(body_bytes=0))

    response = outbound.send(request)

    assert (response.status, response.body) == (200, b"")


AT_ONCE = """
import random, sys, threading, time
from feedsvc.errors import OutboundError
from feedsvc.outbound import Outbound, Request

def send():
    time.sleep(random.random() * 0.02)
    try:
        Outbound(allowed=["127.0.0.1:1"]).send(Request(url="http://127.0.0.1:1/"))
    except OutboundError:
        pass

for _ in range(60):
    for name in [each for each in sys.modules if each.partition(".")[0] == "urllib3"]:
        del sys.modules[name]
    threads = [threading.Thread(target=send) for _ in range(8)]
    [each.start() for each in threads]
    [each.join() for each in threads]
"""


def test_the_first_who_send_do_not_break_each_others_import() -> None:
    """urllib3's modules need each other; half of one is what a second thread would find."""
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=True
    )

    assert done.stderr == ""


NO_DESCRIPTOR = """
import os, resource
from feedsvc.errors import OutboundError
from feedsvc.outbound import Outbound, Request

def send():
    try:
        Outbound(allowed=["127.0.0.1:1"]).send(Request(url="http://127.0.0.1:1/"))
    except OutboundError as error:
        print(error)

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
taken = []
try:
    while True:
        taken.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    send()
for each in taken:
    os.close(each)
send()
"""


def test_what_cannot_be_imported_for_want_of_a_descriptor_is_tried_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_DESCRIPTOR], capture_output=True, text=True, check=True
    )

    first, second = done.stdout.splitlines()
    assert first == "http://127.0.0.1:1/ does not answer: Too many open files"
    assert "Connection refused" in second
