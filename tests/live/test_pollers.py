"""Promises 3, 4 and 6: nobody gets a wrong byte, whatever dies while articles go out.

`bench/verify.py` does the same for a hundred thousand answers.
"""

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tests.live.pollers import LAG_SECONDS, PATHS, Truth
from tests.live.pollers_driver import SECONDS, answer_more, fill, hand_over, kill_one, polled
from tests.live.process import ServiceProcess, pids, wait_until
from tests.live.wire import Response
from tests.unit.serving.support import MODIFIED

POLLERS = 36  # so that each feed is polled in each way of connecting
ANSWERS = 600  # between two troubles


@pytest.mark.live
def test_no_poller_gets_a_wrong_answer_while_workers_die_and_hand_over(tmp_path: Path) -> None:
    service = ServiceProcess(tmp_path, server={"workers": 2, "access_log": False})
    fill(service, 3)
    with service:
        wait_until(lambda: len(pids(service, "worker is ready")) == 2, SECONDS)
        with polled(service, POLLERS, pause=0.2) as (truth, editors):
            answer_more(truth, ANSWERS)
            kill_one(service, truth, 0, ANSWERS)
            hand_over(service, truth)
            kill_one(service, truth, 1, ANSWERS)
            wait_until(lambda: truth.versions > len(PATHS) and editors.withdrawn, SECONDS)
        assert service.stop() == 0

    assert truth.problems == []
    assert truth.answers > 3 * ANSWERS
    assert min(truth.total("200"), truth.total("304")) > 100
    assert truth.counts["hand-over", "refused"] == truth.counts["hand-over", "cut"] == 0
    assert "Traceback" not in service.log.read_text()


def answer(body: bytes, modified: int = 0) -> Response:
    """Return a 200 of so many seconds after the first."""
    date = format_datetime(MODIFIED + timedelta(seconds=modified), usegmt=True)
    tag = sha256(body).hexdigest()[:32]
    head = f'HTTP/1.1 200 OK\r\nETag: "{tag}"\r\nLast-Modified: {date}'
    return Response(head.encode(), body)


PATH = PATHS[2]
BODY, OTHER = (b'{"items": [], "feed_url": "%s", "n": %d}' % (PATH.encode(), n) for n in (1, 2))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        pytest.param(replace(answer(BODY), body=BODY + b" "), "unlike its tag", id="bytes"),
        pytest.param(answer(BODY, 1), "again, of", id="date"),
        pytest.param(answer(OTHER), "two documents of", id="document"),
        pytest.param(answer(b"{}", 1), "another document", id="kind"),
        pytest.param(answer(b"<rss>", 1), "JSONDecodeError", id="broken"),
        pytest.param(
            answer(b'{"items": [], "feed_url": "/feeds/x.json"}', 1), "another doc", id="feed"
        ),
        pytest.param(answer(OTHER, -60), "went back", id="older"),
    ],
)
def test_what_is_wrong_is_seen(wrong: Response, said: str) -> None:
    """A verification that cannot fail would prove nothing."""
    truth = Truth()
    truth.hold(PATH, answer(BODY), began=0.0)
    assert truth.problems == []

    truth.hold(PATH, wrong, began=1e9 + LAG_SECONDS)

    assert said in "\n".join(truth.problems)
