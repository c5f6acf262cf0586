"""The desk's forms: what was typed, kept as typed, and turned into values for the workflow.

Whether a title or a body can be taken is the workflow's business; a form only knows its own
fields. Their names are those of `ArticleInput`, so that the workflow's complaints find them.
"""

import re
import secrets
from collections.abc import Iterable
from typing import TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Form,
    HiddenField,
    PasswordField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from feedsvc.model import Article, ArticleInput, Assigned, BodyFormat, Release, State, UserId
from feedsvc.says import says
from feedsvc.web.auth import DeskForm
from feedsvc.web.desk import times
from feedsvc.web.desk.writing import file_fields
from feedsvc.web.desk.writing.file_fields import FileFields
from feedsvc.workflow.writing.as_input import RELEASES_OF

Choice = TypeVar("Choice", BodyFormat, Release)

_SUBMISSION = re.compile(r"[A-Za-z0-9_-]{8,64}")
LANGUAGES = (
    *("ar", "as", "bn", "en", "fr", "de", "gu", "he", "hi", "it", "kn", "ml"),
    *("mr", "ne", "or", "fa", "pt", "pa", "sa", "es", "ta", "te", "ur"),
)

BODY_FORMATS = ((BodyFormat.MARKDOWN, "Markdown"), (BodyFormat.HTML, "HTML"))
RELEASES = (
    (Release.DRAFT, says("Keep as a draft")),
    (Release.REVIEW, says("Hand in for review")),
    (Release.NOW, says("Publish now")),
    (Release.AT, says("Publish at a date and time")),
)


class Given(Struct, frozen=True, kw_only=True):
    """What a form hands to the workflow, and what it could not make sense of by itself."""

    article: ArticleInput
    problems: dict[str, str] = field(default_factory=dict)
    options: tuple[times.Option, ...] = ()


