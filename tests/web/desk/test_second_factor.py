"""Codes of an app, at the desk: set up, asked for, taken away."""

import base64
from urllib.parse import unquote

import pyotp
import pytest
from flask import Flask, url_for

from feedsvc.model import Role, Session
from feedsvc.web.desk.confirming import FACTORS, SENSITIVE
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, own_account, second_factor, signing_in
from feedsvc.workflow.passkeys import Asked
from tests.factories import COMMAND_LINE
from tests.fakes import FakeClock
from tests.web.desk_client import NAME, PASSWORD, Browser, Page
from tests.workflow.test_passkeys import Device, add

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
    assert phone.page.has("//ul[@id='codes']")
    assert phone.page.has("//button[@data-copy='codes'][@hidden]")  # until a script shows it
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
    # Who is the only admin finds a way, too.
    assert asked.words("//code") == "feedsvc user reset-second-factor"
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


def test_new_recovery_codes_asked_for_twice_are_the_same(asha: Browser, phone: Phone) -> None:
    """Without scripts nothing keeps from pressing twice; a browser shows one of two answers."""
    account = asha.open("/desk/account")

    first, last = (asha.send(account, FACTOR).words("//li/code").split() for _ in range(2))

    assert (first, len(first)) == (last, 10)


def test_an_old_page_makes_no_new_recovery_codes(asha: Browser, phone: Phone) -> None:
    account = asha.open("/desk/account")
    asha.send(asha.open("/desk/account"), FACTOR)

    told = asha.send(account, FACTOR)

    assert "No new recovery codes were made" in told.words("//*[@role='status']")
    codes = asha.send(told, "//form[contains(@action, '/codes')]").words("//li/code").split()
    assert len(codes) == 10


@pytest.mark.parametrize("path", ["", "/confirm", "/replace", "/codes", "/off"])
def test_password_is_asked_before_it_is_changed(
    asha: Browser, service: Service, clock: FakeClock, phone: Phone, path: str
) -> None:
    clock.advance(11 * 60)
    token = asha.open("/desk/account").values(FACTOR)["csrf_token"]

    page = asha.post(f"/desk/account/second-factor{path}", {"csrf_token": token})

    assert page.status == 403
    assert page.has("//input[@name='confirm_password']")
    assert page.has("//input[@name='confirm_code']")
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


@pytest.mark.parametrize("whose", ["asha", "ravi"])
@pytest.mark.parametrize("endpoint", sorted(SENSITIVE - FACTORS))
def test_it_is_shown_before_anybodys_account_is_changed(
    asha: Browser, service: Service, clock: FakeClock, phone: Phone, endpoint: str, whose: str
) -> None:
    """Else another admin, whom a stolen session adds, would take it away."""
    accounts.add_user(service.room, "ravi", PASSWORD, by=COMMAND_LINE, role=Role.REPORTER)
    clock.advance(11 * 60)
    before = accounts.users(service.room)
    number = next(user.id for user in before if user.name == whose)
    with asha.client.application.test_request_context():
        is_new = endpoint == "desk.add_person"
        path = url_for(endpoint) if is_new else url_for(endpoint, user_id=number)
    sent = asha.open("/desk/people/").values("//form") | {"name": "eve", "role": "admin"}

    page = asha.post(path, sent | {"confirm_password": PASSWORD})

    assert page.status == 403
    assert not page.has("//input[@name='confirm_password']")
    assert page.has("//input[@name='confirm_code']")
    assert accounts.users(service.room) == before


def test_own_row_of_people_offers_no_way_around_the_account(
    asha: Browser, service: Service, phone: Phone
) -> None:
    own = accounts.users(service.room)[0].id
    page = asha.open(f"/desk/people/{own}")
    sent = page.values("//form[contains(@action, '/role')]")

    assert not page.has(FACTOR)
    assert not page.has("//form[contains(@action, '/link')]")
    refused = asha.post(f"/desk/people/{own}/link", sent)
    assert refused.status == 403
    assert "page of your account" in refused.words("//main")


CONFIRM = "//form[.//input[starts-with(@name, 'confirm_')]]"
REPLACE = "/desk/account/second-factor/replace"


def ask_to_replace(browser: Browser) -> Page:
    """Press "Use another app" on the page of the account."""
    page = browser.open("/desk/account")
    assert page.has(f"//button[@formaction='{REPLACE}']")
    return browser.post(REPLACE, page.values(FACTOR))


