"""Simulating an order: prices, promised dates and the credit check, without saving anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.simulator.engine import status
from connector.simulator.odata.entities import sales_request as request
from connector.simulator.odata.entities import writing
from connector.simulator.odata.entities.forms import Forms
from connector.simulator.odata.entities.partners import PartnerRows
from connector.simulator.odata.entities.pricing_elements import HeaderPricingRows, PricingRows
from connector.simulator.odata.entities.sales_header import header_row
from connector.simulator.odata.entities.sales_item import item_row, schedule_rows
from connector.simulator.odata.entity_set import Body, Context, Entity, ReadOnlySet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.simulator.engine.sales_records import SalesDocument
    from connector.simulator.engine.status import SalesStatus
    from connector.simulator.odata.entities.records import Row
    from connector.simulator.odata.entities.settings import EntitySettings
    from connector.simulator.odata.schema import Service

_ORDER = "SalesOrder"
_CATEGORY = "C"


@dataclass(slots=True)
class SimulationSet(ReadOnlySet):
    """A_SalesOrderSimulation: what is created here is answered and forgotten."""

    service: Service
    settings: EntitySettings
    _properties: Mapping[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        """Look up what each type of the service knows."""
        self._properties = {
            name: frozenset(each.type.properties) for name, each in self.service.sets.items()
        }

    def create(self, body: Body, context: Context) -> Entity:
        """Return the order as it would be saved, under the number that the client gave it."""
        spec = request.document_of(context, _ORDER, body)
        known = context.erp.master_data.order_type(spec.document_type)
        if known is not None and known.category != _CATEGORY:
            text = f"Document type {known.external} is not that of an order"
            raise writing.invalid(text)
        outcome = writing.accepted(context, context.session.simulate_sales_document(spec))
        record: SalesDocument = outcome.documents[0]
        forms = Forms.of(context, self.settings)
        found = _status(context, record)
        shown = body.values.get(_ORDER) or ""
        header = {**header_row(forms, _ORDER, record, found), _ORDER: shown}
        return Entity(
            self._known("A_SalesOrderSimulation", header),
            {
                "to_Item": list(self._items(forms, record, found)),
                "to_Partner": self._all(
                    "A_SalesOrderPartnerSimulation", PartnerRows(_ORDER)(forms, record, 0)
                ),
                "to_PricingElement": self._all(
                    "A_SalesOrderPrcgElmntSimln", HeaderPricingRows(_ORDER)(forms, record, 0)
                ),
                "to_Pricing": self._all("A_SalesOrderPricingSimulation", [header]),
                "to_Credit": self._all("A_SalesOrderCreditSimulation", [header]),
            },
        )

    def _items(self, forms: Forms, record: SalesDocument, found: SalesStatus) -> Iterator[Entity]:
        for item in record.items:
            row = item_row(forms, _ORDER, record, item, found.items[item.item_number])
            number = item.item_number
            yield Entity(
                self._known("A_SalesOrderItemSimulation", row),
                {
                    "to_Partner": self._all(
                        "A_SalesOrderItemPartnerSimln",
                        PartnerRows(_ORDER, of_items=True)(forms, record, number),
                    ),
                    "to_PricingElement": self._all(
                        "A_SalesOrderItmPrcgElmntSimln",
                        PricingRows(_ORDER)(forms, record, number),
                    ),
                    "to_ScheduleLine": self._all(
                        "A_SalesOrderScheduleLineSimln",
                        schedule_rows(forms, _ORDER, record, item, found.items[number]),
                    ),
                },
            )

    def _all(self, name: str, rows: Iterator[Row] | Sequence[Row]) -> list[Entity]:
        return [Entity(self._known(name, row)) for row in rows]

    def _known(self, name: str, row: Row) -> Row:
        known = self._properties[name]
        return {key: value for key, value in row.items() if key in known}


def _status(context: Context, record: SalesDocument) -> SalesStatus:
    """Return the status that the order would have when it was saved."""
    return status.sales_document(context.erp.master_data, record, ())
