"""The media files of an article: what was handed in, and what is known of them already."""

import re
from collections.abc import Iterable
from dataclasses import replace

from feedsvc.errors import InputError
from feedsvc.model import Enclosure, FileInput
from feedsvc.rendering.text import plain_text
from feedsvc.says import says
from feedsvc.workflow.fields import MAX_EXCERPT, address, joined, limited

MAX_FILES = 50  # feeds show the first 20 of them
MAX_LENGTH = 2**53  # bytes: what JSON can carry
_NAME = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}"  # RFC 6838, section 4.2
_MEDIA_TYPE = re.compile(f"{_NAME}/{_NAME}")


def checked_files(given: tuple[FileInput, ...] | None) -> tuple[Enclosure, ...] | None:
    """Return the files as they are to be stored, each address once; None stays None.

    Raises:
        InputError: something cannot be taken; the sentences say of which file they speak.
    """
    if given is None:
        return None
    files, problems = _each(given)
    if len(files) > MAX_FILES:
        problems.append(
            says(
                "there are %(count)s files; at most %(limit)s are possible",
                count=len(files),
                limit=MAX_FILES,
            )
        )
    if problems:
        raise InputError(joined(problems))
    once: dict[str, Enclosure] = {}
    for file in files:
        once.setdefault(file.url, file)
    return tuple(once.values())


def _each(given: Iterable[FileInput]) -> tuple[list[Enclosure], list[str]]:
    files: list[Enclosure] = []
    problems: list[str] = []
    for number, file in enumerate(filter(_says_anything, given), 1):
        try:
            files.append(_file(file))
        except InputError as error:
            problems.append(of_file(number, str(error)))
    return files, problems


def of_file(number: int, problem: str) -> str:
    """Return what is said of one file; the first is number 1."""
    return says("file %(number)s: %(problem)s", number=number, problem=problem)


def _says_anything(file: FileInput) -> bool:
    texts = (file.url, file.media_type, file.title)
    return file.length is not None or any(plain_text(text) for text in texts)


def _file(file: FileInput) -> Enclosure:
    try:
        url = address(file.url)
    except InputError as error:
        raise InputError(says("the address %(problem)s", problem=str(error))) from None
    if url is None:
        raise InputError(says("give its address, or leave all of its fields empty"))
    kind = plain_text(file.media_type).lower()
    if kind and not _MEDIA_TYPE.fullmatch(kind):
        raise InputError(says("the type must be one such as audio/mpeg or application/pdf"))
    if file.length is not None and not 0 <= file.length <= MAX_LENGTH:
        raise InputError(says("the size must be a number of bytes"))
    try:
        title = limited(file.title, MAX_EXCERPT)
    except InputError as error:
        raise InputError(says("the title %(problem)s", problem=str(error))) from None
    return Enclosure(url=url, media_type=kind or None, length=file.length, alt=title)


def merged(
    stored: tuple[Enclosure, ...], given: tuple[Enclosure, ...] | None
) -> tuple[Enclosure, ...]:
    """Return the given files with what is stored of those whose address is the same."""
    if given is None:
        return stored
    known = {file.url: file for file in stored}
    return tuple(_completed(file, known.get(file.url)) for file in given)


def known_image(stored: Enclosure | None, given: Enclosure | None) -> Enclosure | None:
    """Return the given lead image, with what is stored of it if its address is the same."""
    if stored is None or given is None or stored.url != given.url:
        return given
    return replace(stored, alt=given.alt, credit=given.credit)


def _completed(file: Enclosure, known: Enclosure | None) -> Enclosure:
    if known is None:
        return file
    return replace(
        known,
        media_type=file.media_type or known.media_type,
        length=known.length if file.length is None else file.length,
        alt=file.alt,
    )
