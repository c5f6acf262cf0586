"""Passkeys: what is asked is signed once, by a device that knows who holds it.

The device is made here from keys of our own, byte for byte as WebAuthn says (level 3, sections
6.1 and 7); a real browser is asked in `tests/live/test_passkeys.py`.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace

import msgspec
import pyotp
import pytest
from cbor2 import dumps
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from feedsvc.errors import ForbiddenError, InputError, NotFoundError, SignInError
from feedsvc.model import Passkey, Session
from feedsvc.storage.audit import Wanted
from feedsvc.storage.tables.accounts import PasskeyChallengeRow
from feedsvc.workflow import (
    accounts,
    audit,
    factors,
    own_account,
    passkeys,
    second_factor,
    signing_in,
)
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passkeys import Answer, Asked
from feedsvc.workflow.prune import prune
from tests.factories import COMMAND_LINE
from tests.fakes import FakeClock

GOOD = "correct horse battery"
HOST, ORIGIN = "news.example.org", "https://news.example.org"
PRESENT, VERIFIED, NEW = 0x01, 0x04, 0x40


def coded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


@dataclass(kw_only=True)
class Device:
    """Keeps one key, and signs what it is asked; `flags` say what it knows of its holder."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = b"a key of a test, 24 byte"
    host: str = HOST
    origin: str = ORIGIN
    flags: int = PRESENT | VERIFIED
    count: int = 1

    def make(self, asked: Asked) -> str:
        """Answer to being asked for a new key."""
        numbers = self.key.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        public = dumps({1: 2, 3: -7, -1: 1, **point})
        held = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(self.flags | NEW) + held
        made = dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {
                "clientDataJSON": coded(self._client("webauthn.create", asked)),
                "attestationObject": coded(made),
            }
        )

    def sign(self, asked: Asked) -> str:
        """Answer to being asked to sign in."""
        client, data = self._client("webauthn.get", asked), self._data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": coded(client),
                "authenticatorData": coded(data),
                "signature": coded(signature),
            }
        )

    def _data(self, flags: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, asked: Asked) -> bytes:
        said = {"type": kind, "challenge": asked.challenge, "origin": self.origin}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, str]) -> str:
        known = {"id": coded(self.id), "rawId": coded(self.id), "type": "public-key"}
        return json.dumps({**known, "response": response})


def answer_to(asked: Asked, device: Device, visitor: str = "") -> Answer:
    """Return what a browser sends that was asked to sign in."""
    return Answer(challenge=asked.challenge, text=device.sign(asked), visitor=visitor)


@pytest.fixture
def asha(room: Newsroom) -> Session:
    return joined(room, "asha")


def joined(room: Newsroom, name: str) -> Session:
    accounts.add_user(room, name, GOOD, by=COMMAND_LINE)
    token = signing_in.sign_in(room, name, GOOD, address="192.0.2.1", agent="Firefox")
    session = signing_in.session(room, token)
    assert session is not None
    return session


def add(room: Newsroom, session: Session, device: Device, name: str = "Phone") -> None:
    asked = passkeys.ask_to_add(room, session)
    passkeys.add(room, session, asked.challenge, device.make(asked), name)


@pytest.fixture
def device(room: Newsroom, asha: Session) -> Device:
    device = Device()
    add(room, asha, device)
    device.count = 2
    return device


def sign_in(room: Newsroom, device: Device) -> str:
    """Sign in and return the user's name."""
    asked = passkeys.ask_to_sign_in(room)
    token = passkeys.sign_in(room, answer_to(asked, device), agent="Firefox")
    session = signing_in.session(room, token)
    assert session is not None
    return session.user.name


def names(room: Newsroom, session: Session) -> list[str]:
    return [each.name for each in passkeys.of(room, session)]


def test_what_is_asked_names_us_and_wants_to_know_who_holds_it(
    room: Newsroom, asha: Session
) -> None:
    made = json.loads(passkeys.ask_to_add(room, asha).options)
    signed = json.loads(passkeys.ask_to_sign_in(room).options)

    assert made["rp"] == {"id": HOST, "name": "The News Hashtag"}
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert (signed["rpId"], signed["userVerification"]) == (HOST, "required")
    assert not signed["allowCredentials"]  # tells nobody who has an account


def test_a_passkey_signs_in(
    room: Newsroom, asha: Session, device: Device, clock: FakeClock
) -> None:
    clock.advance(3600)

    assert sign_in(room, device) == "asha"
    (kept,) = passkeys.of(room, asha)
    assert (kept.name, kept.sign_count, kept.last_used) == ("Phone", 2, clock.now())


