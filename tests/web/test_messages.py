"""Everything that a page says goes through gettext."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from tests.conftest import ROOT

TEMPLATES = ROOT / "feedsvc" / "web" / "templates"
EVERY = sorted(TEMPLATES.rglob("*.html"))
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"^[A-Z][a-z]+\b|[a-z]{2,} [a-z]{2,}")
CODE = re.compile(r"[<>={}/]")  # markup and addresses, which are for no reader
SPOKEN = {"title", "alt", "aria-label", "placeholder", "summary", "label"}
NO_TEXT = {"script", "style", "code", "pre", "kbd"}
TRANSLATORS = {"_", "gettext", "ngettext"}
NAMES = {"Markdown", "HTML", "RSS", "URL"}
environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def markup(source: str) -> str:
    """Return a template without anything of Jinja's, and without what is translated."""
    for pattern in (
        r"\{#.*?#\}",
        r"\{%-?\s*trans\b.*?endtrans\s*-?%\}",
        r"\{%.*?%\}",
        r"\{\{.*?\}\}",
    ):
        source = re.sub(pattern, "", source, flags=re.DOTALL)
    return source


class _Text(HTMLParser):
    """Collects what a browser shows or reads out of a template."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside.append(tag)
        self.found += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not NO_TEXT.intersection(self._inside):
            self.found.append(data.strip())


def shown(source: str) -> Iterator[str]:
    """Yield the text of a template that no translator sees."""
    parser = _Text()
    parser.feed(markup(source))
    for text in parser.found:
        if WORD.search(text) and text not in NAMES and not CODE.search(text):
            yield text


def constants(node: nodes.Node) -> Iterator[str]:
    """Yield the strings in expressions that no translator sees."""
    called = node.node if isinstance(node, nodes.Call) else None
    if isinstance(called, nodes.Name) and called.name in TRANSLATORS:
        return
    text = node.value if isinstance(node, nodes.Const) else None
    if isinstance(text, str) and SENTENCE.search(text) and not CODE.search(text):
        yield text
    for child in node.iter_child_nodes():
        yield from constants(child)


def untranslated(source: str) -> list[str]:
    """Return what a template says in English whatever the language."""
    tree = environment.parse(
        re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", source, flags=re.DOTALL)
    )
    return [*shown(source), *(text for text in constants(tree) if text not in NAMES)]


@pytest.mark.parametrize("template", EVERY, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_says_nothing_by_itself(template: Path) -> None:
    assert untranslated(template.read_text()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Good morning</p>", ["Good morning"]),
        ('<p>{{ _("Good morning") }}</p>', []),
        ("<p>{% trans %}Good morning{% endtrans %}</p>", []),
        ('<nav aria-label="Pages"></nav>', ["Pages"]),
        ('<p>{{ "Save" if new else _("Keep") }}</p>', ["Save"]),
        ('{% set hint = "two words" %}', ["two words"]),
        ('<p class="{{ "state good" if x }}"><code>feedsvc serve</code></p>', ["state good"]),
    ],
)
def test_what_is_not_translated_is_found(source: str, found: list[str]) -> None:
    assert untranslated(source) == found
