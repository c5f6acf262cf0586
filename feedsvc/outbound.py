"""The only module that connects to other machines: hubs, other people's feeds.

Whoever may name an address could name one inside our own network (SSRF). So a name is resolved
once, every address that it has must be a public one, and the connection goes to the checked
address, not to the name again. No proxy of the environment is used, a redirect is a new request
that is checked like the first, and time and size have bounds that hold for the whole exchange.

What speaks HTTP is imported when it is first needed: most programs and commands never do.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin

import feedsvc
from feedsvc.errors import OutboundError
from feedsvc.says import says

if TYPE_CHECKING:
    from urllib3 import HTTPResponse
    from urllib3.connection import HTTPConnection
    from urllib3.util import Url

AGENT = f"feedsvc/{feedsvc.__version__}"
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = {301, 302, 303, 307, 308}
_CHUNK = 65_536
# What `is_global` of some Pythons lets pass (3.11: IETF assignments, NAT64, 6to4).
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "fec0::/10", "2001::/23")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one exchange; `seconds` are from connecting to the last byte.

    The look-up of the name comes before, and is bounded by the system's resolver alone. A
    redirect that is followed is another exchange. With no `body_bytes` the body is not looked
    at, however large it is.
    """

    seconds: float = 15
    connect_seconds: float = 5
    body_bytes: int = 64 * 1024
    redirects: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent; a `body` makes it a POST unless `method` says otherwise."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back: header names in lower case, the body unpacked, `url` the last asked."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def is_good(self) -> bool:
        """Whether the status is one of success."""
        return self.status // 100 == 2  # noqa: PLR2004 - 2xx


class Outbound:
    """Sends requests to machines that may be spoken to.

    `allowed` names those that may be although their address is not public, or their port not
    the usual one: "hub.internal:8080". It comes from the setting of that name. `ports` may be
    spoken to besides the usual one.
    """

    def __init__(
        self,
        allowed: Sequence[str] = (),
        *,
        ports: Collection[int] = (),
        setting: str = "outbound.allowed",
        resolve: Resolve | None = None,
    ) -> None:
        self._allowed = frozenset(name.lower() for name in allowed)
        self._ports = frozenset(ports)
        self._setting = setting
        self._resolve = resolve or _addresses

    def vet(self, address: str) -> str:
        """Look at an address as far as that goes without asking anybody; return its host.

        Names are looked up when they are spoken to, and every time; but many an address is
        seen through at once, whatever numbers 127.0.0.1 is written with.

        Raises:
            OutboundError: it would not be spoken to.
        """
        host, port, is_usual = _place(_parsed(address))
        is_allowed = self._is_allowed(host, port, is_usual=is_usual)
        number = None if is_allowed else _as_number(host)
        if number is not None and not is_public(number):
            raise self._not_public(host)
        return host

    def send(self, request: Request) -> Response:
        """Send a request and return the answer, whatever its status is.

        Raises:
            OutboundError: the address may not be spoken to, nobody answers there, or the answer
                is larger or slower than the limits allow.
        """
        _load(request.url)
        left = request.limits.redirects
        while True:
            response = self._exchange(request)
            target = response.headers.get("location")
            if response.status not in _REDIRECTS or target is None or not left:
                return response
            left -= 1
            request = replace(request, url=urljoin(request.url, target))

    def _exchange(self, request: Request) -> Response:
        from http.client import HTTPException  # noqa: PLC0415

        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        url = _parsed(request.url)
        limits = request.limits
        connection = self._connection(url, limits)
        with _Watch(connection, limits.seconds) as watch:
            try:
                watch.connect(limits.seconds)
                response = _ask(connection, url, request)
            except (HTTPError, HTTPException, OSError) as error:
                raise _failure(url, error, limits, is_late=watch.is_late) from None
        if watch.is_late:  # what came until the cut looks like a whole answer
            raise _late(url, limits)
        return response

    def _connection(self, url: "Url", limits: Limits) -> "HTTPConnection":
        from urllib3.connection import HTTPConnection, HTTPSConnection  # noqa: PLC0415

        host, port, is_usual = _place(url)
        address = self._checked(host, port, is_usual=is_usual)
        if url.scheme == "http":
            return HTTPConnection(address, port, timeout=limits.connect_seconds)
        return HTTPSConnection(
            address,
            port,
            timeout=limits.connect_seconds,
            server_hostname=host,
            assert_hostname=host,
            ssl_context=_tls(),
        )

    def _checked(self, host: str, port: int, *, is_usual: bool) -> str:
        """Return the address to connect to."""
        is_allowed = self._is_allowed(host, port, is_usual=is_usual)
        try:
            addresses = tuple(self._resolve(host, port))
        except (OSError, UnicodeError):
            raise OutboundError(
                says("the name %(host)s is not known; see that it is right", host=host)
            ) from None
        bad = () if is_allowed else tuple(each for each in addresses if not is_public(each))
        if bad or not addresses:
            raise self._not_public(host)
        return addresses[0]

    def _is_allowed(self, host: str, port: int, *, is_usual: bool) -> bool:
        """Whether any address of a host is good, because it was named.

        Raises:
            OutboundError: the port is none that is spoken to.
        """
        if f"{host}:{port}" in self._allowed or (is_usual and host in self._allowed):
            return True
        if not (is_usual or port in self._ports):
            raise OutboundError(
                says(
                    "port %(port)s of %(host)s is not spoken to; %(setting)s can name "
                    "%(host)s:%(port)s if it is meant",
                    port=port,
                    host=host,
                    setting=self._setting,
                )
            )
        return False

    def _not_public(self, host: str) -> OutboundError:
        return OutboundError(
            says(
                "%(host)s is not a public address; %(setting)s can name it if it is meant",
                host=host,
                setting=self._setting,
            )
        )