class ArticleForm(FileFields):
    """An article as an editor types it."""

    title = StringField(says("Headline"), default="")
    body_source = TextAreaField(says("Text"), default="")
    body_format = StringField(says("Written in"), default=BodyFormat.MARKDOWN)
    categories = SelectMultipleField(says("Categories"), validate_choice=False, default=())
    new_categories = StringField(says("Add categories"), default="")
    tags = TextAreaField(says("Tags"), default="")
    bylines = TextAreaField(says("Byline"), default="")
    excerpt = TextAreaField(says("Excerpt"), default="")
    dateline = StringField(says("Dateline"), default="")
    image_url = StringField(says("Address of the lead image"), default="")
    image_file = StringField(says("Picture to upload"), default="")
    image_alt = StringField(says("What the image shows"), default="")
    image_credit = StringField(says("Credit"), default="")
    language = StringField(says("Language"), default="")
    canonical_url = StringField(says("First published elsewhere"), default="")
    release = StringField(says("Release"), default=Release.DRAFT)
    release_at = StringField(says("Date and time"), default="")
    release_choice = StringField(says("Which one?"), default="")
    send_now = BooleanField(says("Send it to feeds now"))
    significant = BooleanField(says("Tell readers that it was updated"))
    correction = TextAreaField(says("Correction note"), default="")
    review_note = TextAreaField(says("Note for whoever wrote it"), default="")
    assigned = StringField(says("Belongs to"), default=None)  # a user's number, "" for nobody
    version = HiddenField(default="0")
    submission = HiddenField(default="")
    typed = HiddenField(default="0")  # how many changes the page had seen, as its script counts
    restored_from = HiddenField(default="")

    def given(self, zone: ZoneInfo, stored: Article | None = None) -> Given:
        """Turn what was typed into values; times are read in the newsroom's zone.

        `stored` is the article that is changed.
        """
        problems: dict[str, str] = {}
        article = ArticleInput(
            title=self.title.data or "",
            body_source=_lines(self.body_source.data),
            body_format=_member(BodyFormat, self, "body_format", problems),
            categories=tuple(
                unique([*(self.categories.data or ()), *split(self.new_categories.data)])
            ),
            tags=tuple(unique(split(_lines(self.tags.data)))),
            bylines=tuple(unique(split(_lines(self.bylines.data)))),
            excerpt=_lines(self.excerpt.data),
            dateline=self.dateline.data or "",
            language=(self.language.data or "").strip(),
            canonical_url=(self.canonical_url.data or "").strip(),
            image_url=(self.image_url.data or "").strip(),
            image_alt=self.image_alt.data or "",
            image_credit=self.image_credit.data or "",
            enclosures=self.given_files(problems),
            known=stored.enclosures if stored else (),
            release=_member(Release, self, "release", problems),
            send_now=bool(self.send_now.data),
            significant=bool(self.significant.data),
            correction=_lines(self.correction.data),
            review_note=_lines(self.review_note.data),
            assigned=self._assigned(problems),
            submission=self.submission_word(),
            restored_from=_number(self.restored_from.data),
        )
        if not article.image_url and (article.image_alt or article.image_credit):
            problems["image_url"] = says(
                "Upload the picture that you describe, or give its address."
            )
        if article.release is not Release.AT:
            return Given(article=article, problems=problems)
        return self._timed(article, problems, zone)

    def given_version(self) -> int:
        """Return the version that the editor started from; 0 is never one."""
        return _number(self.version.data)

    def typed_count(self) -> int:
        """Return how many changes the page had seen; 0 where no script has counted."""
        text = str(self.typed.data or "")
        return int(text) if re.fullmatch("[0-9]{1,15}", text) else 0

    def _assigned(self, problems: dict[str, str]) -> Assigned | None:
        """Return whose it is to be; None where the form did not offer to give it away."""
        text = self.assigned.data
        if not text:
            return None if text is None else Assigned(user_id=None)
        if not re.fullmatch("[0-9]{1,9}", text):
            problems["assigned"] = says("Choose one of these.")
            return None
        return Assigned(user_id=UserId(int(text)))

    def _timed(self, article: ArticleInput, problems: dict[str, str], zone: ZoneInfo) -> Given:
        choice = str(self.release_choice.data or "")
        reading = times.read(self.release_at.data or "", zone, choice)
        if reading.at is None:
            problems["release_at"] = reading.problem
        timed = replace(article, release_at=reading.at)
        return Given(article=timed, problems=problems, options=reading.options)

    def submission_word(self) -> str | None:
        """Return the word that names this page; None for anything that cannot be one."""
        word = str(self.submission.data or "")
        return word if _SUBMISSION.fullmatch(word) else None


class WithdrawForm(DeskForm):
    """What the page of an article says once it is withdrawn."""

    notice = TextAreaField(says("Notice for readers"), default="")
    reissue = BooleanField(
        says("Send it once more to feed readers, as withdrawn and without its text")
    )
    version = HiddenField(default="0")

    def given_version(self) -> int:
        """Return the version of the article that the page showed; 0 is never one."""
        return _number(self.version.data)


class CheckForm(Form):
    """Which feed is to be looked at, and by whose rules; it changes nothing."""

    feed = StringField(says("Feed"), default="")


class SignInForm(DeskForm):
    """Name and password, where to go then, and what was being written before.

    `step` goes on with a sign-in that needs more than these, `notice` is said at its end.
    """

    name = StringField(says("Name"), default="")
    password = PasswordField(says("Password"), default="")
    next = HiddenField(default="")
    held = HiddenField(default="")
    notice = HiddenField(default="")
    step = HiddenField(default="")


class SetupForm(DeskForm):
    """The first account."""

    name = StringField(says("Sign-in name"), default="")
    display_name = StringField(says("Name as colleagues know it"), default="")
    password = PasswordField(says("Password"), default="")


def new_word() -> str:
    """Return a submission word that no form has had."""
    return secrets.token_urlsafe(16)


def is_word(text: str) -> bool:
    """Whether this can be a submission word."""
    return _SUBMISSION.fullmatch(text) is not None


