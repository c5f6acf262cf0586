"""Articles are ticked in the list, looked at once more, and changed together."""

import pytest
from flask import Flask

from feedsvc.model import ArticleId
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.web.desk.accessible import problems
from tests.web.desk_client import Browser, Page

CONFIRM = "//form[@data-once]"


@pytest.fixture
def asha(app: Flask, service: Service) -> Browser:
    for number in range(3):
        edit.create(service.room, given(f"Article {number}"), by=by("ravi"))
    return Browser(app, service).sign_in()


def ask(asha: Browser, action: str, name: str = "", address: str = "/desk/?all=1") -> Page:
    """Tick all in the list, and choose what is to happen."""
    page = asha.open(address)
    boxes = page.root.xpath("//input[@name='chosen'][@checked]/@value")
    token = page.root.xpath("//form[@id='together']//input[@name='csrf_token']/@value")[0]
    return asha.post(
        "/desk/articles/together",
        {"csrf_token": token, "action": action, "name": name, "chosen": boxes},
    )


def confirm(asha: Browser, page: Page, **changes: object) -> Page:
    """Press the button of the page that shows what would happen."""
    action = page.values(CONFIRM)["action"]
    return asha.send(page, CONFIRM, action=action, **changes)


def test_nothing_is_ticked_until_somebody_does(asha: Browser) -> None:
    page = asha.open("/desk/?state=published")
    (every,) = page.root.xpath("//form[@id='together']//a/@href")

    assert page.root.xpath("//input[@name='chosen'][@checked]") == []
    ticked = asha.open(every)
    assert len(ticked.root.xpath("//input[@name='chosen'][@checked]")) == 3
    (none,) = ticked.root.xpath("//form[@id='together']//a/@href")
    assert asha.open(none).root.xpath("//input[@name='chosen'][@checked]") == []


def test_what_would_happen_is_shown_then_done(asha: Browser, service: Service) -> None:
    page = ask(asha, "add-category", "Sport")

    assert page.status == 200
    assert "This happens to 3 articles." in page.text
    assert len(read.article(service.room, ArticleId(1)).categories) == 1
    done = confirm(asha, page)

    assert "3 articles were changed." in done.text
    names = {one.name for one in read.article(service.room, ArticleId(1)).categories}
    assert names == {"News", "Sport"}


def test_what_was_saved_meanwhile_is_left_and_named(asha: Browser, service: Service) -> None:
    page = ask(asha, "withdraw")
    edit.change(service.room, ArticleId(2), given("Mended"), by=by("ravi"), version=1)

    done = confirm(asha, page, notice="Not so.", reissue=())

    assert "2 articles were changed." in done.text
    assert "One was left as it was." in done.text
    assert "Mended Somebody saved it in between" in done.words("//li[contains(@class, 'not')]")
    assert read.article(service.room, ArticleId(1)).withdrawal_notice == "Not so."
    assert read.article(service.room, ArticleId(2)).withdrawn is None


def test_second_click_changes_nothing_more(asha: Browser, service: Service) -> None:
    page = ask(asha, "add-tag", "Rain")
    confirm(asha, page)

    again = confirm(asha, page)

    assert "Nothing was changed." in again.text
    assert len(read.article(service.room, ArticleId(1)).tags) == 1


@pytest.mark.parametrize(
    ("posted", "problem"),
    [
        pytest.param({"action": "add-tag", "name": "x"}, "No article is chosen", id="none"),
        pytest.param(
            {"action": "add-tag", "name": "x", "chosen": ["x", "1", "0.1", "1.x"]},
            "No article is chosen",
            id="nonsense",
        ),
        pytest.param({"action": "no", "chosen": "1.1"}, "Nothing was chosen to do", id="what"),
        pytest.param(
            {"action": "add-tag", "chosen": "1.1"}, "Category or tag: is missing", id="no name"
        ),
        pytest.param(
            {"action": "withdraw", "chosen": "1.1", "confirmed": "yes", "notice": "x" * 2000},
            "characters long",
            id="notice",
        ),
    ],
)
def test_what_cannot_be_done_is_said(
    asha: Browser, posted: dict[str, object], problem: str
) -> None:
    token = asha.open("/desk/").root.xpath("//input[@name='csrf_token']/@value")[0]

    page = asha.post("/desk/articles/together", {"csrf_token": token, **posted})

    assert page.status == 400
    assert problem in page.text
    assert "“”" not in page.words("//h1")
    assert problems(page) == []


@pytest.mark.parametrize("action", ["add-category", "withdraw", "draft"])
def test_pages_are_accessible(asha: Browser, action: str) -> None:
    page = ask(asha, action, "Sport")

    assert problems(page) == []
    assert problems(confirm(asha, page)) == []
