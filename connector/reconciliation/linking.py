"""
Which records may ever be looked up by one another: by the numbers and texts that they carry.

A run can be evaluated in parts where every look-up stays inside one part. Two records belong to one
part when they share a key that at least one of them seeks. What a record only holds brings nobody
together by itself: thousands of lines may carry the same assignment, and nobody asks for it.

Too large a part is slow, too small a part is wrong: every look-up of a comparison that reaches
another record must have its key here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from connector.ports.erp import OrderPayer, SalesOrderHead
from connector.reconciliation.matching import NOT_OF_SALES, REQUESTS
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.paid_back import (
    customer_and_amount,
    is_paid_back,
    is_plain_debit,
    paid_out,
)
from connector.reconciliation.payout_lines import plain_id
from connector.reconciliation.remittance import normal, words_of
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import CustomerItem, ExchangeDifference, FiDocument
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory, display_number, pad_number
from connector.statements.model import BankLine, PayoutLine, PayoutLineKind
from connector.statements.references import receipt_reference

Node = TypeVar("Node", bound=Hashable)

_NOTHING: Final = frozenset[str]()
#: What only prepares an order, so that nobody comes back to it, and what is no document of sales.
_TIES_NOTHING: Final = NOT_OF_SALES | {
    DocumentCategory.INQUIRY,
    DocumentCategory.QUOTATION,
    DocumentCategory.CONTRACT,
}


@dataclass(frozen=True, slots=True)
class Keys:
    """What a record looks up or stands for, and what else it can be found by."""

    seeks: frozenset[str]
    holds: frozenset[str] = _NOTHING


def keys_of_order(order: MirroredOrder) -> Keys:
    """Return the keys of an external order with its payments and refunds."""
    external = order.order
    seeks = {f"order {order.name}"}
    seeks.update(map(_document, (*order.sales_documents, *order.billing_documents)))
    if order.reference:
        seeks.add(f"purchase order {order.reference}")
    names = (external.external_id, external.order_name, order.reference)
    holds = {f"name {plain_id(name)}" for name in names if name}
    holds.update(f"charge {plain_id(payment.payment_id)}" for payment in external.payments)
    for payment in (*order.payments, *order.refunds):
        holds.add(f"charge {plain_id(payment.payment_id)}")
        if payment.reference:
            seeks.add(f"receipt {payment.reference}")
        posted = payment.accounting_document
        if posted is not None:
            seeks.add(_fi(posted.document))
    return Keys(frozenset(seeks), frozenset(holds))


def keys_of_search(reference: str, numbers: Iterable[str]) -> Keys:
    """Return the keys of what was found under a reference that was looked for."""
    return Keys(frozenset({f"purchase order {reference}", *map(_document, numbers)}))


def keys_of_number(number: str) -> Keys:
    """Return the keys of a sales document number that was asked for and does not exist."""
    return Keys(frozenset({_document(number)}))


def keys_of_payer(payer: OrderPayer) -> Keys:
    """Return the keys of who pays for a sales order."""
    return Keys(frozenset({_document(payer.sales_order)}))


def keys_of_orphan(head: SalesOrderHead) -> Keys:
    """Return the keys of a sales order that looks like ours, and that nobody outside knows."""
    return Keys(frozenset({_document(head.number)}))


def keys_of_sales_document(document: PostedSalesDocument) -> Keys:
    """Return the keys of a sales document; a request is traced back to what it refers to."""
    seeks = {_document(document.number)}
    if document.category in REQUESTS:
        seeks.update(
            _document(item.reference.document)
            for item in document.items
            if item.reference is not None
        )
    holds = {_word(document.number)}
    reference = document.purchase_order_by_customer
    if reference:
        # What the assignment of a billing document's line may hold, where copy control says so.
        seeks.add(_assignment(reference[:18]))
        holds |= {f"purchase order {reference}", _word(reference)}
    return Keys(frozenset(seeks), frozenset(holds))


def keys_of_delivery(delivery: Delivery) -> Keys:
    """Return the keys of a delivery: its own and those of the orders that it delivers."""
    before = (_document(item.preceding.document) for item in delivery.items)
    return Keys(frozenset({_document(delivery.number), *before}))


def keys_of_billing_document(document: BillingDocument) -> Keys:
    """
    Return the keys of a billing document.

    Where it does not name its FI document, that is looked for by what lines carry.
    """
    seeks = {_document(document.number)}
    for item in document.items:
        seeks |= {_document(item.sales_document), _document(item.preceding.document)}
    if document.cancelled_document is not None:
        seeks.add(_document(document.cancelled_document))
    if document.accounting_document is not None:
        # It does not say the year: only lines that no billing document claims are looked through.
        seeks.add(_posted(document.company_code, document.accounting_document))
    else:
        shown = display_number(document.number)
        seeks |= {f"reference {shown}", _assignment(shown)}
        for item in document.items:
            seeks.add(_assignment(display_number(item.sales_document)))
            seeks.add(_assignment(display_number(item.preceding.document)))
    return Keys(frozenset(seeks))


def keys_of_link(link: FlowLink) -> Keys:
    """
    Return the keys of a row of the document flow.

    A frame contract ties nothing together, and neither does a number that begins again each year,
    as those of goods movements and accounting documents do.
    """
    before, after = link.preceding, link.subsequent
    seeks = set()
    if after.category not in NOT_OF_SALES:
        seeks.add(_document(after.document))
    if before.category not in _TIES_NOTHING or after.category in REQUESTS:
        seeks.add(_document(before.document))
    return Keys(frozenset(seeks))


def keys_of_item(item: CustomerItem, rules: ReconciliationRules) -> Keys:
    """Return the keys of a customer line, open or cleared."""
    number = item.key.accounting_document
    named = (item.document, item.clearing, item.invoice)
    seeks = {_fi(document) for document in named if document is not None}
    if item.billing_document:
        seeks.add(_document(item.billing_document))
    words = [item.billing_document, item.reference, item.assignment, item.invoice_reference]
    if item.amount.amount > 0 or item.billing_document:
        words.append(number)
    holds = {_word(word) for word in words if word}
    is_payment = item.document_type in rules.payment_document_types
    if is_paid_back(item, rules) or (is_payment and item.amount.amount > 0):
        holds.add(f"paid back {customer_and_amount(item.customer, item.amount)}")
        if item.amount.amount > 0:
            # Whoever names a document of the customer has paid it, and does not name the customer.
            holds.add(f"paid out {paid_out(item.amount)}")
    if item.reference and is_payment:
        holds.add(f"receipt {item.reference}")
    if not item.billing_document:
        holds.add(_posted(item.key.company_code, number))
    if not (item.billing_document or item.invoice_reference or item.special_gl_indicator):
        if item.reference:
            holds.add(f"reference {display_number(item.reference)}")
        if item.assignment:
            holds.add(_assignment(display_number(item.assignment)))
    return Keys(frozenset(seeks), frozenset(holds))


def keys_of_exchange(difference: ExchangeDifference) -> Keys:
    """Return the keys of what a clearing realised."""
    return Keys(frozenset({_fi(difference.key.document)}))


def keys_of_bank_line(line: BankLine) -> Keys:
    """Return the keys of a bank line that is no payout: every way in which it may name anything."""
    words = words_of(line.text) | {
        normal(line.bank_reference),
        normal(line.end_to_end_id),
        normal(receipt_reference(line)),
    }
    # Lines that repeat one another are told by account, payer, amount and text.
    alike = (line.bank_account, line.payer_hint, str(line.amount), *sorted(line.remittance))
    seeks = {f"word {word}" for word in words if word}
    if is_plain_debit(line):
        seeks.add(f"paid out {paid_out(line.amount)}")
        seeks |= {f"paid back {customer_and_amount(word, line.amount)}" for word in words if word}
    return Keys(frozenset({*seeks, f"bank line {line.key}", f"alike {alike!r}"}))


def keys_of_payout_line(provider: str, payout_id: str, line: PayoutLine) -> Keys:
    """
    Return the keys of a line of a payout.

    The payout itself is compared as a whole: it would tie all its orders together, and a refund in
    the next one all of theirs.
    """
    seeks = {f"payout line {provider} {payout_id} {line.line_id}"}
    if line.charge_id:
        seeks.add(f"charge {plain_id(line.charge_id)}")
    if line.order_reference:
        seeks.add(f"name {plain_id(line.order_reference)}")
    if line.kind is PayoutLineKind.DISPUTE and not (line.charge_id or line.order_reference):
        seeks.add(f"dispute {provider} {line.line_id}")
    return Keys(frozenset(seeks))


def components(records: Iterable[tuple[Node, Keys]]) -> list[list[Node]]:
    """
    Divide *records*, given by anything that names them, into parts that never look into another.

    Parts and what is in them keep the order of *records*.
    """
    nodes: list[Node] = []
    parents: list[int] = []
    sought: dict[str, int] = {}
    held: list[tuple[int, frozenset[str]]] = []
    for place, (node, keys) in enumerate(records):
        nodes.append(node)
        parents.append(place)
        if keys.holds:
            held.append((place, keys.holds))
        for key in keys.seeks:
            _join(parents, place, sought.setdefault(key, place))
    for place, holds in held:
        for key in holds:
            other = sought.get(key)
            if other is not None:
                _join(parents, place, other)
    parts: dict[int, list[Node]] = {}
    for place, node in enumerate(nodes):
        parts.setdefault(_root(parents, place), []).append(node)
    return list(parts.values())


def _root(parents: list[int], place: int) -> int:
    while parents[place] != place:
        parents[place] = place = parents[parents[place]]
    return place


def _join(parents: list[int], one: int, other: int) -> None:
    """The older of both stays the root, so that parts stand in the order of their records."""
    first, second = _root(parents, one), _root(parents, other)
    if first != second:
        parents[max(first, second)] = min(first, second)


def _document(number: str) -> str:
    """Sales documents, deliveries and billing documents share one range of numbers."""
    return f"document {number}"


def _fi(document: FiDocument) -> str:
    company_code, number, year = document
    return f"FI {company_code} {pad_number(number)} {year}"


def _posted(company_code: str, number: str) -> str:
    return f"posted {company_code} {number}"


def _word(name: str) -> str:
    return f"word {normal(name)}"


def _assignment(number: str) -> str:
    return f"assignment {number}"
