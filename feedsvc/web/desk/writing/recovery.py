"""What was typed and never saved, as the desk's pages offer it: seen, taken up, thrown away."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, g, request, url_for
from werkzeug.datastructures import MultiDict

from feedsvc.errors import UnavailableError
from feedsvc.model import Article, UserId
from feedsvc.model.writing import WorkingCopy
from feedsvc.web.auth import visit
from feedsvc.web.desk.writing import forms
from feedsvc.web.desk.writing.forms import ArticleForm
from feedsvc.web.tongues import gettext as _
from feedsvc.wiring import Service
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing import presence, working_copies

logger = logging.getLogger(__name__)
MOST_LISTED = 5
# Of a form, and no text: what is to become of the article is chosen anew each time.
CHOICES = ("release", "release_choice", "send_now", "significant")
_OWN = ("csrf_token", "action", "version", "submission", "typed", *CHOICES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that was typed otherwise than it is saved; long texts from where they differ."""

    name: str
    label: str
    saved: str
    unsaved: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaved:
    """A working copy as a page shows it."""

    word: str
    count: int
    title: str
    changed: datetime
    differences: tuple[Difference, ...]
    page: str
    take: str
    throw_away: str


class Recovery:
    """Finds what somebody has not saved, and puts it into a form where they ask for it."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._zone: ZoneInfo = service.config.site.zone

    def register(self, desk: Blueprint) -> None:
        """Teach the desk's templates to list what somebody has not saved."""

        @desk.context_processor
        def words() -> dict[str, object]:
            return {"unsaved_texts": self.unsaved_texts}

    def unsaved_texts(self) -> list[Unsaved]:
        """Return what whoever is signed in has not saved, the newest first."""
        if "visit" not in g or visit().session is None:
            return []
        found = working_copies.unsaved(self._room, _user_id(), MOST_LISTED)
        return [_shown(copy, ()) for copy in found]

    def around(
        self, room: Newsroom, article: Article | None, *, offers: bool
    ) -> dict[str, object]:
        """Return what the form's page says of copies; `offers` asks for unsaved ones."""
        copies = working_copies.of(room, _user_id(), article.id if article else None)
        settled = {one.word: one.count for one in copies if one.is_settled}
        taken = request.args.get("copy", "")
        unsaved = [one for one in copies if not one.is_settled and one.word != taken]
        seen = next((one.count for one in copies if one.word == taken), 0)
        return {
            "settled": json.dumps(settled),
            "seen": seen if offers else -1,
            "unsaved": self._compared(article, unsaved[:MOST_LISTED]) if offers else [],
        }

    def form(self, article: Article | None) -> ArticleForm | None:
        """Return the form with the copy that the address asks for, if there is such."""
        word = request.args.get("copy", "")
        number = article.id if article else None
        copies = working_copies.of(self._room, _user_id(), number) if word else ()
        for copy in copies:
            if copy.word == word and not copy.is_settled:
                return self._filled(article, copy)
        return None

    def settle(self, article: Article, form: ArticleForm) -> None:
        """Note that this form is stored and left: nobody is offered its text again."""
        count, word = form.typed_count(), form.submission_word()
        room, me = self._room, _user_id()
        try:
            if count and word is not None:
                working_copies.settle(room, me, article.id, word, count, has_left=True)
            else:  # without a script there are no copies
                presence.leave(room, article.id, me)
        except UnavailableError:
            # The article is stored: that a copy of it may be offered once more is no failure.
            logger.warning("could not note what was saved article=%d", article.id)

    def _filled(self, article: Article | None, copy: WorkingCopy) -> ArticleForm:
        base = _stored(article, self._zone)
        data = MultiDict(copy.fields)
        for name in CHOICES:
            if isinstance(base[name].data, str):
                data[name] = base[name].data
        data["submission"], data["typed"] = copy.word, str(copy.count)
        data["version"] = str(copy.version)
        return forms.posted(data, visit().csrf_token)

    def _compared(
        self, article: Article | None, copies: Sequence[WorkingCopy]
    ) -> list[Unsaved]:
        if not copies:
            return []
        base = _stored(article, self._zone)
        made = [_shown(copy, _differences(base, copy)) for copy in copies]
        return [one for one in made if one.differences]


def kept_fields(data: MultiDict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what a working copy holds of a posted form."""
    known = forms.blank("")
    return tuple(
        (name, value.replace("\r\n", "\n"))
        for name, value in data.items(multi=True)
        if name in known and name not in _OWN
    )


def _user_id() -> UserId:
    session = visit().session
    assert session is not None  # noqa: S101 - the guard lets nobody else in
    return session.user.id


def _stored(article: Article | None, zone: ZoneInfo) -> ArticleForm:
    return forms.filled(article, zone, "") if article else forms.blank("")


def _shown(copy: WorkingCopy, differences: tuple[Difference, ...]) -> Unsaved:
    place: dict[str, Any] = {"article_id": copy.article_id} if copy.article_id else {}
    page = "desk.open" if place else "desk.new"
    return Unsaved(
        word=copy.word,
        count=copy.count,
        title=dict(copy.fields).get("title", "").strip(),
        changed=copy.changed,
        differences=differences,
        page=url_for(page, **place),
        take=url_for(page, copy=copy.word, **place),
        throw_away=url_for("desk.throw_away" if place else "desk.throw_away_new", **place),
    )


def _differences(base: ArticleForm, copy: WorkingCopy) -> tuple[Difference, ...]:
    """Return the fields that hold something else than the stored article."""
    typed = MultiDict(copy.fields)
    made = []
    for field in base:
        if field.name in _OWN:
            continue
        saved, unsaved = _text(field.data), _text(typed.getlist(field.name))
        if saved != unsaved:
            shown = _from_where_they_differ(saved, unsaved)
            made.append(
                Difference(
                    name=field.name, label=field.label.text, saved=shown[0], unsaved=shown[1]
                )
            )
    return tuple(made)


def _text(data: object) -> str:
    """Return what a field holds as one text; several choices in one order."""
    if isinstance(data, (list, tuple)):
        return ", ".join(sorted(str(one).strip() for one in data if str(one).strip()))
    return str(data or "").strip()


def _from_where_they_differ(saved: str, unsaved: str) -> tuple[str, str]:
    """Leave out the lines that two texts begin and end with alike."""
    ours, theirs = saved.split("\n"), unsaved.split("\n")
    start = _alike(ours, theirs)
    end = _alike(ours[start:][::-1], theirs[start:][::-1])
    return _cut(ours, start, end), _cut(theirs, start, end)


def _alike(ours: list[str], theirs: list[str]) -> int:
    """Return how many lines two texts begin with alike."""
    pairs = enumerate(zip(ours, theirs, strict=False))
    shorter = min(len(ours), len(theirs))
    return next((number for number, (one, other) in pairs if one != other), shorter)


def _cut(lines: list[str], start: int, end: int) -> str:
    middle = "\n".join(lines[start : len(lines) - end])
    return ("…\n" if start else "") + middle + ("\n…" if end else "")


def taken_notice() -> str:
    """Return what is said above a form that holds a working copy."""
    return _(
        "This is the text that you had not saved. It is only in this form: look it over and "
        "save it."
    )
