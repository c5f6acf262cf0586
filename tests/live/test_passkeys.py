"""Passkeys in a real browser, with an authenticator that Chromium makes up."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

from feedsvc import config as configuration
from feedsvc.clock import SystemClock
from feedsvc.web import create_app
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow import accounts, signing_in
from tests.factories import COMMAND_LINE
from tests.live.browser.test_axe import violations
from tests.live.browsing import browse, follow, press, sign_in, sign_out
from tests.live.looks import serving
from tests.live.process import free_port
from tests.web.desk_client import NAME, PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.browser]
# As a phone: it keeps the key itself, and knows who holds it.
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def base(tmp_path: Path) -> Iterator[tuple[str, Service]]:
    """A desk at localhost: a passkey belongs to a name, and a number is none."""
    with desk_at(tmp_path, "offered") as desk:
        yield desk


@contextmanager
def desk_at(folder: Path, second_factor: str) -> Iterator[tuple[str, Service]]:
    port = free_port()
    url = f"http://localhost:{port}"
    tree = {
        "data": {"folder": str(folder)},
        "desk": {"second_factor": second_factor},
        "site": {"title": "The News Hashtag", "base_url": url},
    }
    service = build(configuration.parse(tree, "the test"), SystemClock())
    prepare(service)
    accounts.add_user(service.room, NAME, PASSWORD, "Asha Rao", by=COMMAND_LINE)
    with closing(service.database), serving(create_app(service), port):
        yield url, service


def phone(page: Page) -> CDPSession:
    """Give the browser a device that can keep passkeys."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    return session


def test_somebody_adds_a_passkey_signs_in_with_it_and_removes_it(
    base: tuple[str, Service],
) -> None:
    def flow(page: Page) -> None:
        phone(page)
        sign_in(page)
        page.goto("/desk/account")
        page.get_by_label("Name of the device").fill("Phone <of Asha>")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("status")).to_contain_text("The passkey is added")
        expect(page.get_by_role("heading", name="Phone <of Asha>")).to_be_visible()
        sign_out(page)

        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("heading", name="Articles")).to_be_visible()

        page.goto("/desk/account")
        expect(page.get_by_text("Last used")).to_be_visible()
        follow(page.get_by_role("button", name="Remove the passkey"))
        sign_out(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert").first).to_contain_text("opens nothing here")

    complaints = browse(base[0], flow)

    assert [each for each in complaints if "403" not in each] == []


def test_a_device_that_does_not_know_who_holds_it_is_not_enough(
    base: tuple[str, Service],
) -> None:
    def flow(page: Page) -> None:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send(
            "WebAuthn.addVirtualAuthenticator", {"options": PHONE | {"isUserVerified": False}}
        )
        sign_in(page)
        page.goto("/desk/account")
        follow(page.get_by_role("button", name="Add a passkey"))
        expect(page.locator(".error")).to_contain_text("did not work")

    browse(base[0], flow)


def test_without_scripts_the_page_says_so_and_passwords_work(
    base: tuple[str, Service],
) -> None:
    def flow(page: Page) -> None:
        page.goto("/desk/sign-in")
        press(page, "Sign in with a passkey")
        expect(page.get_by_text("Nothing happens?")).to_be_visible()
        sign_in(page)
        expect(page.get_by_role("heading", name="Articles")).to_be_visible()

    browse(base[0], flow, javascript=False)


def test_a_passkey_is_demanded_set_up_and_asked_for_after_the_password(tmp_path: Path) -> None:
    def flow(page: Page) -> None:
        phone(page)
        sign_in(page)
        expect(page.get_by_role("heading", name="One step more")).to_be_visible()
        assert violations(page) == []
        page.get_by_label("Name of the device").fill("Phone")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("heading", name="Articles")).to_be_visible()
        sign_out(page)

        sign_in(page)
        expect(page.get_by_role("heading", name="Articles")).to_be_visible()
        page.goto("/desk/account")
        expect(page.get_by_text("the last one stays")).to_be_visible()
        expect(page.get_by_role("button", name="Remove")).to_have_count(0)

    with desk_at(tmp_path, "everybody") as (base, _service):
        browse(base, flow)


def test_a_link_and_a_passkey_lead_to_a_new_password(tmp_path: Path) -> None:
    """For who has a passkey and no app, and has forgotten the password."""
    with desk_at(tmp_path, "everybody") as (base, service):

        def flow(page: Page) -> None:
            phone(page)
            sign_in(page)
            press(page, "Add a passkey")
            expect(page.get_by_role("heading", name="Articles")).to_be_visible()
            sign_out(page)

            link = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
            page.goto(f"/desk/sign-in/link/{link}")
            press(page, "Sign in")
            expect(page.get_by_role("status")).to_contain_text("Set a password of your own")
            page.goto("/desk/account")
            expect(page.get_by_label("Your password now")).to_have_count(0)
            page.get_by_label("New password").fill("a heron over the lagoon")
            press(page, "Change the password")
            expect(page.get_by_role("status")).to_contain_text("Your password is changed")

        browse(base, flow)
