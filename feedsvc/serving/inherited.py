"""Sockets that another program opened for us, as systemd does (sd_listen_fds(3)).

The program keeps them open while we are restarted, so nobody is refused meanwhile.
"""

import os
import socket

from feedsvc.errors import ConfigError

_FIRST = 3  # SD_LISTEN_FDS_START
_NAMES = ("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES")


def take() -> tuple[socket.socket, ...]:
    """Return the sockets meant for this process, and forget about them; mostly none.

    Raises:
        ConfigError: what was handed in cannot be served on.
    """
    count, process = os.environ.get("LISTEN_FDS", ""), os.environ.get("LISTEN_PID", "")
    if process != str(os.getpid()) or not count.isdecimal():
        return ()
    for name in _NAMES:
        os.environ.pop(name, None)
    return tuple(_take(_FIRST + number) for number in range(int(count)))


def _take(descriptor: int) -> socket.socket:
    try:
        os.set_inheritable(descriptor, False)
        sock = socket.socket(fileno=descriptor)
    except OSError as error:
        raise ConfigError(
            f"LISTEN_FDS: descriptor {descriptor} is no socket: {error.strerror}; "
            "unset it, or start feedsvc by its systemd socket"
        ) from None
    if sock.family not in {socket.AF_INET, socket.AF_INET6} or not _listens(sock):
        sock.detach()
        raise ConfigError(
            f"LISTEN_FDS: descriptor {descriptor} is no listening TCP socket; "
            "write ListenStream=127.0.0.1:8080 in the systemd socket"
        )
    return sock


def _listens(sock: socket.socket) -> bool:
    return bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
