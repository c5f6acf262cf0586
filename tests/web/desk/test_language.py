"""The language of the desk: what the browser asks for, until somebody chooses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from msgspec import structs
from msgspec.structs import replace

from feedsvc import catalogues
from feedsvc.says import says
from feedsvc.web import create_app, tongues
from feedsvc.wiring import Service
from tests.web.desk_client import Browser
from tests.web.test_tongues import CATALOGUE

FORM = "//footer//form"
MORE = """
msgid "Articles"
msgstr "लेख"

msgid "at most %(limit)s are possible"
msgstr "अधिक से अधिक %(limit)s"

msgid "Recent posts"
msgstr "नए लेख"
"""


@pytest.fixture(autouse=True)
def hindi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "catalogues" / "hi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "feedsvc.po").write_text(CATALOGUE + MORE, encoding="utf-8")
    monkeypatch.setattr(catalogues, "_FOLDER", folder.parent.parent)
    forget()
    yield
    forget()


def forget() -> None:
    catalogues.tongues.cache_clear()
    catalogues.catalogue.cache_clear()


@pytest.fixture
def asha(service: Service) -> Browser:
    return Browser(create_app(service), service).sign_in()


def heading(browser: Browser, accept: str = "") -> str:
    headers = {"Accept-Language": accept} if accept else {}
    answer = browser.client.get("/desk/", headers=headers)
    return answer.get_data(as_text=True).partition("<h1>")[2].partition("</h1>")[0]


@pytest.mark.parametrize(
    ("accept", "found"),
    [
        pytest.param("", "Articles", id="nothing is asked for"),
        pytest.param("hi-IN,hi;q=0.9,en;q=0.8", "लेख", id="hindi of a country"),
        pytest.param("en-US,hi;q=0.5", "Articles", id="english first"),
        pytest.param("ta,fr;q=0.5", "Articles", id="what we do not speak"),
    ],
)
def test_desk_speaks_as_the_browser_asks(asha: Browser, accept: str, found: str) -> None:
    assert heading(asha, accept) == found


def test_choice_outlives_what_the_browser_asks(asha: Browser) -> None:
    page = asha.send(asha.open("/desk/?state=draft"), FORM, language="hi")

    assert page.path == "/desk/"
    assert page.root.get("lang") == "hi"
    assert heading(asha, "en") == "लेख"


def test_whoever_is_not_signed_in_may_choose(service: Service) -> None:
    stranger = Browser(create_app(service), service)

    page = stranger.send(stranger.open("/desk/sign-in"), FORM, language="hi")

    assert (page.path, page.root.get("lang")) == ("/desk/sign-in", "hi")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/elsewhere"])
def test_choosing_leads_nowhere_else(asha: Browser, target: str) -> None:
    token = asha.open("/desk/").values(FORM)["csrf_token"]

    answer = asha.post(
        "/desk/language", {"csrf_token": token, "next": target, "language": "hi"}
    )

    assert (answer.status, answer.headers["Location"]) == (303, "/desk/")


def test_language_that_we_do_not_speak_is_not_remembered(asha: Browser) -> None:
    token = asha.open("/desk/").values(FORM)["csrf_token"]

    answer = asha.post("/desk/language", {"csrf_token": token, "language": "xx"})

    assert "Set-Cookie" not in answer.headers


def test_public_pages_speak_the_language_of_the_site(asha: Browser, service: Service) -> None:
    """One form of each page, which caches may share."""
    headers = {"Accept-Language": "hi", "Cookie": "feedsvc_language=hi"}

    answers = [asha.client.get("/", headers=sent) for sent in ({}, headers)]

    assert answers[0].data == answers[1].data
    there = create_app(service_in(service, "hi")).test_client()
    assert "नए लेख" in there.get("/").get_data(as_text=True)


def service_in(service: Service, language: str) -> Service:
    """Return the service of a newsroom that publishes in another language."""
    config = replace(service.config, site=replace(service.config.site, language=language))
    room = structs.replace(service.room, config=config)
    return structs.replace(service, config=config, room=room)


def test_sentences_of_other_layers_are_translated(service: Service) -> None:
    app: Flask = create_app(service)
    with app.test_request_context("/desk/"):
        tongues.speak("hi")
        template = app.jinja_env.from_string("{{ text }} {{ text | sentence }}")

        found = template.render(text=says("at most %(limit)s are possible", limit=9))

    assert found == "अधिक से अधिक 9 अधिक से अधिक 9."
