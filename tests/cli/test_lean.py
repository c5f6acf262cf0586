"""A worker has what it answers with, and nothing else: all it imports is in each of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Of these a worker would have some 40 MB.
_HEAVY = [
    *("sqlalchemy", "alembic", "flask", "werkzeug", "jinja2", "wtforms", "babel", "argon2"),
    *("lxml", "feedgen", "nh3", "markdown_it", "apscheduler", "asyncio", "prometheus_client"),
    *("feedsvc.wiring", "feedsvc.web", "feedsvc.storage.database"),
]
# All that a worker does: it begins, follows, answers, and hands over who has read.
_PROGRAM = f"""
import sys
from pathlib import Path

import feedsvc.cli.serve
from feedsvc.cli.answering import Following, Readership, fill, shelves
from feedsvc.cli.errand import sent
from feedsvc.cli.loading import loaded
from feedsvc.clock import SystemClock
from feedsvc.config import parse
from feedsvc.http.feed_paths import FeedPath
from feedsvc.model import Format
from feedsvc.serving.answers import Request
from feedsvc.serving.counting import Asked
from feedsvc.serving.front import Front
from feedsvc.serving.health import Health
from feedsvc.storage.reached import Reached
from feedsvc.tally import alone
from feedsvc.visits import Visits

tree = {{"data": {{"folder": sys.argv[1]}}}}
if len(sys.argv) > 2:
    tree["database"] = {{"url": sys.argv[2]}}
settings, clock = parse(tree, "the test"), SystemClock()
lay = lambda: loaded("feedsvc.cli.preparing").lay(settings, clock, lambda _: "", migrate=True)
ground = sent(lay)

def publish():
    from datetime import timedelta
    from feedsvc import wiring
    from feedsvc.model import FeedId
    from feedsvc.workflow.refresh import refresh
    from feedsvc.storage import leases
    from tests.leading import take_lease
    service = wiring.build(settings, clock)
    refresh(service.room, take_lease(service.room))
    service.database.close()

sent(publish)
made = shelves(settings, Reached(ground.reach), clock)
fill(made.follower, is_prepared=ground.is_prepared)
following = Following(settings, made, clock, alone(), ground.version)
following.start()
readership = Readership(settings, made.database, clock, made.follower, Visits())
front = Front(Health(settings, made.memory, made.database.plain), made.memory, settings, clock)
feed = FeedPath(slug="recent", format=Format.RSS)
answer = front.answers.answer(Request("GET"), feed)
assert answer.status == "200 OK", answer.status
readership.counting.note(
    Asked(feed, "GET", "Newsboat/2", None, None, None, None, answer.worth(), ("192.0.2.1",))
)
readership.gather()
readership.hand_over()
environ = {{"REQUEST_METHOD": "GET", "PATH_INFO": "/readyz"}}
front(environ, lambda status, fields: print(status))
readership.stop()
following.stop()
with made.database.plain.read() as tx:
    print(tx.rows("SELECT requests FROM reader_count WHERE feed = 0 AND software = 0"))
made.database.close()
print([name for name in {_HEAVY} if name in sys.modules])
"""  # noqa: S608 - what is put in is ours


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_worker_imports_nothing_that_it_does_not_need(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = [request.getfixturevalue("postgres_url")] if kind == "postgresql" else []
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path), *url],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )

    heavy = ["asyncio"] if kind == "postgresql" else []  # psycopg's
    assert done.stdout.splitlines() == ["200 OK", "[(1,)]", str(heavy)], done.stderr
