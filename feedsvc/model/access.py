"""Who may do what: people, programs, and the process that leads."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

UserId = NewType("UserId", int)
TokenId = NewType("TokenId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work until a time; `token` grows with every new holder."""

    name: str
    holder: str
    token: int
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may use the desk."""

    id: UserId
    name: str
    display_name: str
    disabled: bool = False
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser; only the SHA-256 of its token is stored."""

    user: User
    csrf_secret: str
    created: datetime
    last_seen: datetime


class Scope(StrEnum):
    """What the bearer of a token may do; each also allows what stands above it."""

    READ = "read"  # see articles in every state
    WRITE = "write"  # and write drafts
    PUBLISH = "publish"  # and decide what readers see

    def allows(self, needed: "Scope") -> bool:
        """Whether a bearer of this scope may do what another scope is needed for."""
        order = tuple(Scope)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """What a program is known by; only the SHA-256 of its secret is stored."""

    id: TokenId
    name: str
    scope: Scope
    created: datetime
    expires: datetime | None = None
    last_used: datetime | None = None
    revoked: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked is None and (self.expires is None or now < self.expires)
