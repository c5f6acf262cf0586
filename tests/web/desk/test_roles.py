"""What the desk offers a reporter, and what it takes from one."""

import re
from typing import Any

import pytest
from flask import Flask

from feedsvc.model import Article, ArticleId, By, FileInput, Release, Role, State
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, read
from feedsvc.workflow.writing import edit
from tests.factories import COMMAND_LINE, given
from tests.web.desk.accessible import problems
from tests.web.desk_client import ARTICLE_FORM, PASSWORD, Browser

DRAFT = given(release=Release.DRAFT)


@pytest.fixture
def own(service: Service, ravi: Browser) -> Article:
    return edit.create(service.room, DRAFT, by=by_name(service, "ravi"))


@pytest.fixture
def foreign(service: Service, ravi: Browser) -> Article:
    return edit.create(service.room, DRAFT, by=by_name(service, "asha"))


def by_name(service: Service, name: str) -> By:
    users = {user.name: user for user in accounts.users(service.room)}
    return By.of(users[name])


def stored(service: Service, article: Article) -> Article:
    return read.article(service.room, article.id)


def test_reporter_is_offered_what_reporters_do(ravi: Browser, own: Article) -> None:
    page = ravi.open(f"/desk/articles/{own.id}")

    assert page.root.xpath("//input[@name='release']/@value") == ["draft", "review"]
    assert page.has("//button[@value='save']")
    assert not page.has("//input[@name='release_at']")
    assert not page.has("//a[contains(@href, '/desk/feeds/')]")


def test_preview_offers_a_reporter_no_publishing(ravi: Browser, own: Article) -> None:
    page = ravi.send(ravi.open(f"/desk/articles/{own.id}"), action="preview")

    assert page.has("//button[@value='save']")
    assert not page.has("//button[@value='publish']")


def test_reporter_reads_what_others_write(ravi: Browser, foreign: Article) -> None:
    page = ravi.open(f"/desk/articles/{foreign.id}")

    assert "not change it" in page.words("//main")
    assert not page.has("//button[@value='save']")
    assert page.has("//textarea[@name='body_source'][@readonly]")
    assert not page.has("//*[@data-toolbar or @data-insert or @name='significant']")
    assert problems(page) == []


FULL: dict[str, Any] = {
    "tags": ("rain",),
    "categories": ("News",),
    "bylines": ("Asha Rao",),
    "image_url": "https://example.org/a.jpg",
    "enclosures": (
        FileInput(url="https://example.org/a.mp3", media_type="audio/mpeg", length=9),
    ),
    "excerpt": "Talks were held.",
}


@pytest.mark.parametrize(
    "release",
    [
        pytest.param({"release": Release.DRAFT}, id="of somebody else"),
        pytest.param({"release": Release.NOW}, id="published, and not in feeds yet"),
    ],
)
def test_nothing_can_be_typed_or_chosen_in_a_closed_article(
    ravi: Browser, patient: Service, release: dict[str, Release]
) -> None:
    closed = edit.create(patient.room, given(**FULL, **release), by=by_name(patient, "asha"))

    page = ravi.open(f"/desk/articles/{closed.id}")

    form = page.root.xpath(ARTICLE_FORM)[0]
    is_shut = "@readonly or @disabled or ancestor::fieldset[@disabled] or @type='hidden'"
    assert (
        form.xpath(f".//*[self::input or self::textarea or self::select][not({is_shut})]") == []
    )
    assert form.xpath(".//button/@value") == ["see"]
    assert form.xpath(".//input[@type='file']") == []
    values = page.values()
    assert (values["tags"], values["enclosures"]) == ("rain", "https://example.org/a.mp3")
    scripts = page.root.xpath("//script/@src")
    assert not [src for src in scripts if re.search("toolbar|media|lengths|beside", src)]
    assert not page.has("//*[@data-live or @data-presence or @data-lengths-of]")


def test_closed_article_is_previewed_as_it_is_stored(ravi: Browser, foreign: Article) -> None:
    page = ravi.open(f"/desk/articles/{foreign.id}")

    seen = ravi.send(page, action="see", title="Smuggled in")

    assert foreign.title in seen.words("//article")
    assert "Smuggled in" not in seen.text
    assert not seen.has("//main//form | //main//button")
    assert seen.has(f"//main//a[@href='/desk/articles/{foreign.id}']")
    assert problems(seen) == []


def test_earlier_version_is_not_put_into_a_closed_form(
    ravi: Browser, service: Service, foreign: Article
) -> None:
    edit.change(service.room, foreign.id, given("Second"), by=COMMAND_LINE, version=1)

    page = ravi.open(f"/desk/articles/{foreign.id}/history/1/restore")

    assert page.status == 403
    assert "ask an editor" in page.words("//main")


