"""rssCloud: who asks is told of changes for a day, by the machinery that WebSub has."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs

import msgspec
import pytest
from msgspec.structs import replace

from feedsvc.errors import InputError, NotFoundError, ThrottledError
from feedsvc.model import Format, HubMode, SubscriptionKind
from feedsvc.outbound import Outbound, Request, Response
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import representations
from feedsvc.storage.hub import subscriptions
from feedsvc.workflow.announce import announce
from feedsvc.workflow.hub import accepting
from feedsvc.workflow.hub.accepting import PEACE
from feedsvc.workflow.hub.cloud import MOST_URLS
from feedsvc.workflow.hub.delivering import deliver
from feedsvc.workflow.hub.rounds import PATIENCE, work
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.prune import prune
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.start import fingerprint, make_ready
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.workflow.hub.hub_scene import RSS_TOPIC, Scene, scene_of

OTHER = "https://news.example.org/feeds/category/news.rss"


@pytest.fixture
def scene(room: Newsroom, clock: FakeClock) -> Iterator[Scene]:
    with scene_of(room, clock, rsscloud=True) as scene:
        yield scene


def _told(scene: Scene) -> list[dict[str, list[str]]]:
    """Return the forms that were posted to callbacks."""
    assert {one.headers["content-type"] for one in scene.near.received} <= {
        "application/x-www-form-urlencoded"
    }
    return [parse_qs(one.body.decode()) for one in scene.near.received]


@pytest.mark.checklist("HUB-41", "HUB-42")
def test_who_names_a_domain_is_asked_with_a_challenge_and_told_of_changes(scene: Scene) -> None:
    """Only the address of the feed is told, and only once it has changed."""
    scene.please_notify(domain="a.test", path="/c?key=a%20b", address="192.0.2.1")
    assert scene.near.targets == []
    assert scene.work() == 1

    (target,) = scene.near.targets
    (asked,) = scene.near.asked
    assert target.startswith("/c?key=a%20b&url=")
    assert asked["url"] == [RSS_TOPIC]
    assert len(asked["challenge"][0]) >= 22  # 128 bits in base 64
    assert scene.near.received == []
    found = scene.subscription(scene.near.url("/c?key=a%20b", "a.test"), RSS_TOPIC)
    assert found is not None
    assert found.kind is SubscriptionKind.CLOUD

    scene.publish()

    assert scene.work() == 1
    assert _told(scene) == [{"url": [RSS_TOPIC]}]
    assert scene.near.received[0].target == "/c?key=a%20b"
    assert (scene.work(), scene.standing()) == (0, (1, 0, 0))


@pytest.mark.checklist("HUB-41")
def test_who_names_none_is_told_once_where_the_request_came_from(scene: Scene) -> None:
    assert scene.please_notify(url2=OTHER, url3=RSS_TOPIC) == 2  # each feed once
    assert scene.work() == 2

    assert scene.near.targets == []
    assert sorted(form["url"][0] for form in _told(scene)) == [OTHER, RSS_TOPIC]
    assert scene.standing() == (2, 0, 0)


@pytest.mark.checklist("HUB-41")
@pytest.mark.parametrize("domain", ["", "a.test"])
def test_who_does_not_agree_is_not_told(scene: Scene, domain: str) -> None:
    scene.near.status = 404
    scene.please_notify(domain=domain)
    scene.work()
    scene.near.received.clear()
    scene.near.status = 200

    scene.publish()

    assert scene.standing() == (0, 0, 0)
    assert scene.work() == 0
    assert scene.near.received == []


@pytest.mark.checklist("HUB-41")
def test_a_named_host_must_send_the_challenge_back(scene: Scene) -> None:
    scene.near.echo = b"welcome"

    scene.please_notify(domain="a.test")
    scene.work()

    assert scene.standing() == (0, 0, 0)


@pytest.mark.checklist("HUB-42")
def test_a_registration_ends_after_25_hours(scene: Scene) -> None:
    scene.please_notify()
    scene.work()
    found = scene.subscription(topic=RSS_TOPIC)
    assert found is not None
    assert found.expires - scene.clock.now() == timedelta(hours=25)
    scene.clock.advance(timedelta(hours=24).total_seconds())
    scene.please_notify()  # as programs do
    scene.work()
    renewed = scene.subscription(topic=RSS_TOPIC)
    assert renewed is not None
    assert (renewed.id, renewed.expires - found.expires) == (found.id, timedelta(hours=24))
    scene.near.received.clear()

    scene.clock.advance(timedelta(hours=25).total_seconds())
    scene.publish()

    assert scene.work() == 0
    assert scene.near.received == []
    prune(scene.room)
    assert scene.subscription(topic=RSS_TOPIC) is None


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"protocol": "xml-rpc"}, "protocol must be http-post or https-post"),
    ({"protocol": ""}, "protocol must be"),
    ({"port": ""}, "port must be a number"),
    ({"port": "0"}, "port must be a number"),
    ({"port": "65536"}, "port must be a number"),
    ({"port": "-1"}, "port must be a number"),
    ({"port": "22", "domain": "b.test"}, "port 22"),
    ({"domain": "http://a.test"}, "domain must be the name of a host"),
    ({"domain": "me@a.test"}, "domain must be the name of a host"),
    ({"domain": "a.test/x?"}, "domain must be the name of a host"),
    ({"path": "/#part"}, "no fragment"),
    ({"path": "/ x"}, "must be a URL"),
    ({"url1": ""}, "must be self links of feeds"),
    ({"url1": "https://other.example/feeds/recent.rss"}, "must be self links of feeds"),
    ({"url2": "https://news.example.org/feed/"}, r"such as .*/feeds/recent"),
    ({f"url{n}": f"{RSS_TOPIC}?{n}" for n in range(2, MOST_URLS + 2)}, "one to 20 feeds"),
]


@pytest.mark.checklist("HUB-41")
def test_what_cannot_be_taken_is_refused_at_once(scene: Scene) -> None:
    """And nothing of it is taken."""
    for fields, said in REFUSED:
        with pytest.raises((InputError, NotFoundError), match=said):
            scene.please_notify(**fields)

    assert scene.work() == 0


@pytest.mark.checklist("HUB-43", "HUB-35", "HUB-37")
@pytest.mark.parametrize(
    ("domain", "address"),
    [
        ("127.0.0.1", "192.0.2.1"),
        ("0x7f.1", "192.0.2.1"),
        ("[::1]", "192.0.2.1"),
        ("169.254.169.254", "192.0.2.1"),
        ("", "10.0.0.1"),
        ("", "::ffff:127.0.0.1"),
        ("", "fe80::1"),
    ],
)
def test_nobody_in_a_private_network_is_told(scene: Scene, domain: str, address: str) -> None:
    with pytest.raises(InputError, match=r"not a public address; websub\.allowed_callbacks"):
        scene.please_notify(domain=domain, address=address, port="80")

    assert scene.work() == 0


@pytest.mark.checklist("HUB-43")
def test_a_name_that_leads_into_a_private_network_is_not_asked(scene: Scene) -> None:
    scene.please_notify(domain="rebinding.example", port="80")

    scene.work()

    assert scene.near.targets == []
    assert scene.standing() == (0, 0, 0)


@pytest.mark.checklist("HUB-41")
@pytest.mark.parametrize(
    ("fields", "callback"),
    [
        ({"port": "443"}, "https://reader.example:443/c"),
        ({"port": "8443", "protocol": "https-post"}, "https://reader.example:8443/c"),
        ({"port": "80"}, "http://reader.example:80/c"),
        ({"port": "80", "path": "c"}, "http://reader.example:80/c"),
    ],
)
def test_the_scheme_follows_the_protocol_and_the_port(
    scene: Scene, fields: dict[str, str], callback: str
) -> None:
    scene.please_notify(**({"domain": "reader.example", "path": "/c"} | fields))

    with scene.room.database.read() as tx:
        stored = tx.connection.exec_driver_sql("SELECT callback, mode FROM intent").all()
    assert [tuple(row) for row in stored] == [(callback, HubMode.CLOUD_NAMED.value)]


@pytest.mark.checklist("HUB-43")
def test_the_bounds_are_those_of_the_hub(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "MOST_OF_ONE", 2)
    scene.please_notify(url2=OTHER)

    with pytest.raises(ThrottledError):
        scene.please_notify(path="/another")

    scene.near.status = 404
    scene.work()
    assert len(scene.near.received) == 1  # the host has its peace after the first no
    scene.clock.advance(PEACE.total_seconds())
    scene.work()
    assert len(scene.near.received) == 2


@pytest.mark.checklist("HUB-43")
def test_a_full_hub_takes_no_more(room: Newsroom, clock: FakeClock) -> None:
    """There is no word for that in rssCloud, so nothing more is said."""
    with scene_of(room, clock, rsscloud=True, max_per_host=1) as scene:
        scene.please_notify()
        scene.work()
        scene.please_notify(path="/another")
        scene.work()

        assert scene.standing() == (1, 0, 0)
        assert scene.work() == 0
        assert scene.near.targets == []


def test_websub_is_not_replaced_by_less(scene: Scene) -> None:
    """What confirmed for its secret is not taken from it by a request of the same address."""
    scene.subscribe(topic=RSS_TOPIC, secret="one", lease_seconds="300")
    before = scene.subscription(topic=RSS_TOPIC)

    scene.please_notify()
    scene.work()

    assert scene.subscription(topic=RSS_TOPIC) == before
    scene.clock.advance(301)
    scene.please_notify()
    scene.work()
    after = scene.subscription(topic=RSS_TOPIC)
    assert after is not None
    assert (after.kind, after.secret) == (SubscriptionKind.CLOUD, None)


def test_who_has_less_can_have_websub(scene: Scene) -> None:
    scene.please_notify()
    scene.work()

    scene.subscribe(topic=RSS_TOPIC, secret="one")

    found = scene.subscription(topic=RSS_TOPIC)
    assert found is not None
    assert (found.kind, found.secret) == (SubscriptionKind.WEBSUB, "one")
    assert scene.standing() == (1, 0, 0)


class _Meanwhile(Outbound):
    """Sends as the scene does, just after its hub has heard of what is out."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene

    def send(self, request: Request) -> Response:
        self._scene.clock.advance(2)
        announce(self._scene.room, self._scene.outbound)
        return self._scene.outbound.send(request)


