"""How far the invoices of our orders are paid, from what their clearings consist of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from connector.reconciliation.matching import Documents, OrderChain
from connector.reconciliation.rebilling import cancelled_after_payment, standing
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment_state import (
    ClearedBy,
    Clearings,
    InvoicePayment,
    PaymentState,
)
from connector.sd_documents.values import Money


class InvoiceState(Frozen):
    """One invoice of an external order, and how far it was paid on the key date."""

    order: str
    invoice: str
    payer: str
    payment: InvoicePayment


class StateCount(Frozen):
    """How many invoices of one currency are in a state, and what they come to."""

    currency: str
    state: PaymentState
    cleared_by: ClearedBy | None
    count: int
    amount: Money
    open: Money


#: Currency, state, and what an invoice was cleared with where no money took part.
StateKey = tuple[str, str, str]
#: States that need no further word.
_PLAIN: Final = (PaymentState.OPEN, PaymentState.PAID)


@dataclass(frozen=True, slots=True)
class InvoiceStates:
    """
    All states of a run: their number and sums, and those that are worth naming.

    Of a year's invoices nearly all are simply open or simply paid; those are only counted.
    """

    sums: Mapping[StateKey, tuple[int, Decimal, Decimal]]
    noteworthy: tuple[InvoiceState, ...]


def invoice_states(
    chains: Iterable[OrderChain], documents: Documents, rules: ReconciliationRules
) -> InvoiceStates:
    """Look at each standing invoice of *chains*, in their order."""
    cancellations = {
        each.number for each in documents.billing_documents if each.cancelled_document is not None
    }
    clearings = Clearings(
        documents.extract.items,
        documents.key_date,
        receipts=rules.payment_document_types,
        cancellations=cancellations,
        paid=cancelled_after_payment(documents),
    )
    sums: dict[StateKey, tuple[int, Decimal, Decimal]] = {}
    noteworthy_ones: list[InvoiceState] = []
    for chain in chains:
        for document, payment in _payments(chain, documents, clearings):
            key = payment.invoice.currency, payment.state.value, payment.cleared_by or ""
            count, amount, rest = sums.get(key, (0, Decimal(0), Decimal(0)))
            sums[key] = count + 1, amount + payment.invoice.amount, rest + payment.open.amount
            if payment.state not in _PLAIN:
                noteworthy_ones.append(
                    InvoiceState(
                        order=chain.mirrored.name,
                        invoice=document.number,
                        payer=document.payer,
                        payment=payment,
                    )
                )
    return InvoiceStates(sums, tuple(noteworthy_ones))


def _payments(
    chain: OrderChain, documents: Documents, clearings: Clearings
) -> Iterator[tuple[BillingDocument, InvoicePayment]]:
    for number in standing(chain, documents):
        document = documents.billing_document(number)
        assert document is not None
        lines = documents.fi_lines(document)
        if lines:
            yield document, clearings.payment_of(lines)


def counted(sums: Mapping[StateKey, tuple[int, Decimal, Decimal]]) -> tuple[StateCount, ...]:
    """Return how many invoices of each currency are in each state."""
    return tuple(
        StateCount(
            currency=currency,
            state=PaymentState(state),
            cleared_by=ClearedBy(by) if by else None,
            count=count,
            amount=Money(amount=amount, currency=currency),
            open=Money(amount=rest, currency=currency),
        )
        for (currency, state, by), (count, amount, rest) in sorted(sums.items())
    )
