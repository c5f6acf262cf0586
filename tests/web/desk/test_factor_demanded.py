"""A second factor that is demanded: nothing else opens before, and nothing typed is lost.

Also the way through it by forms alone, as a browser without scripts goes it.
"""

import re

import msgspec
import pyotp
import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from feedsvc.config import Config
from feedsvc.model import Action, Role
from feedsvc.storage.audit import Wanted
from feedsvc.web.desk.guard import _OPEN
from feedsvc.web.desk.setting_up import WHILE_SETTING_UP
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, audit, factors, signing_in
from tests.factories import COMMAND_LINE
from tests.fakes import FakeClock
from tests.web.desk_client import NAME, PASSWORD, Browser, Page
from tests.web.routes import in_order, method_of
from tests.web.test_route_matrix import Desk

SIGN_IN = "//form[.//input[@type='password']]"
BEGIN = "//form[@action='/desk/account/second-factor']"
CODE = "//form[.//input[@name='code']]"
KEPT = "//form[.//button[@value='continue']]"
KEY = "//form[@data-passkey]"
PAGE = "/desk/account/second-factor"
BY_SCRIPT = {"desk.autosave", "desk.autosave_new", "desk.live", "desk.live_new"}


@pytest.fixture
def config(config: Config) -> Config:
    desk = msgspec.structs.replace(config.desk, second_factor="everybody")
    return msgspec.structs.replace(config, desk=desk)


def finish(browser: Browser, page: Page, clock: FakeClock) -> Page:
    """Set up an app, beginning with the page that demands it, and go on."""
    offered = browser.send(page, BEGIN)
    secret = offered.words("//code")
    codes = browser.send(offered, CODE, code=pyotp.TOTP(secret).at(clock.now()))
    assert len(codes.words("//li/code").split()) == 10
    return browser.send(codes, KEPT, action="continue")


def without_factor(browser: Browser) -> Page:
    """Answer what nothing but the way through is in."""
    page = browser.open("/desk/")
    assert (page.path, page.status) == (PAGE, 200)
    assert "One step more" in page.words("//h1")
    return page


def test_nothing_else_of_the_desk_opens(app: Flask, service: Service) -> None:
    """Promise of docs/accounts.md: every route of the table, for each role, is shut."""
    desk = Desk(app, service)
    before, wrong = desk.titles(), {}
    for rule in in_order(app):
        if not rule.endpoint.startswith("desk."):
            continue
        is_open = rule.endpoint in WHILE_SETTING_UP | _OPEN
        for role in Role:
            client = desk.client(role)
            answer = desk.ask(rule, client, desk.token_of(client))
            if is_shut(rule, answer) is is_open:
                wrong[rule.endpoint, role] = answer.status_code

    assert wrong == {}
    assert desk.titles() == before
    assert {each.name for each in accounts.users(service.room)} == {
        *(role.value for role in Role),
        "other",
    }


def is_shut(rule: Rule, answer: TestResponse) -> bool:
    """Whether the answer leads to the page that demands a factor, and to nothing else."""
    if method_of(rule) == "GET":
        leads = answer.headers.get("Location", "").startswith(PAGE)
        return answer.status_code == 303 and leads
    sign = '"ended"' if rule.endpoint in BY_SCRIPT else "One step more"
    return answer.status_code == 403 and sign in answer.get_data(as_text=True)


def test_what_is_open_meanwhile_is_known_here() -> None:
    """Whatever is added to it is thought about twice."""
    assert set(WHILE_SETTING_UP) == {
        *("desk.second_factor", "desk.begin_second_factor", "desk.confirm_second_factor"),
        *("desk.begin_passkey", "desk.add_passkey", "desk.sign_out"),
        *("desk.account", "desk.change_password"),
        *("desk.end_session", "desk.end_other_sessions"),
    }


def test_scripts_of_a_form_are_told_that_it_is_shut(asha: Browser) -> None:
    token = without_factor(asha).values(BEGIN)["csrf_token"]

    page = asha.post("/desk/articles/new/autosave", {"csrf_token": token, "title": "A"})

    assert (page.status, '"ended"' in page.text) == (403, True)


def test_the_page_explains_and_offers_both_ways(asha: Browser) -> None:
    page = without_factor(asha)

    assert page.words("//h2") == "Codes of an app Passkeys"
    assert page.has("//form[@action='/desk/account/passkeys/begin']")
    assert page.words("//nav//a") == "View site Your account asha"
    assert "The desk opens once" in asha.open("/desk/account").words("//main")


def test_without_passkeys_one_way_is_offered(
    asha: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factors, "_is_installed", lambda: False)

    assert without_factor(asha).words("//h2") == "Codes of an app"


def test_where_somebody_was_going_is_where_they_come(asha: Browser, clock: FakeClock) -> None:
    page = finish(asha, asha.open("/desk/coming"), clock)

    assert (page.path, page.status) == ("/desk/coming", 200)
    assert asha.open(PAGE).path == "/desk/"