def test_there_may_be_several_with_names(room: Newsroom, asha: Session, device: Device) -> None:
    add(room, asha, Device(id=b"another key of a test..."), " Laptop\x00 ")
    add(room, asha, Device(id=b"a third key of a test..."), "")

    assert names(room, asha) == ["Phone", "Laptop", "Passkey"]
    excluded = json.loads(passkeys.ask_to_add(room, asha).options)["excludeCredentials"]
    assert len(excluded) == 3


def test_one_that_was_removed_opens_nothing(
    room: Newsroom, asha: Session, device: Device
) -> None:
    passkeys.remove(room, asha, passkeys.of(room, asha)[0].id)

    with pytest.raises(SignInError, match="opens nothing here"):
        sign_in(room, device)


def test_one_that_is_removed_while_it_is_looked_at_opens_nothing(
    room: Newsroom, asha: Session, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = passkeys._found

    def removed(room: Newsroom, credential_id: bytes) -> Passkey:
        passkey = found(room, credential_id)
        passkeys.remove(room, asha, passkey.id)
        return passkey

    monkeypatch.setattr(passkeys, "_found", removed)

    with pytest.raises(SignInError, match="opens nothing here"):
        sign_in(room, device)


def test_those_of_others_stay(room: Newsroom, asha: Session, device: Device) -> None:
    ravi = joined(room, "ravi")

    passkeys.remove(room, ravi, passkeys.of(room, asha)[0].id)

    assert sign_in(room, device) == "asha"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"flags": PRESENT}, id="nobody knows who holds it"),
        pytest.param({"host": "evil.example"}, id="of another host"),
        pytest.param({"origin": "https://evil.example"}, id="on a page of others"),
        pytest.param({"origin": "http://news.example.org"}, id="over plain http"),
        pytest.param({"count": 1}, id="a copy, by its count"),
        pytest.param({"id": b"a key that nobody added.."}, id="unknown"),
        pytest.param({"key": ec.generate_private_key(ec.SECP256R1())}, id="another key"),
    ],
)
def test_it_opens_nothing_otherwise(
    room: Newsroom, asha: Session, device: Device, changes: dict[str, object]
) -> None:
    with pytest.raises(SignInError):
        sign_in(room, replace(device, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"flags": PRESENT}, id="nobody knows who holds it"),
        pytest.param({"host": "evil.example"}, id="of another host"),
        pytest.param({"origin": "https://evil.example"}, id="on a page of others"),
    ],
)
def test_it_is_not_added_otherwise(
    room: Newsroom, asha: Session, changes: dict[str, object]
) -> None:
    with pytest.raises(InputError):
        add(room, asha, Device(**changes))  # type: ignore[arg-type]

    assert names(room, asha) == []


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", "no JSON", '{"id": 1}', "x" * 20001]
)
def test_nonsense_is_refused(room: Newsroom, asha: Session, answer: str) -> None:
    with pytest.raises(InputError):
        passkeys.add(room, asha, passkeys.ask_to_add(room, asha).challenge, answer, "x")
    challenge = passkeys.ask_to_sign_in(room).challenge
    with pytest.raises(SignInError):
        passkeys.sign_in(room, Answer(challenge=challenge, text=answer), agent="x")


def test_what_is_asked_is_answered_once(room: Newsroom, asha: Session) -> None:
    """Also by a device that does not count, as those whose keys are on several."""
    device = Device(count=0)
    add(room, asha, device)
    asked = passkeys.ask_to_sign_in(room)
    answer = answer_to(asked, device)
    passkeys.sign_in(room, answer, agent="x")

    with pytest.raises(SignInError, match="too much time"):
        passkeys.sign_in(room, answer, agent="x")


def test_asking_stores_nothing(room: Newsroom, asha: Session) -> None:
    """Nobody has to be signed in to ask, so that it could be done without end."""
    for _ in range(3):
        passkeys.ask_to_sign_in(room)

    with room.database.read() as tx:
        assert tx.rows(select(PasskeyChallengeRow)) == []


@pytest.mark.parametrize("change", ["later", "longer", "other", "none", "strange"])
def test_what_we_did_not_ask_is_refused(
    room: Newsroom, asha: Session, device: Device, change: str
) -> None:
    ours = passkeys.ask_to_sign_in(room).challenge
    forged = {
        "later": f"f{ours[1:]}",
        "longer": f"{ours}AAAA",
        "other": "A" * len(ours),
        "none": "",
        "strange": "\udcff\u0b05",
    }[change]
    asked = Asked(options="", challenge=forged)

    with pytest.raises(SignInError, match="too much time"):
        passkeys.sign_in(room, answer_to(asked, device), agent="x")


