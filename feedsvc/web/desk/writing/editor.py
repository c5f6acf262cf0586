"""Writing an article: the form, the preview, saving, and two editors on one article."""

from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any
from zoneinfo import ZoneInfo

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec.structs import replace

from feedsvc.errors import BusyError, ConflictError, ForbiddenError, InputError
from feedsvc.model import Article, ArticleId, Assigned, Release, State
from feedsvc.partners.findings import Finding
from feedsvc.says import says
from feedsvc.web import refusals
from feedsvc.web.auth import editor, visit
from feedsvc.web.desk.coming import begin_of
from feedsvc.web.desk.words import sentence
from feedsvc.web.desk.writing import comparing, forms, held
from feedsvc.web.desk.writing.forms import ArticleForm, Given
from feedsvc.web.desk.writing.hints import typed
from feedsvc.web.desk.writing.presence import Presence
from feedsvc.web.desk.writing.recovery import Recovery, taken_notice
from feedsvc.web.desk.writing.seen import seen, timeless
from feedsvc.web.desk.writing.uploads import Uploads
from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import marked
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, permission, preflight, read
from feedsvc.workflow.as_entry import as_entries
from feedsvc.workflow.handed_in.looking_up import looked_up
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import may_change, may_release
from feedsvc.workflow.writing import edit, history
from feedsvc.workflow.writing.links import Link, check_links