def blank(csrf_token: str, release_at: str = "", word: str = "") -> ArticleForm:
    """Return the form of a new article, with this submission word or one of its own.

    `release_at` is when it is to come out, as a date-and-time input holds it; "" leaves that.
    """
    data = {"submission": word or new_word()}
    if release_at:
        data |= {"release": Release.AT.value, "release_at": release_at}
    return ArticleForm(data=data, meta={"csrf_context": csrf_token})


def posted(data: MultiDict[str, str], csrf_token: str) -> ArticleForm:
    """Return the form as it was posted; fields that it does not know are dropped."""
    return ArticleForm(data, meta={"csrf_context": csrf_token})


def filled(article: Article, zone: ZoneInfo, csrf_token: str) -> ArticleForm:
    """Return the form of an article as it is stored."""
    image, due = article.image, article.release_at
    at = due if article.state is State.SCHEDULED else None
    return ArticleForm(
        meta={"csrf_context": csrf_token},
        data={
            "title": article.title,
            "body_source": article.body_source,
            "body_format": article.body_format.value,
            "categories": [category.name for category in article.categories],
            "tags": joined(tag.name for tag in article.tags),
            "bylines": joined(article.bylines),
            "excerpt": article.excerpt,
            "dateline": article.dateline,
            "image_url": image.url if image else "",
            "image_alt": image.alt if image else "",
            "image_credit": image.credit if image else "",
            **file_fields.filled(article),
            "language": article.language or "",
            "canonical_url": article.canonical_url or "",
            "correction": article.correction,
            "release": RELEASES_OF[article.state].value,
            "release_at": times.typed(at, zone) if at else "",
            "release_choice": times.word(at) if at else "",
            "version": str(article.version),
            "submission": secrets.token_urlsafe(16),
        },
    )


def restored(
    article: Article, then: Article, number: int, zone: ZoneInfo, csrf_token: str
) -> ArticleForm:
    """Return the form of an article with what was written in an earlier version.

    Where it is in its life, and what readers were told of it since, stays as it is.
    """
    content = {name: getattr(then, name) for name in _CONTENT}
    form = filled(replace(article, **content), zone, csrf_token)
    form.restored_from.data = str(number)
    return form


def copied(article: Article, zone: ZoneInfo, csrf_token: str, word: str) -> ArticleForm:
    """Return the form of a new article that begins with what another one says."""
    form, fresh = filled(article, zone, csrf_token), blank(csrf_token, word=word)
    for name in _OF_ONE:
        form[name].data = fresh[name].data
    return form


# What belongs to one article only, and no copy of it begins with.
_OF_ONE = (
    *("correction", "review_note", "release", "release_at", "release_choice"),
    *("assigned", "version", "submission"),
)
_CONTENT = (
    *("title", "body_source", "body_format", "categories", "tags", "bylines", "excerpt"),
    *("dateline", "image", "enclosures", "language", "canonical_url"),
)


def _number(text: object) -> int:
    """Return a number that the form itself wrote, or 0."""
    found = str(text or "")
    return int(found) if re.fullmatch("[0-9]{1,9}", found) else 0


def split(text: str | None) -> list[str]:
    """Take names apart: one a line, or else separated by commas."""
    text = text or ""
    parts = re.split("\n", text) if "\n" in text else re.split("[,،、]", text)
    return [part.strip() for part in parts if part.strip()]


def joined(names: Iterable[str]) -> str:
    """Write names so that `split` finds the same again, whatever commas they hold."""
    names = list(names)
    text = "\n".join(names)
    return text if split(text) == names else text + "\n"


def unique(names: Iterable[str]) -> list[str]:
    """Drop what is named twice; the first spelling stays."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return list(found.values())


def _lines(text: str | None) -> str:
    """Undo what browsers do to line ends (HTML standard, form submission)."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


def _member(
    kind: type[Choice], form: ArticleForm, name: str, problems: dict[str, str]
) -> Choice:
    try:
        return kind(form[name].data or "")
    except ValueError:
        problems[name] = says("Choose one of these.")
        return next(iter(kind))
