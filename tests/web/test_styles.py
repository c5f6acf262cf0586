"""What the style sheets promise: both directions, both colour schemes, every width."""

import re
from pathlib import Path

import pytest

from feedsvc.web import assets

OURS = sorted(sheet for sheet in assets.FOLDER.rglob("*.css") if "vendor" not in sheet.parts)
SIDED = re.compile(
    r"(?<![\w-])(?:left|right|(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius|(?:text-align|float|clear):\s*(?:left|right))"
    r"(?![\w-])"
)
MEDIA = re.compile(r"@media([^{]+)")


def rules(sheet: Path) -> str:
    """Return a style sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("sheet", OURS, ids=lambda sheet: sheet.name)
def test_nothing_is_put_left_or_right(sheet: Path) -> None:
    """A page that is read from right to left is the same page: start and end, not sides."""
    assert SIDED.findall(rules(sheet)) == []


@pytest.mark.parametrize("sheet", OURS, ids=lambda sheet: sheet.name)
def test_colours_do_not_depend_on_the_width(sheet: Path) -> None:
    """So whoever looks at a light and wide and at a dark and narrow window has seen all."""
    both = [
        found
        for found in MEDIA.findall(rules(sheet))
        if "color-scheme" in found and ("width" in found or "size" in found)
    ]

    assert both == []


@pytest.mark.parametrize("sheet", OURS, ids=lambda sheet: sheet.name)
def test_what_moves_asks_whether_it_may(sheet: Path) -> None:
    """`prefers-reduced-motion` is asked before anything is animated."""
    still = re.sub(
        r"@media \(prefers-reduced-motion: no-preference\) \{(?:[^{}]|\{[^{}]*\})*\}",
        "",
        rules(sheet),
    )

    assert re.findall(r"(?:animation|transition|scroll-behavior)[\w-]*:", still) == []


def test_sheets_are_found() -> None:
    assert {"feedsvc.css", "desk.css"} <= {sheet.name for sheet in OURS}
