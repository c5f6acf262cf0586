"""What was typed and never saved: kept for its writer, offered, put nowhere unasked."""

import json
from typing import Any

import pytest
from flask import Flask

from feedsvc.model import Article, ArticleId
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.full import full
from tests.web.desk_client import Browser, Page

NEW, ONE = "/desk/articles/new", "/desk/articles/1"
OFFER = "//section[contains(@class, 'unsaved')][not(ancestor::template)]"


@pytest.fixture
def article(service: Service) -> Article:
    made = given("As it is stored", body_source="One.\n\nTwo.\n\nThree.", categories=("News",))
    return edit.create(service.room, made, by=by("ravi"))


def stored(service: Service) -> Article:
    return read.article(service.room, ArticleId(1))


def keep(browser: Browser, page: Page, count: int = 1, **changes: object) -> Page:
    """Send what a script would send while somebody writes."""
    account = page.root.xpath("//form/@data-account")[0]
    path = page.root.xpath("//form/@data-autosave")[0]
    return browser.post(
        path, {**page.values(), "typed": str(count), "account": account, **changes}
    )


def said(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.text)
    return found


def test_text_is_kept_and_said_so(asha: Browser, clock: FakeClock) -> None:
    answer = keep(asha, asha.open(NEW), title="Typed")

    assert answer.status == 200
    assert said(answer) == {"state": "kept", "say": "Saved at 12:00 as a working copy"}


def test_unsaved_text_of_an_article_is_offered(
    asha: Browser, article: Article, service: Service
) -> None:
    keep(asha, asha.open(ONE), body_source="One.\r\n\r\nTwo and more.\r\n\r\nThree.")

    page = asha.open(ONE)

    assert page.words(f"{OFFER}/h2") == "You have unsaved text from Sun 22 Nov 2026, 12:00"
    assert page.words(f"{OFFER}//h3") == "Text"
    assert page.words(f"{OFFER}//*[@class='side']") == "… Two. … … Two and more. …"
    assert str(page.values()["body_source"]) == "One.\n\nTwo.\n\nThree."
    assert stored(service) == article


def test_unsaved_text_is_put_into_the_form_on_demand(
    asha: Browser, article: Article, service: Service
) -> None:
    keep(asha, asha.open(ONE), 4, title="Typed", tags="rain", categories=["News", "Odisha"])

    page = asha.open(asha.open(ONE).root.xpath(f"{OFFER}//a/@href")[0])

    values = page.values()
    assert (values["title"], values["tags"], values["typed"]) == ("Typed", "rain", "4")
    assert values["categories"] == ["News", "Odisha"]
    assert "It is only in this form" in page.words("//*[@role='alert']")
    assert not page.has(OFFER)
    assert stored(service).title == "As it is stored"
    assert asha.send(page).status == 200
    assert stored(service).title == "Typed"
    assert not asha.open(ONE).has(OFFER)


def test_unsaved_new_text_is_offered_where_new_articles_begin(
    asha: Browser, service: Service
) -> None:
    keep(asha, asha.open(NEW), title="Typed", body_source="All of it.")

    page = asha.open(NEW)

    assert page.words(f"{OFFER}/p[@class='subject']") == "Typed"
    taken = asha.open(page.root.xpath(f"{OFFER}//a/@href")[0])
    assert taken.values()["body_source"] == "All of it."
    asha.send(taken)
    assert stored(service).title == "Typed"
    assert not asha.open(NEW).has(OFFER)


def test_choice_of_release_is_never_taken_up(asha: Browser) -> None:
    """Who takes up an old text and saves it must not publish it by a click of yesterday."""
    keep(asha, asha.open(NEW), title="Typed", body_source="Text.", release="now", send_now="y")

    taken = asha.open(asha.open(NEW).root.xpath(f"{OFFER}//a/@href")[0])

    assert taken.values()["release"] == "draft"
    assert "send_now" not in taken.values()


def test_text_typed_over_an_older_version_meets_the_newer_one(
    asha: Browser, article: Article, service: Service
) -> None:
    keep(asha, asha.open(ONE), title="Typed")
    edit.change(service.room, article.id, given("Ravi's"), by=by("ravi"), version=1)

    page = asha.send(asha.open(asha.open(ONE).root.xpath(f"{OFFER}//a/@href")[0]))

    assert page.status == 409
    assert stored(service).title == "Ravi's"
    assert page.values()["title"] == "Typed"


def test_unsaved_text_is_thrown_away(asha: Browser, article: Article) -> None:
    keep(asha, asha.open(ONE), title="Typed")

    asha.send(asha.open(ONE), f"{OFFER}//form", action="")

    assert not asha.open(ONE).has(OFFER)


def test_unsaved_new_text_is_thrown_away(asha: Browser) -> None:
    keep(asha, asha.open(NEW), title="Typed")

    page = asha.send(asha.open(NEW), f"{OFFER}//form", action="")

    assert (page.path, page.has(OFFER)) == (NEW, False)


