"""Which billing documents a request asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from connector.simulator.odata.entities import selection
from connector.simulator.odata.entities.billing_rows import NAME
from connector.simulator.odata.entities.forms import document_number

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import BillingDocument
    from connector.simulator.odata.entities.forms import Forms
    from connector.simulator.odata.entity_set import Key, Narrowing


class BillingSource:
    """The billing documents."""

    def keyed(self, key: Key, forms: Forms) -> Iterable[BillingDocument]:
        """Return the document with the number in *key*."""
        found = forms.erp.billing_document(document_number(key.get(NAME)))
        return () if found is None else (found,)

    def select(self, narrowing: Narrowing, forms: Forms) -> Iterator[BillingDocument]:
        """Yield documents by the cheapest index that the filter allows."""
        for number in self._numbers(narrowing, forms):
            found = forms.erp.billing_document(number)
            if found is not None:
                yield found

    def _numbers(self, narrowing: Narrowing, forms: Forms) -> Iterable[str]:
        for way in (_by_number, _by_predecessor, _by_accounting, _by_purchase_order):
            found = way(narrowing, forms)
            if found is not None:
                return found
        changed = selection.changed(narrowing, forms, "billing", "LastChangeDate", "CreationDate")
        if changed is not None:
            return changed
        customers = _by_customer(narrowing, forms)
        return forms.erp.document_numbers("billing") if customers is None else customers


def _by_number(narrowing: Narrowing, forms: Forms) -> Iterable[str] | None:
    del forms
    return selection.numbers(narrowing, NAME)


def _by_predecessor(narrowing: Narrowing, forms: Forms) -> Iterable[str] | None:
    for name in ("ReferenceSDDocument", "SalesDocument", "OriginSDDocument"):
        preceding = selection.numbers(narrowing, name)
        if preceding is not None:
            return selection.unique(
                document.number for number in preceding for document in _following(forms, number)
            )
    cancelled = selection.numbers(narrowing, "CancelledBillingDocument")
    if cancelled is None or "" in cancelled:
        return None
    return selection.unique(
        row.subsequent for number in cancelled for row in forms.erp.flow_after(number)
    )


def _by_accounting(narrowing: Narrowing, forms: Forms) -> Iterable[str] | None:
    posted = selection.numbers(narrowing, "AccountingDocument")
    if posted is None or "" in posted:
        return None
    companies = selection.texts(narrowing, "CompanyCode") or tuple(forms.master.company_codes)
    documents = (
        document
        for company in companies
        for number in posted
        for document in forms.erp.accounting_documents_numbered(company, number)
    )
    return selection.unique(each.object_key for each in documents if each.object_type == "VBRK")


def _by_purchase_order(narrowing: Narrowing, forms: Forms) -> Iterable[str] | None:
    orders = selection.texts(narrowing, "PurchaseOrderByCustomer")
    if orders is None or "" in orders:
        return None
    return selection.unique(
        document.number
        for order in orders
        for sales in forms.erp.sales_documents_by_purchase_order(order)
        for document in _following(forms, sales.number)
    )


def _by_customer(narrowing: Narrowing, forms: Forms) -> Iterable[str] | None:
    for name in ("SoldToParty", "PayerParty"):
        customers = selection.numbers(narrowing, name)
        if customers is not None:
            return selection.unique(
                document.number
                for customer in customers
                for document in forms.erp.billing_documents_of_customer(customer)
            )
    return None


def _following(forms: Forms, number: str) -> Iterator[BillingDocument]:
    """Yield what bills a document, and the cancellations of that."""
    for document in forms.erp.billing_documents_of(number):
        yield document
        for row in forms.erp.flow_after(document.number):
            found = forms.erp.billing_document(row.subsequent)
            if found is not None:
                yield found
