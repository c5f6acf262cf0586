"""Real servers on loopback, started with the files of docs/deploy as they are.

Only addresses are put in: ports, folders, certificates.
"""

import http.client
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT, program
from tests.live.process import PATIENCE_SECONDS, Answer, free_port, wait_until

DEPLOY = ROOT / "docs" / "deploy"
NAME = "news.example.org"
MODULES = Path("/usr/lib/nginx/modules")
BROTLI = MODULES / "ngx_http_brotli_static_module.so"
SHELF = "/var/lib/feedsvc/shelf"
ORIGIN = "127.0.0.1:8080"


def deployed(name: str, addresses: Mapping[str, object]) -> str:
    """Return a file of docs/deploy with addresses put in; each must stand in it."""
    content = (DEPLOY / name).read_text("utf-8")
    for there, here in addresses.items():
        assert there in content, f"docs/deploy/{name} has no {there!r}"
        content = content.replace(there, str(here))
    return content


@dataclass(frozen=True)
class Server:
    """Something that listens on loopback."""

    port: int
    authority: Path | None = None

    def get(self, path: str, method: str = "GET", **fields: str) -> Answer:
        """Ask over a connection of its own; `if_none_match=` is If-None-Match, and so on."""
        connection = self._connection()
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        try:
            connection.request(method, path, headers={"Host": NAME} | headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.authority is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=PATIENCE_SECONDS, context=self.context()
        )

    def context(self) -> ssl.SSLContext:
        """Return what a client needs to trust the certificate; it is not for an address."""
        context = ssl.create_default_context(cafile=self.authority)
        context.check_hostname = False
        return context


@contextmanager
def nginx(folder: Path, port: int, site: str, *, is_brotli: bool = False) -> Iterator[None]:
    """Run nginx with one site until the end."""
    main = [
        "daemon off;",
        f"pid {folder}/nginx.pid;",
        *(["user root;"] if os.geteuid() == 0 else []),
        *([f"load_module {BROTLI};"] if is_brotli else []),
        "events {}",
        "http {",
        "access_log off;",
        *(
            f"{kind}_temp_path {folder}/nginx-{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi")
        ),
        f"include {folder}/site.conf;",
        "}",
    ]
    (folder / "nginx.conf").write_text("\n".join(main) + "\n")
    (folder / "site.conf").write_text(site)
    command = [program("nginx"), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    with running(folder / "nginx.log", port, [*command, "-p", str(folder)]):
        yield


@contextmanager
def running(log: Path, port: int, command: list[str], **environment: str) -> Iterator[None]:
    """Run a server in the foreground from when it listens, and end it."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, env=os.environ | environment
        )
    try:
        wait_until(lambda: process.poll() is not None or _is_listening(port))
        assert process.poll() is None, log.read_text()
        yield
        assert process.poll() is None, log.read_text()
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def nginx_shelf(folder: Path, shelf: Path, *, is_brotli: bool = False) -> Iterator[Server]:
    """Run nginx on a folder of files."""
    port = free_port()
    addresses = {"listen 80;": f"listen 127.0.0.1:{port};", SHELF: shelf}
    if is_brotli:
        addresses["# brotli_static on;"] = "brotli_static on;"
    with nginx(folder, port, deployed("nginx-shelf.conf", addresses), is_brotli=is_brotli):
        yield Server(port)


@contextmanager
def nginx_proxy(folder: Path, origin: int, **changes: str) -> Iterator[tuple[Server, Server]]:
    """Run nginx before a service; return what listens with HTTPS, and with plain HTTP."""
    port, plain = free_port(), free_port()
    certificate, key = folder / "certificate.pem", folder / "certificate.key"
    _make_certificate(certificate, key)
    addresses = {
        ORIGIN: f"127.0.0.1:{origin}",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/ssl/news.example.org.pem": certificate,
        "/etc/ssl/private/news.example.org.key": key,
        "/var/cache/nginx/feedsvc": folder / "nginx-cache",
    } | changes
    with nginx(folder, port, deployed("nginx-proxy.conf", addresses)):
        yield Server(port, certificate), Server(plain)


def _make_certificate(certificate: Path, key: Path) -> None:
    words = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={NAME}".split()
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([program("openssl"), *words, *files], check=True, capture_output=True)


@contextmanager
def varnish(folder: Path, origin: int, **changes: str) -> Iterator[Server]:
    """Run Varnish before a service."""
    port = free_port()
    addresses = {'.port = "8080"': f'.port = "{origin}"', **changes}
    (folder / "feedsvc.vcl").write_text(deployed("varnish.vcl", addresses))
    command = [
        *(program("varnishd"), "-F", "-a", f"127.0.0.1:{port}", "-n", str(folder / "varnish")),
        *("-f", str(folder / "feedsvc.vcl"), "-p", "http_gzip_support=off"),
        *("-s", "malloc,50m", "-T", "none", "-j", "none"),
    ]
    with running(folder / "varnish.log", port, command):
        yield Server(port)


@contextmanager
def caddy(folder: Path, name: str, addresses: Mapping[str, object]) -> Iterator[Server]:
    """Run Caddy with one of its files, without HTTPS: no authority is asked from a test."""
    port = free_port()
    site = deployed(name, {f"{NAME} {{": f"http://:{port} {{\n\tbind 127.0.0.1", **addresses})
    file = folder / "Caddyfile"
    file.write_text("{\n\tadmin off\n}\n" + site)
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(file)]
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with running(folder / "caddy.log", port, command, **home):
        yield Server(port)
