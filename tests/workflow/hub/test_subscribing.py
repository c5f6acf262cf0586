"""Our own hub: who subscribes is asked first; what is not confirmed is not believed."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from feedsvc.errors import FeedsvcError, InputError, NotFoundError, ThrottledError
from feedsvc.outbound import Limits, Outbound
from feedsvc.storage.hub import intents
from feedsvc.workflow.hub import accepting, verifying
from feedsvc.workflow.hub.accepting import FORGOTTEN, PEACE
from feedsvc.workflow.hub.rounds import PATIENCE
from feedsvc.workflow.hub.verifying import verify
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.prune import prune
from tests.fakes import FakeClock
from tests.workflow.hub.hub_scene import TOPIC, Scene, scene_of

DAY = 86_400


@pytest.fixture
def scene(room: Newsroom, clock: FakeClock) -> Iterator[Scene]:
    with scene_of(room, clock) as scene:
        yield scene


@pytest.mark.checklist("HUB-11", "HUB-13")
def test_nobody_is_subscribed_before_the_callback_confirms(scene: Scene) -> None:
    scene.ask()

    assert scene.near.targets == []
    assert scene.subscription() is None
    assert scene.work() == 1
    assert scene.standing() == (1, 0, 0)
    (asked,) = scene.near.asked
    assert asked["hub.mode"] == ["subscribe"]
    assert asked["hub.topic"] == [TOPIC]
    assert asked["hub.lease_seconds"] == [str(10 * DAY)]
    assert len(asked["hub.challenge"][0]) >= 22  # 128 bits in base 64


@pytest.mark.checklist("HUB-13", "HUB-30")
def test_a_callbacks_own_query_stays_as_it_is(scene: Scene) -> None:
    callback = scene.near.url("/c?key=a%20b&hub.mode=mine&x")

    scene.subscribe(callback=callback)

    (target,) = scene.near.targets
    assert target.startswith("/c?key=a%20b&hub.mode=mine&x&hub.mode=subscribe&")
    assert parse_qs(urlsplit(target).query)["hub.mode"] == ["mine", "subscribe"]
    assert scene.subscription(callback) is not None


@pytest.mark.checklist("HUB-14")
@pytest.mark.parametrize(
    ("status", "echo"),
    [
        pytest.param(200, b"", id="nothing"),
        pytest.param(200, b"yes", id="another word"),
        pytest.param(200, b"x" * 100_000, id="too much"),
        pytest.param(404, None, id="not found"),
        pytest.param(500, None, id="server error"),
        pytest.param(302, None, id="redirect"),
    ],
)
def test_who_does_not_confirm_is_not_subscribed(
    scene: Scene, status: int, echo: bytes | None
) -> None:
    scene.near.status, scene.near.echo = status, echo
    scene.near.headers = {"Location": scene.near.url("/elsewhere")}

    scene.subscribe()

    assert scene.subscription() is None
    assert len(scene.near.targets) == 1  # the redirect was not followed
    scene.clock.advance(DAY)
    assert scene.work() == 0


@pytest.mark.checklist("HUB-14")
@pytest.mark.parametrize("sent", [lambda word: word + b"\n", lambda word: word.upper()])
def test_an_echo_is_compared_byte_for_byte(
    scene: Scene, sent: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_urlsafe", lambda _size: "aChallenge")
    assert callable(sent)
    scene.near.echo = sent(b"aChallenge")

    scene.subscribe()

    assert scene.subscription() is None


@pytest.mark.checklist("HUB-14")
def test_every_question_has_its_own_challenge(scene: Scene) -> None:
    scene.subscribe()
    scene.subscribe()

    first, second = (asked["hub.challenge"] for asked in scene.near.asked)
    assert first != second


@pytest.mark.checklist("HUB-17")
@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("", 10 * DAY),
        ("1", 300),
        ("86400", DAY),
        ("999999999999999999", 30 * DAY),
    ],
)
def test_a_lease_is_within_bounds(scene: Scene, asked: str, given: int) -> None:
    scene.subscribe(lease_seconds=asked)

    assert scene.near.asked[0]["hub.lease_seconds"] == [str(given)]
    assert scene.lease_left() == timedelta(seconds=given)


@pytest.mark.checklist("HUB-17")
def test_a_subscription_ends_with_its_lease(scene: Scene) -> None:
    scene.subscribe(lease_seconds="300")
    scene.clock.advance(301)

    scene.publish()

    assert scene.work() == 0
    assert scene.near.received == []
    prune(scene.room)
    assert scene.subscription() is None


@pytest.mark.checklist("HUB-15")
def test_who_subscribes_again_gets_a_new_lease_and_secret(scene: Scene) -> None:
    scene.subscribe(secret="one")
    scene.clock.advance(DAY)

    scene.ask(secret="two", lease_seconds=str(2 * DAY))

    before = scene.subscription()
    assert before is not None
    assert before.secret == "one"
    scene.work()
    after = scene.subscription()
    assert after is not None
    assert (after.id, after.secret) == (before.id, "two")
    assert scene.lease_left() == timedelta(days=2)


@pytest.mark.checklist("HUB-14", "HUB-15")
def test_a_renewal_that_is_not_confirmed_changes_nothing(scene: Scene) -> None:
    scene.subscribe(secret="one")
    before = scene.subscription()
    scene.near.status = 404

    scene.subscribe(secret="two", lease_seconds="300")

    assert scene.subscription() == before


@pytest.mark.checklist("HUB-16")
def test_who_unsubscribes_is_asked_too(scene: Scene) -> None:
    scene.subscribe()
    scene.near.status = 404
    scene.ask("unsubscribe")
    scene.work()
    assert scene.subscription() is not None

    scene.near.status = 200
    scene.ask("unsubscribe")
    scene.work()

    assert scene.subscription() is None
    assert scene.near.asked[-1]["hub.mode"] == ["unsubscribe"]
    assert "hub.lease_seconds" not in scene.near.asked[-1]


@pytest.mark.checklist("HUB-15")
def test_the_last_word_counts(scene: Scene) -> None:
    """Of two requests that wait, the callback is asked about the later."""
    scene.ask(secret="one")
    scene.ask(secret="two")

    assert scene.work() == 1
    found = scene.subscription()
    assert found is not None
    assert found.secret == "two"


@pytest.mark.checklist("HUB-15")
def test_what_was_asked_for_anew_meanwhile_is_asked_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer is about the request that it was given to."""
    scene.ask(secret="one")
    with scene.room.database.write() as tx:
        claimed = intents.claim(tx, scene.clock.now(), scene.clock.now() + PATIENCE, ())
    assert claimed is not None
    scene.ask(secret="two")
    verify(scene.room, scene.outbound, claimed)

    assert scene.subscription() is None


