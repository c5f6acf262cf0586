"""Our own hub: whoever subscribed is sent what comes out, signed, in order, and once."""

import hmac
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from feedsvc import outbound
from feedsvc.model import Format, Intent, Subscription
from feedsvc.outbound import Outbound
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import representations
from feedsvc.storage.hub import intents, pings, subscriptions
from feedsvc.workflow import announce as announcing
from feedsvc.workflow.announce import announce
from feedsvc.workflow.hub import delivering
from feedsvc.workflow.hub.delivering import RARELY, deliver, signature
from feedsvc.workflow.hub.rounds import AT_ONCE, PATIENCE, work
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.retrying import PAUSES
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.workflow.hub.hub_scene import HOSTS, TOPIC, Scene, scene_of

JSON = "https://news.example.org/feeds/category/news.json"


@pytest.fixture
def scene(room: Newsroom, clock: FakeClock) -> Iterator[Scene]:
    with scene_of(room, clock) as scene:
        yield scene


def _published(scene: Scene, slug: str = "recent", format_: Format = Format.ATOM) -> bytes:
    with scene.room.database.read() as tx:
        found = representations.plain(tx, slug, format_, unpack)
    assert found is not None
    return found.body


@pytest.mark.checklist("HUB-25", "HUB-26", "HUB-27", "HUB-30")
def test_who_subscribed_is_sent_the_whole_feed(scene: Scene) -> None:
    callback = scene.near.url("/c?key=a%20b")
    scene.subscribe(callback=callback, secret="canary é")
    scene.subscribe(callback=scene.near.url("/other"), topic=JSON)

    scene.publish()

    assert scene.work() == 2
    sent, other = sorted(scene.near.received, key=lambda one: one.target)
    assert sent.target == "/c?key=a%20b"
    assert sent.body == _published(scene)
    assert b"It rains" in sent.body
    assert sent.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert sent.headers["link"] == (
        f'<https://news.example.org/hub>; rel="hub", <{TOPIC}>; rel="self"'
    )
    expected = hmac.new("canary é".encode(), sent.body, "sha256").hexdigest()
    assert sent.headers["x-hub-signature"] == f"sha256={expected}"
    assert "content-encoding" not in sent.headers
    assert other.body == _published(scene, "category/news", Format.JSON)
    assert other.headers["content-type"] == "application/feed+json"
    assert "x-hub-signature" not in other.headers
    assert (scene.work(), scene.standing()) == (0, (2, 0, 0))


@pytest.mark.checklist("HUB-27")
def test_a_signature_is_as_others_compute_it() -> None:
    """The value comes from `printf abc | openssl dgst -sha256 -hmac secret`."""
    assert signature("secret", b"abc") == (
        "sha256=9946dad4e00e913fc8be8e5d3f7e110a4a9e832f83fb09c345285d78638d8a0e"
    )


@pytest.mark.checklist("HUB-05")
def test_nothing_is_sent_of_what_did_not_change(scene: Scene) -> None:
    scene.subscribe(topic="https://news.example.org/feeds/category/news.atom")
    scene.clock.advance(60)

    assert scene.work() == 0


@pytest.mark.checklist("HUB-31")
def test_what_comes_out_together_is_sent_once_and_newest(scene: Scene) -> None:
    """What is superseded is not sent."""
    scene.subscribe()
    scene.publish("Older")
    scene.publish("Newer")

    scene.work()

    assert [sent.body for sent in scene.near.received] == [_published(scene)]


@pytest.mark.checklist("HUB-31")
def test_what_comes_out_during_a_delivery_is_sent_after_it(scene: Scene) -> None:
    """Nobody else begins meanwhile, and the newer one is not forgotten."""
    scene.subscribe()
    scene.publish("Older")
    claimed = _claim(scene)
    scene.publish("Newer")
    assert scene.work() == 0

    with scene.room.database.write() as tx:
        subscriptions.delivered(tx, claimed, claimed.revision)

    assert scene.work() == 1
    assert b"Newer" in scene.near.received[0].body


def _claim(scene: Scene) -> Subscription:
    with scene.room.database.write() as tx:
        now = scene.clock.now()
        claimed = subscriptions.claim(tx, now, now + PATIENCE, ())
    assert claimed is not None
    return claimed


@pytest.mark.checklist("HUB-31")
def test_who_sleeps_through_a_claim_sends_nothing(scene: Scene) -> None:
    """Promise 4: another has sent something newer meanwhile."""
    scene.subscribe()
    scene.publish("Older")
    claimed = _claim(scene)
    scene.clock.advance(PATIENCE.total_seconds())
    scene.publish("Newer")
    assert scene.work() == 1

    deliver(scene.room, scene.outbound, claimed)

    assert len(scene.near.received) == 1
    with scene.room.database.write() as tx:
        subscriptions.failed(tx, claimed, "late", None, scene.clock.now())
    assert scene.standing() == (1, 0, 0)


