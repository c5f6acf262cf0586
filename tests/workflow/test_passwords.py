"""Which passwords are taken (ASVS 5.0, 6.2)."""

from importlib.resources import files

import pytest

from feedsvc.errors import InputError
from feedsvc.workflow.passwords import MIN_LENGTH, check_password

COMMON = (files("feedsvc.workflow") / "common_passwords.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("finalfantasy", id="as it is in the list"),
        pytest.param("1QAZxsw23EDC", id="in another case"),
        pytest.param("\N{FULLWIDTH DIGIT ONE}qazxsw23edc", id="in other characters"),
        pytest.param("!qaz2wsx#edc", id="the first"),
        pytest.param(COMMON[-1], id="the last"),
    ],
)
def test_what_very_many_have_is_refused(password: str) -> None:
    with pytest.raises(InputError, match="very many people have") as caught:
        check_password(password, ())

    assert "password" in caught.value.fields


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("1qazxsw23edc and a cow", id="with more around it"),
        pytest.param("correct horse battery", id="a few words"),
        pytest.param("\udcff not a character", id="what is no text"),
        pytest.param("ନମସ୍କାର ଓଡ଼ିଶା ବାସୀ", id="in Odia"),
    ],
)
def test_what_only_holds_a_common_one_is_taken(password: str) -> None:
    assert check_password(password, ()) == password


def test_the_list_is_of_passwords_that_would_be_long_enough() -> None:
    passwords = [line for line in COMMON if not line.startswith("# ")]

    assert len(passwords) == len(set(passwords)) == 10_000
    assert passwords == sorted(passwords)
    assert all(len(one) >= MIN_LENGTH and one == one.casefold() for one in passwords)


KNOWN = ("anna.das", "Anna Das", "The News Hashtag", "desk.example.org", "example.org", "ସମାଚାର")


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("The News Hashtag", id="the site's title"),
        pytest.param("thenewshashtag2026", id="as one word, and a year"),
        pytest.param("The-News_Hashtag 2026!", id="joined otherwise"),
        pytest.param("hashtag hashtag news", id="words of it"),
        pytest.param("desk.example.org", id="the host"),
        pytest.param("EXAMPLE.ORG 2026", id="a part of it"),
        pytest.param("AnnaDas AnnaDas", id="one's name"),
        pytest.param("anna.das.1234", id="the name that one signs in with"),
        pytest.param("ସମାଚାର ସମାଚାର 1", id="in Odia"),
        pytest.param("newsroom feedsvc", id="what this program is"),
    ],
)
def test_what_everybody_knows_of_the_newsroom_is_refused(password: str) -> None:
    with pytest.raises(InputError, match="names of yours"):
        check_password(password, KNOWN)


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("a hashtag among cormorants", id="in a sentence of one's own"),
        pytest.param("das ist ein Wort", id="a word too short to tell"),
        pytest.param("&gK2#news!pQz9w", id="among what nobody guesses"),
        pytest.param("ସମାଚାର ନଦୀ କୂଳରେ ଡଙ୍ଗା", id="in Odia, with more"),
    ],
)
def test_what_only_holds_a_known_word_is_taken(password: str) -> None:
    assert check_password(password, KNOWN) == password


@pytest.mark.parametrize("password", ["aaaaaaaaaaaa", "112211221122"])
def test_what_has_few_characters_is_refused_as_that(password: str) -> None:
    with pytest.raises(InputError, match="easily guessed"):
        check_password(password, KNOWN)
