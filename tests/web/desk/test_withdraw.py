"""Withdrawing an article from the desk, and publishing it again."""

import msgspec
import pytest
from flask import Flask
from msgspec.structs import replace

from feedsvc.config import Config
from feedsvc.model import Article, ArticleId, State
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import read
from tests.web.desk_client import Browser

WITHDRAW = "/desk/articles/1/withdraw"
FORM = "//form[contains(@action, 'withdraw')]"
ALERT = "//*[@role='alert']"


def stored(service: Service, number: int = 1) -> Article:
    return read.article(service.room, ArticleId(number))


def test_withdrawal_is_confirmed_first(asha: Browser, service: Service) -> None:
    asha.write(release="now")

    page = asha.open("/desk/articles/1/withdraw")

    assert page.words("//h1") == "Withdraw this article?"
    assert stored(service).state is State.PUBLISHED


def test_article_is_withdrawn(asha: Browser, service: Service) -> None:
    asha.write(release="now")

    form = "//form[contains(@action, 'withdraw')]"
    page = asha.send(asha.open("/desk/articles/1/withdraw"), form)

    assert "Withdrawn. It is out of the site" in page.words("//*[@role='status']")
    assert stored(service).state is State.WITHDRAWN


def test_withdrawn_article_is_edited_and_published_again(
    asha: Browser, service: Service
) -> None:
    asha.write(release="now")
    guid = stored(service).guid
    form = "//form[contains(@action, 'withdraw')]"
    page = asha.send(asha.open("/desk/articles/1/withdraw"), form)

    page = asha.send(page, title="Mended")
    kept = stored(service).state
    asha.send(page, release="now")

    assert kept is State.WITHDRAWN
    assert (stored(service).state, stored(service).guid) == (State.PUBLISHED, guid)


def test_what_readers_are_told_withdraws_nothing_that_is_out_again(
    asha: Browser, service: Service
) -> None:
    asha.write(release="now")
    edited = asha.send(asha.open(WITHDRAW), FORM)
    told = asha.open(WITHDRAW)
    asha.send(edited, release="now")

    page = asha.send(told, FORM, notice="A court has ruled.")

    assert page.status == 409
    assert "The article is out, and nothing was changed." in page.words(ALERT)
    assert page.values(FORM)["notice"] == "A court has ruled."
    assert page.has("//a[@href='/desk/articles/1' and text()='Open the article']")
    assert stored(service).state is State.PUBLISHED


def test_it_can_be_withdrawn_with_what_was_written_before_it_was_out_again(
    asha: Browser, service: Service
) -> None:
    asha.write(release="now")
    edited = asha.send(asha.open(WITHDRAW), FORM)
    told = asha.open(WITHDRAW)
    asha.send(edited, release="now")

    asha.send(asha.send(told, FORM, notice="A court has ruled."), FORM)

    now = stored(service)
    assert (now.state, now.withdrawal_notice) == (State.WITHDRAWN, "A court has ruled.")


def test_a_second_withdrawal_leaves_the_notice_of_the_first(
    app: Flask, service: Service
) -> None:
    emil, esha = (Browser(app, service).sign_in(name) for name in ("emil", "esha"))
    emil.write(release="now")
    first, second = emil.open(WITHDRAW), esha.open(WITHDRAW)
    emil.send(first, FORM, notice="On the order of the High Court.")

    page = esha.send(second, FORM, reissue="y")

    assert page.status == 409
    assert "emil saved this article" in page.words("//h2[@id='theirs']")
    assert "On the order of the High Court." in page.words(ALERT)
    assert (page.values(FORM)["notice"], page.values(FORM)["reissue"]) == ("", "y")
    assert stored(service).withdrawal_notice == "On the order of the High Court."


def test_two_who_change_what_readers_are_told_see_each_other(
    app: Flask, service: Service
) -> None:
    emil, esha = (Browser(app, service).sign_in(name) for name in ("emil", "esha"))
    emil.write(release="now")
    emil.send(emil.open(WITHDRAW), FORM, notice="Soon again.")
    first, second = emil.open(WITHDRAW), esha.open(WITHDRAW)
    emil.send(first, FORM, notice="A court has ruled.")

    page = esha.send(second, FORM, notice="We appeal.")
    between = stored(service).withdrawal_notice
    esha.send(page, FORM)

    assert (page.status, page.values(FORM)["notice"]) == (409, "We appeal.")
    assert "A court has ruled." in page.words(ALERT)
    assert (between, stored(service).withdrawal_notice) == ("A court has ruled.", "We appeal.")


def test_one_form_sent_twice_withdraws_once(asha: Browser, service: Service) -> None:
    asha.write(release="now")
    form = asha.open(WITHDRAW)

    pages = [asha.send(form, FORM, notice="A court has ruled.") for _ in range(2)]

    assert ["Withdrawn." in page.words("//*[@role='status']") for page in pages] == [True] * 2
    assert stored(service).version == 2


