"""The history of an article at the desk: what changed, restoring it, and copies."""

from contextlib import ExitStack

import pytest
from msgspec import structs

from feedsvc.model import Article, ArticleId, Event, Release
from feedsvc.storage import articles, bulk
from feedsvc.web.desk.writing import history as views
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.writing import edit, history
from tests.factories import article, by, given
from tests.storage.test_history import FULL
from tests.web.desk_client import Browser, Page

TEXT = "The town hall opened on Monday."


def stored(service: Service, number: int = 1) -> Article:
    return read.article(service.room, ArticleId(number))


def save_twice(asha: Browser, **changes: object) -> Page:
    page = asha.write(title="First", body_source=TEXT, tags="Rain")
    return asha.send(
        page, title="Second", body_source=TEXT.replace("Monday", "Tuesday"), **changes
    )


def test_history_says_who_changed_what(asha: Browser) -> None:
    page = save_twice(asha)
    assert "History" in page.words("//header//a")

    past = asha.open("/desk/articles/1/history")

    assert [past.words(f"(//li[@class='row'])[{n}]//h2") for n in (1, 2)] == [
        *("Changed, version 2", "Begun as a draft, version 1"),
    ]
    assert "by asha Changed: Headline, Text" in past.words("(//li[@class='row'])[1]//p")
    assert "Changed:" not in past.words("(//li[@class='row'])[2]//p")


def test_change_is_shown_for_eyes_and_ears(asha: Browser) -> None:
    save_twice(asha, tags="Monsoon")

    page = asha.open("/desk/articles/1/history/2")

    assert page.words("//section[.//h2='Text']/div") == (
        "The town hall opened on removed: Monday end of what was removed"
        "added: Tuesday end of what was added."
    )
    assert page.words("//section[.//h2='Text']//del").startswith("removed: Monday")
    assert page.words("//section[.//h2='Tags']//dl") == "BeforeRain AfterMonsoon"
    assert "This is what the article says now." in page.text
    assert not page.has("//a[contains(@href, 'restore')]")


def test_first_version_is_shown_as_it_was(asha: Browser) -> None:
    save_twice(asha)

    page = asha.open("/desk/articles/1/history/1")

    assert page.words("//section[.//h2='Text']/div") == TEXT
    assert not page.has("//del|//ins")
    assert page.has("//a[@rel='next' and @href='/desk/articles/1/history/2']")


def test_text_of_a_version_is_never_markup(asha: Browser) -> None:
    page = asha.write(title="<b>x</b>", body_source="<script>alert(1)</script> a")
    asha.send(page, title="<i>y</i>", body_source="<script>alert(2)</script> b")

    for path in ("history", "history/1", "history/2"):
        found = asha.open(f"/desk/articles/1/{path}")
        assert not found.has("//main//script|//main//b|//main//i"), path


def test_restoring_stores_nothing_before_it_is_saved(asha: Browser, service: Service) -> None:
    save_twice(asha)

    page = asha.open("/desk/articles/1/history/1/restore")

    values = page.values()
    assert (values["title"], values["body_source"]) == ("First", TEXT)
    assert values["version"] == "2"
    assert "Nothing has been stored yet" in page.words("//*[@role='alert']")
    assert page.has("//form[@data-unsaved]")
    assert stored(service).title == "Second"


def test_restored_version_is_saved_like_any_other(asha: Browser, service: Service) -> None:
    save_twice(asha, release="now")

    asha.send(asha.open("/desk/articles/1/history/1/restore"))

    assert (stored(service).title, stored(service).state.value) == ("First", "published")
    assert history.past(service.room, ArticleId(1)).versions[0].event is Event.RESTORED
    assert "Restored from an earlier version" in asha.open("/desk/articles/1/history").text


def test_restoring_loses_nothing_that_somebody_else_has_saved(
    asha: Browser, service: Service
) -> None:
    save_twice(asha)
    form = asha.open("/desk/articles/1/history/1/restore")
    draft = given("Ravi's", release=Release.DRAFT)
    edit.change(service.room, ArticleId(1), draft, by=by("ravi"), version=2)

    page = asha.send(form)

    assert page.status == 409
    assert stored(service).title == "Ravi's"
    assert page.values()["title"] == "First"


def test_restoring_keeps_what_readers_were_told(asha: Browser, service: Service) -> None:
    page = save_twice(asha, release="now")
    asha.send(page, correction="It was Tuesday.")

    values = asha.open("/desk/articles/1/history/1/restore").values()

    assert (values["correction"], values["release"]) == ("It was Tuesday.", "now")


