"""How long things are is said by one table of limits, also without a script."""

import json

import pytest
from flask import Flask

from feedsvc import limits
from feedsvc.web import create_app
from feedsvc.wiring import Service
from tests.web.desk_client import Browser


@pytest.fixture
def app(service: Service) -> Flask:
    return create_app(service)


@pytest.fixture
def asha(app: Flask, service: Service) -> Browser:
    return Browser(app, service).sign_in()


def test_form_knows_the_lengths_that_partners_take(asha: Browser) -> None:
    page = asha.open("/desk/articles/new")

    [known] = page.root.xpath("//*[@data-lengths-of='title']/@data-lengths")
    least, most = (limit.value for limit in limits.APPLE_TITLE)
    assert ["Apple News", least, most] in json.loads(known)
    assert ["MSN", limits.MSN_TITLE_REFUSED.value + 1, 150] in json.loads(known)
    assert "MSN 21–150, Apple News 15–60" in page.words("//*[@id='title-hint']")  # noqa: RUF001


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"title": "T"}, "Headline: 1 character", id="one character"),
        pytest.param({"title": "Ten of one"}, "Headline: 10 characters", id="ten characters"),
        pytest.param({"body_source": "word " * 200}, "200 words, 1 minute to", id="a minute"),
        pytest.param({"body_source": "word " * 201}, "201 words, 2 minutes", id="beyond"),
        pytest.param({}, "Excerpt: the first 15 words, 5 characters", id="automatic excerpt"),
        pytest.param({"excerpt": "Mine"}, "Excerpt: 4 characters", id="excerpt by hand"),
        pytest.param({"new_categories": "A, B"}, "2 categories", id="categories"),
    ],
)
def test_preview_says_how_long_things_are(
    asha: Browser, changes: dict[str, str], said: str
) -> None:
    page = asha.write(**{"body_source": "Talks", **changes}, action="preview")

    assert said in page.words("//*[@class='measured']")