@pytest.mark.checklist("HUB-42")
def test_what_comes_out_while_one_is_told_is_told_too(scene: Scene) -> None:
    """Another host may not have it yet at that moment."""
    scene.please_notify()
    scene.work()
    scene.near.received.clear()
    scene.publish("Older")
    now = scene.clock.now()
    with scene.room.database.write() as tx:
        claimed = subscriptions.claim(tx, now, now + PATIENCE, ())
    assert claimed is not None
    create(scene.room, given("Newer"), by=by("a"))
    refresh(scene.room, scene.lease)

    deliver(scene.room, _Meanwhile(scene), claimed)

    assert scene.work() == 1
    assert _told(scene) == [{"url": [RSS_TOPIC]}] * 2


def test_who_was_away_is_told_later(scene: Scene) -> None:
    scene.please_notify()
    scene.work()
    scene.near.received.clear()
    scene.near.status = 500
    scene.publish()
    scene.work()
    assert scene.standing() == (1, 0, 1)

    scene.near.status = 200
    scene.clock.advance(timedelta(hours=1).total_seconds())

    assert scene.work() == 1
    assert scene.standing() == (1, 0, 0)


def test_a_feed_that_is_gone_ends_the_registration_without_a_word(scene: Scene) -> None:
    scene.please_notify()
    scene.work()
    scene.publish()
    scene.near.received.clear()
    with scene.room.database.write() as tx:
        tx.connection.exec_driver_sql("UPDATE feed SET is_private = true")

    with pytest.raises(NotFoundError):
        scene.please_notify()
    scene.work()

    assert scene.subscription(topic=RSS_TOPIC) is None
    assert scene.work() == 0
    assert (scene.near.received, scene.near.targets) == ([], [])


