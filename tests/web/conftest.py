"""What tests of the web share: a reader, and a way to publish."""

import pytest
from flask.testing import FlaskClient

from feedsvc.model import Article
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import edit
from tests.factories import given
from tests.fakes import FakeClock
from tests.web.reading import Publish


@pytest.fixture
def publish(service: Service, clock: FakeClock) -> Publish:
    """Publish an article a minute after the one before."""

    def store(title: str = "Start-ups meet officials", **changes: object) -> Article:
        clock.advance(60)
        return edit.create(service.room, given(title, **changes), by="asha")

    return store


@pytest.fixture
def reader(service: Service) -> FlaskClient:
    return create_app(service).test_client()
