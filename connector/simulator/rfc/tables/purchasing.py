"""EBAN, EKKO, EKPO, EKKN and EKBE: what third-party items are bought by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.rfc import keys
from connector.simulator.rfc.tables.source import Source, Table

if TYPE_CHECKING:
    from connector.simulator.engine.purchasing_records import (
        PurchaseEvent,
        PurchaseOrder,
        PurchaseOrderItem,
        PurchaseRequisition,
    )

#: Item of a requisition; each has one.
_ITEM = 10
#: Item category S of purchasing: third-party.
_THIRD_PARTY = "5"
#: Event -> VGABE and BEWTP of the purchase order history.
_EVENTS = {"receipt": ("1", "E"), "invoice": ("2", "Q")}


@dataclass(frozen=True, slots=True)
class Requested:
    """A row of EBAN."""

    source: Source
    document: PurchaseRequisition


@dataclass(frozen=True, slots=True)
class Ordered:
    """A row of EKKO; with its item one of EKPO and EKKN, with an event of EKBE."""

    source: Source
    document: PurchaseOrder
    item: PurchaseOrderItem | None = None
    event: PurchaseEvent | None = None


def requisitions(source: Source) -> Iterator[Requested]:
    """Rows of EBAN, by number."""
    for number in source.numbers("BANFN") or ():
        found = source.erp.purchase_requisition(number)
        if found is not None:
            yield Requested(source, found)


def orders(source: Source) -> Iterator[Ordered]:
    """Rows of EKKO: by number, by the sales document behind them, or all."""
    numbers, sales = source.numbers("EBELN"), source.numbers("VBELN")
    if numbers is None and sales is not None:
        numbers = tuple(
            dict.fromkeys(
                row.subsequent
                for number in sales
                for row in source.erp.flow_after(number)
                if row.subsequent_category == "V"
            )
        )
    if numbers is None:
        for document in source.erp.purchase_orders():
            yield Ordered(source, document)
        return
    for number in numbers:
        found = source.erp.purchase_order(number)
        if found is not None:
            yield Ordered(source, found)


def items(source: Source) -> Iterator[Ordered]:
    """Rows of EKPO and EKKN."""
    for row in orders(source):
        for item in row.document.items:
            yield Ordered(source, row.document, item)


def history(source: Source) -> Iterator[Ordered]:
    """Rows of EKBE."""
    for row in items(source):
        assert row.item is not None
        for event in row.item.history:
            yield Ordered(source, row.document, row.item, event)


EBAN = Table(
    requisitions,
    {
        "BANFN": lambda x: x.document.number,
        "BNFPO": lambda x: _ITEM,
        "LOEKZ": lambda x: "X" if x.document.deleted else "",
        "STATU": lambda x: "B" if x.document.purchase_order else "N",
        "ESTKZ": lambda x: "V",
        "ERNAM": lambda x: x.document.created_by,
        "TXZ01": lambda x: x.document.description,
        "MATNR": lambda x: keys.material_out(x.document.material),
        "WERKS": lambda x: x.document.plant,
        "MENGE": lambda x: x.document.quantity,
        "MEINS": lambda x: x.document.unit,
        "BADAT": lambda x: x.source.local(x.document.created_at).date(),
        "LFDAT": lambda x: x.document.delivery_date,
        "PSTYP": lambda x: _THIRD_PARTY,
        "EBELN": lambda x: x.document.purchase_order,
        "EBELP": lambda x: x.document.purchase_order_item,
    },
)

EKKO = Table(
    orders,
    {
        "EBELN": lambda x: x.document.number,
        "BUKRS": lambda x: x.document.company_code,
        "BSTYP": lambda x: "F",
        "BSART": lambda x: "NB",
        "AEDAT": lambda x: x.source.local(x.document.created_at).date(),
        "ERNAM": lambda x: x.document.created_by,
        "LIFNR": lambda x: x.document.vendor,
        "WAERS": lambda x: x.document.currency,
        "BEDAT": lambda x: x.document.document_date,
    },
)

EKPO = Table(
    items,
    {
        "EBELN": lambda x: x.document.number,
        "EBELP": lambda x: x.item.item_number,
        "TXZ01": lambda x: x.item.description,
        "MATNR": lambda x: keys.material_out(x.item.material),
        "BUKRS": lambda x: x.document.company_code,
        "WERKS": lambda x: x.item.plant,
        "MENGE": lambda x: x.item.quantity,
        "MEINS": lambda x: x.item.unit,
        "NETPR": lambda x: x.source.stored(x.item.net_price, x.document.currency),
        "NETWR": lambda x: x.source.stored(x.item.net_price * x.item.quantity, x.document.currency),
        "PSTYP": lambda x: _THIRD_PARTY,
        "KNTTP": lambda x: "1",
        "BANFN": lambda x: x.item.requisition,
        "BNFPO": lambda x: _ITEM,
    },
)

EKKN = Table(
    items,
    {
        "EBELN": lambda x: x.document.number,
        "EBELP": lambda x: x.item.item_number,
        "ZEKKN": lambda x: 1,
        "MENGE": lambda x: x.item.quantity,
        "VBELN": lambda x: x.item.sales_document,
        "VBELP": lambda x: x.item.sales_item,
    },
)

EKBE = Table(
    history,
    {
        "EBELN": lambda x: x.document.number,
        "EBELP": lambda x: x.item.item_number,
        "VGABE": lambda x: _EVENTS[x.event.kind][0],
        "GJAHR": lambda x: x.event.year,
        "BELNR": lambda x: x.event.document,
        "BUZEI": lambda x: 1,
        "BEWTP": lambda x: _EVENTS[x.event.kind][1],
        "BWART": lambda x: "101" if x.event.kind == "receipt" else "",
        "BUDAT": lambda x: x.event.posting_date,
        "MENGE": lambda x: x.event.quantity,
        "WRBTR": lambda x: x.source.stored(x.event.amount, x.document.currency),
        "WAERS": lambda x: x.document.currency,
        "SHKZG": lambda x: "S",
        "MATNR": lambda x: keys.material_out(x.item.material),
        "WERKS": lambda x: x.item.plant,
        "CPUDT": lambda x: x.source.local(x.event.created_at).date(),
        "CPUTM": lambda x: x.source.local(x.event.created_at).time(),
    },
)

TABLES = {"EBAN": EBAN, "EKKO": EKKO, "EKPO": EKPO, "EKKN": EKKN, "EKBE": EKBE}