def test_who_dies_while_asking_is_followed(scene: Scene) -> None:
    """Promise 6."""
    scene.ask()
    with scene.room.database.write() as tx:
        assert intents.claim(tx, scene.clock.now(), scene.clock.now() + PATIENCE, ())
    assert scene.work() == 0

    scene.clock.advance(PATIENCE.total_seconds())

    assert scene.work() == 1
    assert scene.subscription() is not None


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"mode": "publish"}, "hub.mode must be"),
    ({"mode": ""}, "hub.mode must be"),
    ({"callback": ""}, "hub.callback must be"),
    ({"callback": "http://a.test/ b"}, "hub.callback must be"),
    ({"callback": "http://a.test/" + "x" * 1000}, "at most 1000"),
    ({"callback": "http://a.test:80/#part"}, "no fragment"),
    ({"callback": "ftp://a.test/"}, "https:// or http://"),
    ({"callback": "javascript:alert(1)"}, "cannot be asked"),
    ({"callback": "https://me:secret@a.test/"}, "names no user"),
    ({"callback": "https://a.test:22/"}, "port 22"),
    ({"secret": "é" * 100}, "less than 200 bytes"),
    ({"secret": "a\0b"}, "of text"),
    ({"lease_seconds": "0"}, "positive whole number"),
    ({"lease_seconds": "-1"}, "positive whole number"),
    ({"lease_seconds": "ten"}, "positive whole number"),
    ({"topic": ""}, "no feed of this service"),
    ({"topic": "https://news.example.org/feeds/recent.ATOM"}, "no feed of this service"),
    ({"topic": f"{TOPIC}?x=1"}, "no feed of this service"),
    ({"topic": TOPIC.replace("https", "http")}, "no feed of this service"),
    ({"topic": "https://other.example/feeds/recent.atom"}, "no feed of this service"),
    ({"topic": "https://news.example.org/feeds/none.atom"}, "no feed of this service"),
    ({"topic": "https://news.example.org/"}, r"such as .*/feeds/recent\.atom"),
]


