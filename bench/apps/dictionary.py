"""The least that gives feedsvc's answers: a look-up in a dictionary. WSGI, for any server.

BENCH_FOLDER=… python bench/apps/dictionary.py PORT    serves it with a bare waitress
"""

import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["BENCH_FOLDER"])
PATH = "/feeds/recent.rss"


def _answers() -> dict[tuple[str, bool], tuple[str, list[tuple[str, str]], list[bytes]]]:
    given = json.loads((FOLDER / "answers.json").read_text())
    return {
        (coding, is_known): (
            one["status"],
            [(name, value) for name, value in one["fields"]],
            [] if is_known else [(FOLDER / coding).read_bytes()],
        )
        for coding in ("identity", "gzip")
        for is_known in (False, True)
        for one in [given[f"{coding} {304 if is_known else 200}"]]
    }


_FEEDS = {PATH: _answers()}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer (PEP 3333)."""
    feed = _FEEDS.get(environ["PATH_INFO"])
    if feed is None:
        start_response("404 Not Found", [])
        return []
    coding = "gzip" if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") else "identity"
    status, fields, body = feed[coding, "HTTP_IF_NONE_MATCH" in environ]
    start_response(status, list(fields))
    return body


if __name__ == "__main__":
    from waitress import serve  # only this way of running it has waitress

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    serve(app, host="127.0.0.1", port=int(sys.argv[1]), connection_limit=1500)