def test_preview_of_a_restored_version_keeps_where_it_comes_from(asha: Browser) -> None:
    save_twice(asha)
    form = asha.open("/desk/articles/1/history/1/restore")

    page = asha.send(form, action="preview")

    assert page.has("//input[@name='restored_from' and @value='1']")


@pytest.mark.parametrize(
    "path", ["9/history", "1/history/9", "1/history/0", "1/history/9/restore"]
)
def test_unknown_versions_are_not_found(asha: Browser, path: str) -> None:
    asha.write()

    assert asha.open(f"/desk/articles/{path}").status == 404


def test_article_without_history_says_why(asha: Browser, service: Service) -> None:
    with service.database.write() as tx:
        bulk.add_articles(tx, [article(categories=())], [None])

    assert "Its history begins with the next change" in asha.open(
        "/desk/articles/1/history"
    ).words("//main")


def test_history_has_pages(
    asha: Browser, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "ON_A_PAGE", 2)
    page = save_twice(asha)
    asha.send(page, title="Third")

    newest = asha.open("/desk/articles/1/history")
    older = asha.open("/desk/articles/1/history?before=2")

    assert newest.has("//a[@rel='next' and contains(@href, 'before=2')]")
    assert older.words("//ol//h2") == "Begun as a draft, version 1"
    assert "There are no older versions." in asha.open(
        "/desk/articles/1/history?before=1"
    ).words("//main")
    beyond = asha.open(f"/desk/articles/1/history?before={1 << 64}")
    assert (beyond.status, beyond.words("//main")) == (200, newest.words("//main"))


def test_every_field_is_told(asha: Browser, service: Service) -> None:
    """A version that changed everything names everything, in words."""
    asha.write(title="First", body_source=TEXT)
    wanted = stored(service)
    kept = ("id", "guid", "slug", "path", "version", "categories", "tags")
    same = {name: getattr(wanted, name) for name in kept}
    with service.database.write() as tx:
        full = structs.replace(
            FULL, **{**same, "version": 2, "in_feeds": False, "excerpt": "In short"}
        )
        articles.replace(tx, full, 1)

    page = asha.open("/desk/articles/1/history/2")

    assert page.words("//main//h2") == (
        "Headline Text Written in Excerpt Correction note Byline Lead image Media files "
        "Date and time of release In feeds"
    )
    assert page.words("//section[.//h2='In feeds']//dl") == "BeforeYes AfterNo"
    assert page.words("//section[.//h2='Written in']//dl") == "BeforeMarkdown AfterHTML"
    assert "A lamp" in page.words("//section[.//h2='Lead image']//dl")


def test_copy_is_a_new_article_that_is_not_stored(asha: Browser, service: Service) -> None:
    """No guid, path, date, correction or release of the other one comes along."""
    page = save_twice(asha, release="now", new_categories="City", image_url="https://x.org/a")
    asha.send(page, correction="It was Tuesday.")

    copy = asha.open("/desk/articles/new?from=1")

    values = copy.values()
    assert (values["title"], values["categories"], values["tags"]) == ("Second", "City", "Rain")
    assert (values["release"], values["correction"], values["version"]) == ("draft", "", "0")
    assert copy.action() == "/desk/articles/new"
    assert "copy of another article" in copy.words("//*[@role='alert']")
    assert len(read.desk_list(service.room, limit=9).articles) == 1

    asha.send(copy, title="Another")
    made, original = stored(service, 2), stored(service, 1)
    assert made.guid != original.guid
    assert (made.path, made.published, made.correction) == ("/articles/another/", None, "")
    assert original.title == "Second"


def test_copy_of_nothing_is_not_found(asha: Browser) -> None:
    assert asha.open("/desk/articles/new?from=7").status == 404
    assert asha.open("/desk/articles/new?from=x").status == 200
    assert asha.open(f"/desk/articles/new?from={1 << 31}").status == 200
    assert asha.open(f"/desk/articles/new?from={1 << 64}").status == 200


def test_text_is_shown_whole_while_enough_others_compare() -> None:
    with ExitStack() as others:
        for _ in range(views.AT_ONCE):
            others.enter_context(views.turns)
        busy = views.compared("The old town", "The new town")
    free = views.compared("The old town", "The new town")

    assert [each.text for each in busy] == ["The old town", "The new town"]
    assert [each.text for each in free] == ["The ", "old", "new", " town"]
