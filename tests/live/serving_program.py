"""A small service of its own process, for the tests that send signals to one.

    python serving_program.py '{"port": 0, "drain_seconds": 5}'

It prints its address, and `stopped` at the end.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from feedsvc import log
from feedsvc.clock import SystemClock
from feedsvc.errors import ConfigError
from feedsvc.serving.front import Front
from feedsvc.serving.server import run
from tests.unit.serving.support import settings, shelf

LARGE = 20_000_000


def app(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    """Answer with much, or late, or as the path says."""
    body = environ["PATH_INFO"].encode("latin-1")
    if body == b"/large":
        body = b"x" * LARGE
    elif body == b"/late":
        print("working", flush=True)  # noqa: T201 - for the test that is listening
        time.sleep(1)
    elif body == b"/very-late":
        print("working", flush=True)  # noqa: T201 - as above
        time.sleep(60)
    elif body == b"/scheme":
        body = f"{environ['wsgi.url_scheme']} {environ['REMOTE_ADDR']}".encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def main() -> None:
    """Serve until told to stop."""
    config = settings(server=json.loads(sys.argv[1]))
    log.configure(style="json")
    clock = SystemClock()
    try:
        run(
            Front(app, shelf(), config, clock),
            config,
            on_ready=lambda address: print(address, flush=True),  # noqa: T201 - as above
            on_stop=lambda: print("stopped", flush=True),  # noqa: T201 - as above
            clock=clock,
        )
    except ConfigError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
