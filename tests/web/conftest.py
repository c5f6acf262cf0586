"""What tests of the web share: a reader, and a way to publish."""

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec import structs

from feedsvc.model import Article, Role
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import accounts
from feedsvc.workflow.writing import edit
from tests.factories import COMMAND_LINE, by, given
from tests.fakes import FakeClock
from tests.web.desk_client import PASSWORD, Browser
from tests.web.reading import Publish


@pytest.fixture
def publish(service: Service, clock: FakeClock) -> Publish:
    """Publish an article a minute after the one before."""

    def store(title: str = "Start-ups meet officials", **changes: object) -> Article:
        clock.advance(60)
        return edit.create(service.room, given(title, **changes), by=by("asha"))

    return store


@pytest.fixture
def reader(service: Service) -> FlaskClient:
    return create_app(service).test_client()


@pytest.fixture
def patient(service: Service) -> Service:
    """A service whose feeds wait ten minutes for a new article."""
    settings = msgspec.structs.replace(service.config.feeds, delay_minutes=10)
    config = msgspec.structs.replace(service.config, feeds=settings)
    room = structs.replace(service.room, config=config)
    return structs.replace(service, config=config, room=room)


@pytest.fixture
def app(service: Service) -> Flask:
    """The pages of a newsroom that nobody has an account in."""
    return create_app(service)


@pytest.fixture
def asha(app: Flask, service: Service) -> Browser:
    """The browser of its first user, who is signed in at the desk."""
    return Browser(app, service).sign_in()


@pytest.fixture
def ravi(app: Flask, service: Service) -> Browser:
    """A reporter, in a newsroom that has an admin."""
    accounts.add_user(service.room, "asha", PASSWORD, by=COMMAND_LINE)
    accounts.add_user(service.room, "ravi", PASSWORD, by=COMMAND_LINE, role=Role.REPORTER)
    return Browser(app, service).sign_in("ravi")