@pytest.mark.checklist("HUB-40", "HUB-43")
def test_turned_on_and_off_it_changes_every_feed(scene: Scene) -> None:
    """And with it off, feeds are what they were before there was such a setting."""
    on, off = scene.room, _without_cloud(scene.room)

    assert fingerprint(on) != fingerprint(off)
    make_ready(off)
    scene.clock.advance(2)  # two publications are not of one second
    refresh(off, scene.lease)
    assert b"<cloud" not in _feed(scene)
    make_ready(on)
    scene.clock.advance(2)
    refresh(on, scene.lease)
    assert _feed(scene).count(b'<cloud domain="news.example.org" port="443"') == 1


def _feed(scene: Scene) -> bytes:
    with scene.room.database.read() as tx:
        found = representations.plain(tx, "recent", Format.RSS, unpack)
    assert found is not None
    return found.body


def _without_cloud(room: Newsroom) -> Newsroom:
    websub = msgspec.structs.replace(room.config.websub, rsscloud=False)
    return replace(room, config=msgspec.structs.replace(room.config, websub=websub))


@pytest.mark.checklist("HUB-43")
def test_turned_off_nobody_is_told(scene: Scene) -> None:
    scene.please_notify()
    scene.work()
    scene.publish()
    scene.near.received.clear()

    work(_without_cloud(scene.room), scene.outbound)

    assert scene.near.received == []
    assert scene.subscription(topic=RSS_TOPIC) is None
