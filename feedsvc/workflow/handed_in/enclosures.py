"""The media files of an article: what was handed in, and what is known of them already."""

import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from feedsvc.errors import InputError
from feedsvc.model import ArticleInput, Enclosure, FileInput
from feedsvc.rendering.text import plain_text
from feedsvc.says import says
from feedsvc.workflow.handed_in.fields import MAX_EXCERPT, address, joined, limited

MAX_FILES = 50  # feeds show the first 20 of them
OPERATORS_FILES = 100  # as many as imports bring
MAX_LENGTH = 2**53  # bytes: what JSON can carry
_NAME = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}"  # RFC 6838, section 4.2
_MEDIA_TYPE = re.compile(f"{_NAME}/{_NAME}")


def checked_files(given: ArticleInput) -> tuple[Enclosure, ...] | None:
    """Return the files as they are to be stored, each address once; None stays None.

    What an article has already may be handed in again, by a form that shows it: imports bring
    more files than others may hand in, longer addresses and titles, and one address twice.

    Raises:
        InputError: something cannot be taken; the sentences say of which file they speak.
    """
    if given.enclosures is None:
        return None
    files, problems = _each(given.enclosures, {file.url: file for file in given.known})
    most = max(OPERATORS_FILES if given.is_operators else MAX_FILES, len(given.known))
    if len(files) > most:
        problems.append(
            says(
                "there are %(count)s files; at most %(limit)s are possible",
                count=len(files),
                limit=most,
            )
        )
    if problems:
        raise InputError(joined(problems))
    if list(map(_said, files)) == list(map(_said, given.known)):
        return given.known
    once: dict[str, Enclosure] = {}
    for file in files:
        once.setdefault(file.url, file)
    return tuple(once.values())


def _said(file: Enclosure) -> tuple[str, str | None, int | None, str]:
    return file.url, file.media_type, file.length, file.alt


def _each(
    given: Iterable[FileInput], known: Mapping[str, Enclosure]
) -> tuple[list[Enclosure], list[str]]:
    files: list[Enclosure] = []
    problems: list[str] = []
    for number, file in enumerate(filter(_says_anything, given), 1):
        try:
            files.append(_file(file, known.get(file.url.strip())))
        except InputError as error:
            problems.append(of_file(number, str(error)))
    return files, problems


def of_file(number: int, problem: str) -> str:
    """Return what is said of one file; the first is number 1."""
    return says("file %(number)s: %(problem)s", number=number, problem=problem)


def _says_anything(file: FileInput) -> bool:
    texts = (file.url, file.media_type, file.title)
    return file.length is not None or any(plain_text(text) for text in texts)


def _file(file: FileInput, known: Enclosure | None) -> Enclosure:
    url = known.url if known else _address(file.url)
    if file.length is not None and not 0 <= file.length <= MAX_LENGTH:
        raise InputError(says("the size must be a number of bytes"))
    kind, title = _kind(file.media_type, known), _title(file.title, known)
    return Enclosure(url=url, media_type=kind, length=file.length, alt=title)


def _address(text: str) -> str:
    try:
        url = address(text)
    except InputError as error:
        raise InputError(says("the address %(problem)s", problem=str(error))) from None
    if url is None:
        raise InputError(says("give its address, or leave all of its fields empty"))
    return url


def _kind(text: str, known: Enclosure | None) -> str | None:
    kind = plain_text(text).lower()
    if known and known.media_type and kind == plain_text(known.media_type).lower():
        return known.media_type
    if kind and not _MEDIA_TYPE.fullmatch(kind):
        raise InputError(says("the type must be one such as audio/mpeg or application/pdf"))
    return kind or None


def _title(text: str, known: Enclosure | None) -> str:
    if known and plain_text(text) == plain_text(known.alt):
        return known.alt
    try:
        return limited(text, MAX_EXCERPT)
    except InputError as error:
        raise InputError(says("the title %(problem)s", problem=str(error))) from None


def merged(
    stored: tuple[Enclosure, ...], given: tuple[Enclosure, ...] | None
) -> tuple[Enclosure, ...]:
    """Return the given files with what is stored of those whose address is the same."""
    if given is None or given == stored:
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
