"""What is larger than we take: people hear by how much, and what to do; programs, too."""

import pytest
from flask.testing import FlaskClient

from feedsvc.http.bodies import TOO_LARGE
from feedsvc.model import ArticleId, State
from feedsvc.wiring import Service
from feedsvc.workflow import read
from tests.web.api_client import ARTICLES, Program, program
from tests.web.desk_client import Browser, Page

TOLD = "//div[@class='trouble']"
ADVICE = "Go back with your browser's back button"


@pytest.fixture
def cms(service: Service, reader: FlaskClient) -> Program:
    return program(service, reader)


def refused(browser: Browser, path: str, size: int, **headers: str) -> Page:
    """Post what the server has thrown away, and said so."""
    environ = {TOO_LARGE: size}
    answer = browser.client.post(path, environ_overrides=environ, headers=headers)
    return Page(answer)


@pytest.mark.parametrize(
    ("path", "size", "said"),
    [
        pytest.param(
            "/desk/articles/new",
            40_000_001,
            "What was sent has 40.1 MB, and at most 24 MB can be taken at once.",
            id="form of an article",
        ),
        pytest.param(
            "/desk/articles/new",
            0,
            "What was sent is larger than the 24 MB that can be taken at once.",
            id="of a length that nobody said",
        ),
        pytest.param(
            "/desk/feeds/new",
            30_000_000,
            "What was sent has 30 MB, and at most 12 MB can be taken at once.",
            id="form without a picture",
        ),
    ],
)
def test_editor_hears_how_much_is_taken_and_what_to_do(
    asha: Browser, path: str, size: int, said: str
) -> None:
    page = refused(asha, path, size)

    assert page.status == 413
    assert page.headers["Cache-Control"] == "no-store"
    assert said in page.words(TOLD)
    assert ADVICE in page.words(TOLD)


def test_it_is_said_in_the_language_of_the_desk(asha: Browser) -> None:
    page = refused(asha, "/desk/articles/new", 40_000_000, **{"Accept-Language": "hi"})

    assert page.has("//div[@class='trouble'][@lang='hi']")
    assert "40 MB" in page.words(TOLD)
    assert "What was sent" not in page.words(TOLD)


def test_form_that_was_read_and_is_too_long_is_said_to_be(asha: Browser) -> None:
    page = asha.write(body_source="x" * 12_100_000)

    assert page.status == 413
    assert "longer than the 12 MB" in page.words(TOLD)
    assert ADVICE in page.words(TOLD)


def test_form_of_too_many_fields_is_not_said_to_be_long(asha: Browser) -> None:
    page = asha.write(**{f"field{number}": "x" for number in range(10_001)})

    assert page.status == 413
    assert " MB" not in page.words(TOLD)
    assert "larger than we take" in page.words(TOLD)


def test_nothing_is_done_where_nothing_was_kept(
    cms: Program, service: Service, reader: FlaskClient
) -> None:
    address, _, document = cms.store(release="now")

    answer = reader.post(
        f"{address}/withdraw",
        headers={"Authorization": f"Bearer {cms.secret}"},
        environ_overrides={TOO_LARGE: 30_000_000},
    )

    assert answer.status_code == 413
    article = read.article(service.room, ArticleId(document["id"]))
    assert article.state is State.PUBLISHED


@pytest.mark.parametrize(
    ("path", "most"),
    [
        pytest.param(ARTICLES, "12 MB", id="article"),
        pytest.param("/api/v1/pictures", "24 MB", id="picture"),
    ],
)
def test_program_reads_a_problem(reader: FlaskClient, path: str, most: str) -> None:
    answer = reader.post(path, environ_overrides={TOO_LARGE: 30_000_000})

    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json()
    assert (answer.status_code, problem["status"]) == (413, 413)
    assert problem["detail"] == (
        f"What was sent has 30 MB, and at most {most} can be taken at once."
    )


@pytest.mark.parametrize("path", ["/", "/search", "/nothing"])
def test_site_says_it_without_advice_about_forms(reader: FlaskClient, path: str) -> None:
    answer = reader.post(path, environ_overrides={TOO_LARGE: 30_000_000})

    assert answer.status_code == 413
    assert "What was sent has 30 MB" in answer.text
    assert "back button" not in answer.text
