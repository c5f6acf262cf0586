"""Every route of the app, with who may come there and what they are answered.

A new route needs a row: `tests/web/test_route_matrix.py` fails until it has one. Who may not is
answered alike everywhere (`expected`); a row says what is answered to those who may.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from flask import Flask
from werkzeug.routing import Rule

from feedsvc.model import Role
from feedsvc.web.api.operations import OPERATIONS

Asker = Role | None  # None: nobody is signed in
ASKERS: tuple[Asker, ...] = (None, *Role)


class Who(Enum):
    """Whom a route is for."""

    PUBLIC = "everybody, and the session of the desk plays no part"
    DOOR = "everybody, to sign in"
    DESK = "who is signed in"
    EDITORS = "editors and admins"
    ADMINS = "admins"
    PROGRAMS = "programs with a token, which nobody has here"

    def lets_in(self, asker: Asker) -> bool:
        """Whether somebody is answered what the row says."""
        if self in {Who.PUBLIC, Who.DOOR}:
            return True
        if self is Who.PROGRAMS or asker is None:
            return False
        return asker.reaches(_LEAST[self])


_LEAST = {Who.DESK: Role.REPORTER, Who.EDITORS: Role.EDITOR, Who.ADMINS: Role.ADMIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One route: for whom, and the status they are answered.

    `signed_in` is what those are answered instead who have no need of a door any more.
    `form` is what is posted besides the token. Of what is `cached`, public caches keep the
    answer. A row that `spoils` takes away what others need, and has its turn after them.
    """

    who: Who
    answer: int = 200
    signed_in: int | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    is_cached: bool = False
    spoils: bool = False


def _row(who: Who, answer: int = 200, /, **form: str) -> Row:
    return Row(who=who, answer=answer, form=form)


_PAGE = Row(who=Who.PUBLIC, is_cached=True)
_UNKEPT = Row(who=Who.PUBLIC)
_ABOUT = {"new_categories": "News", "tags": "Rain", "bylines": "Asha Rao"}
_ARTICLE = {"title": "A", "body_source": "B", "body_format": "html", **_ABOUT}
_TYPED = {"title": "A", "submission": "word-of-a-page", "typed": "1"}
_FEED = {"title": "Rain", "full_text": "default", "image_mode": "all", "profile": "readers"}