@pytest.mark.checklist("HUB-10", "HUB-11", "HUB-12", "HUB-20")
def test_what_cannot_be_taken_is_refused_at_once(scene: Scene) -> None:
    for fields, said in REFUSED:
        with pytest.raises((InputError, NotFoundError), match=said):
            scene.ask(**fields)

    assert scene.work() == 0


@pytest.mark.checklist("HUB-35")
def test_no_callback_is_in_a_private_network(scene: Scene) -> None:
    """Whatever numbers it is written with: see the tests of outbound for all of them."""
    for host in ("127.0.0.1:80", "127.1", "0x7f.1", "[::ffff:7f00:1]", "169.254.169.254"):
        with pytest.raises(InputError, match="not a public address"):
            scene.ask(callback=f"http://{host}/")

    assert scene.work() == 0


@pytest.mark.checklist("HUB-37")
def test_what_is_allowed_for_hubs_is_not_for_callbacks(scene: Scene) -> None:
    """The setting that helps is another one."""
    with pytest.raises(InputError, match=r"websub\.allowed_callbacks can name it"):
        scene.ask(callback="http://10.0.0.1/")


@pytest.mark.checklist("HUB-36")
def test_a_name_is_looked_up_each_time(scene: Scene) -> None:
    """A name that is public when it is asked for, and not when it is spoken to."""
    scene.ask(callback="http://rebinding.example/")

    scene.work()

    assert scene.near.targets == []
    assert scene.subscription("http://rebinding.example/") is None


@pytest.mark.checklist("HUB-03", "HUB-20")
def test_every_self_link_is_a_topic(scene: Scene) -> None:
    for slug in ("recent", "category/news"):
        for format_ in ("rss", "atom", "json"):
            scene.ask(topic=f"https://news.example.org/feeds/{slug}.{format_}")

    assert scene.work() == 6
    assert scene.standing() == (6, 0, 0)


@pytest.mark.checklist("HUB-20")
def test_what_not_everybody_may_read_is_no_topic(scene: Scene) -> None:
    scene.subscribe()
    scene.publish()
    with scene.room.database.write() as tx:
        tx.connection.exec_driver_sql("UPDATE feed SET is_private = true")

    with pytest.raises(NotFoundError):
        scene.ask()
    scene.work()

    assert scene.near.received == []
    assert scene.near.asked[-1]["hub.mode"] == ["denied"]


@pytest.mark.checklist("HUB-38")
def test_a_host_that_did_not_confirm_has_its_peace(scene: Scene) -> None:
    """A thousand requests in somebody's name are a question a minute."""
    scene.near.status = 404
    for number in range(20):
        scene.ask(callback=scene.near.url(f"/{number}"))
    for minute in range(3):
        scene.work()
        assert len(scene.near.targets) == minute + 1
        scene.ask(callback=scene.near.url(urlsplit(scene.near.targets[-1]).path))  # once more
        scene.ask(callback=scene.near.url(f"/another{minute}"))
        scene.work()
        assert len(scene.near.targets) == minute + 1
        scene.clock.advance(PEACE.total_seconds())

    scene.clock.advance(FORGOTTEN.total_seconds())
    prune(scene.room)

    assert scene.work() == 0


@pytest.mark.checklist("HUB-38")
def test_a_host_with_subscribers_is_asked_whatever_another_did(scene: Scene) -> None:
    """Nobody is kept from subscribing by somebody else's requests in their name."""
    scene.subscribe()
    scene.near.status = 404
    scene.ask(callback=scene.near.url("/wrong"))
    scene.ask(callback=scene.near.url("/right"))
    scene.work()
    scene.near.status = 200

    scene.ask(callback=scene.near.url("/right"))
    scene.work()

    assert scene.subscription(scene.near.url("/right")) is not None


