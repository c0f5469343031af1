"""
Receipts that no billing document leads to, found by what the connector knows of its payments.

Money on account is an open item until it is cleared. Where it was cleared with something else than
an invoice of its order, paid back for example, only its reference or its number still leads to it.

What is asked, and what is taken of the answers, follows from one payment with the invoices of its
own order: it never depends on which other orders are read with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connector.ports.erp import OpenItems
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem, FiDocument


@dataclass(frozen=True, slots=True)
class WantedReceipt:
    """
    A receipt to be looked for in some company codes.

    ``reference`` is what it carries (XBLNR), ``document`` what it was posted as; one may be empty.
    """

    company_codes: tuple[str, ...]
    reference: str
    document: AccountingDocumentKey | None

    def is_met_by(self, item: CustomerItem, rules: ReconciliationRules) -> bool:
        """Tell whether *item* is a line of the receipt."""
        if self.document is not None and item.document == self.document.document:
            return True
        return (
            item.reference == self.reference != ""
            and item.key.company_code in self.company_codes
            and item.document_type in rules.payment_document_types
        )


def wanted_receipts(
    orders: Iterable[MirroredOrder],
    found: Mapping[str, tuple[str, ...]],
    billing_documents: Iterable[BillingDocument],
    items: Iterable[CustomerItem],
    company_codes: Sequence[str],
) -> tuple[WantedReceipt, ...]:
    """
    Return the receipts of payments which the invoices of their own order do not lead to.

    An invoice leads to what was cleared with it and to what names it.

    Args:
        found: the sales orders found under references that were looked for.
        company_codes: where a payment belongs that does not say so.
    """
    known = _Known(billing_documents, items)
    wanted: dict[WantedReceipt, None] = {}
    for order in orders:
        payments = [each for each in order.payments if each.reference or each.accounting_document]
        if not payments:
            continue
        numbers = {*order.sales_documents, *found.get(order.reference, ())}
        led_to = list(known.led_to(known.invoices(numbers, order.billing_documents)))
        references = {each.reference for each in led_to}
        documents = {each.document for each in led_to}
        for payment in payments:
            posted = payment.accounting_document
            is_there = (
                payment.reference in references
                if posted is None
                else (posted.document in documents)
            )
            if not is_there:
                codes = (payment.company_code,) if payment.company_code else tuple(company_codes)
                wanted[WantedReceipt(codes, payment.reference, posted)] = None
    return tuple(wanted)


class _Known:
    """What was read already, by what leads to it."""

    def __init__(
        self, billing_documents: Iterable[BillingDocument], items: Iterable[CustomerItem]
    ) -> None:
        self._invoices: dict[str, set[str]] = defaultdict(set)
        for document in billing_documents:
            for item in document.items:
                self._invoices[item.sales_document].add(document.number)
        self._posted: dict[str, list[CustomerItem]] = defaultdict(list)
        self._beside: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
        for line in items:
            if line.billing_document:
                self._posted[line.billing_document].append(line)
                continue
            for fi_document in {line.clearing, line.invoice}:
                if fi_document is not None:
                    self._beside[fi_document].append(line)

    def invoices(self, sales_documents: Iterable[str], more: Iterable[str]) -> set[str]:
        """Return the billing documents of *sales_documents*, and *more*."""
        found = set(more)
        for number in sales_documents:
            found |= self._invoices.get(number, set())
        return found

    def led_to(self, invoices: Iterable[str]) -> Iterator[CustomerItem]:
        """Yield the lines that were cleared with the lines of *invoices*, or name them."""
        for invoice in invoices:
            for line in self._posted.get(invoice, ()):
                yield from self._beside.get(line.document, ())
                if line.clearing is not None and line.clearing != line.document:
                    yield from self._beside.get(line.clearing, ())


def receipts_beside(
    port: OpenItems,
    wanted: Sequence[WantedReceipt],
    rules: ReconciliationRules,
    *,
    batch: int = 100,
) -> list[CustomerItem]:
    """
    Read *wanted* receipts with what they were cleared with.

    Invoices are left out: those of our orders come with their own chains.
    """
    found: list[CustomerItem] = []
    for start in range(0, len(wanted), batch):
        part = wanted[start : start + batch]
        posted = [each.document for each in part if each.document is not None]
        codes = {code for each in part for code in each.company_codes}
        codes |= {each.company_code for each in posted}
        references = {each.reference for each in part if each.reference}
        read = port.items_of_receipts(sorted(codes), sorted(references), posted)
        found += _belonging(part, read, rules)
    return found


def _belonging(
    wanted: Iterable[WantedReceipt], read: Sequence[CustomerItem], rules: ReconciliationRules
) -> Iterator[CustomerItem]:
    """Yield of what was read what belongs to *wanted*, whatever else was asked with it."""
    by_reference: dict[str, list[WantedReceipt]] = defaultdict(list)
    by_document: dict[FiDocument, list[WantedReceipt]] = defaultdict(list)
    for each in wanted:
        by_reference[each.reference].append(each)
        if each.document is not None:
            by_document[each.document.document].append(each)
    found = [
        item
        for item in read
        if not item.billing_document
        and any(
            each.is_met_by(item, rules)
            for each in (*by_reference[item.reference], *by_document[item.document])
        )
    ]
    taken_back = _reversed(found, read, rules)
    own = {id(item) for item in found if item.document not in taken_back}
    cleared = {(item.clearing, item.customer) for item in read if id(item) in own and item.clearing}
    for item in read:
        is_beside = not item.billing_document and (item.clearing, item.customer) in cleared
        if id(item) in own or is_beside:
            yield item


def _reversed(
    receipts: Iterable[CustomerItem], read: Iterable[CustomerItem], rules: ReconciliationRules
) -> set[FiDocument]:
    """
    Return which of the documents of *receipts* were reversed: they are no receipts any more.

    A reversal clears what it reverses, with lines of its own that come to the opposite. So does an
    outgoing payment, which has a type of its own and not the receipt's reference.
    """
    in_clearing: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
    for line in read:
        if line.clearing is not None and line.clearing == line.document:
            in_clearing[line.clearing].append(line)
    lines: dict[tuple[FiDocument, str], list[CustomerItem]] = defaultdict(list)
    for line in receipts:
        lines[line.document, line.customer].append(line)
    found = set()
    for (document, customer), of_document in lines.items():
        for clearing in {line.clearing for line in of_document} - {None, document}:
            assert clearing is not None
            opposite = [each for each in in_clearing[clearing] if each.customer == customer]
            amounts = [each.amount.amount for each in (*of_document, *opposite)]
            is_payment = all(
                each.document_type in rules.outgoing_payment_document_types
                and each.reference != of_document[0].reference
                for each in opposite
            )
            if opposite and not is_payment and not sum(amounts):
                found.add(document)
    return found
