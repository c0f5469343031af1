"""Deliveries over RFC: the port's `Deliveries`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from connector.erp.rfc.delivery_reading import read_deliveries
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.posting import Poster, Posting
from connector.erp.rfc.read_table import ReadTable, TableRow, any_of, equals
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.release import Release
from connector.erp.rfc.session import Session
from connector.erp.rfc.tables import LIKP, LIPS
from connector.erp.rfc.wire import dats, day, numc
from connector.errors import ConfigurationError, OutcomeUnknownError, RejectedError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.delivery import Delivery, DeliveryRequest
from connector.sd_documents.values import (
    display_number,
    pad_number,
)

CREATE: Final = "BAPI_OUTB_DELIVERY_CREATE_SLS"
CONFIRM: Final = "BAPI_OUTB_DELIVERY_CONFIRM_DEC"

#: Time type of the actual goods movement in the delivery's deadlines.
_ACTUAL_MOVEMENT: Final = "WSHDRWADTI"
#: Noon in UTC is the same date in nearly every time zone.
_NOON: Final = "120000"


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

    def reverse_goods_issue(
        self, delivery: Delivery, posting_date: date, observer: SubmissionObserver
    ) -> None:
        """
        Take back the goods issue of *delivery* with the function of the options.

        Raises also:
            ConfigurationError: the options name no function for it.
        """
        function = self.options.goods_issue_reversal_function
        if not function:
            raise ConfigurationError(
                f"delivery {display_number(delivery.number)}",
                "the goods issue cannot be taken back over RFC: WS_REVERSE_GOODS_ISSUE cannot be "
                "called from outside",
                "Install a remote-enabled function and name it in "
                "erp.transport.goods_issue_reversal_function, or post VL09 in the ERP",
            )

        def read_back(session: Session, numbers: tuple[str, ...]) -> None:
            if self._is_moved(session, numbers[0]):
                raise OutcomeUnknownError(
                    f"the goods movement of delivery {display_number(numbers[0])} was reported as "
                    "taken back, and the delivery still shows it"
                )

        self.poster.post(
            Posting(
                function=function,
                parameters={"DELIVERY": delivery.number, "PSTNG_DATE": dats(posting_date)},
                numbers=lambda answer: (delivery.number,),
                read_back=read_back,
            ),
            observer,
        )

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
