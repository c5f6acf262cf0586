"""An article on paper: the story alone, black on white, with the addresses of its links."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.live.browsing import browse
from tests.live.looks import newsroom

pytestmark = [pytest.mark.live, pytest.mark.browser]
GREYS = {"rgb(0, 0, 0)", "rgb(51, 51, 51)"}
NOT_PRINTED = "nav, form, footer, aside, button, .skip, .motto"
INKS = """() => [...document.querySelectorAll('main *')].filter(one => one.checkVisibility())
  .map(one => getComputedStyle(one).color)"""
PAPERS = """() => [...document.querySelectorAll('body, main, main *')]
  .map(one => getComputedStyle(one).backgroundColor)
  .filter(colour => colour !== 'rgba(0, 0, 0, 0)')"""
AFTER = """() => [...document.querySelectorAll('.story a')].map(one =>
  [one.getAttribute('href'), getComputedStyle(one, '::after').content])"""


def test_article_is_printed_black_on_white(tmp_path: Path) -> None:
    def flow(page: Page) -> None:
        page.goto(path)
        page.emulate_media(media="print", color_scheme="dark")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator(".body")).to_contain_text("Senior officials met")
        assert page.locator(NOT_PRINTED).count() > 0
        expect(page.locator(NOT_PRINTED).filter(visible=True)).to_have_count(0)
        assert set(page.evaluate(INKS)) <= GREYS
        assert set(page.evaluate(PAPERS)) == {"rgb(255, 255, 255)"}
        addresses = {href: said for href, said in page.evaluate(AFTER) if said != "none"}
        assert addresses == {"https://example.org/a": '" (https://example.org/a)"'}
        sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
        assert 0 < len(sheets) < 3

    with newsroom(tmp_path) as looks:
        path = looks.articles()[0]
        browse(looks.base, flow)