def test_text_survives_the_setting_up(
    app: Flask, service: Service, config: Config, clock: FakeClock
) -> None:
    """Written in a session that ended, saved by signing in with a password alone."""
    accounts.add_user(service.room, NAME, PASSWORD, by=COMMAND_LINE)
    browser = Browser(app, service)
    text = {"title": "Half a thought", "body_source": "Long work.", "action": "save"}
    asked = browser.post("/desk/articles/new", text)

    demanded = browser.send(asked, SIGN_IN, name=NAME, password=PASSWORD)
    assert "kept in this page" in demanded.words("//*[@role='status']")
    page = finish(browser, demanded, clock)

    assert page.values()["body_source"] == "Long work."
    assert "signed in again" in page.words("//main")


def test_text_that_is_sent_before_is_kept_too(asha: Browser, clock: FakeClock) -> None:
    """The setting, or the role, may have changed while somebody wrote."""
    token = without_factor(asha).values(BEGIN)["csrf_token"]
    sent = {"csrf_token": token, "title": "A", "body_source": "Long work.", "action": "save"}

    demanded = asha.post("/desk/articles/new", sent)
    assert demanded.status == 403
    page = finish(asha, demanded, clock)

    assert page.values()["body_source"] == "Long work."
    wanted = Wanted(action=Action.REFUSED)
    [refused] = audit.listing(asha.service.room, wanted, by=COMMAND_LINE)
    assert refused.entry.who == NAME


def test_a_held_text_cannot_be_opened_around_the_page(asha: Browser) -> None:
    """`Go on` of the sign-in page opens the form of an article, for who may have it."""
    token = without_factor(asha).values(BEGIN)["csrf_token"]
    held = '{"path": "/desk/articles/new", "fields": [["title", "A"]]}'

    sent = {"csrf_token": token, "action": "continue", "held": held}
    page = asha.post("/desk/sign-in", sent)

    assert "One step more" in page.words("//h1")


def test_a_refused_passkey_leads_back_to_the_page(asha: Browser) -> None:
    token = without_factor(asha).values(BEGIN)["csrf_token"]
    sent = {"csrf_token": token, "challenge": "x", "answer": "{}", "next": "/desk/coming"}

    page = asha.post("/desk/account/passkeys", sent)

    assert page.status == 400
    assert "did not work" in page.words("//*[@role='alert']")
    assert page.values(BEGIN)["next"] == "/desk/coming"


def test_who_has_a_passkey_is_asked_for_it_after_the_password(
    app: Flask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha = Browser(app, service).sign_in()
    monkeypatch.setattr("feedsvc.workflow.factors.has_one", lambda *_: True)

    asked = asha.send(asha.open("/desk/sign-in"), SIGN_IN, name=NAME, password=PASSWORD)
    link = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
    by_link = asha.send(asha.open(f"/desk/sign-in/link/{link}"), "//main//form")

    for page, said in ((asked, "Your password is right"), (by_link, "Your link is good")):
        assert (page.status, page.has(KEY)) == (200, True)
        again = asha.send(page, KEY, answer="{}")
        assert (again.status, again.has("//*[@role='alert']")) == (403, True)
        assert said in page.words("//main")
        assert said in again.words("//main")


def test_first_account_is_set_up_through_it(
    app: Flask, service: Service, clock: FakeClock
) -> None:
    """Promise of docs/accounts.md: whoever begins is not locked out."""
    browser = Browser(app, service)
    start = browser.open(f"/desk/setup/{signing_in.make_setup_token(service.room)}")

    demanded = browser.send(start, SIGN_IN, name=NAME, password=PASSWORD)
    assert demanded.path == PAGE
    page = finish(browser, demanded, clock)

    assert page.path == "/desk/"
    assert "Your account is ready" in page.words("//*[@role='status']")


def test_who_comes_by_link_is_told_of_a_password(
    app: Flask, service: Service, clock: FakeClock
) -> None:
    accounts.add_user(service.room, NAME, PASSWORD, by=COMMAND_LINE)
    browser = Browser(app, service)
    link = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)

    demanded = browser.send(browser.open(f"/desk/sign-in/link/{link}"), "//main//form")
    assert "Set a password of your own" in demanded.words("//main")
    page = finish(browser, demanded, clock)

    assert "Set a password of your own" in page.words("//*[@role='status']")


def test_the_last_one_stays(asha: Browser, clock: FakeClock) -> None:
    finish(asha, without_factor(asha), clock)
    page = asha.open("/desk/account")
    token = page.values("//form")["csrf_token"]

    refused = asha.post("/desk/account/second-factor/off", {"csrf_token": token})

    assert not page.has("//button[contains(@formaction, '/off')]")
    assert page.has("//button[contains(@formaction, '/replace')]")
    assert "the last one stays" in page.words("//main")
    assert refused.status == 403
    assert "set up another one first" in refused.words("//main")
    assert asha.open("/desk/").path == "/desk/"


