"""Labels, packed and unpacked."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from feedsvc.model import Coding, Format, Label, Validators
from feedsvc.publishing.shelved import Shelved
from tests.unit.publishing.making import make_set

DIGITS = st.text("0123456789abcdef", max_size=64)
TAGS = DIGITS | st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=64)


@given(
    st.dictionaries(
        st.sampled_from(Coding), st.tuples(TAGS, st.integers(0, 2**32 - 1)), min_size=1
    ),
    st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds have no zone
    st.integers(0, 2**63 - 1),
)
def test_what_is_packed_comes_out_again(
    codings: dict[Coding, tuple[str, int]], modified: datetime, revision: int
) -> None:
    modified = modified.replace(microsecond=0)
    group = {
        coding: Label(
            slug="category/wine",
            format=Format.JSON,
            coding=coding,
            validators=Validators(etag=etag, last_modified=modified),
            length=length,
            revision=revision,
        )
        for coding, (etag, length) in codings.items()
    }

    packed = Shelved.of(list(group.values()))

    assert packed.labels == group
    assert packed.revision == revision


def test_the_order_in_which_a_set_comes_makes_no_difference() -> None:
    group = [each.label for each in make_set()]

    assert Shelved.of(group) == Shelved.of(group[::-1])


def test_another_length_is_another_set() -> None:
    first, *others = [each.label for each in make_set()]

    assert Shelved.of([replace(first, length=1), *others]) != Shelved.of([first, *others])


def test_tags_of_digits_take_half_the_room() -> None:
    first, *others = [each.label for each in make_set()]
    digits, others_tag = "0f" * 16, "xy" * 16
    short, long = (
        Shelved.of([replace(first, validators=replace(first.validators, etag=tag)), *others])
        for tag in (digits, others_tag)
    )

    assert len(long.packed) - len(short.packed) == len(digits) // 2
