"""What a saved feed takes."""

import pytest

from feedsvc.model.rule import EVERY, Rule, Term, TermKind, languages, with_unsaid

ARTICLE = {EVERY, *map(Term.parse, ("category:news", "tag:rain", "author:asha rao"))}


def rule(include: str = "", exclude: str = "") -> Rule:
    return Rule(
        include=tuple(map(Term.parse, include.split())),
        exclude=tuple(map(Term.parse, exclude.split())),
    )


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        pytest.param(rule(), True, id="a rule that includes nothing takes all"),
        pytest.param(rule("category:news"), True, id="what it includes"),
        pytest.param(rule("category:sport"), False, id="not what it does not include"),
        pytest.param(rule("category:sport category:news"), True, id="one of a kind will do"),
        pytest.param(rule("category:news tag:snow"), False, id="of each kind one"),
        pytest.param(rule("category:news tag:rain"), True, id="of each kind there is one"),
        pytest.param(rule(exclude="tag:rain"), False, id="all but what it excludes"),
        pytest.param(rule("category:news", "tag:rain"), False, id="excluded beats included"),
        pytest.param(rule("category:news", "tag:snow"), True, id="excluded is another"),
    ],
)
def test_which_articles_a_rule_takes(given: Rule, is_taken: bool) -> None:
    assert given.takes(ARTICLE) is is_taken


def test_a_term_is_read_back_from_its_text() -> None:
    term = Term(TermKind.AUTHOR, "d: souza")

    assert Term.parse(str(term)) == term


@pytest.mark.parametrize("text", ["", "news", "colour:red"])
def test_what_is_no_term(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid TermKind"):
        Term.parse(text)


def test_a_language_is_also_the_wider_one() -> None:
    """RFC 4647, section 3.3.1: who asks for Portuguese gets that of Brazil, too."""
    assert [term.value for term in languages("pt-BR")] == ["pt", "pt-br"]
    assert [term.value for term in languages(None)] == [""]


@pytest.mark.parametrize(("site", "count"), [("en-IN", 2), ("en", 2), ("hi", 1)])
def test_an_article_without_a_language_is_in_that_of_the_site(site: str, count: int) -> None:
    wanted = with_unsaid(languages("en"), site)

    assert len(wanted) == count
    assert with_unsaid(wanted, site) == wanted
