"""Pages of errors at the desk: the menu is there, and the way back to the article."""

import pytest
from flask import Flask

from feedsvc.errors import ConflictError
from feedsvc.model import Article, Release
from feedsvc.wiring import Service
from feedsvc.workflow.writing import edit, history
from tests.factories import COMMAND_LINE, given
from tests.web.desk.accessible import problems
from tests.web.desk_client import Browser

MENU = "//header//nav//a[@href='/desk/coming']"


@pytest.fixture
def article(service: Service) -> Article:
    return edit.create(
        service.room, given("Rain", release=Release.DRAFT, language="or"), by=COMMAND_LINE
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/desk/articles/1/withdraw", 403, id="not allowed"),
        pytest.param("/desk/articles/1/history/9", 404, id="no such version"),
        pytest.param("/desk/articles/1/nothing", 404, id="no such page"),
        pytest.param("/desk/articles/1/autosave", 404, id="only for forms"),
    ],
)
def test_error_below_an_article_leads_back_to_it(
    ravi: Browser, article: Article, path: str, status: int
) -> None:
    page = ravi.open(path)

    assert page.status == status
    assert page.has(MENU)
    assert page.has(f"//main//a[@href='/desk/articles/{article.id}']")
    assert page.words("//main//bdi[@lang='or']") == "Rain"
    assert problems(page) == []


def test_somebody_faster_is_an_error_with_the_way_back(
    ravi: Browser, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: object, **__: object) -> None:
        raise ConflictError("somebody else has changed it")

    monkeypatch.setattr(history, "past", taken)
    page = ravi.open(f"/desk/articles/{article.id}/history")

    assert page.status == 409
    assert page.has(MENU)
    assert page.has(f"//main//a[@href='/desk/articles/{article.id}']")


@pytest.mark.parametrize(
    "path",
    [
        "/desk/articles/9/history",
        "/desk/articles/0/nothing",
        "/desk/articles/9999999999/nothing",
        "/desk/nothing",
        "/desk/people/",
    ],
)
def test_no_article_leaves_the_list_to_go_back_to(ravi: Browser, path: str) -> None:
    page = ravi.open(path)

    assert page.status in {403, 404}
    assert page.has(MENU)
    assert page.root.xpath("//main//a/@href") == ["/desk/"]


def test_who_signs_out_of_an_error_is_signed_out(ravi: Browser) -> None:
    page = ravi.open("/desk/nothing")

    ravi.send(page, "//form[@class='out']")

    assert ravi.open("/desk/").path == "/desk/sign-in"


def test_strangers_learn_of_no_article(app: Flask, service: Service, article: Article) -> None:
    page = Browser(app, service).open(f"/desk/articles/{article.id}/nothing")

    assert page.status == 404
    assert not page.has("//header//nav")
    assert article.title not in page.words("//main")