def test_saved_text_is_not_offered_though_its_copy_comes_late(
    asha: Browser, article: Article
) -> None:
    form = asha.open(ONE)
    asha.send(form, title="Typed", typed="5")

    answer = keep(asha, form, 4, title="Typ")

    assert said(answer)["state"] == "saved"
    assert not asha.open(ONE).has(OFFER)


def test_page_says_which_texts_are_stored(asha: Browser, article: Article) -> None:
    """By this a script knows what may leave the browser."""
    form = asha.open(ONE)
    word = form.values()["submission"]

    page = asha.send(form, title="Typed", typed="5")

    assert page.root.xpath("//form/@data-settled")[0] == f'{{"{word}": 5}}'


def test_copy_without_script_leaves_nothing_behind(asha: Browser) -> None:
    page = asha.write()

    assert page.root.xpath("//form/@data-settled")[0] == "{}"


def test_list_says_what_is_unsaved(asha: Browser, article: Article) -> None:
    keep(asha, asha.open(ONE), title="Typed & <more>")
    keep(asha, asha.open(NEW), title="")

    page = asha.open("/desk/")

    leads = page.root.xpath(f"{OFFER}//a/@href")
    assert sorted(leads) == [ONE, NEW]
    assert "Typed & <more>" in page.words(OFFER)
    assert "Without a headline" in page.words(OFFER)


def test_nobody_else_is_offered_it(
    asha: Browser, article: Article, app: Flask, service: Service
) -> None:
    keep(asha, asha.open(ONE), title="Typed")
    ravi = Browser(app, service).sign_in("ravi")

    pages = [ravi.open(path) for path in (ONE, NEW, "/desk/")]
    word = asha.open(ONE).root.xpath("//@data-copy")[0]
    pages.append(ravi.open(f"{ONE}?copy={word}"))

    assert not any("Typed" in page.text for page in pages)


def test_readers_see_nothing_of_it(asha: Browser, app: Flask, service: Service) -> None:
    """Promise 7."""
    asha.write(release="now")
    keep(asha, asha.open(ONE), title="A secret to come")

    reader = app.test_client()

    for path in ("/", stored(service).path, "/sitemap.xml"):
        assert "secret" not in reader.get(path).text


def test_copy_that_is_gone_is_not_put_into_the_form(asha: Browser, article: Article) -> None:
    page = asha.open(f"{ONE}?copy=none-of-this-name")

    assert page.values()["title"] == "As it is stored"


def test_ended_session_is_told_to_the_script(
    asha: Browser, article: Article, app: Flask, service: Service
) -> None:
    form = asha.open(ONE)
    asha.client.delete_cookie("__Host-feedsvc")

    answer = keep(asha, form, title="Typed")

    assert (answer.status, said(answer)["state"]) == (403, "ended")


def test_script_goes_on_after_the_same_person_signed_in_again(
    asha: Browser, article: Article
) -> None:
    form = asha.open(ONE)
    asha.sign_in()

    answer = keep(asha, form, title="Typed")

    assert (answer.status, said(answer)["state"]) == (403, "renewed")
    token = said(answer)["csrf_token"]
    assert said(keep(asha, form, title="Typed", csrf_token=token))["state"] == "kept"


def test_text_does_not_go_to_somebody_else_who_signed_in(
    asha: Browser, article: Article
) -> None:
    form = asha.open(ONE)
    asha.sign_in("ravi")

    answer = keep(asha, form, title="Typed")

    assert (answer.status, said(answer)) == (403, {"state": "other", "say": ""})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"typed": "0"}, id="nothing typed"),
        pytest.param({"typed": "many"}, id="no count"),
        pytest.param({"submission": "!"}, id="no word"),
    ],
)
def test_copy_of_no_page_is_refused(asha: Browser, changes: dict[str, Any]) -> None:
    assert keep(asha, asha.open(NEW), **changes).status == 400


def test_copy_holds_no_fields_of_others(asha: Browser, article: Article) -> None:
    """Hidden fields that somebody adds: role, guid, published."""
    keep(asha, asha.open(ONE), title="Typed", guid="urn:x", role="admin", published="now")

    taken = asha.open(asha.open(ONE).root.xpath(f"{OFFER}//a/@href")[0])

    assert not {"guid", "role", "published"} & set(taken.values())


def test_full_disk_is_no_success(asha: Browser, article: Article, service: Service) -> None:
    form = asha.open(ONE)

    with full(service.database):
        answer = keep(asha, form, body_source="x" * 900_000)

    assert answer.status == 503


def test_copy_as_long_as_it_gets_is_small_on_the_page(asha: Browser, article: Article) -> None:
    """What is alike at both ends is left out of what is shown."""
    form = asha.open(ONE)
    text = "\n\n".join(f"Paragraph {number}." for number in range(2000))
    asha.send(form, body_source=text)
    keep(asha, asha.open(ONE), body_source=text.replace("Paragraph 999.", "Changed."))

    page = asha.open(ONE)

    assert page.words(f"{OFFER}//*[@class='side']") == "… Paragraph 999. … … Changed. …"
