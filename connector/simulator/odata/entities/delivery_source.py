"""Which deliveries a request asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.odata.entities import selection
from connector.simulator.odata.entities.forms import document_number

if TYPE_CHECKING:
    from connector.simulator.engine.logistics_records import Delivery
    from connector.simulator.odata.entities.forms import Forms
    from connector.simulator.odata.entity_set import Key, Narrowing


@dataclass(frozen=True, slots=True)
class DeliverySource:
    """
    Deliveries of one category: J outbound, T returns. *document* is the property with the number.
    """

    document: str = "DeliveryDocument"
    category: str = "J"

    def keyed(self, key: Key, forms: Forms) -> Iterable[Delivery]:
        """Return the delivery with the number in *key*."""
        found = forms.erp.delivery(document_number(key.get(self.document)))
        return () if found is None or found.category != self.category else (found,)

    def select(self, narrowing: Narrowing, forms: Forms) -> Iterator[Delivery]:
        """Yield deliveries by the cheapest index that the filter allows."""
        for number in self._numbers(narrowing, forms):
            found = forms.erp.delivery(number)
            if found is not None and found.category == self.category:
                yield found

    def _numbers(self, narrowing: Narrowing, forms: Forms) -> Iterable[str]:
        named = selection.numbers(narrowing, self.document)
        if named is not None:
            return named
        references = selection.numbers(narrowing, "ReferenceSDDocument")
        if references is not None:
            return selection.unique(
                delivery.number
                for number in references
                for delivery in forms.erp.deliveries_of(number)
            )
        followers = selection.numbers(narrowing, "Subsequentdocument")
        if followers is not None:
            return selection.unique(
                row.preceding for number in followers for row in forms.erp.flow_before(number)
            )
        changed = selection.changed(narrowing, forms, "delivery", "LastChangeDate", "CreationDate")
        if changed is not None:
            return changed
        return forms.erp.document_numbers("delivery")
