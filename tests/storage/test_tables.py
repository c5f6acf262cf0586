"""The tables are imported when they are asked for, and none without those it refers to."""

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex

from feedsvc.storage import tables

HOMES = [module.name for module in iter_modules(tables.__path__)]


def test_everything_is_every_table() -> None:
    """Else a migration would seem to be missing, or something be left behind in a move."""
    rows = [
        value
        for home in HOMES
        for value in vars(import_module(f"{tables.__name__}.{home}")).values()
    ]

    named = {row.__tablename__ for row in rows if hasattr(row, "__tablename__")}

    assert set(tables.everything().tables) == named


@pytest.mark.parametrize("home", HOMES)
def test_a_row_comes_with_those_it_refers_to(home: str) -> None:
    """Whoever stores it asks which of them come first."""
    program = (
        f"import {tables.__name__}.{home} as home\n"
        f"from {tables.__name__}.base import Base\n"
        "print(len(Base.metadata.sorted_tables))"
    )

    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert int(shown) >= (home != "base")


def test_an_index_of_some_rows_is_one_in_each_database() -> None:
    feed = tables.everything().tables["feed"]

    made = {
        kind().name: str(CreateIndex(index).compile(dialect=kind()))
        for index in feed.indexes
        if index.name == "ix_feed_dirty"
        for kind in (sqlite.dialect, postgresql.dialect)
    }

    assert made == dict.fromkeys(
        ("sqlite", "postgresql"),
        "CREATE INDEX ix_feed_dirty ON feed (regenerated, id)"
        " WHERE revision > published_revision",
    )
