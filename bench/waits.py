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
    known = {"Host": host} | fields
    found = list[float]()
    with socket.create_connection((name, int(port))) as connection:
        _ask(connection, path, known)
        print("ready", flush=True)
        due, end = time.perf_counter(), float("inf")
        while due < end:
            if end == float("inf") and _has_ended(due - time.perf_counter()):
                end = time.perf_counter()
                continue
            time.sleep(max(0.0, due - time.perf_counter()))
            _ask(connection, path, known)
            found.append((time.perf_counter() - due) * 1_000)
            due += 1 / A_SECOND
    return found


def _has_ended(seconds: float) -> bool:
    """Wait so long for the end of standard input; whether it has come."""
    return bool(select.select([sys.stdin], [], [], max(0.0, seconds))[0])


def _ask(connection: socket.socket, path: str, known: dict[str, str]) -> None:
    """Ask whether there is anything new; what is new is known from then on."""
    lines = [f"GET {path} HTTP/1.1", *(f"{field}: {value}" for field, value in known.items())]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536) or sys.exit("a reader was hung up on")
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 304") and not body:
        return
    fields = (line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    found = {name.lower(): value for name, value in fields}
    if not head.startswith(b"HTTP/1.1 200"):
        sys.exit(f"a reader was answered {answer[:60]!r}")
    left = int(found[b"content-length"]) - len(body)
    while left:
        left -= len(connection.recv(left)) or sys.exit("a reader was hung up on")
    known["If-None-Match"] = found[b"etag"].decode()


if __name__ == "__main__":
    pin(-1)
    go_first()
    print(json.dumps(waits(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))))
