"""Cookies, form tokens, and forms of other sites; for every route see `test_route_matrix`."""

import pytest
from flask import Flask
from msgspec import structs
from msgspec.structs import replace

from feedsvc.web import create_app
from feedsvc.web.auth import _digest
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, read, signing_in
from tests.factories import COMMAND_LINE
from tests.web.desk_client import NAME, PASSWORD, Browser


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "https://evil.example"}, id="Origin of another site"),
        pytest.param({"Origin": "https://news.example.org.evil.example"}, id="look-alike"),
        pytest.param({"Origin": "null"}, id="Origin that is hidden"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="cross-site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="another host of the domain"),
    ],
)
def test_form_of_another_site_is_refused(
    asha: Browser, service: Service, headers: dict[str, str]
) -> None:
    values = asha.open("/desk/articles/new").values()

    page = asha.post("/desk/articles/new", {**values, "title": "A"}, **headers)

    assert page.status == 403
    assert read.desk_list(service.room, limit=9).articles == ()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="a program"),
        pytest.param({"Origin": "https://news.example.org"}, id="our own Origin"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, id="same origin"),
        pytest.param({"Sec-Fetch-Site": "none"}, id="sent again by its user"),
        pytest.param(
            {"Sec-Fetch-Site": "same-origin", "Origin": "https://desk.internal"},
            id="behind a proxy of another name",
        ),
    ],
)
def test_form_of_our_own_page_is_taken(asha: Browser, headers: dict[str, str]) -> None:
    values = asha.open("/desk/articles/new").values()

    page = asha.post(
        "/desk/articles/new", {**values, "title": "A", "body_source": "B"}, **headers
    )

    assert page.status == 303


def test_foreign_form_shows_nothing_of_what_it_sent(asha: Browser) -> None:
    page = asha.post(
        "/desk/articles/new", {"title": "planted"}, **{"Sec-Fetch-Site": "cross-site"}
    )

    assert "planted" not in page.text


def cookies(app: Flask) -> list[str]:
    """Return what a stranger's browser is told to keep at the sign-in page."""
    return app.test_client().get("/desk/sign-in").headers.getlist("Set-Cookie")


def test_cookies_are_bound_to_the_host_on_https(app: Flask) -> None:
    (cookie,) = cookies(app)

    assert cookie.startswith("__Host-feedsvc-form=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def other(service: Service, base_url: str, *, insecure_cookies: bool = False) -> Service:
    """Return the service as it would be at another address."""
    changed = replace(
        service.config,
        site=replace(service.config.site, base_url=base_url),
        desk=replace(service.config.desk, insecure_cookies=insecure_cookies),
    )
    return structs.replace(service, config=changed)


@pytest.mark.parametrize(
    ("base_url", "insecure_cookies", "is_open"),
    [
        pytest.param("https://news.example.org", False, True, id="https"),
        pytest.param("http://127.0.0.1:8080", False, True, id="loopback"),
        pytest.param("http://[::1]:8080", False, True, id="loopback, IPv6"),
        pytest.param("http://localhost:8080", False, True, id="localhost"),
        pytest.param("http://news.example.org", False, False, id="plain http"),
        pytest.param("http://192.168.1.5:8080", False, False, id="plain http by number"),
        pytest.param("http://192.168.1.5:8080", True, True, id="plain http, allowed"),
        pytest.param("http://localhost.evil.example", False, False, id="look-alike"),
    ],
)
def test_passwords_travel_over_plain_http_only_where_allowed(
    service: Service, base_url: str, insecure_cookies: bool, is_open: bool
) -> None:
    app = create_app(other(service, base_url, insecure_cookies=insecure_cookies))

    page = Browser(app, service).open("/desk/sign-in")

    assert page.has("//input[@type='password']") is is_open


def test_cookies_over_plain_http_have_plain_names(service: Service) -> None:
    (cookie,) = cookies(create_app(other(service, "http://127.0.0.1:8080")))

    assert cookie.startswith("feedsvc_form=")
    assert "Secure" not in cookie
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


@pytest.mark.parametrize("way", ["sign-in", "sign-in/link", "setup"])
def test_sign_in_over_plain_http_is_refused(service: Service, way: str) -> None:
    """Even if somebody sends the form that the page does not show."""
    path = f"/desk/{way}" if way == "sign-in" else f"/desk/{way}/{token_for(service, way)}"
    browser = Browser(create_app(other(service, "http://news.example.org")), service)
    cookie = "k" * 43
    browser.client.set_cookie("feedsvc_form", cookie)
    given = {"csrf_token": _digest(cookie), "name": NAME, "password": PASSWORD}

    page = browser.post(path, given)

    assert page.status == 403
    assert browser.client.get_cookie("feedsvc_session") is None


def token_for(service: Service, way: str) -> str:
    """Return a good token for a one-time link."""
    if way == "setup":
        return signing_in.make_setup_token(service.room)
    accounts.add_user(service.room, NAME, PASSWORD, by=COMMAND_LINE)
    return signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)


def test_sign_in_over_plain_http_on_this_machine_works(service: Service) -> None:
    accounts.add_user(service.room, NAME, PASSWORD, by=COMMAND_LINE)
    browser = Browser(create_app(other(service, "http://127.0.0.1:8080")), service)
    form = "//form[.//input[@type='password']]"

    page = browser.send(browser.open("/desk/sign-in"), form, name=NAME, password=PASSWORD)

    assert page.path == "/desk/"
    assert browser.client.get_cookie("feedsvc_session") is not None


def test_flask_session_is_never_used(asha: Browser) -> None:
    asha.write(release="now")

    assert asha.client.get_cookie("session") is None


def test_public_pages_set_no_cookie(asha: Browser) -> None:
    asha.write(release="now")

    for path in ("/", "/feeds/", "/articles/nothing"):
        assert "Set-Cookie" not in asha.client.get(path).headers


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("x", id="short"),
        pytest.param("x" * 43, id="unknown"),
        pytest.param("'; DROP TABLE user; --", id="not ours"),
        pytest.param("x" * 4000, id="endless"),
    ],
)
def test_made_up_session_opens_nothing(app: Flask, service: Service, token: str) -> None:
    browser = Browser(app, service)
    browser.client.set_cookie("__Host-feedsvc", token)

    assert browser.open("/desk/").path == "/desk/sign-in"


def test_two_visitors_have_different_form_tokens(app: Flask, service: Service) -> None:
    form = "//form[.//input[@type='password']]"
    tokens = {
        str(Browser(app, service).open("/desk/sign-in").values(form)["csrf_token"])
        for _ in range(2)
    }

    assert len(tokens) == 2


def test_page_never_shows_the_session_or_its_secret(asha: Browser, service: Service) -> None:
    cookie = asha.client.get_cookie("__Host-feedsvc")
    assert cookie is not None
    session = signing_in.session(service.room, cookie.value)
    assert session is not None

    text = asha.open("/desk/articles/new").text

    assert cookie.value not in text
    assert session.csrf_secret not in text
