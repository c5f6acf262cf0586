"""docs/partners.md shows what is looked at: its table is made from the rules."""

from pathlib import Path

from feedsvc.partners.table import table

_TEXT = (Path(__file__).parents[2] / "docs" / "partners.md").read_text("utf-8")


def test_the_table_is_that_of_the_rules() -> None:
    """After a change: put what `feedsvc check rules` prints between the two marks."""
    _, _, rest = _TEXT.partition("<!-- made by feedsvc check rules -->\n")

    assert rest.partition("<!-- end of the table -->")[0] == table()
