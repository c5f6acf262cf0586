"""One set as files in a folder of its own: written once, never changed, checked when read.

Beside the bodies stands `manifest.json`, which says what they must be. The manifest's own
digest is kept by the caller (in the folder's name), so that no part of a set can change
without being noticed.
"""

import stat
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from feedsvc.errors import DamagedError
from feedsvc.model import Coding, Format, Representation, Validators
from feedsvc.publishing.folders import sync_folder, write_file

EXTENSIONS = {Coding.IDENTITY: "", Coding.GZIP: ".gz", Coding.BR: ".br", Coding.ZSTD: ".zst"}
DIGEST_LENGTH = 16

_MANIFEST = "manifest.json"
_LONGEST_MANIFEST = 65_536  # bytes; some 900 are usual


class _File(Struct, frozen=True, kw_only=True):
    """What one body must be, and the validators it is served with."""

    length: int
    sha256: str
    etag: str
    last_modified: Annotated[datetime, Meta(tz=True)]


class _Manifest(Struct, frozen=True, kw_only=True):
    """What a set must be."""

    slug: str
    format: Format
    revision: int
    files: dict[Coding, _File]


def body_name(format_: Format, coding: Coding) -> str:
    """Return the name of a body within its set, as static servers want siblings named."""
    return f"feed.{format_}{EXTENSIONS[coding]}"


def write_set(folder: Path, group: Sequence[Representation]) -> str:
    """Write a set into an empty folder, through to the disk; return the manifest's digest."""
    for each in group:
        path = folder / body_name(each.format, each.coding)
        write_file(path, each.body, each.validators.last_modified)
    content = _manifest(group)
    write_file(folder / _MANIFEST, content, group[0].validators.last_modified)
    sync_folder(folder)
    return _digest(content)


def read_set(folder: Path, digest: str) -> tuple[Representation, ...]:
    """Read a set back, byte for byte as it was written.

    Raises:
        DamagedError: it is not; the message names the file.
    """
    path = folder / _MANIFEST
    content = _read(path, _LONGEST_MANIFEST)
    if _digest(content) != digest:
        raise damaged(path, "is not what was written")
    try:
        manifest = msgspec.json.decode(content, type=_Manifest)
    except msgspec.ValidationError:
        raise damaged(path, "was written by another version") from None
    return tuple(
        _representation(folder, manifest, coding, file)
        for coding, file in manifest.files.items()
    )


def damaged(path: Path, what: str) -> DamagedError:
    """Return the error that names a file, what is wrong with it, and what to do."""
    return DamagedError(
        f"{path} {what}; it is not served, and is written anew from the database;"
        " check the disk if this comes again"
    )


def _manifest(group: Sequence[Representation]) -> bytes:
    files = {
        each.coding: _File(
            length=len(each.body),
            sha256=sha256(each.body).hexdigest(),
            etag=each.validators.etag,
            last_modified=each.validators.last_modified,
        )
        for each in group
    }
    first = group[0]
    manifest = _Manifest(
        slug=first.slug, format=first.format, revision=first.revision, files=files
    )
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:DIGEST_LENGTH]


def _representation(
    folder: Path, manifest: _Manifest, coding: Coding, file: _File
) -> Representation:
    path = folder / body_name(manifest.format, coding)
    body = _read(path, file.length)
    if sha256(body).hexdigest() != file.sha256:
        raise damaged(path, "is not what was written")
    return Representation(
        slug=manifest.slug,
        format=manifest.format,
        coding=coding,
        body=body,
        validators=Validators(etag=file.etag, last_modified=file.last_modified),
        revision=manifest.revision,
    )


def _read(path: Path, longest: int) -> bytes:
    """Read a plain file of at most that many bytes: never a pipe, never a grown giant."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise damaged(path, "is no plain file")
        if status.st_size > longest:
            raise damaged(path, "is longer than it was written")
        return path.read_bytes()
    except OSError as error:
        raise damaged(path, f"cannot be read ({error.strerror})") from None
