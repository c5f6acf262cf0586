"""What the desk's forms make of what was typed."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from feedsvc.model import BodyFormat, Release, Tag, TagId
from feedsvc.web.desk.writing import forms, held
from tests import factories

UTC = ZoneInfo("UTC")


def posted(*fields: tuple[str, str]) -> forms.Given:
    return forms.posted(MultiDict(fields), "token").given(UTC)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("Asha Rao, Ravi Das", ["Asha Rao", "Ravi Das"], id="commas"),
        pytest.param("Asha Rao\nRavi Das", ["Asha Rao", "Ravi Das"], id="lines"),
        pytest.param("Rao, PhD\nRavi Das", ["Rao, PhD", "Ravi Das"], id="comma within a line"),
        pytest.param("Rao, PhD\n", ["Rao, PhD"], id="one line, ended"),
        pytest.param("आशा، रवि、x", ["आशा", "रवि", "x"], id="other commas"),
        pytest.param(" , ,", [], id="nothing"),
    ],
)
def test_names_are_taken_apart(text: str, names: list[str]) -> None:
    assert forms.split(text) == names


NAMES = st.lists(
    st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1)
    .map(str.strip)
    .filter(bool)
)


@given(NAMES)
def test_names_survive_the_form(names: list[str]) -> None:
    assert forms.split(forms.joined(names)) == names


def test_name_given_twice_counts_once() -> None:
    assert forms.unique(["News", "Odisha", "news"]) == ["News", "Odisha"]


def test_tags_are_separated_by_commas_and_filled_in_again() -> None:
    given = posted(("tags", "Rain, Floods, rain"))
    rain, floods = (
        Tag(id=TagId(n), slug=name, name=name) for n, name in ((1, "a, b"), (2, "c"))
    )
    filled = forms.filled(factories.article(tags=(rain, floods)), UTC, "token")

    assert given.article.tags == ("Rain", "Floods")
    assert filled.given(UTC).article.tags == ("a, b", "c")


def test_picked_and_added_categories_go_together() -> None:
    given = posted(("categories", "News"), ("categories", "Odisha"), ("new_categories", "Art"))

    assert given.article.categories == ("News", "Odisha", "Art")


def test_line_ends_are_those_that_were_typed() -> None:
    given = posted(("body_source", "one\r\ntwo\rthree\n"))

    assert given.article.body_source == "one\ntwo\nthree\n"


@pytest.mark.parametrize("name", ["body_format", "release"])
def test_choice_that_was_not_offered_is_a_problem_of_its_field(name: str) -> None:
    given = posted((name, "something else"))

    assert given.problems[name] == "Choose one of these."


@pytest.mark.parametrize("name", ["image_alt", "image_credit"])
def test_words_about_an_image_are_not_dropped_with_it(name: str) -> None:
    given = posted((name, "Two people"))

    assert "or give its address" in given.problems["image_url"]


def test_time_counts_only_with_its_release() -> None:
    given = posted(
        ("release", "now"), ("body_format", "markdown"), ("release_at", "no time at all")
    )

    assert given.problems == {}
    assert given.article.release_at is None


@pytest.mark.parametrize(
    ("word", "taken"),
    [
        pytest.param("abcdefgh-123", "abcdefgh-123", id="ours"),
        pytest.param("", None, id="none"),
        pytest.param("x" * 65, None, id="too long"),
        pytest.param("with a space", None, id="not ours"),
    ],
)
def test_submission_word_is_ours_or_none(word: str, taken: str | None) -> None:
    assert posted(("submission", word)).article.submission == taken


@pytest.mark.parametrize("text", ["", "-1", "1.5", "9" * 30, "x"])
def test_version_that_is_none_never_fits(text: str) -> None:
    form = forms.posted(MultiDict([("version", text)]), "token")

    assert form.given_version() == 0


def test_two_new_forms_have_different_words() -> None:
    assert forms.blank("token").submission.data != forms.blank("token").submission.data


def test_stored_article_fills_the_form_and_comes_back() -> None:
    article = factories.article(bylines=("Rao, PhD",), excerpt="Short.", language="or")

    given = forms.filled(article, UTC, "token").given(UTC).article

    assert (given.title, given.bylines, given.excerpt) == ("Article 1", ("Rao, PhD",), "Short.")
    assert (given.language, given.categories) == ("or", ("News",))
    assert (given.release, given.body_format) == (Release.NOW, BodyFormat.MARKDOWN)


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_held_text_comes_back_as_it_was(fields: list[tuple[str, str]]) -> None:
    kept = [pair for pair in fields if pair[0] not in {"csrf_token", "action"}]

    found = held.unpack(held.pack("/desk/articles/7", MultiDict(fields)))

    assert found is not None
    assert (found.kind, found.number) == (held.Kind.ARTICLE, 7)
    assert sorted(found.data.items(multi=True)) == sorted(kept)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="a list"),
        pytest.param("7", id="a number"),
        pytest.param("null", id="null"),
        pytest.param('{"path": 7, "fields": []}', id="path is no text"),
        pytest.param(
            '{"path": "/desk/articles/new/withdraw", "fields": []}', id="new one gone"
        ),
        pytest.param('{"path": "/desk/sign-out", "fields": []}', id="path of another form"),
        pytest.param('{"path": "//elsewhere/desk/articles/7", "fields": []}', id="elsewhere"),
        pytest.param('{"path": "/desk/articles/7", "fields": [1]}', id="fields are none"),
        pytest.param('{"path": "/desk/articles/2147483648", "fields": []}', id="too large"),
        pytest.param("[" * 100_000, id="very deep"),
    ],
)
def test_tampered_held_text_is_dropped(text: str) -> None:
    assert held.unpack(text) is None
