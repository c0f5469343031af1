"""The log of reconciliation runs.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.append_only import forbid_changes

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reconciliation_run",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=60), nullable=False),
        sa.Column("key_date", sa.String(length=10), nullable=False),
        sa.Column("company_codes", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("finished_at", sa.String(length=27), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_run")),
        sa.UniqueConstraint("run_id", name=op.f("uq_reconciliation_run_run_id")),
    )
    forbid_changes(op, "reconciliation_run")
