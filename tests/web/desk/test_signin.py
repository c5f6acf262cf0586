"""Signing in and out, one-time links, the first account, and text that outlives a session."""

import pytest
from flask import Flask

from feedsvc.model import ArticleId
from feedsvc.web.desk.setting_up import allowed
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, read, signing_in
from tests.factories import COMMAND_LINE
from tests.fakes import FakeClock
from tests.web.desk_client import ARTICLE_FORM, NAME, PASSWORD, Browser, Page

FORM = "//form[.//input[@type='password']]"
BUTTON = "//main//form"
ALERT = "//*[@role='alert']"


@pytest.fixture
def stranger(app: Flask, service: Service) -> Browser:
    accounts.add_user(service.room, NAME, PASSWORD, "Asha Rao", by=COMMAND_LINE)
    return Browser(app, service)


def enter(browser: Browser, name: str = NAME, password: str = PASSWORD) -> Page:
    return browser.send(browser.open("/desk/sign-in"), FORM, name=name, password=password)


def test_password_opens_the_desk(stranger: Browser) -> None:
    page = enter(stranger)

    assert (page.status, page.path) == (200, "/desk/")
    assert "Asha Rao" in page.words("//header")


def test_session_cookie_is_bound_to_the_host(stranger: Browser) -> None:
    form = stranger.open("/desk/sign-in")
    given = {**form.values(FORM), "name": NAME, "password": PASSWORD}

    answer = stranger.post("/desk/sign-in", given)

    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-feedsvc=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=604800"} <= set(
        cookie.split("; ")
    )


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param(NAME, "not her password", id="wrong password"),
        pytest.param("nobody", PASSWORD, id="unknown name"),
        pytest.param("", "", id="nothing"),
        pytest.param("x" * 100_000, "x" * 100_000, id="endless"),
        pytest.param("asha\x00", PASSWORD, id="control character"),
    ],
)
def test_refusal_says_the_same_to_everybody(
    stranger: Browser, name: str, password: str
) -> None:
    page = enter(stranger, name, password)

    assert page.status == 403
    assert page.words(ALERT) == "This name and password do not open the desk."


def test_strangers_may_send_what_an_editor_may_have_typed_and_no_more(
    stranger: Browser,
) -> None:
    """A long text in Odia, as JSON on its way through signing in, is six bytes a letter."""
    form = stranger.open("/desk/sign-in").values(FORM)

    answers = [
        stranger.post("/desk/sign-in", {**form, "held": "x" * 6_500_000}).status,
        stranger.post("/desk/sign-in", {**form, "held": "x" * 7_000_000}).status,
        stranger.post("/desk/articles/new", {"body_source": "x" * 3_100_000}).status,
        stranger.post("/desk/articles/new", {"body_source": "x" * 7_000_001}).status,
    ]

    assert answers == [403, 413, 403, 413]


def test_refused_password_is_not_sent_back(stranger: Browser) -> None:
    page = enter(stranger, NAME, "not her password")

    assert "not her password" not in page.text
    assert page.values(FORM)["name"] == NAME


def test_too_many_attempts_must_wait(stranger: Browser) -> None:
    for _ in range(8):
        page = enter(stranger, NAME, "not her password")

    assert page.status == 429
    assert int(page.headers["Retry-After"]) > 0
    assert "seconds" in page.words(ALERT)


def test_signing_in_gives_a_new_session(stranger: Browser) -> None:
    """Whatever token a browser had before, nobody else knows the new one."""
    stranger.client.set_cookie("__Host-feedsvc", "f" * 43)

    enter(stranger)

    cookie = stranger.client.get_cookie("__Host-feedsvc")
    assert cookie is not None
    assert cookie.value != "f" * 43


def test_signed_in_visitor_is_sent_on(stranger: Browser) -> None:
    enter(stranger)

    assert stranger.open("/desk/sign-in?next=/desk/articles/new").path == "/desk/articles/new"


def test_sign_in_leads_where_one_was_going(stranger: Browser) -> None:
    page = stranger.open("/desk/articles/new")

    page = stranger.send(page, FORM, name=NAME, password=PASSWORD)

    assert page.path == "/desk/articles/new"


