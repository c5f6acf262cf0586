"""What is larger than we take: how much that is, and what to do about it, in plain words."""

from collections.abc import Iterator
from math import ceil

from babel.numbers import format_decimal
from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge

from feedsvc.http.bodies import TOO_LARGE
from feedsvc.says import says
from feedsvc.web.security import is_private
from feedsvc.web.tongues import tongue

STATUS = RequestEntityTooLarge.code
MOST_WITH_PICTURE = 24_000_000  # so that a picture that is too large is refused with a sentence
WITH_PICTURE = frozenset(
    {"desk.post_new", "desk.post", "desk.post_media", "api.upload_picture"}
)
_MEGABYTE = 1_000_000


def register(app: Flask) -> None:
    """Bound what is read of requests, and refuse those of which nothing was kept.

    To be called last: what an answer is said in has to be known.
    """

    @app.before_request
    def bound() -> None:
        if request.endpoint in WITH_PICTURE:
            request.max_content_length = MOST_WITH_PICTURE
        if TOO_LARGE in request.environ:
            raise RequestEntityTooLarge


def explained() -> Iterator[str]:
    """Yield what was too large, by how much; and to people at the desk, what to do."""
    yield _measured()
    if is_private(request.path):
        yield says(
            "Nothing has been saved. Go back with your browser's back button: in most "
            "browsers what you wrote is still in the form. Then choose a smaller picture, or "
            "put the text into several articles."
        )


def _measured() -> str:
    most, was_kept = request.max_content_length, TOO_LARGE not in request.environ
    sent = request.content_length or 0 if was_kept else request.environ[TOO_LARGE]
    if most is None or (was_kept and sent <= most):
        return _of_fields(sent)
    if not sent:
        return says(
            "What was sent is larger than the %(most)s MB that can be taken at once.",
            most=_megabytes(most),
        )
    return says(
        "What was sent has %(sent)s MB, and at most %(most)s MB can be taken at once.",
        sent=_megabytes(sent),
        most=_megabytes(most),
    )


def _of_fields(sent: int) -> str:
    """Say that the fields are too long or too many, where the whole is not."""
    most = request.max_form_memory_size
    if most is None or sent <= most:
        return says("What was sent is larger than we take.")
    return says(
        "The text that was sent is longer than the %(most)s MB that can be taken at once.",
        most=_megabytes(most),
    )


def _megabytes(size: int) -> str:
    """Return megabytes, a little more rather than less: what is too large must look so."""
    return format_decimal(ceil(size * 10 / _MEGABYTE) / 10, "#,##0.#", locale=tongue())
