"""Telling two versions of an article apart, field by field."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from feedsvc.model import Article, ArticleInput, Enclosure, Release, State
from feedsvc.says import says
from feedsvc.web.desk import times
from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import told


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that two editors left with different contents; `name` is the form's."""

    name: str
    label: str
    theirs: str


def differences(theirs: Article, mine: Article) -> list[Difference]:
    """Return what the stored article says otherwise; `mine` is cleaned as for storing."""
    ours = dict(_texts(mine))
    return [
        Difference(name=name, label=_LABELS[name], theirs=text)
        for name, text in _texts(theirs)
        if _key(name, ours[name]) != _key(name, text)
    ]


def is_released_as(article: Article, given: ArticleInput) -> bool:
    """Whether the stored article is already where the form wants it."""
    if given.release is Release.DRAFT:
        return article.state in {State.DRAFT, State.WITHDRAWN}
    if given.release is Release.REVIEW:
        return article.state is State.REVIEW
    if given.release is Release.AT and article.state is State.SCHEDULED:
        return article.release_at == given.release_at
    return article.state is State.PUBLISHED


def standing(article: Article, zone: ZoneInfo) -> str:
    """Say in a few words where an article is in its life."""
    when = article.release_at
    if article.state is State.SCHEDULED and when is not None:
        return _("It is scheduled for %(time)s", time=times.show(when, zone))
    return str(told(_STANDING[article.state]))


_STANDING = {
    State.DRAFT: says("It is a draft"),
    State.REVIEW: says("It is in review"),
    State.SCHEDULED: says("It is scheduled"),
    State.PUBLISHED: says("It is published"),
    State.WITHDRAWN: says("It is withdrawn"),
}
_LABELS = {
    "title": says("Headline"),
    "body_source": says("Text"),
    "body_format": says("Written in"),
    "categories": says("Categories"),
    "tags": says("Tags"),
    "bylines": says("Byline"),
    "excerpt": says("Excerpt"),
    "dateline": says("Dateline"),
    "image_url": says("Address of the lead image"),
    "image_alt": says("What the image shows"),
    "image_credit": says("Credit"),
    "enclosures": says("Audio, video, PDF"),
    "language": says("Language"),
    "canonical_url": says("First published elsewhere"),
    "correction": says("Correction note"),
}


def _key(name: str, text: str) -> str:
    """Return what is compared: a name is the same however it is capitalised."""
    return text.casefold() if name in {"categories", "tags"} else text


def _names(article: Article) -> str:
    names = (category.name for category in article.categories)
    return ", ".join(sorted(names, key=str.casefold))


def _texts(article: Article) -> list[tuple[str, str]]:
    image = article.image
    return [
        ("title", article.title),
        ("body_source", article.body_source),
        ("body_format", article.body_format.value),
        ("categories", _names(article)),
        ("tags", ", ".join(sorted((tag.name for tag in article.tags), key=str.casefold))),
        ("bylines", ", ".join(article.bylines)),
        ("excerpt", article.excerpt),
        ("dateline", article.dateline),
        ("image_url", image.url if image else ""),
        ("image_alt", image.alt if image else ""),
        ("image_credit", image.credit if image else ""),
        ("enclosures", "\n".join(map(_file, article.enclosures))),
        ("language", article.language or ""),
        ("canonical_url", article.canonical_url or ""),
        ("correction", article.correction),
    ]


def _file(file: Enclosure) -> str:
    length = "" if file.length is None else str(file.length)
    return " · ".join(filter(None, (file.alt, file.url, file.media_type, length)))
