"""What browsers and we say to each other about passkeys; the package webauthn lives here.

Only for processes that are asked for it: the package, an extra, brings cryptography with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    options_to_json,
    parse_authentication_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from feedsvc.errors import InputError
from feedsvc.model import Passkey, User
from feedsvc.says import says

_STRANGE = says("the device answered something that cannot be taken; try again")
_FAULTS = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who asks: our host, its name for people, and the origin that our pages have."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A key that a device has made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def to_create(party: Party, user: User, challenge: str, known: Iterable[Passkey]) -> str:
    """Return what a browser needs to make a key, as JSON."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=f"feedsvc user {user.id}".encode(),
        user_name=user.name,
        user_display_name=user.display_name,
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=each.credential_id) for each in known
        ],
    )
    return options_to_json(options)


def created(party: Party, challenge: str, credential: str) -> Made:
    """Return the key that a browser says it has made.

    Raises:
        InputError: it is no answer to what was asked.
    """
    try:
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except _FAULTS as error:
        raise InputError(_STRANGE) from error
    return Made(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
    )


def to_sign(party: Party, challenge: str) -> str:
    """Return what a browser needs to sign in with any key of this place, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=base64url_to_bytes(challenge),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def named(credential: str) -> bytes:
    """Return which key a browser says it has signed with.

    Raises:
        InputError: it says nothing that can be read.
    """
    try:
        return parse_authentication_credential_json(credential).raw_id
    except _FAULTS as error:
        raise InputError(_STRANGE) from error


def signed(party: Party, challenge: str, credential: str, passkey: Passkey) -> int:
    """Return how often the key was used, if it has signed what was asked.

    Raises:
        InputError: it has not, or the count says that there is a copy of the key.
    """
    try:
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _FAULTS as error:
        raise InputError(_STRANGE) from error
    return found.new_sign_count
