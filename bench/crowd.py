"""Pollers by the hundred, each over a connection of its own, who know what they have.

python -m bench.crowd HOST:PORT COUNT PATH...

Says a line when all are connected, then asks until its standard input ends; prints how long
each answer took from when it was due, in milliseconds, and how many there were of each status.
Whoever is answered with something new knows that from then on.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter

from bench.machine import go_first, pin

_EVERY = 0.5  # seconds between two requests of one poller


class Poller:
    """One reader of one feed."""

    def __init__(self, host: str, path: str, waits: list[float], seen: Counter[str]) -> None:
        self._host, self._path = host, path
        self._waits, self._seen = waits, seen
        self._tag = ""

    async def connect(self) -> None:
        """Open the connection, and get the feed for the first time."""
        name, _, port = self._host.rpartition(":")
        self._reader, self._writer = await asyncio.open_connection(name, int(port))
        await self._ask()

    async def poll(self, until: asyncio.Event) -> None:
        """Ask at fixed times until an event."""
        due = time.perf_counter() + random.random() * _EVERY  # noqa: S311 - not a secret
        while not until.is_set():
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self._seen[await self._ask()] += 1
            self._waits.append((time.perf_counter() - due) * 1_000)
            due += _EVERY

    async def _ask(self) -> str:
        known = f"If-None-Match: {self._tag}\r\n" if self._tag else ""
        fields = f"Host: {self._host}\r\nAccept-Encoding: gzip\r\n{known}"
        self._writer.write(f"GET {self._path} HTTP/1.1\r\n{fields}\r\n".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = [line.partition(":") for line in head.split("\r\n")[1:-2]]
        found = {name.lower(): value.strip() for name, _, value in lines}
        status = head.split(" ", 2)[1]
        if status == "200":
            await self._reader.readexactly(int(found["content-length"]))
            self._tag = found["etag"]
        return status


async def poll(host: str, count: int, paths: list[str]) -> tuple[list[float], Counter[str]]:
    """Let so many poll until standard input ends."""
    waits, seen, ends = list[float](), Counter[str](), asyncio.Event()
    pollers = [Poller(host, paths[n % len(paths)], waits, seen) for n in range(count)]
    for poller in pollers:
        await poller.connect()
    print("ready", flush=True)
    asyncio.get_running_loop().add_reader(sys.stdin, ends.set)
    await asyncio.gather(*(poller.poll(ends) for poller in pollers))
    return waits, seen


if __name__ == "__main__":
    pin(-1)
    go_first()
    print(json.dumps(asyncio.run(poll(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))))
