"""The tables, as rows. Nothing outside `storage` sees them.

A row is imported from its own module, which brings those that it refers to: to make a table
takes a quarter of a millisecond, and few programs need all of them. Migrations, and who takes
all to another database, go by the metadata that they share.
"""

from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import MetaData

from feedsvc.storage.tables.base import Base, tell_conditions


def everything() -> MetaData:
    """Import all tables, and return what is known of them."""
    for home in iter_modules(__path__):
        import_module(f"{__name__}.{home.name}")
    tell_conditions()
    return Base.metadata
