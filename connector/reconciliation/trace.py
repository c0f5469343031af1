"""
One chain from shop order to bank line, stage by stage, with what is left over at each and why.

The stages of the ERP come from the connector's mirror. Other sources, such as payouts and bank
statements, add theirs as a :class:`TraceSource`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from pydantic import ValidationError

from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import FlowView
from connector.reconciliation.differences import Break, Difference, Explained, Key, Pending
from connector.reconciliation.expectation import stated_gross
from connector.reconciliation.mirror import MirroredOrder
from connector.sd_documents.payment import CustomerItem, IncomingPayment
from connector.sd_documents.values import DocumentCategory, Money, display_number
from connector.statements.model import BankLineKey


class Stage(StrEnum):
    """Where a step of the chain belongs, in the order in which they are shown."""

    ORDER = "external order"
    SALES = "sales documents"
    DELIVERY = "deliveries"
    BILLING = "billing"
    ACCOUNTING = "accounting"
    RECEIPT = "receipts"
    OPEN = "still open"
    CHANNEL = "paid to the channel"
    PAYOUT = "payouts"
    BANK = "bank lines"


@dataclass(frozen=True, slots=True)
class TraceStep:
    """
    One record of the chain, or the sum of a stage (then ``number`` is empty).

    ``residual`` is what is left over against the stage before, None where nothing is compared;
    ``reason`` says why, and is empty where nothing is left over.
    """

    stage: Stage
    number: str
    text: str
    on: date | None = None
    amount: Money | None = None
    residual: Money | None = None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values, amounts as text."""
        return {
            "stage": self.stage.value,
            "number": self.number,
            "text": self.text,
            "on": None if self.on is None else self.on.isoformat(),
            "amount": None if self.amount is None else str(self.amount.amount),
            "currency": None if self.amount is None else self.amount.currency,
            "residual": None if self.residual is None else str(self.residual.amount),
            "reason": self.reason,
        }


class TraceSource(Protocol):
    """Something outside the ERP that knows more of the chain."""

    def steps(self, order: MirroredOrder, view: FlowView) -> Iterable[TraceStep]:
        """Return what it knows about the order."""
        ...

    def numbers_with(self, wanted: str, amount: Decimal | None) -> Iterable[str]:
        """Return numbers of orders or documents to which its records of that number or amount
        belong."""
        ...


@dataclass(frozen=True, slots=True)
class Findings:
    """What the newest run has to say, to explain residuals by."""

    all: Sequence[Break | Pending | Explained] = ()

    def about(self, numbers: frozenset[str], identity: int) -> str:
        """Return why something is left over in a comparison, for a chain with these *numbers*."""
        found = [
            each
            for each in self.all
            if each.identity == identity and _belongs(each.keys, each.subject, numbers)
        ]
        return "; ".join(dict.fromkeys(_words(each) for each in found))

    def left_of(self, line: BankLineKey) -> tuple[Money | None, str]:
        """Return what of a bank line is wrong, and why; nothing where it is all right."""
        wanted = {("bank_account", line.bank_account), ("bank_reference", line.bank_reference)}
        for each in self.all:
            if wanted <= {(key.name, key.value) for key in each.keys}:
                left = each.amount if isinstance(each, Explained) else each.difference
                return left, _words(each)
        return None, ""


def _belongs(keys: Iterable[Key], subject: str, numbers: frozenset[str]) -> bool:
    values = {part for key in keys for part in (key.value, *key.value.split("/"))}
    return bool(numbers & values) or bool(numbers & set(subject.split()))


def _words(found: Break | Pending | Explained) -> str:
    if isinstance(found, Explained):
        return f"explained: {found.reason.value}"
    if isinstance(found, Pending):
        return f"pending until {found.break_on.isoformat()}: {found.code.value}, {found.text}"
    assert isinstance(found, Difference)
    return f"{found.id} {found.code.value}: {found.text}"


def trace_order(
    order: MirroredOrder,
    view: FlowView,
    findings: Findings = Findings(),
    sources: Iterable[TraceSource] = (),
) -> tuple[TraceStep, ...]:
    """Return the chain of one order, stage by stage."""
    numbers = chain_numbers(order, view)
    steps = [
        *_outside(order),
        *_sales(order, view, findings, numbers),
        *_deliveries(view),
        *_billing(order, view, findings, numbers),
        *_accounting(view, findings, numbers),
        *_receipts(view),
        *_open(view, findings, numbers),
        *_channel(order, view, findings, numbers),
    ]
    for source in sources:
        steps += source.steps(order, view)
    stages = list(Stage)
    return tuple(sorted(steps, key=lambda step: stages.index(step.stage)))


