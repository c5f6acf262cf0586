"""An article's body: from what an editor wrote to HTML that feeds and pages can show.

The guards come before the work. Whatever is accepted is converted within two seconds; what
is refused is refused with a sentence that says what to do.
"""

import re

from feedsvc.model import BodyFormat
from feedsvc.rendering.pictures import with_sizes
from feedsvc.rendering.sanitise import sanitise
from feedsvc.rendering.simple import is_simple
from feedsvc.rendering.text import clean_block
from feedsvc.rendering.tidy import refusal, tidy
from feedsvc.says import says

MAX_CHARACTERS = 1_000_000
MAX_MARKS = 15_000  # of Markdown: each costs up to 50 microseconds
MAX_LINES = 5_000  # of Markdown: in nested quotes each costs 100 microseconds
MAX_CELLS = 30_000  # lines times columns: short rows of a table are filled up
MAX_NESTING = 20  # where the parser stops, and would silently drop what is inside

_MARK = re.compile(r"[\n!#$%&*+:<=>@\[\\\]^_`{|}~-]")
_CONTAINERS = frozenset({"blockquote_open", "list_item_open"})


def to_html(source: str, body_format: BodyFormat) -> str:
    """Return sanitised HTML; URLs stand as they were written.

    Converting the result again, as HTML, changes nothing.

    Raises:
        InputError: the body is too long, too deeply nested or too tangled.
    """
    if len(source) > MAX_CHARACTERS:
        raise refusal(
            says(
                "The body has %(count)s characters, and at most %(most)s are possible; split "
                "the article.",
                count=f"{len(source):,}",
                most=f"{MAX_CHARACTERS:,}",
            )
        )
    text = clean_block(source)
    markup = _from_markdown(text) if body_format is BodyFormat.MARKDOWN else text
    return with_sizes(sanitise(tidy(markup)).strip())


def absolute_urls(html: str, base_url: str) -> str:
    """Return a sanitised body with every URL absolute, seen from its article's permalink.

    What cannot be made a usable URL is left out. nh3 runs last here too, unless the body is one
    that it would not change; what XML cannot carry may be in that still.
    """
    return html if is_simple(html) else sanitise(html, base_url)


def _from_markdown(source: str) -> str:
    _guard(source)
    from markdown_it import MarkdownIt  # noqa: PLC0415 - feeds are made without

    # One a call: a parser is not meant to be shared by threads.
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable(
        "table"
    )
    environment: dict[str, object] = {}
    parsed = parser.parse(source, environment)
    if any(token.type in _CONTAINERS and token.level + 1 >= MAX_NESTING for token in parsed):
        raise refusal(
            says("The body nests quotes or lists too deeply; ten lists in each other must do.")
        )
    html: str = parser.renderer.render(parsed, parser.options, environment)
    return html


def _guard(source: str) -> None:
    """Refuse what would keep the parser busy for seconds."""
    marks = len(_MARK.findall(source))
    lines = source.split("\n")
    cells = len(lines) * max(line.count("|") for line in lines)
    if marks > MAX_MARKS or len(lines) > MAX_LINES or cells > MAX_CELLS:
        raise refusal(
            says(
                "The body has %(marks)s Markdown marks and %(lines)s lines, which is too much "
                "at once; split the article, or write it as HTML.",
                marks=f"{marks:,}",
                lines=f"{len(lines):,}",
            )
        )
