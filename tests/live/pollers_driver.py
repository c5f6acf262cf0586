"""A service under load that publishes, is killed in part, and handed over."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from feedsvc.model import Article
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing.edit import change, create
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import BODY, by, given
from tests.live.pollers import Poller, Truth
from tests.live.process import ServiceProcess, pids, room_of, wait_until

SECONDS = 120  # for a worker to be replaced, or a generation of them; nearly always one or two
CATEGORIES = (("News",), ("Weather",), ("News", "Weather"))


def fill(service: ServiceProcess, articles: int) -> None:
    """Publish something in every category before the service starts."""
    service.run("migrate")
    with room_of(service) as room:
        for number in range(articles):
            words = given(f"Before {number}", categories=CATEGORIES[-1], body_source=BODY * 20)
            create(room, words, by=by("a"))


@dataclass
class Editors(Thread):
    """Publish, correct and withdraw, one article after the other, until they are sent home."""

    room: Newsroom
    pause: float
    made: int = 0
    corrected: int = 0
    withdrawn: int = 0
    home: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True, name="editors")

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Work."""
        standing: list[Article] = []
        while not self.home.wait(self.pause):
            standing.append(self._publish())
            if self.made % 3 == 0:
                self._correct(standing[-2])
            if self.made % 4 == 0:
                withdraw(self.room, standing.pop(0).id, by=by("a"))
                self.withdrawn += 1

    def _publish(self) -> Article:
        self.made += 1
        categories = CATEGORIES[self.made % len(CATEGORIES)]
        return create(
            self.room, given(f"Article {self.made}", categories=categories), by=by("a")
        )

    def _correct(self, article: Article) -> None:
        self.corrected += 1
        # In another category, it would leave the feed of this one with the
        # bytes and the tag of before at a later date: correct, but no step forward.
        categories = tuple(category.name for category in article.categories)
        words = given(f"{article.title}, corrected", categories=categories)
        change(self.room, article.id, words, by=by("b"), version=article.version)


@contextmanager
def polled(
    service: ServiceProcess, pollers: int, pause: float
) -> Iterator[tuple[Truth, Editors]]:
    """Let pollers and editors work on a running service."""
    truth = Truth()
    crowd = [Poller(service.url, truth, number) for number in range(pollers)]
    with room_of(service) as room:
        editors = Editors(room, pause)
        try:
            for one in (*crowd, editors):
                one.start()
            yield truth, editors
        finally:
            editors.home.set()
            truth.ends.set()
            for one in (*crowd, editors):
                one.join(SECONDS)
    assert not [one.name for one in (*crowd, editors) if one.is_alive()]


def kill_one(service: ServiceProcess, truth: Truth, which: int, settle: int) -> None:
    """Kill a worker in the middle of its work; go on when it is replaced and has answered."""
    before = pids(service, "worker is ready")
    gone = {*pids(service, "worker died"), *pids(service, "worker ended")}
    victims = [pid for pid in before if pid not in gone]
    truth.phase = "kill"
    os.kill(victims[which % len(victims)], signal.SIGKILL)
    wait_until(lambda: len(pids(service, "worker is ready")) > len(before), SECONDS)
    answer_more(truth, settle)
    truth.phase = "quiet"


def hand_over(service: ServiceProcess, truth: Truth) -> None:
    """Replace all workers by new ones, with nobody refused."""
    done = service.lines('"handed over"')
    truth.phase = "hand-over"
    service.signal(signal.SIGHUP)
    wait_until(lambda: service.lines('"handed over"') > done, SECONDS)
    truth.phase = "quiet"


def answer_more(truth: Truth, number: int, seconds: float = SECONDS) -> None:
    """Wait until so many answers more have come."""
    goal = truth.answers + number
    wait_until(lambda: truth.answers >= goal, seconds, "no more answers come")
