"""Every format names the hubs, where readers look for them (WebSub, section 4)."""

import json

import feedparser
import pytest
from lxml import etree
from msgspec.structs import replace

from feedsvc.model import Cloud, Format
from feedsvc.rendering.document import render
from tests.unit.rendering.samples import a_document, an_entry

HUBS = ("https://hub.example/", "https://other.example/hub?a=1&b=2")
_ATOM = {"a": "http://www.w3.org/2005/Atom"}


def _bodies(*hubs: str) -> dict[Format, bytes]:
    return dict(render(replace(a_document(an_entry(1)), hubs=hubs)).bodies)


@pytest.mark.checklist("HUB-02")
def test_rss_names_the_hubs_beside_its_own_address() -> None:
    channel = etree.fromstring(_bodies(*HUBS)[Format.RSS])[0]

    links = channel.findall("a:link", _ATOM)

    assert [(link.get("rel"), link.get("href")) for link in links][1:] == [
        ("hub", hub) for hub in HUBS
    ]
    assert links[0].get("rel") == "self"
    assert channel.findtext("link") == a_document().home_page


@pytest.mark.checklist("HUB-02")
def test_atom_names_the_hubs_beside_its_own_address() -> None:
    feed = feedparser.parse(_bodies(*HUBS)[Format.ATOM])

    assert feed.bozo == 0
    found = {link.rel: link.href for link in feed.feed.links if link.rel != "hub"}
    assert found["self"] == a_document().self_link(Format.ATOM)
    assert {link.href for link in feed.feed.links if link.rel == "hub"} == set(HUBS)


@pytest.mark.checklist("HUB-02", "JSON-10")
def test_json_feed_names_the_hubs() -> None:
    feed = json.loads(_bodies(*HUBS)[Format.JSON])

    assert feed["hubs"] == [{"type": "WebSub", "url": hub} for hub in HUBS]


@pytest.mark.checklist("HUB-40", "RSS-54")
def test_rss_names_the_cloud_with_all_five_attributes() -> None:
    cloud = Cloud(domain="news.example.org", port=443, path="/hub/pleaseNotify")
    plain = a_document(an_entry(1))

    bodies = render(replace(plain, cloud=cloud)).bodies

    (found,) = etree.fromstring(bodies[Format.RSS])[0].findall("cloud")
    assert dict(found.attrib) == {
        "domain": "news.example.org",
        "port": "443",
        "path": "/hub/pleaseNotify",
        "registerProcedure": "",
        "protocol": "http-post",
    }
    without = render(plain).bodies
    assert b"cloud" not in without[Format.RSS]
    for format_ in (Format.ATOM, Format.JSON):
        assert bodies[format_] == without[format_]
    read = feedparser.parse(bodies[Format.RSS])
    assert (read.bozo, read.feed.cloud["domain"]) == (0, "news.example.org")


@pytest.mark.checklist("HUB-06")
def test_without_hubs_nothing_is_named() -> None:
    for body in _bodies().values():
        assert b"hub" not in body.lower()
