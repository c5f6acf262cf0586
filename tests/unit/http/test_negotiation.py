"""Content codings (RFC 9110, section 12.5.3)."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.http.negotiation import choose_coding
from feedsvc.model import Coding

SHARED = Path(__file__).parents[3].parent / "shared" / "standards" / "accept_encoding.tsv"

IDENTITY, GZIP, BR, ZSTD = Coding.IDENTITY, Coding.GZIP, Coding.BR, Coding.ZSTD
ALL = frozenset(Coding)


@pytest.mark.checklist("HTTP-50", "HTTP-51", "HTTP-52", "HTTP-54", "HTTP-57")
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param(None, IDENTITY, id="no field: curl, sfeed"),
        pytest.param("", IDENTITY, id="empty: none wanted"),
        pytest.param("gzip", GZIP, id="gzip"),
        pytest.param("gzip, deflate", GZIP, id="newsboat, feedparser"),
        pytest.param("br,gzip", BR, id="Miniflux"),
        pytest.param("gzip, deflate, br, zstd", BR, id="browsers"),
        pytest.param("zstd, gzip", ZSTD, id="zstd before gzip"),
        pytest.param("zstd", ZSTD, id="zstd when named"),
        pytest.param("*", BR, id="anything is br"),
        pytest.param("br;q=0, *", GZIP, id="anything but br is not zstd"),
        pytest.param("zstd, br;q=0, *", ZSTD, id="named and anything"),
        pytest.param("*;q=0.5, zstd;q=0.7", ZSTD, id="named above anything"),
        pytest.param("br;q=0.5, gzip", GZIP, id="weight beats preference"),
        pytest.param("br;q=0.999, gzip;q=1.000", GZIP, id="three decimals"),
        pytest.param("gzip;q=0.001", GZIP, id="the least weight beats none said"),
        pytest.param("identity, gzip;q=0.5", IDENTITY, id="identity preferred"),
        pytest.param("identity;q=0.5, gzip;q=0.5", GZIP, id="identity is last of equals"),
        pytest.param("gzip;q=0.3, *;q=0.5, br;q=0", IDENTITY, id="anything is identity too"),
        pytest.param("gzip;q=0", IDENTITY, id="gzip excluded"),
        pytest.param("gzip;q=0.000, br;q=0.", IDENTITY, id="ways to write no"),
        pytest.param("*;q=0, gzip", GZIP, id="nothing but gzip"),
        pytest.param("*;q=0, identity", IDENTITY, id="nothing but identity"),
        pytest.param("identity;q=0, gzip", GZIP, id="identity excluded"),
        pytest.param("identity;q=0, *", BR, id="anything but identity"),
        pytest.param("identity;q=0", None, id="identity excluded, nothing named"),
        pytest.param("*;q=0", None, id="nothing at all"),
        pytest.param("identity;q=0, deflate", None, id="only what we lack"),
        pytest.param("deflate", IDENTITY, id="deflate is never sent"),
        pytest.param("dcb, dcz", IDENTITY, id="dictionary codings are ignored"),
        pytest.param("x-gzip", GZIP, id="x-gzip is gzip"),
        pytest.param("x-br", IDENTITY, id="x-br is nothing"),
        pytest.param("GZip", GZIP, id="other case"),
        pytest.param("BR;Q=0, gzip", GZIP, id="weight in upper case"),
        pytest.param("gzip \t;\t q=1.0 ", GZIP, id="white space"),
        pytest.param(",, gzip ,", GZIP, id="empty members"),
        pytest.param("gzip;q=1.5", IDENTITY, id="weight above one"),
        pytest.param("gzip;q=0.1234", IDENTITY, id="weight of four decimals"),
        pytest.param("gzip;q=-1", IDENTITY, id="weight below nothing"),
        pytest.param("gzip;q=nan", IDENTITY, id="weight of no number"),
        pytest.param("gzip;q=", IDENTITY, id="weight missing"),
        pytest.param("gzip;q=\u0660", IDENTITY, id="weight in another script"),
        pytest.param("gzip;level=9", IDENTITY, id="another parameter"),
        pytest.param("gzip br", IDENTITY, id="no comma"),
        pytest.param("gzip;q=1.5, br;q=0.1", BR, id="one bad member spoils no other"),
        pytest.param("gzip, gzip;q=0", IDENTITY, id="twice: an exclusion holds"),
        pytest.param("gzip;q=0, x-gzip", IDENTITY, id="twice by two names"),
    ],
)
def test_choice_among_all_codings(field: str | None, expected: Coding | None) -> None:
    assert choose_coding(field, ALL) is expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("gzip, br, zstd", IDENTITY, id="coded wanted"),
        pytest.param(None, IDENTITY, id="no field"),
        pytest.param("identity;q=0, gzip", None, id="identity excluded"),
    ],
)
def test_a_small_body_has_identity_only(field: str | None, expected: Coding | None) -> None:
    assert choose_coding(field, [IDENTITY]) is expected


def test_nothing_offered_is_nothing_chosen() -> None:
    assert choose_coding("gzip", []) is None


@pytest.mark.parametrize("unit", ["gzip,", ",", "gzip;q=", "a", " ", ";", "gzip ; "])
def test_a_long_field_costs_little(unit: str) -> None:
    started = time.process_time()
    choose_coding(unit * (32_768 // len(unit)), ALL)

    assert time.process_time() - started < 0.25


NAMES = st.sampled_from(["gzip", "br", "zstd", "identity", "*", "deflate", "x-gzip", "GZIP"])
WANTED = ["", " ; Q=0.5", ";q=1"]
FORBIDDEN = [";q=0", ";Q=0.000"]
BROKEN = [";q=2", ";q=x"]
MEMBERS = st.tuples(NAMES, st.sampled_from(WANTED + FORBIDDEN + BROKEN))


@pytest.mark.checklist("HTTP-50", "HTTP-55", "HTTP-57")
@given(st.lists(MEMBERS, max_size=6), st.sets(st.sampled_from(Coding)))
def test_nothing_unlisted_or_forbidden_is_ever_chosen(
    members: list[tuple[str, str]], offered: set[Coding]
) -> None:
    chosen = choose_coding(",".join(name + weight for name, weight in members), offered)

    assert chosen is None or chosen in offered
    assert chosen not in named(members, FORBIDDEN)
    wanted = named(members, WANTED)
    assert chosen in {None, IDENTITY, *wanted} or ("*" in wanted and chosen is not ZSTD)


@pytest.mark.checklist("HTTP-52", "HTTP-53")
@given(st.lists(MEMBERS, max_size=6))
def test_406_only_when_identity_is_excluded(members: list[tuple[str, str]]) -> None:
    chosen = choose_coding(",".join(name + weight for name, weight in members), ALL)

    assert chosen is not None or {"identity", "*"} & named(members, FORBIDDEN)


def named(members: list[tuple[str, str]], weights: list[str]) -> set[str]:
    return {name.lower().removeprefix("x-") for name, weight in members if weight in weights}


@given(st.text(max_size=100))
def test_no_text_breaks_the_choice(field: str) -> None:
    assert choose_coding(field, ALL) in {None, *Coding}


def test_the_shared_table_holds() -> None:
    if not SHARED.exists():
        pytest.skip("the shared table of codings is not beside this checkout")
    offered = [BR, GZIP, IDENTITY]
    fields: dict[str, str | None] = {"(absent)": None, "(empty)": ""}

    rows = [line.split("\t") for line in SHARED.read_text("utf-8").splitlines()[1:]]
    wrong = [
        row
        for row in rows
        if (choose_coding(fields.get(row[0], row[0]), offered) or "406") != row[1]
    ]

    assert wrong == []