def is_public(text: str) -> bool:
    """Whether an address is one that the whole internet would reach alike."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(map(_is_global, _meant(address)))


def _meant(address: Address) -> Iterator[Address]:
    """Yield the address, and the one that it stands for (mapped, 6to4, NAT64)."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
    elif address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address in _NAT64:
        yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    else:
        yield address
        if address.sixtofour is not None:
            yield address.sixtofour


def _is_global(address: Address) -> bool:
    is_named = any(address in net for net in _NEVER if net.version == address.version)
    return address.is_global and not address.is_multicast and not is_named


def _addresses(host: str, port: int) -> Iterable[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return (str(info[4][0]) for info in found)


def _place(url: "Url") -> tuple[str, int, bool]:
    """Return host and port, and whether the port is the scheme's usual one."""
    host, usual = str(url.host).strip("[]").lower(), _PORTS[str(url.scheme)]
    port = url.port or usual
    return host, port, port == usual


def _as_number(host: str) -> str | None:
    """Return the address that a host is written as: 127.0.0.1 for 0x7f.1, None for a name."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))  # what the resolver makes of it
    except (OSError, UnicodeError):
        return None


_loading = threading.Lock()


def _load(wanted: str) -> None:
    """Import what speaks HTTP, one thread at a time, for an address.

    Its modules need each other: two threads that begin with different ones at once have half
    of one, and fail.

    Raises:
        OutboundError: the system has no file descriptor to give now. The next call tries again.
    """
    with _loading:
        try:
            import urllib3.connection  # noqa: PLC0415
            import urllib3.util  # noqa: F401, PLC0415
        except OSError as error:
            raise _silent(wanted, str(error.strerror)) from None


def _parsed(text: str) -> "Url":
    _load(text)
    from urllib3.exceptions import HTTPError  # noqa: PLC0415
    from urllib3.util import parse_url  # noqa: PLC0415

    try:
        url = parse_url(text)
    except HTTPError:
        raise OutboundError(says("%(address)s is no address", address=repr(text))) from None
    if url.scheme not in _PORTS or not url.host or url.auth:
        raise OutboundError(
            says(
                "%(address)s cannot be asked: an address starts with https:// or http:// and "
                "names no user",
                address=repr(text),
            )
        )
    return url


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Watch:
    """Cuts a connection when the time is over, whatever trickles in until then."""

    def __init__(self, connection: "HTTPConnection", seconds: float) -> None:
        self.is_late = False
        self._connection = connection
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        self._connection.close()

    def connect(self, seconds: float) -> None:
        """Connect, and wait at most these seconds for each piece from then on."""
        self._connection.connect()
        # An answer takes the socket with it, and the connection knows it no more.
        self._socket = self._connection.sock
        if self._socket is not None:
            self._socket.settimeout(seconds)

    def _cut(self) -> None:
        self.is_late = True
        open_ = self._socket or self._connection.sock
        if open_ is not None:
            with suppress(OSError):  # it has ended by itself
                open_.shutdown(socket.SHUT_RDWR)


def _ask(connection: "HTTPConnection", url: "Url", request: Request) -> Response:
    headers = {
        "Host": str(url.netloc),
        "User-Agent": AGENT,
        "Accept-Encoding": "gzip",
        "Connection": "close",
        **request.headers,
    }
    connection.request(
        request.method,
        url.request_uri,
        body=request.body,
        headers=headers,
        preload_content=False,
        decode_content=True,
    )
    response = connection.getresponse()
    return Response(
        status=response.status,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=_body(response, request.limits.body_bytes),
        url=request.url,
    )


def _body(response: "HTTPResponse", most: int) -> bytes:
    """Read what is sent, unpacked, as far as it may go: a small file may be a large one."""
    parts: list[bytes] = []
    size = 0
    if not most:
        return b""
    for chunk in response.stream(_CHUNK, decode_content=True):
        size += len(chunk)
        if size > most:
            raise OutboundError(says("the answer is larger than %(most)s bytes", most=most))
        parts.append(chunk)
    return b"".join(parts)


def _failure(url: "Url", error: Exception, limits: Limits, *, is_late: bool) -> OutboundError:
    where = _where(url)
    if is_late or isinstance(error, TimeoutError):
        return _late(url, limits)
    if isinstance(error, ssl.SSLError) or "certificate" in str(error).lower():
        return OutboundError(
            says(
                "%(where)s cannot prove that it is who it says: %(error)s",
                where=where,
                error=str(error),
            )
        )
    return _silent(where, str(error))


def _silent(where: str, why: str) -> OutboundError:
    return OutboundError(says("%(where)s does not answer: %(error)s", where=where, error=why))


def _late(url: "Url", limits: Limits) -> OutboundError:
    return OutboundError(
        says(
            "%(where)s took longer than %(seconds)s seconds",
            where=_where(url),
            seconds=f"{limits.seconds:g}",
        )
    )


def _where(url: "Url") -> str:
    return f"{url.scheme}://{url.netloc}"
