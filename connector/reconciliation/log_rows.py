"""The log, roll-forwards, restatements and breaks as plain rows of text, without their looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from connector.reconciliation.break_register import BreakRecord
from connector.reconciliation.chain_of_runs import FinishedRun
from connector.reconciliation.restatement import ChangedFigure, Restatement
from connector.reconciliation.roll_forward import BreakMovement, ItemMovement, RollForward, Tally
from connector.reconciliation.rows import Row, account_text
from connector.reconciliation.sign_off import SignOff
from connector.sd_documents.currency import decimals_of
from connector.sd_documents.values import Money

BREAK_ROLL_HEADINGS: Final[Row] = (
    "Currency", "Opening", "New", "Reopened", "Changed", "Resolved", "Accepted", "Closing",
)  # fmt: skip
ITEM_ROLL_HEADINGS: Final[Row] = (
    "Company code", "Account", "Currency", "Opening", "Restated", "+ Invoices", "- Credits",
    "- Receipts", "+ Other", "Closing", "Difference",
)  # fmt: skip
LATE_HEADINGS: Final[Row] = ("Document", "Type", "Customer", "Posted", "Entered", "Amount")
FIGURE_HEADINGS: Final[Row] = ("Figure", "Was", "Is", "Change")
RUN_HEADINGS: Final[Row] = (
    "Run", "Key date", "Mode", "Company codes", "Verdict", "Breaks", "Sign-off", "Content",
)  # fmt: skip
REGISTER_HEADINGS: Final[Row] = (
    "Break", "Code", "About", "Difference", "State", "First seen", "Age", "Owner", "Due",
)  # fmt: skip


def figure_text(amount: Decimal | None, currency: str) -> str:
    """Return an amount with its currency's decimals, or a number of records; empty for none."""
    if amount is None:
        return ""
    return f"{amount:,.{decimals_of(currency) if currency else 0}f}"


def break_roll_rows(forward: RollForward) -> list[Row]:
    """Return one row per currency: count and amount of each movement."""
    return [_break_roll(row) for row in forward.breaks]


def _break_roll(row: BreakMovement) -> Row:
    moves = (
        row.opening, row.new, row.reopened, row.changed, row.resolved, row.accepted, row.closing,
    )  # fmt: skip
    return (row.currency or "none", *(_tally(each, row.currency) for each in moves))


def _tally(tally: Tally, currency: str) -> str:
    if not tally:
        return "0"
    return f"{tally.count}: {figure_text(tally.amount, currency)}" if currency else str(tally.count)


def item_roll_rows(forward: RollForward) -> list[Row]:
    """Return one row per account."""
    return [_item_roll(row) for row in forward.items]


def _item_roll(row: ItemMovement) -> Row:
    scope = row.scope
    amounts: Iterable[Money] = (
        row.opening, row.restated, row.invoices, row.credits, row.receipts, row.other,
        row.closing, row.difference,
    )  # fmt: skip
    return (
        scope.company_code,
        account_text(scope),
        scope.stated_in,
        *(figure_text(each.amount, each.currency) for each in amounts),
    )


def late_rows(restated: Restatement) -> list[Row]:
    """Return one row per line that was entered later."""
    return [
        (
            f"{each.document}/{each.line_item}",
            each.document_type,
            each.customer,
            each.posted_on.isoformat(),
            each.entered_on.isoformat(),
            str(each.amount),
        )
        for each in restated.documents
    ]


def figure_rows(figures: Iterable[ChangedFigure]) -> list[Row]:
    """Return one row per figure that changed: old, new and by how much."""
    return [
        (
            each.name,
            figure_text(each.old, each.currency),
            figure_text(each.new, each.currency),
            figure_text(each.change, each.currency),
        )
        for each in figures
    ]


def run_rows(runs: Iterable[FinishedRun], signed: Mapping[str, SignOff]) -> list[Row]:
    """Return one row per run of the log."""
    return [
        (
            run.run_id,
            run.key_date.isoformat(),
            run.mode.value,
            ", ".join((*run.kind.company_codes, *run.kind.currencies)),
            run.verdict.value,
            "" if run.breaks is None else str(run.breaks),
            signed[run.run_id].state if run.run_id in signed else "",
            run.content_hash[:12],
        )
        for run in runs
    ]


def register_rows(records: Iterable[BreakRecord], today: date) -> list[Row]:
    """Return one row per break as it stands."""
    return [
        (
            each.id,
            each.code.value,
            each.subject,
            _amounts(each),
            each.state.value,
            each.first_seen_on.isoformat(),
            f"{each.age_days(today)} d",
            each.owner,
            each.due_on.isoformat() if each.due_on else "",
        )
        for each in records
    ]


def _amounts(record: BreakRecord) -> str:
    if record.amount is not None:
        return f"{figure_text(record.amount, record.currency)} {record.currency}"
    return f"{record.amounts.get('quantity', '')} {record.amounts.get('unit', '')}".strip()
