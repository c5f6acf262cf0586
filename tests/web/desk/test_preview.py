"""The preview: what readers will see, without storing anything."""

import json

import pytest
from lxml import html
from msgspec import structs
from msgspec.structs import replace

from feedsvc.model import Article, ArticleId, State
from feedsvc.rendering.entry import build_entry
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import read
from tests.fakes import FakeClock
from tests.web.desk_client import Browser, Page

ENTRY = "//section[@class='as-entry']/div[@class='entry']"
OTHER = "//section[@class='as-entry']/details"


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


def test_preview_shows_the_entry_beside_the_page(preview: Page) -> None:
    assert preview.words(f"{ENTRY}/h3") == "Talks & <more>"
    assert preview.words(f"{ENTRY}//em") == "words"
    assert preview.words(f"{ENTRY}//*[@class='by']") == "Asha Rao"
    assert preview.words(f"{ENTRY}//time") == "22 November 2026, 12:00 UTC"
    assert preview.words(f"{ENTRY}/p[last()]") == "Categories: News, Odisha"


def test_preview_shows_the_excerpt_where_it_is_asked_for(preview: Page) -> None:
    assert preview.words(f"{OTHER}/summary") == "In lists and short feeds"
    assert preview.words(f"{OTHER}//p[@class='excerpt']").startswith("First words of the")
    assert not preview.has(f"{OTHER}//em")
    assert not preview.has(f"{OTHER}[@open]")


def test_preview_heads_each_form(preview: Page) -> None:
    named = [
        preview.words(f"//*[@id='{section.get('aria-labelledby')}']")
        for section in preview.root.xpath("//div[@class='both']/section")
    ]
    assert named == ["As a page", "In a feed reader"]


def test_preview_is_clean(preview: Page) -> None:
    assert not preview.has("//div[@class='both']//script")


HOSTILE = """<p onclick="alert(1)" style="position:fixed">Talks</p><img src="/held.jpg"
 alt="A hall" onerror="alert(1)"><iframe src="https://example.org/"></iframe>
<form action="/desk/sign-out"><button>Go</button></form><a href="javascript:alert(1)">on</a>"""


def test_entry_in_the_preview_is_the_one_in_the_feed(asha: Browser, service: Service) -> None:
    """What every feed is made by has made it, so that what it takes out is not there."""
    typed = {
        "title": "A & B",
        "body_source": HOSTILE,
        "body_format": "html",
        "dateline": "Puri",
        "bylines": "Asha Rao",
        "image_url": "https://example.org/lamp.jpg",
        "image_alt": "A lamp",
        "image_credit": "Ravi Das",
    }
    preview = asha.write(**typed, action="preview")
    asha.send(preview, action="publish")

    entry = build_entry(stored(service), service.config.site, full_text=True)
    [shown] = preview.root.xpath(f"{ENTRY}/div[@class='body']")
    assert markup(shown) == markup(html.fragment_fromstring(entry.html, create_parent="div"))
    assert preview.root.xpath(f"{ENTRY}//img/@src") == [
        "https://example.org/lamp.jpg",
        service.config.site.url("/held.jpg"),
    ]
    assert preview.words(f"{ENTRY}//figcaption") == "Ravi Das"
    assert shown.text_content().strip().startswith("Puri: Talks")
    assert not preview.has(f"{ENTRY}//iframe | {ENTRY}//form | {ENTRY}//*[@style]")
    assert not preview.has(f"{ENTRY}//*[@onclick or @onerror] | {ENTRY}//a[@href]")


def test_first_words_are_the_same_wherever_they_are_shown(
    asha: Browser, service: Service
) -> None:
    """While somebody writes, in the preview, in feeds, on pages: without headings."""
    typed = {
        "body_source": "## Background\n\nThe minister said no.\n\n- One",
        "dateline": "Puri",
    }
    form = asha.open("/desk/articles/new")
    [where] = form.root.xpath("//form/@data-live")
    live = json.loads(asha.post(str(where), {**form.values(), **typed}).text)
    preview = asha.write(**typed, action="preview")
    asha.send(preview, action="publish")

    entry = build_entry(stored(service), service.config.site, full_text=False)
    page = asha.open(stored(service).path)
    assert entry.summary == "Puri: The minister said no.…"
    assert live["excerpt"] == entry.summary
    assert preview.words(f"{OTHER}//p[@class='excerpt']") == entry.summary
    assert page.root.xpath("//meta[@name='description']/@content") == [entry.summary]


def markup(element: html.HtmlElement) -> list[str]:
    """Return what an element holds, without the spaces around it."""
    return [(element.text or "").strip()] + [
        html.tostring(child, encoding="unicode").strip() for child in element
    ]


def test_picture_of_the_text_is_shown_once(asha: Browser) -> None:
    picture = "https://example.org/a.jpg?b=1&c=2"
    page = asha.write(
        action="preview", body_source=f"![A]({picture})", image_url=picture, image_alt="A"
    )

    assert page.root.xpath(f"{ENTRY}//img/@src") == [picture]


def test_files_are_attached_to_the_entry(asha: Browser) -> None:
    page = asha.write(action="preview", enclosures=["", "https://example.org/talk.mp3"])

    assert page.words(f"{ENTRY}/p[@class='attached']/a") == "talk.mp3"


def test_entry_of_a_corrected_article_says_so_first(asha: Browser, clock: FakeClock) -> None:
    form = asha.write(release="now")
    clock.advance(7200)

    page = asha.send(form, action="preview", correction="It was 50 & not 5.")

    assert page.words(f"{ENTRY}/div[@class='body']/p[1]") == (
        "Correction (2026-11-22 14:00 UTC): It was 50 & not 5."
    )


def test_entry_is_written_as_its_language_is(asha: Browser) -> None:
    page = asha.write(action="preview", language="ur", title="ریلوے")

    [entry] = page.root.xpath(ENTRY)
    assert (entry.get("lang"), entry.get("dir")) == ("ur", "rtl")


def test_where_feeds_carry_excerpts_the_entry_is_one(service: Service) -> None:
    feeds = structs.replace(service.config.feeds, full_text=False)
    config = structs.replace(service.config, feeds=feeds)
    short = replace(service, room=replace(service.room, config=config), config=config)

    page = Browser(create_app(short), short).sign_in().write(action="preview")

    assert page.words(f"{ENTRY}/p[@class='excerpt']") == "Talks were held."
    assert page.words(f"{OTHER}/summary") == "In feeds with the whole text"
    assert page.words(f"{OTHER}//div[@class='body']") == "Talks were held."


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
