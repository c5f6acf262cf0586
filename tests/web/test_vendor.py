"""Libraries of others: unchanged, listed, each with its licence."""

from hashlib import sha256
from pathlib import Path

import pytest

from feedsvc.web.assets import FOLDER

VENDOR = FOLDER / "vendor"
FILES = sorted(file for file in VENDOR.rglob("*") if file.suffix in {".js", ".css"})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_others_made_is_as_they_made_it(file: Path) -> None:
    path, digest = file.relative_to(VENDOR).as_posix(), sha256(file.read_bytes()).hexdigest()
    lines = (VENDOR / "README.md").read_text("utf-8").splitlines()
    [line] = [line for line in lines if f"`{path}`" in line]

    assert digest in line
    assert [*VENDOR.glob(f"{path.partition('/')[0]}/LICENSE*")]


def test_everything_listed_is_there() -> None:
    listed = (VENDOR / "README.md").read_text("utf-8").count("\n| `")

    assert listed == len(FILES)
