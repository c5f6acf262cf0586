"""Handing in, looking, sending back: on the pages of the desk."""

from flask import Flask

from feedsvc.model import ArticleId, State
from feedsvc.wiring import Service
from feedsvc.workflow import read
from tests.web.desk_client import Browser


def test_what_is_handed_in_waits_in_review(asha: Browser) -> None:
    page = asha.write(release="review")

    assert "In review. An editor looks at it" in page.words("//*[@role='status']")
    assert page.words("//span[contains(@class,'state')]") == "In review"
    assert page.has("//input[@name='release'][@value='review'][@checked]")


def test_saving_leaves_it_in_review(asha: Browser, service: Service) -> None:
    page = asha.send(asha.write(release="review"), title="Better")

    assert page.status == 200
    assert read.article(service.room, ArticleId(1)).state is State.REVIEW


def test_it_is_sent_back_with_a_note_that_stands_above_it(asha: Browser) -> None:
    page = asha.write(release="review")

    back = asha.send(page, release="draft", review_note="Who <says> so?")

    assert "Sent back to draft." in back.words("//*[@role='status']")
    assert "Who <says> so?" in back.words("//section[@aria-labelledby='sent-back']")
    assert not back.has("//textarea[@name='review_note']")
    again = asha.send(back, release="review")
    assert not again.has("//section[@aria-labelledby='sent-back']")


def test_a_note_that_is_too_long_is_said_at_its_field(asha: Browser) -> None:
    page = asha.write(release="review")

    refused = asha.send(page, release="draft", review_note="x" * 3000)

    assert refused.status == 400
    assert "at most" in refused.words("//p[@id='review_note-error']")


def test_the_preview_hands_in(asha: Browser, service: Service) -> None:
    page = asha.send(
        asha.open("/desk/articles/new"),
        action="preview",
        title="Talks",
        body_source="Held.",
        release="review",
    )
    button = page.words("//form[@data-guard]//button[@value='save']")

    stored = asha.send(page)

    assert button == "Hand in for review"
    assert stored.words("//span[contains(@class,'state')]") == "In review"
    assert read.article(service.room, ArticleId(1)).state is State.REVIEW


def test_a_second_tab_that_hands_in_too_late_is_told_where_it_stands(asha: Browser) -> None:
    page = asha.write(release="draft")
    asha.send(page, release="review", title="Handed in by another tab")

    late = asha.send(page, title="Mine", release="now")

    assert late.status == 409
    assert "It is in review" in late.words("//section[@aria-labelledby='theirs']")


def test_readers_see_nothing_of_it(asha: Browser, app: Flask) -> None:
    """Promise 7: embargo holds, on every page and in every feed."""
    asha.write(title="Merger of two banks", new_categories="Mergers", release="review")
    reader = app.test_client()
    places = ("/", "/feeds/", "/category/mergers/", "/articles/merger-of-two-banks/")

    answers = [reader.get(path) for path in (*places, "/sitemap.xml", "/news-sitemap.xml")]

    assert not [answer for answer in answers if b"erger" in answer.data]
    assert [answer.status_code for answer in answers[2:4]] == [404, 404]
