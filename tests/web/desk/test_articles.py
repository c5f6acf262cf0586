"""Writing on the desk: what is posted is stored and shown, and every field keeps its text."""

import pytest

from feedsvc.catalogues import said_in
from feedsvc.model import Article, ArticleId, BodyFormat, State
from feedsvc.rendering.reasons import TWICE
from feedsvc.says import english
from feedsvc.storage import articles
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.writing import edit
from tests import factories
from tests.factories import by
from tests.fakes import FakeClock
from tests.web.desk_client import Browser, Page

PROBLEMS = "//*[@id='problems']"


def stored(service: Service, number: int = 1) -> Article:
    return read.article(service.room, ArticleId(number))


def count(service: Service) -> int:
    return len(read.desk_list(service.room, limit=100).articles)


def test_draft_is_stored_and_seen_by_the_desk_only(asha: Browser, service: Service) -> None:
    page = asha.write(release="draft")

    assert page.path == "/desk/articles/1"
    assert page.words("//*[@role='status']") == "Draft saved. Only the desk sees it."
    assert stored(service).state is State.DRAFT


def test_every_field_is_stored(asha: Browser, service: Service) -> None:
    asha.write(
        title="Start-ups & ministry <talk>",
        body_source="<p>Talks</p>",
        body_format="html",
        new_categories="News, Odisha",
        bylines="Asha Rao\r\nRavi Das",
        excerpt="They talked.",
        dateline="New Delhi",
        image_url="https://img.example.org/a.jpg",
        image_alt="Two people",
        image_credit="PIB",
        language="en-IN",
        canonical_url="https://elsewhere.example.org/1",
    )

    article = stored(service)
    assert article.title == "Start-ups & ministry <talk>"
    assert (article.body_source, article.body_format) == ("<p>Talks</p>", BodyFormat.HTML)
    assert [category.name for category in article.categories] == ["News", "Odisha"]
    assert article.bylines == ("Asha Rao", "Ravi Das")
    assert (article.excerpt, article.dateline) == ("They talked.", "New Delhi")
    assert article.image is not None
    assert (article.image.alt, article.image.credit) == ("Two people", "PIB")
    assert article.language == "en-IN"
    assert article.canonical_url == "https://elsewhere.example.org/1"
    assert article.changed_by == "asha"


def test_form_shows_what_is_stored(asha: Browser) -> None:
    page = asha.write(
        title='Quotes " and <tags>', body_source="\nfirst line empty\n", new_categories="News"
    )

    values = page.values()
    assert values["title"] == 'Quotes " and <tags>'
    assert str(values["body_source"]).strip() == "first line empty"
    assert values["categories"] == "News"


def test_opened_and_saved_again_changes_nothing_but_the_version(
    asha: Browser, service: Service
) -> None:
    article = edit.create(service.room, factories.given(excerpt="Short."), by=by("ravi"))

    asha.send(asha.open("/desk/articles/1"))

    again = stored(service)
    assert again.version == article.version + 1
    assert (again.title, again.body, again.categories) == (
        article.title,
        article.body,
        article.categories,
    )
    assert (again.bylines, again.excerpt, again.dateline) == (
        article.bylines,
        article.excerpt,
        article.dateline,
    )
    assert (again.state, again.published, again.updated) == (
        article.state,
        article.published,
        article.updated,
    )


def test_published_article_links_to_its_page_and_feeds(asha: Browser, service: Service) -> None:
    page = asha.write(release="now", new_categories="News")

    assert page.words("//*[@role='status']/p[1]") == (
        "Published. Readers see it within seconds."
    )
    links = page.root.xpath("//*[@role='status']//a/@href")
    assert links == [
        stored(service).path,
        "/feeds/recent.rss",
        "/feeds/category/news.rss",
    ]


def test_published_article_stays_published(asha: Browser, service: Service) -> None:
    page = asha.write(release="now")

    asha.send(page, title="Another headline")

    article = stored(service)
    assert (article.state, article.title) == (State.PUBLISHED, "Another headline")
    assert article.updated == article.published


def test_significant_change_is_told_to_readers(
    asha: Browser, service: Service, clock: FakeClock
) -> None:
    page = asha.write(release="now")
    clock.advance(600)

    asha.send(page, significant="y")

    assert stored(service).updated == clock.now()


