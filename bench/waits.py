"""A known reader who asks at fixed times, from a process that does nothing else.

python -m bench.waits HOST:PORT PATH FIELDS

Asks until its standard input ends, and prints for each answer how many milliseconds after the
request was due it was there. The fields are JSON.
"""

import json
import select
import socket
import sys
import time

from bench.machine import pin

A_SECOND = 400  # requests


def waits(host: str, path: str, fields: dict[str, str]) -> list[float]:
    """Ask until standard input ends; return milliseconds from when a request was due."""
    name, _, port = host.rpartition(":")
    lines = [f"{field}: {value}" for field, value in ({"Host": host} | fields).items()]
    request = "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()
    found = list[float]()
    with socket.create_connection((name, int(port))) as connection:
        due = time.perf_counter()
        while not select.select([sys.stdin], [], [], max(0.0, due - time.perf_counter()))[0]:
            connection.sendall(request)
            answer = connection.recv(65536)
            if not answer.startswith(b"HTTP/1.1 304") or not answer.endswith(b"\r\n\r\n"):
                sys.exit(f"a reader was answered {answer[:60]!r}")
            found.append((time.perf_counter() - due) * 1_000)
            due += 1 / A_SECOND
    return found


if __name__ == "__main__":
    pin(-1)
    print(json.dumps(waits(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))))
