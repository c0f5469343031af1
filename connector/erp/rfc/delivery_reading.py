"""Read deliveries from their tables; in ECC their status from VBUP as well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from connector.erp.rfc.read_table import ReadTable, TableRow, any_of, number
from connector.erp.rfc.tables import LIKP, LIPS, VBUP
from connector.erp.rfc.wire import CATEGORIES, day, external_material, status
from connector.sd_documents.delivery import Delivery, DeliveryItem
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory, ItemReference, Quantity

#: What a delivery delivers: its items name document and item, but not the category.
_PRECEDING: Final = {
    DocumentCategory.DELIVERY: DocumentCategory.SALES_ORDER,
    DocumentCategory.RETURNS_DELIVERY: DocumentCategory.RETURNS_ORDER,
}


@dataclass(frozen=True, slots=True)
class FoundDeliveries:
    """
    Deliveries, with the factor by which a sales unit of each item counts in its base unit.

    The document flow keeps quantities in base units.
    """

    deliveries: tuple[Delivery, ...]
    base_factors: Mapping[tuple[str, str], Decimal]


def read_deliveries(tables: ReadTable, numbers: Sequence[str], is_s4: bool) -> FoundDeliveries:
    """Read headers and items; in ECC their status from VBUP as well."""
    wanted = any_of("VBELN", numbers)
    headers = tables.rows(LIKP, LIKP.fields, wanted)
    items: dict[str, list[TableRow]] = defaultdict(list)
    factors: dict[tuple[str, str], Decimal] = {}
    fields = LIPS.fields if is_s4 else LIPS.fields[:-3]
    for row in tables.rows(LIPS, fields, wanted):
        items[row["VBELN"]].append(row)
        factors[row["VBELN"], row["POSNR"]] = base_factor(row)
    states: dict[tuple[str, str], TableRow]
    status_rows: Iterable[TableRow]
    if is_s4:
        status_rows = (row for rows in items.values() for row in rows)
    else:
        status_rows = tables.rows(VBUP, VBUP.fields, wanted)
    states = {(row["VBELN"], row["POSNR"]): row for row in status_rows}
    deliveries = tuple(
        _delivery(header, items[header["VBELN"]], states)
        for header in sorted(headers, key=lambda row: row["VBELN"])
        if CATEGORIES.get(header["VBTYP"]) in _PRECEDING
    )
    return FoundDeliveries(deliveries, factors)


def base_factor(row: TableRow) -> Decimal:
    """Return how many base units one sales unit of an item is (UMVKZ / UMVKN)."""
    numerator, denominator = number(row["UMVKZ"]), number(row["UMVKN"])
    return numerator / denominator if numerator and denominator else Decimal(1)


def _delivery(
    header: TableRow, items: Iterable[TableRow], states: Mapping[tuple[str, str], TableRow]
) -> Delivery:
    created = day(header["BLDAT"]) or day(header["ERDAT"])
    assert created is not None
    kind = CATEGORIES[header["VBTYP"]]
    return Delivery(
        number=header["VBELN"],
        category=kind,
        ship_to_party=header["KUNNR"],
        shipping_point=header["VSTEL"],
        document_date=created,
        planned_goods_issue_date=day(header["WADAT"]),
        actual_goods_issue_date=day(header["WADAT_IST"]),
        items=tuple(
            _item(row, states[row["VBELN"], row["POSNR"]], _PRECEDING[kind])
            for row in sorted(items, key=lambda each: each["POSNR"])
        ),
    )


def _item(row: TableRow, state: TableRow, preceding: DocumentCategory) -> DeliveryItem:
    unit, delivered = row["VRKME"], number(row["LFIMG"])
    picking = status(state["KOSTA"])
    return DeliveryItem(
        item_number=int(row["POSNR"]),
        material=external_material(row["MATNR"]),
        delivery_quantity=Quantity(value=delivered, unit=unit),
        # The table has no picked quantity: what is being picked counts when it is picked.
        picked_quantity=Quantity(
            value=delivered if picking is Status.COMPLETELY else Decimal(0), unit=unit
        ),
        preceding=ItemReference(
            category=preceding,
            document=row["VGBEL"],
            item_number=int(row["VGPOS"]),
        ),
        picking_status=picking,
        goods_movement_status=status(state["WBSTA"]),
        billing_status=status(state["FKSTA"]),
        over_delivery_percent=number(row["UEBTO"]),
        unlimited_over_delivery=bool(row["UEBTK"]),
    )
