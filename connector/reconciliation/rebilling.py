"""
Invoices that were paid, cancelled and billed anew: the cancellation stays open as a credit.

The credit is held against what the same order's new invoice still owes. What is left of it the
customer has paid too much; what is left of the invoice is still owed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from connector.reconciliation.matching import Documents, OrderChain
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import DocumentCategory

ZERO = Decimal(0)
#: Company code, document, fiscal year, line.
LineKey = tuple[str, str, int, int]


@dataclass(slots=True)
class PaidAndCancelled:
    """
    The open credits of an order's cancellations whose originals had been paid.

    ``cancelled`` are the originals, ``billed_anew`` tells whether an invoice stands in their place.
    """

    chain: OrderChain
    credits: list[CustomerItem] = field(default_factory=list)
    cancelled: list[BillingDocument] = field(default_factory=list)
    billed_anew: bool = False

    @property
    def amount(self) -> Decimal:
        """What the customer has got back by cancellation, positive."""
        return -sum((item.amount.amount for item in self.credits), ZERO)

    @property
    def since(self) -> date:
        """When the last of them was cancelled."""
        return max(item.posting_date for item in self.credits)


def paid_and_cancelled(
    documents: Documents, chains: Sequence[OrderChain], key_date: date
) -> dict[str, PaidAndCancelled]:
    """Return the open credits of cancellations by order name."""
    found: dict[str, PaidAndCancelled] = {}
    for chain in chains:
        cancellations = {
            line.document.number: line.document
            for line in chain.invoiced
            if line.document.category is DocumentCategory.INVOICE_CANCELLATION
        }
        for number in sorted(cancellations):
            document = cancellations[number]
            original = documents.original_of(document)
            if original is None:
                continue
            open_credits = [
                item for item in documents.fi_lines(document) if item.is_open_on(key_date)
            ]
            still_open = any(item.is_open_on(key_date) for item in documents.fi_lines(original))
            if not open_credits or still_open:
                continue
            entry = found.setdefault(chain.mirrored.name, PaidAndCancelled(chain))
            entry.credits += open_credits
            entry.cancelled.append(original)
            entry.billed_anew = bool(standing(chain, documents))
    return found


def standing(chain: OrderChain, documents: Documents) -> list[str]:
    """Return the invoices of an order that were not cancelled until the key date."""
    cancelled = {
        original.number
        for line in chain.invoiced
        if (original := documents.original_of(line.document)) is not None
    }
    return sorted(
        {
            line.document.number
            for line in chain.invoiced
            if line.document.category is DocumentCategory.INVOICE
            and line.document.number not in cancelled
        }
    )


def was_paid_before_cancelled(chain: OrderChain, documents: Documents) -> bool:
    """Tell whether money came in for an order before one of its invoices was cancelled."""
    days = [
        line.document.billing_date
        for line in chain.invoiced
        if documents.original_of(line.document) is not None
    ]
    paid = [payment.paid_on for payment in chain.mirrored.payments]
    return bool(days) and bool(paid) and min(paid) <= max(days)


def by_line(entries: Iterable[PaidAndCancelled]) -> Mapping[LineKey, PaidAndCancelled]:
    """Return the entries by the lines of their credits."""
    found: dict[LineKey, PaidAndCancelled] = {}
    for entry in entries:
        for item in entry.credits:
            key = item.key
            line = key.company_code, key.accounting_document, key.fiscal_year, item.line_item
            found[line] = entry
    return found