def test_people_who_have_none_are_named_to_admins(asha: Browser, clock: FakeClock) -> None:
    room = asha.service.room
    accounts.add_user(room, "ravi", PASSWORD, by=COMMAND_LINE, role=Role.REPORTER)
    page = finish(asha, asha.open("/desk/people/"), clock)

    rows = page.root.xpath("//li[@class='row']")
    said = [re.sub(r"\s+", " ", row.text_content()).strip() for row in rows]
    assert [("No second factor" in each) for each in said] == [False, True]
    for user in accounts.users(room):
        person = asha.open(f"/desk/people/{user.id}")
        assert ("No second factor" in person.words("//main")) is (user.name == "ravi")
        # Nobody takes away their own here: the last one stays.
        assert not person.has("//form[contains(@action, '/second-factor')]")


HELD = (
    '{"path": "/desk/articles/new", "fields": [["title", "A"], ["body_source", "Long work."]]}'
)


def test_who_came_by_link_is_not_asked_for_a_password_they_never_had(
    app: Flask, service: Service, clock: FakeClock
) -> None:
    accounts.add_user(service.room, NAME, PASSWORD, by=COMMAND_LINE)
    browser = Browser(app, service)
    link = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
    demanded = browser.send(browser.open(f"/desk/sign-in/link/{link}"), "//main//form")
    clock.advance(660)  # an app had to be found first

    assert finish(browser, demanded, clock).path == "/desk/"
    wanted = browser.send(browser.open("/desk/account"), "//form[contains(@action, 'codes')]")
    assert wanted.has(SIGN_IN)


def test_text_survives_a_session_that_ends_between_the_pages(
    asha: Browser, clock: FakeClock
) -> None:
    token = without_factor(asha).values(BEGIN)["csrf_token"]
    clock.advance(13 * 3600)

    ended = asha.post(PAGE, {"csrf_token": token, "held": HELD, "next": "/desk/coming"})
    assert ended.has(SIGN_IN)
    page = finish(asha, asha.send(ended, SIGN_IN, name=NAME, password=PASSWORD), clock)

    assert page.values()["body_source"] == "Long work."


def test_text_survives_a_form_of_another_session(asha: Browser, clock: FakeClock) -> None:
    without_factor(asha)

    refused = asha.post(PAGE, {"csrf_token": "another", "held": HELD, "next": "/desk/"})
    assert "another session" in refused.words("//*[@role='alert']")
    page = finish(asha, refused, clock)

    assert page.values()["body_source"] == "Long work."


def test_text_survives_another_tab_that_is_quicker(asha: Browser, clock: FakeClock) -> None:
    finish(asha, without_factor(asha), clock)
    token = asha.open("/desk/account").values("//form")["csrf_token"]

    page = asha.post(PAGE, {"csrf_token": token, "held": HELD})

    assert page.values()["body_source"] == "Long work."


@pytest.mark.parametrize("is_renewed", [True, False])
def test_text_and_recovery_codes_survive_a_button_that_is_pressed_twice(
    asha: Browser, clock: FakeClock, is_renewed: bool
) -> None:
    token = without_factor(asha).values(BEGIN)["csrf_token"]
    offered = asha.post(PAGE, {"csrf_token": token, "held": HELD})
    code = pyotp.TOTP(offered.words("//code")).at(clock.now())
    asha.send(offered, CODE, code=code)

    page = asha.send(offered, CODE, code=code)
    if is_renewed:
        page = asha.send(page, "//form[contains(@action, '/codes')]")
        assert len(page.words("//li/code").split()) == 10
    page = asha.send(page, KEPT, action="continue")

    assert page.values()["body_source"] == "Long work."


def test_a_code_for_what_nobody_offered_leads_back_to_the_page(asha: Browser) -> None:
    token = without_factor(asha).values(BEGIN)["csrf_token"]
    sent = {"csrf_token": token, "code": "000000", "next": "/desk/coming"}

    assert "next=/desk/coming" in asha.post(f"{PAGE}/confirm", sent).headers["Location"]
    sent.pop("next")
    assert asha.post(f"{PAGE}/confirm", sent).headers["Location"] == "/desk/account"


def test_who_goes_nowhere_is_told_that_it_is_on_already(
    asha: Browser, clock: FakeClock
) -> None:
    finish(asha, without_factor(asha), clock)
    token = asha.open("/desk/account").values("//form")["csrf_token"]

    assert asha.post(PAGE, {"csrf_token": token}).status == 400
    late = asha.post(f"{PAGE}/confirm", {"csrf_token": token})
    assert (late.status, late.words("//h1")) == (200, "Recovery codes")


def test_text_survives_a_database_that_is_away(asha: Browser) -> None:
    token = without_factor(asha).values(BEGIN)["csrf_token"]
    with asha.service.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE second_factor RENAME TO lost")

    page = asha.post(PAGE, {"csrf_token": token, "held": HELD})

    assert page.status == 503
    assert page.values("//main//form")["held"] == HELD
