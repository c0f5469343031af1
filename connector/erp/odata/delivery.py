"""
Deliveries over OData: the port's `Deliveries`.

A delivery is created with all its items in one request. Picking and the goods movements are
function imports; each takes the ETag of the delivery, whose version grows with every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from connector.clock import Clock
from connector.erp.messages import MessageTable
from connector.erp.odata import delivery_reading as reading
from connector.erp.odata.answers import after_posting, understood
from connector.erp.odata.filters import any_of, chunks
from connector.erp.odata.function_results import require_accepted
from connector.erp.odata.names import Names, shown_number, stored_number
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.release import Services
from connector.erp.odata.row import Row
from connector.erp.odata.service import ODataService, Query
from connector.erp.odata.shown_values import status_of
from connector.erp.odata.values import json_date, json_decimal, key
from connector.erp.odata.write import Write
from connector.errors import OutcomeUnknownError, RejectedError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.delivery import Delivery, DeliveryRequest
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, display_number, pad_number

PICK: Final = "PickAllItems"
ISSUE: Final = "PostGoodsIssue"
REVERSE: Final = "ReverseGoodsIssue"

_STATE: Final = (
    "DeliveryDocument,DeliveryVersion,OverallPickingStatus,OverallGoodsMovementStatus,"
    "ActualGoodsMovementDate"
)


@dataclass(frozen=True, slots=True)
class ODataDeliveries:
    """Creates and reads outbound deliveries, and moves their goods."""

    services: Services
    options: ODataOptions
    names: Names
    table: MessageTable
    clock: Clock

    @property
    def _service(self) -> ODataService:
        return self.services.service(reading.SERVICE, reading.VERSION)

    def create(self, request: DeliveryRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        """
        Post deliveries for *request*; the ERP may split it into several.

        The answer names one of them; the others are found by what they deliver.
        """
        _require_outbound(request.category)
        service = self._service
        orders = sorted({item.preceding.document for item in request.items})
        write = Write(observer, f"delivery of {' '.join(map(display_number, orders))}")
        created = service.create(reading.HEADER_SET, _create_body(request, self.names), write)
        with after_posting(f"the delivery of {', '.join(map(display_number, orders))}"):
            first = stored_number(created.text("DeliveryDocument"))
            observer.created_uncommitted((first,))
            return self._created_together(service, first, request)

    def post_goods_issue(
        self, delivery: Delivery, actual_date: date, observer: SubmissionObserver
    ) -> None:
        """
        Pick *delivery* in full and post its goods issue (or receipt).

        One that is posted already is found so and counts as done.
        """
        _require_outbound(delivery.category)
        service, number = self._service, pad_number(delivery.number)
        observer.created_uncommitted((number,))
        state = self._state(service, number)
        if _is_moved(state):
            return
        write = Write(observer, f"goods issue of {display_number(number)}")
        if not self._moves_on(state, actual_date):
            body = {"ActualGoodsMovementDate": json_date(actual_date)}
            service.change(key(reading.HEADER_SET, shown_number(number)), body, write, state.etag)
            state = self._state(service, number)
        if status_of(state.text("OverallPickingStatus")) in (Status.NOT_YET, Status.PARTIALLY):
            self._invoke(service, PICK, {"DeliveryDocument": shown_number(number)}, write, state)
            state = self._state(service, number)
        self._invoke(service, ISSUE, {"DeliveryDocument": shown_number(number)}, write, state)
        name = display_number(number)
        with after_posting(f"the goods movement of delivery {name}"):
            if not _is_moved(self._state(service, number)):
                raise OutcomeUnknownError(
                    f"the goods movement of delivery {name} was reported as posted, and the "
                    "delivery shows none"
                )

    def reverse_goods_issue(
        self, delivery: Delivery, posting_date: date, observer: SubmissionObserver
    ) -> None:
        """Take back the goods issue of *delivery*, and read back that it is open again."""
        _require_outbound(delivery.category)
        service, number = self._service, pad_number(delivery.number)
        observer.created_uncommitted((number,))
        state = self._state(service, number)
        write = Write(observer, f"goods issue reversal of {display_number(number)}")
        parameters: dict[str, str | date] = {
            "DeliveryDocument": shown_number(number),
            "ActualGoodsMovementDate": posting_date,
        }
        self._invoke(service, REVERSE, parameters, write, state)
        name = display_number(number)
        with after_posting(f"the goods issue reversal of delivery {name}"):
            if _is_moved(self._state(service, number)):
                raise OutcomeUnknownError(
                    f"the goods movement of delivery {name} was reported as taken back, and the "
                    "delivery still shows it"
                )

    def read(self, numbers: Sequence[str]) -> tuple[Delivery, ...]:
        """Read deliveries; those that do not exist are left out."""
        padded = (pad_number(number) for number in numbers)
        found = reading.read_deliveries(self._service, self.options, self.names, padded)
        return tuple(each.delivery for each in found)

    def _invoke(
        self,
        service: ODataService,
        function: str,
        parameters: dict[str, Any],
        write: Write,
        state: Row,
    ) -> None:
        answer = service.invoke(function, parameters, write, state.etag)
        rows = answer.rows("results") if "results" in answer else (answer,)
        require_accepted(rows, self.table, function)

    def _state(self, service: ODataService, number: str) -> Row:
        found = service.entity(
            Query(key(reading.HEADER_SET, shown_number(number)), {"$select": _STATE})
        )
        if found is None:
            raise RejectedError(f"delivery {display_number(number)} does not exist")
        return found

    def _moves_on(self, state: Row, actual_date: date) -> bool:
        """Whether the ERP posts on *actual_date* by itself: a date that is set, else today."""
        with understood():
            planned = state.date("ActualGoodsMovementDate")
        return (planned or self.clock.today(self.options.time_zone)) == actual_date

    def _created_together(
        self, service: ODataService, first: str, request: DeliveryRequest
    ) -> tuple[str, ...]:
        """
        Return all deliveries of one creation, *first* among them.

        Raises OutcomeUnknownError unless they are there and deliver what was requested.
        """
        wanted = {_reference(item.preceding) for item in request.items}
        found = reading.read_deliveries(service, self.options, self.names, [first])
        if not found:
            raise OutcomeUnknownError(
                f"delivery {display_number(first)} was reported as saved and cannot be read"
            )
        delivered = {_reference(item.preceding) for item in found[0].delivery.items}
        if not delivered <= wanted:
            raise OutcomeUnknownError(
                f"delivery {display_number(first)} delivers other items than requested"
            )
        numbers = {first}
        if missing := wanted - delivered:
            numbers |= self._others(service, first, missing)
        return tuple(sorted(numbers))

    def _others(self, service: ODataService, first: str, missing: set[tuple[str, int]]) -> set[str]:
        """
        Return the deliveries of *missing* items that were made with *first*.

        They have its moment of creation and later numbers; an older delivery of the same item, even
        one of the same second, has an earlier number.
        """
        made = service.entity(
            Query(
                key(reading.HEADER_SET, shown_number(first)),
                {"$select": "DeliveryDocument,CreationDate,CreationTime"},
            )
        )
        assert made is not None
        moment = (made.date("CreationDate"), made.time("CreationTime"))
        fields = (
            "DeliveryDocument,ReferenceSDDocument,ReferenceSDDocumentItem,CreationDate,CreationTime"
        )
        queries = [
            Query(
                reading.ITEM_SET,
                {"$filter": any_of("ReferenceSDDocument", part), "$select": fields},
            )
            for part in chunks(
                (shown_number(document) for document, _ in sorted(missing)),
                self.options.documents_per_query,
            )
        ]
        return {
            number
            for rows in service.batch(queries)
            for row in rows
            if (number := stored_number(row.text("DeliveryDocument"))) > first
            and (row.date("CreationDate"), row.time("CreationTime")) == moment
            and (
                stored_number(row.text("ReferenceSDDocument")),
                int(row.text("ReferenceSDDocumentItem")),
            )
            in missing
        }


def _require_outbound(category: C) -> None:
    """Returns deliveries have another service, which the connector does not use."""
    if category is not C.DELIVERY:
        raise RejectedError(
            f"{reading.SERVICE} has outbound deliveries only; the ERP or another transport has to "
            "see to the returns delivery",
            code="NOT_OFFERED_BY_SERVICE",
        )


def _create_body(request: DeliveryRequest, names: Names) -> dict[str, Any]:
    body: dict[str, Any] = {
        reading.ITEMS: [
            {
                "ReferenceSDDocument": shown_number(item.preceding.document),
                "ReferenceSDDocumentItem": str(item.preceding.item_number),
                "ActualDeliveryQuantity": json_decimal(item.quantity.value),
                "DeliveryQuantityUnit": names.shown_unit(item.quantity.unit),
            }
            for item in request.items
        ]
    }
    if request.shipping_point:
        body["ShippingPoint"] = request.shipping_point
    return body


def _reference(item: ItemReference) -> tuple[str, int]:
    return (pad_number(item.document), item.item_number)


def _is_moved(state: Row) -> bool:
    with understood():
        return status_of(state.text("OverallGoodsMovementStatus")) is Status.COMPLETELY
