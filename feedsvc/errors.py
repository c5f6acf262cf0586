"""The error tree: what went wrong, named by what the caller can do about it.

Every message is a sentence for a person, and says the remedy.
"""


class FeedsvcError(Exception):
    """Any failure that feedsvc foresees; its text may be shown to whoever asked."""


class InputError(FeedsvcError):
    """Something handed in cannot be taken; `fields` says what and why, by field name."""

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class ConfigError(FeedsvcError):
    """A setting is unknown or impossible; the service does not start."""


class NotFoundError(FeedsvcError):
    """There is no such thing, or none that may be seen."""


class ConflictError(FeedsvcError):
    """Somebody else changed it first; read again, then decide."""


class SignInError(FeedsvcError):
    """The name and password do not open anything; never says which of them was wrong."""


class FurtherStepError(SignInError):
    """The first factor was right, and another is needed as well; `step` goes on with it."""

    def __init__(self, message: str, step: str) -> None:
        super().__init__(message)
        self.step = step


class SecondStepError(FurtherStepError):
    """The first factor was right, and a code is needed as well."""


class PasskeyStepError(FurtherStepError):
    """The first factor was right, and a passkey has to sign in."""


class ForbiddenError(FeedsvcError):
    """Who asks is known, and may not do this."""


class ThrottledError(FeedsvcError):
    """Too many attempts; try again after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BusyError(FeedsvcError):
    """As many as may are having this done; it can be had after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnavailableError(FeedsvcError):
    """The database cannot answer now; the same call may succeed later."""


class FullError(UnavailableError):
    """There is no space left to store anything; what is stored can be read."""


class MigrationError(FeedsvcError):
    """The database is of another version than this program."""


class RenderingError(FeedsvcError):
    """A feed or an entry cannot be written as a well-formed document."""


class StaleError(FeedsvcError):
    """A newer revision is out, or another leader has taken over; drop the work."""


class GoneError(NotFoundError):
    """It was public once and has been withdrawn; `notice` is what an editor says of it."""

    def __init__(self, message: str, notice: str = "") -> None:
        super().__init__(message)
        self.notice = notice


class DamagedError(FeedsvcError):
    """Stored bytes are not those that were stored; they must not reach a reader."""


class OutboundError(FeedsvcError):
    """Another machine may not be spoken to, does not answer, or says too much."""
