"""
The tables. Migrations build them; a test compares both.

Amounts and quantities are text: no database rounds them. JSON is text as well.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from connector.ports.step_state import OCCUPYING
from connector.store import reconciliation_tables, table_metadata
from connector.store.types import Key, UtcInstant

metadata: Final = table_metadata.metadata

flow: Final = Table(
    "flow",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("channel", String(40), nullable=False),
    Column("external_id", String(64), nullable=False),
    Column("order_name", String(255), nullable=False),
    Column("plan", String(40), nullable=False),
    Column("reference", String(35), unique=True),
    Column("version", Integer, nullable=False),
    Column("checked_version", Integer, nullable=False),
    Column("writes", Integer, nullable=False),
    Column("mirrored_writes", Integer, nullable=False),
    Column("wakes", Integer, nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    Column("due_at", UtcInstant),
    Column("read_at", UtcInstant),
    Column("closed_at", UtcInstant),
    Column("cancelled", Boolean, nullable=False),
    UniqueConstraint("channel", "external_id"),
    Index("ix_flow_external_id", "external_id"),
    Index("ix_flow_order_name", "order_name"),
    Index(
        "ix_flow_due_at",
        "due_at",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "ix_flow_unread",
        "id",
        sqlite_where=text("writes > mirrored_writes"),
        postgresql_where=text("writes > mirrored_writes"),
    ),
)

order_version: Final = Table(
    "order_version",
    metadata,
    Column("flow_id", Key, ForeignKey("flow.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content_hash", String(64), nullable=False),
    Column("received_at", UtcInstant, nullable=False),
    Column("changed_at", UtcInstant, nullable=False),
    Column("source", Text, nullable=False),
    Column("external_order", Text, nullable=False),
    Column("raw", LargeBinary),
    UniqueConstraint("flow_id", "content_hash"),
)

unreadable_message: Final = Table(
    "unreadable_message",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("channel", String(40), nullable=False),
    Column("source", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("content_hash", String(64), nullable=False, unique=True),
    Column("received_at", UtcInstant, nullable=False),
)

_occupying = ", ".join(f"'{state}'" for state in sorted(OCCUPYING))

step: Final = Table(
    "step",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("flow_id", Key, ForeignKey("flow.id"), nullable=False),
    Column("operation", String(40), nullable=False),
    Column("sequence_key", String(64), nullable=False),
    Column("state", String(24), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("order_version", Integer, nullable=False),
    Column("lease_owner", String(255), nullable=False),
    Column("lease_until", UtcInstant),
    Column("due_at", UtcInstant),
    Column("reference", String(35), nullable=False),
    Column("payload", Text, nullable=False),
    Column("payload_hash", String(64), nullable=False),
    Column("known_before", Text, nullable=False),
    Column("provisional_numbers", Text, nullable=False),
    Column("numbers", Text, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("absent_look_ups", Integer, nullable=False),
    Column("doubt_since", UtcInstant),
    Column("looked_at", UtcInstant),
    Column("created_at", UtcInstant, nullable=False),
    Column("finished_at", UtcInstant),
    UniqueConstraint("flow_id", "operation", "sequence_key"),
    # One claimed step per flow: decided here and not by a query.
    Index(
        "uq_step_claimed",
        "flow_id",
        unique=True,
        sqlite_where=text(f"state IN ({_occupying})"),
        postgresql_where=text(f"state IN ({_occupying})"),
    ),
    Index("ix_step_state_lease_until", "state", "lease_until"),
    Index("ix_step_reference", "reference"),
    Index("ix_step_sequence_key", "sequence_key"),
)

hold: Final = Table(
    "hold",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("flow_id", Key, ForeignKey("flow.id"), nullable=False),
    Column("step_id", Key, ForeignKey("step.id")),
    Column("reason", String(60), nullable=False),
    Column("message", Text, nullable=False),
    Column("heals", Boolean, nullable=False),
    Column("opened_at", UtcInstant, nullable=False),
    Column("released_at", UtcInstant),
    Column("released_by", String(255), nullable=False),
    Column("comment", Text, nullable=False),
    Column("accepted", Boolean, nullable=False),
    Index("ix_hold_flow_id", "flow_id"),
    Index(
        "ix_hold_open",
        "flow_id",
        sqlite_where=text("released_at IS NULL"),
        postgresql_where=text("released_at IS NULL"),
    ),
)

event: Final = Table(
    "event",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("at", UtcInstant, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("flow_id", Key, ForeignKey("flow.id")),
    Column("step_id", Key, ForeignKey("step.id")),
    Column("category", String(4), nullable=False),
    Column("document", String(24), nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_event_flow_id", "flow_id"),
    Index("ix_event_kind", "kind", "id"),
)

# A document may belong to several flows: one invoice for two orders.
flow_document: Final = Table(
    "flow_document",
    metadata,
    Column("flow_id", Key, ForeignKey("flow.id"), primary_key=True),
    Column("category", String(4), primary_key=True),
    Column("document", String(24), primary_key=True),
    # What a person types: the number alone, without company code and year.
    Column("number", String(10), nullable=False),
    Index("ix_flow_document_number", "number"),
    Index("ix_flow_document_document", "category", "document"),
)

document: Final = Table(
    "document",
    metadata,
    Column("category", String(4), primary_key=True),
    Column("document", String(24), primary_key=True),
    Column("body", Text, nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("read_at", UtcInstant, nullable=False),
)

customer_item: Final = Table(
    "customer_item",
    metadata,
    Column("document", String(24), primary_key=True),
    Column("line_item", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("body_hash", String(64), nullable=False),
)

flow_link: Final = Table(
    "flow_link",
    metadata,
    Column("preceding_category", String(4), primary_key=True),
    Column("preceding_document", String(10), primary_key=True),
    Column("preceding_item", Integer, primary_key=True),
    Column("subsequent_category", String(4), primary_key=True),
    Column("subsequent_document", String(10), primary_key=True),
    Column("subsequent_item", Integer, primary_key=True),
    Column("quantity", String(24), nullable=False),
    Column("unit", String(3), nullable=False),
    Column("net_amount", String(32)),
    Column("currency", String(3)),
    Column("sign", Integer, nullable=False),
    Column("created_on", String(10)),
)

watermark: Final = Table(
    "watermark",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
    Column("written_at", UtcInstant, nullable=False),
)

# Runs, their matches, and the chain that seals both.
reconciliation_run: Final = reconciliation_tables.reconciliation_run
reconciliation_match_piece: Final = reconciliation_tables.reconciliation_match_piece
reconciliation_log: Final = reconciliation_tables.reconciliation_log

# Bank statements and payout reports are evidence: added to, never changed. A line is known by its
# own key, whatever file brought it.
statement_file: Final = Table(
    "statement_file",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("format", String(40), nullable=False),
    Column("read_at", UtcInstant, nullable=False),
    Column("statements", Integer, nullable=False),
    Column("payouts", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("replayed", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("pages_expected", Integer, nullable=False),
    Column("problems", Text, nullable=False),
)

# What a file held that fell short: a later one that has all of it, and is complete, makes it good.
statement_file_part: Final = Table(
    "statement_file_part",
    metadata,
    Column("file_id", Key, ForeignKey("statement_file.id"), primary_key=True),
    Column("part", String(250), primary_key=True),
)

# What put an end to the problems of a file: a later file, or a person, with the reason.
statement_file_end: Final = Table(
    "statement_file_end",
    metadata,
    Column("file_id", Key, ForeignKey("statement_file.id"), primary_key=True),
    Column("by_file_id", Key, ForeignKey("statement_file.id")),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
)

bank_statement: Final = Table(
    "bank_statement",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("file_id", Key, ForeignKey("statement_file.id"), nullable=False),
    Column("bank_account", String(120), nullable=False),
    Column("identity", String(64), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("first_day", String(10), nullable=False),
    Column("last_day", String(10), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("identity", "content_hash"),
    Index("ix_bank_statement_last_day", "last_day"),
)

bank_line: Final = Table(
    "bank_line",
    metadata,
    Column("bank_account", String(120), primary_key=True),
    Column("bank_reference", String(120), primary_key=True),
    Column("statement_id", Key, ForeignKey("bank_statement.id"), nullable=False),
    Column("booking_date", String(10), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_bank_line_statement_id", "statement_id"),
)

payout_report: Final = Table(
    "payout_report",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("file_id", Key, ForeignKey("statement_file.id"), nullable=False),
    Column("provider", String(120), nullable=False),
    Column("payout_id", String(120), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("paid_on", String(10), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("provider", "payout_id", "content_hash"),
    Index("ix_payout_report_paid_on", "paid_on"),
)

payout_line: Final = Table(
    "payout_line",
    metadata,
    Column("provider", String(120), primary_key=True),
    Column("payout_id", String(120), primary_key=True),
    Column("line_id", String(120), primary_key=True),
    Column("file_id", Key, ForeignKey("statement_file.id"), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("body", Text, nullable=False),
)

# What came again with other content, and, in rows that name it, what a person decided.
statement_conflict: Final = Table(
    "statement_conflict",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("file_id", Key, ForeignKey("statement_file.id")),
    Column("decides", Key, ForeignKey("statement_conflict.id"), unique=True),
    Column("line_key", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("by", Text, nullable=False),
)

# One row per line that money came in on, by the line's own key: what is posted from it is posted
# once, whatever file brings the line again.
statement_payment: Final = Table(
    "statement_payment",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("line_key", String(400), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("company_code", String(4), nullable=False),
    # What the FI document carries: two lines never share it.
    Column("reference", String(16), nullable=False),
    Column("suggestion", Text, nullable=False),
    Column("way", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("found_at", UtcInstant, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", UtcInstant),
    Column("comment", Text, nullable=False),
    Column("document", String(24), nullable=False),
    UniqueConstraint("company_code", "reference"),
    Index("ix_statement_payment_state", "state"),
)

# The steps that post bank lines: one per row above, with the columns of the steps of flows.
statement_payment_step: Final = Table(
    "statement_payment_step",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("flow_id", Key, ForeignKey("statement_payment.id"), nullable=False, unique=True),
    *(
        Column(column.name, column.type, nullable=column.nullable)
        for column in step.columns
        if column.name not in ("id", "flow_id")
    ),
    Index("ix_statement_payment_step_state", "state"),
)
