"""Every address that answers stands in the README."""

import re
from pathlib import Path

from feedsvc.http.feed_paths import feed_path
from feedsvc.model import RECENT, Format
from feedsvc.web import create_app
from feedsvc.wiring import Service

_README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
_OF_PAGES = {"/static/<path:filename>", "/favicon.ico"}  # what pages load, and nobody types


def test_the_readme_names_every_address(service: Service) -> None:
    rules = {rule.rule for rule in create_app(service).url_map.iter_rules()} - _OF_PAGES
    public = {rule for rule in rules if not rule.startswith(("/desk/", "/api/"))}

    missing = {rule for rule in public if f"`{_written(rule)}`" not in _README}

    assert not missing
    assert all(place in _README for place in ("`/desk/`", "`/api/v1/…`"))


def _written(rule: str) -> str:
    return "/articles/<slug>/" if rule == "/<path:path>" else rule.replace("<path:", "<")


def test_the_readme_names_the_feeds() -> None:
    for slug in (RECENT, "category/<slug>"):
        row = next(
            line for line in _README.splitlines() if line.startswith(f"| `/feeds/{slug}.rss")
        )
        for format_ in Format:
            assert re.search(rf"\.{format_}`", row)


def test_the_addresses_of_feeds_are_as_written() -> None:
    assert feed_path("category/news", Format.ATOM) == "/feeds/category/news.atom"