def chain_numbers(order: MirroredOrder, view: FlowView) -> frozenset[str]:
    """Return all numbers that anything about the order may carry."""
    external = order.order
    found = {external.external_id, external.order_name, order.reference}
    found |= {document.number for document in view.sales_documents}
    found |= {document.number for document in view.deliveries}
    found |= {document.number for document in view.billing_documents}
    found |= {item.key.accounting_document for item in view.items}
    found |= {payment.payment_id for payment in order.payments}
    found |= {payment.reference for payment in order.payments}
    return frozenset(found - {""})


def amounts_of(order: MirroredOrder, view: FlowView) -> set[Decimal]:
    """Return the absolute amounts of everything in the chain, to find it by one of them."""
    amounts = {payment.amount.amount for payment in order.payments}
    amounts |= {(d.net_amount + d.tax_amount).amount for d in view.sales_documents}
    amounts |= {document.receivable_amount.amount for document in view.billing_documents}
    amounts |= {item.amount.amount for item in view.items}
    for posting in _postings(view):
        amounts |= {posting.received.amount, posting.settled.amount}
    gross = stated_gross(order)
    if gross is not None:
        amounts.add(gross)
    return {abs(amount) for amount in amounts}


def _outside(order: MirroredOrder) -> Iterator[TraceStep]:
    gross, external = stated_gross(order), order.order
    yield TraceStep(
        Stage.ORDER,
        external.order_name or external.external_id,
        f"ordered in {external.channel}",
        order.ordered_on,
        None if gross is None else Money(amount=gross, currency=external.currency),
        reason=order.hold,
    )


def _sales(
    order: MirroredOrder, view: FlowView, findings: Findings, numbers: frozenset[str]
) -> Iterator[TraceStep]:
    gross = stated_gross(order)
    for document in view.sales_documents:
        amount = document.net_amount + document.tax_amount
        residual = None
        is_order = document.category is DocumentCategory.SALES_ORDER
        if is_order and gross is not None and amount.currency == order.order.currency:
            residual = amount - Money(amount=gross, currency=amount.currency)
        yield TraceStep(
            Stage.SALES,
            display_number(document.number),
            f"{document.category.name.replace('_', ' ').lower()} {document.sales_order_type}",
            document.document_date,
            amount,
            residual,
            findings.about(numbers, 1) if residual else "",
        )


def _deliveries(view: FlowView) -> Iterator[TraceStep]:
    for delivery in view.deliveries:
        issued = delivery.actual_goods_issue_date
        text = f"goods issue {issued.isoformat()}" if issued else "goods issue not posted"
        yield TraceStep(
            Stage.DELIVERY, display_number(delivery.number), text, delivery.document_date
        )


def _billing(
    order: MirroredOrder, view: FlowView, findings: Findings, numbers: frozenset[str]
) -> Iterator[TraceStep]:
    for document in view.billing_documents:
        yield TraceStep(
            Stage.BILLING,
            display_number(document.number),
            document.category.name.replace("_", " ").lower(),
            document.billing_date,
            document.receivable_amount,
        )
    gross, currency = stated_gross(order), order.order.currency
    if gross is None:
        return
    billed = sum(
        (
            each.receivable_amount.amount
            for each in view.billing_documents
            if each.currency == currency
        ),
        Decimal(0),
    )
    residual = Money(amount=billed - gross, currency=currency)
    reason = findings.about(numbers, 1) if residual else ""
    if residual and not reason:
        reason = "not billed yet" if billed < gross else "billed more than ordered"
    amount = Money(amount=billed, currency=currency)
    yield TraceStep(Stage.BILLING, "", "billed in all", None, amount, residual, reason)