def test_only_the_browser_that_was_asked_may_answer(
    room: Newsroom, asha: Session, device: Device
) -> None:
    asked = passkeys.ask_to_sign_in(room, visitor="one")
    answer = answer_to(asked, device, "one")

    with pytest.raises(SignInError, match="too much time"):
        passkeys.sign_in(room, replace(answer, visitor="two"), agent="x")

    assert passkeys.sign_in(room, answer, agent="x")


def test_what_is_asked_is_answered_in_time(
    room: Newsroom, asha: Session, device: Device, clock: FakeClock
) -> None:
    asked = passkeys.ask_to_sign_in(room)
    clock.advance(301)
    prune(room)

    with pytest.raises(SignInError, match="too much time"):
        passkeys.sign_in(room, answer_to(asked, device), agent="x")


def test_answer_to_what_another_was_asked_is_refused(
    room: Newsroom, asha: Session, device: Device
) -> None:
    """Nobody can add a key of theirs to the account of somebody else, or to their own by it."""
    ravi = joined(room, "ravi")
    theirs = passkeys.ask_to_add(room, ravi)
    stranger = passkeys.ask_to_sign_in(room)

    for asked in (theirs, stranger):
        with pytest.raises(InputError):
            passkeys.add(room, asha, asked.challenge, Device().make(asked), "x")
    with pytest.raises(SignInError):
        passkeys.sign_in(room, answer_to(theirs, device), agent="x")


def test_a_passkey_belongs_to_one(room: Newsroom, asha: Session, device: Device) -> None:
    ravi = joined(room, "ravi")

    with pytest.raises(InputError, match="already"):
        add(room, ravi, Device())

    assert sign_in(room, device) == "asha"


def test_disabled_user_is_out(room: Newsroom, asha: Session, device: Device) -> None:
    accounts.disable_user(room, "asha", by=COMMAND_LINE)

    with pytest.raises(SignInError):
        sign_in(room, device)


def test_lost_phone_takes_its_passkeys_along(
    room: Newsroom, asha: Session, device: Device
) -> None:
    second_factor.take_away(room, "asha", by=COMMAND_LINE)

    with pytest.raises(SignInError):
        sign_in(room, device)


def test_there_is_an_end_to_them(
    room: Newsroom, asha: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passkeys, "MOST", 1)
    add(room, asha, Device())

    with pytest.raises(InputError, match="as many"):
        passkeys.ask_to_add(room, asha)


@pytest.mark.parametrize(
    ("base_url", "is_offered"),
    [
        ("https://news.example.org", True),
        ("http://localhost:8080", True),
        ("http://desk.localhost", True),
        ("http://news.example.org", False),
        ("https://192.0.2.1", False),
        ("http://127.0.0.1:8080", False),
    ],
)
def test_they_belong_to_a_name_over_https(
    room: Newsroom, base_url: str, is_offered: bool
) -> None:
    site = msgspec.structs.replace(room.config.site, base_url=base_url)

    assert factors.passkeys_are_offered(site) is is_offered


def test_without_the_package_there_are_none(
    room: Newsroom, asha: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factors, "_is_installed", lambda: False)

    assert not factors.passkeys_are_offered(room.config.site)
    with pytest.raises(NotFoundError, match="no passkeys here"):
        passkeys.ask_to_sign_in(room)


def test_passkeys_are_rows_of_the_audit_log(
    room: Newsroom, asha: Session, device: Device
) -> None:
    sign_in(room, device)
    (kept,) = passkeys.of(room, asha)
    passkeys.remove(room, joined(room, "ravi"), kept.id)  # one of somebody else
    passkeys.remove(room, asha, kept.id)
    passkeys.remove(room, asha, kept.id)

    rows = list(audit.listing(room, Wanted(who="asha"), by=COMMAND_LINE))[::-1]
    told = [(row.entry.action, row.entry.before, row.entry.after) for row in rows]
    assert told == [
        ("sign-in", "", '{"by":"password"}'),
        ("passkey-added", "", '{"name":"Phone"}'),
        ("sign-in", "", '{"by":"passkey"}'),
        ("passkey-removed", '{"name":"Phone"}', ""),
    ]
    assert {row.entry.subject.id for row in rows} == {"asha"}
    everybodys = [row.entry.action for row in audit.listing(room, Wanted(), by=COMMAND_LINE)]
    assert everybodys.count("passkey-removed") == 1


