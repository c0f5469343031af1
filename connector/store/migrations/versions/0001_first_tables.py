"""The first tables: flows, order versions, steps, holds, events and the mirror.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.append_only import forbid_changes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "customer_item",
        sa.Column("document", sa.String(length=24), nullable=False),
        sa.Column("line_item", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("document", "line_item", name=op.f("pk_customer_item")),
    )
    op.create_table(
        "document",
        sa.Column("category", sa.String(length=4), nullable=False),
        sa.Column("document", sa.String(length=24), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("read_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("category", "document", name=op.f("pk_document")),
    )
    op.create_table(
        "flow",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("order_name", sa.String(length=255), nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=35), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("checked_version", sa.Integer(), nullable=False),
        sa.Column("writes", sa.Integer(), nullable=False),
        sa.Column("mirrored_writes", sa.Integer(), nullable=False),
        sa.Column("wakes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=True),
        sa.Column("read_at", sa.String(length=27), nullable=True),
        sa.Column("closed_at", sa.String(length=27), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow")),
        sa.UniqueConstraint("channel", "external_id", name=op.f("uq_flow_channel_external_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_flow_reference")),
    )
    op.create_index(
        "ix_flow_due_at",
        "flow",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_flow_external_id", "flow", ["external_id"], unique=False)
    op.create_index("ix_flow_order_name", "flow", ["order_name"], unique=False)
    op.create_index(
        "ix_flow_unread",
        "flow",
        ["id"],
        unique=False,
        sqlite_where=sa.text("writes > mirrored_writes"),
        postgresql_where=sa.text("writes > mirrored_writes"),
    )
    op.create_table(
        "flow_link",
        sa.Column("preceding_category", sa.String(length=4), nullable=False),
        sa.Column("preceding_document", sa.String(length=10), nullable=False),
        sa.Column("preceding_item", sa.Integer(), nullable=False),
        sa.Column("subsequent_category", sa.String(length=4), nullable=False),
        sa.Column("subsequent_document", sa.String(length=10), nullable=False),
        sa.Column("subsequent_item", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.String(length=24), nullable=False),
        sa.Column("unit", sa.String(length=3), nullable=False),
        sa.Column("net_amount", sa.String(length=32), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("sign", sa.Integer(), nullable=False),
        sa.Column("created_on", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint(
            "preceding_category",
            "preceding_document",
            "preceding_item",
            "subsequent_category",
            "subsequent_document",
            "subsequent_item",
            name=op.f("pk_flow_link"),
        ),
    )
    op.create_table(
        "unreadable_message",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreadable_message")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_unreadable_message_content_hash")),
    )
    op.create_table(
        "watermark",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("written_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_watermark")),
    )
    op.create_table(
        "flow_document",
        sa.Column("flow_id", KEY, nullable=False),
        sa.Column("category", sa.String(length=4), nullable=False),
        sa.Column("document", sa.String(length=24), nullable=False),
        sa.Column("number", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["flow.id"], name=op.f("fk_flow_document_flow_id")),
        sa.PrimaryKeyConstraint("flow_id", "category", "document", name=op.f("pk_flow_document")),
    )
    op.create_index(
        "ix_flow_document_document", "flow_document", ["category", "document"], unique=False
    )
    op.create_index("ix_flow_document_number", "flow_document", ["number"], unique=False)
    op.create_table(
        "order_version",
        sa.Column("flow_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.String(length=27), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_order", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["flow_id"], ["flow.id"], name=op.f("fk_order_version_flow_id")),
        sa.PrimaryKeyConstraint("flow_id", "version", name=op.f("pk_order_version")),
        sa.UniqueConstraint(
            "flow_id", "content_hash", name=op.f("uq_order_version_flow_id_content_hash")
        ),
    )
    op.create_table(
        "step",
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
        sa.ForeignKeyConstraint(["flow_id"], ["flow.id"], name=op.f("fk_step_flow_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint(
            "flow_id",
            "operation",
            "sequence_key",
            name=op.f("uq_step_flow_id_operation_sequence_key"),
        ),
    )
    op.create_index("ix_step_reference", "step", ["reference"], unique=False)
    op.create_index("ix_step_sequence_key", "step", ["sequence_key"], unique=False)
    op.create_index("ix_step_state_lease_until", "step", ["state", "lease_until"], unique=False)
    op.create_index(
        "uq_step_claimed",
        "step",
        ["flow_id"],
        unique=True,
        sqlite_where=sa.text(
            "state IN ('claimed', 'commit sent', 'created, uncommitted', 'in doubt', 'intent', 'read back', 'sent')"
        ),
        postgresql_where=sa.text(
            "state IN ('claimed', 'commit sent', 'created, uncommitted', 'in doubt', 'intent', 'read back', 'sent')"
        ),
    )
    op.create_table(
        "event",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("flow_id", KEY, nullable=True),
        sa.Column("step_id", KEY, nullable=True),
        sa.Column("category", sa.String(length=4), nullable=False),
        sa.Column("document", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["flow.id"], name=op.f("fk_event_flow_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_event_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_flow_id", "event", ["flow_id"], unique=False)
    op.create_index("ix_event_kind", "event", ["kind", "id"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("flow_id", KEY, nullable=False),
        sa.Column("step_id", KEY, nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("heals", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.String(length=27), nullable=False),
        sa.Column("released_at", sa.String(length=27), nullable=True),
        sa.Column("released_by", sa.String(length=255), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["flow.id"], name=op.f("fk_hold_flow_id")),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_hold_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index("ix_hold_flow_id", "hold", ["flow_id"], unique=False)
    op.create_index(
        "ix_hold_open",
        "hold",
        ["flow_id"],
        unique=False,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    forbid_changes(op, "event")
