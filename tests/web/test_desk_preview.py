"""The preview: what readers will see, without storing anything."""

import pytest
from flask import Flask

from feedsvc.model import Article, ArticleId, State
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import read
from tests.fakes import FakeClock
from tests.web.desk_client import Browser, Page


@pytest.fixture
def app(service: Service) -> Flask:
    return create_app(service)


@pytest.fixture
def asha(app: Flask, service: Service) -> Browser:
    return Browser(app, service).sign_in()


def stored(service: Service, number: int = 1) -> Article:
    return read.article(service.room, ArticleId(number))


@pytest.fixture
def preview(asha: Browser) -> Page:
    form = asha.open("/desk/articles/new")
    return asha.send(
        form,
        action="preview",
        title="Talks & <more>",
        body_source="First *words* of the story.\r\n\r\n<script>alert(1)</script>",
        new_categories="News, Odisha",
        bylines="Asha Rao",
        release="draft",
    )


def test_preview_looks_like_the_page(preview: Page) -> None:
    assert preview.status == 200
    assert preview.words("//article//h1") == "Talks & <more>"
    assert preview.words("//article//em") == "words"
    assert preview.words("//*[@class='byline']") == "Asha Rao"


def test_preview_shows_the_excerpt(preview: Page) -> None:
    assert "First words of the story." in preview.words("//*[@class='card']")


def test_preview_is_clean(preview: Page) -> None:
    assert not preview.has("//article//script")


def test_preview_stores_nothing(preview: Page, service: Service) -> None:
    assert read.desk_list(service.room, limit=9).articles == ()
    assert read.desk_categories(service.room) == ()


def test_preview_leads_back_to_the_same_text(asha: Browser, preview: Page) -> None:
    page = asha.send(preview, action="back")

    values = page.values()
    assert (page.status, values["title"]) == (200, "Talks & <more>")
    assert (values["new_categories"], values["bylines"]) == ("News, Odisha", "Asha Rao")
    assert "First *words* of the story." in str(values["body_source"])


@pytest.mark.parametrize(
    ("action", "state"),
    [
        pytest.param("save", State.DRAFT, id="saved as chosen"),
        pytest.param("publish", State.PUBLISHED, id="published at once"),
    ],
)
def test_preview_leads_on(
    asha: Browser, preview: Page, service: Service, action: str, state: State
) -> None:
    page = asha.send(preview, action=action)

    assert page.path == "/desk/articles/1"
    assert (stored(service).title, stored(service).state) == ("Talks & <more>", state)


def test_preview_of_a_published_article_keeps_its_date(
    asha: Browser, service: Service, clock: FakeClock
) -> None:
    form = asha.write(release="now")
    clock.advance(7200)

    page = asha.send(form, action="preview", title="Changed")

    assert page.words("//article/p[@class='meta']").startswith("22 November 2026, 12:00")
    assert stored(service).title != "Changed"


def test_preview_of_what_cannot_be_saved_shows_the_problems(asha: Browser) -> None:
    page = asha.send(asha.open("/desk/articles/new"), action="preview", title="")

    assert page.status == 400
    assert page.has("//*[@id='problems']//a[@href='#title']")


def test_preview_keeps_no_foreign_fields(asha: Browser) -> None:
    page = asha.send(
        asha.open("/desk/articles/new"), action="preview", title="A", body_source="B", guid="x"
    )

    assert "guid" not in page.values()
