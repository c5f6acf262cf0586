"""From a subscription at our own hub to a signed update, over real sockets."""

import hmac
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import feedparser
import pytest
from lxml import etree

from tests.callbacks import callbacks
from tests.live.metrics import door, scrape, total
from tests.live.process import ServiceProcess, wait_until

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.checklist("HUB-01", "HUB-02", "HUB-11", "HUB-25", "HUB-26", "HUB-27")
@pytest.mark.live
def test_a_subscriber_is_sent_what_comes_out(tmp_path: Path) -> None:
    """With workers, as with one process."""
    with callbacks() as near:
        websub: dict[str, object] = {"embedded": True, "allowed_callbacks": [near.name]}
        server: dict[str, object] = {"operations": "127.0.0.1:0", "workers": 2}
        with ServiceProcess(tmp_path, websub=websub, server=server) as service:
            feed = service.get("/feeds/recent.atom")
            hub, topic = f"{service.url}/hub", f"{service.url}/feeds/recent.atom"
            assert f'<{topic}>; rel="self", <{hub}>; rel="hub"' in feed.headers["link"]
            assert f'href="{hub}"'.encode() in feed.body
            _subscribe(service, topic, near.url())
            wait_until(lambda: _count(service, "hub_subscriptions"))

            service.run(
                *("article", "add", "--title", "It rains", "--body-file", "-"), text="Rain."
            )
            wait_until(lambda: any(b"It rains" in one.body for one in near.received))

            sent = near.received[-1]
            assert sent.body == service.get("/feeds/recent.atom").body
            assert sent.headers["content-type"] == feed.headers["content-type"]
            expected = hmac.new(b"canary", sent.body, "sha256").hexdigest()
            assert sent.headers["x-hub-signature"] == f"sha256={expected}"
            wait_until(lambda: not _count(service, "hub_deliveries_waiting"))
            assert "1 subscriptions" in service.run("status")
            assert "canary" not in service.log.read_text()


@pytest.mark.checklist("HUB-40", "HUB-41", "HUB-42", "RSS-54")
@pytest.mark.live
def test_a_program_is_told_of_changes_as_rsscloud_has_it(tmp_path: Path) -> None:
    """It asks where the feed says, agrees, is told, and finds the change when it looks."""
    with callbacks() as near:
        websub: dict[str, object] = {
            "embedded": True,
            "rsscloud": True,
            "allowed_callbacks": [near.name],
        }
        server: dict[str, object] = {"operations": "127.0.0.1:0"}
        with ServiceProcess(tmp_path, websub=websub, server=server) as service:
            topic = f"{service.url}/feeds/recent.rss"
            # Nobody is to be told of the first publication any more when the second is made.
            wait_until(lambda: f'"told our hub" topic={topic}' in service.log.read_text())
            cloud = feedparser.parse(service.get("/feeds/recent.rss").body).feed.cloud
            assert f"http://{cloud['domain']}:{cloud['port']}" == service.url
            assert (cloud["protocol"], cloud["registerprocedure"]) == ("http-post", "")
            form = {
                "notifyProcedure": "",
                "protocol": cloud["protocol"],
                "domain": "127.0.0.1",
                "port": str(near.port),
                "path": "/told",
                "url1": topic,
            }
            answer = service.ask("POST", cloud["path"], urlencode(form), FORM)
            result = etree.fromstring(answer.body)
            assert (answer.status, result.tag, result.get("success")) == (
                200,
                "notifyResult",
                "true",
            )
            wait_until(lambda: _count(service, "hub_subscriptions"))
            assert [asked["url"] for asked in near.asked] == [[topic]]

            service.run(
                *("article", "add", "--title", "It rains", "--body-file", "-"), text="Rain."
            )
            wait_until(lambda: near.received)

            assert near.received[0].target == "/told"
            assert parse_qs(near.received[0].body.decode()) == {"url": [topic]}
            wait_until(lambda: b"It rains" in service.get("/feeds/recent.rss").body)


def _subscribe(service: ServiceProcess, topic: str, callback: str) -> None:
    form = {
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.callback": callback,
        "hub.secret": "canary",
    }
    assert service.ask("POST", "/hub", urlencode(form), FORM).status == 202


def _count(service: ServiceProcess, name: str) -> float:
    return total(scrape(door(service)), name)
