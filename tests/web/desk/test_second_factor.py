"""Codes of an app, at the desk: set up, asked for, taken away."""

import base64
from urllib.parse import unquote

import pyotp
import pytest
from flask import Flask

from feedsvc.model import Role
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, second_factor
from tests.factories import COMMAND_LINE
from tests.fakes import FakeClock
from tests.web.desk_client import NAME, PASSWORD, Browser, Page

SIGN_IN = "//form[.//input[@type='password']]"
CODE = "//form[.//input[@name='code']]"
FACTOR = "//form[contains(@action, '/second-factor')]"
ALERT = "//p[@class='error']"


class Phone:
    """An app with the secret, as somebody sets it up at the desk."""

    def __init__(self, browser: Browser, clock: FakeClock) -> None:
        self._clock = clock
        self.offered = browser.send(browser.open("/desk/account"), FACTOR)
        self.secret = self.offered.words("//code")
        self.page = browser.send(self.offered, CODE, code=self.code())
        self.codes = self.page.words("//li/code").split()
        clock.advance(60)

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self._clock.now())


@pytest.fixture
def phone(asha: Browser, clock: FakeClock) -> Phone:
    return Phone(asha, clock)


def enter(browser: Browser) -> Page:
    """Give name and password."""
    page = browser.open("/desk/sign-in?next=/desk/account")
    return browser.send(page, SIGN_IN, name=NAME, password=PASSWORD)


def test_it_is_set_up_with_a_picture_and_a_code(phone: Phone, asha: Browser) -> None:
    kind, _, data = phone.offered.root.xpath("//img/@src")[0].partition(",")
    drawn = data if "base64" not in kind else base64.b64decode(data).decode()

    assert kind.startswith("data:image/svg+xml")
    assert "<svg" in unquote(drawn)
    assert len(phone.codes) == 10
    assert "Switched on" in asha.open("/desk/account").words("//main")


def test_a_wrong_first_code_is_asked_for_again(asha: Browser) -> None:
    offered = asha.send(asha.open("/desk/account"), FACTOR)

    again = asha.send(offered, CODE, code="000 000")

    assert again.status == 400
    assert again.has(ALERT)
    assert again.words("//code") == offered.words("//code")


def test_code_is_asked_for_after_the_password(
    app: Flask, service: Service, phone: Phone
) -> None:
    browser = Browser(app, service)

    asked = enter(browser)
    assert browser.open("/desk/").path == "/desk/sign-in"
    wrong = browser.send(asked, CODE, code="000000")
    assert (wrong.status, wrong.has(ALERT)) == (403, True)
    done = browser.send(wrong, CODE, code=phone.code())

    assert done.path == "/desk/account"


def test_recovery_code_does_as_well(app: Flask, service: Service, phone: Phone) -> None:
    browser = Browser(app, service)

    done = browser.send(enter(browser), CODE, code=phone.codes[3])

    assert "9 recovery codes are left" in done.words("//main")


def test_guessing_codes_is_slowed(app: Flask, service: Service, phone: Phone) -> None:
    browser = Browser(app, service)
    page = enter(browser)

    answers = [browser.send(page, CODE, code=f"{number:06d}") for number in range(6)]

    assert answers[-1].status == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_text_survives_a_sign_in_with_a_code(
    app: Flask, service: Service, asha: Browser, phone: Phone
) -> None:
    form = asha.open("/desk/articles/new")
    asha.client.delete_cookie("__Host-feedsvc")
    asked = asha.send(form, title="Half a thought", body_source="Long work.")

    code = asha.send(asked, SIGN_IN, name=NAME, password=PASSWORD)
    page = asha.send(code, CODE, code=phone.code())

    assert page.values()["body_source"] == "Long work."


def test_it_is_switched_off(app: Flask, service: Service, asha: Browser, phone: Phone) -> None:
    page = asha.open("/desk/account")

    asha.client.post("/desk/account/second-factor/off", data=page.values(FACTOR))

    assert enter(Browser(app, service)).path == "/desk/account"


def test_new_recovery_codes_are_shown_once(asha: Browser, phone: Phone) -> None:
    page = asha.send(asha.open("/desk/account"), FACTOR)

    fresh = page.words("//li/code").split()
    assert len(set(fresh) - set(phone.codes)) == 10
    assert fresh[0] not in asha.open("/desk/account").text


@pytest.mark.parametrize("path", ["", "/confirm", "/codes", "/off"])
def test_password_is_asked_before_it_is_changed(
    asha: Browser, service: Service, clock: FakeClock, phone: Phone, path: str
) -> None:
    clock.advance(11 * 60)
    token = asha.open("/desk/account").values(FACTOR)["csrf_token"]

    page = asha.post(f"/desk/account/second-factor{path}", {"csrf_token": token})

    assert page.status == 403
    assert page.has("//input[@name='confirm_password']")
    assert second_factor.is_on(service.room, accounts.users(service.room)[0].id)


def test_passkey_is_added_only_by_who_has_lately_shown_who_they_are(
    asha: Browser, clock: FakeClock
) -> None:
    clock.advance(11 * 60)
    token = asha.open("/desk/account").values("//form")["csrf_token"]
    sent = {"csrf_token": token, "challenge": "x", "answer": "{}"}

    page = asha.post("/desk/account/passkeys", sent)

    assert page.status == 403
    assert page.has("//input[@name='confirm_password']")


def test_refused_passkey_is_begun_anew(asha: Browser) -> None:
    """A challenge is handed out where the password is asked for, and nowhere else."""
    token = asha.open("/desk/account").values("//form")["csrf_token"]
    sent = {"csrf_token": token, "challenge": "x", "answer": "{}"}

    page = asha.post("/desk/account/passkeys", sent)

    assert (page.status, page.headers["Location"]) == (303, "/desk/account?notice=not-added")
    page = asha.open("/desk/account?notice=not-added")
    assert "That did not work" in page.words("//*[@role='alert']")


def test_admin_takes_it_away_from_somebody(
    app: Flask, service: Service, asha: Browser, clock: FakeClock
) -> None:
    accounts.add_user(service.room, "ravi", PASSWORD, by=COMMAND_LINE, role=Role.REPORTER)
    ravi = Browser(app, service).sign_in("ravi")
    Phone(ravi, clock)
    number = next(u.id for u in accounts.users(service.room) if u.name == "ravi")

    page = asha.send(asha.open(f"/desk/people/{number}"), FACTOR)

    assert page.status == 200
    assert not second_factor.is_on(service.room, number)
    assert not page.has(FACTOR)