@pytest.mark.parametrize(
    ("target", "goes"),
    [
        pytest.param("/desk/articles/7", "/desk/articles/7", id="an article"),
        pytest.param("/desk/articles/7/withdraw", "/desk/articles/7/withdraw", id="withdraw"),
        pytest.param("/desk/articles/new", "/desk/articles/new", id="new article"),
        pytest.param("https://evil.example/desk/", "/desk/", id="another site"),
        pytest.param("//evil.example/desk/articles/7", "/desk/", id="another host"),
        pytest.param("/\\evil.example", "/desk/", id="backslash"),
        pytest.param("/desk/../admin", "/desk/", id="upwards"),
        pytest.param("/desk/articles/7\r\nX: y", "/desk/", id="line break"),
        pytest.param("/desk/articles/7\n", "/desk/", id="line break at the end"),
        pytest.param("/desk/sign-out", "/desk/", id="not to be visited"),
        pytest.param("", "/desk/", id="nothing"),
    ],
)
def test_only_known_pages_come_next(stranger: Browser, target: str, goes: str) -> None:
    with stranger.client.application.app_context():
        assert allowed(target) == goes


def test_signing_out_ends_the_session_everywhere(stranger: Browser, service: Service) -> None:
    page = enter(stranger)
    cookie = stranger.client.get_cookie("__Host-feedsvc")
    assert cookie is not None

    page = stranger.send(page, "//form[contains(@action, 'sign-out')]")

    assert (page.path, page.words("//*[@role='status']")) == (
        "/desk/sign-in",
        "You have signed out.",
    )
    assert stranger.client.get_cookie("__Host-feedsvc") is None
    assert signing_in.session(service.room, cookie.value) is None


def test_disabled_user_is_out_at_once(stranger: Browser, service: Service) -> None:
    enter(stranger)

    accounts.disable_user(service.room, NAME, by=COMMAND_LINE)

    assert stranger.open("/desk/").path == "/desk/sign-in"


def test_idle_session_ends(stranger: Browser, clock: FakeClock) -> None:
    enter(stranger)
    clock.advance(13 * 3600)

    assert stranger.open("/desk/").path == "/desk/sign-in"


def test_looking_at_a_link_does_not_use_it_up(stranger: Browser, service: Service) -> None:
    token = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
    stranger.open(f"/desk/sign-in/link/{token}")
    page = stranger.open(f"/desk/sign-in/link/{token}")

    page = stranger.send(page, BUTTON)

    assert page.path == "/desk/"


def test_link_works_once(stranger: Browser, app: Flask, service: Service) -> None:
    token = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
    form = stranger.open(f"/desk/sign-in/link/{token}")
    stranger.send(form, BUTTON)

    other = Browser(app, service)
    page = other.open(f"/desk/sign-in/link/{token}")

    assert page.status == 403
    assert "used or is too old" in page.words(ALERT)


def test_link_pressed_twice_says_so(stranger: Browser, service: Service) -> None:
    token = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
    form = stranger.open(f"/desk/sign-in/link/{token}")
    signing_in.sign_in_by_link(service.room, token, agent="")

    page = stranger.send(form, BUTTON)

    assert page.status == 403
    assert "used or is too old" in page.words(ALERT)


def test_first_account_is_made_and_signed_in(app: Flask, service: Service) -> None:
    browser = Browser(app, service)
    token = signing_in.make_setup_token(service.room)
    form = browser.open(f"/desk/setup/{token}")

    page = browser.send(
        form, FORM, name="Asha", display_name="Asha Rao", password="seven lamps of odisha"
    )

    assert page.path == "/desk/"
    assert "Your account is ready" in page.words("//*[@role='status']")
    assert [user.name for user in accounts.users(service.room)] == ["asha"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("name", "two words", id="name"),
        pytest.param("password", "short", id="short password"),
        pytest.param("password", "password1234", id="common password"),
    ],
)
def test_setup_names_what_is_wrong(
    app: Flask, service: Service, field: str, value: str
) -> None:
    browser = Browser(app, service)
    form = browser.open(f"/desk/setup/{signing_in.make_setup_token(service.room)}")
    good = {"name": "asha", "password": PASSWORD}

    page = browser.send(form, FORM, **{**good, field: value})

    assert page.status == 400
    assert page.has(f"//*[@id='{field}-error']")
    assert not accounts.has_users(service.room)


