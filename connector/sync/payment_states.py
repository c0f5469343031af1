"""How far the invoices of an order are paid: for channels that want to know why one is closed."""

from __future__ import annotations

from datetime import date

from connector.ports.store_records import FlowView
from connector.sd_documents.payment_state import Clearings, InvoicePayment
from connector.sync.chain import valid_invoices


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
    clearings = Clearings(view.items, on, cancellations=cancellations)
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
