"""The parts about other runs and days: roll-forwards, what was restated, and money by week."""

from __future__ import annotations

from collections.abc import Iterator

from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.roll_forward import BreakMovement, ItemMovement, Tally
from connector.reports.run_report.figure_parts import DIFFERENCE
from connector.reports.run_report.parts import Cell, Column, Kind, Part, money
from connector.reports.run_report.scopes import (
    ACCOUNT,
    COMPANY_CODE,
    CURRENCY,
    SCOPE,
    account_cells,
    scope_cells,
)

BREAK_ROLL_FORWARD = Part(
    "break_roll_forward", "Roll-forward of breaks",
    "How the breaks of the run before became those of this one. Count and amount carry the sign "
    "with which they count, so that each column adds up to the closing; `difference` is what is "
    "left over. Accepted breaks no longer count.",
    (
        Column("currency", "Currency", "Empty for breaks without an amount.", width=10),
        Column("movement", "Movement", "`opening`, what moved, `closing` and `difference`.",
               width=14),
        Column("breaks", "Breaks concerned", "How many breaks moved so.", Kind.COUNT, 16),
        Column("count", "Count", "By how much it changes the number of breaks.", Kind.COUNT, 9),
        Column("amount", "Amount", "By how much it changes their sum.", Kind.AMOUNT, 18),
    ),
)  # fmt: skip
ITEM_ROLL_FORWARD = Part(
    "item_roll_forward", "Roll-forward of open items",
    "How the open items of the run before became those of this one, by account. Amounts carry the "
    "sign with which they count, so that they add up to the closing. What is in foreign currency "
    "has a second block, stated in the company code's.",
    (
        *SCOPE,
        Column("movement", "Movement", "`opening`, what was posted, `closing` and `difference`.",
               width=14),
        Column("lines", "Lines", "Of how many lines in accounting; empty where none are counted.",
               Kind.COUNT, 9),
        Column("amount", "Amount", "By how much it changes the open items.", Kind.AMOUNT, 18),
    ),
)  # fmt: skip
RESTATED = Part(
    "restated", "Restated figures",
    "Figures that an earlier run for the same key date had otherwise.",
    (
        Column("figure", "Figure", "Which figure.", width=70),
        Column("currency", "Currency", "Empty for numbers of records.", width=10),
        Column("was", "Was", "As the earlier run had it; empty where it had none.",
               Kind.QUANTITY, 18),
        Column("is", "Is", "As this run has it.", Kind.QUANTITY, 18),
        Column("change", "Change", "By how much it changed.", Kind.QUANTITY, 18),
    ),
)  # fmt: skip
LATE_DOCUMENTS = Part(
    "entered_later", "Entered later",
    "Documents that were entered after the earlier run, with a posting date until its key date; "
    "the last rows are what changed without such a document.",
    (
        Column("document", "Document", "Accounting document; empty for what no document explains.",
               width=28),
        Column("line_item", "Line", "Its line item.", Kind.COUNT, 6),
        Column("document_type", "Type", "Its document type.", width=6),
        Column("customer", "Customer", "Customer of the line.", width=14),
        *ACCOUNT, CURRENCY,
        Column("amount", "Amount", "Amount of the line.", Kind.AMOUNT, 16),
        Column("posted_on", "Posted", "Posting date.", Kind.DATE, 12),
        Column("entered_on", "Entered", "Day of entry.", Kind.DATE, 12),
    ),
)  # fmt: skip
CASH_FLOW = Part(
    "cash_flow", "Cash flow by week",
    "What open items bring in by the week of their due date, and what receipts brought in. All "
    "that is expected is the ageing's total without the money on account.",
    (
        COMPANY_CODE, CURRENCY,
        Column("period", "Period", "`overdue`, `week` or `later`.", width=10),
        Column("begins_on", "Week of", "Monday of the week; empty for the other two.", Kind.DATE,
               12),
        Column("expected", "Expected", "Open and due then, credits deducted.", Kind.AMOUNT, 18),
        Column("expected_items", "Items", "Of how many open items.", Kind.COUNT, 9),
        Column("received", "Received", "What receipts lowered the customers' debt by.",
               Kind.AMOUNT, 18),
        Column("received_items", "Lines", "Of how many lines in accounting.", Kind.COUNT, 9),
    ),
    adds_up=("expected", "received"),
)  # fmt: skip


def roll_forward_parts(run: ReconciliationRun) -> tuple[Part, Part]:
    """Return the roll-forwards of breaks and of open items; empty where there is none."""
    forward = run.roll_forward
    breaks = forward.breaks if forward else ()
    items = forward.items if forward else ()
    return (
        BREAK_ROLL_FORWARD.with_rows(row for each in breaks for row in _break_rows(each)),
        ITEM_ROLL_FORWARD.with_rows(row for each in items for row in _item_rows(each)),
    )


def _break_rows(row: BreakMovement) -> Iterator[tuple[Cell, ...]]:
    nothing = Tally()
    moves = (
        ("opening", row.opening.count, row.opening),
        ("new", row.new.count, row.new),
        ("reopened", row.reopened.count, row.reopened),
        ("changed", row.changed.count, Tally(amount=row.changed.amount)),
        ("resolved", row.resolved.count, nothing - row.resolved),
        ("accepted", row.accepted.count, nothing - row.accepted),
        ("closing", row.closing.count, row.closing),
        (DIFFERENCE, None, row.difference),
    )
    for name, concerned, tally in moves:
        yield row.currency, name, concerned, tally.count, money(tally.amount, row.currency)


def _item_rows(row: ItemMovement) -> Iterator[tuple[Cell, ...]]:
    lead = scope_cells(row.scope)
    yield (*lead, "opening", None, row.opening)
    yield (*lead, "restated", None, row.restated)
    yield (*lead, "invoices", row.invoice_count, row.invoices)
    yield (*lead, "credits", row.credit_count, -row.credits)
    yield (*lead, "receipts", row.receipt_count, -row.receipts)
    yield (*lead, "other", row.other_count, row.other)
    yield (*lead, "closing", None, row.closing)
    yield (*lead, DIFFERENCE, None, row.difference)


def restated_parts(run: ReconciliationRun) -> tuple[Part, Part]:
    """Return the figures that changed, and the documents that were entered later."""
    restated = run.restated
    if restated is None:
        return RESTATED, LATE_DOCUMENTS
    figures = RESTATED.with_rows(
        (
            each.name, each.currency,
            *(money(v, each.currency) if v is not None and each.currency else v
              for v in (each.old, each.new, each.change)),
        )
        for each in restated.figures
    )  # fmt: skip
    documents: list[tuple[Cell, ...]] = [
        (
            each.document, each.line_item, each.document_type, each.customer,
            *account_cells(each.scope), each.scope.currency, each.amount, each.posted_on,
            each.entered_on,
        )
        for each in restated.documents
    ]  # fmt: skip
    documents += [
        ("", None, "", "", "", "", "", amount.currency, amount, None, None)
        for amount in restated.unexplained
    ]
    return figures, LATE_DOCUMENTS.with_rows(documents)


def cash_flow_part(run: ReconciliationRun) -> Part:
    """Return money by week."""
    return CASH_FLOW.with_rows(
        (
            row.company_code, row.currency, row.period.value, row.begins_on, row.expected,
            row.expected_items, row.received, row.received_items,
        )
        for row in run.cash_flow
    )  # fmt: skip
