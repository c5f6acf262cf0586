"""Alembic's entry: runs the migrations on the connection that feedsvc hands it.

The caller owns the transaction (feedsvc.storage.migrations.upgrade), so that all steps
happen together or not at all, also on SQLite.
"""

from alembic import context

from feedsvc.storage.tables import everything

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("run migrations with 'feedsvc migrate'")

context.configure(
    connection=connection,
    target_metadata=everything(),
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
