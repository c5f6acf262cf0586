"""Who may do what: people, programs, and the process that leads."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from msgspec import Struct

UserId = NewType("UserId", int)
TokenId = NewType("TokenId", int)
PasskeyId = NewType("PasskeyId", int)


class Role(StrEnum):
    """What somebody is to the newsroom; each also may what those above it may."""

    REPORTER = "reporter"  # writes articles of their own, and hands them in
    EDITOR = "editor"  # everything about articles
    ADMIN = "admin"  # and users, saved feeds, the audit log

    def reaches(self, needed: "Role") -> bool:
        """Whether this role may do what another one is needed for."""
        order = tuple(Role)
        return order.index(self) >= order.index(needed)


class Lease(Struct, frozen=True, kw_only=True):
    """The right to work until a time; `token` grows with every new holder."""

    name: str
    holder: str
    token: int
    expires: datetime


class User(Struct, frozen=True, kw_only=True):
    """Somebody who may use the desk."""

    id: UserId
    name: str
    display_name: str
    role: Role
    disabled: bool = False
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who does something: what may be done depends on `role`, and colleagues see `name`.

    `user_id` is None for what is no user of the desk: a program with a token, the command
    line, the service itself. Of the `address` that they come from the audit log keeps a hash.
    """

    name: str
    role: Role
    user_id: UserId | None = None
    address: str = field(default="", repr=False, compare=False)

    @classmethod
    def of(cls, user: User, address: str = "") -> "By":
        """Return somebody who uses the desk."""
        return cls(name=user.name, role=user.role, user_id=user.id, address=address)

    @classmethod
    def system(cls, name: str) -> "By":
        """Return the service itself or its command line, which may do everything."""
        return cls(name=name, role=Role.ADMIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser; only the SHA-256 of its token is stored, which is its `id`.

    `confirmed` is when its user last showed who they are. `by_link` says that this was with a
    one-time link, by somebody who may not know the password, `by_factor` that a code or a
    passkey opened it. Two things are stored nowhere: `address` is where the request comes from
    that shows it, and who `must_set_up` a second factor may do nothing else before.
    """

    id: str
    user: User
    csrf_secret: str
    agent: str
    created: datetime
    last_seen: datetime
    confirmed: datetime
    by_link: bool = False
    by_factor: bool = False
    must_set_up: bool = False
    address: str = field(default="", repr=False, compare=False)

    @property
    def by(self) -> By:
        """Return its user, as who does something."""
        return By.of(self.user, self.address)


class Passkey(Struct, frozen=True, kw_only=True):
    """A key on somebody's device that signs them in; only its public half is stored."""

    id: PasskeyId
    user_id: UserId
    name: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    created: datetime
    last_used: datetime | None = None


class Scope(StrEnum):
    """What the bearer of a token may do; each also allows what stands above it."""

    READ = "read"  # see articles in every state
    WRITE = "write"  # and write drafts
    PUBLISH = "publish"  # and decide what readers see

    def allows(self, needed: "Scope") -> bool:
        """Whether a bearer of this scope may do what another scope is needed for."""
        order = tuple(Scope)
        return order.index(self) >= order.index(needed)


class ApiToken(Struct, frozen=True, kw_only=True):
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
