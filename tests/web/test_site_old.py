"""Addresses of pages from when the newsroom was a WordPress."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from feedsvc.wiring import Service
from feedsvc.workflow.moving.import_wxr import import_wxr
from feedsvc.workflow.read import desk_list
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by
from tests.web.reading import Publish
from tests.wxr import category, item, term, wxr


@pytest.fixture
def moved_in(service: Service, tmp_path: Path) -> Service:
    """A newsroom that has taken over what it was on this very host, and another's."""
    parts = (
        category("news", "News"),
        category("budget", "Budget", "news"),
        item(7, term("category", "budget", "Budget")),
    )
    file = tmp_path / "export.xml"
    file.write_bytes(wxr(*parts).replace(b"https://old.", b"http://www.news."))
    import_wxr(service.room, file)
    file.write_bytes(wxr(item(8)))
    import_wxr(service.room, file)
    return service


def test_short_link_leads_to_the_article(reader: FlaskClient, moved_in: Service) -> None:
    response = reader.get("/?p=7")

    assert response.status_code == 301
    assert response.headers["Location"] == "/2020/05/article-7/"


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("8", id="of another WordPress"),
        pytest.param("77", id="never there"),
        pytest.param("9" * 5000, id="endless"),
    ],
)
def test_short_link_of_nothing_is_not_found(
    reader: FlaskClient, moved_in: Service, number: str
) -> None:
    assert reader.get(f"/?p={number}").status_code == 404


def test_short_link_of_a_withdrawn_article_is_gone(
    reader: FlaskClient, moved_in: Service
) -> None:
    listed = desk_list(moved_in.room, limit=5).articles
    [found] = [each for each in listed if each.path == "/2020/05/article-7/"]
    withdraw(moved_in.room, found.id, by=by("asha"))

    assert reader.get("/?p=7").status_code == 410


def test_what_is_no_number_is_no_short_link(reader: FlaskClient, moved_in: Service) -> None:
    assert reader.get("/?p=x").status_code == 200


def test_category_below_its_parents_leads_to_its_page(
    reader: FlaskClient, moved_in: Service
) -> None:
    response = reader.get("/category/news/budget/")

    assert response.status_code == 301
    assert response.headers["Location"] == "/category/budget/"


def test_unknown_category_below_others_is_not_found(
    reader: FlaskClient, publish: Publish
) -> None:
    publish()

    assert reader.get("/category/news/nothing/").status_code == 404