@pytest.mark.checklist("HUB-38")
def test_only_so_many_wait_to_be_verified(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "MOST_OF_ONE", 3)
    for host, address in (("a", "192.0.2.1"), ("b", "192.0.2.1"), ("a", "192.0.2.2")):
        callback = scene.near.url(f"/{address}", f"{host}.test")
        scene.ask(callback=callback, address=address)
    scene.ask(callback=scene.near.url("/", "a.test"), address="192.0.2.2")

    with pytest.raises(ThrottledError, match="in a minute"):
        scene.ask(callback=scene.near.url("/", "a.test"), address="192.0.2.3")
    scene.ask(callback=scene.near.url("/", "c.test"), address="192.0.2.1")
    with pytest.raises(ThrottledError):
        scene.ask(callback=scene.near.url("/", "d.test"), address="192.0.2.1")
    scene.ask(callback=scene.near.url("/", "d.test"), address="192.0.2.4")
    monkeypatch.setattr(accepting, "MOST_WAITING", 6)
    with pytest.raises(ThrottledError):
        scene.ask(callback=scene.near.url("/", "e.test"), address="192.0.2.5")


@pytest.mark.checklist("HUB-18", "HUB-38")
@pytest.mark.parametrize("setting", ["max_per_host", "max_subscriptions"])
def test_a_full_hub_denies(
    room: Newsroom, clock: FakeClock, setting: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with scene_of(room, clock, **{setting: 1}) as scene:
        scene.subscribe()
        refused = scene.near.url("/refused")

        scene.subscribe(callback=refused, secret="canary")
        scene.subscribe(lease_seconds="300")  # who is in renews

        assert scene.subscription(refused) is None
        assert scene.lease_left() == timedelta(seconds=300)
        denied = [asked for asked in scene.near.asked if asked["hub.mode"] == ["denied"]]
        assert [asked["hub.topic"] for asked in denied] == [[TOPIC]]
        assert "as many subscriptions" in denied[0]["hub.reason"][0]
        assert "canary" not in caplog.text


@pytest.mark.checklist("HUB-18")
@pytest.mark.parametrize("setting", ["max_per_host", "max_subscriptions"])
def test_who_has_expired_takes_no_place(room: Newsroom, clock: FakeClock, setting: str) -> None:
    with scene_of(room, clock, **{setting: 1}) as scene:
        scene.subscribe(lease_seconds="300")
        clock.advance(301)

        scene.subscribe(callback=scene.near.url("/other"))

        assert scene.subscription(scene.near.url("/other")) is not None


@pytest.mark.checklist("HUB-18")
def test_a_denial_that_cannot_be_told_is_forgotten(
    room: Newsroom, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene_of(room, clock, max_subscriptions=1) as scene:
        scene.subscribe()
        scene.ask(callback=scene.near.url("/refused", "a.test"))
        with scene.room.database.write() as tx:
            claimed = intents.claim(tx, clock.now(), clock.now() + PATIENCE, ())
        assert claimed is not None
        verify(scene.room, scene.outbound, claimed)
        with scene.room.database.write() as tx:
            denial = intents.claim(tx, clock.now(), clock.now() + PATIENCE, ())
        assert denial is not None
        verify(scene.room, Outbound(), denial)

        clock.advance(DAY)
        assert scene.work() == 0


@pytest.mark.checklist("HUB-12")
def test_no_secret_travels_over_plain_http(scene: Scene) -> None:
    form = {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": scene.near.url(),
        "hub.secret": "canary",
    }

    with pytest.raises(FeedsvcError, match="plain http"):
        accepting.ask(scene.room, scene.outbound, form, address="", safe=False)

    accepting.ask(scene.room, scene.outbound, form | {"hub.secret": ""}, address="", safe=False)


def test_a_secret_is_forgotten_with_what_it_was_for(scene: Scene) -> None:
    """Neither a request that was not confirmed nor an ended subscription keeps one."""
    scene.near.status = 404
    scene.subscribe(secret="canary")

    with scene.room.database.read() as tx:
        stored = tx.connection.exec_driver_sql("SELECT * FROM intent").all()

    assert len(stored) == 1
    assert "canary" not in str(stored)


@pytest.mark.checklist("HUB-14", "HUB-38")
def test_a_callback_that_takes_its_time_does_not_confirm(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "_LIMITS", Limits(seconds=0.3, body_bytes=1000))
    scene.near.drips = True

    scene.subscribe()

    assert len(scene.near.targets) == 1
    assert scene.subscription() is None
