"""One set as files in a folder of its own: written once, never changed, checked when read.

Beside the bodies stands `manifest.json`, which says what they must be. The manifest's own
digest is kept by the caller (in the folder's name), so that no part of a set can change
without being noticed.
"""

import os
import stat
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from feedsvc.errors import DamagedError
from feedsvc.model import Coding, Format, Label, Representation, Validators
from feedsvc.publishing.folders import sync_folder, write_file
from feedsvc.publishing.tags import entity_tag

EXTENSIONS = {Coding.IDENTITY: "", Coding.GZIP: ".gz", Coding.BR: ".br", Coding.ZSTD: ".zst"}
DIGEST_LENGTH = 16

_MANIFEST = "manifest.json"
_LONGEST_MANIFEST = 65_536  # bytes; some 900 are usual


class _File(Struct, frozen=True, kw_only=True):
    """What one body must be, and the validators it is served with.

    Its tag is the beginning of its SHA-256, which is not computed once more for the file.
    """

    length: int
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


def read_labels(folder: str, digest: str) -> tuple[Label, ...]:
    """Read what a set must be; its bodies are looked at when they are read.

    Raises:
        DamagedError: that is not what was written; the message names the file.
    """
    path = f"{folder}/{_MANIFEST}"
    content = _read(path, _LONGEST_MANIFEST)
    if _digest(content) != digest:
        raise damaged(path, "is not what was written")
    try:
        manifest = msgspec.json.decode(content, type=_Manifest)
    except msgspec.ValidationError:
        raise damaged(path, "was written by another version") from None
    return tuple(
        Label(
            slug=manifest.slug,
            format=manifest.format,
            coding=coding,
            validators=Validators(etag=file.etag, last_modified=file.last_modified),
            length=file.length,
            revision=manifest.revision,
        )
        for coding, file in manifest.files.items()
    )


def read_body(folder: str, label: Label) -> bytes:
    """Read the body that belongs to a label, from a set that may be another one's.

    Raises:
        DamagedError: it is not that body; the message names the file.
    """
    path = f"{folder}/{body_name(label.format, label.coding)}"
    body = _read(path, label.length)
    if entity_tag(body) != label.validators.etag:
        raise damaged(path, "is not what was written")
    return body


def damaged(path: str, what: str) -> DamagedError:
    """Return the error that names a file, what is wrong with it, and what to do."""
    return DamagedError(
        f"{path} {what}; it is not served, and is written anew from the database;"
        " check the disk if this comes again"
    )


def _manifest(group: Sequence[Representation]) -> bytes:
    files = {
        each.coding: _File(
            length=len(each.body),
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


def _read(path: str, longest: int) -> bytes:
    """Read a plain file of at most that many bytes: never a pipe, never a grown giant.

    It is copied and never mapped: what is mapped can change, or end, after it was checked.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            is_plain = stat.S_ISREG(os.fstat(descriptor).st_mode)
            content = _read_all(descriptor, longest + 1) if is_plain else b""
        finally:
            os.close(descriptor)
    except OSError as error:
        raise damaged(path, f"cannot be read ({error.strerror})") from None
    if not is_plain:
        raise damaged(path, "is no plain file")
    if len(content) > longest:
        raise damaged(path, "is longer than it was written")
    return content


def _read_all(descriptor: int, longest: int) -> bytes:
    """Read to the end, or so many bytes; one call gives at most 2 GB."""
    parts = []
    while longest > 0 and (part := os.read(descriptor, longest)):
        parts.append(part)
        longest -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
