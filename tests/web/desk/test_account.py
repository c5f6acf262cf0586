"""Your account: another password, and where you are signed in."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from feedsvc.errors import SignInError
from feedsvc.model import By, Role
from feedsvc.web.desk.browsers import named
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, signing_in
from tests.factories import COMMAND_LINE
from tests.fakes import FakeClock
from tests.web.desk_client import NAME, PASSWORD, Browser, Page

OTHER = "nine rivers of assam"
PASSWORD_FORM = "//form[contains(@action, '/account/password')]"
END_FORM = "//form[contains(@action, '/sessions/end')]"
SESSION_NAMES = "//section[@aria-labelledby='sessions-head']//li//h3"
OTHERS_FORM = "//form[contains(@action, '/sessions/end-others')]"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ALERT = "//*[@role='alert']"


def opens(service: Service, password: str, name: str = NAME) -> bool:
    """Whether a password is the one."""
    try:
        signing_in.sign_in(service.room, name, password, address="", agent=FIREFOX)
    except SignInError:
        return False
    return True


def change(browser: Browser, current: str, password: str) -> Page:
    page = browser.open("/desk/account")
    return browser.send(page, PASSWORD_FORM, current=current, password=password)


def test_password_is_changed_and_other_sessions_end(
    app: Flask, service: Service, asha: Browser
) -> None:
    elsewhere = Browser(app, service).sign_in()

    page = change(asha, PASSWORD, OTHER)

    assert "changed" in page.words("//*[@role='status']")
    assert asha.open("/desk/").path == "/desk/"
    assert elsewhere.open("/desk/").path == "/desk/sign-in"
    assert (opens(service, PASSWORD), opens(service, OTHER)) == (False, True)


def test_new_password_voids_links(service: Service, asha: Browser) -> None:
    link = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)

    change(asha, PASSWORD, OTHER)

    assert not signing_in.link_is_good(service.room, link)


@pytest.mark.parametrize(
    ("current", "new", "status"),
    [
        pytest.param("wrong", OTHER, 403, id="not the password"),
        pytest.param("", OTHER, 403, id="no password"),
        pytest.param(PASSWORD, "short", 400, id="too short"),
        pytest.param(PASSWORD, "password1234", 400, id="too common"),
    ],
)
def test_password_stays_otherwise(
    service: Service, asha: Browser, current: str, new: str, status: int
) -> None:
    page = change(asha, current, new)

    assert page.status == status
    assert page.has(ALERT)
    assert new not in page.text
    assert opens(service, PASSWORD)


def test_guessing_in_an_open_browser_is_slowed(asha: Browser) -> None:
    answers = [change(asha, f"guess {number}", OTHER) for number in range(7)]

    assert answers[-1].status == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_who_came_by_link_sets_a_password_without_the_old_one(
    app: Flask, service: Service, clock: FakeClock
) -> None:
    accounts.add_user(service.room, NAME, PASSWORD, by=COMMAND_LINE)
    token = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
    browser = Browser(app, service)
    browser.send(browser.open(f"/desk/sign-in/link/{token}"), "//form[@method='post']")

    page = browser.send(browser.open("/desk/account"), PASSWORD_FORM, password=OTHER)

    assert "changed" in page.words("//*[@role='status']")
    assert opens(service, OTHER)
    # The link is used up, and so is what it allowed.
    assert change(browser, "", PASSWORD).status == 403


def test_a_used_link_tells_who_is_signed_in_that_they_are(
    app: Flask, service: Service, asha: Browser
) -> None:
    token = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
    link = f"/desk/sign-in/link/{token}"
    browser = Browser(app, service)
    browser.send(browser.open(link), "//form[@method='post']")

    page = browser.open(link)

    assert "You are signed in" in page.words("//*[@role='status']")
    assert page.has("//main//a[@href='/desk/']")
    assert Browser(app, service).open(link).has("//*[@role='alert']")


def test_link_is_soon_no_reason_any_more(
    app: Flask, service: Service, clock: FakeClock
) -> None:
    accounts.add_user(service.room, NAME, PASSWORD, by=COMMAND_LINE)
    token = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
    browser = Browser(app, service)
    browser.send(browser.open(f"/desk/sign-in/link/{token}"), "//form[@method='post']")
    clock.advance(11 * 60)

    page = browser.send(browser.open("/desk/account"), PASSWORD_FORM, password=OTHER)

    assert page.status == 403
    assert opens(service, PASSWORD)


def test_who_came_by_link_and_has_no_password_is_told_what_to_do(
    app: Flask, service: Service, ravi: int, clock: FakeClock
) -> None:
    token = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
    browser, told = Browser(app, service), "Ask an admin for a new link"
    browser.send(browser.open(f"/desk/sign-in/link/{token}"), "//form[@method='post']")
    assert told not in browser.open("/desk/account").text
    clock.advance(11 * 60)

    account = browser.open("/desk/account")
    asked = browser.send(
        browser.open(f"/desk/people/{ravi}"), "//form[contains(@action, '/role')]"
    )

    assert told in account.words("//*[@id='current-hint']")
    assert told in asked.words("//*[@id='confirm_password-hint']")


def test_who_came_by_password_is_told_of_no_link(
    asha: Browser, ravi: int, clock: FakeClock
) -> None:
    clock.advance(11 * 60)

    account = asha.open("/desk/account")
    asked = asha.send(asha.open(f"/desk/people/{ravi}"), "//form[contains(@action, '/role')]")

    assert account.has("//input[@id='current']")
    assert asked.has("//input[@id='confirm_password']")
    assert "link" not in account.words("//main") + asked.words("//main")


def test_sessions_are_listed_with_browser_and_times(
    app: Flask, service: Service, asha: Browser
) -> None:
    signing_in.sign_in(service.room, NAME, PASSWORD, address="", agent=FIREFOX)

    page = asha.open("/desk/account")

    assert page.words(SESSION_NAMES) in {"a test Firefox on Linux", "Firefox on Linux a test"}
    assert page.words("//li//strong") == "This one"
    assert page.words("//li[.//strong]").count("22 Nov") == 2
    assert "192.0" not in page.text


def test_sessions_that_are_over_are_not_listed(
    service: Service, asha: Browser, clock: FakeClock
) -> None:
    signing_in.sign_in(service.room, NAME, PASSWORD, address="", agent=FIREFOX)
    clock.advance(11 * 3600)
    asha.open("/desk/")
    clock.advance(11 * 3600)

    assert asha.open("/desk/account").words(SESSION_NAMES) == "a test"


def test_one_session_is_ended(app: Flask, service: Service, asha: Browser) -> None:
    elsewhere, third = (Browser(app, service).sign_in() for _ in range(2))
    ended = session_id(service, elsewhere)
    page = asha.open("/desk/account")

    page = asha.send(page, END_FORM, session=ended)

    assert page.status == 200
    assert elsewhere.open("/desk/").path == "/desk/sign-in"
    assert third.open("/desk/").path == "/desk/"


def session_id(service: Service, browser: Browser) -> str:
    cookie = browser.client.get_cookie("__Host-feedsvc")
    assert cookie is not None
    session = signing_in.session(service.room, cookie.value)
    assert session is not None
    return session.id


def test_sessions_of_others_cannot_be_ended(
    app: Flask, service: Service, asha: Browser
) -> None:
    ravi = Browser(app, service).sign_in("ravi")
    Browser(app, service).sign_in()
    page = asha.open("/desk/account")

    asha.send(page, END_FORM, session=session_id(service, ravi))
    asha.send(asha.open("/desk/account"), OTHERS_FORM)

    assert ravi.open("/desk/").path == "/desk/"


HAPPENED = "//section[@aria-labelledby='happened-head']"


def test_reporter_is_told_what_happened_to_their_account(app: Flask, service: Service) -> None:
    admin = accounts.add_user(service.room, NAME, PASSWORD, by=COMMAND_LINE)
    accounts.add_user(service.room, "ravi", PASSWORD, by=COMMAND_LINE, role=Role.REPORTER)
    ravi = Browser(app, service).sign_in("ravi")
    signing_in.make_sign_in_link(service.room, "ravi", by=By.of(admin, "203.0.113.7"))
    change(ravi, PASSWORD, OTHER)
    accounts.set_role(service.room, "ravi", Role.EDITOR, by=COMMAND_LINE)

    page = ravi.open("/desk/account")

    told = [" ".join(row.text_content().split()) for row in page.root.xpath(f"{HAPPENED}//li")]
    assert [row.replace("Sun 22 Nov 2026, 12:00", "-") for row in told] == [
        "Changed a role - by command line Role: Reporter \u2192 Editor",
        "Changed a password - from your own account",
        "Made a sign-in link - by asha",
        "Signed in - from your own account By means of: Password",
        "Added a user - by command line Shown name: ravi Role: Reporter",
    ]
    assert "tell an admin" in page.words(HAPPENED)
    assert "203.0.113" not in page.text


def test_all_others_are_ended(app: Flask, service: Service, asha: Browser) -> None:
    elsewhere = Browser(app, service).sign_in()

    asha.send(asha.open("/desk/account"), OTHERS_FORM)

    assert elsewhere.open("/desk/").path == "/desk/sign-in"
    assert not asha.open("/desk/account").has(OTHERS_FORM)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.5", "curl/8.5"),
        ("Firefox/140.0", "Firefox"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_have_names(agent: str, name: str) -> None:
    assert named(agent) == name


# People


@pytest.fixture
def ravi(service: Service, asha: Browser) -> int:
    return accounts.add_user(
        service.room, "ravi", PASSWORD, "Ravi Kumar", by=COMMAND_LINE, role=Role.REPORTER
    ).id


def role_of(service: Service, name: str) -> Role | None:
    found = [user for user in accounts.users(service.room) if user.name == name]
    return None if found[0].disabled else found[0].role


ADD_FORM = "//form[.//input[@name='display_name']]"


def test_somebody_is_added_and_comes_in_by_the_link(
    app: Flask, service: Service, asha: Browser
) -> None:
    page = asha.send(
        asha.open("/desk/people/"),
        ADD_FORM,
        name="Meera",
        display_name="Meera Sen",
        role="editor",
    )
    address = page.words("//code")

    meera = Browser(app, service)
    path = re.sub("^https://[^/]+", "", address)
    home = meera.send(meera.open(path), "//form[@method='post']")

    assert role_of(service, "meera") is Role.EDITOR
    assert home.path == "/desk/"
    assert "Set a password" in home.words("//*[@role='status']")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"name": "not a name"}, 400, id="name"),
        pytest.param({"role": "owner"}, 400, id="role"),
        pytest.param({"name": NAME}, 409, id="taken"),
    ],
)
def test_nobody_is_added_otherwise(
    service: Service, asha: Browser, changes: dict[str, str], status: int
) -> None:
    given = {"name": "meera", "role": "editor", **changes}

    page = asha.send(asha.open("/desk/people/"), ADD_FORM, **given)

    assert page.status == status
    assert page.has(ALERT)
    assert len(accounts.users(service.room)) == 1


def test_a_role_is_changed(service: Service, asha: Browser, ravi: int) -> None:
    form = "//form[contains(@action, '/role')]"

    page = asha.send(asha.open(f"/desk/people/{ravi}"), form, role="admin")

    assert role_of(service, "ravi") is Role.ADMIN
    assert page.words("//p[@class='facts']").startswith("ravi Admin")


def test_a_role_that_there_is_not_is_refused(
    service: Service, asha: Browser, ravi: int
) -> None:
    form = "//form[contains(@action, '/role')]"

    page = asha.send(asha.open(f"/desk/people/{ravi}"), form, role="owner")

    assert (page.status, role_of(service, "ravi")) == (400, Role.REPORTER)


def test_somebody_is_shut_out_and_let_in_again(
    service: Service, asha: Browser, ravi: int
) -> None:
    page = asha.send(asha.open(f"/desk/people/{ravi}"), "//form[contains(@action, '/disable')]")
    assert role_of(service, "ravi") is None
    assert "Disabled" in asha.open("/desk/people/").words("//li")

    asha.send(page, "//form[contains(@action, '/enable')]")
    assert role_of(service, "ravi") is Role.REPORTER


@pytest.mark.parametrize("form", ["role", "disable"])
def test_last_admin_stays(service: Service, asha: Browser, form: str) -> None:
    (me,) = accounts.users(service.room)
    page = asha.open(f"/desk/people/{me.id}")

    answer = asha.send(page, f"//form[contains(@action, '/{form}')]", role="editor")

    assert answer.status == 409
    assert "the only admin" in answer.words(ALERT)
    assert role_of(service, NAME) is Role.ADMIN


def test_a_link_is_made_for_somebody(service: Service, asha: Browser, ravi: int) -> None:
    page = asha.send(asha.open(f"/desk/people/{ravi}"), "//form[contains(@action, '/link')]")

    token = page.words("//code").rpartition("/")[2]
    assert signing_in.link_is_good(service.room, token)


def test_a_link_is_good_for_an_hour_and_void_with_the_next(
    service: Service, asha: Browser, ravi: int, clock: FakeClock
) -> None:
    first, second = (
        signing_in.make_sign_in_link(service.room, "ravi", by=COMMAND_LINE) for _ in range(2)
    )
    assert not signing_in.link_is_good(service.room, first)
    clock.advance(60 * 60 - 1)
    assert signing_in.link_is_good(service.room, second)
    clock.advance(2)
    assert not signing_in.link_is_good(service.room, second)


def test_there_is_nobody_of_that_number(asha: Browser) -> None:
    assert asha.open("/desk/people/999").status == 404


# Showing who is there


LATER = timedelta(minutes=11)


def test_password_is_asked_before_what_is_sensitive(
    service: Service, asha: Browser, ravi: int, clock: FakeClock
) -> None:
    clock.advance(int(LATER.total_seconds()))
    form = "//form[contains(@action, '/role')]"

    asked = asha.send(asha.open(f"/desk/people/{ravi}"), form, role="admin")
    assert (asked.status, role_of(service, "ravi")) == (403, Role.REPORTER)
    confirm = "//form[.//input[@name='confirm_password']]"
    wrong = asha.send(asked, confirm, confirm_password="wrong")
    assert (wrong.status, role_of(service, "ravi")) == (403, Role.REPORTER)

    done = asha.send(wrong, confirm, confirm_password=PASSWORD)

    assert done.status == 200
    assert role_of(service, "ravi") is Role.ADMIN
    assert PASSWORD not in asked.text + wrong.text + done.text
    # For a while it is not asked for again.
    asha.send(asha.open(f"/desk/people/{ravi}"), form, role="editor")
    assert role_of(service, "ravi") is Role.EDITOR


def test_guessing_who_is_there_is_slowed(
    service: Service, asha: Browser, ravi: int, clock: FakeClock
) -> None:
    clock.advance(int(LATER.total_seconds()))
    page = asha.open(f"/desk/people/{ravi}")
    sent = {"role": "admin", "confirm_password": "wrong"}

    answers = [asha.send(page, "//form[contains(@action, '/role')]", **sent) for _ in range(7)]

    assert answers[-1].status == 429
    assert role_of(service, "ravi") is Role.REPORTER


def test_who_does_not_want_to_be_asked_goes_back(
    asha: Browser, ravi: int, clock: FakeClock
) -> None:
    clock.advance(11 * 60)
    token = asha.open("/desk/account").values("//form")["csrf_token"]
    person = f"/desk/people/{ravi}"

    for path, back in (
        (f"{person}/link", person),
        ("/desk/people/", "/desk/people/"),
        ("/desk/account/second-factor", "/desk/account"),
    ):
        page = asha.post(path, {"csrf_token": token, "name": "eve"})
        assert (page.status, page.words("//h1")) == (403, "Is it you?")
        assert page.has(f"//main//a[@href='{back}']")
