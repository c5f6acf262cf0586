"""What is stored as zstd, as it was: all that those who serve need of the codings."""

from feedsvc import zstd
from feedsvc.errors import UnavailableError


def unpack(body: bytes) -> bytes:
    """Return what was coded as zstd.

    Raises:
        UnavailableError: it is damaged; the text says what to do.
    """
    try:
        return zstd.decompress(body)
    except zstd.ZstdError as error:
        raise UnavailableError(
            f"it holds a damaged feed ({error}); restore a backup"
        ) from error
