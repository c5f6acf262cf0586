"""Refused requests of people who are signed in, and of programs, are in the audit log, once."""

import json

import pytest
from flask import Flask

from feedsvc.errors import UnavailableError
from feedsvc.model import AuditRow, Release, Scope
from feedsvc.storage.audit import Wanted
from feedsvc.storage.database import Database
from feedsvc.wiring import Service
from feedsvc.workflow import audit, tokens
from feedsvc.workflow.writing import edit
from tests.factories import COMMAND_LINE, given
from tests.web.desk_client import Browser


def refusals(service: Service) -> list[AuditRow]:
    rows = audit.listing(service.room, Wanted(), by=COMMAND_LINE)
    return [row for row in rows if row.entry.action.startswith("refused")]


def test_page_that_is_not_for_them_is_noted_once(service: Service, ravi: Browser) -> None:
    made = edit.create(service.room, given(release=Release.DRAFT), by=COMMAND_LINE)

    assert ravi.open(f"/desk/articles/{made.id}/withdraw").status == 403

    [row] = refusals(service)
    assert (row.entry.who, row.entry.action) == ("ravi", "refused")
    assert row.entry.subject.id == "desk.confirm"
    assert json.loads(row.entry.after) == {"article_id": made.id}


def test_form_of_another_session_is_noted(service: Service, ravi: Browser) -> None:
    page = ravi.open("/desk/account")

    ravi.send(page, "//form[contains(@action, 'sign-out')]", csrf_token="forged")

    assert [row.entry.action for row in refusals(service)] == ["refused-form"]


def test_strangers_fill_no_disk(app: Flask, service: Service, ravi: Browser) -> None:
    stranger = app.test_client()

    stranger.post("/desk/people/", data={"name": "eve"})
    stranger.post("/desk/sign-in", headers={"Sec-Fetch-Site": "cross-site"})

    assert refusals(service) == []


def test_program_that_asks_for_more_is_noted(app: Flask, service: Service) -> None:
    _, secret = tokens.issue(service.room, "cms", Scope.READ)

    answer = app.test_client().post(
        "/api/v1/articles", json={}, headers={"Authorization": f"Bearer {secret}"}
    )

    assert answer.status_code == 403
    assert [row.entry.who for row in refusals(service)] == ["api:cms"]


def test_refusal_that_cannot_be_noted_is_still_one(
    service: Service, ravi: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Database) -> None:
        raise UnavailableError("the disk is full")

    monkeypatch.setattr(Database, "write", away)

    assert ravi.open("/desk/people/").status == 403
