"""What an editor is told before an article goes out; it never stands in the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from feedsvc.config import Config
from feedsvc.rendering import entry
from feedsvc.web import create_app
from feedsvc.wiring import Service, build, prepare
from tests.fakes import FakeClock
from tests.web.desk_client import Browser
from tests.web.test_desk_accessible import problems

TITLE = "Start-ups meet officials in New Delhi"
GOOD = {"title": TITLE, "new_categories": "News", "release": "now"}
LISTED = "//section[@class='preflight']"


@pytest.fixture
def asha(service: Service) -> Browser:
    return Browser(create_app(service), service).sign_in()


@pytest.fixture
def partnered(config: Config, clock: FakeClock, tmp_path: Path) -> Iterator[Browser]:
    """An editor of a newsroom that works with MSN and SmartNews."""
    desk = structs.replace(config.desk, partners=("msn", "smartnews"))
    service = build(structs.replace(config, desk=desk), clock)
    prepare(service)
    yield Browser(create_app(service), service).sign_in()
    service.database.close()


def test_there_is_nothing_to_look_at(asha: Browser) -> None:
    assert not asha.write(**GOOD).has(LISTED)
    assert not asha.write(
        **GOOD | {"action": "preview", "title": "Another one altogether"}
    ).has(LISTED)


def test_the_saved_article_is_looked_at(asha: Browser) -> None:
    page = asha.write(**GOOD | {"title": "It rains"})

    assert page.words(f"{LISTED}//h2") == "1 thing to look at"
    assert page.words(f"{LISTED}//summary") == "Feed readers"
    assert page.words(f"{LISTED}//li").startswith("The headline has 8 characters")
    assert problems(page) == []


def test_the_preview_looks_at_what_was_typed(asha: Browser) -> None:
    page = asha.write(**GOOD | {"action": "preview", "title": "Rain", "new_categories": ""})

    assert page.words(f"{LISTED}//h2") == "2 things to look at"
    assert page.has(f"{LISTED}/details[@open]")
    assert problems(page) == []


def test_an_article_is_not_its_own_namesake(asha: Browser) -> None:
    page = asha.write(**GOOD)

    assert not asha.send(page, action="preview").has(LISTED)


def test_another_headline_of_the_day_is_found(asha: Browser) -> None:
    asha.write(**GOOD)

    assert "the same headline" in asha.write(**GOOD).words(f"{LISTED}//li")


def test_a_scheduled_article_is_looked_at_as_of_its_time(asha: Browser) -> None:
    later = GOOD | {"action": "preview", "release": "at", "release_at": "2028-11-23T10:00"}

    assert "2028-11-23" in asha.write(**later).words(f"{LISTED}//li")


def test_what_is_wrong_with_the_form_comes_first(asha: Browser) -> None:
    assert not asha.write(**GOOD | {"title": ""}).has(LISTED)


def test_a_withdrawn_article_is_left_alone(asha: Browser) -> None:
    asha.write(**GOOD | {"title": "It rains"})
    page = asha.send(asha.open("/desk/articles/1/withdraw"), "//form[@data-once]")

    assert page.path == "/desk/articles/1"
    assert not page.has(LISTED)


def test_partners_that_are_named_are_asked_too(partnered: Browser) -> None:
    page = partnered.write(**GOOD | {"title": "It rains"})

    assert page.words(f"{LISTED}//summary") == "Feed readers, MSN"
    assert page.words(f"{LISTED}//h3") == "Feed readers MSN"
    assert "Refused. The headline has 8 characters" in page.words(f"{LISTED}//li")
    assert page.words("//*[contains(@class, 'state')]") == "Published"
    assert problems(page) == []


def test_what_a_partner_says_is_text(partnered: Browser) -> None:
    body = '<a href="http://localhost/&quot;><script>alert(1)</script>">x</a>'
    page = partnered.write(**GOOD | {"body_source": body, "body_format": "html"})

    assert "localhost" in page.words(f"{LISTED}//li")
    assert not page.has(f"{LISTED}//script")


def test_looking_at_an_article_keeps_nothing_for_feeds(asha: Browser) -> None:
    """What feeds are made of must not be driven out by what editors look at."""
    before = entry._kept.weight
    asha.write(**GOOD)

    assert entry._kept.weight == before
