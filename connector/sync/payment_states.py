"""How far the invoices of an order are paid: for channels that want to know why one is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connector.ports.store_records import FlowView
from connector.sd_documents.payment_state import ClearedBy, Clearings, InvoicePayment
from connector.sd_documents.values import Money, total
from connector.sync.chain import outstanding_amount, valid_invoices


@dataclass(frozen=True, slots=True)
class OrderPayment:
    """
    How far all invoices of an order are paid together.

    ``settled`` is what money has settled, money on account included; ``owed`` what all open lines
    leave, below zero where the customer is owed. ``cleared_by`` says, where invoices are closed and
    no money took part, what closed the first of them.
    """

    settled: Money
    owed: Money
    cleared_by: ClearedBy | None = None


def order_payment(view: FlowView, currency: str) -> OrderPayment:
    """Return how far the order is paid, by all that is known of it."""
    found = [
        each
        for each in invoice_payments(view, date.max).values()
        if each.invoice.currency == currency
    ]
    settled = total((each.settled for each in found), currency) + _on_account(view, currency)
    owed = outstanding_amount(view, currency)
    without = [each.cleared_by for each in found if each.cleared_by is not None]
    is_closed = owed.amount <= 0 and settled.amount <= 0
    return OrderPayment(settled, owed, without[0] if without and is_closed else None)


def _on_account(view: FlowView, currency: str) -> Money:
    """Return the money of the order that no invoice of it has been cleared with, or names."""
    posted = {item.document for item in view.items if item.billing_document}
    return total(
        (
            -item.amount
            for item in view.items
            if item.clearing_document is None
            and item.document_type in view.receipt_types
            and item.amount.amount < 0
            and item.amount.currency == currency
            and item.invoice not in posted
        ),
        currency,
    )


def invoice_payments(view: FlowView, on: date) -> dict[str, InvoicePayment]:
    """
    Return by billing document how far each standing invoice is paid on a day.

    Invoices without a line in accounting are left out. "Cleared" is not "paid": a credit memo, a
    cancellation or a write-off closes an invoice as well.
    """
    cancellations = {
        document.number
        for document in view.billing_documents
        if document.cancelled_document is not None
    }
    clearings = Clearings(view.items, on, receipts=view.receipt_types, cancellations=cancellations)
    found: dict[str, InvoicePayment] = {}
    for document in valid_invoices(view):
        lines = [
            item
            for item in view.items
            if item.billing_document == document.number
            and item.key.accounting_document == (document.accounting_document or document.number)
            and item.amount.amount > 0
        ]
        if lines:
            found[document.number] = clearings.payment_of(lines)
    return found
