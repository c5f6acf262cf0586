"""The editors' desk: everything below /desk/, for people who have signed in."""

from flask import Blueprint, Flask

from feedsvc.web.auth import Gate
from feedsvc.web.desk import astray, language, rights, words
from feedsvc.web.desk.account import Account
from feedsvc.web.desk.audit_log import AuditLog
from feedsvc.web.desk.checks import Checks
from feedsvc.web.desk.coming import Calendar
from feedsvc.web.desk.confirming import Confirming
from feedsvc.web.desk.feeds import Feeds
from feedsvc.web.desk.guard import Guard
from feedsvc.web.desk.lists import Lists
from feedsvc.web.desk.media import Media
from feedsvc.web.desk.operations import Operations
from feedsvc.web.desk.passkey_views import PasskeyViews
from feedsvc.web.desk.people import People
from feedsvc.web.desk.reopening import Reopening
from feedsvc.web.desk.second_factor_views import SecondFactorViews
from feedsvc.web.desk.setting_up import SettingUp
from feedsvc.web.desk.signin import SignIn
from feedsvc.web.desk.together import Together
from feedsvc.web.desk.writing import hints
from feedsvc.web.desk.writing.articles import Articles
from feedsvc.web.desk.writing.copies import Copies
from feedsvc.web.desk.writing.editor import Editor
from feedsvc.web.desk.writing.history import History
from feedsvc.web.desk.writing.live import Live
from feedsvc.web.desk.writing.presence import Presence
from feedsvc.web.desk.writing.recovery import Recovery
from feedsvc.wiring import Service

MAX_BYTES = 12_000_000  # of a posted form; the workflow has its own limits for each field
MAX_PARTS = 1000
_ID = "<int(max=2147483647):article_id>"


_POSTED = {
    "new_feed": "post_new_feed",
    "open_feed": "post_feed",
    "confirm_feed": "remove_feed",
    "confirm_feed_key": "new_feed_key",
}


def register(app: Flask, service: Service) -> None:
    """Add the desk to the app."""
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BYTES,
        MAX_FORM_PARTS=MAX_PARTS,
    )
    desk = Blueprint("desk", __name__, url_prefix="/desk")
    presence = Presence(service)
    gate, editor = Gate(service), Editor(service, presence)
    articles, feeds = Articles(service), Feeds(service)
    reopening = Reopening(editor, articles, feeds)
    sign_in = SignIn(service, gate, reopening)
    _add_sign_in(desk, sign_in)
    _add_articles(desk, articles, editor)
    _add_finding(desk, service)
    _add_history(desk, History(service), editor)
    _add_feeds(desk, feeds)
    _add_account(desk, Account(service))
    setting_up = SettingUp(service)
    _add_second_factor(desk, SecondFactorViews(service, sign_in), setting_up)
    _add_passkeys(desk, PasskeyViews(service, sign_in))
    _add_people(desk, People(service))
    _add_watching(desk, service)
    _add_presence(desk, presence)
    _add_writing(desk, service)
    _add_media(desk, Media(service))
    guard = Guard(service.room, gate, sign_in, reopening, Confirming(service), setting_up)
    guard.stand_before(desk)
    said = words.register(desk, service)
    language.register(app, desk, is_secure=gate.is_secure)
    rights.register(desk)
    astray.register(app, desk, service.room, gate, said, rights.words)
    app.register_blueprint(desk)


def _add_finding(desk: Blueprint, service: Service) -> None:
    desk.add_url_rule("/", "articles", Lists(service).show, methods=["GET"])
    desk.add_url_rule("/coming", "coming", Calendar(service).show, methods=["GET"])
    together = Together(service).post
    desk.add_url_rule("/articles/together", "together", together, methods=["POST"])


def _add_watching(desk: Blueprint, service: Service) -> None:
    desk.add_url_rule("/check", "check", Checks(service).show, methods=["GET"])
    desk.add_url_rule("/operations", "operations", Operations(service).show, methods=["GET"])
    desk.add_url_rule("/audit", "audit", AuditLog(service).show, methods=["GET"])


def _add_sign_in(desk: Blueprint, views: SignIn) -> None:
    for rule, endpoint, show, post in (
        ("/sign-in", "sign_in", views.show, views.post),
        ("/sign-in/link/<token>", "link", views.show_link, views.post_link),
        ("/setup/<token>", "setup", views.show_setup, views.post_setup),
    ):
        desk.add_url_rule(rule, endpoint, show, methods=["GET"])
        desk.add_url_rule(rule, f"post_{endpoint}", post, methods=["POST"])
    desk.add_url_rule("/sign-in/code", "post_code", views.post_code, methods=["POST"])
    desk.add_url_rule("/sign-out", "sign_out", views.sign_out, methods=["POST"])


