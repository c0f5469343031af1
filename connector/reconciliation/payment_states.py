"""How far the invoices of our orders are paid, from what their clearings consist of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from connector.reconciliation.matching import Documents, OrderChain
from connector.reconciliation.rebilling import cancelled_after_payment, standing
from connector.reconciliation.rules import ReconciliationRules
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


def invoice_states(
    chains: Iterable[OrderChain], documents: Documents, rules: ReconciliationRules
) -> tuple[InvoiceState, ...]:
    """Return the state of each standing invoice of *chains*, in their order."""
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
    return tuple(state for chain in chains for state in _states(chain, documents, clearings))


def _states(
    chain: OrderChain, documents: Documents, clearings: Clearings
) -> Iterator[InvoiceState]:
    for number in standing(chain, documents):
        document = documents.billing_document(number)
        assert document is not None
        lines = documents.fi_lines(document)
        if lines:
            yield InvoiceState(
                order=chain.mirrored.name,
                invoice=number,
                payer=document.payer,
                payment=clearings.payment_of(lines),
            )


def counted(states: Sequence[InvoiceState]) -> tuple[StateCount, ...]:
    """Count invoices by currency and state."""
    sums: dict[tuple[str, PaymentState, str], tuple[int, Decimal, Decimal]] = {}
    for each in states:
        payment = each.payment
        key = payment.invoice.currency, payment.state, payment.cleared_by or ""
        count, amount, rest = sums.get(key, (0, Decimal(0), Decimal(0)))
        sums[key] = count + 1, amount + payment.invoice.amount, rest + payment.open.amount
    return tuple(
        StateCount(
            currency=currency,
            state=state,
            cleared_by=ClearedBy(by) if by else None,
            count=count,
            amount=Money(amount=amount, currency=currency),
            open=Money(amount=rest, currency=currency),
        )
        for (currency, state, by), (count, amount, rest) in sorted(sums.items())
    )


def noteworthy(states: Iterable[InvoiceState]) -> tuple[InvoiceState, ...]:
    """Return those that are neither simply open nor simply paid."""
    plain = (PaymentState.OPEN, PaymentState.PAID)
    return tuple(each for each in states if each.payment.state not in plain)
