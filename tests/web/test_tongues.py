"""Messages of pages, in the language of a request."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from feedsvc import catalogues
from feedsvc.errors import InputError
from feedsvc.model import FileInput
from feedsvc.web import tongues
from feedsvc.workflow.handed_in.enclosures import checked_files
from tests.factories import given

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Headline of %(name)s"
msgstr "शीर्षक %(name)s"

msgid "one article"
msgid_plural "%(n)s articles"
msgstr[0] "एक लेख"
msgstr[1] "%(n)s लेख"
"""


@pytest.fixture
def hindi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "hi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "feedsvc.po").write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.setattr(catalogues, "_FOLDER", tmp_path)
    _forget()
    yield
    _forget()


def _forget() -> None:
    catalogues.tongues.cache_clear()
    catalogues.catalogue.cache_clear()


def _app(site_language: str) -> Flask:
    app = Flask(__name__)
    tongues.register(app, site_language)
    return app


@pytest.mark.usefixtures("hindi")
def test_a_page_speaks_the_language_of_the_site() -> None:
    with _app("hi-IN").app_context():
        assert tongues.gettext("Headline of %(name)s", name="A") == "शीर्षक A"
        assert tongues.ngettext("one article", "%(n)s articles", 1) == "एक लेख"
        assert tongues.ngettext("one article", "%(n)s articles", 7) == "7 लेख"


@pytest.mark.usefixtures("hindi")
def test_a_request_may_choose_another_language() -> None:
    with _app("en").app_context():
        assert tongues.gettext("Headline of %(name)s", name="A") == "Headline of A"
        tongues.speak("hi")
        assert tongues.tongue() == "hi"
        assert tongues.gettext("Headline of %(name)s", name="A") == "शीर्षक A"


@pytest.mark.usefixtures("hindi")
def test_what_is_not_translated_is_in_english() -> None:
    with _app("hi").app_context():
        assert (
            tongues.gettext("Nobody translated this: 100%%") == "Nobody translated this: 100%"
        )


@pytest.mark.usefixtures("hindi")
@pytest.mark.parametrize(
    ("tag", "expected"),
    [("hi", "hi"), ("HI-IN", "hi"), ("hil", "en"), ("de", "en"), ("", "en"), ("../x", "en")],
)
def test_the_closest_language_is_spoken(tag: str, expected: str) -> None:
    assert catalogues.closest(tag) == expected


@pytest.mark.usefixtures("hindi")
def test_templates_translate_and_escape_values() -> None:
    with _app("hi").app_context():
        shown = render_template_string(
            '{{ _("Headline of %(name)s", name="<b>") }} '
            "{% trans n=3 %}one article{% pluralize %}{{ n }} articles{% endtrans %}"
        )
    assert shown == "शीर्षक &lt;b&gt; 3 लेख"


def test_without_a_request_messages_are_in_english() -> None:
    assert tongues.gettext("Plain") == "Plain"
    assert tongues.marked("Later") == "Later"


def test_all_that_is_wrong_with_files_is_said_in_one_language() -> None:
    """What a sentence is given may be a sentence itself, and is translated with it."""
    with pytest.raises(InputError) as caught:
        checked_files(
            given(enclosures=(FileInput(url="talk.mp3"), FileInput(url="", title="Talk")))
        )
    with _app("hi").app_context():
        said = tongues.told(str(caught.value))

    assert said == (
        "फ़ाइल 1: पता पूरा पता हो जो https:// या http:// से शुरू हो। "
        "फ़ाइल 2: इसका पता दें, या इसके सभी खाने खाली छोड़ें।"
    )
