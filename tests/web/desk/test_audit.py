"""The audit log at the desk: everything once, newest first, in words, for admins only."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from feedsvc.errors import SignInError
from feedsvc.model import Action, Release, Role, Scope
from feedsvc.storage.audit import Wanted
from feedsvc.web import create_app
from feedsvc.web.desk import audit_words
from feedsvc.web.desk.page_names import page_name
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, audit, signing_in, tokens
from feedsvc.workflow.writing import edit
from tests.factories import COMMAND_LINE, by, given
from tests.fakes import FakeClock
from tests.web.desk_client import PASSWORD, Browser, Page
from tests.web.routes import ROWS as ROUTES
from tests.web.routes import Who

ROWS = "//ol/li/@value"
DETAILS = "//ol/li[1]//details"


@pytest.fixture
def app(service: Service) -> Flask:
    return create_app(service)


@pytest.fixture
def asha(app: Flask, service: Service) -> Browser:
    return Browser(app, service).sign_in()


def numbers(page: Page) -> list[int]:
    return [int(value) for value in page.root.xpath(ROWS)]


def tamper(service: Service, statement: str) -> None:
    with service.database.write() as tx:
        for each in ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete", statement):
            tx.execute(text(each))


def test_row_says_what_to_what_by_whom_and_when(service: Service, asha: Browser) -> None:
    made = edit.create(service.room, given("Rain", release=Release.DRAFT), by=by("asha"))
    edit.change(service.room, made.id, given("Rain fell"), by=by("asha"), version=1)

    page = asha.open("/desk/audit")

    assert page.status == 200
    assert page.words("//ol/li[1]/h2") == "Published an article"
    assert page.words("//ol/li[1]/p[@class='told']") == "Rain fell"
    assert page.root.xpath("//ol/li[1]/p/a/@href") == [f"/desk/articles/{made.id}/history"]
    assert page.words("//ol/li[1]/p[@class='facts']") == "Sun 22 Nov 2026, 12:00 by asha"


def test_before_and_after_stand_beside_each_other_and_are_folded(
    service: Service, asha: Browser
) -> None:
    made = edit.create(service.room, given("Rain", release=Release.DRAFT), by=by("asha"))
    edit.change(service.room, made.id, given("Rain fell"), by=by("asha"), version=1)

    page = asha.open("/desk/audit")

    rows = page.root.xpath(f"{DETAILS}//tbody/tr")
    shown = {cells[0]: cells[1:] for row in rows if (cells := [c.text_content() for c in row])}
    assert shown["State"] == ["Draft", "Published"]
    assert shown["Version"] == ["1", "2"]
    assert "Headline" in shown["What was changed"][1]
    assert not page.has("//details[@open]")
    assert "{" not in page.words("//main")


def test_times_roles_and_names_are_shown_as_people_write_them(
    service: Service, asha: Browser, clock: FakeClock
) -> None:
    ravi = accounts.add_user(service.room, "ravi", PASSWORD, by=COMMAND_LINE, role=Role.EDITOR)
    until = clock.now() + timedelta(days=1)
    tokens.issue(service.room, "cms", Scope.READ, expires=until, by=COMMAND_LINE)
    edit.create(service.room, given(release=Release.DRAFT), by=by("ravi", user_id=ravi.id))

    page = asha.open("/desk/audit")

    assert page.words("//ol/li[1]//tr[th='Belongs to']/td[2]") == "ravi"
    assert page.words("//ol/li[2]//tr[th='Expires']/td[2]") == "Mon 23 Nov 2026, 12:00"
    assert page.words("//ol/li[3]//tr[th='Role']/td[2]") == "Editor"
    assert "command line (no user: a program" in page.words("//ol/li[2]//dl")


def test_every_row_is_on_one_page(service: Service, asha: Browser) -> None:
    for number in range(2 * audit.ON_A_PAGE + 7):
        audit.note_import(service.room, f"feed {number}", {"added": 1}, by=COMMAND_LINE)
    place, seen = ["/desk/audit"], []

    while place:
        page = asha.open(place[0])
        seen += numbers(page)
        place = page.root.xpath("//a[@rel='next']/@href")

    assert seen == list(range(len(seen), 0, -1))
    assert len(seen) == len(list(audit.listing(service.room, Wanted(), by=COMMAND_LINE)))
    assert page.has("//nav[@aria-label='Pages']/a[@href='/desk/audit']")


def test_filters_combine_and_stay_from_page_to_page(service: Service, asha: Browser) -> None:
    for number in range(audit.ON_A_PAGE + 1):
        audit.note_import(service.room, f"feed {number}", {}, by=by("ravi"))
        audit.note_import(service.room, f"feed {number}", {}, by=COMMAND_LINE)

    page = asha.open("/desk/audit?who=ravi&action=import")
    [older] = page.root.xpath("//a[@rel='next']/@href")
    rest = asha.open(older)

    assert (len(numbers(page)), len(numbers(rest))) == (audit.ON_A_PAGE, 1)
    assert page.words("//option[@selected]") == "ravi Took articles over from elsewhere"
    assert {"who=ravi", "action=import"} < set(older.partition("?")[2].split("&"))
    assert numbers(asha.open("/desk/audit?action=sign-out")) == []


def test_what_was_done_to_one_thing_is_a_click_away(service: Service, asha: Browser) -> None:
    made = edit.create(service.room, given(release=Release.DRAFT), by=by("asha"))
    edit.create(service.room, given(release=Release.DRAFT), by=by("asha"))
    edit.change(service.room, made.id, given(), by=by("asha"), version=1)

    page = asha.open(asha.open("/desk/audit").root.xpath(f"{DETAILS}//li[2]/a/@href")[0])

    assert [row.text for row in page.root.xpath("//ol/li/h2")] == [
        "Published an article",
        "Began an article",
    ]
    assert page.values("//form[@method='get']")["about"] == f"article:{made.id}"


@pytest.mark.parametrize(
    "asked", ["next=0", "next=x", "about=x", "who=%00", "next=9" + "9" * 30]
)
def test_address_that_makes_no_sense_shows_the_newest(asha: Browser, asked: str) -> None:
    page = asha.open(f"/desk/audit?{asked}")

    assert page.status == 200
    assert numbers(page)[0] == 2


def test_end_of_the_log_is_said(asha: Browser) -> None:
    assert "There are no older rows." in asha.open("/desk/audit?next=1").text
    assert "Nothing of that kind" in asha.open("/desk/audit?who=nobody").text


def test_failed_sign_in_names_the_account_and_nobody_else(
    service: Service, asha: Browser
) -> None:
    with pytest.raises(SignInError):
        signing_in.sign_in(service.room, "asha", "wrong", address="203.0.113.9", agent="x")

    page = asha.open("/desk/audit")

    assert page.words("//ol/li[1]/p[@class='told']") == "user asha"
    assert " by " not in page.words("//ol/li[1]/p[@class='facts']")
    assert "203.0.113.9" not in page.text


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE audit SET after = '{}' WHERE sequence = 3", 3),
        ("UPDATE audit SET who = 'eve' WHERE sequence = 1", 1),
        ("DELETE FROM audit WHERE sequence = 2", 3),
        ("UPDATE audit SET after = 'no JSON' WHERE sequence = 3", 3),
        ("UPDATE audit SET after = '[1]' WHERE sequence = 3", 3),
    ],
)
def test_row_that_was_changed_is_named(
    service: Service, asha: Browser, statement: str, row: int
) -> None:
    audit.note_import(service.room, "feed", {}, by=COMMAND_LINE)
    whole = asha.open("/desk/audit")
    tamper(service, statement)

    page = asha.open("/desk/audit")

    assert not whole.has("//*[@role='alert']")
    assert page.status == 200
    assert page.words("//*[@role='alert']/h2").startswith(f"Row {row} is not as it was written")
    assert "feedsvc audit verify" in page.words("//*[@role='alert']/p")


def test_row_of_a_newer_program_is_shown_as_it_calls_itself(
    service: Service, asha: Browser
) -> None:
    audit.note_import(service.room, "feed", {}, by=COMMAND_LINE)
    changes = "action = 'teleported', subject_kind = 'moon', before = '{\"far_side\": true}'"
    tamper(service, f"UPDATE audit SET {changes} WHERE sequence = 3")  # noqa: S608

    page = asha.open("/desk/audit")

    assert page.words("//ol/li[1]/h2") == "teleported"
    assert page.words("//ol/li[1]/p[@class='told']") == "moon feed"
    assert page.words(f"{DETAILS}//tbody/tr/*") == "far side Yes \N{EN DASH}"


def test_everything_about_what_has_a_long_name_is_found(
    service: Service, asha: Browser
) -> None:
    path = "/srv/" + "a long way down/" * 200 + "export.xml"
    audit.note_import(service.room, path, {}, by=COMMAND_LINE)
    audit.note_import(service.room, path + ".gz", {}, by=COMMAND_LINE)

    _, where = asha.open("/desk/audit").root.xpath("//a[contains(@href, 'about=import')]/@href")
    page = asha.open(where)

    assert len(numbers(page)) == 1
    assert page.root.xpath("//input[@name='about']/@value") == [f"import:{path}"]


def test_every_action_has_a_name() -> None:
    named = [action for group in audit_words.GROUPS.values() for action in group]

    assert sorted(named) == sorted(Action)


def test_refusal_names_the_page_as_the_desk_does(
    app: Flask, service: Service, asha: Browser
) -> None:
    accounts.add_user(service.room, "ravi", PASSWORD, by=COMMAND_LINE, role=Role.REPORTER)
    Browser(app, service).sign_in("ravi").open("/desk/people/")

    page = asha.open("/desk/audit")

    assert "page “People”" in page.words("//ol/li[1]")
    assert "desk.people" not in page.words("//main")


def test_every_page_of_the_desk_has_a_name() -> None:
    behind = {name for name, row in ROUTES.items() if row.who is not Who.DOOR}

    for endpoint in (name for name in behind if name.startswith("desk.")):
        assert page_name(endpoint) != endpoint
    assert page_name("api.articles") == "api.articles"


@pytest.mark.parametrize("role", [Role.REPORTER, Role.EDITOR])
def test_only_admins_see_it_and_are_led_there(
    app: Flask, service: Service, asha: Browser, role: Role
) -> None:
    accounts.add_user(service.room, "ravi", PASSWORD, by=COMMAND_LINE, role=role)
    ravi = Browser(app, service).sign_in("ravi")

    refused = ravi.open("/desk/audit")

    assert refused.status == 403
    assert "Only admins see who did what; ask one of them." in refused.words("//main")
    assert not ravi.open("/desk/").has("//nav//a[@href='/desk/audit']")
    assert asha.open("/desk/").has("//nav//a[@href='/desk/audit']")


def test_page_speaks_the_language_of_the_desk(asha: Browser) -> None:
    page = Page(asha.client.get("/desk/audit", headers={"Accept-Language": "hi"}))

    assert "साइन इन किया" in page.words("//ol/li/h2")
    assert not re.search("Details|Before", page.words("//ol"))
