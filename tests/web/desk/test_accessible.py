"""What ears and keyboards need of the desk's pages: labels, headings, ids, descriptions."""

import pytest
from flask import Flask

from feedsvc.wiring import Service
from feedsvc.workflow import signing_in
from feedsvc.workflow.writing import edit
from tests import factories
from tests.factories import COMMAND_LINE, by
from tests.web.desk.accessible import problems
from tests.web.desk_client import Browser


@pytest.fixture
def asha(app: Flask, service: Service) -> Browser:
    edit.create(service.room, factories.given(), by=by("ravi"))
    return Browser(app, service).sign_in()


@pytest.fixture
def stranger(app: Flask, service: Service) -> Browser:
    return Browser(app, service)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/desk/", id="list"),
        pytest.param("/desk/articles/new", id="new"),
        pytest.param("/desk/articles/1", id="edit"),
        pytest.param("/desk/articles/1?notice=saved", id="saved"),
        pytest.param("/desk/articles/1/withdraw", id="withdraw"),
    ],
)
def test_page_is_accessible(asha: Browser, path: str) -> None:
    assert problems(asha.open(path)) == []


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param({"title": "", "language": "!"}, id="errors"),
        pytest.param({"title": "", "release": "at", "release_at": "never"}, id="bad time"),
        pytest.param({"release": "at", "release_at": "2027-01-01T10:00"}, id="scheduled"),
        pytest.param({"action": "preview"}, id="preview"),
    ],
)
def test_answer_is_accessible(asha: Browser, typed: dict[str, str]) -> None:
    assert problems(asha.write(**typed)) == []


def test_conflict_is_accessible(asha: Browser) -> None:
    page = asha.send(asha.open("/desk/articles/1"), version="0", title="Mine")

    assert page.status == 409
    assert problems(page) == []


def test_sign_in_is_accessible(stranger: Browser) -> None:
    assert problems(stranger.open("/desk/sign-in")) == []


def test_sign_in_in_the_middle_of_writing_is_accessible(stranger: Browser) -> None:
    assert problems(stranger.post("/desk/articles/new", {"title": "Kept"})) == []


def test_setup_is_accessible(stranger: Browser, service: Service) -> None:
    token = signing_in.make_setup_token(service.room)

    assert problems(stranger.open(f"/desk/setup/{token}")) == []


def test_link_is_accessible(asha: Browser, stranger: Browser, service: Service) -> None:
    token = signing_in.make_sign_in_link(service.room, "asha", by=COMMAND_LINE)

    assert problems(stranger.open(f"/desk/sign-in/link/{token}")) == []
