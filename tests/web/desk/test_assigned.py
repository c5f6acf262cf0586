"""Whose an article is, on the pages of the desk."""

import pytest
from flask import Flask

from feedsvc.model import ArticleId, Role
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, read
from tests.factories import COMMAND_LINE
from tests.web.desk.accessible import problems
from tests.web.desk_client import PASSWORD, Browser, Page

OPTIONS = "//select[@name='assigned']/option"


@pytest.fixture
def ravi(app: Flask, service: Service, asha: Browser) -> Browser:
    room = service.room
    accounts.add_user(room, "ravi", PASSWORD, "Ravi Das", by=COMMAND_LINE, role=Role.REPORTER)
    return Browser(app, service).sign_in("ravi")


def chosen(page: Page) -> str:
    return page.words(f"{OPTIONS}[@selected]")


def test_where_there_is_one_person_nobody_is_asked(asha: Browser) -> None:
    assert not asha.write().has(OPTIONS)


def test_an_editor_gives_it_to_a_reporter(
    asha: Browser, ravi: Browser, service: Service
) -> None:
    page = asha.write()
    before = chosen(page)

    given = asha.send(page, assigned="2")

    assert (before, chosen(given)) == ("asha", "Ravi Das")
    assert read.article(service.room, ArticleId(1)).owner_id == 2
    assert problems(given) == []
    mine = ravi.open("/desk/articles/1")
    assert mine.has("//button[@value='save']")
    assert not mine.has(OPTIONS)


def test_the_list_says_whose_it_is_where_somebody_else_saved_it(
    asha: Browser, ravi: Browser
) -> None:
    asha.send(asha.write(), assigned="2")

    assert "belongs to Ravi Das" in asha.open("/desk/").words("//li[@class='row']")
    ravi.send(ravi.open("/desk/articles/1"), title="Mine now")
    assert "belongs to" not in asha.open("/desk/").words("//li[@class='row']")


def test_what_was_given_to_somebody_is_theirs_in_the_list(asha: Browser, ravi: Browser) -> None:
    asha.send(asha.write(title="For Ravi"), assigned="2")
    asha.write(title="For nobody else")
    [mine] = ravi.open("/desk/").root.xpath("//nav//a[.='Mine']/@href")

    assert ravi.open(mine).words("//li[@class='row']//h2") == "For Ravi"


def test_a_preview_keeps_the_choice(asha: Browser, ravi: Browser, service: Service) -> None:
    preview = asha.send(asha.write(), action="preview", assigned="2")

    asha.send(preview)

    assert read.article(service.room, ArticleId(1)).owner_id == 2


def test_a_choice_that_is_none_is_said_at_its_field(asha: Browser, ravi: Browser) -> None:
    page = asha.write()

    for wrong in ("99", "somebody"):
        refused = asha.send(page, assigned=wrong)
        assert refused.status == 400
        assert refused.has("//p[@id='assigned-error']")


def test_a_reporter_cannot_give_it_away_by_hand(
    asha: Browser, ravi: Browser, service: Service
) -> None:
    page = ravi.write()

    refused = ravi.send(page, assigned="1", body_source="Still mine.")

    assert refused.status == 403
    assert "Still mine." in refused.text
    assert read.article(service.room, ArticleId(1)).owner_id == 2


def test_who_only_reads_it_learns_whose_it_is(asha: Browser, ravi: Browser) -> None:
    asha.write()

    page = ravi.open("/desk/articles/1")

    assert "This article belongs to asha." in page.words("//p[@class='hint']")


def test_two_tabs_do_not_lose_a_choice(asha: Browser, ravi: Browser) -> None:
    page = asha.write()
    asha.send(page, assigned="2")

    late = asha.send(page, assigned="")

    assert late.status == 409
