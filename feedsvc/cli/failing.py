"""How a command fails: one line for whoever typed it, and an exit status for scripts."""

import errno
import logging
import sys

import click

from feedsvc.errors import (
    ConfigError,
    ConflictError,
    FeedsvcError,
    InputError,
    NotFoundError,
    StaleError,
    ThrottledError,
    UnavailableError,
)
from feedsvc.log import configure, one_line

logger = logging.getLogger(__name__)

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # of a file without a name: an output
FAILED, USAGE, NOT_FOUND, CONFLICT, FAULT, TRY_AGAIN, INTERRUPTED = 1, 2, 3, 4, 70, 75, 130

# The first match counts; whatever is not here has failed for good.
_STATUS: tuple[tuple[type[FeedsvcError], int], ...] = (
    (InputError, USAGE),
    (ConfigError, USAGE),
    (NotFoundError, NOT_FOUND),
    (ConflictError, CONFLICT),
    (UnavailableError, TRY_AGAIN),
    (ThrottledError, TRY_AGAIN),
    (StaleError, TRY_AGAIN),
)


def exit_code_of(error: Exception) -> int:
    """Say on standard error what went wrong, and return the exit status for it."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            error.show()
            return USAGE
        case click.ClickException():
            say(_usage(error))
            return error.exit_code
        case click.Abort():
            say("interrupted")
            return INTERRUPTED
        case FeedsvcError():
            say(_with_fields(error))
            return next((code for kind, code in _STATUS if isinstance(error, kind)), FAILED)
        case OSError(filename=None) if error.errno in _NO_SPACE:
            say(f"what it prints cannot be written: {error.strerror}; free some space")
            return TRY_AGAIN
        case _:
            if not logging.getLogger().handlers:  # it failed before the settings were read
                configure()
            logger.error("a command failed", exc_info=error)
            say(f"a fault in feedsvc: {type(error).__name__}; the log above has the details")
            return FAULT


def say(sentence: str) -> None:
    """Write one line to standard error, as Unix tools do."""
    print(f"feedsvc: {one_line(sentence)}", file=sys.stderr, flush=True)


def _usage(error: click.ClickException) -> str:
    # What click calls a whole number between bounds is no word for whoever typed it.
    sentence = error.format_message().replace("a valid integer range", "a whole number")
    if not isinstance(error, click.UsageError) or error.ctx is None:
        return sentence
    if sentence[-1:] not in {".", "?"}:  # a list of what may be chosen
        sentence += "."
    return f"{sentence} See '{error.ctx.command_path} --help'."


def _with_fields(error: FeedsvcError) -> str:
    """Name every field that was refused, unless the sentence does already."""
    if not isinstance(error, InputError) or not error.fields:
        return str(error)
    parts = [f"{name}: {problem}" for name, problem in error.fields.items()]
    return "; ".join(parts)
