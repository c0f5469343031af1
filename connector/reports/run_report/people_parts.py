"""The parts about customers and their invoices: payers, payment states, dunning, proposals."""

from __future__ import annotations

from connector.reconciliation.report import ReconciliationRun
from connector.reports.run_report.parts import Cell, Column, Kind, Part
from connector.reports.run_report.scopes import COMPANY_CODE, CURRENCY
from connector.sd_documents.values import Money

PAYERS = Part(
    "payers", "Payers", "Open items by payer, who owes most first.",
    (
        Column("payer", "Payer", "Customer number.", width=14),
        COMPANY_CODE, CURRENCY,
        Column("items", "Items", "Open items.", Kind.COUNT, 8),
        Column("open", "Open", "Sum of all of them.", Kind.AMOUNT, 18),
        Column("overdue", "Overdue", "Past its due date.", Kind.AMOUNT, 18),
        Column("on_account", "On account", "Money that belongs to no invoice.", Kind.AMOUNT, 16),
        Column("disputed", "Disputed", "Under a dunning block.", Kind.AMOUNT, 16),
        Column("dunned", "Dunned", "Dunned at least once.", Kind.AMOUNT, 16),
        Column("to_dun", "To be dunned", "What a dunning run of the key date would take up.",
               Kind.AMOUNT, 16),
        Column("dunning_level", "Level", "Highest dunning level.", Kind.COUNT, 7),
        Column("oldest_due_on", "Oldest due", "Due day of the oldest receivable.", Kind.DATE, 12),
        Column("days_overdue", "Days", "Days from then to the key date.", Kind.COUNT, 7),
    ),
    adds_up=("items", "open", "overdue", "on_account", "disputed", "dunned", "to_dun"),
)  # fmt: skip
PAYMENT_STATES = Part(
    "payment_states", "How far invoices are paid", "Invoices of our orders by state.",
    (
        Column("state", "State", "How far they are paid.", width=26),
        Column("cleared_by", "Cleared by", "What closed them without money.", width=18),
        CURRENCY,
        Column("count", "Invoices", "How many.", Kind.COUNT, 9),
        Column("amount", "Amount", "What was invoiced.", Kind.AMOUNT, 18),
        Column("open", "Open", "What is still owed.", Kind.AMOUNT, 18),
    ),
    adds_up=("count", "amount", "open"),
)  # fmt: skip
INVOICES = Part(
    "invoices", "Invoices worth a look", "Invoices that are neither simply open nor simply paid.",
    (
        Column("invoice", "Invoice", "Billing document.", width=14),
        Column("order", "Order", "External order.", width=24),
        Column("payer", "Payer", "Customer number.", width=14),
        Column("state", "State", "How far it is paid.", width=26),
        Column("cleared_by", "Cleared by", "What closed it without money.", width=18),
        Column("amount", "Amount", "What was invoiced.", Kind.AMOUNT, 16),
        Column("settled", "Settled", "By payments, discount and tolerated cents included.",
               Kind.AMOUNT, 16),
        Column("credited", "Credited", "Cleared without money.", Kind.AMOUNT, 16),
        Column("open", "Open", "What is still owed.", Kind.AMOUNT, 16),
        CURRENCY,
    ),
    adds_up=("amount", "settled", "credited", "open"),
)  # fmt: skip
DUNNING = Part(
    "dunning", "Overdue receivables", "The largest overdue receivables; `payers` counts all.",
    (
        Column("document", "Document", "Accounting document.", width=24),
        Column("line_item", "Line", "Its line item.", Kind.COUNT, 6),
        Column("payer", "Payer", "Customer number.", width=14),
        Column("invoice", "Invoice", "Billing document.", width=14),
        Column("amount", "Amount", "What is open.", Kind.AMOUNT, 16),
        CURRENCY,
        Column("due_on", "Due", "Net due date.", Kind.DATE, 12),
        Column("days_overdue", "Days", "Days from then to the key date.", Kind.COUNT, 7),
        Column("level", "Level", "Dunning level.", Kind.COUNT, 7),
        Column("last_dunned_on", "Last dunned", "Day of the last dunning.", Kind.DATE, 12),
        Column("block", "Block", "Why it is left alone.", width=7),
        Column("to_dun", "To be dunned", "Whether a run of the key date would: `yes` or `no`.",
               width=13),
    ),
    adds_up=("amount",),
)  # fmt: skip
PROPOSALS = Part(
    "proposals", "Proposals", "Bank lines without a receipt, and the open items that they seem to "
    "pay. Only an exact one may be posted by itself; a person releases the others.",
    (
        Column("proposal", "No", "Number within the run.", Kind.COUNT, 6),
        Column("rule", "Rule", "Why they belong together.", width=40),
        Column("exact", "Exact", "Whether it may be posted as it stands: `yes` or `no`.", width=7),
        Column("lines", "Lines", "Bank lines.", Kind.COUNT, 7),
        Column("paid", "Paid", "Sum of the bank lines.", Kind.AMOUNT, 16),
        Column("items", "Items", "Open items.", Kind.COUNT, 7),
        Column("open", "Open", "Sum of the open items.", Kind.AMOUNT, 16),
        Column("discount", "Discount", "Cash discount that may be deducted.", Kind.AMOUNT, 14),
        Column("difference", "Short", "By what the lines fall short; below zero, exceed.",
               Kind.AMOUNT, 14),
        CURRENCY,
        Column("text", "What it says", "In words.", width=44),
    ),
    adds_up=("lines", "paid", "items", "open", "discount", "difference"),
)  # fmt: skip
PROPOSAL_RECORDS = Part(
    "proposal_records", "Proposals, line by line", "The bank lines and items of each proposal.",
    (
        Column("proposal", "No", "Number of the proposal.", Kind.COUNT, 6),
        Column("what", "What", "`bank line` or `open item`.", width=12),
        Column("record", "Record", "Bank account and reference, or document and line.", width=50),
        Column("customer", "Customer", "Customer of the item.", width=14),
        Column("amount", "Amount", "Of the line, or open of the item.", Kind.AMOUNT, 16),
        Column("discount", "Discount", "Cash discount that may be deducted.", Kind.AMOUNT, 14),
        CURRENCY,
    ),
)  # fmt: skip


