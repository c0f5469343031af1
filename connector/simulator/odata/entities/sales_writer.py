"""
Creating, changing and deleting sales documents and their items.

A change is sent to the engine as the difference: what a client sends again unchanged is no change,
and a property that the engine cannot change is refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from connector.simulator.engine.specs import Partner, SalesDocumentChange, SalesItemChange
from connector.simulator.odata.entities import sales_request as request
from connector.simulator.odata.entities import writing
from connector.simulator.odata.entities.forms import document_number, item_number, text
from connector.simulator.odata.entities.records import Writers
from connector.simulator.odata.entities.sales_change import Changes, SalesChange
from connector.simulator.odata.entities.sales_header import HeaderRows
from connector.simulator.odata.entities.sales_item import ItemRows
from connector.simulator.odata.entity_set import Body, Context, Key

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import SalesDocument
    from connector.simulator.odata.entity_set import Value

_HEADER = frozenset(each.name for each in fields(SalesDocumentChange))
_ITEM = frozenset(each.name for each in fields(SalesItemChange))
_QUANTITY_UNITS = (
    "RequestedQuantityUnit", "RequestedQuantitySAPUnit", "RequestedQuantityISOUnit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DocumentWriter(SalesChange):
    """Writes headers, with all that is nested in a deep insert."""

    def writers(self) -> Writers:
        """Return what may be done."""
        return Writers(self.create, self.update, self.delete)

    def create(self, body: Body, context: Context) -> Key:
        """Create the document with all that is nested in *body*."""
        spec = request.document_of(context, self.document, body)
        known = context.erp.master_data.order_type(spec.document_type)
        if known is not None and known.category != self.category:
            text_ = f"Document type {known.external} cannot be created as {self.document}"
            raise writing.invalid(text_)
        outcome = writing.accepted(context, context.session.create_sales_document(spec))
        return self.place(outcome.number, 0, context)

    def update(self, key: Key, changes: Changes, context: Context) -> None:
        """Change the header."""
        record = self.record(key, context)
        wanted: dict[str, Any] = {}
        refused = []
        for name, value in self.changed(HeaderRows(self.document), key, changes, context).items():
            found = self._field(name, value)
            if found is None:
                refused.append(name)
            else:
                wanted |= found
        self.refuse(refused)
        if wanted:
            self.send(context, record.number, SalesDocumentChange(**wanted))

    def delete(self, key: Key, context: Context) -> None:
        """Delete the document; what follows it forbids that."""
        record = self.record(key, context)
        writing.accepted(context, context.session.delete_sales_document(record.number))

    def _field(self, name: str, value: Value) -> dict[str, Any] | None:
        """Return the change that one property means, None when it cannot be changed."""
        to = request.HEADER_TEXTS.get(name, "")
        dates = {**request.HEADER_DATES, f"{self.document}Date": "document_date"}
        day = dates.get(name, "")
        found: dict[str, Any] | None = None
        if to in _HEADER:
            found = {to: text(value)}
        elif day in _HEADER and writing.day(value) is not None:
            found = {day: writing.day(value)}
        elif name in writing.INCOTERMS_LOCATIONS:
            found = {"incoterms_location": text(value)}
        elif name == "CompleteDeliveryIsDefined" and "complete_delivery" in _HEADER:
            found = {"complete_delivery": bool(value)}
        elif name == "SoldToParty":
            found = {"partners": [Partner("AG", document_number(value))]}
        return found


@dataclass(frozen=True, slots=True)
class ItemWriter(SalesChange):
    """Writes items of documents that exist."""

    def writers(self) -> Writers:
        """Return what may be done."""
        return Writers(self.create, self.update, self.delete)

    def create(self, body: Body, context: Context) -> Key:
        """Add an item to a document."""
        record = self.record(body.values, context)
        nested = any(body.navigations.values())
        given = item_number(body.values.get(f"{self.document}Item"))
        last = max((item.item_number for item in record.items), default=0)
        parts = next(request.items(context, self.document, [body], last))
        # The engine numbers an item that nothing else of the request refers to.
        number = parts.item.item_number if nested or given else 0
        parts.item.item_number = number
        item = SalesItemChange(
            number, "I", new=parts.item, schedule_lines=parts.schedule_lines or None
        )
        change = SalesDocumentChange(
            items=[item], partners=parts.partners, conditions=parts.conditions, texts=parts.texts
        )
        changed: SalesDocument = self.send(context, record.number, change).documents[0]
        # A set brings its components along; the item itself is the last of the upper level.
        upper = [each.item_number for each in changed.items if not each.higher_level_item]
        return self.place(record.number, number or upper[-1], context)

    def update(self, key: Key, changes: Changes, context: Context) -> None:
        """Change an item: quantity, rejection, block, plant, text, terms."""
        record = self.record(key, context)
        number = self.item(key)
        item = record.item(number)
        wanted: dict[str, Any] = {}
        refused = []
        unit = writing.unit(context, changes, "RequestedQuantity")
        if item is not None and unit and unit != item.sales_unit:
            refused.append("RequestedQuantityUnit")
        for name, value in self.changed(ItemRows(self.document), key, changes, context).items():
            to = request.ITEM_TEXTS.get(name, "")
            if to in _ITEM:
                wanted[to] = text(value)
            elif name in ("ProductionPlant", "Plant"):
                wanted["plant"] = text(value)
            elif name == f"{self.document}ItemText":
                wanted["short_text"] = text(value)
            elif name == "RequestedQuantity":
                wanted["quantity"] = writing.number(value)
            elif name not in _QUANTITY_UNITS:
                refused.append(name)
        self.refuse(refused)
        if wanted:
            change = SalesDocumentChange(items=[SalesItemChange(number, **wanted)])
            self.send(context, record.number, change)

    def delete(self, key: Key, context: Context) -> None:
        """Delete an item that nothing follows."""
        record = self.record(key, context)
        change = SalesDocumentChange(items=[SalesItemChange(self.item(key), "D")])
        self.send(context, record.number, change)
