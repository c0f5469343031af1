"""
Changing a sales document over OData: what differs, and nothing else, in one changeset.

The document is read first. Its ETag goes with every part of the change, so that a change that
somebody else made in between stops ours (412) instead of being overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from connector.erp.odata.answers import after_posting, understood
from connector.erp.odata.names import shown_number, stored_number
from connector.erp.odata.row import Row
from connector.erp.odata.sales_document import (
    STANDARD_ADDRESS,
    Writer,
    address_body,
    not_offered,
)
from connector.erp.odata.sales_document_reading import Reader
from connector.erp.odata.selection import selection
from connector.erp.odata.service import ODataService, Query
from connector.erp.odata.shape import PARTNER, Shape
from connector.erp.odata.values import json_date, json_decimal, key
from connector.erp.odata.write import Change, Write
from connector.errors import OutcomeUnknownError, RejectedError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.partners import Partner
from connector.sd_documents.sales_document_change import (
    SalesDocumentChange,
    SalesDocumentItemChange,
)
from connector.sd_documents.values import Quantity, display_number, pad_number


def make(
    service: ODataService, writer: Writer, change: SalesDocumentChange, observer: SubmissionObserver
) -> None:
    """
    Make *change*, and read back that it is there; what is as wanted already is not sent.

    Raises also:
        RejectedError: the document or an item is not there, or the service cannot change that.
    """
    shape, number = writer.shape, pad_number(change.number)
    name = f"{shape.document} {display_number(number)}"
    before = _read(service, shape, number)
    if before is None:
        raise RejectedError(f"{name} does not exist, so it cannot be changed")
    with understood():
        changes = list(_Difference(writer, change, before, name).changes())
    observer.created_uncommitted((number,))
    if not changes:
        return
    write = Write(observer, f"change {name}")
    if len(changes) == 1 and changes[0].method == "PATCH":
        only = changes[0]
        service.change(only.path, only.body or {}, write, only.etag)
    else:
        service.changeset(changes, write)
    with after_posting(name):
        after = _read(service, shape, number)
        if after is None:
            raise OutcomeUnknownError(f"{name} was reported as changed and cannot be read")
        wrong = [each.path for each in _Difference(writer, change, after, name).remaining()]
        if wrong:
            raise OutcomeUnknownError(
                f"{name} was reported as changed, but not in {', '.join(wrong)}"
            )


def _read(service: ODataService, shape: Shape, number: str) -> Row | None:
    header = [name for name in shape.header_fields if name in _CHANGED_HEADER]
    units = ("RequestedQuantitySAPUnit",) if "RequestedQuantitySAPUnit" in shape.item else ()
    item = (
        shape.item_key, "RequestedQuantity", "RequestedQuantityUnit", *units,
        "SalesDocumentRjcnReason",
    )  # fmt: skip
    parts = [
        ("", (shape.document, *header, "LastChangeDateTime")),
        ("to_Item", item),
        ("to_Partner", PARTNER),
        ("to_Item/to_Partner", PARTNER),
    ]
    if shape.takes_schedule:
        parts.append(("to_Item/to_ScheduleLine", shape.schedule))
    if shape.address:
        parts.append(("to_Partner/to_Address", shape.address))
    return service.entity(Query(key(shape.header_set, shown_number(number)), selection(parts)))


_CHANGED_HEADER = ("RequestedDeliveryDate", "DeliveryBlockReason", "HeaderBillingBlockReason")


@dataclass(frozen=True, slots=True)
class _Difference:
    """What *change* still wants of the document as it is in ``row``."""

    writer: Writer
    change: SalesDocumentChange
    row: Row
    name: str

    @property
    def shape(self) -> Shape:
        return self.writer.shape

    def changes(self) -> Iterator[Change]:
        """Yield what has to be sent; RejectedError for what cannot be."""
        items = self._items()
        for added in self.change.added_items:
            if added.item_number in items:
                raise RejectedError(f"{self.name} has an item {added.item_number} already")
        yield from self._existing(items)
        wanted_on = self.change.requested_delivery_date or self._header_date()
        for added in self.change.added_items:
            dates = {line.requested_delivery_date for line in added.schedule_lines}
            header_date = wanted_on or min(dates, default=date.max)
            if not self.shape.takes_schedule and dates - {header_date}:
                raise not_offered(self.shape, [f"item {added.item_number}: delivery dates"])
            yield Change(
                "POST", f"{self._header_path()}/to_Item", self.writer.item(added, header_date)
            )

    def remaining(self) -> Iterator[Change]:
        """Yield what is not as wanted, after the change was made."""
        items = self._items()
        yield from self._existing(items)
        for added in self.change.added_items:
            row = items.get(added.item_number)
            if row is None or self._quantity(row) != added.requested_quantity:
                yield Change("POST", f"item {added.item_number}")

    def _existing(self, items: dict[int, Row]) -> Iterator[Change]:
        header = self._header_body()
        if header:
            yield Change("PATCH", self._header_path(), header, self.row.etag)
        for partner in self.change.partners:
            yield from self._partner(partner, items)
        for item in self.change.items:
            row = items.get(item.item_number)
            if row is None:
                raise RejectedError(f"{self.name} has no item {item.item_number} to be changed")
            yield from self._item(item, row)

    def _header_body(self) -> dict[str, Any]:
        change, row, body = self.change, self.row, dict[str, Any]()
        wanted_on = change.requested_delivery_date
        blocks = {
            "DeliveryBlockReason": change.delivery_block_reason,
            "HeaderBillingBlockReason": change.billing_block_reason,
        }
        for name, block in blocks.items():
            if block is not None and self._has(name, block) and row.text(name) != block:
                body[name] = block
        if (
            wanted_on is not None
            and self._has("RequestedDeliveryDate", wanted_on)
            and self._header_date() != wanted_on
        ):
            body["RequestedDeliveryDate"] = json_date(wanted_on)
        return body

    def _has(self, name: str, wanted: object) -> bool:
        if name in self.row:
            return True
        if wanted:
            raise not_offered(self.shape, [name])
        return False

    def _header_date(self) -> date | None:
        return (
            self.row.date("RequestedDeliveryDate") if "RequestedDeliveryDate" in self.row else None
        )

    def _partner(self, partner: Partner, items: dict[int, Row]) -> Iterator[Change]:
        holder, keys, entity_set = self.row, self._key(), self.shape.partner_set
        path = self._header_path()
        if partner.item_number is not None:
            if partner.item_number not in items:
                raise RejectedError(f"{self.name} has no item {partner.item_number}")
            holder, keys = items[partner.item_number], self._item_keys(partner.item_number)
            entity_set, path = self.shape.item_partner_set, self._item_path(partner.item_number)
        shown = self.writer.names.shown_function(partner.function)
        keys = {**keys, "PartnerFunction": shown}
        customer = shown_number(partner.customer)
        there = next(
            (row for row in holder.rows("to_Partner") if row.text("PartnerFunction") == shown), None
        )
        if there is None:
            yield Change(
                "POST", f"{path}/to_Partner", {"PartnerFunction": shown, "Customer": customer}
            )
        elif stored_number(there.text("Customer")) != stored_number(customer):
            yield Change("PATCH", key(entity_set, keys), {"Customer": customer}, self.row.etag)
        if partner.address is not None:
            if not self.shape.address or partner.item_number is not None:
                raise not_offered(self.shape, [f"the address of partner {partner.function.value}"])
            wanted = address_body(partner.address)
            if there is None or not _has_address(there, wanted):
                keys = {**keys, "AddressRepresentationCode": STANDARD_ADDRESS}
                yield Change(
                    "PATCH", key(self.shape.partner_address_set, keys), wanted, self.row.etag
                )

    def _item(self, item: SalesDocumentItemChange, row: Row) -> Iterator[Change]:
        body: dict[str, Any] = {}
        lines = self._requested_lines(row)
        quantity, reason = item.requested_quantity, item.rejection_reason
        if quantity is not None and len(lines) > 1:
            # All of it goes on the first date.
            first, *others = lines
            for line in others:
                yield Change("DELETE", self._line_path(item, line), etag=self.row.etag)
            moved = {"ScheduleLineOrderQuantity": json_decimal(quantity.value)}
            yield Change("PATCH", self._line_path(item, first), moved, self.row.etag)
            lines = [first]
        elif quantity is not None and self._quantity(row) != quantity:
            body["RequestedQuantity"] = json_decimal(quantity.value)
            body["RequestedQuantityUnit"] = self.writer.names.shown_unit(quantity.unit)
        if reason is not None and row.text("SalesDocumentRjcnReason") != reason:
            body["SalesDocumentRjcnReason"] = reason
        if body:
            yield Change("PATCH", self._item_path(item.item_number), body, self.row.etag)
        if item.requested_delivery_date is not None:
            yield from self._dates(item, item.requested_delivery_date, lines)

    def _quantity(self, row: Row) -> Quantity:
        return Reader(self.shape, self.writer.names).quantity(row)

    def _dates(
        self, item: SalesDocumentItemChange, wanted_on: date, lines: Iterable[Row]
    ) -> Iterator[Change]:
        if not self.shape.takes_schedule:
            # An item without dates of its own is wanted on the header's.
            if (self.change.requested_delivery_date or self._header_date()) != wanted_on:
                raise not_offered(self.shape, [f"the delivery date of item {item.item_number}"])
            return
        for line in lines:
            if line.date("RequestedDeliveryDate") != wanted_on:
                yield Change(
                    "PATCH",
                    self._line_path(item, line),
                    {"RequestedDeliveryDate": json_date(wanted_on)},
                    self.row.etag,
                )

    def _requested_lines(self, row: Row) -> list[Row]:
        """Return the schedule lines that the customer asked for; others are confirmations."""
        if not self.shape.takes_schedule:
            return []
        lines = [
            line
            for line in row.rows("to_ScheduleLine")
            if line.decimal("ScheduleLineOrderQuantity")
        ]
        return sorted(lines, key=lambda line: int(line.text("ScheduleLine")))

    def _items(self) -> dict[int, Row]:
        return {int(row.text(self.shape.item_key)): row for row in self.row.rows("to_Item")}

    def _key(self) -> dict[str, str]:
        return {self.shape.document: shown_number(self.change.number)}

    def _item_keys(self, item_number: int) -> dict[str, str]:
        return {**self._key(), self.shape.item_key: str(item_number)}

    def _header_path(self) -> str:
        return key(self.shape.header_set, shown_number(self.change.number))

    def _item_path(self, item_number: int) -> str:
        return key(self.shape.item_set, self._item_keys(item_number))

    def _line_path(self, item: SalesDocumentItemChange, line: Row) -> str:
        keys = {**self._item_keys(item.item_number), "ScheduleLine": line.text("ScheduleLine")}
        return key(self.shape.schedule_set, keys)


def _has_address(partner: Row, wanted: dict[str, Any]) -> bool:
    return any(
        all(row.text_or(name) == value for name, value in wanted.items())
        for row in partner.rows("to_Address")
    )
