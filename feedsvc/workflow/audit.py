"""Who did what: noted in the transaction of what was done, looked at, and verified.

Sign-ins that failed are noted for accounts that there are: an account is slowed down, so that
nobody fills the disk with them. What strangers try otherwise is told to the log only.
"""

import ipaddress
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise, takewhile

from msgspec import Struct

from feedsvc.model import (
    GENESIS,
    Action,
    Article,
    AuditEntry,
    AuditRow,
    By,
    Change,
    Facts,
    Role,
    Session,
    Subject,
    User,
    as_text,
    event_of,
)
from feedsvc.model.history import Event
from feedsvc.storage import audit
from feedsvc.storage.audit import Verdict, Wanted
from feedsvc.storage.database import Transaction
from feedsvc.storage.writing.written import differing, written
from feedsvc.workflow import permission
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import Right
from feedsvc.workflow.secret import keyed_within

SERVICE = By.system("feedsvc")
ON_A_PAGE = 50
OF_ONES_OWN = 10  # what somebody is told of their own account
_SIGN_INS = 5  # of these: who signs in each morning still sees what was changed last month
_LOOKED_AT = 100  # rows, to find so many
_OWN_ACCOUNT = frozenset(
    {
        *(Action.SIGN_IN, Action.PASSWORD_CHANGED, Action.LINK_MADE, Action.USER_CREATED),
        *(Action.ROLE_CHANGED, Action.USER_DISABLED, Action.USER_ENABLED),
        *(Action.FACTOR_SET, Action.FACTOR_REPLACED, Action.FACTOR_REMOVED),
        *(Action.CODES_RENEWED, Action.PASSKEY_ADDED, Action.PASSKEY_REMOVED),
    }
)
_NETWORK = 64  # bits of an IPv6 address that tell networks apart
_SOURCE = 16  # hexadecimal digits
_DIGEST = 32
_LONGEST = 200  # characters of a value
_CLOCKS = timedelta(hours=1)  # that hosts may differ by, and a transaction take


def note(
    room: Newsroom,
    tx: Transaction,
    by: By,
    action: Action,
    subject: Subject,
    change: Change = ({}, {}),
) -> None:
    """Add what somebody does to the audit log, if this transaction ends well."""
    audit.add(tx, _entry(room, tx, by, action, subject, change))


def _entry(
    room: Newsroom, tx: Transaction, by: By, action: Action, subject: Subject, change: Change
) -> AuditEntry:
    before, after = change
    return AuditEntry(
        action=action,
        at=room.clock.now(),
        who=by.name,
        who_id=by.user_id,
        role="" if by.user_id is None else by.role.value,
        source=_source(tx, by.address),
        subject=subject,
        before=as_text(before),
        after=as_text(after),
    )


def of_user(user: User) -> Subject:
    """Return a user as what something is done to."""
    return _of_name(user.name)


def _of_name(name: str) -> Subject:
    return Subject(kind="user", id=name)


def note_failed(
    room: Newsroom, tx: Transaction, name: str, address: str, *, is_known: bool = True
) -> None:
    """Note that somebody, we do not know who, could not sign in to an account.

    Of an account that there is not nothing is kept; finding that out is no less work.
    """
    nobody = By(name="", role=Role.REPORTER, address=address)  # no row says the role of nobody
    entry = _entry(room, tx, nobody, Action.SIGN_IN_FAILED, _of_name(name), ({}, {}))
    audit.add(tx, entry, is_kept=is_known)


def note_refused(room: Newsroom, by: By, action: Action, page_name: str, asked: Facts) -> None:
    """Note that somebody was refused; `asked` are numbers of the page's address.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    with room.database.write() as tx:
        note(room, tx, by, action, Subject(kind="page", id=page_name), ({}, asked))


def note_import(room: Newsroom, source: str, counts: Facts, *, by: By) -> None:
    """Note that something was taken over from elsewhere, as one row."""
    with room.database.write() as tx:
        subject = Subject(kind="import", id=source)
        note(room, tx, by, Action.IMPORTED, subject, ({}, counts))


def note_migration(room: Newsroom, before: str, after: str) -> None:
    """Note that the database was brought to another version."""
    with room.database.write() as tx:
        change = {"version": before}, {"version": after}
        note(room, tx, SERVICE, Action.MIGRATED, Subject(kind="database"), change)


def note_article(
    room: Newsroom,
    tx: Transaction,
    by: By,
    before: Article | None,
    after: Article,
    *,
    restored_from: int = 0,
) -> None:
    """Note what became of an article."""
    event = event_of(before, after, restored_from=restored_from)
    action = Action.of(event)
    changed = differing(before, after) if before else ()
    if before and event is Event.CHANGED and not changed and before.owner_id != after.owner_id:
        action = Action.ARTICLE_ASSIGNED
    was, now = differences(_article_facts(before) if before else {}, _article_facts(after))
    now = {**now, "headline": after.title[:_LONGEST], "changed": " ".join(changed)}
    subject = Subject(kind="article", id=str(after.id))
    note(room, tx, by, action, subject, (was, {key: now[key] for key in now if now[key]}))


def _article_facts(article: Article) -> Facts:
    release = article.release_at
    return {
        "state": article.state.value,
        "version": article.version,
        "owner": article.owner_id,
        "release_at": release.isoformat() if release else None,
        "sha256": sha256(written(article)).hexdigest()[:_DIGEST],
    }


def differences(before: Facts, after: Facts) -> Change:
    """Return only what differs; long values as the beginning of their SHA-256."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        {name: _brief(before[name]) for name in names if before.get(name) is not None},
        {name: _brief(after[name]) for name in names if after.get(name) is not None},
    )


