"""The parts that say what a run was about, what it read, and who has signed it."""

from __future__ import annotations

from collections.abc import Iterator

from connector.reconciliation.rows import assignment_text
from connector.reports.run_report.parts import Cell, Column, Kind, Part
from connector.reports.run_report.run_report import MEANINGS, RunReport

RUN = Part(
    "run", "Run", "What the run was about, and its verdict.",
    (
        Column("field", "", "What is told.", width=24),
        Column("value", "", "As text.", width=90),
    ),
)  # fmt: skip
SOURCES = Part(
    "sources", "Sources", "What was read, and whether all of it came.",
    (
        Column("source", "Source", "What was read.", width=26),
        Column("system", "System", "Where it was read.", width=12),
        Column("records", "Records", "How many came.", Kind.COUNT, 10),
        Column("kept", "Kept", "Of these, not read anew since nothing had changed them.",
               Kind.COUNT, 8),
        Column("left_out", "Left out", "Of these, nothing to do with what is compared.",
               Kind.COUNT, 8),
        Column("expected", "Expected", "How many should have; empty where the source does not say.",
               Kind.COUNT, 10),
        Column("pages", "Calls", "Calls that were answered.", Kind.COUNT, 8),
        Column("pages_expected", "Calls made", "Calls that were made.", Kind.COUNT, 11),
        Column("oldest", "Oldest", "Day of the oldest record.", Kind.DATE, 12),
        Column("newest", "Newest", "Day of the newest record.", Kind.DATE, 12),
        Column("read_at", "Complete until", "Until when it is known to be complete.",
               Kind.INSTANT, 20),
        Column("problems", "Problems", "Why it must not be relied on; empty where it may.",
               width=50),
        Column("sha256", "SHA-256", "Hash over all records, whatever their order.", width=66),
    ),
    adds_up=("records", "kept", "left_out"),
)  # fmt: skip
CONTROL_TOTALS = Part(
    "control_totals", "Control totals", "Records and sums of each source by currency.",
    (
        Column("source", "Source", "What was read.", width=26),
        Column("system", "System", "Where it was read.", width=12),
        Column("currency", "Currency", "Currency of the amounts.", width=10),
        Column("records", "Records", "Records with an amount in this currency.", Kind.COUNT, 10),
        Column("debit", "Debit", "Sum of what raises the receivable.", Kind.AMOUNT, 18),
        Column("credit", "Credit", "Sum of what lowers it.", Kind.AMOUNT, 18),
    ),
)  # fmt: skip
SIGN_OFFS = Part(
    "sign_offs", "Sign-off", "Who has signed the content hash.",
    (
        Column("role", "Role", "`preparer` or `reviewer`.", width=12),
        Column("name", "Name", "Who signed.", width=26),
        Column("at", "At (UTC)", "When.", Kind.INSTANT, 20),
        Column("note", "Note", "What they said.", width=50),
        Column("content_hash", "Content hash", "What they signed.", width=66),
        Column("void_because", "Void because", "Why it no longer holds; empty while it does.",
               width=50),
    ),
)  # fmt: skip


def run_part(report: RunReport) -> Part:
    """Return the header of the run."""
    return RUN.with_rows(_run(report))


def _run(report: RunReport) -> Iterator[tuple[Cell, Cell]]:
    run, header = report.run, report.run.header
    yield "verdict", run.verdict.value
    yield "meaning", MEANINGS[run.verdict]
    for problem in report.problems:
        yield "problem", problem
    yield "company", report.company
    yield "company_codes", ", ".join(header.company_codes)
    yield "currencies", ", ".join(header.currencies) or "all"
    yield "key_date", header.key_date.isoformat()
    yield "time_zone", header.time_zone
    yield "run_id", header.run_id
    yield "mode", header.mode.value
    yield "read_at", header.started_at
    yield "finished_at", header.finished_at
    yield "program_version", header.program_version
    yield "rules_version", header.rules_version
    yield "rules_sha256", header.rules_sha256
    previous = header.previous
    yield "previous_run_id", previous.run_id if previous else ""
    yield "previous_content_hash", previous.content_hash if previous else ""
    yield "assignment_holds", assignment_text(run)
    yield "content_hash", run.content_hash
    yield "sign_off", report.sign_off.state if report.sign_off else ""
    yield "chain_head_entry", str(report.head.sequence)
    yield "chain_head_hash", report.head.hash
    if not report.has_figures:
        return
    for name, count in (
        ("matched", run.match_count),
        ("explained", len(run.explained)),
        ("pending", len(run.pending)),
        ("breaks", len(run.breaks)),
        ("proposals", len(run.proposals)),
    ):
        yield name, str(count)


def source_parts(report: RunReport) -> tuple[Part, Part]:
    """Return the sources, and their control totals by currency."""
    sources = report.run.sources
    read = SOURCES.with_rows(
        (
            each.name, each.system, each.records, each.kept, each.left_out, each.expected,
            each.pages, each.pages_expected, each.oldest, each.newest, each.as_of,
            "; ".join(each.problems), each.sha256,
        )
        for each in sources
    )  # fmt: skip
    totals = CONTROL_TOTALS.with_rows(
        (each.name, each.system, total.currency, total.count, total.debit, total.credit)
        for each in sources
        for total in each.totals
    )
    return read, totals


def sign_off_part(report: RunReport) -> Part:
    """Return the signatures under the run, void ones too."""
    signed = report.sign_off
    return SIGN_OFFS.with_rows(
        (each.role.value, each.name, each.at, each.note, each.content_hash, signed.void_because)
        for each in (signed.signatures if signed else ())
        if signed is not None
    )
