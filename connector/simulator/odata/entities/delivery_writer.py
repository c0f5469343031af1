"""Creating, changing and deleting outbound deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.simulator.engine.specs import DeliveryHeaderChange, DeliveryRef
from connector.simulator.odata.entities import writing
from connector.simulator.odata.entities.delivery_rows import header_rows, item_rows
from connector.simulator.odata.entities.forms import (
    Forms,
    document_number,
    item_number,
    same,
    text,
)
from connector.simulator.odata.entities.records import Rows, Writers
from connector.simulator.odata.entity_set import Body, BusinessError, Context, Key, Value

if TYPE_CHECKING:
    from connector.simulator.engine.logistics_records import Delivery
    from connector.simulator.odata.entities.settings import EntitySettings

Changes = Mapping[str, Value]
HEADER, ITEM = "DeliveryDocument", "DeliveryDocumentItem"
_HEADER_DATES = {
    "DeliveryDate": "delivery_date",
    "PlannedGoodsIssueDate": "planned_goods_issue_date",
    "ActualGoodsMovementDate": "entered_goods_issue_date",
}


@dataclass(frozen=True, slots=True)
class DeliveryWriter:
    """Writes deliveries; each request is checked against the delivery as it is committed."""

    settings: EntitySettings

    def writers(self) -> dict[str, Writers]:
        """Return what may be done, by entity set."""
        return {
            "A_OutbDeliveryHeader": Writers(self.create, self.update_header, self.delete),
            "A_OutbDeliveryItem": Writers(None, self.update_item, self.delete_item),
        }

    def create(self, body: Body, context: Context) -> Key:
        """
        Deliver what the items refer to; an item of a document alone is its whole document.

        The first delivery is returned when the goods have to go in several; a notice names all.
        """
        bodies = body.navigations.get("to_DeliveryDocumentItem", ())
        refs = [_reference(context, each) for each in bodies]
        if not refs:
            text_ = "A delivery needs items that refer to a sales document"
            raise writing.invalid(text_)
        outcome = context.session.create_deliveries(
            refs, None, text(body.values.get("ShippingPoint"))
        )
        if outcome.accepted and not outcome.numbers:
            # Notes alone: there was nothing to deliver.
            raise BusinessError(outcome.messages)
        writing.accepted(context, outcome)
        forms = Forms.of(context, self.settings)
        shown = [forms.number(number) for number in outcome.numbers]
        if len(shown) > 1:
            listed = ", ".join(shown)
            context.messages.append(writing.free_text(f"Deliveries created: {listed}", "I"))
        return {HEADER: shown[0]}

    def update_header(self, key: Key, changes: Changes, context: Context) -> None:
        """Change bill of lading, dates and delivery block."""
        record = delivery_of(key, context)
        wanted: dict[str, Any] = {}
        refused = []
        for name, value in self._changed(header_rows, record, changes, context).items():
            if name == "BillOfLading":
                wanted["bill_of_lading"] = text(value)
            elif name == "DeliveryBlockReason":
                wanted["delivery_block"] = text(value)
            elif name in _HEADER_DATES and writing.day(value) is not None:
                wanted[_HEADER_DATES[name]] = writing.day(value)
            else:
                refused.append(name)
        _refuse(refused)
        if wanted:
            change = DeliveryHeaderChange(**wanted)
            outcome = context.session.change_delivery_header(record.number, change)
            writing.accepted(context, outcome)

    def update_item(self, key: Key, changes: Changes, context: Context) -> None:
        """Change the quantity of an item, in its sales unit or its base unit."""
        record = delivery_of(key, context)
        number = item_number(key.get(ITEM))
        item = record.item(number)
        quantity = writing.number(changes.get("ActualDeliveryQuantity"))
        base = writing.number(changes.get("ActualDeliveredQtyInBaseUnit"))
        if quantity is None and base is not None and item is not None:
            quantity = base * item.base_denominator / item.base_numerator
        changed = self._changed(item_rows, record, changes, context, item=number)
        _refuse(
            name
            for name in changed
            if name not in ("ActualDeliveryQuantity", "ActualDeliveredQtyInBaseUnit")
        )
        if quantity is not None and changed:
            outcome = context.session.change_delivery(record.number, {number: quantity})
            writing.accepted(context, outcome)

    def delete(self, key: Key, context: Context) -> None:
        """Delete a delivery whose goods issue is not posted."""
        record = delivery_of(key, context)
        writing.accepted(context, context.session.delete_delivery(record.number))

    def delete_item(self, key: Key, context: Context) -> None:
        """Delete an item; with the last one the delivery goes."""
        record = delivery_of(key, context)
        gone = item_number(key.get(ITEM))
        outcome = context.session.change_delivery(record.number, {}, [gone])
        writing.accepted(context, outcome)

    def _changed(
        self, rows: Rows, record: Delivery, changes: Changes, context: Context, *, item: int = 0
    ) -> Changes:
        now = next(iter(rows(Forms.of(context, self.settings), record, item)), {})
        told = writing.filled(changes)
        return {
            name: value
            for name, value in changes.items()
            if not same(now.get(name), value) and (name in now or name in told)
        }


def delivery_of(key: Mapping[str, Value], context: Context) -> Delivery:
    """Return the delivery that *key* names; BusinessError VL 002 when there is none."""
    number = document_number(key.get(HEADER))
    found = context.erp.delivery(number)
    if found is None:
        raise writing.refusal(context, "document does not exist", number.lstrip("0"))
    return found


def _reference(context: Context, body: Body) -> DeliveryRef:
    values = body.values
    unit = text(values.get("DeliveryQuantityUnit"))
    return DeliveryRef(
        document_number(values.get("ReferenceSDDocument")),
        item_number(values.get("ReferenceSDDocumentItem")),
        writing.number(values.get("ActualDeliveryQuantity")) or None,
        context.erp.master_data.unit_key(unit) or unit,
    )


def _refuse(names: Iterable[str]) -> None:
    listed = ", ".join(sorted(names))
    if listed:
        raise writing.invalid(f"Delivery: this system cannot change {listed}")