def test_article_is_scheduled_in_the_newsrooms_zone(asha: Browser, service: Service) -> None:
    page = asha.write(release="at", release_at="2026-12-01T09:30")

    assert "Scheduled for Tue 1 Dec 2026, 09:30 (UTC)" in page.words("//*[@role='status']")
    assert stored(service).state is State.SCHEDULED
    assert page.values()["release_at"] == "2026-12-01T09:30"


def test_scheduled_article_is_taken_back_to_a_draft(asha: Browser, service: Service) -> None:
    page = asha.write(release="at", release_at="2026-12-01T09:30")

    asha.send(page, release="draft")

    assert stored(service).state is State.DRAFT


def test_time_that_has_come_shows_as_published(asha: Browser, clock: FakeClock) -> None:
    asha.write(release="at", release_at="2026-11-22T12:30")
    clock.advance(3600)

    page = asha.open("/desk/articles/1")

    assert page.words("//span[contains(@class, 'state')]") == "Published"
    assert not page.has("//input[@type='radio' and @name='release']")


def test_double_click_stores_one_article(asha: Browser, service: Service) -> None:
    form = asha.open("/desk/articles/new")

    first = asha.send(form, title="Once", body_source="Text.")
    second = asha.send(form, title="Once", body_source="Text.")

    assert (first.path, second.path) == ("/desk/articles/1", "/desk/articles/1")
    assert count(service) == 1


def test_change_sent_twice_is_no_conflict(asha: Browser, service: Service) -> None:
    form = asha.write(release="now")

    asha.send(form, title="Twice")
    again = asha.send(form, title="Twice")

    assert (again.status, again.path) == (200, "/desk/articles/1")
    assert stored(service).title == "Twice"


def test_old_form_with_new_text_loses_neither(asha: Browser, service: Service) -> None:
    """The browser's back button brings back a form whose article exists by now."""
    form = asha.open("/desk/articles/new")
    asha.send(form, title="First", body_source="First text.")

    page = asha.send(form, title="First", body_source="Much more text.")

    assert page.status == 409
    assert page.values()["body_source"] == "Much more text."
    assert page.action() == "/desk/articles/1"
    assert count(service) == 1
    asha.send(page)
    assert stored(service).body_source == "Much more text."


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("title", "", id="no headline"),
        pytest.param("title", "x" * 400, id="long headline"),
        pytest.param("language", "English!", id="language"),
        pytest.param("canonical_url", "javascript:alert(1)", id="address elsewhere"),
        pytest.param("image_url", "picture.jpg", id="image address"),
        pytest.param("release", "sometime", id="release"),
        pytest.param("body_format", "word", id="format"),
    ],
)
def test_error_stands_next_to_its_field(asha: Browser, field: str, value: str) -> None:
    page = asha.write(**{field: value})

    assert page.status == 400
    assert page.has(f"{PROBLEMS}//a[@href='#{field}']")
    assert page.has(f"//*[@id='{field}']")
    assert page.has(f"//*[@id='{field}-error']")
    described = page.root.xpath(f"//*[@id='{field}']/@aria-describedby")
    assert f"{field}-error" in described[0].split()


def test_errors_come_all_at_once(asha: Browser) -> None:
    page = asha.write(title="", language="!", release="at", release_at="never")

    found = page.root.xpath(f"{PROBLEMS}//a/@href")
    assert sorted(found) == ["#language", "#release_at", "#title"]


def test_everything_typed_survives_an_error(asha: Browser, service: Service) -> None:
    typed = {
        "title": "",
        "body_source": 'First\n\nSecond <b>"quoted"</b> &amp; so on',
        "new_categories": "New one, Another",
        "bylines": "Asha Rao",
        "excerpt": "Short",
        "image_url": "not an address",
        "image_alt": "alt",
        "release": "at",
        "release_at": "31 November",
    }

    values = asha.write(**typed).values()

    assert {name: values[name] for name in typed} == typed
    assert count(service) == 0


def test_time_that_an_input_would_drop_is_kept_as_text(asha: Browser) -> None:
    page = asha.write(release="at", release_at="2026-02-30T10:00")

    field = page.root.xpath("//*[@id='release_at']")[0]
    assert (field.get("type"), field.get("value")) == ("text", "2026-02-30T10:00")


