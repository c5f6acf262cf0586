"""A known reader who asks at fixed times, from a process that does nothing else.

python -m bench.waits HOST:PORT PATH FIELDS

Says a line when it is connected and answered, then asks until its standard input ends, and
prints for each answer how many milliseconds after the request was due it was there. Whatever
was due until then counts, so that an end in the middle of a long wait hides nothing. The fields
are JSON.
"""

import json
import select
import socket
import sys
import time

from bench.machine import go_first, pin

A_SECOND = 400  # requests


def waits(host: str, path: str, fields: dict[str, str]) -> list[float]:
    """Ask until standard input ends; return milliseconds from when a request was due."""
    name, _, port = host.rpartition(":")
    lines = [f"{field}: {value}" for field, value in ({"Host": host} | fields).items()]
    request = "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()
    found = list[float]()
    with socket.create_connection((name, int(port))) as connection:
        _ask(connection, request)
        print("ready", flush=True)
        due, end = time.perf_counter(), float("inf")
        while due < end:
            if end == float("inf") and _has_ended(due - time.perf_counter()):
                end = time.perf_counter()
                continue
            time.sleep(max(0.0, due - time.perf_counter()))
            _ask(connection, request)
            found.append((time.perf_counter() - due) * 1_000)
            due += 1 / A_SECOND
    return found


def _has_ended(seconds: float) -> bool:
    """Wait so long for the end of standard input; whether it has come."""
    return bool(select.select([sys.stdin], [], [], max(0.0, seconds))[0])


def _ask(connection: socket.socket, request: bytes) -> None:
    connection.sendall(request)
    answer = connection.recv(65536)
    if not answer.startswith(b"HTTP/1.1 304") or not answer.endswith(b"\r\n\r\n"):
        sys.exit(f"a reader was answered {answer[:60]!r}")


if __name__ == "__main__":
    pin(-1)
    go_first()
    print(json.dumps(waits(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))))