def payer_part(run: ReconciliationRun) -> Part:
    """Return payers, in each currency those first that owe most."""
    ordered = sorted(
        run.payers, key=lambda row: (row.currency, -row.open.amount, row.company_code, row.payer)
    )
    return PAYERS.with_rows(
        (
            row.payer, row.company_code, row.currency, row.items, row.open, row.overdue,
            row.on_account, row.disputed, row.dunned, row.to_dun, row.dunning_level,
            row.oldest_due_on, row.days_in_arrears,
        )
        for row in ordered
    )  # fmt: skip


def invoice_parts(run: ReconciliationRun) -> tuple[Part, Part, Part]:
    """Return invoices by state, those worth a look, and overdue receivables."""
    states = PAYMENT_STATES.with_rows(
        (
            each.state.value, each.cleared_by.value if each.cleared_by else "", each.currency,
            each.count, each.amount, each.open,
        )
        for each in run.payment_states
    )  # fmt: skip
    invoices = INVOICES.with_rows(
        (
            each.invoice, each.order, each.payer, paid.state.value,
            paid.cleared_by.value if paid.cleared_by else "", paid.invoice, paid.settled,
            paid.credited, paid.open, paid.invoice.currency,
        )
        for each in run.invoices
        for paid in (each.payment,)
    )  # fmt: skip
    dunning = DUNNING.with_rows(
        (
            str(row.document), row.line_item, row.payer, row.billing_document, row.amount,
            row.amount.currency, row.due_on, row.days_in_arrears, row.level, row.last_dunned_on,
            row.block, _yes(row.is_due_for_dunning),
        )
        for row in run.dunning
    )  # fmt: skip
    return states, invoices, dunning


def proposal_parts(run: ReconciliationRun) -> tuple[Part, Part]:
    """Return the proposals, and what each consists of."""
    rows: list[tuple[Cell, ...]] = []
    records: list[tuple[Cell, ...]] = []
    for number, each in enumerate(run.proposals, start=1):
        currency = each.difference.currency
        paid = owed = discount = Money.zero(currency)
        for line in each.lines:
            paid += line.amount
            name = f"{line.bank_account} {line.bank_reference}"
            records.append((number, "bank line", name, "", line.amount, None, currency))
        for item in each.items:
            owed, discount = owed + item.amount, discount + item.discount
            name = f"{item.key}/{item.line_item}"
            records.append(
                (number, "open item", name, item.customer, item.amount, item.discount, currency)
            )
        rows.append(
            (
                number, each.rule.value, _yes(each.is_exact), len(each.lines), paid,
                len(each.items), owed, discount, each.difference, currency, each.text,
            )
        )  # fmt: skip
    return PROPOSALS.with_rows(rows), PROPOSAL_RECORDS.with_rows(records)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
