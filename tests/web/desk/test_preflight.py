"""What an editor is told before an article goes out; it never stands in the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from feedsvc.config import Config
from feedsvc.model import ArticleId, State
from feedsvc.outbound import Outbound
from feedsvc.rendering import entry
from feedsvc.web import create_app
from feedsvc.web.desk.writing import editor
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow import read
from tests.fakes import FakeClock
from tests.files_at import FileServer
from tests.rows import spoil
from tests.web.desk.accessible import problems
from tests.web.desk_client import Browser

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


@pytest.fixture
def curious(service: Service, files: FileServer) -> Browser:
    """An editor whose desk may ask the server of files."""
    app = create_app(structs.replace(service, outbound=Outbound((files.name,))))
    return Browser(app, service).sign_in()


LOOKED = "//section[@id='links']"


@pytest.mark.parametrize("action", ["links", "links in preview"])
def test_links_are_looked_at_when_somebody_asks(
    curious: Browser, files: FileServer, service: Service, action: str
) -> None:
    body = f"[a]({files.url}/talk.mp3) [b]({files.url}/gone) [c]({files.url}/members)"

    page = curious.write(**GOOD | {"action": action, "body_source": body})

    assert page.words(f"{LOOKED}//h2") == "Links that need a look: 2 of 3"
    found = page.words(f"{LOOKED}//li")
    assert f"{files.url}/gone The server answers with status 404." in found
    assert "status 403. People may still get there." in found
    assert read.desk_list(service.room, limit=9).articles == ()
    assert problems(page) == []


def test_links_are_never_looked_at_unasked(curious: Browser, files: FileServer) -> None:
    files.asked.clear()
    body = {"body_source": f"[a]({files.url}/gone)"}
    curious.write(**GOOD | body | {"action": "preview"})
    page = curious.write(**GOOD | body)

    curious.send(page)

    assert files.asked == []
    assert not page.has(LOOKED)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param("Nothing.", "There are no links in it", id="none"),
        pytest.param("[a](/category/news/)", "The one link leads somewhere", id="one"),
        pytest.param("[a](/a/) [b](/b/)", "All 2 links lead somewhere", id="two"),
        pytest.param("[a](/articles/x/)", "Links that need a look: 1 of 1", id="dead"),
    ],
)
def test_what_came_of_it_is_said(asha: Browser, body: str, words: str) -> None:
    page = asha.write(**GOOD | {"action": "links", "body_source": body})

    assert page.words(f"{LOOKED}//h2") == words
    assert page.has(f"//textarea[@name='title'][contains(., '{TITLE}')]")


def test_only_some_may_look_at_once(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor, "LOOKING", 0)
    asha = Browser(create_app(service), service).sign_in()

    page = asha.write(**GOOD | {"action": "links"})

    assert page.status == 400
    assert "try again in a moment" in page.words("//*[@id='problems']")


def test_the_list_is_open_after_publishing(asha: Browser) -> None:
    bad = GOOD | {"new_categories": ""}

    published = asha.write(**bad)
    draft = asha.write(**bad | {"release": "draft", "title": "Talks in Puri, and no more"})

    assert published.has(f"{LISTED}/details[@open]")
    assert draft.has(f"{LISTED}/details[not(@open)]")
    assert asha.open(published.path).has(f"{LISTED}/details[not(@open)]")


def test_an_error_keeps_the_article_from_readers(asha: Browser, service: Service) -> None:
    page = asha.write(**GOOD | {"release": "draft"})
    spoil(service.room, ArticleId(1), guid="x" * 1001)

    refused = asha.send(page, release="now")

    assert refused.status == 400
    assert "no feed could carry this article" in refused.words("//*[@id='problems']").lower()
    assert read.article(service.room, ArticleId(1)).state is State.DRAFT
    listed = asha.open("/desk/articles/1").words(f"{LISTED}//li")
    assert "Cannot be published. No feed can carry the article" in listed
