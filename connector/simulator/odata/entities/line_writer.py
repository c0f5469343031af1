"""Writing texts and schedule lines of sales documents that exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.engine.specs import (
    SalesDocumentChange,
    SalesItemChange,
    ScheduleLineSpec,
)
from connector.simulator.odata.entities import sales_request as request
from connector.simulator.odata.entities import writing
from connector.simulator.odata.entities.forms import item_number, text
from connector.simulator.odata.entities.records import Writers
from connector.simulator.odata.entities.sales_change import Changes, SalesChange
from connector.simulator.odata.entity_set import Body, Context, Key

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import SalesDocument

_QUANTITY, _DATE = "ScheduleLineOrderQuantity", "RequestedDeliveryDate"
_UNITS = ("OrderQuantityUnit", "OrderQuantitySAPUnit", "OrderQuantityISOUnit")


@dataclass(frozen=True, slots=True)
class TextWriter(SalesChange):
    """Writes texts of the header and of items."""

    def writers(self) -> Writers:
        """Return what may be done."""
        return Writers(self.create, self.update, self.delete)

    def create(self, body: Body, context: Context) -> Key:
        """Add a text, or replace the one with its id and language."""
        record = self.record(body.values, context)
        number = self.item(body.values)
        wanted = request.one_text(body.values, number)
        self.send(context, record.number, SalesDocumentChange(texts=[wanted]))
        return {
            **self.place(record.number, number, context),
            "Language": wanted.language,
            "LongTextID": wanted.text_id,
        }

    def update(self, key: Key, changes: Changes, context: Context) -> None:
        """Replace a text."""
        record = self.record(key, context)
        wanted = request.one_text({**key, **changes}, self.item(key))
        self.send(context, record.number, SalesDocumentChange(texts=[wanted]))

    def delete(self, key: Key, context: Context) -> None:
        """Delete a text."""
        record = self.record(key, context)
        gone = (text(key.get("LongTextID")), self.item(key), text(key.get("Language")))
        self.send(context, record.number, SalesDocumentChange(removed_texts=[gone]))


@dataclass(frozen=True, slots=True)
class ScheduleWriter(SalesChange):
    """Writes what is requested when; what is confirmed is up to the ERP."""

    def writers(self) -> Writers:
        """Return what may be done."""
        return Writers(self.create, self.update, self.delete)

    def create(self, body: Body, context: Context) -> Key:
        """Add a schedule line: the item's quantity grows by it."""
        record, number = self.record(body.values, context), self.item(body.values)
        lines = _requested(record, number)
        at = item_number(body.values.get("ScheduleLine")) or max(lines, default=0) + 1
        lines[at] = ScheduleLineSpec(
            number,
            writing.number(body.values.get(_QUANTITY)) or Decimal(0),
            writing.day(body.values.get(_DATE)),
        )
        self._reschedule(context, record, number, lines)
        return {**self.place(record.number, number, context), "ScheduleLine": str(at)}

    def update(self, key: Key, changes: Changes, context: Context) -> None:
        """Change the quantity or the date of a schedule line."""
        record, number = self.record(key, context), self.item(key)
        lines = _requested(record, number)
        at = item_number(key.get("ScheduleLine"))
        self.refuse(writing.filled(changes) - {_QUANTITY, _DATE, *_UNITS})
        old = lines.get(at)
        if old is None:
            text_ = f"Schedule line {at} only confirms: change the line that requests"
            raise writing.invalid(text_)
        quantity = writing.number(changes.get(_QUANTITY))
        lines[at] = ScheduleLineSpec(
            number,
            old.quantity if quantity is None else quantity,
            writing.day(changes.get(_DATE)) or old.requested_date,
        )
        self._reschedule(context, record, number, lines)

    def delete(self, key: Key, context: Context) -> None:
        """Delete a schedule line: the item's quantity shrinks by it."""
        record, number = self.record(key, context), self.item(key)
        lines = _requested(record, number)
        lines.pop(item_number(key.get("ScheduleLine")), None)
        self._reschedule(context, record, number, lines)

    def _reschedule(
        self,
        context: Context,
        record: SalesDocument,
        number: int,
        lines: Mapping[int, ScheduleLineSpec],
    ) -> None:
        wanted = [lines[at] for at in sorted(lines)]
        change = SalesDocumentChange(items=[SalesItemChange(number, schedule_lines=wanted)])
        self.send(context, record.number, change)


def _requested(record: SalesDocument, number: int) -> dict[int, ScheduleLineSpec]:
    item = record.item(number)
    return {
        line.line: ScheduleLineSpec(number, line.quantity, line.requested_date)
        for line in (item.schedule_lines if item else ())
        if line.quantity
    }
