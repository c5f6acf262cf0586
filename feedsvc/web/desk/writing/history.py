"""What an article was: the list of its versions, and what each has changed."""

from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue

from feedsvc.model import Article, ArticleId, BodyFormat, Enclosure, Event
from feedsvc.web.desk import times
from feedsvc.web.desk.writing.differing import Piece, pieces, shortened
from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import marked
from feedsvc.wiring import Service
from feedsvc.workflow.read import row_number
from feedsvc.workflow.writing import history

_EVENTS = {
    Event.EARLIER: marked("As it was when its history began"),
    Event.CREATED: marked("Begun as a draft"),
    Event.CHANGED: marked("Changed"),
    Event.HANDED_IN: marked("Handed in for review"),
    Event.SENT_BACK: marked("Sent back from review"),
    Event.SCHEDULED: marked("Scheduled"),
    Event.UNSCHEDULED: marked("Taken off the schedule"),
    Event.PUBLISHED: marked("Published"),
    Event.RELEASED: marked("Released at its time"),
    Event.CORRECTED: marked("Corrected"),
    Event.WITHDRAWN: marked("Withdrawn"),
    Event.RESTORED: marked("Restored from an earlier version"),
}
# In the order of the form. What is not here is told by the event.
_LABELS = {
    "title": marked("Headline"),
    "body_source": marked("Text"),
    "body_format": marked("Written in"),
    "excerpt": marked("Excerpt"),
    "correction": marked("Correction note"),
    "withdrawal_notice": marked("Notice for readers"),
    "categories": marked("Categories"),
    "tags": marked("Tags"),
    "bylines": marked("Byline"),
    "dateline": marked("Dateline"),
    "image": marked("Lead image"),
    "enclosures": marked("Media files"),
    "language": marked("Language"),
    "canonical_url": marked("First published elsewhere"),
    "release_at": marked("Date and time of release"),
    "in_feeds": marked("In feeds"),
    "reissued": marked("Sent once more, as withdrawn"),
}
AT_ONCE = 2  # comparisons: each may keep a processor busy for a second or two
turns = BoundedSemaphore(AT_ONCE)
_PROSE = {"title", "body_source", "excerpt", "correction", "withdrawal_notice"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A field that differs: as prose in `pieces`, else as it was and as it is."""

    name: str
    label: str
    pieces: list[Piece]
    before: str = ""
    after: str = ""


class History:
    """The views of an article's versions; restoring one is the editor's business."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._zone: ZoneInfo = service.config.site.zone

    def listing(self, article_id: int) -> ResponseReturnValue:
        """Show who changed what, the newest first."""
        before = request.args.get("before", type=row_number)
        past = history.past(self._room, ArticleId(article_id), before=before)
        return render_template(
            "desk/history.html",
            article=past.article,
            past=past,
            is_first=before is None,
            event=event,
            labels=labels,
        )

    def show(self, article_id: int, number: int) -> ResponseReturnValue:
        """Show what one version has changed."""
        found = history.change(self._room, ArticleId(article_id), number)
        return render_template(
            "desk/version.html",
            article=found.article,
            found=found,
            event=event,
            changes=changes(found.before, found.then, self._zone) if found.before else [],
            # The first one is shown as it was, with nothing to compare it with.
            first=changes(None, found.then, self._zone) if not found.before else [],
        )


def event(happened: Event) -> str:
    """Say what became of the article."""
    return _(_EVENTS[happened])


def labels(names: tuple[str, ...]) -> str:
    """Name fields as the form does, in its order."""
    return ", ".join(_(label) for name, label in _LABELS.items() if name in names)


def changes(before: Article | None, after: Article, zone: ZoneInfo) -> list[Changed]:
    """Return the fields that differ; of a first version those that say anything."""
    found = []
    for name, label in _LABELS.items():
        old = _text(getattr(before, name), zone) if before else ""
        new = _text(getattr(after, name), zone)
        if old == new:
            continue
        prose = compared(old, new) if before and name in _PROSE else []
        found.append(
            Changed(
                name=name, label=_(label), pieces=prose, before=_brief(old), after=_brief(new)
            )
        )
    return found


def compared(old: str, new: str) -> list[Piece]:
    """Return what was changed in prose; while enough others compare, the old before the new."""
    if not turns.acquire(blocking=False):
        return shortened(pieces(old, new, steps=0))
    try:
        return shortened(pieces(old, new))
    finally:
        turns.release()


_MOST = 20_000  # characters of a field that is shown as it was


def _brief(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"


def _text(value: object, zone: ZoneInfo) -> str:
    """Write a value as an editor reads it."""
    match value:
        case None:
            text = ""
        case bool():
            text = _("Yes") if value else _("No")
        case datetime():
            text = times.show(value, zone)
        case BodyFormat():
            text = "HTML" if value is BodyFormat.HTML else "Markdown"
        case Enclosure():
            text = "\n".join(filter(None, (value.url, value.alt, value.credit)))
        case tuple():
            text = "\n".join(_text(getattr(each, "name", each), zone) for each in value)
        case _:
            text = str(value)
    return text