ROWS: Mapping[str, Row] = {
    "static": _PAGE,
    "favicon": _PAGE,
    "health.alive": _UNKEPT,
    "health.ready": Row(who=Who.PUBLIC, answer=503),  # the schedule of a test does not run
    "search.index": _PAGE,
    "search.month": _PAGE,
    "search.news": _PAGE,
    "search.robots": _PAGE,
    "site.home": _PAGE,
    "site.article": _PAGE,
    "site.author": _PAGE,
    "site.category": _PAGE,
    "site.nested_category": Row(who=Who.PUBLIC, answer=301, is_cached=True),
    "site.tag": _PAGE,
    "site.feeds": _PAGE,
    "site.search": _PAGE,
    "site.opml": _PAGE,
    "media.picture": Row(who=Who.PUBLIC, answer=404, is_cached=True),  # there is none
    "hub.show": _UNKEPT,
    "hub.ask": Row(who=Who.PUBLIC, answer=400),
    "cloud.show": _UNKEPT,
    "cloud.ask": _UNKEPT,  # says in its answer what was wrong
    "api.openapi_json": _PAGE,
    "desk.sign_in": Row(who=Who.DOOR, signed_in=303),
    "desk.post_sign_in": _row(Who.DOOR, 403, name="nobody", password="wrong"),
    "desk.post_code": _row(Who.DOOR, 403, step="x" * 43, code="000000"),
    "desk.link": _row(Who.DOOR, 403),
    "desk.post_link": _row(Who.DOOR, 403),
    "desk.setup": _row(Who.DOOR, 404),
    "desk.post_setup": _row(Who.DOOR, 404, name="eve", password="seven lamps of odisha"),
    "desk.sign_out": _row(Who.DESK, 303),
    "desk.post_language": _row(Who.DOOR, 303, language="en"),
    "desk.articles": _row(Who.DESK),
    "desk.coming": _row(Who.DESK),
    "desk.together": _row(Who.DESK, chosen="1.1", action="add-tag", name="Rain"),
    "desk.new": _row(Who.DESK, 303),  # to a form of its own
    "desk.post_new": _row(Who.DESK, 303, **_ARTICLE, release="draft"),
    "desk.open": _row(Who.DESK),
    # What somebody types is theirs alone, whose article it may be.
    "desk.autosave": _row(Who.DESK, 200, **_TYPED),
    "desk.autosave_new": _row(Who.DESK, 200, **_TYPED),
    "desk.throw_away": _row(Who.DESK, 303, word="word-of-a-page"),
    "desk.throw_away_new": _row(Who.DESK, 303, word="word-of-a-page"),
    # Nothing is stored by it: whoever may read an article may look at a change of it.
    "desk.live": _row(Who.DESK, 200, **_TYPED, beside="yes"),
    "desk.live_new": _row(Who.DESK, 200, **_TYPED, beside="yes"),
    # The article that is there is not the reporter's.
    "desk.post": _row(Who.EDITORS, 303, **_ARTICLE, release="now", version="1"),
    "desk.presence": _row(Who.DESK),
    "desk.history": _row(Who.DESK),
    "desk.version": _row(Who.DESK),
    "desk.restore": _row(Who.EDITORS),  # the article is not the reporter's, again
    "desk.confirm": _row(Who.EDITORS),
    # Of the version that "desk.post" has made of the article.
    "desk.withdraw": Row(who=Who.EDITORS, answer=303, form={"version": "2"}, spoils=True),
    "desk.check": _row(Who.DESK),
    "desk.operations": _row(Who.EDITORS),
    "desk.audit": _row(Who.ADMINS),
    "desk.media": _row(Who.DESK),
    "desk.post_media": _row(Who.DESK, 400),  # without a file
    "desk.feeds": _row(Who.ADMINS),
    "desk.new_feed": _row(Who.ADMINS),
    "desk.post_new_feed": _row(Who.ADMINS, 303, **_FEED, slug="more-rain"),
    "desk.open_feed": _row(Who.ADMINS),
    "desk.post_feed": _row(Who.ADMINS, 303, **_FEED, version="3"),
    "desk.confirm_feed": _row(Who.ADMINS),
    "desk.remove_feed": Row(who=Who.ADMINS, answer=303, spoils=True),
    "desk.confirm_feed_key": _row(Who.ADMINS),
    "desk.new_feed_key": _row(Who.ADMINS),
    "desk.account": _row(Who.DESK),
    "desk.change_password": _row(Who.DESK, 400, password="short"),
    "desk.end_session": _row(Who.DESK, 303, session="none"),
    "desk.end_other_sessions": _row(Who.DESK, 303),
    "desk.second_factor": _row(Who.DESK, 303),  # for who must set one up
    "desk.begin_second_factor": _row(Who.DESK),
    "desk.confirm_second_factor": _row(Who.DESK, 400, code="000000 or so"),
    "desk.replace_second_factor": _row(Who.DESK, 400),  # for who has one
    "desk.renew_recovery_codes": _row(Who.DESK, 400),
    "desk.end_second_factor": Row(who=Who.DESK, answer=303, spoils=True),
    "desk.begin_passkey": _row(Who.DESK, passkey_name="Phone"),
    "desk.add_passkey": _row(Who.DESK, 303, challenge="x", answer="{}"),
    "desk.remove_passkey": _row(Who.DESK, 303, passkey="1"),
    "desk.begin_passkey_sign_in": _row(Who.DOOR),
    "desk.sign_in_by_passkey": _row(Who.DOOR, 403, challenge="x", answer="{}"),
    "desk.people": _row(Who.ADMINS),
    "desk.add_person": _row(Who.ADMINS, name="eve", role="reporter"),
    "desk.person": _row(Who.ADMINS),
    "desk.change_role": _row(Who.ADMINS, 303, role="reporter"),
    "desk.disable_person": Row(who=Who.ADMINS, answer=303, spoils=True),
    "desk.enable_person": Row(who=Who.ADMINS, answer=303, spoils=True),
    "desk.make_link": _row(Who.ADMINS),
    "desk.take_second_factor": _row(Who.ADMINS, 303),
    **{f"api.{each.name}": _row(Who.PROGRAMS) for each in OPERATIONS},
    # What a path of the API does not know, it says to everybody.
    **{f"api.other_{each.path}": Row(who=Who.PUBLIC, answer=405) for each in OPERATIONS},
}


def expected(method: str, asker: Asker, row: Row) -> int:
    """Return the status of an answer."""
    if row.who.lets_in(asker):
        return row.signed_in if row.signed_in and asker else row.answer
    if row.who is Who.PROGRAMS:
        return 401
    return 303 if asker is None and method == "GET" else 403


def method_of(rule: Rule) -> str:
    """Return the one method that a route is for; OPTIONS and HEAD follow from it."""
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return "GET" if "GET" in methods else methods[0]


def in_order(app: Flask) -> list[Rule]:
    """Return every route that has a row; those that spoil something come last."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint in ROWS]
    return sorted(rules, key=lambda rule: (ROWS[rule.endpoint].spoils, rule.endpoint))
