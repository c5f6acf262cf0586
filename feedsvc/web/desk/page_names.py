"""What the desk's pages are called, with what is sent from them: for the audit log."""

from collections.abc import Mapping

from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import marked

_PAGES: Mapping[str, tuple[str, ...]] = {
    marked("Articles"): ("articles", "together"),
    marked("Coming"): ("coming",),
    marked("New article"): (
        *("new", "post_new", "autosave_new", "throw_away_new", "live_new"),
    ),
    marked("Edit article"): ("open", "post", "autosave", "throw_away", "live", "presence"),
    marked("History"): ("history", "version", "restore"),
    marked("Withdraw"): ("confirm", "withdraw"),
    marked("Pictures"): ("media", "post_media"),
    marked("Check a feed"): ("check",),
    marked("Operations"): ("operations",),
    marked("Feeds"): (
        *("feeds", "new_feed", "post_new_feed", "open_feed", "post_feed"),
        *("confirm_feed", "remove_feed", "confirm_feed_key", "new_feed_key"),
    ),
    marked("People"): (
        *("people", "add_person", "person", "change_role", "disable_person"),
        *("enable_person", "make_link", "take_second_factor"),
    ),
    marked("Audit log"): ("audit",),
    marked("Your account"): (
        *("account", "change_password", "end_session", "end_other_sessions"),
        *("second_factor", "begin_second_factor", "replace_second_factor"),
        *("confirm_second_factor", "renew_recovery_codes", "end_second_factor"),
        *("begin_passkey", "add_passkey", "remove_passkey"),
    ),
    marked("Sign out"): ("sign_out",),
}
_NAMES = {f"desk.{each}": name for name, endpoints in _PAGES.items() for each in endpoints}


def page_name(endpoint: str) -> str:
    """Return what a page is called, in quotation marks; others as the program calls them."""
    return f"“{_(_NAMES[endpoint])}”" if endpoint in _NAMES else endpoint
