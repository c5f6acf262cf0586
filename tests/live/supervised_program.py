"""A supervised service, for the tests of what workers and their supervisor do.

    python -m tests.live.supervised_program WORKERS WAY [WAY OF THE NEXT GENERATION]

A way is `serve`, `refuse` (ends before it is ready), `die` (ends once it is ready), or
`serve-unled`: they serve, and who leads them, and should be first, is killed again and again;
with `serve-unled-by-pages` that is who answers pages. With `serve-led-by-pages` it leads, and
says so when it gets SIGUSR2; with `serve-refused-by-pages` it ends with a status.
It prints its address, and `working` when a request is worked on.
"""

import os
import signal
import sys
from collections.abc import Iterator

from feedsvc import log
from feedsvc.clock import SystemClock
from feedsvc.config import Config
from feedsvc.errors import ConfigError
from feedsvc.serving import binding
from feedsvc.serving.server import Post, run
from feedsvc.serving.supervisor import Plan, Supervisor
from feedsvc.serving.worker import DRAIN, Station, Work
from tests.live.serving_program import app
from tests.unit.serving.support import settings


def main(count: int, ways: Iterator[str]) -> int:
    """Supervise until told to stop."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])  # whoever is forked waits for it
    config = settings(server={"port": 0, "drain_seconds": 600})
    log.configure(style="json")
    sockets = tuple(binding.listen(config.server))
    print(binding.url(sockets[0]), flush=True)  # noqa: T201 - for the test that is listening
    post = Post(sockets=sockets, is_supervised=True)

    def plan() -> Plan:
        way = next(ways, None)
        if way is None:
            raise ConfigError("there is no other way")
        work = worker(way, config, post)
        pages = _PAGES.get(way)
        return Plan(
            count=count,
            work=work,
            lead=lost if way == "serve-unled" else None,
            leads_first=True,
            pages=pages,
            pages_count=int(pages is not None),
            pages_lead=pages is not None,
        )

    return Supervisor(sockets, SystemClock(), plan(), plan).run()


def lost(_station: Station) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def led(station: Station) -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, [DRAIN])
    signal.sigwait([signal.SIGUSR2])
    station.say_ready()
    signal.sigwait([DRAIN])
    return 0


def refused(_station: Station) -> int:
    return 5


_PAGES: dict[str, Work] = {
    "serve-unled-by-pages": lost,
    "serve-led-by-pages": led,
    "serve-refused-by-pages": refused,
}


def worker(way: str, config: Config, post: Post) -> Work:
    def work(station: Station) -> int:
        if way == "refuse":
            return 3
        if way == "die":
            station.say_ready()
            return 4
        run(app, config, on_ready=lambda _: station.say_ready(), post=post)
        return 0

    return work


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), iter(sys.argv[2:])))
