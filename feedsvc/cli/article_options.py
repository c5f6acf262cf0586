"""The options that say what an article is, for adding and for editing."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ParamSpec, TypedDict, TypeVar
from zoneinfo import ZoneInfo

import click
from msgspec.structs import replace

from feedsvc.cli.times import read_time
from feedsvc.errors import InputError
from feedsvc.model import ArticleInput, BodyFormat, Enclosure, FileInput, Release

P = ParamSpec("P")
R = TypeVar("R")
LARGEST_BODY = 16 * 2**20  # bytes; the workflow's own limit is far below
_OPTION_OF = {
    "body": "--body-file",
    "body_source": "--body-file",
    "body_format": "--format",
    "categories": "--category",
    "tags": "--tag",
    "bylines": "--byline",
    "enclosures": "--enclosure",
    "release": "--draft",
    "release_at": "--at",
    "submission": "--once",
    "assigned": "--owner",
}


class Given(TypedDict):
    """What the options of `article_options` hold; None or () where one was left out."""

    title: str | None
    body_file: str | None
    body_format: str | None
    category: tuple[str, ...]
    tag: tuple[str, ...]
    byline: tuple[str, ...]
    excerpt: str | None
    dateline: str | None
    language: str | None
    canonical_url: str | None
    image_url: str | None
    image_alt: str | None
    image_credit: str | None
    enclosure: tuple[str, ...]
    release: str | None
    at: str | None
    send_now: bool


_OPTIONS = (
    click.option("--title", help="The headline, plain text."),
    click.option("--body-file", metavar="FILE", help="The text; - is standard input."),
    click.option(
        "--format",
        "body_format",
        type=click.Choice([format_.value for format_ in BodyFormat]),
        help="What the text is written in; else the file's name decides, .html or other.",
    ),
    click.option("--category", multiple=True, metavar="NAME", help="May be repeated."),
    click.option("--tag", multiple=True, metavar="NAME", help="May be repeated."),
    click.option("--byline", multiple=True, metavar="NAME", help="May be repeated."),
    click.option("--excerpt", help="Else the first 15 words of the text."),
    click.option("--dateline", help="Where the report is from: New Delhi."),
    click.option("--language", metavar="TAG", help="en, hi, or ...; else the site's."),
    click.option("--canonical-url", metavar="URL", help="Where it was published first."),
    click.option("--image-url", metavar="URL", help="The lead image."),
    click.option("--image-alt", metavar="TEXT", help="What the image shows."),
    click.option("--image-credit", metavar="TEXT", help="Whose image it is."),
    click.option(
        "--enclosure",
        multiple=True,
        metavar="URL [TYPE [BYTES]]",
        help="Audio, video, PDF: its address, in quotes with its type and size where they "
        "cannot be looked up. May be repeated.",
    ),
    click.option("--draft", "release", flag_value="draft", help="Keep it to ourselves."),
    click.option(
        "--review", "release", flag_value="review", help="Hand it in for an editor to look at."
    ),
    click.option("--now", "release", flag_value="now", help="Publish at once."),
    click.option(
        "--at",
        metavar="TIME",
        help="Publish then: '2026-12-01 09:30' as the newsroom's clocks show it, or with "
        "an offset as in 2026-12-01T09:30+05:30.",
    ),
    click.option(
        "--send-now", is_flag=True, help="Feeds need not wait for it (feeds.delay_minutes)."
    ),
)


def article_options(function: Callable[P, R]) -> Callable[P, R]:
    """Add every option of `Given` to a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def applied(
    given: Given, before: ArticleInput, zone: ZoneInfo, files: Iterable[Enclosure] = ()
) -> ArticleInput:
    """Return the article with the given options, and as it was where none is given.

    `files` are those that it has; one that is named again keeps its title.

    Raises:
        InputError: a file cannot be read, or a time is none.
    """
    names = ("title", "excerpt", "dateline", "language", "canonical_url")
    images = ("image_url", "image_alt", "image_credit")
    changes: dict[str, Any] = {
        name: value
        for name in (*names, *images)
        if (value := given[name]) is not None  # type: ignore[literal-required]
    }
    changes["send_now"] = given["send_now"]
    if given["category"]:
        changes["categories"] = tuple(filter(None, given["category"]))
    if given["tag"]:
        changes["tags"] = tuple(filter(None, given["tag"]))
    if given["byline"]:
        changes["bylines"] = tuple(filter(None, given["byline"]))
    if given["enclosure"]:
        changes["enclosures"] = _files(given["enclosure"], files)
    return replace(before, **changes, **_body(given), **_release(given, zone))


def _files(texts: Iterable[str], before: Iterable[Enclosure]) -> tuple[FileInput, ...]:
    """Return the files with the titles they have; what is "" names none."""
    titles = {file.url: file.alt for file in before}
    return tuple(_file(text.split(), titles) for text in texts if text.strip())


def _file(words: list[str], titles: dict[str, str]) -> FileInput:
    url, kind, length, *rest = [*words, "", ""]
    if any(rest) or not (length == "" or (length.isascii() and length.isdigit())):
        problem = "give an address, and where you know them its type and its size in bytes"
        raise InputError(problem, {"enclosures": problem})
    return FileInput(
        url=url,
        media_type=kind,
        length=int(length[:18]) if length else None,
        title=titles.get(url, ""),
    )


def in_options(error: InputError) -> InputError:
    """Return the refusal with the names that whoever typed the command knows."""
    fields = {
        _OPTION_OF.get(name, "--" + name.replace("_", "-")): problem
        for name, problem in error.fields.items()
    }
    return InputError(str(error), fields)


def _body(given: Given) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    name = given["body_file"]
    if name is not None:
        changes["body_source"] = _read(name)
        if name.lower().endswith((".html", ".htm")):
            changes["body_format"] = BodyFormat.HTML
    if given["body_format"]:
        changes["body_format"] = BodyFormat(given["body_format"])
    return changes


def _read(name: str) -> str:
    try:
        if name == "-":
            content = sys.stdin.buffer.read(LARGEST_BODY + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(LARGEST_BODY + 1)
        if len(content) > LARGEST_BODY:
            raise _refused(f"{name} is larger than {LARGEST_BODY // 2**20} MB")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise _refused(f"cannot read {name}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise _refused(f"{name} is not UTF-8 text (byte {error.start})") from None


def _refused(problem: str) -> InputError:
    return InputError(problem, {"body_source": problem})


def _release(given: Given, zone: ZoneInfo) -> dict[str, Any]:
    if given["at"] is None:
        release = given["release"]
        return {"release": Release(release), "release_at": None} if release else {}
    if given["release"]:
        raise click.UsageError(f"'--at' and '--{given['release']}' exclude each other.")
    try:
        return {"release": Release.AT, "release_at": read_time(given["at"], zone)}
    except InputError as error:
        raise InputError(str(error), {"release_at": str(error)}) from None
