"""The part that proves the breaks: the calculation of each, and the records it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from connector.reconciliation.differences import Break
from connector.reconciliation.evidence import calculation
from connector.reports.run_report.parts import Cell, Column, Part
from connector.reports.run_report.run_report import RunReport

CALCULATION = "calculation"
RECORD = "record"

EVIDENCE = Part(
    "evidence", "Evidence", "How the difference of each break comes about, and the records as they "
    "were read. Records leave out what names a person; their hash covers all of it.",
    (
        Column("break_id", "Break", "The break that it belongs to.", width=22),
        Column("code", "Code", "Its code.", width=24),
        Column("kind", "Kind", "`calculation` or `record`.", width=12),
        Column("source", "Source", "Where the record was read.", width=24),
        Column("key", "Key", "Which record.", width=30),
        Column("text", "Text", "A step of the calculation, or the record as JSON.", width=100),
        Column("sha256", "SHA-256", "Hash of the whole record.", width=66),
    ),
)  # fmt: skip


def evidence_part(report: RunReport) -> Part:
    """Return the evidence of all breaks, in their order."""
    return EVIDENCE.with_rows(row for each in report.run.breaks for row in _rows(each))


def _rows(found: Break) -> Iterator[tuple[Cell, ...]]:
    lead = found.id, found.code.value
    for text in calculation(found):
        yield (*lead, CALCULATION, "", "", text, "")
    for each in found.evidence:
        yield (*lead, RECORD, each.source, each.key, each.record or each.text, each.sha256)
