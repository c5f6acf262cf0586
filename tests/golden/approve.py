"""Write the golden documents anew: `python -m tests.golden.approve`, then read the diff."""

from pathlib import Path

from feedsvc import __version__
from feedsvc.rendering.document import render
from tests.golden.newsrooms import documents

FOLDER = Path(__file__).parent
VERSION_MARK = b"@VERSION@"  # so that a release does not change what is approved


def approved(name: str) -> bytes:
    """Return an approved document as it is for this version of the program."""
    return (FOLDER / name).read_bytes().replace(VERSION_MARK, __version__.encode())


def rendered() -> dict[str, bytes]:
    """Return all documents as they are written now, by file name."""
    return {
        f"{name}.{format_}": body
        for name, document in documents().items()
        for format_, body in render(document).bodies.items()
    }


def _marked(body: bytes) -> bytes:
    version = __version__.encode()
    return body.replace(b"feedsvc " + version, b"feedsvc " + VERSION_MARK).replace(
        b'version="' + version + b'">feedsvc<', b'version="' + VERSION_MARK + b'">feedsvc<'
    )


if __name__ == "__main__":
    for name, body in rendered().items():
        (FOLDER / name).write_bytes(_marked(body))
