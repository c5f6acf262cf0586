"""Files that are handed in: packed or plain, damaged, and made to do harm."""

import gzip
from pathlib import Path

import pytest

from feedsvc.errors import InputError
from feedsvc.reading import source
from feedsvc.reading.source import chunks, without_controls


def read(path: Path) -> tuple[bytes, int]:
    counts: list[int] = []
    return b"".join(chunks(path, counts.append)), sum(counts)


def test_plain_and_packed_file_are_the_same(tmp_path: Path) -> None:
    text = b"<rss/>" * 30_000
    plain, packed = tmp_path / "a.xml", tmp_path / "b.xml"
    plain.write_bytes(text)
    packed.write_bytes(gzip.compress(text))

    assert read(plain) == (text, len(text))
    assert read(packed) == (text, packed.stat().st_size)


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.xml", tmp_path):
        with pytest.raises(InputError, match=r"cannot be read: (No such file|Is a directory)"):
            read(path)


@pytest.mark.parametrize("damage", ["cut", "changed", "not gzip"])
def test_damaged_gzip_is_refused(tmp_path: Path, damage: str) -> None:
    packed = bytearray(gzip.compress(bytes(range(256)) * 500))
    if damage == "cut":
        packed = packed[:-9]
    elif damage == "changed":
        packed[len(packed) // 2] ^= 0xFF
    else:
        packed = bytearray(b"\x1f\x8b no gzip at all")
    (tmp_path / "a.gz").write_bytes(packed)

    with pytest.raises(InputError, match="breaks off or is damaged"):
        read(tmp_path / "a.gz")


def test_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "BOMB_BYTES", 1 << 20)
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(8 << 20)))

    with pytest.raises(InputError, match="unpacks to more than 200 times its size"):
        read(tmp_path / "bomb.gz")


@pytest.mark.parametrize(
    ("given", "cleaned", "dropped"),
    [
        ([b"<a>\x08b\x0b</a>"], b"<a>b</a>", 2),
        ([b"\r\n  <?xml?>", b"\x00x\n"], b"<?xml?>x\n", 1),
        ([], b"", 0),
        (["<a/>".encode("utf-16")], "<a/>".encode("utf-16"), 0),
        ([b"<\0a\0/\0>\0"], b"<\0a\0/\0>\0", 0),
    ],
)
def test_control_characters_are_dropped(
    given: list[bytes], cleaned: bytes, dropped: int
) -> None:
    counts: list[int] = []

    assert b"".join(without_controls(iter(given), counts.append)) == cleaned
    assert sum(counts) == dropped
