"""Listening sockets, and sentences for when there are none."""

import errno
import os
import socket

from feedsvc.config import Server
from feedsvc.errors import ConfigError

_BACKLOG = 1024
_ABSENT = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_Address = tuple[socket.AddressFamily, tuple[str, int]]


def listen(settings: Server) -> list[socket.socket]:
    """Open a socket for each address of `server.host`; port 0 takes any free port.

    Raises:
        ConfigError: no address can be listened on; the sentence names the setting.
    """
    try:
        return _listen(_addresses(settings.host, settings.port, "server.host"), settings.port)
    except OSError as error:
        raise _refusal(settings, error) from None


def listen_for_operators(settings: Server) -> tuple[socket.socket, ...]:
    """Open the sockets of `server.operations`, if that is set.

    Raises:
        ConfigError: nothing can be listened on there.
    """
    if not settings.operations:
        return ()
    host, _, port = settings.operations.rpartition(":")
    name = "server.operations"
    try:
        return tuple(_listen(_addresses(host, int(port), name), int(port)))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ConfigError(
            f"{name}: cannot listen on {settings.operations}: {reason}; "
            "choose another port of this machine, or leave it empty"
        ) from None


def _listen(addresses: list[_Address], wanted: int) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    absent: OSError | None = None
    for family, where in addresses:
        port = sockets[0].getsockname()[1] if sockets else wanted
        try:
            sockets.append(_open(family, (where[0], port, *where[2:])))
        except OSError as error:
            # `localhost` names ::1 also where there is no IPv6; one address is enough.
            if error.errno not in _ABSENT:
                _close(sockets)
                raise
            absent = error
    if not sockets:
        raise absent or OSError(errno.EADDRNOTAVAIL, "no address")
    return sockets


def url(sock: socket.socket) -> str:
    """Return the address of a listening socket, as a browser takes it."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _addresses(host: str, port: int, setting: str) -> list[_Address]:
    name = None if host == "*" else host.strip("[]")
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise ConfigError(
            f"{setting}: {host!r} is no name or address of this machine; "
            "write 127.0.0.1 for this machine only, 0.0.0.0 for every network"
        ) from None
    return list(dict.fromkeys((family, where) for family, _, _, _, where in found))  # type: ignore[misc]


def _open(family: socket.AddressFamily, where: tuple[str | int, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(where)
        sock.listen(_BACKLOG)  # only this finds out that somebody else is listening
    except OSError:
        sock.close()
        raise
    return sock


def _close(sockets: list[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


def _refusal(settings: Server, error: OSError) -> ConfigError:
    host, port = settings.host, settings.port
    match error.errno:
        case errno.EADDRINUSE:
            return ConfigError(
                f"server.port: {port} is taken on {host}; stop the other program, "
                f"or choose another port (--port {port + 1 if port < 65535 else 8080})"  # noqa: PLR2004 - the last port
            )
        case errno.EACCES | errno.EPERM:
            return ConfigError(
                f"server.port: {port} on {host} is forbidden to this user; "
                "choose a port from 1024 on and put a proxy in front"
            )
        case errno.EADDRNOTAVAIL | errno.EAFNOSUPPORT:
            return ConfigError(
                f"server.host: {host} is no address of this machine; "
                "write 127.0.0.1 for this machine only, 0.0.0.0 for every network"
            )
        case _:
            reason = os.strerror(error.errno) if error.errno else str(error)
            return ConfigError(f"server.host, server.port: {host} {port}: {reason}")