def test_unsaved_text_of_a_closed_article_is_shown_and_not_put_into_it(
    ravi: Browser, service: Service, own: Article
) -> None:
    page = ravi.open(f"/desk/articles/{own.id}")
    copy = {**page.values(), "body_source": "Still mine.", "typed": "3"}
    ravi.post(f"/desk/articles/{own.id}/autosave", copy)
    edit.change(service.room, own.id, given(), by=COMMAND_LINE, version=1)

    for query in ("", f"?copy={copy['submission']}"):
        closed = ravi.open(f"/desk/articles/{own.id}{query}")
        offer = "//section[contains(@class, 'unsaved')][not(ancestor::template)]"
        assert "Still mine." in closed.words(offer)
        assert closed.root.xpath(f"{offer}//button//text()") == ["Throw it away"]
        assert not closed.has("//*[contains(@href, 'copy=') or @data-take]")
        assert "Still mine." not in str(closed.values()["body_source"])


def test_reporter_hands_in(ravi: Browser, service: Service, own: Article) -> None:
    ravi.send(ravi.open(f"/desk/articles/{own.id}"), release="review")

    assert stored(service, own).state is State.REVIEW


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"release": "now"}, id="publishing"),
        pytest.param({"action": "publish"}, id="the button of the preview"),
        pytest.param({"release": "at", "release_at": "2030-01-01T10:00"}, id="scheduling"),
    ],
)
def test_reporter_who_tries_to_publish_loses_nothing(
    ravi: Browser, service: Service, own: Article, sent: dict[str, str]
) -> None:
    text = "A long afternoon of work."

    page = ravi.send(ravi.open(f"/desk/articles/{own.id}"), body_source=text, **sent)

    assert page.status == 403
    assert "ask an editor" in page.words("//*[@role='alert']")
    assert page.values()["body_source"] == text
    assert stored(service, own) == own


def test_text_is_kept_when_an_editor_was_faster(
    ravi: Browser, service: Service, own: Article
) -> None:
    page = ravi.open(f"/desk/articles/{own.id}")
    out = edit.change(service.room, own.id, given(), by=COMMAND_LINE, version=1)

    answer = ravi.send(page, body_source="Still mine.")

    assert answer.status == 403
    assert "Still mine." in answer.text
    assert not answer.has(f"{ARTICLE_FORM}//button")  # all there is of it is on this page
    assert stored(service, own) == out


HIDDEN = {
    "id": "99",
    "role": "admin",
    "guid": "urn:x:mine",
    "guid_is_permalink": "y",
    "slug": "mine",
    "path": "/mine/",
    "state": "published",
    "published": "2020-01-01T00:00",
    "updated": "2020-01-01T00:00",
    "visible_from": "2020-01-01T00:00",
    "created": "2020-01-01T00:00",
    "changed_by": "asha",
    "by": "asha",
    "owner_id": "1",
    "user_id": "1",
    "in_feeds": "",
    "set_aside": "x",
    "correction": "",
    "significant": "y",
    "send_now": "y",
}


def test_hidden_fields_change_nothing(ravi: Browser, service: Service, own: Article) -> None:
    page = ravi.open(f"/desk/articles/{own.id}")

    answer = ravi.send(page, title="Changed", **HIDDEN)

    assert answer.status == 200
    now = stored(service, own)
    kept = ("id", "guid", "guid_is_permalink", "state", "published", "updated", "in_feeds")
    assert now.title == "Changed"
    assert now.changed_by == "ravi"
    assert {name: getattr(now, name) for name in (*kept, "owner_id", "set_aside", "sent")} == {
        name: getattr(own, name) for name in (*kept, "owner_id", "set_aside", "sent")
    }
    assert now.created == own.created
    assert by_name(service, "ravi").role is Role.REPORTER


def test_hidden_fields_of_a_new_article_change_nothing(ravi: Browser, service: Service) -> None:
    ravi.write(**HIDDEN, release="draft")

    (made,) = read.desk_list(service.room, limit=9).articles
    assert (made.state, made.published, made.id) == (State.DRAFT, None, ArticleId(1))
    assert made.owner_id == by_name(service, "ravi").user_id
    assert made.guid.startswith("urn:uuid:")


@pytest.mark.parametrize("path", ["/desk/feeds/", "/desk/feeds/new"])
def test_page_that_is_not_for_them_says_whom_to_ask(ravi: Browser, path: str) -> None:
    page = ravi.open(path)

    assert page.status == 403
    assert "only admins" in page.words("//main").lower()


def test_editor_sees_and_does_all_about_articles(
    app: Flask, service: Service, ravi: Browser, own: Article
) -> None:
    accounts.add_user(service.room, "meera", PASSWORD, by=COMMAND_LINE)
    meera = Browser(app, service).sign_in("meera")

    page = meera.send(meera.open(f"/desk/articles/{own.id}"), release="now")

    assert page.has("//a[contains(@href, '/withdraw')]")
    assert stored(service, own).state is State.PUBLISHED
    assert not page.has("//a[contains(@href, '/desk/feeds/')]")
