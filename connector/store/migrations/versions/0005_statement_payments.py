"""Payments posted from bank lines and payouts, and the steps that post them.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "statement_payment",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("line_key", sa.String(length=400), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("company_code", sa.String(length=4), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("suggestion", sa.Text(), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("found_at", sa.String(length=27), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_payment")),
        sa.UniqueConstraint("line_key", name=op.f("uq_statement_payment_line_key")),
        sa.UniqueConstraint(
            "company_code", "reference", name=op.f("uq_statement_payment_company_code_reference")
        ),
    )
    op.create_index("ix_statement_payment_state", "statement_payment", ["state"])
    _steps()


def _steps() -> None:
    op.create_table(
        "statement_payment_step",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("flow_id", KEY, nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("sequence_key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("order_version", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=255), nullable=False),
        sa.Column("lease_until", sa.String(length=27), nullable=True),
        sa.Column("due_at", sa.String(length=27), nullable=True),
        sa.Column("reference", sa.String(length=35), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("known_before", sa.Text(), nullable=False),
        sa.Column("provisional_numbers", sa.Text(), nullable=False),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("absent_look_ups", sa.Integer(), nullable=False),
        sa.Column("doubt_since", sa.String(length=27), nullable=True),
        sa.Column("looked_at", sa.String(length=27), nullable=True),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("finished_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_payment_step")),
        sa.ForeignKeyConstraint(
            ["flow_id"],
            ["statement_payment.id"],
            name=op.f("fk_statement_payment_step_flow_id"),
        ),
        sa.UniqueConstraint("flow_id", name=op.f("uq_statement_payment_step_flow_id")),
    )
    op.create_index("ix_statement_payment_step_state", "statement_payment_step", ["state"])