def _add_writing(desk: Blueprint, service: Service) -> None:
    copies, live = Copies(service), Live(service)
    for rule, view in (
        ("/articles/new/autosave", copies.autosave_new),
        ("/articles/new/throw-away", copies.throw_away_new),
        (f"/articles/{_ID}/autosave", copies.autosave),
        (f"/articles/{_ID}/throw-away", copies.throw_away),
        ("/articles/new/live", live.live_new),
        (f"/articles/{_ID}/live", live.live),
    ):
        desk.add_url_rule(rule, view.__name__, view, methods=["POST"])
    Recovery(service).register(desk)
    hints.register(desk)


def _add_account(desk: Blueprint, account: Account) -> None:
    desk.add_url_rule("/account", "account", account.show, methods=["GET"])
    for rule, post in (
        ("/account/password", account.change_password),
        ("/account/sessions/end", account.end_session),
        ("/account/sessions/end-others", account.end_other_sessions),
    ):
        desk.add_url_rule(rule, post.__name__, post, methods=["POST"])


def _add_second_factor(
    desk: Blueprint, views: SecondFactorViews, setting_up: SettingUp
) -> None:
    rule = "/account/second-factor"
    desk.add_url_rule(rule, "second_factor", setting_up.show, methods=["GET"])
    for rule, post in (
        ("/account/second-factor", views.begin_second_factor),
        ("/account/second-factor/replace", views.replace_second_factor),
        ("/account/second-factor/confirm", views.confirm_second_factor),
        ("/account/second-factor/codes", views.renew_recovery_codes),
        ("/account/second-factor/off", views.end_second_factor),
    ):
        desk.add_url_rule(rule, post.__name__, post, methods=["POST"])


def _add_passkeys(desk: Blueprint, views: PasskeyViews) -> None:
    for rule, post in (
        ("/account/passkeys/begin", views.begin_passkey),
        ("/account/passkeys", views.add_passkey),
        ("/account/passkeys/remove", views.remove_passkey),
        ("/sign-in/passkey/begin", views.begin_passkey_sign_in),
        ("/sign-in/passkey", views.sign_in_by_passkey),
    ):
        desk.add_url_rule(rule, post.__name__, post, methods=["POST"])


def _add_people(desk: Blueprint, people: People) -> None:
    one = "/people/<int(max=2147483647):user_id>"
    desk.add_url_rule("/people/", "people", people.listing, methods=["GET"])
    desk.add_url_rule("/people/", "add_person", people.add, methods=["POST"])
    desk.add_url_rule(one, "person", people.open, methods=["GET"])
    for rule, endpoint, post in (
        (f"{one}/role", "change_role", people.change_role),
        (f"{one}/disable", "disable_person", people.disable),
        (f"{one}/enable", "enable_person", people.enable),
        (f"{one}/link", "make_link", people.make_link),
        (f"{one}/second-factor", "take_second_factor", people.take_second_factor),
    ):
        desk.add_url_rule(rule, endpoint, post, methods=["POST"])


def _add_media(desk: Blueprint, media: Media) -> None:
    desk.add_url_rule("/media", "media", media.show, methods=["GET"])
    desk.add_url_rule("/media", "post_media", media.post, methods=["POST"])


def _add_feeds(desk: Blueprint, feeds: Feeds) -> None:
    number = "<int(max=2147483647):feed_id>"
    for rule, name, show, post in (
        ("/feeds/new", "new_feed", feeds.new, feeds.post_new),
        (f"/feeds/{number}", "open_feed", feeds.open, feeds.post),
        (f"/feeds/{number}/remove", "confirm_feed", feeds.confirm, feeds.remove),
        (f"/feeds/{number}/key", "confirm_feed_key", feeds.confirm_key, feeds.new_key),
    ):
        desk.add_url_rule(rule, name, show, methods=["GET"])
        desk.add_url_rule(rule, _POSTED[name], post, methods=["POST"])
    desk.add_url_rule("/feeds/", "feeds", feeds.listing, methods=["GET"])


def _add_presence(desk: Blueprint, presence: Presence) -> None:
    rule = f"/articles/{_ID}/presence"
    desk.add_url_rule(rule, "presence", presence.post, methods=["POST"])


def _add_history(desk: Blueprint, history: History, editor: Editor) -> None:
    past = f"/articles/{_ID}/history"
    version = f"{past}/<int(max=2147483647):number>"
    for rule, endpoint, show in (
        (past, "history", history.listing),
        (version, "version", history.show),
        (f"{version}/restore", "restore", editor.restore),
    ):
        desk.add_url_rule(rule, endpoint, show, methods=["GET"])


def _add_articles(desk: Blueprint, articles: Articles, editor: Editor) -> None:
    for rule, endpoint, show, post in (
        ("/articles/new", "new", editor.new, editor.post_new),
        (f"/articles/{_ID}", "open", editor.open, editor.post),
        (f"/articles/{_ID}/withdraw", "confirm", articles.confirm, articles.withdraw),
    ):
        desk.add_url_rule(rule, endpoint, show, methods=["GET"])
        desk.add_url_rule(rule, post.__name__, post, methods=["POST"])
