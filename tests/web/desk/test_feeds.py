"""Feeds at the desk: made, changed and removed, without a script."""

import pytest
from flask import Flask

from feedsvc.model.rule import Term
from feedsvc.wiring import Service
from feedsvc.workflow import saved_feeds
from tests.web.desk.accessible import problems
from tests.web.desk_client import Browser

FORM = "//form[contains(@action, '/desk/feeds/')]"


@pytest.fixture
def asha(app: Flask, service: Service) -> Browser:
    browser = Browser(app, service).sign_in()
    browser.write(new_categories="Politics", release="now")
    return browser


def test_a_feed_is_made_changed_and_listed(asha: Browser, service: Service) -> None:
    rule = {"include": "category:Politics\n\n", "exclude": "author:Nobody, PhD"}
    made = asha.send(
        asha.open("/desk/feeds/new"),
        FORM,
        slug="partner",
        title="Ours",
        entries="30",
        delay="15",
        **rule,
    )
    feed = saved_feeds.find(service.room, "partner")
    page = asha.open(f"/desk/feeds/{feed.id}")
    asha.send(page, FORM, title="Theirs", entries="", full_text="excerpts", profile="msn")

    assert "Saved." in made.words("//*[@role='status']")
    assert "category:politics" in made.words("//main")
    assert feed.max_entries == 30
    after = saved_feeds.find(service.room, "partner")
    assert (after.title, after.max_entries, after.full_text) == ("Theirs", None, False)
    assert after.rule == feed.rule
    assert after.rule is not None
    assert after.rule.exclude == (Term.parse("author:nobody, phd"),)
    assert (after.profile, after.delay_minutes) == ("msn", 15)


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    asha: Browser, service: Service
) -> None:
    page = asha.send(
        asha.open("/desk/feeds/new"),
        FORM,
        slug="partner",
        title="Ours",
        include="tag:none",
    )
    odd = asha.send(page, FORM, include="", entries="many", profile="nobody")

    assert (page.status, odd.status) == (400, 400)
    assert "there is no tag" in page.words("//*[@id='problems']")
    assert page.values(FORM)["include"] == "tag:none"
    assert "Write a number" in odd.words("//*[@id='problems']")
    assert "Choose one of these" in odd.words("//*[@id='problems']")
    assert saved_feeds.all_feeds(service.room) == ()


def test_two_operators_on_one_feed(asha: Browser, service: Service) -> None:
    asha.send(asha.open("/desk/feeds/new"), FORM, slug="partner", title="Ours")
    feed = saved_feeds.find(service.room, "partner")
    page = asha.open(f"/desk/feeds/{feed.id}")
    asha.send(page, FORM, title="First")

    late = asha.send(page, FORM, title="Second")
    again = asha.send(asha.open("/desk/feeds/new"), FORM, slug="partner", title="Ours")

    assert (late.status, again.status) == (409, 409)
    assert "Somebody else" in late.words("//*[@id='problems']")
    assert late.values(FORM)["title"] == "Second"
    assert saved_feeds.find(service.room, "partner").title == "First"
    asha.send(late, FORM)
    assert saved_feeds.find(service.room, "partner").title == "Second"


def test_a_feed_is_removed_after_a_question(asha: Browser, service: Service) -> None:
    asha.send(asha.open("/desk/feeds/new"), FORM, slug="partner", title="Ours")
    feed = saved_feeds.find(service.room, "partner")
    asked = asha.open(f"/desk/feeds/{feed.id}/remove")
    before = len(saved_feeds.all_feeds(service.room))

    removed = asha.send(asked, FORM)
    twice = asha.send(asked, FORM)

    assert before == 1
    assert "Removed." in removed.words("//*[@role='status']")
    assert twice.status == 200
    assert saved_feeds.all_feeds(service.room) == ()
    assert asha.open(f"/desk/feeds/{feed.id}").status == 404


def test_the_feed_of_a_language_has_no_rule_to_write(asha: Browser, service: Service) -> None:
    asha.send(asha.open("/desk/feeds/new"), FORM, slug="lang/or", title="Odia")
    feed = saved_feeds.find(service.room, "lang/or")

    page = asha.open(f"/desk/feeds/{feed.id}")
    asha.send(page, FORM, title="ଓଡ଼ିଆ")

    assert "include" not in page.values(FORM)
    assert saved_feeds.find(service.room, "lang/or").title == "ଓଡ଼ିଆ"
    assert "Nothing in it is public yet" in asha.open("/desk/feeds/").words("//main")


def test_the_pages_can_be_used_by_ear_and_keyboard(asha: Browser, service: Service) -> None:
    empty = asha.open("/desk/feeds/")
    asha.send(asha.open("/desk/feeds/new"), FORM, slug="partner", title="Ours")
    number = saved_feeds.find(service.room, "partner").id
    paths = ("/desk/feeds/new", f"/desk/feeds/{number}", f"/desk/feeds/{number}/remove")

    pages = [empty, *(asha.open(path) for path in paths)]
    pages.append(asha.send(asha.open("/desk/feeds/new"), FORM, title=""))

    assert [problems(page) for page in pages] == [[]] * len(pages)


def test_a_private_feed_shows_its_address_once(asha: Browser, service: Service) -> None:
    new = asha.open("/desk/feeds/new")
    refused = asha.send(new, FORM, slug="partner", title="Ours", is_private="y")
    made = asha.send(refused, FORM, slug="")
    [feed] = saved_feeds.all_feeds(service.room)
    opened = asha.open(f"/desk/feeds/{feed.id}")
    changed = asha.send(opened, FORM, title="Theirs", entries="7")
    asked = asha.open(f"/desk/feeds/{feed.id}/key")
    renewed = asha.send(asked, FORM)

    assert refused.status == 400
    assert "must be left empty" in refused.words("//*[@id='problems']")
    first, second = made.words("//main//code").split(), renewed.words("//main//code").split()
    assert [len(first), len(second), len({*first, *second})] == [3, 3, 6]
    assert made.headers["Cache-Control"] == "no-store"
    assert feed.is_private
    assert saved_feeds.of_id(service.room, feed.id).max_entries == 7
    elsewhere = opened.text + changed.text + asked.text + asha.open("/desk/feeds/").text
    keys = {address.rpartition("/")[2].partition(".")[0] for address in (*first, *second)}
    assert len(keys) == 2
    assert not [key for key in keys if key in elsewhere]
    assert opened.has("//a[contains(., 'New key')]")
    assert "Private" in changed.words("//main")
    for path in ("/feeds/", "/feeds.opml", "/sitemap.xml", "/robots.txt", "/"):
        listing = asha.open(path)
        assert listing.status == 200
        assert "private" not in listing.text
        assert "Theirs" not in listing.text
    assert [problems(page) for page in (made, opened, asked)] == [[]] * 3


def test_strangers_are_asked_to_sign_in(app: Flask, service: Service) -> None:
    assert "Sign in" in Browser(app, service).open("/desk/feeds/").words("//h1")
