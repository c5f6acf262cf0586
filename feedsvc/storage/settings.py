"""Facts about this database that are neither content nor configuration."""

from sqlalchemy import insert, update

from feedsvc.storage.database import Transaction
from feedsvc.storage.tables import SettingRow


def get(tx: Transaction, name: str) -> str | None:
    """Return a fact, or None if it was never stored."""
    row = tx.get(SettingRow, name)
    return row.value if row else None


def put(tx: Transaction, name: str, value: str) -> None:
    """Store a fact in the place of the earlier one."""
    changed = (
        update(SettingRow)
        .where(SettingRow.name == name)
        .values(value=value)
        .returning(SettingRow.name)
    )
    if tx.execute(changed).first() is None:
        tx.execute(insert(SettingRow).values(name=name, value=value))
