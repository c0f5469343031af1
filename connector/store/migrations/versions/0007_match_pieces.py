"""The matches of reconciliation runs, beside the runs; older ones hold theirs in their content.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.append_only import forbid_changes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reconciliation_match_piece",
        sa.Column("run_id", sa.String(length=60), nullable=False),
        sa.Column("piece", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "piece", name=op.f("pk_reconciliation_match_piece")),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["reconciliation_run.run_id"],
            name=op.f("fk_reconciliation_match_piece_run_id"),
        ),
    )
    forbid_changes(op, "reconciliation_match_piece")
