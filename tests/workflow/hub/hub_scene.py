"""A newsroom with a hub of its own, and callbacks that subscribe to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import msgspec
from msgspec.structs import replace

from feedsvc.config import WebSub
from feedsvc.model import Lease, Subscription
from feedsvc.outbound import Outbound
from feedsvc.storage.hub import subscriptions
from feedsvc.workflow.announce import announce
from feedsvc.workflow.hub import callbacks as callbacks_
from feedsvc.workflow.hub import cloud
from feedsvc.workflow.hub.accepting import ask
from feedsvc.workflow.hub.rounds import work
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import create
from tests.callbacks import Callbacks, callbacks
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.leading import take_lease

TOPIC = "https://news.example.org/feeds/recent.atom"
RSS_TOPIC = "https://news.example.org/feeds/recent.rss"
HOSTS = ("127.0.0.1", *(f"{name}.test" for name in "abcdefghij"))


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What happens between a newsroom, its hub and the callbacks of subscribers."""

    room: Newsroom
    lease: Lease
    clock: FakeClock
    near: Callbacks
    outbound: Outbound

    def ask(self, mode: str = "subscribe", address: str = "192.0.2.1", **fields: str) -> None:
        """Post a form to the hub; fields are named without their `hub.`."""
        form = {"mode": mode, "topic": TOPIC, "callback": self.near.url()} | fields
        named = {f"hub.{name}": value for name, value in form.items()}
        ask(self.room, self.outbound, named, address=address, safe=True)

    def please_notify(self, address: str = "127.0.0.1", **fields: str) -> int:
        """Ask as rssCloud has it for the RSS feed of recent posts; without a domain."""
        form = {
            "notifyProcedure": "",
            "protocol": "http-post",
            "port": str(self.near.port),
            "path": "/callback",
            "url1": RSS_TOPIC,
        }
        return cloud.please_notify(self.room, self.outbound, form | fields, address=address)

    def work(self) -> int:
        """Let the hub do what is due."""
        return work(self.room, self.outbound)

    def subscribe(self, **fields: str) -> None:
        """Subscribe a callback, which confirms."""
        self.ask(**fields)
        self.work()

    def publish(self, title: str = "It rains") -> None:
        """Bring an article out, and let the hub know."""
        create(self.room, given(title), by=by("a"))
        refresh(self.room, self.lease)
        self.clock.advance(2)
        announce(self.room, self.outbound)

    def subscription(self, callback: str = "", topic: str = TOPIC) -> Subscription | None:
        """Return what is stored of a callback."""
        with self.room.database.read() as tx:
            return subscriptions.find(tx, topic, callback or self.near.url())

    def standing(self) -> tuple[int, int, int]:
        """Return how many are active, waiting and failing."""
        with self.room.database.read() as tx:
            found = subscriptions.standing(tx, self.clock.now())
        return found.active, found.waiting, found.failing

    def lease_left(self) -> timedelta:
        """Return for how long the callback is still subscribed."""
        found = self.subscription()
        assert found is not None
        return found.expires - self.clock.now()


@contextmanager
def scene_of(room: Newsroom, clock: FakeClock, **websub: object) -> Iterator[Scene]:
    """Set a scene: one article is out."""
    with callbacks() as near:
        settings = WebSub(embedded=True, **websub)  # type: ignore[arg-type]
        config = msgspec.structs.replace(room.config, websub=settings)
        own = replace(room, config=config)
        make_ready(own)
        scene = Scene(
            room=own,
            lease=take_lease(own),
            clock=clock,
            near=near,
            outbound=Outbound(
                [f"{host}:{near.port}" for host in HOSTS],
                ports=callbacks_.PORTS,
                setting=callbacks_.SETTING,
                resolve=lambda _host, _port: ("127.0.0.1",),
            ),
        )
        scene.publish("The first")
        yield scene
