"""Who did what: the entries of the audit log, and the chain that tells if one was changed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from msgspec import Struct

from feedsvc.model.history import Event

Facts = Mapping[str, str | int | bool | None]  # small, and for people
Change = tuple[Facts, Facts]  # what was, and what is
GENESIS = "0" * 64  # what stands for the row before the first


class Action(StrEnum):
    """What was done."""

    SIGN_IN = "sign-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGN_OUT = "sign-out"
    SESSION_ENDED = "session-ended"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - an action
    USER_CREATED = "user-created"
    ROLE_CHANGED = "role-changed"
    USER_DISABLED = "user-disabled"
    USER_ENABLED = "user-enabled"
    LINK_MADE = "link-made"  # that signs somebody in
    FACTOR_SET = "second-factor-set"
    FACTOR_REPLACED = "second-factor-replaced"
    FACTOR_REMOVED = "second-factor-removed"
    CODES_RENEWED = "recovery-codes-renewed"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    TOKEN_MADE = "token-made"  # noqa: S105 - an action
    TOKEN_REVOKED = "token-revoked"  # noqa: S105 - an action
    ARTICLE_CREATED = "article-created"
    ARTICLE_CHANGED = "article-changed"
    ARTICLE_ASSIGNED = "article-assigned"
    ARTICLE_HANDED_IN = "article-handed-in"
    ARTICLE_SENT_BACK = "article-sent-back"
    ARTICLE_SCHEDULED = "article-scheduled"
    ARTICLE_UNSCHEDULED = "article-unscheduled"
    ARTICLE_PUBLISHED = "article-published"
    ARTICLE_RELEASED = "article-released"
    ARTICLE_CORRECTED = "article-corrected"
    ARTICLE_WITHDRAWN = "article-withdrawn"
    ARTICLE_RESTORED = "article-restored"
    FEED_CREATED = "feed-created"
    FEED_CHANGED = "feed-changed"
    FEED_REMOVED = "feed-removed"
    FEED_KEY_RENEWED = "feed-key-renewed"
    IMPORTED = "import"
    MIGRATED = "migration"
    REFUSED_FORM = "refused-form"  # without the token of the session it was sent in
    REFUSED = "refused"  # who asked may not

    @classmethod
    def of(cls, event: Event) -> "Action":
        """Return what became of an article, as an action."""
        return cls(f"article-{event.value}")


class Subject(Struct, frozen=True, kw_only=True):
    """What it was done to: a kind, and its number or name; `""` for none."""

    kind: str
    id: str = ""


class AuditEntry(Struct, frozen=True, kw_only=True):
    """What is told of an action. `source` is a keyed hash of an address, never an address.

    `action` may be one of a newer program. `who_id` is None, and `role` "", for what is no
    user of the desk: a program with a token, the command line, the service itself.
    """

    action: str
    at: datetime
    who: str
    who_id: int | None
    role: str
    source: str
    subject: Subject
    before: str  # JSON of `Facts`, or ""
    after: str


class AuditRow(Struct, frozen=True, kw_only=True):
    """An entry in its place; `hash` covers it and the hash of the row before."""

    sequence: int
    entry: AuditEntry
    hash: str

    def follows(self, previous: str) -> bool:
        """Whether this is what was written after a row with this hash."""
        return self.hash == chained(self.sequence, self.entry, previous)


def chained(sequence: int, entry: AuditEntry, previous: str) -> str:
    """Return the SHA-256, in hexadecimal, of an entry in its place after another one."""
    parts = [
        previous,
        sequence,
        entry.at.astimezone(UTC).isoformat(),
        str(entry.action),
        entry.who,
        entry.who_id,
        entry.role,
        entry.source,
        entry.subject.kind,
        entry.subject.id,
        entry.before,
        entry.after,
    ]
    return sha256(json.dumps(parts).encode()).hexdigest()


def as_text(facts: Facts) -> str:
    """Write facts as they are stored, the same for the same facts."""
    if not facts:
        return ""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
