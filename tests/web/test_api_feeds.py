"""Programs make, change and remove feeds."""

import pytest
from flask.testing import FlaskClient

from feedsvc.model import Scope
from feedsvc.wiring import Service
from feedsvc.workflow import saved_feeds
from tests.web.api_client import Program, program

FEEDS = "/api/v1/saved-feeds"


@pytest.fixture
def cms(service: Service, reader: FlaskClient) -> Program:
    return program(service, reader)


def test_a_feed_is_made_read_and_listed(cms: Program) -> None:
    cms.store(categories=["News"], release="now")
    rule = {"include": ["category:News"], "exclude": ["author:Nobody"], "profile": "msn"}

    made = cms.post(FEEDS, {"slug": "partner", "title": "Ours", **rule})
    read = cms.get(made.headers["Location"].removeprefix("https://news.example.org"))

    assert made.status_code == 201
    assert made.get_json() == read.get_json()
    assert read.get_json()["exclude"] == ["author:nobody"]
    assert read.get_json()["rss"].endswith("/feeds/partner.rss")
    assert [feed["slug"] for feed in cms.get(FEEDS).get_json()["feeds"]] == ["partner"]
    known = cms.get(f"{FEEDS}/{read.get_json()['id']}", If_None_Match=read.headers["ETag"])
    assert known.status_code == 304
    assert cms.post(FEEDS, {"slug": "partner", "title": "Ours"}).status_code == 409


def test_a_change_needs_the_entity_tag_that_was_seen(cms: Program, service: Service) -> None:
    made = cms.post(FEEDS, {"slug": "partner", "title": "Ours", "entries": 30, "delay": 5})
    address, tag = f"{FEEDS}/{made.get_json()['id']}", made.headers["ETag"]

    unconditional = cms.patch(address, {"title": "Theirs"})
    changed = cms.patch(address, {"image": "none", "entries": None}, If_Match=tag)
    assert changed.get_json()["delay"] == 5
    late = cms.patch(address, {"title": "Theirs"}, If_Match=tag)

    assert unconditional.status_code == 428
    assert (changed.status_code, late.status_code) == (200, 412)
    stored = saved_feeds.find(service.room, "partner")
    assert (stored.title, stored.max_entries, stored.image_mode) == ("Ours", None, "none")


def test_what_cannot_be_taken_is_said_by_field(cms: Program) -> None:
    refused = cms.post(FEEDS, {"slug": "recent", "title": "Ours"})
    unknown = cms.post(FEEDS, {"slug": "a", "title": "A", "include": ["tag:none"]})

    assert (refused.status_code, unknown.status_code) == (422, 422)
    assert "slug" in str(refused.get_json())
    assert "there is no tag" in str(unknown.get_json())


def test_a_removed_feed_is_not_found(cms: Program) -> None:
    made = cms.post(FEEDS, {"slug": "partner", "title": "Ours"}).get_json()

    removed = cms.post(f"{FEEDS}/{made['id']}/remove")

    assert removed.status_code == 200
    assert cms.get(f"{FEEDS}/{made['id']}").status_code == 404
    assert cms.get(f"{FEEDS}/1").status_code == 404  # the feed of all is no saved one


def test_the_address_of_a_private_feed_is_in_one_answer(cms: Program) -> None:
    made = cms.post(FEEDS, {"title": "Ours", "private": True})
    address = f"{FEEDS}/{made.get_json()['id']}"
    read = cms.get(address)
    renewed = cms.post(f"{address}/key")
    public = cms.post(FEEDS, {"slug": "partner", "title": "Ours"}).get_json()

    assert (made.status_code, renewed.status_code) == (201, 200)
    assert read.headers["ETag"] == made.headers["ETag"]
    assert read.get_json()["private"]
    assert [read.get_json()[name] for name in ("rss", "atom", "json")] == [None] * 3
    assert made.get_json()["rss"] != renewed.get_json()["rss"]
    assert "/feeds/private/" in renewed.get_json()["json"]
    assert cms.post(f"{FEEDS}/{public['id']}/key").status_code == 422
    both = {"slug": "ours", "title": "Ours", "private": True}
    assert cms.post(FEEDS, both).status_code == 422


def test_only_who_may_publish_makes_feeds(service: Service, reader: FlaskClient) -> None:
    writer = program(service, reader, Scope.WRITE)

    assert writer.post(FEEDS, {"slug": "partner", "title": "Ours"}).status_code == 403
    assert writer.get(FEEDS).status_code == 200
