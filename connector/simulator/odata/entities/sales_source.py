"""Which sales documents a request asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.odata.entities import selection
from connector.simulator.odata.entities.forms import document_number

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import SalesDocument
    from connector.simulator.odata.entities.forms import Forms
    from connector.simulator.odata.entity_set import Key, Narrowing


@dataclass(frozen=True, slots=True)
class SalesSource:
    """The sales documents of one *category*; *document* is the property with their number."""

    document: str
    category: str

    def keyed(self, key: Key, forms: Forms) -> Iterable[SalesDocument]:
        """Return the document with the number in *key*, if it is of this category."""
        found = forms.erp.sales_document(document_number(key.get(self.document)))
        return () if found is None or found.category != self.category else (found,)

    def select(self, narrowing: Narrowing, forms: Forms) -> Iterator[SalesDocument]:
        """Yield documents by the cheapest index the filter allows, in order of their number."""
        for number in self._numbers(narrowing, forms):
            found = forms.erp.sales_document(number)
            if found is not None and found.category == self.category:
                yield found

    def _numbers(self, narrowing: Narrowing, forms: Forms) -> Iterable[str]:
        erp = forms.erp
        named = selection.numbers(narrowing, self.document)
        if named is not None:
            return named
        orders = selection.texts(narrowing, "PurchaseOrderByCustomer")
        if orders is not None:
            return selection.unique(
                document.number
                for order in orders
                for document in erp.sales_documents_by_purchase_order(order)
            )
        references = selection.numbers(narrowing, "ReferenceSDDocument")
        if references is not None and "" not in references:
            return selection.unique(
                row.subsequent for number in references for row in erp.flow_after(number)
            )
        changed = selection.changed(narrowing, forms, "sales", "LastChangeDate", "CreationDate")
        if changed is not None:
            return changed
        customers = selection.numbers(narrowing, "SoldToParty")
        if customers is not None:
            return selection.unique(
                document.number
                for customer in customers
                for document in erp.sales_documents_of_customer(customer)
            )
        return erp.document_numbers("sales", self.category)
