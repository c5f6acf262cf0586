"""Hubs are told of every change, once, after it is out, and never in its way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from feedsvc.config import WebSub
from feedsvc.model import Lease, Ping, Release
from feedsvc.outbound import Outbound
from feedsvc.storage.hub import pings
from feedsvc.workflow import announce as announcing
from feedsvc.workflow.announce import PATIENCE, announce
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.retrying import PAUSES
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import change, create
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.hubs import Hub, hub
from tests.leading import take_lease

TOPICS = sorted(
    f"https://news.example.org/feeds/{slug}.{format_}"
    for slug in ("recent", "category/news")
    for format_ in ("rss", "atom", "json")
)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A newsroom with a hub that listens."""

    room: Newsroom
    lease: Lease
    clock: FakeClock
    hub: Hub
    outbound: Outbound

    def publish(self, title: str = "It rains", **changes: object) -> None:
        """Store an article, bring it out, and let every host follow."""
        create(self.room, given(title, **changes), by=by("a"))
        refresh(self.room, self.lease)
        self.clock.advance(2)

    def announce(self) -> int:
        return announce(self.room, self.outbound)


@pytest.fixture
def scene(room: Newsroom, clock: FakeClock) -> Iterator[Scene]:
    with hub() as near:
        told = _with_hubs(room, near.url)
        make_ready(told)
        yield Scene(
            room=told,
            lease=take_lease(told),
            clock=clock,
            hub=near,
            outbound=Outbound([near.name]),
        )


def _with_hubs(room: Newsroom, *hubs: str) -> Newsroom:
    config = msgspec.structs.replace(room.config, websub=WebSub(hubs=hubs))
    return replace(room, config=config)


def _unsettled(room: Newsroom) -> tuple[Ping, ...]:
    with room.database.read() as tx:
        return pings.unsettled(tx)


@pytest.mark.checklist("HUB-04", "HUB-05")
def test_every_changed_topic_is_told_once(scene: Scene) -> None:
    """Promise 11."""
    scene.publish()

    counts = [scene.announce() for _ in "12"]

    assert (counts, sorted(scene.hub.told)) == ([6, 0], TOPICS)
    assert scene.hub.forms[0]["hub.mode"] == ["publish"]
    assert scene.hub.forms[0]["hub.topic"] == scene.hub.forms[0]["hub.url"]


@pytest.mark.checklist("HUB-05")
def test_nothing_is_told_before_every_host_has_followed(scene: Scene) -> None:
    create(scene.room, given(), by=by("a"))
    refresh(scene.room, scene.lease)

    assert scene.announce() == 0
    scene.clock.advance(2)
    assert scene.announce() == 6


def test_a_draft_is_told_to_nobody(scene: Scene) -> None:
    """Promise 7."""
    scene.publish()
    scene.announce()
    scene.hub.told.clear()

    scene.publish(release=Release.DRAFT)

    assert scene.announce() == 0


@pytest.mark.checklist("HUB-05")
def test_changes_that_come_together_are_told_once(scene: Scene) -> None:
    scene.publish()
    scene.publish("Another")

    scene.announce()

    assert sorted(scene.hub.told) == TOPICS


def test_without_hubs_nothing_is_noted(scene: Scene) -> None:
    room = _with_hubs(scene.room)
    create(room, given(), by=by("a"))
    refresh(room, scene.lease)

    with room.database.read() as tx:
        assert not pings.is_any_due(tx, scene.clock.now() + timedelta(days=1))