LOOKING = 2  # who may have links checked at once: each keeps a thread busy for seconds
_OK, _BAD, _REFUSED, _CONFLICT, _BUSY = 200, 400, 403, 409, 503
_TAKEN = says(
    "Your text has not been saved, and nothing is lost: it is in the form. "
    "Compare, then save over the other version or leave it."
)
_SENT_BEFORE = says(
    "This form was sent once before, and made the article that you see here. What you "
    "have written since then is in the form and has not been saved yet."
)
_COPIED = marked(
    "This is a copy of another article, and will have an address and a date of its own. It has "
    "not been saved yet."
)
_RESTORED = marked(
    "This is what version %(number)s said. Nothing has been stored yet: look it over, and save "
    "it to bring it back."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What a page says around the form."""

    status: int = _OK
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""
    is_saved: bool = False
    is_stored: bool = False  # nothing was typed yet: the form is as it was opened
    theirs: tuple[comparing.Difference, ...] | None = None  # None: there is no conflict
    links: tuple[Link, ...] | None = None  # None: nobody asked


class Editor:
    """The views of the article form."""

    def __init__(self, service: Service, presence: Presence) -> None:
        self._room = service.room
        self._outbound = service.outbound
        self._presence = presence
        self._looking = BoundedSemaphore(LOOKING)
        self._uploads = Uploads(service)
        self._zone: ZoneInfo = service.config.site.zone
        self._recovery = Recovery(service)

    def new(self) -> ResponseReturnValue:
        """Show an empty form, what was typed into another and never saved, or a copy."""
        taken = self._recovery.form(None)
        if taken is not None:
            return self._page(taken, None, _Shown(notice=taken_notice(), is_stored=True))
        number = request.args.get("from", type=read.row_number)
        word, day = request.args.get("form", ""), request.args.get("day", "")
        if not forms.is_word(word):
            # In the address, so that the browser's way back leads to the form that was sent:
            # with another word the text that browsers put in again would be stored twice.
            copied: dict[str, Any] = {"from": number}
            target = url_for("desk.new", form=forms.new_word(), day=day or None, **copied)
            return redirect(target, 303)
        if number is not None:
            return self._copy(number, word)
        blank = forms.blank(visit().csrf_token, begin_of(self._room, day), word)
        return self._page(blank, None, _Shown(is_stored=True))

    def _copy(self, number: int, word: str) -> ResponseReturnValue:
        """Show the form of a new article that begins with what another one says."""
        article = read.article(self._room, ArticleId(number))
        form = forms.copied(article, self._zone, visit().csrf_token, word)
        return self._page(form, None, _Shown(notice=_(_COPIED)))

    def restore(self, article_id: int, number: int) -> ResponseReturnValue:
        """Show the form of an article with the content of an earlier version."""
        found = history.change(self._room, ArticleId(article_id), number)
        permission.demand_change(editor(), found.article)
        form = forms.restored(found.article, found.then, number, self._zone, visit().csrf_token)
        notice = _(_RESTORED, number=number)
        return self._page(form, found.article, _Shown(notice=notice))

    def open(self, article_id: int) -> ResponseReturnValue:
        """Show the form of an article as it is stored."""
        article = read.article(self._room, ArticleId(article_id))
        if "copy" in request.args and not may_change(editor(), article):
            return redirect(url_for("desk.open", article_id=article_id), 303)
        taken = self._recovery.form(article)
        if taken is not None:
            return self._page(taken, article, _Shown(notice=taken_notice(), is_stored=True))
        form = forms.filled(article, self._zone, visit().csrf_token)
        is_saved = request.args.get("notice") == "saved"
        shown = _Shown(is_saved=is_saved, is_stored=True)
        return self._page(form, article, shown)

    def post_new(self) -> ResponseReturnValue:
        """Take what was written into an empty form."""
        return self._take(None)

    def post(self, article_id: int) -> ResponseReturnValue:
        """Take what was written into the form of an article."""
        article = read.article(self._room, ArticleId(article_id))
        if request.form.get("action") == "see":
            return self._see(article)
        return self._take(article)

    def _see(self, article: Article) -> ResponseReturnValue:
        """Preview what is stored: whoever may not change it has typed nothing else."""
        form = forms.filled(article, self._zone, visit().csrf_token)
        return self._preview(form, article, form.given(self._zone, article), is_closed=True)

    def reopen(self, found: held.Held, notice: str, status: int = _OK) -> ResponseReturnValue:
        """Show the form again with what was posted; nothing is stored."""
        number = found.number
        article = read.article(self._room, ArticleId(number)) if number else None
        form = forms.posted(found.data, visit().csrf_token)
        return self._page(form, article, _Shown(notice=notice, status=status))

    def _take(self, article: Article | None) -> ResponseReturnValue:
        uploaded = self._uploads.take(request)
        form = forms.posted(uploaded.data, visit().csrf_token)
        action = request.form.get("action")
        if action == "back":
            return self._page(form, article, _Shown())
        if action == "publish":
            form.release.data = Release.NOW
        given = form.given(self._zone, article)
        given.problems.update(uploaded.problems)
        try:
            return self._act(action, form, article, given)
        except ForbiddenError as error:
            refusals.forbidden()
            return self._page(
                form, article, _Shown(notice=sentence(str(error)), status=_REFUSED)
            )
        except InputError as error:
            problems = {**(error.fields or {"": str(error)}), **given.problems}
            return self._page(form, article, _Shown(errors=problems, status=_BAD))
        except BusyError as error:
            problems = {"enclosures": str(error)}
            return self._page(form, article, _Shown(errors=problems, status=_BUSY))

    def _act(
        self, action: str | None, form: ArticleForm, article: Article | None, given: Given
    ) -> ResponseReturnValue:
        if given.problems:
            self._cleaned(given)  # may have more to say
            raise InputError(says("the time or a choice needs another look"), given.problems)
        if action in {"preview", "links in preview"}:
            links = self._links(article, given) if action != "preview" else None
            return self._preview(form, article, given, links)
        if action == "links":
            return self._page(form, article, _Shown(links=self._links(article, given)))
        permission.demand_release(editor(), given.article.release)
        if article is not None:
            permission.demand_change(editor(), article)
        given = self._looked_up(article, given)
        if article is None:
            return self._create(form, given)
        return self._change(form, article, given)

    def _links(self, article: Article | None, given: Given) -> tuple[Link, ...]:
        """Look at the links of what was typed; a few at a time, since each may take seconds.

        Raises:
            InputError: enough others are looking just now.
        """
        if not self._looking.acquire(blocking=False):
            raise InputError(
                says(
                    "links of other articles are being checked just now; try again in a moment"
                )
            )
        try:
            cleaned = self._cleaned(given)
            files = article.enclosures if article else cleaned.enclosures
            return check_links(self._room, self._outbound, replace(cleaned, enclosures=files))
        finally:
            self._looking.release()

    def _looked_up(self, article: Article | None, given: Given) -> Given:
        known = article.enclosures if article else ()
        told = looked_up(self._room.clock, self._outbound, given.article, known)
        return replace(given, article=told)

    def _create(self, form: ArticleForm, given: Given) -> ResponseReturnValue:
        stored = edit.create(self._room, given.article, by=editor())
        if self._holds(stored, given):
            return self._done(stored, form)
        return self._conflict(form, stored, given, _SENT_BEFORE)

    def _change(self, form: ArticleForm, article: Article, given: Given) -> ResponseReturnValue:
        try:
            stored = edit.change(
                self._room,
                article.id,
                given.article,
                by=editor(),
                version=form.given_version(),
                known=article,
            )
        except ConflictError:
            stored = read.article(self._room, article.id)
            if not self._holds(stored, given):
                return self._conflict(form, stored, given, _TAKEN)
        if not comparing.is_released_as(stored, given.article):
            return self._conflict(form, stored, given, _TAKEN)
        return self._done(stored, form)

    def _done(self, stored: Article, form: ArticleForm) -> ResponseReturnValue:
        self._recovery.settle(stored, form)
        return redirect(url_for("desk.open", article_id=stored.id, notice="saved"), 303)

    def _conflict(
        self, form: ArticleForm, current: Article, given: Given, notice: str
    ) -> ResponseReturnValue:
        theirs = comparing.differences(current, self._cleaned(given))
        form.version.data = str(current.version)
        shown = _Shown(theirs=tuple(theirs), notice=notice, status=_CONFLICT)
        return self._page(form, current, shown)

    def _holds(self, stored: Article, given: Given) -> bool:
        """Whether the stored article already is what the form asks for."""
        is_same = not comparing.differences(stored, self._cleaned(given))
        owner = Assigned(user_id=stored.owner_id)
        is_same = is_same and given.article.assigned in {None, owner}
        return is_same and comparing.is_released_as(stored, given.article)

    def _cleaned(self, given: Given) -> Article:
        """Return what would be stored, whenever it is to be released."""
        return edit.preview(self._room, timeless(given.article))

    def _preview(
        self,
        form: ArticleForm,
        article: Article | None,
        given: Given,
        links: tuple[Link, ...] | None = None,
        *,
        is_closed: bool = False,
    ) -> ResponseReturnValue:
        cleaned = seen(self._room, given.article, article)
        looked = replace(cleaned, id=article.id) if article else cleaned
        return render_template(
            "desk/preview.html",
            findings=preflight.for_desk(
                self._room, replace(looked, release_at=given.article.release_at)
            ),
            form=form,
            is_closed=is_closed,
            links=links,
            kept=[
                (name, form.image_url.data if name == "image_url" else value)
                for name, value in held.fields(request.form)
                if name in form
            ],
            stored=article,
            is_public=article is not None and article.is_visible(self._room.clock.now()),
            article=cleaned,
            entries=as_entries(self._room, cleaned),
            release=given.article.release,
            action=_address(article),
            language=cleaned.language,
            recent=(),
            address="",
        )

    def _page(
        self, form: ArticleForm, article: Article | None, shown: _Shown
    ) -> ResponseReturnValue:
        given = form.given(self._zone, article)
        present = self._present(article, shown)
        with self._room.one_moment() as room:
            around = self._around(room, form, article, shown)
        html = render_template(
            "desk/edit.html",
            present=present,
            form=form,
            article=article,
            is_public=article is not None and article.is_visible(self._room.clock.now()),
            shown=shown,
            options=given.options,
            said=typed(given.article, article),
            standing=comparing.standing(article, self._zone) if article else "",
            languages=forms.LANGUAGES,
            body_formats=forms.BODY_FORMATS,
            releases=[each for each in forms.RELEASES if may_release(editor(), each[0])],
            action=_address(article),
            **around,
        )
        return make_response(html, shown.status)

    def _around(
        self, room: Newsroom, form: ArticleForm, article: Article | None, shown: _Shown
    ) -> dict[str, object]:
        """Return what the page has from the database beside the article."""
        known = [category.name for category in read.desk_categories(room)]
        return {
            "known": forms.unique([*known, *(form.categories.data or ())]),
            "people": accounts.users(room),
            "findings": _findings(room, article, shown),
            **self._recovery.around(room, article, offers=shown.is_stored),
        }

    def _present(self, article: Article | None, shown: _Shown) -> list[str]:
        """Return who else is at it; whoever has just saved is not writing until they type."""
        if article is None:
            return []
        if shown.is_saved or not may_change(editor(), article):
            return self._presence.others(article.id)
        return self._presence.opened(article.id)


def _findings(
    room: Newsroom, article: Article | None, shown: _Shown
) -> dict[str, list[Finding]]:
    """Return what was found in the article as it is stored, if nothing is more urgent."""
    is_urgent = shown.errors or shown.theirs is not None
    if article is None or article.state is State.WITHDRAWN or is_urgent:
        return {}
    return preflight.for_desk(room, article)


def _address(article: Article | None) -> str:
    if article is None:
        return url_for("desk.post_new")
    return url_for("desk.post", article_id=article.id)
