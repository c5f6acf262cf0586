"""The media files in the article form: lines of four fields, of which three are empty.

Every line sends all of its fields, so the first values of each name belong to the first file.
"""

import re
from itertools import zip_longest
from typing import NamedTuple

from wtforms import SelectMultipleField

from feedsvc.model import Article, FileInput
from feedsvc.web.auth import DeskForm
from feedsvc.web.tongues import gettext as _
from feedsvc.web.tongues import marked

EMPTY_LINES = 3
_BETWEEN_DIGITS = re.compile(r"[\s,.'\u00a0\u202f]")
_NUMBER = re.compile(r"[0-9]{1,16}", re.ASCII)  # more than the workflow takes


class FileLine(NamedTuple):
    """One media file as it was typed."""

    url: str = ""
    title: str = ""
    media_type: str = ""
    length: str = ""


class FileFields(DeskForm):
    """The part of the article form that names media files."""

    enclosures = SelectMultipleField(
        marked("Audio, video, PDF"), validate_choice=False, default=()
    )
    enclosure_titles = SelectMultipleField(validate_choice=False, default=())
    enclosure_types = SelectMultipleField(validate_choice=False, default=())
    enclosure_lengths = SelectMultipleField(validate_choice=False, default=())

    @property
    def file_lines(self) -> list[FileLine]:
        """The lines that hold anything, in order, and the empty ones."""
        return [*self._typed(), *[FileLine()] * EMPTY_LINES]

    def given_files(self, problems: dict[str, str]) -> tuple[FileInput, ...] | None:
        """Return the files for the workflow; None where a form came without these fields."""
        if not self.enclosures.raw_data:
            return None
        files: list[FileInput] = []
        for line in self._typed():
            length = _BETWEEN_DIGITS.sub("", line.length)
            if length and not _NUMBER.fullmatch(length):
                problems["enclosures"] = _("The size is a number of bytes, such as 5242880.")
                length = ""
            files.append(
                FileInput(
                    url=line.url,
                    media_type=line.media_type,
                    length=int(length) if length else None,
                    title=line.title,
                )
            )
        return tuple(files)

    def _typed(self) -> list[FileLine]:
        fields = (
            *(self.enclosures, self.enclosure_titles),
            *(self.enclosure_types, self.enclosure_lengths),
        )
        columns = [[str(value).strip() for value in field.data or ()] for field in fields]
        lines = (FileLine(*values) for values in zip_longest(*columns, fillvalue=""))
        return [line for line in lines if any(line)]


def filled(article: Article) -> dict[str, list[str]]:
    """Return the values of these fields for an article as it is stored."""
    files = article.enclosures
    return {
        "enclosures": [file.url for file in files],
        "enclosure_titles": [file.alt for file in files],
        "enclosure_types": [file.media_type or "" for file in files],
        "enclosure_lengths": [_written(file.length) for file in files],
    }


def _written(length: int | None) -> str:
    return "" if length is None else str(length)