def test_fields_that_are_not_in_the_form_change_nothing(
    asha: Browser, service: Service
) -> None:
    form = asha.write(release="now")
    before = stored(service)

    asha.send(
        form,
        guid="mine",
        published="1999-01-01",
        role="admin",
        state="draft",
        path="/elsewhere/",
        changed_by="root",
        id="7",
    )

    after = stored(service)
    assert (after.guid, after.published, after.path, after.state, after.changed_by) == (
        before.guid,
        before.published,
        before.path,
        State.PUBLISHED,
        "asha",
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("nul \x00 and bell \x07", id="control characters"),
        pytest.param("]]> <![CDATA[", id="CDATA"),
        pytest.param("\ufffe\uffff", id="noncharacters"),
        pytest.param("\u202eright to left", id="direction override"),
        pytest.param("<script>alert(1)</script>", id="script"),
    ],
)
def test_hostile_text_is_stored_clean_and_shown_escaped(asha: Browser, text: str) -> None:
    page = asha.write(title=f"A {text} Z", body_source=text)

    assert page.status == 200
    assert "<script>alert" not in page.text
    assert "\x00" not in page.text


def test_lone_surrogates_are_not_an_error_of_ours(asha: Browser) -> None:
    form = asha.open("/desk/articles/new")
    token = str(form.values()["csrf_token"])
    body = b"csrf_token=" + token.encode() + b"&title=A+%ED%A0%80+Z&body_source=%ED%B0%80"

    answer = asha.client.post(
        "/desk/articles/new",
        data=body + b"&body_format=markdown&release=draft",
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 303


def test_ten_megabytes_of_text_get_a_clear_answer(asha: Browser, service: Service) -> None:
    page = asha.write(body_source="word " * 2_000_000)

    assert page.status == 400
    assert page.has(f"{PROBLEMS}//a[@href='#body_source']")
    assert len(str(page.values()["body_source"])) == 10_000_000
    assert count(service) == 0


def test_more_than_is_taken_is_refused(asha: Browser) -> None:
    page = asha.write(body_source="x" * 12_100_000)

    assert page.status == 413


def test_long_form_of_the_old_kind_is_refused(asha: Browser) -> None:
    """Such a form may have millions of fields, which nothing else would limit."""
    answer = asha.client.post(
        "/desk/articles/new",
        data=b"a=&" * 400_000,
        content_type=("application/x-www-form-urlencoded"),
    )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/desk/articles/99", id="unknown"),
        pytest.param("/desk/articles/99999999999999999999", id="beyond the database"),
        pytest.param("/desk/articles/99/withdraw", id="to be withdrawn"),
        pytest.param("/desk/nothing", id="no page"),
    ],
)
def test_unknown_article_is_not_found(asha: Browser, path: str) -> None:
    page = asha.open(path)

    assert page.status == 404
    assert page.headers["Cache-Control"] == "no-store"


def test_category_of_another_draft_can_be_picked(asha: Browser) -> None:
    asha.write(new_categories="Secret plans")

    page = asha.open("/desk/articles/new")

    assert page.has("//input[@type='checkbox' and @value='Secret plans']")


def test_set_aside_article_is_named_with_its_reason(asha: Browser, service: Service) -> None:
    asha.write(release="now", title="Odd one")
    with service.database.write() as tx:
        articles.set_aside(tx, ArticleId(1), "its address cannot be written")

    for path in ("/desk/", "/desk/articles/1"):
        assert "its address cannot be written" in asha.open(path).text


@pytest.mark.parametrize("path", ["/desk/", "/desk/articles/1", "/desk/operations"])
def test_reason_is_said_in_the_language_of_the_desk(
    asha: Browser, service: Service, path: str
) -> None:
    """Where it is one that we know: it is stored in English."""
    asha.write(release="now", title="Odd one")
    for stored, is_known in ((english(TWICE), True), ("as nobody says it now", False)):
        with service.database.write() as tx:
            articles.set_aside(tx, ArticleId(1), stored)

        page = Page(asha.client.get(path, headers={"Accept-Language": "hi"}))

        assert (said_in("hi", TWICE) in page.text) is is_known
        assert (stored in page.words("//span[@lang='en']")) is not is_known


def test_a_correction_is_written_where_an_article_is_published(
    asha: Browser, service: Service, clock: FakeClock
) -> None:
    made = edit.create(service.room, factories.given(), by=by("ravi"))
    clock.advance(3600)
    page = asha.open("/desk/articles/1")

    page = asha.send(page, correction="It was Tuesday.\r\n")

    article = stored(service)
    assert article.correction == "It was Tuesday."
    assert (article.published, article.updated) == (made.published, clock.now())
    assert str(page.values()["correction"]).strip() == "It was Tuesday."
