"""What the audit log says, in words of the desk: actions, and what was before and after."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from feedsvc.model import Action, AuditEntry
from feedsvc.web.desk import times
from feedsvc.web.desk.account_forms import ROLE_NAMES
from feedsvc.web.desk.page_names import page_name
from feedsvc.web.desk.writing.history import labels
from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import marked, told

# In groups, as somebody looks for them.
GROUPS: Mapping[str, Mapping[Action, str]] = {
    marked("Signing in"): {
        Action.SIGN_IN: marked("Signed in"),
        Action.SIGN_IN_FAILED: marked("Sign-in failed"),
        Action.SIGN_OUT: marked("Signed out"),
        Action.SESSION_ENDED: marked("Ended sessions"),
        Action.REFUSED: marked("Was refused"),
        Action.REFUSED_FORM: marked("Form refused: not of this session"),
    },
    marked("Articles"): {
        Action.ARTICLE_CREATED: marked("Began an article"),
        Action.ARTICLE_CHANGED: marked("Changed an article"),
        Action.ARTICLE_ASSIGNED: marked("Gave an article to somebody"),
        Action.ARTICLE_HANDED_IN: marked("Handed in an article for review"),
        Action.ARTICLE_SENT_BACK: marked("Sent an article back from review"),
        Action.ARTICLE_SCHEDULED: marked("Scheduled an article"),
        Action.ARTICLE_UNSCHEDULED: marked("Took an article off the schedule"),
        Action.ARTICLE_PUBLISHED: marked("Published an article"),
        Action.ARTICLE_RELEASED: marked("Released an article at its time"),
        Action.ARTICLE_CORRECTED: marked("Corrected an article"),
        Action.ARTICLE_WITHDRAWN: marked("Withdrew an article"),
        Action.ARTICLE_RESTORED: marked("Restored an earlier version of an article"),
    },
    marked("Feeds"): {
        Action.FEED_CREATED: marked("Made a feed"),
        Action.FEED_CHANGED: marked("Changed a feed"),
        Action.FEED_REMOVED: marked("Removed a feed"),
        Action.FEED_KEY_RENEWED: marked("Renewed the key of a private feed"),
    },
    marked("Accounts"): {
        Action.USER_CREATED: marked("Added a user"),
        Action.ROLE_CHANGED: marked("Changed a role"),
        Action.USER_DISABLED: marked("Disabled a user"),
        Action.USER_ENABLED: marked("Enabled a user"),
        Action.LINK_MADE: marked("Made a sign-in link"),
        Action.PASSWORD_CHANGED: marked("Changed a password"),
        Action.FACTOR_SET: marked("Set up a second factor"),
        Action.FACTOR_REPLACED: marked("Replaced the app for codes"),
        Action.FACTOR_REMOVED: marked("Removed a second factor"),
        Action.CODES_RENEWED: marked("Renewed recovery codes"),
        Action.PASSKEY_ADDED: marked("Added a passkey"),
        Action.PASSKEY_REMOVED: marked("Removed a passkey"),
        Action.TOKEN_MADE: marked("Made a token for a program"),
        Action.TOKEN_REVOKED: marked("Revoked the token of a program"),
    },
    marked("The service"): {
        Action.IMPORTED: marked("Took articles over from elsewhere"),
        Action.MIGRATED: marked("Migrated the database"),
    },
}
_ACTIONS = {action.value: words for group in GROUPS.values() for action, words in group.items()}
_KINDS = {
    "article": marked("article %(id)s"),
    "user": marked("user %(id)s"),
    "feed": marked("feed %(id)s"),
    "token": marked("token %(id)s"),
    "page": marked("page %(id)s"),
    "import": marked("import from %(id)s"),
}
_FACTS = {
    "state": marked("State"),
    "version": marked("Version"),
    "owner": marked("Belongs to"),
    "release_at": marked("Date and time of release"),
    "sha256": marked("SHA-256 of its text"),
    "changed": marked("What was changed"),
    "late": marked("Seconds late"),
    "role": marked("Role"),
    "display_name": marked("Shown name"),
    "by": marked("By means of"),
    "name": marked("Name"),
    "sessions": marked("Sessions"),
    "scope": marked("Scope"),
    "expires": marked("Expires"),
    "added": marked("Added"),
    "article_id": marked("Number of the article"),
    "user_id": marked("Number of the user"),
    "feed_id": marked("Number of the feed"),
    "address": marked("Address"),
    "title": marked("Title"),
    "description": marked("Description"),
    "include": marked("Include"),
    "exclude": marked("Exclude"),
    "language": marked("Language"),
    "entries": marked("At least so many articles"),
    "hours": marked("And all of so many hours"),
    "delay": marked("Minutes that it waits for a new article"),
    "full_text": marked("The whole text"),
    "image_mode": marked("Lead image"),
    "tracking": marked("Parameters for links"),
    "footer": marked("At the end of each text"),
    "profile": marked("Made for"),
}
_VALUES = {
    "draft": marked("Draft"),
    "review": marked("In review"),
    "scheduled": marked("Scheduled"),
    "published": marked("Published"),
    "withdrawn": marked("Withdrawn"),
    "password": marked("Password"),
    "link": marked("One-time link"),
    "code": marked("Code of an app, or a recovery code"),
    "passkey": marked("Passkey"),
}
_CALLED = {"article": "headline", "feed": "title"}
_ROLES = {role.value: name for role, name in ROLE_NAMES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing as it was and as it is; "" for nothing."""

    label: str
    before: str
    after: str


def what(action: str) -> str:
    """Say what was done; an action of a newer program is called as it calls itself."""
    return _(_ACTIONS[action]) if action in _ACTIONS else action


def about(entry: AuditEntry) -> str:
    """Say what it was done to; articles and feeds are called as they are, if it says so."""
    subject = entry.subject
    called = _read(entry.after).get(_CALLED.get(subject.kind, ""))
    if isinstance(called, str) or not subject.id:
        return str(called or "")
    known = _KINDS.get(subject.kind)
    shown = page_name(subject.id) if subject.kind == "page" else subject.id
    return _(known, id=shown) if known else f"{subject.kind} {subject.id}"


def facts(entry: AuditEntry, zone: ZoneInfo, people: Mapping[int, str]) -> list[Fact]:
    """Return what was before and after, line by line; `people` are users by their number."""
    before, after = _read(entry.before), _read(entry.after)
    return [
        Fact(
            label=_(_FACTS[name]) if name in _FACTS else name.replace("_", " "),
            before=_shown(name, before.get(name), zone, people),
            after=_shown(name, after.get(name), zone, people),
        )
        for name in {**before, **after}
        if name != "headline"  # stands above
    ]


def _read(text: str) -> dict[str, object]:
    """Return stored facts; what is none, because somebody wrote past us, as it stands."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"": text}


def _shown(name: str, value: object, zone: ZoneInfo, people: Mapping[int, str]) -> str:
    match name, value:
        case _, None:
            text = ""
        case _, bool():
            text = _("Yes") if value else _("No")
        case "owner", int():
            text = people.get(value, str(value))
        case "changed", str():
            text = labels(tuple(value.split())) or value
        case "role", str() if value in _ROLES:
            text = str(told(_ROLES[value]))
        case (("state" | "by"), str()) if value in _VALUES:
            text = _(_VALUES[value])
        case (("release_at" | "expires"), str()):
            text = _moment(value, zone)
        case _:
            text = str(value)
    return text


def _moment(text: str, zone: ZoneInfo) -> str:
    try:
        return times.show(datetime.fromisoformat(text), zone)
    except ValueError:
        return text