def test_a_notice_for_what_is_scheduled_meanwhile_can_be_copied(
    asha: Browser, service: Service
) -> None:
    """Its button would take back the time, and lose the notice."""
    asha.write(release="now")
    edited = asha.send(asha.open(WITHDRAW), FORM)
    told = asha.open(WITHDRAW)
    asha.send(edited, release="at", release_at="2040-01-01T10:00")

    page = asha.send(told, FORM, notice="A court has ruled.")

    assert (page.status, page.values(FORM)["notice"]) == (409, "A court has ruled.")
    assert "not withdrawn any more, and not out yet" in page.words(ALERT)
    assert not page.has(f"{FORM}//button")
    assert stored(service).state is State.SCHEDULED


def test_draft_has_nothing_to_withdraw(asha: Browser) -> None:
    asha.write(release="draft")

    assert asha.open("/desk/articles/1/withdraw").path == "/desk/articles/1"


def test_readers_of_an_old_link_are_told_why(asha: Browser, app: Flask) -> None:
    asha.write(title="Talks", release="now")
    form = "//form[contains(@action, 'withdraw')]"

    page = asha.open("/desk/articles/1/withdraw")
    asha.send(page, form, notice="A court <has> ruled.\r\nWe appeal.")

    gone = app.test_client().get("/articles/talks/")
    assert gone.status_code == 410
    assert "A court &lt;has&gt; ruled. We appeal." in gone.text


def test_what_readers_are_told_is_shown_and_can_be_changed(
    asha: Browser, service: Service
) -> None:
    asha.write(release="now")
    form = "//form[contains(@action, 'withdraw')]"
    page = asha.send(asha.open("/desk/articles/1/withdraw"), form, notice="A court has ruled.")
    before = stored(service).withdrawn

    told = page.words("//div[@class='release']//q")
    page = asha.open("/desk/articles/1/withdraw")
    asked = page.words("//h1"), page.words("//textarea[@name='notice']")
    asha.send(page, form, notice="We appeal.")

    assert told == "A court has ruled."
    assert asked == ("What readers are told", "A court has ruled.")
    assert (stored(service).withdrawal_notice, stored(service).withdrawn) == (
        "We appeal.",
        before,
    )


def test_a_notice_that_is_too_long_withdraws_nothing(asha: Browser, service: Service) -> None:
    asha.write(release="now")
    form = "//form[contains(@action, 'withdraw')]"

    page = asha.send(asha.open("/desk/articles/1/withdraw"), form, notice="x" * 1001)

    assert "1001 characters" in page.words("//*[@id='notice-error']")
    assert "x" * 1001 in str(page.values(form)["notice"])
    assert stored(service).state is State.PUBLISHED


def test_a_notice_is_forgotten_when_the_article_is_back(
    asha: Browser, service: Service
) -> None:
    asha.write(release="now")
    form = "//form[contains(@action, 'withdraw')]"
    page = asha.send(asha.open("/desk/articles/1/withdraw"), form, notice="Soon again.")
    page = asha.send(page, release="draft")
    kept = stored(service).withdrawal_notice

    asha.send(page, release="now")

    assert (kept, stored(service).withdrawal_notice) == ("Soon again.", "")


@pytest.mark.parametrize("is_asked", [True, False])
def test_it_can_be_sent_once_more(asha: Browser, service: Service, is_asked: bool) -> None:
    asha.write(release="now")
    form = "//form[contains(@action, 'withdraw')]"
    page = asha.open("/desk/articles/1/withdraw")

    asha.send(page, form, **({"reissue": "y"} if is_asked else {}))

    assert "“Withdrawn”" in page.words("//*[@id='reissue-hint']")
    assert stored(service).reissued is is_asked


def test_the_headline_is_named_in_the_language_of_the_article(asha: Browser) -> None:
    """Which need not be the one that the desk speaks."""
    asha.write(release="now", language="hi")

    page = asha.open("/desk/articles/1/withdraw")

    assert "the headline “वापस लिया गया”" in page.words("//*[@id='reissue-hint']")


def test_the_settings_say_what_is_ticked_at_first(service: Service, config: Config) -> None:
    settings = msgspec.structs.replace(config.feeds, reissue_withdrawn=True)
    told = replace(service, config=msgspec.structs.replace(config, feeds=settings))
    asha = Browser(create_app(told), told).sign_in()
    asha.write(release="now")
    form = "//form[contains(@action, 'withdraw')]"
    page = asha.open("/desk/articles/1/withdraw")

    refused = asha.send(page, form, notice="x" * 1001)

    assert page.values(form)["reissue"] == refused.values(form)["reissue"] == "y"
