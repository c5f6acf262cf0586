"""Tokens: how programs are known, what they may do, and how a repeated request is one.

A token is 256 random bits, so guessing needs no throttle; the database holds its SHA-256.
"""

import hashlib
import logging
import re
from datetime import datetime, timedelta

from feedsvc.errors import ConflictError, ForbiddenError, InputError, NotFoundError, SignInError
from feedsvc.model import Action, ApiToken, By, Role, Scope, Subject
from feedsvc.storage import tokens as rows
from feedsvc.storage.database import one_at_a_time
from feedsvc.workflow import audit, factors
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.passwords import new_token, token_hash

logger = logging.getLogger(__name__)
PREFIX = "feedsvc_"  # so that scanners for leaked secrets, and people, know what they found
TOUCH_AFTER = timedelta(hours=1)  # how exact "last used" is, to spare writes
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_KEY = re.compile(r"[!-~]{1,200}")
_NO_ENTRY = (
    "this token opens nothing: it is mistyped, expired or revoked; "
    "'feedsvc token list' names the good ones"
)


def issue(
    room: Newsroom,
    name: str,
    scope: Scope,
    *,
    expires: datetime | None = None,
    by: By = audit.SERVICE,
) -> tuple[ApiToken, str]:
    """Store a token and return it with its secret, which is stored nowhere.

    Raises:
        ForbiddenError: a second factor is demanded of who makes it, and they have none.
        InputError: the name cannot be taken, or the token would be no good already.
        ConflictError: there is, or was, a token of this name.
    """
    name, now = name.strip().lower(), room.clock.now()
    if not _NAME.fullmatch(name):
        problem = (
            "must be 1 to 64 letters a-z, digits or . _ - and start with a letter or digit"
        )
        raise InputError(f"the token's name {problem}", {"name": problem})
    if expires is not None and expires <= now:
        raise InputError("the token would have expired already", {"expires": "is in the past"})
    secret = f"{PREFIX}{new_token()}"
    with room.database.write() as tx:
        factors.demand_of(room, tx, by)
        if rows.find_by_name(tx, name) is not None:
            raise ConflictError(f"there is, or was, a token {name}; take another name")
        token = rows.add(
            tx,
            name=name,
            token_hash=token_hash(secret),
            scope=scope,
            created=now,
            expires=expires,
        )
        until = {"expires": expires.isoformat()} if expires else {}
        facts = {"scope": scope.value, **until}
        audit.note(room, tx, by, Action.TOKEN_MADE, _subject(token), ({}, facts))
    logger.info("issued token=%s scope=%s", name, scope)
    return token, secret


def revoke(room: Newsroom, name: str, *, by: By = audit.SERVICE) -> ApiToken:
    """Let a token open nothing any more, at once and everywhere.

    Raises:
        NotFoundError: there is no such token.
    """
    with room.database.write() as tx:
        token = rows.find_by_name(tx, name.strip().lower())
        if token is None:
            raise NotFoundError(f"there is no token {name}; 'feedsvc token list' names them")
        if token.revoked is None:
            rows.revoke(tx, token.id, room.clock.now())
            audit.note(room, tx, by, Action.TOKEN_REVOKED, _subject(token))
    logger.info("revoked token=%s", token.name)
    return token


def _subject(token: ApiToken) -> Subject:
    return Subject(kind="token", id=token.name)


def tokens(room: Newsroom) -> tuple[ApiToken, ...]:
    """Return every token there ever was, by name."""
    with room.database.read() as tx:
        return rows.tokens(tx)


def known(room: Newsroom, secret: str) -> ApiToken:
    """Return whose secret this is.

    Raises:
        SignInError: it is nobody's, or no good any more.
    """
    now = room.clock.now()
    with room.database.read() as tx:
        token = rows.find(tx, token_hash(secret))
    if token is None or not token.is_good(now):
        raise SignInError(_NO_ENTRY)
    if token.last_used is None or token.last_used < now - TOUCH_AFTER:
        with room.database.write() as tx:
            rows.touch(tx, token.id, now)
    return token


def demand(token: ApiToken, needed: Scope) -> None:
    """Let pass whoever may.

    Raises:
        ForbiddenError: the token is for less.
    """
    if not token.scope.allows(needed):
        raise ForbiddenError(
            f"the token {token.name} has the scope {token.scope}; this needs {needed}"
        )


_ROLES = {Scope.READ: Role.REPORTER, Scope.WRITE: Role.EDITOR, Scope.PUBLISH: Role.ADMIN}


def bearer_of(token: ApiToken, address: str = "") -> By:
    """Return as whom a program acts: what its scope allows is demanded before.

    A scope decides what is asked of a token at all; among that are drafts of everybody with
    `write`, and saved feeds with `publish`.
    """
    return By(name=f"api:{token.name}", role=_ROLES[token.scope], address=address)


def once(room: Newsroom, token: ApiToken, key: str, request: bytes) -> str:
    """Return the word under which `workflow.writing.edit.create` stores one article only.

    The same key with the same request gives the same article, however often it is sent; the
    word outlives what is remembered of the request.

    Raises:
        InputError: the key cannot be taken, or was used for another request.
    """
    if not _KEY.fullmatch(key):
        problem = "must be 1 to 200 visible ASCII characters, such as a UUID"
        raise InputError(f"the Idempotency-Key {problem}", {"Idempotency-Key": problem})
    key_hash = hashlib.sha256(key.encode()).hexdigest()
    asked = hashlib.sha256(request).hexdigest()
    with room.database.write() as tx:
        one_at_a_time(tx)
        before = rows.fingerprint(tx, token.id, key_hash)
        if before is None:
            rows.remember(tx, token.id, key_hash, asked, room.clock.now())
    if before not in {None, asked}:
        problem = "was used for another request; a new request needs a key of its own"
        raise InputError(f"the Idempotency-Key {problem}", {"Idempotency-Key": problem})
    return f"api-{token.id}-{key_hash}"
