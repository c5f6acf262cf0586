"""A worker that answers for feeds, and for nothing else: what it imports is in each of them."""

import sys
from collections.abc import Callable
from functools import partial
from threading import Thread

from feedsvc.cli.ground import Common, Ground
from feedsvc.config import Config
from feedsvc.publishing.shelves import Shelves, fill, shelves
from feedsvc.scheduling.following import Following
from feedsvc.serving import server
from feedsvc.serving.front import Front
from feedsvc.serving.health import Health
from feedsvc.serving.passing import Passing, is_for_feeds
from feedsvc.serving.readership import Readership
from feedsvc.serving.server import Post
from feedsvc.serving.worker import Station
from feedsvc.storage.reached import Reached
from feedsvc.tally import Count

# For how long a thread that takes over publications keeps the interpreter from the loop.
FOR_FEEDS_SECONDS = 0.0005
OTHERS_HAVE_SECONDS = 1.0  # the leader, to put on the disk shelf what it has published


def answer(
    settings: Config,
    common: Common,
    ground: Ground,
    station: Station,
    on_ready: Callable[[str], None],
) -> None:
    """Answer for feeds until a signal ends it; what is published is served at once.

    With the database away that is what this host knew before.

    Raises:
        ConfigError: waitress is of another version, or the schedule is none.
    """
    tally = common.board.take(station.place)
    made = shelves(settings, Reached(ground.reach), common.clock)
    fill(made.follower, is_prepared=ground.is_prepared)
    if ground.is_prepared:
        tally.put(Count.FOLLOWED, made.follower.sequence)
    made.database.close()  # a connection that has read ten thousand feeds holds megabytes
    following = Following(settings, made, common.clock, tally, ground.version)
    sys.setswitchinterval(FOR_FEEDS_SECONDS)
    made.follower.let_others_store(OTHERS_HAVE_SECONDS)
    readership = _readership(settings, common, made)
    health = Health(settings, made.memory, made.database.plain)
    front = Front(health, made.memory, settings, common.clock, tally)
    front.counting = readership.counting if readership else None
    beside = _Beside(following, readership, made.database, is_prepared=ground.is_prepared)

    def begin(address: str) -> None:
        beside.start()
        on_ready(address)

    server.run(
        front,
        settings,
        on_ready=begin,
        on_stop=beside.stop,
        clock=common.clock,
        post=Post(
            sockets=common.sockets,
            passing=Passing(common.feeds_end, is_for_feeds),
            is_supervised=True,
            explains=True,
            tally=tally,
            visits=common.visits,
        ),
    )


def _readership(settings: Config, common: Common, made: Shelves[Reached]) -> Readership | None:
    if not settings.statistics.enabled:
        return None
    leave = partial(made.memory.bodies.leave, "counts of readers")
    return Readership(
        settings, made.database, common.clock, made.follower, common.visits, on_size=leave
    )


class _Beside:
    """What goes on beside serving: following, and who counts readers, if anybody does."""

    def __init__(
        self,
        following: Following,
        readership: Readership | None,
        database: Reached,
        *,
        is_prepared: bool,
    ) -> None:
        self._following = following
        self._readership = readership
        self._database = database
        start = {"is_prepared": is_prepared}
        self._starting = Thread(target=following.start, kwargs=start, name="follow start")

    def start(self) -> None:
        """Begin, without waiting for what is due."""
        self._starting.start()
        if self._readership:
            self._readership.start()

    def stop(self) -> None:
        """End it all, and let the database go."""
        self._following.wind_up()
        self._starting.join()
        self._following.stop()
        if self._readership:
            self._readership.stop()
        self._database.close()
