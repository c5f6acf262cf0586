"""The form of a saved feed: what was typed, kept as typed, and turned into values."""

import re
from collections.abc import Iterable

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from feedsvc.model import Feed, FeedInput, ImageMode, Partner
from feedsvc.says import says
from feedsvc.web.auth import DeskForm
from feedsvc.workflow.saved_feeds import as_input

_TEXTS = {"default": None, "full": True, "excerpts": False}
TEXTS = (
    ("default", says("As the other feeds")),
    ("full", says("The whole text")),
    ("excerpts", says("Excerpts only")),
)
IMAGES = (
    (ImageMode.ALL, says("Wherever the format has a place for it")),
    (ImageMode.TEXT, says("At the top of the text, too")),
    (ImageMode.NONE, says("Without it")),
)
PROFILES = tuple((partner, partner.label) for partner in Partner)
_CHOICES = {
    "full_text": {value for value, _ in TEXTS},
    "image_mode": {value.value for value in ImageMode},
    "profile": {value.value for value in Partner},
}


class FeedForm(DeskForm):
    """A feed as an operator types it; the names are those of `FeedInput`."""

    slug = StringField(says("Address"), default="")
    is_private = BooleanField(says("Private: it can be read with a secret address only"))
    title = StringField(says("Title"), default="")
    description = StringField(says("What it is about"), default="")
    language = StringField(says("Language"), default="")
    include = TextAreaField(says("Include"), default="")
    exclude = TextAreaField(says("Leave out"), default="")
    entries = StringField(says("At least so many articles"), default="")
    hours = StringField(says("And all of so many hours"), default="")
    delay = StringField(says("Minutes that it waits for a new article"), default="")
    full_text = StringField(says("Text"), default="default")
    image_mode = StringField(says("Lead image"), default=ImageMode.ALL.value)
    tracking = StringField(says("Parameters for links"), default="")
    footer = TextAreaField(says("At the end of each text"), default="")
    profile = StringField(says("Made for"), default=Partner.READERS.value)
    version = HiddenField(default="0")

    def given(self) -> tuple[FeedInput, dict[str, str]]:
        """Return what is wanted, and what the form could not make sense of by itself."""
        problems: dict[str, str] = {}
        choices = {name: self._choice(name, problems) for name in _CHOICES}
        wanted = FeedInput(
            title=self.title.data or "",
            description=self.description.data or "",
            language=self.language.data or "",
            include=_lines(self.include.data),
            exclude=_lines(self.exclude.data),
            entries=_number(self, "entries", problems),
            hours=_number(self, "hours", problems),
            delay=_number(self, "delay", problems),
            full_text=_TEXTS[choices["full_text"]],
            image_mode=ImageMode(choices["image_mode"]),
            tracking=self.tracking.data or "",
            footer=self.footer.data or "",
            profile=Partner(choices["profile"]),
        )
        return wanted, problems

    def given_version(self) -> int:
        """Return the version that the operator started from; 0 is never one."""
        text = str(self.version.data or "")
        return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0

    def _choice(self, name: str, problems: dict[str, str]) -> str:
        value = str(self[name].data or "")
        if value in _CHOICES[name]:
            return value
        problems[name] = says("Choose one of these.")
        return {"full_text": "default", "image_mode": "all", "profile": "readers"}[name]


def blank(csrf_token: str) -> FeedForm:
    """Return the form of a new feed."""
    return FeedForm(meta={"csrf_context": csrf_token})


def posted(data: MultiDict[str, str], csrf_token: str) -> FeedForm:
    """Return the form as it was posted."""
    return FeedForm(data, meta={"csrf_context": csrf_token})


def filled(feed: Feed, csrf_token: str) -> FeedForm:
    """Return the form of a feed as it is stored."""
    given = as_input(feed)
    texts = {value: name for name, value in _TEXTS.items()}
    return FeedForm(
        meta={"csrf_context": csrf_token},
        data={
            "slug": feed.slug,
            "title": given.title,
            "description": given.description,
            "language": given.language,
            "include": "\n".join(given.include),
            "exclude": "\n".join(given.exclude),
            "entries": _written(given.entries),
            "hours": _written(given.hours),
            "delay": _written(given.delay),
            "full_text": texts[given.full_text],
            "image_mode": given.image_mode.value,
            "tracking": given.tracking,
            "footer": given.footer,
            "profile": given.profile.value,
            "version": str(feed.version),
        },
    )


def _lines(text: str | None) -> tuple[str, ...]:
    lines: Iterable[str] = (line.strip() for line in (text or "").splitlines())
    return tuple(line for line in lines if line)


def _number(form: FeedForm, name: str, problems: dict[str, str]) -> int | None:
    text = str(form[name].data or "").strip()
    if text and not re.fullmatch("[0-9]{1,6}", text):
        problems[name] = says("Write a number, or leave it empty.")
    return int(text) if text and name not in problems else None


def _written(number: int | None) -> str:
    return "" if number is None else str(number)