@pytest.mark.checklist("HUB-05")
@pytest.mark.parametrize("status", [400, 404, 500, 302])
def test_a_hub_that_refuses_is_asked_later_and_later(
    scene: Scene, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    scene.publish()
    scene.hub.status = status
    for attempt, pause in enumerate(PAUSES):
        scene.announce()
        assert len(scene.hub.told) == 6 * (attempt + 1)
        scene.clock.advance(pause * 0.79)
        assert scene.announce() == 0
        assert len(scene.hub.told) == 6 * (attempt + 1)
        scene.clock.advance(pause * 0.42)

    scene.announce()

    assert "gave up telling" in caplog.text
    assert {ping.due for ping in _unsettled(scene.room)} == {None}
    assert f"answered {status}" in _unsettled(scene.room)[0].problem
    scene.clock.advance(PAUSES[-1] * 2)
    scene.hub.told.clear()
    assert scene.announce() == 0
    assert scene.hub.told == []


def test_what_was_given_up_is_told_with_the_next_change(scene: Scene) -> None:
    scene.hub.status = 500
    scene.publish()
    for pause in (*PAUSES, 1):
        scene.announce()
        scene.clock.advance(pause * 2)
    scene.hub.status = 202

    scene.publish("Another")

    assert scene.announce() == 6
    assert _unsettled(scene.room) == ()


@pytest.mark.parametrize(
    ("status", "asked", "seconds"),
    [(503, "600", 600), (429, "99999999999", 86_400), (503, "soon", 48), (500, "600", 48)],
)
def test_a_busy_hub_says_when(scene: Scene, status: int, asked: str, seconds: int) -> None:
    scene.publish()
    scene.hub.status, scene.hub.headers = status, {"Retry-After": asked}

    scene.announce()

    due = _unsettled(scene.room)[0].due
    assert due is not None
    assert seconds <= (due - scene.clock.now()).total_seconds() <= seconds * 1.5


def test_a_hub_that_may_not_be_spoken_to_is_named(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.publish()

    assert announce(scene.room, Outbound()) == 0

    assert "outbound.allowed" in _unsettled(scene.room)[0].problem
    assert scene.hub.url in caplog.text


def test_who_dies_while_telling_is_followed(scene: Scene) -> None:
    """Promise 6: what was claimed and not settled is due again."""
    scene.publish()
    with scene.room.database.write() as tx:
        claimed = pings.claim(tx, scene.clock.now(), scene.clock.now() + PATIENCE, 20)
    assert len(claimed) == 6
    assert scene.announce() == 0

    scene.clock.advance(PATIENCE.total_seconds())

    assert scene.announce() == 6


def test_a_newer_revision_is_told_though_an_older_was_on_its_way(scene: Scene) -> None:
    scene.publish()
    with scene.room.database.write() as tx:
        claimed = pings.claim(tx, scene.clock.now(), scene.clock.now() + PATIENCE, 20)
    scene.publish("Another")
    with scene.room.database.write() as tx:
        for ping in claimed:
            pings.told(tx, ping)

    assert scene.announce() == 6


@pytest.mark.checklist("HUB-05", "BEH-06")
def test_no_hub_learns_of_a_private_feed(scene: Scene) -> None:
    with scene.room.database.write() as tx:
        tx.connection.exec_driver_sql("UPDATE feed SET is_private = true")

    scene.publish(categories=())

    assert scene.announce() == 0


def test_only_formats_that_changed_are_told(scene: Scene) -> None:
    """RSS and JSON Feed carry a byline's change; a topic is told only if its bytes changed."""
    article = create(scene.room, given(), by=by("a"))
    refresh(scene.room, scene.lease)
    scene.clock.advance(2)
    scene.announce()
    scene.hub.told.clear()

    change(scene.room, article.id, given(), by=by("a"), version=1)
    refresh(scene.room, scene.lease)
    scene.clock.advance(2)

    assert scene.announce() == 0


def test_hubs_that_are_ours_no_more_are_forgotten(scene: Scene) -> None:
    scene.publish()
    other = _with_hubs(scene.room, "https://other.example/")

    make_ready(other)

    assert announce(other, scene.outbound) == 0
    with other.database.read() as tx:
        assert not pings.is_any_due(tx, scene.clock.now() + timedelta(days=1))


def test_more_than_a_batch_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "BATCH", 4)
    scene.publish()

    assert scene.announce() == 6
