"""
Tables that are evidence: the database itself refuses to change or delete what is in them.

For migrations, so that both databases refuse alike. Rows are still added; a correction is a row of
its own that says what it corrects.
"""

from __future__ import annotations

import re
from typing import Final, Protocol

from sqlalchemy import Connection

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")

_SQLITE: Final = """
CREATE TRIGGER {table}_refuse_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only: rows are added, never changed or deleted'); END
"""
_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: rows are added, never changed or deleted', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
# A statement trigger also refuses what would find no row, and TRUNCATE knows no other kind.
_POSTGRESQL: Final = """
CREATE TRIGGER {table}_refuse_{verb} BEFORE {verb} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


class Operations(Protocol):
    """What is used of Alembic's `op`."""

    def get_bind(self) -> Connection: ...

    def execute(self, sqltext: str) -> None: ...


def forbid_changes(op: Operations, table: str) -> None:
    """
    Let the database refuse every UPDATE and DELETE (and TRUNCATE) of *table*.

    To be called by a migration after `op.create_table`, with Alembic's `op`. The refusal is an
    IntegrityError whose text says "append-only". The triggers are named `<table>_refuse_update`,
    `<table>_refuse_delete` and, on PostgreSQL, `<table>_refuse_truncate`.

    Raises:
        ValueError: *table* is no plain lower-case name.
    """
    if not _NAME.fullmatch(table):
        raise ValueError(f"{table!r} is no plain name of a table")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)
        for verb in ("update", "delete", "truncate"):
            op.execute(_POSTGRESQL.format(table=table, verb=verb))
    else:
        for verb in ("update", "delete"):
            op.execute(_SQLITE.format(table=table, verb=verb))
