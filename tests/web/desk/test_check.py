"""The page that looks at a feed by a partner's rules."""

from urllib.parse import urlencode

import pytest

from feedsvc.web import create_app
from feedsvc.wiring import Service
from tests.web.desk.accessible import problems
from tests.web.desk_client import Browser

TITLE = "Start-ups meet officials in New Delhi"


@pytest.fixture
def asha(service: Service) -> Browser:
    browser = Browser(create_app(service), service).sign_in()
    for title in (TITLE, "It <b>rains</b>"):
        browser.write(title=title, new_categories="News", release="now")
    return browser


def test_it_asks_first(asha: Browser) -> None:
    page = asha.open("/desk/check")

    assert page.status == 200
    assert page.has("//input[@name='feed'][@value='recent']")
    assert page.has("//input[@name='as'][@value='readers'][@checked]")
    assert not page.has("//section[@class='report']")
    assert problems(page) == []


@pytest.mark.parametrize("half", ["http://[x", "//[", "http://a]b", "http://\u2100.example/"])
def test_half_an_address_is_no_feed(asha: Browser, half: str) -> None:
    page = asha.open("/desk/check?" + urlencode({"feed": half}))

    assert page.status == 404
    assert "There is no such feed" in page.words("//main")


def test_it_says_what_would_be_refused(asha: Browser) -> None:
    page = asha.open("/desk/check?feed=category/news&as=msn")

    assert page.words("//h2") == "MSN: 1 of 2 articles accepted"
    assert page.words("//h3/a") == f"It <b>rains</b> {TITLE}"
    assert page.root.xpath("//h3/a/@href") == ["/desk/articles/2", "/desk/articles/1"]
    assert "Refused. The headline has 15 characters" in page.words("//li")
    assert page.has("//input[@name='as'][@value='msn'][@checked]")
    assert problems(page) == []


@pytest.mark.parametrize(
    "meant",
    [
        pytest.param("news", id="name"),
        pytest.param("https://news.example.org/feeds/category/news.atom", id="address"),
        pytest.param("/feeds/category/news.json", id="path"),
    ],
)
def test_a_feed_is_understood_by_its_name_or_any_of_its_addresses(
    asha: Browser, meant: str
) -> None:
    page = asha.open(f"/desk/check?feed={meant}&as=msn")

    assert page.words("//h2") == "MSN: 1 of 2 articles accepted"
    assert page.has("//input[@name='feed'][@value='category/news']")


def test_the_key_of_a_private_feed_is_not_understood(asha: Browser) -> None:
    """It would stand in the address of this page."""
    page = asha.open(f"/desk/check?feed=/feeds/private/{'k' * 43}.rss")

    assert "give its name, or its address" in page.words("//*[@id='feed-error']")


def test_feeds_are_offered_by_name(asha: Browser) -> None:
    page = asha.open("/desk/check")

    assert page.has("//input[@name='feed'][@list='feeds']")
    assert page.words("//datalist[@id='feeds']/option[@value='category/news']") == "News"


def test_articles_with_the_same_faults_are_told_of_once(asha: Browser) -> None:
    """Those that are refused come first, though an accepted one is newer."""
    asha.write(title="It snows", new_categories="News", release="now")
    asha.write(title=f"{TITLE}, again", new_categories="News", release="now")

    page = asha.open("/desk/check?feed=recent&as=msn")

    faults = page.words("//section[@class='report']//li")
    assert faults.count("The headline has 15 characters") == 1
    assert page.words("(//h3)[last()]") == "2 articles"
    assert (
        page.words("//h3[last()]/following-sibling::details//li") == f"{TITLE}, again {TITLE}"
    )
    assert problems(page) == []


def test_what_is_wrong_with_the_whole_comes_first(asha: Browser) -> None:
    page = asha.open("/desk/check?feed=recent&as=flipboard")

    assert page.words("(//section[@class='report']//h3)[1]") == "The feed"


@pytest.mark.parametrize("partner", ["", "nobody"])
def test_without_a_partner_it_is_the_feeds_own(asha: Browser, partner: str) -> None:
    page = asha.open(f"/desk/check?feed=recent&as={partner}")

    assert page.words("//h2") == "Feed readers: 2 of 2 articles accepted"


def test_no_such_feed(asha: Browser) -> None:
    page = asha.open("/desk/check?feed=%3Cx%3E")

    assert page.status == 404
    assert "There is no such feed" in page.words("//*[@id='feed-error']")
    assert problems(page) == []


def test_strangers_are_asked_to_sign_in(service: Service) -> None:
    page = Browser(create_app(service), service).open("/desk/check?feed=recent")

    assert page.path == "/desk/sign-in"