def test_setup_is_over_once_there_is_a_user(app: Flask, service: Service) -> None:
    token = signing_in.make_setup_token(service.room)
    accounts.add_user(service.room, NAME, PASSWORD, by=COMMAND_LINE)

    page = Browser(app, service).open(f"/desk/setup/{token}")

    assert page.status == 404
    assert not page.has(FORM)


def test_setup_by_two_at_once_makes_one_account(app: Flask, service: Service) -> None:
    browser = Browser(app, service)
    form = browser.open(f"/desk/setup/{signing_in.make_setup_token(service.room)}")
    accounts.add_user(service.room, "ravi", PASSWORD, by=COMMAND_LINE)

    page = browser.send(form, FORM, name="asha", password=PASSWORD)

    assert page.status == 404
    assert [user.name for user in accounts.users(service.room)] == ["ravi"]


def test_made_up_setup_link_makes_no_account(app: Flask, service: Service) -> None:
    browser = Browser(app, service)
    form = browser.open(f"/desk/setup/{signing_in.make_setup_token(service.room)}")
    values = {**form.values(FORM), "name": "asha", "password": PASSWORD}

    page = browser.post(f"/desk/setup/{'x' * 43}", values)

    assert page.status == 404
    assert not accounts.has_users(service.room)


def test_desk_without_accounts_says_how_to_make_one(app: Flask, service: Service) -> None:
    page = Browser(app, service).open("/desk/sign-in")

    assert "feedsvc user add" in page.words("//main")


@pytest.fixture
def late(stranger: Browser, clock: FakeClock) -> Page:
    """What comes back when an article is posted after the session has ended."""
    enter(stranger)
    form = stranger.open("/desk/articles/new")
    clock.advance(13 * 3600)
    return stranger.send(
        form, title="Written in time", body_source="Two\r\n\r\nparagraphs", release="now"
    )


def test_text_survives_the_end_of_the_session(stranger: Browser, late: Page) -> None:
    page = stranger.send(late, FORM, name=NAME, password=PASSWORD)

    values = page.values(ARTICLE_FORM)
    assert (values["title"], values["release"]) == ("Written in time", "now")
    assert str(values["body_source"]).split() == ["Two", "paragraphs"]
    assert "Nothing has been saved yet" in page.words(ALERT)


def test_text_of_an_ended_session_is_saved_after_signing_in(
    stranger: Browser, late: Page, service: Service
) -> None:
    page = stranger.send(late, FORM, name=NAME, password=PASSWORD)
    before = read.desk_list(service.room, limit=9).articles

    stranger.send(page)

    assert (late.status, before) == (403, ())
    article = read.article(service.room, ArticleId(1))
    assert (article.title, article.body_source) == ("Written in time", "Two\n\nparagraphs")


def test_text_survives_a_mistyped_password(stranger: Browser, late: Page) -> None:
    page = stranger.send(late, FORM, name=NAME, password="not her password")
    page = stranger.send(page, FORM, name=NAME, password=PASSWORD)

    assert page.values(ARTICLE_FORM)["title"] == "Written in time"


def test_text_survives_signing_in_in_another_tab(
    stranger: Browser, late: Page, service: Service
) -> None:
    token = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
    stranger.send(stranger.open(f"/desk/sign-in/link/{token}"), BUTTON)
    stale = late.values(FORM)

    page = stranger.post("/desk/sign-in", {**stale, "action": "continue"})
    fresh = stranger.send(page, FORM, action="continue")

    assert fresh.values(ARTICLE_FORM)["title"] == "Written in time"


def test_going_on_without_a_session_keeps_the_text(stranger: Browser, late: Page) -> None:
    page = stranger.send(late, FORM, action="continue")

    assert page.status == 403
    assert page.values(FORM)["held"] == late.values(FORM)["held"]


def test_form_of_an_earlier_session_keeps_its_text(stranger: Browser, service: Service) -> None:
    enter(stranger)
    form = stranger.open("/desk/articles/new")
    token = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
    stranger.send(stranger.open(f"/desk/sign-in/link/{token}"), BUTTON)

    page = stranger.send(form, title="From another tab", body_source="Text.")

    assert page.status == 403
    assert page.values(ARTICLE_FORM)["title"] == "From another tab"
    assert stranger.send(page).path == "/desk/articles/1"
