"""The sample newsroom of the demo, stored through the same door as every article."""

from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files

import msgspec

from feedsvc.errors import ConfigError
from feedsvc.model import ArticleInput, BodyFormat, By, Release
from feedsvc.storage import articles
from feedsvc.wiring import Service
from feedsvc.workflow import read
from feedsvc.workflow.writing import edit

_BY = By.system("demo")


class _Sample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An article of the file; `key` makes storing it twice harmless."""

    key: str
    hours_ago: int
    title: str
    categories: tuple[str, ...]
    bylines: tuple[str, ...]
    body: str
    dateline: str = ""
    language: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    article: tuple[_Sample, ...]


def samples() -> tuple[_Sample, ...]:
    """Return the articles of the sample."""
    text = files("feedsvc.cli").joinpath("sample", "newsroom.toml").read_text("utf-8")
    return msgspec.toml.decode(text, type=_File).article


def refuse_strange_newsroom(service: Service) -> None:
    """Leave a database alone that holds articles, but none of the sample.

    Raises:
        ConfigError: somebody's own newsroom is there.
    """
    if not read.desk_list(service.room, limit=1).articles:
        return
    with service.database.read() as tx:
        known = [articles.find_by_submission(tx, sample.key) for sample in samples()]
    if not any(known):
        raise ConfigError(
            f"{service.config.folder} holds a newsroom of your own; "
            "give the demo a folder of its own: --data DIR"
        )


def fill(service: Service, on_article: Callable[[str], None]) -> None:
    """Store what is missing of the sample; what is there stays as somebody left it."""
    now = service.clock.now()
    for place, sample in reversed(list(enumerate(samples()))):  # oldest first
        given = ArticleInput(
            title=sample.title,
            body_source=sample.body,
            body_format=BodyFormat.MARKDOWN,
            categories=sample.categories,
            bylines=sample.bylines,
            dateline=sample.dateline,
            language=sample.language,
            release=Release.AT,
            release_at=now - timedelta(hours=sample.hours_ago, minutes=place),
            submission=sample.key,
        )
        edit.create(service.room, given, by=_BY)
        on_article(sample.key)
