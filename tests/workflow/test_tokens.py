"""Tokens on both databases: their secrets are stored nowhere, their names are used once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from feedsvc.errors import ConflictError, InputError, NotFoundError, SignInError
from feedsvc.model import Scope
from feedsvc.storage.tables.tokens import ApiRequestRow, ApiTokenRow
from feedsvc.workflow import tokens
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.prune import prune
from tests.fakes import FakeClock


def test_the_secret_is_stored_nowhere(room: Newsroom) -> None:
    token, secret = tokens.issue(room, "CMS", Scope.WRITE)

    assert tokens.known(room, secret).id == token.id
    with room.database.read() as tx:
        row = tx.execute(select(ApiTokenRow.__table__)).one()
        stored = " ".join(str(value) for value in row)
    assert secret.removeprefix(tokens.PREFIX) not in stored
    assert row.name == "cms"


@pytest.mark.parametrize("name", ["", "a b", "-a", "ü", "x" * 65])
def test_a_name_has_a_form(room: Newsroom, name: str) -> None:
    with pytest.raises(InputError, match="token's name"):
        tokens.issue(room, name, Scope.READ)


def test_a_name_is_used_once_also_after_it_was_revoked(room: Newsroom) -> None:
    tokens.issue(room, "cms", Scope.READ)
    tokens.revoke(room, "cms")

    with pytest.raises(ConflictError, match="another name"):
        tokens.issue(room, "CMS", Scope.READ)


def test_a_token_must_be_good_for_a_while(room: Newsroom, clock: FakeClock) -> None:
    with pytest.raises(InputError, match="expired"):
        tokens.issue(room, "cms", Scope.READ, expires=clock.now())


def test_revoking_twice_changes_nothing(room: Newsroom, clock: FakeClock) -> None:
    _, secret = tokens.issue(room, "cms", Scope.READ)
    tokens.revoke(room, "cms")
    first = tokens.tokens(room)[0].revoked
    clock.advance(60)

    tokens.revoke(room, "cms")

    assert tokens.tokens(room)[0].revoked == first
    with pytest.raises(SignInError, match="opens nothing"):
        tokens.known(room, secret)


def test_nobody_can_be_revoked(room: Newsroom) -> None:
    with pytest.raises(NotFoundError, match="no token nobody"):
        tokens.revoke(room, "nobody")


def test_keys_are_forgotten_and_the_word_stays(room: Newsroom, clock: FakeClock) -> None:
    token, _ = tokens.issue(room, "cms", Scope.WRITE)
    word = tokens.once(room, token, "key", b"request")
    clock.advance(timedelta(days=31).total_seconds())

    prune(room)

    with room.database.read() as tx:
        assert tx.rows(select(ApiRequestRow)) == []
    assert tokens.once(room, token, "key", b"other request") == word


def test_a_key_is_kept_as_long_as_it_may_be_repeated(room: Newsroom, clock: FakeClock) -> None:
    token, _ = tokens.issue(room, "cms", Scope.WRITE)
    tokens.once(room, token, "key", b"request")
    clock.advance(timedelta(days=29).total_seconds())

    prune(room)

    with pytest.raises(InputError, match="another request"):
        tokens.once(room, token, "key", b"other request")


@pytest.mark.parametrize("scope", list(Scope))
def test_a_scope_allows_itself_and_less(scope: Scope) -> None:
    allowed = [other for other in Scope if scope.allows(other)]

    assert allowed == list(Scope)[: list(Scope).index(scope) + 1]
