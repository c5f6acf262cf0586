"""The one table from errors to statuses."""

import logging

import html5lib
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedsvc import errors
from feedsvc.web import create_app
from feedsvc.wiring import Service

SECRET = "database sqlite:////home/newsroom/data.sqlite3 is locked: SELECT 1"


def answer_to(service: Service, error: Exception, path: str = "/raise") -> TestResponse:
    app = create_app(service)

    def view(rest: str = "") -> str:
        raise error

    for rule in ("/raise", "/raise/<rest>", "/desk/raise", "/api/raise"):
        app.add_url_rule(rule, "raise", view)
    return app.test_client().get(path)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InputError("the date is impossible"), 400),
        (errors.SignInError("that did not open anything"), 401),
        (errors.NotFoundError("nothing"), 404),
        (errors.ConflictError("somebody else"), 409),
        (errors.GoneError("withdrawn"), 410),
        (errors.ThrottledError("too many attempts", retry_after=7), 429),
        (errors.UnavailableError(SECRET), 503),
        (errors.RenderingError(SECRET), 500),
        (errors.MigrationError(SECRET), 500),
        (errors.FeedsvcError(SECRET), 500),
        (RuntimeError(SECRET), 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_error_has_its_status_and_page(service: Service, error: Exception, status: int) -> None:
    response = answer_to(service, error)

    assert response.status_code == status
    assert response.mimetype == "text/html"
    html5lib.HTMLParser(strict=True).parse(response.text)
    assert SECRET not in response.text
    assert "Traceback" not in response.text


def test_subclass_of_an_error_has_its_status(service: Service) -> None:
    class OddInputError(errors.InputError):
        """One more way to be wrong."""

    assert answer_to(service, OddInputError("odd")).status_code == 400


def test_fault_of_the_asker_is_explained(service: Service) -> None:
    response = answer_to(service, errors.InputError("the <date> is impossible"))

    assert "The &lt;date&gt; is impossible." in response.text


@pytest.mark.checklist("HTTP-30", "HTTP-65")
@pytest.mark.parametrize(
    ("error", "freshness"),
    [
        (errors.NotFoundError("nothing"), "public, max-age=60"),
        (errors.GoneError("withdrawn"), "public, max-age=60"),
        (errors.InputError("wrong"), "no-store"),
        (errors.ThrottledError("slowly", retry_after=7), "no-store"),
        (errors.UnavailableError("down"), "no-store"),
        (RuntimeError("oops"), "no-store"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_only_what_stays_true_is_kept_by_caches(
    service: Service, error: Exception, freshness: str
) -> None:
    assert answer_to(service, error).headers["Cache-Control"] == freshness


@pytest.mark.checklist("HTTP-65")
@pytest.mark.parametrize(
    ("error", "field", "value"),
    [
        (errors.ThrottledError("slowly", retry_after=7), "Retry-After", "7"),
        (errors.UnavailableError("down"), "Retry-After", "30"),
        (errors.SignInError("no"), "WWW-Authenticate", 'Cookie realm="desk"'),
    ],
    ids=["429", "503", "401"],
)
def test_error_says_what_to_do_next(
    service: Service, error: Exception, field: str, value: str
) -> None:
    assert answer_to(service, error).headers[field] == value


def test_unforeseen_error_is_logged_with_its_traceback(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer_to(service, RuntimeError("oops"), "/raise/%0Aforged=line")

    (record,) = [found for found in caplog.records if found.name == "feedsvc.web.errors"]
    assert record.exc_info is not None
    assert "\n" not in record.getMessage()


def test_error_of_the_desk_is_never_kept(service: Service) -> None:
    response = answer_to(service, errors.NotFoundError("nothing"), "/desk/raise")

    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("path", "onwards"), [("/desk/raise", "/desk/"), ("/raise", "/")])
def test_page_leads_on_where_one_was(service: Service, path: str, onwards: str) -> None:
    response = answer_to(service, errors.NotFoundError("nothing"), path)

    main = response.text.partition("<main")[2].partition("</main>")[0]
    assert main.count("<a ") == 1
    assert f'<a href="{onwards}">' in main


def test_desk_stays_the_desk_when_something_is_refused(service: Service) -> None:
    """Who works there is not put on the site, and is told in a whole sentence."""
    response = answer_to(
        service, errors.ForbiddenError("only admins do; ask one"), "/desk/raise"
    )

    assert response.status_code == 403
    html5lib.HTMLParser(strict=True).parse(response.text)
    assert "<p>Only admins do; ask one.</p>" in response.text
    assert '<header class="deskhead"' in response.text
    assert '/feeds/"' not in response.text.partition("<body")[2]


def test_wrong_method_is_told_the_right_ones(reader: FlaskClient) -> None:
    response = reader.post("/feeds/")

    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_page_for_nothing_is_short(reader: FlaskClient) -> None:
    response = reader.get("/nothing?with=a&long=query")

    assert response.status_code == 404
    assert len(response.data) < 2500
    assert "nothing?with" not in response.text


@pytest.mark.parametrize(
    ("error", "said", "logged"),
    [
        (errors.UnavailableError(SECRET), "the database cannot answer now", 1),
        (errors.FullError(SECRET), "no space left on the disk", 0),  # the database has said it
    ],
)
def test_program_is_told_what_is_missing_and_no_more(
    service: Service,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    said: str,
    logged: int,
) -> None:
    response = answer_to(service, error, "/api/raise")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"
    assert said in response.text
    assert SECRET not in response.text
    assert len(caplog.records) == logged
