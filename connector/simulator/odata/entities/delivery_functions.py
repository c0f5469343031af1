"""
Function imports of the delivery service: picking, confirming it, goods issue and its reversal.

A function answers message rows with the item they are about; a refusal is a business error. Batch
splits and serial numbers are not offered: no material here is managed in batches or by serial
number, and a call of theirs is answered as not implemented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.odata.entities import writing
from connector.simulator.odata.entities.delivery_writer import ITEM, delivery_of
from connector.simulator.odata.entities.forms import Forms, item_number, text
from connector.simulator.odata.entity_set import (
    Context,
    Entity,
    FunctionImport,
    Value,
)

if TYPE_CHECKING:
    from connector.simulator.engine.logistics_records import Delivery, DeliveryItem
    from connector.simulator.engine.outcome import Message, Outcome
    from connector.simulator.odata.entities.settings import EntitySettings

Parameters = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class DeliveryFunctions:
    """The functions, each on one delivery of the ERP."""

    settings: EntitySettings

    def imports(self) -> dict[str, FunctionImport]:
        """Return the function imports by name."""
        return {
            "PickAllItems": self.pick_all,
            "PickOneItem": self.pick_one,
            "PickOneItemWithSalesQuantity": self.pick_sales_quantity,
            "PickOneItemWithBaseQuantity": self.pick_base_quantity,
            "SetPickingQuantityWithBaseQuantity": self.pick_base_quantity,
            "ConfirmPickingAllItems": self.confirm_all,
            "ConfirmPickingOneItem": self.pick_one,
            "PostGoodsIssue": self.post_goods_issue,
            "ReverseGoodsIssue": self.reverse_goods_issue,
        }

    def pick_all(self, given: Parameters, context: Context) -> Sequence[Entity]:
        """Pick every item completely."""
        record = delivery_of(given, context)
        return self._report(context, context.session.pick_delivery(record.number))

    def confirm_all(self, given: Parameters, context: Context) -> Sequence[Entity]:
        """Confirm picking: an item for which less was picked is picked completely."""
        return self.pick_all(given, context)

    def pick_one(self, given: Parameters, context: Context) -> Sequence[Entity]:
        """Pick one item completely."""
        record = delivery_of(given, context)
        item = _item(record, given, context)
        return self._pick(context, record, item, item.quantity)

    def pick_sales_quantity(self, given: Parameters, context: Context) -> Sequence[Entity]:
        """Pick a quantity of one item, in its sales unit."""
        record = delivery_of(given, context)
        item = _item(record, given, context)
        _check_unit(context, given, "DeliveryQuantityUnit", item.sales_unit)
        quantity = writing.number(given.get("ActualDeliveryQuantity")) or Decimal(0)
        return self._pick(context, record, item, quantity)

    def pick_base_quantity(self, given: Parameters, context: Context) -> Sequence[Entity]:
        """Pick a quantity of one item, in the base unit of its material."""
        record = delivery_of(given, context)
        item = _item(record, given, context)
        _check_unit(context, given, "BaseUnit", item.base_unit)
        base = writing.number(given.get("ActualDeliveredQtyInBaseUnit")) or Decimal(0)
        quantity = base * item.base_denominator / item.base_numerator
        return self._pick(context, record, item, quantity)

    def post_goods_issue(self, given: Parameters, context: Context) -> Sequence[Entity]:
        """Post goods issue on the date that was entered in the delivery, else on today's."""
        record = delivery_of(given, context)
        issued = record.actual_goods_issue_date is not None
        unpicked = [each for each in record.items if each.picked_quantity < each.quantity]
        if self.settings.goods_issue_needs_picking and unpicked and not issued:
            shown = record.number.lstrip("0")
            text_ = f"Delivery {shown} item {unpicked[0].item_number} is not completely picked"
            raise writing.invalid(text_)
        outcome = context.session.confirm_delivery(record.number, post_goods_issue=True)
        return self._report(context, outcome)

    def reverse_goods_issue(self, given: Parameters, context: Context) -> Sequence[Entity]:
        """Take goods issue back on the date given."""
        record = delivery_of(given, context)
        outcome = context.session.reverse_goods_issue(
            record.number, writing.day(given.get("ActualGoodsMovementDate"))
        )
        writing.accepted(context, outcome)
        forms = Forms.of(context, self.settings)
        return [
            Entity(
                {
                    "DeliveryDocument": forms.number(record.number),
                    "DeliveryDocumentItem": forms.delivery_item(0),
                    "ScheduleLine": "0000",
                    **_message(row),
                }
            )
            for row in outcome.messages
        ]

    def _pick(
        self, context: Context, record: Delivery, item: DeliveryItem, quantity: Decimal
    ) -> Sequence[Entity]:
        picked = {item.item_number: quantity}
        outcome = context.session.pick_delivery(record.number, picked)
        return self._report(context, outcome, item, quantity)

    def _report(
        self,
        context: Context,
        outcome: Outcome,
        item: DeliveryItem | None = None,
        quantity: Decimal = Decimal(0),
    ) -> Sequence[Entity]:
        writing.accepted(context, outcome)
        forms = Forms.of(context, self.settings)
        about: dict[str, Value] = {
            "DeliveryDocument": forms.number(outcome.number),
            "DeliveryDocumentItem": forms.delivery_item(item.item_number if item else 0),
        }
        if item is not None:
            about |= {
                "ActualDeliveryQuantity": forms.quantity(quantity, item.sales_unit),
                "DeliveryQuantityUnit": forms.unit(item.sales_unit),
                "DeliveryDocumentItemText": item.description,
                "Material": item.material,
            }
        return [Entity({**about, **_message(row)}) for row in outcome.messages]


def _message(row: Message) -> dict[str, Value]:
    return {
        "SystemMessageIdentification": row.id,
        "SystemMessageNumber": row.number,
        "SystemMessageType": row.type,
        "SystemMessageVariable1": row.v1,
        "SystemMessageVariable2": row.v2,
        "SystemMessageVariable3": row.v3,
        "SystemMessageVariable4": row.v4,
    }


def _item(record: Delivery, given: Parameters, context: Context) -> DeliveryItem:
    number = item_number(given.get(ITEM))
    found = record.item(number)
    if found is None:
        raise writing.refusal(context, "item unknown", number, record.number.lstrip("0"))
    return found


def _check_unit(context: Context, given: Parameters, name: str, expected: str) -> None:
    unit = text(given.get(name))
    if unit and context.erp.master_data.unit_key(unit) != expected:
        known = context.erp.master_data.units[expected].commercial
        raise writing.invalid(f"{name} {unit}: this item is picked in {known}")
