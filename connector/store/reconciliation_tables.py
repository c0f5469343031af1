"""The tables of reconciliation, all of them append-only: see :mod:`connector.store.schema`."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from connector.store.table_metadata import metadata
from connector.store.types import Key, UtcInstant

reconciliation_run: Final = Table(
    "reconciliation_run",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("run_id", String(60), nullable=False, unique=True),
    Column("key_date", String(10), nullable=False),
    Column("company_codes", Text, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("finished_at", UtcInstant, nullable=False),
    Column("content", Text, nullable=False),
)

# The matches of a run, compressed, in as many pieces as it takes; sealed with the run.
reconciliation_match_piece: Final = Table(
    "reconciliation_match_piece",
    metadata,
    Column("run_id", String(60), ForeignKey("reconciliation_run.run_id"), primary_key=True),
    Column("piece", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

# The chain that seals runs, breaks and sign-offs: numbers without gaps, each hash over the one
# before. That no two entries follow the same one is decided here, whoever writes.
reconciliation_log: Final = Table(
    "reconciliation_log",
    metadata,
    Column("sequence", Key, primary_key=True, autoincrement=False),
    Column("kind", String(40), nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
    Index("ix_reconciliation_log_subject", "subject", "sequence"),
    Index("ix_reconciliation_log_kind", "kind", "sequence"),
)