@pytest.mark.checklist("HUB-29")
def test_what_comes_out_during_the_last_attempt_is_sent_some_day(scene: Scene) -> None:
    scene.subscribe()
    scene.publish("Older")
    claimed = replace(_claim(scene), attempts=len(PAUSES))
    scene.publish("Newer")

    delivering._put_off(scene.room, claimed, "it answered 500", None)

    assert scene.work() == 0
    scene.clock.advance(RARELY.total_seconds())
    assert scene.work() == 1


def test_who_dies_while_sending_is_followed(scene: Scene) -> None:
    """Promise 6."""
    scene.subscribe()
    scene.publish()
    _claim(scene)
    assert scene.work() == 0

    scene.clock.advance(PATIENCE.total_seconds())

    assert scene.work() == 1
    assert len(scene.near.received) == 1


@pytest.mark.checklist("HUB-28", "HUB-29")
@pytest.mark.parametrize("status", [400, 404, 500, 302])
def test_a_callback_that_fails_is_tried_later_and_later(
    scene: Scene, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    scene.subscribe(callback=scene.near.url("/?key=canary"), lease_seconds="2592000")
    scene.publish()
    scene.near.status = status
    scene.near.headers = {"Location": scene.near.url("/elsewhere")}
    for attempt, pause in enumerate(PAUSES):
        scene.work()
        assert len(scene.near.received) == attempt + 1
        scene.clock.advance(pause * 0.79)
        assert scene.work() == 0
        scene.clock.advance(pause * 0.42)

    scene.work()

    found = scene.subscription(scene.near.url("/?key=canary"))
    assert found is not None
    assert (found.due, found.problem) == (None, f"it answered {status}")
    assert scene.standing() == (1, 0, 1)
    assert {sent.target for sent in scene.near.received} == {"/?key=canary"}
    assert "canary" not in caplog.text


@pytest.mark.checklist("HUB-29", "HUB-38")
def test_a_failing_callback_is_not_tried_sooner_for_news(scene: Scene) -> None:
    """Nor is one that was given up, but for once a day."""
    scene.subscribe(lease_seconds="2592000")
    scene.near.status = 500
    scene.publish()
    scene.work()
    scene.publish("Another")
    assert scene.work() == 0
    for pause in PAUSES:
        scene.clock.advance(pause * 1.3)
        scene.work()
    assert len(scene.near.received) == 1 + len(PAUSES)

    scene.publish("The last")

    assert scene.work() == 0
    scene.clock.advance(RARELY.total_seconds())
    scene.near.status = 200
    assert scene.work() == 1
    assert b"The last" in scene.near.received[-1].body
    assert scene.standing() == (1, 0, 0)
    scene.publish("And on")
    assert scene.work() == 1


@pytest.mark.checklist("HUB-29")
def test_a_busy_callback_says_when(scene: Scene) -> None:
    scene.subscribe()
    scene.publish()
    scene.near.status, scene.near.headers = 503, {"Retry-After": "900"}

    scene.work()

    found = scene.subscription()
    assert found is not None
    assert found.due is not None
    assert (found.due - scene.clock.now()).total_seconds() == 900


@pytest.mark.checklist("HUB-28")
def test_gone_ends_a_subscription(scene: Scene) -> None:
    scene.subscribe()
    scene.publish()
    scene.near.status = 410

    scene.work()

    assert scene.subscription() is None
    scene.publish("Another")
    assert scene.work() == 0


@pytest.mark.checklist("HUB-31")
def test_what_a_callback_says_is_not_listened_to(scene: Scene) -> None:
    """A long answer is as good as a short one."""
    scene.subscribe()
    scene.publish()
    scene.near.says = b"x" * 1_000_000

    assert scene.work() == 1

    assert scene.standing() == (1, 0, 0)


@pytest.mark.checklist("HUB-31")
def test_a_slow_callback_holds_nobody_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A head that drips in is cut off, and counts as no answer."""
    limits = outbound.Limits(seconds=0.3, body_bytes=0)
    monkeypatch.setattr(delivering, "_LIMITS", limits)
    scene.subscribe()
    scene.publish()
    scene.near.drips = True

    scene.work()

    assert scene.standing() == (1, 0, 1)
    assert "took longer" in caplog.text


@pytest.mark.checklist("HUB-36")
def test_a_name_that_leads_elsewhere_now_is_not_followed(scene: Scene) -> None:
    """Checked at every attempt; what was confirmed once says nothing of today."""
    callback = scene.near.url("/", "a.test")
    scene.subscribe(callback=callback)
    scene.publish()

    work(scene.room, Outbound(ports=[scene.near.port], resolve=lambda _h, _p: ("10.0.0.1",)))

    assert scene.near.received == []
    found = scene.subscription(callback)
    assert found is not None
    assert "not a public address" in found.problem


@pytest.mark.checklist("HUB-31")
def test_a_host_gets_one_delivery_at_a_time(scene: Scene) -> None:
    for number in range(12):
        scene.ask(callback=scene.near.url(f"/{number}"))
    scene.work()
    scene.publish()

    assert scene.work() == 12

    assert len(scene.near.received) == 12
    assert scene.near.most_at_once == 1


def test_more_hosts_than_threads_all_get_it(scene: Scene) -> None:
    hosts = HOSTS[: AT_ONCE + 2]
    for host in hosts:
        scene.ask(callback=scene.near.url("/", host))
    scene.work()
    scene.publish()

    assert scene.work() == len(hosts)
    assert len(scene.near.received) == len(hosts)


def test_nothing_is_begun_once_it_is_to_end(scene: Scene) -> None:
    scene.subscribe()
    scene.publish()

    assert work(scene.room, scene.outbound, lambda: True) == 0
    assert scene.standing() == (1, 1, 0)


@pytest.mark.checklist("HUB-18")
def test_a_feed_that_is_gone_ends_its_subscriptions(scene: Scene) -> None:
    """And the callback is told that there will be no more."""
    scene.subscribe()
    scene.publish()
    with scene.room.database.write() as tx:
        tx.connection.exec_driver_sql("UPDATE feed SET gone = regenerated")

    scene.work()

    assert scene.subscription() is None
    assert scene.near.asked[-1]["hub.mode"] == ["denied"]
    assert "no longer published" in scene.near.asked[-1]["hub.reason"][0]


@pytest.mark.checklist("HUB-29")
def test_one_fault_is_told_and_stops_nobody_else(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    scene.subscribe()
    scene.subscribe(callback=scene.near.url("/", "a.test"))
    scene.publish()
    only = Outbound([scene.near.name])

    assert work(scene.room, only) == 2

    assert scene.standing() == (2, 0, 1)
    assert "could not deliver" in caplog.text
    with scene.room.database.read() as tx:
        (undelivered,) = subscriptions.undelivered(tx, scene.clock.now())
    assert undelivered.host == "a.test"


def test_what_another_process_took_is_left_to_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 11: it was there when we looked, and was claimed before we did."""
    scene.subscribe()
    scene.publish()
    scene.ask(callback=scene.near.url("/", "a.test"))
    _let_others_be_faster(monkeypatch)

    assert scene.work() == 0

    assert scene.near.received == []
    assert len(scene.near.targets) == 1


def _let_others_be_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    deliveries, questions = subscriptions.claim, intents.claim

    def second_delivery(*given: Any) -> Subscription | None:  # noqa: ANN401 - as it is called
        assert deliveries(*given)
        return deliveries(*given)

    def second_question(*given: Any) -> Intent | None:  # noqa: ANN401 - as it is called
        assert questions(*given)
        return questions(*given)

    monkeypatch.setattr(subscriptions, "claim", second_delivery)
    monkeypatch.setattr(intents, "claim", second_question)


@pytest.mark.checklist("HUB-28")
def test_who_renews_begins_anew(scene: Scene) -> None:
    """It has just answered, so it is not left waiting for what it missed before."""
    scene.subscribe()
    scene.near.status = 500
    scene.publish()
    scene.work()
    scene.near.status = 200

    scene.subscribe()
    scene.publish("Another")

    assert scene.work() == 1
    assert b"Another" in scene.near.received[-1].body


def test_our_hub_is_told_once_whoever_stalls(scene: Scene) -> None:
    """Promise 11: who slept through its claim passes nothing on, and lowers no revision."""
    scene.subscribe()
    create(scene.room, given("It rains"), by=by("a"))
    refresh(scene.room, scene.lease)
    scene.clock.advance(2)
    now = scene.clock.now()
    with scene.room.database.write() as tx:
        asleep = pings.claim(tx, now, now, 100)
    announce(scene.room, scene.outbound)
    assert scene.work() == 1

    assert not any(announcing._pass_on(scene.room, ping) for ping in asleep)

    assert scene.work() == 0
