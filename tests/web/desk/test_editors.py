"""Two editors on one article: the second is told, and loses nothing."""

import pytest
from flask import Flask

from feedsvc.model import Article, ArticleId, State
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.release import release_due
from tests.fakes import FakeClock
from tests.web.desk_client import Browser, Page

THEIRS = "//section[contains(@class, 'theirs')]"


@pytest.fixture
def ravi(app: Flask, service: Service) -> Browser:
    return Browser(app, service).sign_in("ravi")


def stored(service: Service, number: int = 1) -> Article:
    return read.article(service.room, ArticleId(number))


@pytest.fixture
def conflict(asha: Browser, ravi: Browser) -> Page:
    """What Asha gets when Ravi has saved first."""
    asha.write(title="Start", body_source="Start.", new_categories="News")
    mine, theirs = asha.open("/desk/articles/1"), ravi.open("/desk/articles/1")
    ravi.send(theirs, body_source="Ravi's text.", dateline="Puri")
    return asha.send(mine, body_source="Asha's text.", excerpt="Mine.")


def test_second_editor_is_told_by_whom_and_when(conflict: Page) -> None:
    assert conflict.status == 409
    assert conflict.words(f"{THEIRS}/h2") == "ravi saved this article while you were writing"
    assert "Saved Sun 22 Nov 2026, 12:00" in conflict.words(THEIRS)


def test_second_editor_loses_nothing(conflict: Page) -> None:
    values = conflict.values()

    assert (values["body_source"], values["excerpt"]) == ("Asha's text.", "Mine.")


def test_other_version_stands_beside_field_by_field(conflict: Page) -> None:
    labels = [found.text for found in conflict.root.xpath(f"{THEIRS}//dt")]

    assert labels == ["Text", "Excerpt", "Dateline"]
    assert "Ravi's text." in conflict.words(f"{THEIRS}//dd")


def test_nothing_is_stored_until_the_second_editor_decides(
    conflict: Page, service: Service
) -> None:
    assert stored(service).body_source == "Ravi's text."


def test_second_editor_can_save_over(asha: Browser, conflict: Page, service: Service) -> None:
    page = asha.send(conflict)

    assert page.status == 200
    article = stored(service)
    assert (article.body_source, article.changed_by) == ("Asha's text.", "asha")


def test_third_save_is_a_conflict_again(
    asha: Browser, ravi: Browser, conflict: Page, service: Service
) -> None:
    ravi.send(ravi.open("/desk/articles/1"), body_source="Ravi again.")

    page = asha.send(conflict)

    assert page.status == 409
    assert stored(service).body_source == "Ravi again."


def test_same_change_by_two_editors_is_no_conflict(
    asha: Browser, ravi: Browser, service: Service
) -> None:
    asha.write(title="Start", body_source="Start.")
    mine, theirs = asha.open("/desk/articles/1"), ravi.open("/desk/articles/1")
    ravi.send(theirs, title="Mended")

    page = asha.send(mine, title="Mended")

    assert page.status == 200
    assert stored(service).changed_by == "ravi"


def test_conflict_about_the_release_alone_says_so(asha: Browser, ravi: Browser) -> None:
    asha.write(title="Start", body_source="Start.")
    mine, theirs = asha.open("/desk/articles/1"), ravi.open("/desk/articles/1")
    ravi.send(theirs, release="at", release_at="2026-12-01T09:30")

    page = asha.send(mine, release="at", release_at="2026-12-02T09:30")

    assert page.status == 409
    assert "only its release differs" in page.words(THEIRS)
    assert "scheduled for Tue 1 Dec 2026, 09:30" in page.words(THEIRS)


def test_article_released_while_it_was_edited_stays_published(
    asha: Browser, service: Service, clock: FakeClock
) -> None:
    form = asha.write(release="at", release_at="2026-11-22T12:30")
    clock.advance(3600)
    release_due(service.room)

    page = asha.send(form, title="Better headline")
    if page.status == 409:
        page = asha.send(page)

    assert page.status == 200
    assert (stored(service).state, stored(service).title) == (
        State.PUBLISHED,
        "Better headline",
    )
