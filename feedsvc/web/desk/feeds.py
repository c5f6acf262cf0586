"""Feeds of rules, tags, authors and languages: which there are, and making them."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from feedsvc.errors import ConflictError, InputError, NotFoundError
from feedsvc.http.feed_paths import feed_path
from feedsvc.model import Feed, FeedId, FeedKind, Format
from feedsvc.web.auth import editor, visit
from feedsvc.web.desk import feed_form
from feedsvc.web.desk.feed_form import FeedForm
from feedsvc.web.desk.writing.held import Held
from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import marked
from feedsvc.wiring import Service
from feedsvc.workflow import private_feeds, saved_feeds

_OK, _BAD, _CONFLICT = 200, 400, 409
_CHANGED = marked(
    "Somebody else has changed this feed meanwhile. What you have entered is in the form: "
    "save again to put it over theirs, or go back to see how the feed is now."
)


class Feeds:
    """The views of saved feeds."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._site = service.config.site

    def listing(self) -> ResponseReturnValue:
        """Show the feeds that somebody has made."""
        found = saved_feeds.all_feeds(self._room)
        return render_template(
            "desk/feeds.html",
            feeds=[(feed, self._addresses(feed)) for feed in found],
            notice=request.args.get("notice", ""),
        )

    def new(self) -> ResponseReturnValue:
        """Show an empty form."""
        return self._page(feed_form.blank(visit().csrf_token), None, {})

    def open(self, feed_id: int) -> ResponseReturnValue:
        """Show the form of a feed as it is stored."""
        feed = saved_feeds.of_id(self._room, FeedId(feed_id))
        return self._page(feed_form.filled(feed, visit().csrf_token), feed, {})

    def post_new(self) -> ResponseReturnValue:
        """Make a feed."""
        form = feed_form.posted(request.form, visit().csrf_token)
        if request.form.get("action") == "back":
            return self._page(form, None, {})
        return self._take(form, None)

    def post(self, feed_id: int) -> ResponseReturnValue:
        """Change a feed."""
        form = feed_form.posted(request.form, visit().csrf_token)
        feed = saved_feeds.of_id(self._room, FeedId(feed_id))
        if request.form.get("action") == "back":
            return self._page(form, feed, {})
        return self._take(form, feed)

    def reopen(self, found: Held, notice: str, status: int) -> ResponseReturnValue:
        """Show a form again with what was posted; that of a feed that is gone, as a new one."""
        form = feed_form.posted(found.data, visit().csrf_token)
        return self._page(form, self._of(found.number), {}, status, notice)

    def _of(self, number: int | None) -> Feed | None:
        try:
            return saved_feeds.of_id(self._room, FeedId(number)) if number else None
        except NotFoundError:
            return None

    def confirm(self, feed_id: int) -> ResponseReturnValue:
        """Ask before a feed is removed."""
        feed = saved_feeds.of_id(self._room, FeedId(feed_id))
        return render_template(
            "desk/feed_remove.html", feed=feed, addresses=self._addresses(feed)
        )

    def remove(self, feed_id: int) -> ResponseReturnValue:
        """Remove a feed; twice is harmless."""
        try:
            feed = saved_feeds.of_id(self._room, FeedId(feed_id))
            saved_feeds.remove(self._room, feed.slug, by=editor())
        except NotFoundError:
            pass
        return redirect(url_for("desk.feeds", notice="removed"), 303)

    def confirm_key(self, feed_id: int) -> ResponseReturnValue:
        """Ask before a private feed is given a new key."""
        feed = saved_feeds.of_id(self._room, FeedId(feed_id))
        return render_template("desk/feed_key.html", feed=feed)

    def new_key(self, feed_id: int) -> ResponseReturnValue:
        """Give a private feed a new key, and show the address that has it."""
        feed = saved_feeds.of_id(self._room, FeedId(feed_id))
        return _shown(private_feeds.renew(self._room, feed.slug, by=editor()))

    def _take(self, form: FeedForm, feed: Feed | None) -> ResponseReturnValue:
        wanted, problems = form.given()
        if problems:
            return self._page(form, feed, problems, _BAD)
        try:
            by, slug = editor(), str(form.slug.data or "").strip()
            if feed is None and form.is_private.data:
                return _shown(private_feeds.add(self._room, wanted, by=by, slug=slug))
            if feed is None:
                saved_feeds.add(self._room, slug, wanted, by=by)
            else:
                version = form.given_version()
                saved_feeds.change(self._room, feed.slug, wanted, by=by, version=version)
        except InputError as error:
            return self._page(form, feed, error.fields or {"": str(error)}, _BAD)
        except ConflictError as error:
            if feed is None:
                return self._page(form, None, {"slug": str(error)}, _CONFLICT)
            return self._over(form, saved_feeds.of_id(self._room, feed.id))
        return redirect(url_for("desk.feeds", notice="saved"), 303)

    def _over(self, form: FeedForm, current: Feed) -> ResponseReturnValue:
        """Show what was typed once more; saved again, it goes over what is stored now."""
        form.version.data = str(current.version)
        return self._page(form, current, {"": _(_CHANGED)}, _CONFLICT)

    def _page(
        self,
        form: FeedForm,
        feed: Feed | None,
        errors: dict[str, str],
        status: int = _OK,
        notice: str = "",
    ) -> ResponseReturnValue:
        post = url_for("desk.post_feed", feed_id=feed.id) if feed else None
        html = render_template(
            "desk/feed.html",
            form=form,
            feed=feed,
            is_subject=feed is not None and feed.kind is not FeedKind.CUSTOM,
            errors=errors,
            notice=notice,
            texts=feed_form.TEXTS,
            images=feed_form.IMAGES,
            profiles=feed_form.PROFILES,
            action=post or url_for("desk.post_new_feed"),
        )
        return make_response(html, status)

    def _addresses(self, feed: Feed) -> list[str]:
        if feed.is_private:
            return []  # the key is not known
        return [self._site.url(feed_path(feed.slug, format_)) for format_ in Format]


def _shown(keyed: private_feeds.Keyed) -> ResponseReturnValue:
    """Show the addresses in this answer, because no other can: the key is not stored."""
    addresses = keyed.addresses.values()
    return render_template("desk/feed_address.html", feed=keyed.feed, addresses=addresses)
