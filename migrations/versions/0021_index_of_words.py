"""An index of words; what is there already is put into it by and by, by whoever leads."""

import sqlalchemy as sa
from alembic import op

from feedsvc.errors import MigrationError

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MODULE = "fts5"
MISSING = (
    "the SQLite of this Python was built without FTS5, which search needs; use a Python whose "
    "SQLite has it (those of Debian, python.org and uv do), or PostgreSQL"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _upgrade_sqlite()
    else:
        _upgrade_postgresql()
    op.execute(
        "INSERT INTO setting (name, value) SELECT 'search', CAST(max(id) + 1 AS TEXT)"
        " FROM article HAVING max(id) IS NOT NULL"
    )


def _upgrade_sqlite() -> None:
    known = op.get_bind().execute(
        sa.text("SELECT 1 FROM pragma_module_list WHERE name = :name"), {"name": MODULE}
    )
    if known.first() is None:
        raise MigrationError(MISSING)
    op.execute(
        "CREATE VIRTUAL TABLE search_words USING fts5(words, content='', columnsize=0,"
        " tokenize=\"ascii tokenchars '='\")"
    )
    op.execute(
        "CREATE TABLE search_entry (article_id INTEGER PRIMARY KEY, place INTEGER NOT NULL,"
        " words BLOB NOT NULL)"
    )


def _upgrade_postgresql() -> None:
    # Rows stay small when the words are beside them, so that many are read in no time.
    op.execute(
        "CREATE TABLE search_entry (article_id BIGINT PRIMARY KEY, place BIGINT NOT NULL,"
        " words TSVECTOR NOT NULL) WITH (toast_tuple_target = 128)"
    )
    op.execute("CREATE INDEX ix_search_entry_words ON search_entry USING gin (words)")
