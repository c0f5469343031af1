"""The chain of everything that finance relies on; runs that were kept before are sealed in it.

Revision ID: 0003
"""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

from connector.store.append_only import forbid_changes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reconciliation_log",
        sa.Column("sequence", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_reconciliation_log")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_reconciliation_log_previous_hash")),
        sa.UniqueConstraint("hash", name=op.f("uq_reconciliation_log_hash")),
    )
    op.create_index(
        "ix_reconciliation_log_kind", "reconciliation_log", ["kind", "sequence"], unique=False
    )
    op.create_index(
        "ix_reconciliation_log_subject", "reconciliation_log", ["subject", "sequence"], unique=False
    )
    seal_kept_runs()
    forbid_changes(op, "reconciliation_log")


def seal_kept_runs() -> None:
    """Give each run that is kept its entry, in the order in which they were kept."""
    connection = op.get_bind()
    runs = connection.execute(
        sa.text(
            "SELECT run_id, key_date, company_codes, verdict, content_hash, finished_at, content"
            " FROM reconciliation_run ORDER BY id"
        )
    ).all()
    previous = "0" * 64
    for sequence, run in enumerate(runs, start=1):
        body = canonical(
            {
                "key_date": run.key_date,
                "company_codes": json.loads(run.company_codes),
                "verdict": run.verdict,
                "content_hash": run.content_hash,
                "content_sha256": hashlib.sha256(run.content.encode()).hexdigest(),
                "sealed_later": True,
            }
        )
        fields = [sequence, "run finished", run.run_id, run.finished_at, body, previous]
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        own = hashlib.sha256(text.encode()).hexdigest()
        connection.execute(
            sa.text(
                "INSERT INTO reconciliation_log"
                " (sequence, kind, subject, at, body, previous_hash, hash)"
                " VALUES (:sequence, 'run finished', :subject, :at, :body, :previous, :own)"
            ),
            {
                "sequence": sequence,
                "subject": run.run_id,
                "at": run.finished_at,
                "body": body,
                "previous": previous,
                "own": own,
            },
        )
        previous = own


def canonical(content: dict[str, object]) -> str:
    """The form that is hashed, as it was when this migration was written."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
