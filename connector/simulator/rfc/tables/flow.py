"""VBFA, VBUK and VBUP: how documents follow each other, and (in ECC) their status."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from connector.simulator.rfc import keys
from connector.simulator.rfc.tables import billing, deliveries, sales
from connector.simulator.rfc.tables.source import Source, Table

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import FlowRow

_KINDS = ("sales", "delivery", "billing")


@dataclass(frozen=True, slots=True)
class Link:
    """A row of VBFA."""

    source: Source
    flow: FlowRow


def links(source: Source) -> Iterator[Link]:
    """
    Rows of VBFA: direct links only.

    Found by what precedes or follows; by date through the change index, which also names a
    document when one that follows it is created.
    """
    erp = source.erp
    preceding, subsequent = source.numbers("VBELV"), source.numbers("VBELN")
    if preceding is not None:
        found: Iterable[FlowRow] = (row for number in preceding for row in erp.flow_after(number))
    elif subsequent is not None:
        found = (row for number in subsequent for row in erp.flow_before(number))
    else:
        numbers = dict.fromkeys(
            number for kind in _KINDS for number in source.changed(kind, ("ERDAT", "ERZET"))
        )
        found = (row for number in numbers for row in erp.flow_after(number))
    return (Link(source, row) for row in found)


def _key_bytes(link: Link) -> bytes:
    """A stable key of 16 bytes: what makes the row unique, hashed."""
    text = "/".join(map(str, link.flow.key))
    return hashlib.sha256(text.encode()).digest()[:16]


VBFA = Table(
    links,
    {
        "VBELV": lambda x: x.flow.preceding,
        "POSNV": lambda x: x.flow.preceding_item,
        "VBELN": lambda x: x.flow.subsequent,
        "POSNN": lambda x: x.flow.subsequent_item,
        "VBTYP_N": lambda x: x.flow.subsequent_category,
        "RFMNG": lambda x: x.flow.quantity,
        "MEINS": lambda x: x.flow.unit,
        "RFWRT": lambda x: x.source.stored(x.flow.value, x.flow.currency),
        "WAERS": lambda x: x.flow.currency,
        "VBTYP_V": lambda x: x.flow.preceding_category,
        "PLMIN": lambda x: x.flow.sign,
        "ERDAT": lambda x: x.source.local(x.flow.created_at).date(),
        "ERZET": lambda x: x.source.local(x.flow.created_at).time(),
        "MATNR": lambda x: keys.material_out(x.flow.material),
        "BWART": lambda x: x.flow.movement_type,
        "MJAHR": lambda x: x.flow.material_document_year,
        "VRKME": lambda x: x.flow.unit,
        "FPLNR": lambda x: x.flow.billing_plan,
        "FPLTR": lambda x: x.flow.billing_plan_date,
        "STUFE": lambda x: 0,
        "RUUID": _key_bytes,
    },
)


def _each_document(source: Source) -> Iterator[Any]:
    """Sales documents, deliveries and billing documents; S/4HANA fills neither table."""
    if source.s4:
        return
    yield from sales.headers(source)
    yield from deliveries.headers(source)
    yield from billing.headers(source)


def header_status(source: Source) -> Iterator[Any]:
    """Rows of VBUK."""
    return _each_document(source)


def item_status(source: Source) -> Iterator[Any]:
    """Rows of VBUP: items of sales documents and deliveries."""
    if source.s4:
        return
    yield from sales.items(source)
    yield from deliveries.items(source)


def _of(kind: type[Any], field: str) -> Any:
    def value(row: Any) -> Any:
        return getattr(row.status, field) if isinstance(row, kind) else ""

    return value


def _changed(row: Any) -> date | None:
    """The day of the last change of any status, by the document or by a follower."""
    followers = row.source.erp.flow_after(row.document.number)
    last = max([row.document.changed_at, *(each.created_at for each in followers)])
    day: date = row.source.local(last).date()
    return day


def _overall(row: Any) -> str:
    overall: str = row.status.overall if isinstance(row, sales.Header) else row.overall
    return overall


def _overall_of_item(row: Any) -> str:
    overall: str = row.status.overall if isinstance(row, sales.Line) else row.overall
    return overall


VBUK = Table(
    header_status,
    {
        "VBELN": lambda x: x.document.number,
        "RFSTK": _of(sales.Header, "reference"),
        "RFGSK": _of(sales.Header, "reference"),
        "LFSTK": _of(sales.Header, "delivery"),
        "LFGSK": _of(sales.Header, "delivery"),
        "WBSTK": _of(deliveries.Header, "goods_movement"),
        "FKSTK": _of(deliveries.Header, "billing"),
        "FKSAK": _of(sales.Header, "order_billing"),
        "BUCHK": lambda x: x.transfer if isinstance(x, billing.Header) else "",
        "ABSTK": _of(sales.Header, "rejection"),
        "GBSTK": _overall,
        "KOSTK": _of(deliveries.Header, "picking"),
        "UVALL": _of(sales.Header, "incompletion"),
        "CMGST": _of(sales.Header, "credit"),
        "VBTYP": lambda x: x.document.category,
        "AEDAT": _changed,
    },
)

VBUP = Table(
    item_status,
    {
        "VBELN": lambda x: x.document.number,
        "POSNR": lambda x: x.item.item_number,
        "RFSTA": _of(sales.Line, "reference"),
        "RFGSA": _of(sales.Line, "reference"),
        "LFSTA": _of(sales.Line, "delivery"),
        "LFGSA": _of(sales.Line, "delivery"),
        "WBSTA": _of(deliveries.Line, "goods_movement"),
        "FKSTA": _of(deliveries.Line, "billing"),
        "FKSAA": _of(sales.Line, "order_billing"),
        "ABSTA": _of(sales.Line, "rejection"),
        "GBSTA": _overall_of_item,
        "KOSTA": _of(deliveries.Line, "picking"),
    },
)

TABLES = {"VBFA": VBFA, "VBUK": VBUK, "VBUP": VBUP}
