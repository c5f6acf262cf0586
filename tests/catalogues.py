"""The catalogues of messages, kept up with the sources: `make messages`.

What is new is added without a translation, what is gone is taken out; a test names whatever
is not translated yet.
"""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from tests.conftest import ROOT

FOLDER = ROOT / "feedsvc" / "catalogues"
TAGS = ("hi", "or")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "gettext", "says", "marked")),
    **dict.fromkeys(("ngettext", "counts"), (1, 2)),
}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}


def messages() -> Catalog:
    """Return what the sources say, without translations."""
    found = Catalog()
    for _file, _line, message, comments, context in extract_from_dir(
        ROOT / "feedsvc", METHODS, OPTIONS, KEYWORDS
    ):
        found.add(message, auto_comments=comments, context=context)
    return found


def file_of(tag: str) -> Path:
    """Return where a catalogue is."""
    return FOLDER / tag / "LC_MESSAGES" / "feedsvc.po"


def catalogue(tag: str) -> Catalog:
    """Return a catalogue as it is stored, or an empty one."""
    path = file_of(tag)
    if not path.exists():
        return Catalog(locale=tag)
    with path.open("rb") as source:
        return read_po(source, locale=tag)


def updated(tag: str) -> Catalog:
    """Return a catalogue with exactly the messages of the sources."""
    new, old = Catalog(locale=tag, fuzzy=False, charset="utf-8"), catalogue(tag)
    for message in messages():
        if message.id:
            known = old.get(message.id)
            new.add(message.id, known.string if known else "")
    return new


def written(tag: str) -> bytes:
    """Return the file of a catalogue, brought up to date."""
    target = BytesIO()
    target.write(_HEADER.format(tag=tag, plurals=Catalog(locale=tag).plural_forms).encode())
    write_po(target, updated(tag), width=96, omit_header=True, sort_output=True)
    return target.getvalue()


def write(tag: str) -> None:
    """Bring the file of a catalogue up to date."""
    path = file_of(tag)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(tag))


# Without names and times, which would differ with whoever ran the command, and when.
_HEADER = r"""msgid ""
msgstr ""
"Language: {tag}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: {plurals}\n"

"""

if __name__ == "__main__":
    for each in TAGS:
        write(each)