def _brief(value: str | int | bool | None) -> str | int | bool | None:  # noqa: FBT001
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"sha256:{sha256(value.encode('utf-8', 'replace')).hexdigest()[:_DIGEST]}"
    return value


def _source(tx: Transaction, address: str) -> str:
    """Return what is kept of an address; of IPv6 only the network, where addresses change."""
    if not address:
        return ""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        network = address
    else:
        bits = _NETWORK if parsed.version == 6 else parsed.max_prefixlen  # noqa: PLR2004
        network = str(ipaddress.ip_network((parsed, bits), strict=False))
    return keyed_within(tx, f"audit {network}")[:_SOURCE]


class Page(Struct, frozen=True, kw_only=True):
    """Rows, the newest first; `older` is where the next page begins.

    `broken` is the number of the newest row that is not as it was written, as far as the page
    can tell: where rows are left out (somebody's, of one kind), it cannot.
    """

    rows: tuple[AuditRow, ...]
    older: int | None = None
    broken: int | None = None


def page(room: Newsroom, wanted: Wanted, *, by: By, before: int | None = None) -> Page:
    """Return a page of the log.

    Raises:
        ForbiddenError: only admins see it.
    """
    permission.demand(by, Right.AUDIT)
    with room.database.read() as tx:
        found = audit.newest(tx, wanted, limit=ON_A_PAGE + 1, before=before)
    rows = found[:ON_A_PAGE]
    return Page(
        rows=rows,
        older=rows[-1].sequence if len(found) > len(rows) else None,
        broken=_broken(found) if wanted == Wanted() else None,
    )


def of_own_account(room: Newsroom, session: Session) -> tuple[AuditEntry, ...]:
    """Return what lately became of the account of who is signed in, the newest first.

    Everybody sees that of their own: whoever has taken an account over changes how one signs
    in to it, and its user is the one to notice.
    """
    wanted = Wanted(about=of_user(session.user), among=_OWN_ACCOUNT)
    with room.database.read() as tx:
        rows = audit.newest(tx, wanted, limit=_LOOKED_AT)
    sign_ins = [row for row in rows if row.entry.action == Action.SIGN_IN]
    left_out = {row.sequence for row in sign_ins[_SIGN_INS:]}
    told = [row.entry for row in rows if row.sequence not in left_out]
    return tuple(told[:OF_ONES_OWN])


def _broken(rows: tuple[AuditRow, ...]) -> int | None:
    """Return the newest row, of such as follow each other, that does not follow its own.

    Of the oldest it is known only if it is the first of all.
    """
    for row, before in pairwise(rows):
        if row.sequence != before.sequence + 1 or not row.follows(before.hash):
            return row.sequence
    is_first = bool(rows) and rows[-1].sequence == 1
    return 1 if is_first and not rows[-1].follows(GENESIS) else None


def listing(
    room: Newsroom, wanted: Wanted, *, by: By, since: datetime | None = None
) -> Iterator[AuditRow]:
    """Yield the log, the newest first, back to a time; each page is a snapshot.

    Raises:
        ForbiddenError: only admins see it.
    """
    permission.demand(by, Right.AUDIT)
    if since is None:
        return _all(room, wanted, by)
    recent = takewhile(lambda row: row.entry.at >= since - _CLOCKS, _all(room, wanted, by))
    return (row for row in recent if row.entry.at >= since)


def _all(room: Newsroom, wanted: Wanted, by: By) -> Iterator[AuditRow]:
    found = page(room, wanted, by=by)
    yield from found.rows
    while found.older is not None:
        found = page(room, wanted, by=by, before=found.older)
        yield from found.rows


def verify(room: Newsroom, known: tuple[int, str] | None = None, *, by: By) -> Verdict:
    """Follow the chain through the whole log; `known` is a row that was noted elsewhere.

    Raises:
        ForbiddenError: only admins see the log.
    """
    permission.demand(by, Right.AUDIT)
    with room.database.read() as tx:
        return audit.verify(tx, known)
