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
