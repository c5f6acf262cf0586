"""gzip of a feed of which most is as it was: only what is new is compressed (RFC 1952).

A body comes in parts, mostly one an entry. They are taken together in runs of some 16 kB or
more, and each run is compressed by itself, with what stands before it as its dictionary; runs
are joined at byte boundaries into one member, so there is nothing unusual for a reader to meet
(RFC 1951, section 3.2.4: a stored block of length 0). A run that stands behind the same bytes
as before is not compressed again. Where a run begins is decided by the lengths of parts alone,
so a new entry at the top moves no other run.

What comes out depends on the parts alone, whatever was compressed before (promise 2).
"""

from collections.abc import Iterator, Sequence

from zlib_ng import zlib_ng

from feedsvc.rendering.kept import Kept

BUDGET = 32_000_000  # bytes, parts included: of some 100 documents, whose parts others keep too
_LEVEL = 3
_SHORTEST = 16_000  # bytes of a run; a shorter one would have less to refer to
_ONE_IN = 4  # of the parts behind that length, one begins another run
_DICTIONARY = 8_000  # bytes at least, of whole parts before a run
_MOST_DICTIONARY = 32_768  # bytes that deflate can refer to
_RAW = -15  # neither header nor checksum
_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # no name, no time, no system

Run = tuple[bytes, ...]
_kept: Kept[None, bytes] = Kept(BUDGET)


def gzip(body: bytes, parts: Sequence[bytes]) -> bytes:
    """Return a body, given whole and in parts, as one member of gzip."""
    runs = list(_runs(parts))
    coded = [_HEADER]
    for place, run in enumerate(runs):
        before = _end_of(runs[place - 1]) if place else ()
        coded.append(_coded(before, run, is_last=place == len(runs) - 1))
    coded.append(zlib_ng.crc32(body).to_bytes(4, "little"))
    coded.append((len(body) % 2**32).to_bytes(4, "little"))
    return b"".join(coded)


def forget() -> None:
    """Compress everything anew from now on."""
    _kept.clear()


def _runs(parts: Sequence[bytes]) -> Iterator[Run]:
    first, size = 0, 0
    for place, part in enumerate(parts):
        if size >= _SHORTEST and len(part) % _ONE_IN == 0:
            yield tuple(parts[first:place])
            first, size = place, 0
        size += len(part)
    yield tuple(parts[first:])


def _end_of(run: Run) -> Run:
    """Return the last parts of a run, as many as the next one's dictionary needs."""
    size = 0
    for back, part in enumerate(reversed(run), 1):
        size += len(part)
        if size >= _DICTIONARY:
            return run[-back:]
    return run


def _coded(before: Run, run: Run, *, is_last: bool) -> bytes:
    # Bytes remember their hash, and parts that are as they were are the same objects: so to
    # look for a run costs next to nothing.
    key = before, run, is_last
    coded = _kept.get(key, None)
    if coded is None:
        dictionary = b"".join(before)[-_MOST_DICTIONARY:]
        coded = _compressed(dictionary, b"".join(run), is_last=is_last)
        _kept.put(key, None, coded, len(coded) + sum(map(len, run)))
    return coded


def _compressed(dictionary: bytes, run: bytes, *, is_last: bool) -> bytes:
    stream = zlib_ng.compressobj(_LEVEL, wbits=_RAW, zdict=dictionary)
    end = zlib_ng.Z_FINISH if is_last else zlib_ng.Z_SYNC_FLUSH
    return stream.compress(run) + stream.flush(end)