def test_answer_that_opens_nothing_is_no_row(
    room: Newsroom, asha: Session, device: Device
) -> None:
    stranger = replace(device, id=b"a key that nobody has se")
    with pytest.raises(SignInError):
        sign_in(room, stranger)

    told = [row.entry.action for row in audit.listing(room, Wanted(), by=COMMAND_LINE)]
    assert told == ["passkey-added", "sign-in", "user-created"]


def test_session_that_ended_meanwhile_adds_none(
    room: Newsroom, asha: Session, device: Device
) -> None:
    """Its request was on its way while its user ended it, who had seen a stranger in it."""
    other = Device()
    asked = passkeys.ask_to_add(room, asha)
    token = signing_in.sign_in(room, "asha", GOOD, address="192.0.2.2", agent="Firefox")
    hers = signing_in.session(room, token)
    assert hers is not None
    own_account.end_other_sessions(room, hers)
    before = names(room, asha)

    with pytest.raises(InputError, match="session has ended"):
        passkeys.add(room, asha, asked.challenge, other.make(asked), "Stranger")

    assert names(room, asha) == before


def session_of(room: Newsroom, device: Device) -> Session:
    """Open a session with a passkey."""
    asked = passkeys.ask_to_sign_in(room)
    token = passkeys.sign_in(room, answer_to(asked, device), agent="Firefox")
    session = signing_in.session(room, token)
    assert session is not None
    return session


def test_a_passkey_shows_again_who_is_there(
    room: Newsroom, asha: Session, device: Device, clock: FakeClock
) -> None:
    """In place of password and code, in the browser that was asked, and once."""
    session = session_of(room, device)
    clock.advance(601)
    asked, device.count = passkeys.ask_to_sign_in(room, visitor="one"), 3
    answer = answer_to(asked, device, "one")
    assert not own_account.is_confirmed(room, session)
    with pytest.raises(SignInError, match="too much time"):
        passkeys.confirm(room, session, replace(answer, visitor="two"))

    passkeys.confirm(room, session, answer)

    found = {each.id: each for each in own_account.sessions(room, session)}[session.id]
    assert own_account.is_confirmed(room, found)
    assert not own_account.is_confirmed(room, asha)
    with pytest.raises(SignInError):
        passkeys.confirm(room, session, answer)


def test_a_passkey_of_somebody_else_shows_nothing(
    room: Newsroom, asha: Session, device: Device, clock: FakeClock
) -> None:
    ravi = joined(room, "ravi")
    clock.advance(601)

    with pytest.raises(SignInError, match="not a passkey of yours"):
        passkeys.confirm(room, ravi, answer_to(passkeys.ask_to_sign_in(room), device))

    (found,) = own_account.sessions(room, ravi)
    assert not own_account.is_confirmed(room, found)


def test_a_passkey_lets_codes_be_changed_whose_app_is_lost(
    room: Newsroom, asha: Session, device: Device, clock: FakeClock
) -> None:
    secret = second_factor.begin(room, asha).secret
    second_factor.confirm(room, asha, pyotp.TOTP(secret).at(clock.now()))
    session, stranger = session_of(room, device), Device(id=b"a key of a stranger.....")
    with pytest.raises(ForbiddenError):
        second_factor.switch_off(room, session)
    with pytest.raises(ForbiddenError):
        second_factor.renew_codes(room, session, "")
    with pytest.raises(ForbiddenError):
        add(room, session, stranger)
    device.count = 3

    passkeys.confirm(room, session, answer_to(passkeys.ask_to_sign_in(room), device))
    second_factor.switch_off(room, session)

    assert not second_factor.is_on(room, asha.user.id)
    assert names(room, asha) == ["Phone"]


def test_a_passkey_leaves_a_link_its_ten_minutes_and_no_more(
    room: Newsroom, asha: Session, device: Device, clock: FakeClock
) -> None:
    link = signing_in.make_sign_in_link(room, "asha", by=COMMAND_LINE)
    token = signing_in.sign_in_by_link(room, link, agent="x")
    for minutes, is_free in ((9, True), (2, False)):
        clock.advance(minutes * 60)
        session = signing_in.session(room, token)
        assert session is not None
        passkeys.confirm(room, session, answer_to(passkeys.ask_to_sign_in(room), device))
        device.count += 1
        session = signing_in.session(room, token)
        assert session is not None
        assert own_account.needs_current_password(room, session) is not is_free
