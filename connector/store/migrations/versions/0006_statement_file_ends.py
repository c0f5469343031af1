"""What statement files that fell short held, and what has put an end to their problems.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.append_only import forbid_changes

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("statement_file_part", "statement_file_end")


def upgrade() -> None:
    op.create_table(
        "statement_file_part",
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("part", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "part", name=op.f("pk_statement_file_part")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["statement_file.id"], name=op.f("fk_statement_file_part_file_id")
        ),
    )
    op.create_table(
        "statement_file_end",
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("by_file_id", KEY, nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_statement_file_end")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["statement_file.id"], name=op.f("fk_statement_file_end_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["by_file_id"], ["statement_file.id"], name=op.f("fk_statement_file_end_by_file_id")
        ),
    )
    for table in TABLES:
        forbid_changes(op, table)
