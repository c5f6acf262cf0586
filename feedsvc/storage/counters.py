"""Numbers that only grow, counted by the database."""

from sqlalchemy import bindparam, insert, update

from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.state import CounterRow

_RAISE = (
    update(CounterRow)
    .where(CounterRow.name == bindparam("counter"))
    .values(value=CounterRow.value + 1)
    .returning(CounterRow.value)
)


def next_value(tx: Transaction, name: str) -> int:
    """Return the next number.

    The row stays locked until the transaction ends. So whoever sees a number has seen every
    smaller one: a follower that asks for "after 7" never misses a late 6.
    """
    value: int | None = tx.scalar(_RAISE, {"counter": name})
    if value is None:
        tx.execute(insert(CounterRow).values(name=name, value=1))
        return 1
    return value