def _accounting(view: FlowView, findings: Findings, numbers: frozenset[str]) -> Iterator[TraceStep]:
    posted = {line.billing_document: line for line in view.items if _is_of_billing(line, view)}
    for document in view.billing_documents:
        line = posted.get(document.number)
        if line is None:
            if document.accounting_document is None and document.receivable_amount:
                yield TraceStep(
                    Stage.ACCOUNTING,
                    "",
                    f"billing document {display_number(document.number)} has no customer line",
                    residual=-document.receivable_amount,
                    reason=findings.about(numbers, 2) or "not transferred to accounting",
                )
            continue
        residual = line.amount - document.receivable_amount
        yield TraceStep(
            Stage.ACCOUNTING,
            str(line.key),
            f"{line.document_type}, payer {display_number(line.customer)}, {_cleared(line)}",
            line.posting_date,
            line.amount,
            residual,
            findings.about(numbers, 2) if residual else "",
        )


def _is_of_billing(line: CustomerItem, view: FlowView) -> bool:
    """Tell the line that billing posted from the rest of it, which names the invoice as well."""
    documents = {each.number: each.accounting_document for each in view.billing_documents}
    number = line.billing_document
    if not number or number not in documents:
        return False
    return line.key.accounting_document == (documents[number] or number)


def _cleared(line: CustomerItem) -> str:
    if line.cleared_on is None or line.clearing_document is None:
        return f"open, due {line.net_due_on.isoformat()}"
    return f"cleared {line.cleared_on.isoformat()} by {display_number(line.clearing_document)}"


def _postings(view: FlowView) -> Iterator[IncomingPayment]:
    for step in view.steps:
        if step.operation is Operation.POST_PAYMENT and step.state is StepState.DONE:
            try:
                yield IncomingPayment.model_validate_json(step.payload)
            except ValidationError:
                continue


def _receipts(view: FlowView) -> Iterator[TraceStep]:
    """Receipts that the connector posted say what they are made of; of others the line is known."""
    postings = {posting.payment_reference: posting for posting in _postings(view)}
    for line in view.items:
        if _is_of_billing(line, view):
            continue
        posting = postings.get(line.reference)
        settled = -line.amount
        residual, reason = None, ""
        if posting is not None and settled == posting.settled:
            residual = posting.received - posting.settled
            reason = _made_of(posting)
        rest = "rest left open, " if line.amount.amount > 0 and line.invoice_reference else ""
        text = f"{line.document_type}, {rest}{_cleared(line)}"
        if line.invoice_reference:
            text += f", belongs to {display_number(line.invoice_reference)}"
        yield TraceStep(
            Stage.RECEIPT, str(line.key), text, line.posting_date, settled, residual, reason
        )


def _made_of(posting: IncomingPayment) -> str:
    parts = []
    if posting.cash_discount:
        parts.append(f"cash discount {posting.cash_discount}")
    parts += [f"tax {each.tax_code} of it {each.amount}" for each in posting.tax_adjustments]
    if posting.bank_charges:
        parts.append(f"charges {posting.bank_charges}")
    if posting.small_difference:
        parts.append(f"small difference {posting.small_difference}")
    if not parts:
        return ""
    return f"{posting.received} received; {', '.join(parts)}"


def _open(view: FlowView, findings: Findings, numbers: frozenset[str]) -> Iterator[TraceStep]:
    sums: dict[str, Decimal] = {}
    for line in view.items:
        if line.cleared_on is None:
            currency = line.amount.currency
            sums[currency] = sums.get(currency, Decimal(0)) + line.amount.amount
    for currency, amount in sorted(sums.items()):
        rest = Money(amount=amount, currency=currency)
        reason = findings.about(numbers, 3) or "not paid yet" if amount > 0 else ""
        if amount < 0:
            reason = findings.about(numbers, 3) or "more was received than is owed"
        yield TraceStep(Stage.OPEN, "", "open items of the order", None, rest, rest, reason)


def _channel(
    order: MirroredOrder, view: FlowView, findings: Findings, numbers: frozenset[str]
) -> Iterator[TraceStep]:
    received = {posting.payment_reference: posting.received for posting in _postings(view)}
    for payment in order.payments:
        booked = received.get(payment.reference)
        residual = None
        if booked is None:
            residual = -payment.amount
        elif booked.currency == payment.amount.currency:
            residual = booked - payment.amount
        reason = (findings.about(numbers, 3) or "no receipt in accounting yet") if residual else ""
        yield TraceStep(
            Stage.CHANNEL,
            payment.payment_id,
            payment.gateway,
            payment.paid_on,
            payment.amount,
            residual,
            reason,
        )
