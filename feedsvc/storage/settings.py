"""Facts about this database that are neither content nor configuration."""

from sqlalchemy import bindparam, insert, select, update

from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.state import SettingRow

# Publications ask and say these: they are put together once.
_GET = select(SettingRow.value).where(SettingRow.name == bindparam("fact"))
_CHANGE = (
    update(SettingRow)
    .where(SettingRow.name == bindparam("fact"))
    .values(value=bindparam("news"))
    .returning(SettingRow.name)
)
_ADD = insert(SettingRow)


def get(tx: Transaction, name: str) -> str | None:
    """Return a fact, or None if it was never stored."""
    value: str | None = tx.scalar(_GET, {"fact": name})
    return value


def put(tx: Transaction, name: str, value: str) -> None:
    """Store a fact in the place of the earlier one."""
    if tx.scalar(_CHANGE, {"fact": name, "news": value}) is None:
        tx.execute(_ADD, {"name": name, "value": value})
