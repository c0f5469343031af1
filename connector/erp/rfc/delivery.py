"""Deliveries over RFC: the port's `Deliveries`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.posting import Poster, Posting
from connector.erp.rfc.read_table import ReadTable, TableRow, any_of, equals, number
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.release import Release
from connector.erp.rfc.session import Session
from connector.erp.rfc.tables import LIKP, LIPS, VBUP
from connector.erp.rfc.wire import CATEGORIES, dats, day, external_material, numc, status
from connector.errors import OutcomeUnknownError, RejectedError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.delivery import Delivery, DeliveryItem, DeliveryRequest
from connector.sd_documents.status import Status
from connector.sd_documents.values import (
    DocumentCategory,
    ItemReference,
    Quantity,
    display_number,
    pad_number,
)

CREATE: Final = "BAPI_OUTB_DELIVERY_CREATE_SLS"
CONFIRM: Final = "BAPI_OUTB_DELIVERY_CONFIRM_DEC"

#: Time type of the actual goods movement in the delivery's deadlines.
_ACTUAL_MOVEMENT: Final = "WSHDRWADTI"
#: Noon in UTC is the same date in nearly every time zone.
_NOON: Final = "120000"

#: What a delivery delivers: its items name document and item, but not the category.
_PRECEDING: Final = {
    DocumentCategory.DELIVERY: DocumentCategory.SALES_ORDER,
    DocumentCategory.RETURNS_DELIVERY: DocumentCategory.RETURNS_ORDER,
}


@dataclass(frozen=True, slots=True)
class RfcDeliveries:
    """Creates, confirms and reads outbound and returns deliveries."""

    poster: Poster
    reads: Reads
    options: RfcOptions
    release: Release

    def create(self, request: DeliveryRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        """Post deliveries for *request*; the ERP may split it into several."""
        wanted = {
            (pad_number(item.preceding.document), numc(item.preceding.item_number))
            for item in request.items
        }

        def read_back(session: Session, numbers: tuple[str, ...]) -> None:
            rows = ReadTable(session, self.options).rows(
                LIPS, ("VBELN", "POSNR", "VGBEL", "VGPOS"), any_of("VBELN", numbers)
            )
            _require_there(numbers, rows)
            if not all((row["VGBEL"], row["VGPOS"]) in wanted for row in rows if row["VGBEL"]):
                names = ", ".join(display_number(each) for each in numbers)
                raise OutcomeUnknownError(f"delivery {names} delivers other items than requested")

        return self.poster.post(
            Posting(
                function=CREATE,
                parameters=_create_parameters(request),
                numbers=_created,
                read_back=read_back,
                item_numbers=[item.preceding.item_number for item in request.items],
            ),
            observer,
        )

    def post_goods_issue(
        self, delivery: Delivery, actual_date: date, observer: SubmissionObserver
    ) -> None:
        """
        Pick *delivery* in full and post its goods issue (or receipt).

        One that is posted already is found so and counts as done.
        """

        def read_back(session: Session, numbers: tuple[str, ...]) -> None:
            if not self._is_moved(session, numbers[0]):
                raise OutcomeUnknownError(
                    f"the goods movement of delivery {display_number(numbers[0])} was reported as "
                    "posted, and the delivery shows none"
                )

        posting = Posting(
            function=CONFIRM,
            parameters=_confirm_parameters(delivery.number, actual_date),
            numbers=lambda answer: (delivery.number,),
            read_back=read_back,
        )
        try:
            self.poster.post(posting, observer)
        except RejectedError as refusal:
            if refusal.code != "GOODS_ISSUE_POSTED":
                raise
            if not self.reads.run(lambda session: self._is_moved(session, delivery.number)):
                raise

    def read(self, numbers: Sequence[str]) -> tuple[Delivery, ...]:
        """Read deliveries; those that do not exist are left out."""
        padded = [pad_number(each) for each in numbers]
        is_s4 = self.release.is_s4
        return self.reads.run(
            lambda session: read_deliveries(ReadTable(session, self.options), padded, is_s4)
        ).deliveries

    def _is_moved(self, session: Session, delivery: str) -> bool:
        rows = ReadTable(session, self.options).rows(
            LIKP, ("VBELN", "WADAT_IST"), equals("VBELN", delivery)
        )
        return any(day(row["WADAT_IST"]) for row in rows)


def _create_parameters(request: DeliveryRequest) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "DUE_DATE": dats(request.due_date),
        "SALES_ORDER_ITEMS": [
            {
                "REF_DOC": pad_number(item.preceding.document),
                "REF_ITEM": numc(item.preceding.item_number),
                "DLV_QTY": item.quantity.value,
                "SALES_UNIT": item.quantity.unit,
            }
            for item in request.items
        ],
    }
    if request.shipping_point:
        parameters["SHIP_POINT"] = request.shipping_point
    return parameters


def _created(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Return all deliveries: DELIVERY names the first only, the tables name those of a split."""
    named = [
        answer["DELIVERY"],
        *(row["DELIV_NUMB"] for row in answer["DELIVERIES"]),
        *(row["DELIV_NUMB"] for row in answer["CREATED_ITEMS"]),
    ]
    return tuple(sorted({pad_number(each) for each in named if each}))


def _confirm_parameters(delivery: str, actual_date: date) -> dict[str, Any]:
    """Items that are not named are confirmed as they are: picked in full."""
    return {
        "DELIVERY": delivery,
        "HEADER_DATA": {"DELIV_NUMB": delivery},
        "HEADER_CONTROL": {"DELIV_NUMB": delivery, "POST_GI_FLG": "X", "GDSI_DATE_FLG": "X"},
        "TECHN_CONTROL": {"UPD_IND": "U"},
        "HEADER_DEADLINES": [
            {
                "DELIV_NUMB": delivery,
                "TIMETYPE": _ACTUAL_MOVEMENT,
                "TIMESTAMP_UTC": Decimal(dats(actual_date) + _NOON),
                "TIMEZONE": "UTC",
            }
        ],
    }


def _require_there(numbers: Sequence[str], rows: Iterable[TableRow]) -> None:
    missing = set(numbers) - {row["VBELN"] for row in rows}
    if missing:
        names = ", ".join(sorted(display_number(each) for each in missing))
        raise OutcomeUnknownError(f"document {names} was reported as saved and cannot be read")


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
    )