def test_another_app_takes_the_place_of_the_one(
    app: Flask, service: Service, asha: Browser, clock: FakeClock, phone: Phone
) -> None:
    """A new phone: password and a code of the old one, then a code of the new one."""
    clock.advance(11 * 60)
    asked = ask_to_replace(asha)
    assert "your password and a code" in asked.words("//main")
    again = asha.send(asked, CONFIRM, confirm_password=PASSWORD, confirm_code="000000")
    assert (again.status, again.has(ALERT)) == (403, True)
    assert not again.has("//input[@name='confirm_password']")

    offered = asha.send(again, CONFIRM, confirm_code=phone.code())
    assert "counts until" in offered.words("//main")
    wrong = asha.send(offered, CODE, code=phone.code())
    assert (wrong.status, wrong.words("//h1")) == (400, "Use another app")
    secret = wrong.words("//code")
    done = asha.send(wrong, CODE, code=pyotp.TOTP(secret).at(clock.now()))

    assert "The old one opens nothing any more" in done.words("//*[@role='status']")
    codes = done.words("//li/code").split()
    assert len(set(codes) - set(phone.codes)) == 10
    clock.advance(60)
    browser = Browser(app, service)
    refused = browser.send(enter(browser), CODE, code=phone.code())
    assert refused.status == 403
    phone.secret = secret
    assert browser.send(refused, CODE, code=phone.code()).path == "/desk/account"


def test_a_recovery_code_does_without_the_old_app(
    asha: Browser, clock: FakeClock, phone: Phone
) -> None:
    clock.advance(11 * 60)
    page = asha.send(ask_to_replace(asha), CONFIRM, confirm_password=PASSWORD)
    assert page.has("//input[@name='confirm_code']")

    offered = asha.send(page, CONFIRM, confirm_code=phone.codes[0])

    assert offered.words("//h1") == "Use another app"


def test_a_session_opened_with_the_app_is_asked_all_the_same(
    app: Flask, service: Service, phone: Phone
) -> None:
    """Whoever has stolen it may change nothing by which its owner signs in."""
    browser = Browser(app, service)
    browser.send(enter(browser), CODE, code=phone.code())

    page = ask_to_replace(browser)

    assert (page.status, page.words("//h1")) == (403, "Is it you?")
    assert not page.has("//input[@name='confirm_password']")
    assert page.has("//input[@name='confirm_code']")


def test_guessing_codes_of_a_session_is_slowed(
    asha: Browser, clock: FakeClock, phone: Phone
) -> None:
    clock.advance(11 * 60)
    page = asha.send(ask_to_replace(asha), CONFIRM, confirm_password=PASSWORD)

    answers = [asha.send(page, CONFIRM, confirm_code=f"{number:06d}") for number in range(6)]

    assert answers[-1].status == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_switching_on_twice_leads_to_new_recovery_codes(
    app: Flask, service: Service, asha: Browser, clock: FakeClock
) -> None:
    """Without scripts a button can be pressed twice; the browser shows the last answer."""
    offered = asha.send(asha.open("/desk/account"), FACTOR)
    code = pyotp.TOTP(offered.words("//code")).at(clock.now())
    asha.send(offered, CODE, code=code)

    again = asha.send(offered, CODE, code=code)
    assert (again.status, again.has("//li/code")) == (200, False)
    assert "shown once" in again.words("//*[@role='status']")
    shown = asha.send(again, "//form[contains(@action, '/codes')]")

    codes = shown.words("//li/code").split()
    assert len(codes) == 10
    browser = Browser(app, service)
    assert browser.send(enter(browser), CODE, code=codes[0]).path == "/desk/account"


def test_who_has_a_passkey_may_show_that(
    asha: Browser, service: Service, clock: FakeClock
) -> None:
    room = service.room
    (mine,) = own_account.sessions(room, session_of(asha))
    device = Device()
    add(room, mine, device)
    device.count = 2
    clock.advance(11 * 60)
    page = asha.post("/desk/account/passkeys/begin", token_of(asha))
    assert page.has("//input[@name='confirm_password']")

    refused = asha.send(page, "//form[@data-passkey]", confirm_answer="{}")
    assert (refused.status, refused.has("//*[@role='alert']/p")) == (403, True)
    asked = Asked(options="", challenge=refused.root.xpath(CHALLENGE)[0])
    signed = device.sign(asked)
    done = asha.send(refused, "//form[@data-passkey]", confirm_answer=signed)

    assert (done.status, done.words("//h1")) == (200, "Add a passkey")
    assert own_account.is_confirmed(room, session_of(asha))


CHALLENGE = "//input[@name='confirm_challenge']/@value"


def session_of(browser: Browser) -> Session:
    cookie = browser.client.get_cookie("__Host-feedsvc")
    session = signing_in.session(browser.service.room, cookie.value if cookie else "")
    assert session is not None
    return session


def token_of(browser: Browser) -> dict[str, object]:
    return {"csrf_token": browser.open("/desk/account").values("//form")["csrf_token"]}
