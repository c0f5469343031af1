"""Bank statements and payouts, line by line, and what contradicted them.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.append_only import forbid_changes

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _statements()
    _payouts()
    _conflicts()
    for table in (
        "statement_file",
        "bank_statement",
        "bank_line",
        "payout_report",
        "payout_line",
        "statement_conflict",
    ):
        forbid_changes(op, table)


def _statements() -> None:
    op.create_table(
        "statement_file",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("read_at", sa.String(length=27), nullable=False),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.Column("payouts", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("replayed", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("pages_expected", sa.Integer(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_file")),
    )
    op.create_table(
        "bank_statement",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("bank_account", sa.String(length=120), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["statement_file.id"], name=op.f("fk_bank_statement_file_id")
        ),
        sa.UniqueConstraint(
            "identity", "content_hash", name=op.f("uq_bank_statement_identity_content_hash")
        ),
    )
    op.create_index("ix_bank_statement_last_day", "bank_statement", ["last_day"])
    op.create_table(
        "bank_line",
        sa.Column("bank_account", sa.String(length=120), nullable=False),
        sa.Column("bank_reference", sa.String(length=120), nullable=False),
        sa.Column("statement_id", KEY, nullable=False),
        sa.Column("booking_date", sa.String(length=10), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bank_account", "bank_reference", name=op.f("pk_bank_line")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_bank_line_statement_id")
        ),
    )
    op.create_index("ix_bank_line_statement_id", "bank_line", ["statement_id"])


def _payouts() -> None:
    op.create_table(
        "payout_report",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("provider", sa.String(length=120), nullable=False),
        sa.Column("payout_id", sa.String(length=120), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("paid_on", sa.String(length=10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_report")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["statement_file.id"], name=op.f("fk_payout_report_file_id")
        ),
        sa.UniqueConstraint(
            "provider",
            "payout_id",
            "content_hash",
            name=op.f("uq_payout_report_provider_payout_id_content_hash"),
        ),
    )
    op.create_index("ix_payout_report_paid_on", "payout_report", ["paid_on"])
    op.create_table(
        "payout_line",
        sa.Column("provider", sa.String(length=120), nullable=False),
        sa.Column("payout_id", sa.String(length=120), nullable=False),
        sa.Column("line_id", sa.String(length=120), nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "payout_id", "line_id", name=op.f("pk_payout_line")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["statement_file.id"], name=op.f("fk_payout_line_file_id")
        ),
    )


def _conflicts() -> None:
    op.create_table(
        "statement_conflict",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("file_id", KEY, nullable=True),
        sa.Column("decides", KEY, nullable=True),
        sa.Column("line_key", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_conflict")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["statement_file.id"], name=op.f("fk_statement_conflict_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["decides"], ["statement_conflict.id"], name=op.f("fk_statement_conflict_decides")
        ),
        sa.UniqueConstraint("decides", name=op.f("uq_statement_conflict_decides")),
    )
