"""Writing prices of sales documents that exist: what is written counts as entered by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.engine.specs import SalesDocumentChange
from connector.simulator.odata.entities import sales_request as request
from connector.simulator.odata.entities import writing
from connector.simulator.odata.entities.forms import item_number
from connector.simulator.odata.entities.pricing_elements import STEP, header_conditions
from connector.simulator.odata.entities.records import Writers
from connector.simulator.odata.entities.sales_change import Changes, SalesChange
from connector.simulator.odata.entity_set import Body, Context, Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.simulator.engine.sales_records import Condition, SalesDocument


@dataclass(frozen=True, slots=True)
class PriceWriter(SalesChange):
    """Writes prices of the header and of items."""

    def writers(self) -> Writers:
        """Return what may be done."""
        return Writers(self.create, self.update, self.delete)

    def create(self, body: Body, context: Context) -> Key:
        """Enter a price, in the place of one of its type that was entered before."""
        record = self.record(body.values, context)
        number = self.item(body.values)
        condition = request.condition(context, body.values, number)
        change = SalesDocumentChange(conditions=[condition])
        changed: SalesDocument = self.send(context, record.number, change).documents[0]
        types = [each.condition_type for each in _conditions(changed, number)]
        return {
            **self.place(record.number, number, context),
            "PricingProcedureStep": str((types.index(condition.condition_type) + 1) * STEP),
            "PricingProcedureCounter": "1",
        }

    def update(self, key: Key, changes: Changes, context: Context) -> None:
        """Enter another rate for a price that is there."""
        record = self.record(key, context)
        number = self.item(key)
        found = _named(record, number, key)
        wanted = request.condition(
            context,
            {
                "ConditionType": found.condition_type,
                "ConditionRateValue": found.rate,
                "ConditionCurrency": found.currency,
                "ConditionQuantity": found.per,
                "ConditionQuantityUnit": found.unit,
                **changes,
            },
            number,
        )
        if wanted.condition_type != found.condition_type:
            self.refuse(["ConditionType"])
        self.send(context, record.number, SalesDocumentChange(conditions=[wanted]))

    def delete(self, key: Key, context: Context) -> None:
        """Take a price back that was entered by hand."""
        record = self.record(key, context)
        number = self.item(key)
        found = _named(record, number, key)
        if not found.manual:
            text = f"Condition {found.condition_type} was not entered by hand: it stays"
            raise writing.invalid(text)
        gone = (found.condition_type, number)
        self.send(context, record.number, SalesDocumentChange(removed_conditions=[gone]))


def _conditions(record: SalesDocument, number: int) -> Sequence[Condition]:
    if not number:
        return header_conditions(record)
    item = record.item(number)
    return item.conditions if item else ()


def _named(record: SalesDocument, number: int, key: Key) -> Condition:
    """Return the condition whose step *key* names; the protocol has seen that it exists."""
    position = item_number(key.get("PricingProcedureStep")) // STEP - 1
    return _conditions(record, number)[position]
