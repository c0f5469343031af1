"""Deliveries over OData: created from orders, picked, issued, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.odata.entities.settings import EntitySettings
from tests.simulator.odata.entities.support import Json, RefusedError, Service, item, order

HEADER = "A_OutbDeliveryHeader"
DELIVERY = "A_OutbDeliveryHeader('80000001')"
KEY = {"DeliveryDocument": "'80000001'"}


def reference(item_number: str = "000010", quantity: str = "", **more: Any) -> Json:
    """Return an item to deliver."""
    row = {"ReferenceSDDocument": "1", "ReferenceSDDocumentItem": item_number, **more}
    return row | ({"ActualDeliveryQuantity": quantity} if quantity else {})


@pytest.fixture(autouse=True)
def _an_order(orders: Service) -> None:
    orders.post("A_SalesOrder", order(item("TG11", "4"), item("TG12", "2")))


@pytest.fixture
def delivered(deliveries: Service) -> Json:
    """Both items of the order, delivered completely."""
    return deliveries.post(HEADER, {"to_DeliveryDocumentItem": [reference(), reference("000020")]})


def test_an_order_is_delivered_by_reference_to_its_items(
    deliveries: Service, orders: Service, delivered: Json
) -> None:
    assert (delivered["DeliveryDocument"], delivered["DeliveryDocumentType"]) == (
        "80000001", "LF",
    )  # fmt: skip
    assert [each["DeliveryDocumentItem"] for each in delivered["to_DeliveryDocumentItem"]] == [
        "000010", "000020",
    ]  # fmt: skip
    first = delivered["to_DeliveryDocumentItem"][0]
    assert (first["ReferenceSDDocument"], first["ReferenceSDDocumentItem"]) == ("1", "000010")
    assert (first["ActualDeliveryQuantity"], first["DeliveryQuantityUnit"]) == ("4", "PC")
    assert (delivered["ShippingPoint"], delivered["ShipToParty"]) == ("1010", "10100001")
    assert (delivered["OverallGoodsMovementStatus"], delivered["DeliveryVersion"]) == ("A", "0001")
    assert orders.get("A_SalesOrder('1')")["OverallDeliveryStatus"] == "C"


def test_part_of_an_item_is_delivered_and_the_rest_later(
    deliveries: Service, orders: Service
) -> None:
    deliveries.post(HEADER, {"to_DeliveryDocumentItem": [reference(quantity="1")]})
    assert orders.get("A_SalesOrder('1')")["OverallDeliveryStatus"] == "B"
    deliveries.post(HEADER, {"to_DeliveryDocumentItem": [reference(), reference("000020")]})

    found = deliveries.all("A_OutbDeliveryItem", filter="ReferenceSDDocument eq '1'")

    assert [(each["DeliveryDocument"], each["ActualDeliveryQuantity"]) for each in found] == [
        ("80000001", "1"),
        ("80000002", "3"),
        ("80000002", "2"),
    ]


def test_more_than_the_order_is_refused(deliveries: Service) -> None:
    with pytest.raises(RefusedError) as refused:
        deliveries.post(HEADER, {"to_DeliveryDocumentItem": [reference(quantity="5")]})

    assert refused.value.code == "VL/363"


def test_an_unknown_or_finished_order_is_refused(deliveries: Service, delivered: Json) -> None:
    codes = []
    for body in (
        {"ReferenceSDDocument": "4711"},
        {"ReferenceSDDocument": "1"},
    ):
        with pytest.raises(RefusedError) as refused:
            deliveries.post(HEADER, {"to_DeliveryDocumentItem": [body]})
        codes.append(refused.value.code)

    assert codes == ["VL/002", "VL/455"]


def test_a_delivery_without_items_is_refused(deliveries: Service) -> None:
    with pytest.raises(RefusedError, match="items"):
        deliveries.post(HEADER, {"ShippingPoint": "1010"})


def test_it_is_picked_issued_and_taken_back(
    deliveries: Service, delivered: Json, erp: SimulatedErp
) -> None:
    picked = deliveries.call("PickAllItems", **KEY)
    assert [each["SystemMessageType"] for each in picked] == ["S"]
    assert deliveries.get(DELIVERY)["OverallPickingStatus"] == "C"

    issued = deliveries.call("PostGoodsIssue", **KEY)

    assert (issued[0]["SystemMessageIdentification"], issued[0]["SystemMessageNumber"]) == (
        "VL", "311",
    )  # fmt: skip
    found = deliveries.get(DELIVERY)
    assert (found["OverallGoodsMovementStatus"], found["ActualGoodsMovementDate"]) == (
        "C", date(2026, 1, 5),
    )  # fmt: skip
    assert found["DeliveryVersion"] == "0003"
    stock = erp.stock("1010", "TG11")
    assert stock is not None
    assert stock.unrestricted == 9996
    flow = deliveries.all(
        "A_OutbDeliveryItem(DeliveryDocument='80000001',DeliveryDocumentItem='000010')"
        "/to_DocumentFlow"
    )
    assert [(each["SubsequentDocumentCategory"], each["QuantityInBaseUnit"]) for each in flow] == [
        ("R", "4")
    ]

    deliveries.call(
        "ReverseGoodsIssue", **KEY, ActualGoodsMovementDate="datetime'2026-01-05T00:00:00'"
    )

    found = deliveries.get(DELIVERY)
    assert (found["OverallGoodsMovementStatus"], found["ActualGoodsMovementDate"]) == ("A", None)


def test_goods_issue_needs_picking_where_the_system_is_set_so(
    serve: Callable[..., Service], delivered: Json
) -> None:
    strict = serve("API_OUTBOUND_DELIVERY_SRV")
    with pytest.raises(RefusedError, match="not completely picked"):
        strict.call("PostGoodsIssue", **KEY)

    lenient = EntitySettings(goods_issue_needs_picking=False)
    serve("API_OUTBOUND_DELIVERY_SRV", entities=lenient).call("PostGoodsIssue", **KEY)

    assert strict.get(DELIVERY)["OverallGoodsMovementStatus"] == "C"


def test_goods_issue_is_not_posted_twice(deliveries: Service, delivered: Json) -> None:
    deliveries.call("PickAllItems", **KEY)
    deliveries.call("PostGoodsIssue", **KEY)

    with pytest.raises(RefusedError) as refused:
        deliveries.call("PostGoodsIssue", **KEY)

    assert refused.value.code == "VL/602"


def test_items_are_picked_one_by_one_and_in_parts(deliveries: Service, delivered: Json) -> None:
    first = {**KEY, "DeliveryDocumentItem": "'000010'"}
    report = deliveries.call(
        "PickOneItemWithSalesQuantity",
        **first,
        ActualDeliveryQuantity="3M",
        DeliveryQuantityUnit="'PC'",
    )[0]
    assert (report["DeliveryDocumentItem"], report["ActualDeliveryQuantity"]) == ("000010", "3")
    assert _picking(deliveries) == ["B", "A"]
    deliveries.call(
        "SetPickingQuantityWithBaseQuantity",
        **first,
        ActualDeliveredQtyInBaseUnit="4M",
        BaseUnit="'PC'",
    )
    assert _picking(deliveries) == ["C", "A"]

    deliveries.call("ConfirmPickingOneItem", **KEY, DeliveryDocumentItem="'000020'")

    assert _picking(deliveries) == ["C", "C"]


def test_more_than_the_delivery_cannot_be_picked(deliveries: Service, delivered: Json) -> None:
    with pytest.raises(RefusedError):
        deliveries.call(
            "PickOneItemWithBaseQuantity",
            **KEY,
            DeliveryDocumentItem="'000010'",
            ActualDeliveredQtyInBaseUnit="5M",
            BaseUnit="'PC'",
        )


def test_functions_for_batches_and_serial_numbers_are_not_implemented(
    deliveries: Service, delivered: Json
) -> None:
    with pytest.raises(RefusedError) as refused:
        deliveries.call(
            "AddSerialNumberToDeliveryItem",
            **KEY,
            DeliveryDocumentItem="'000010'",
            SerialNumber="'1'",
        )

    assert refused.value.status == 501


def test_header_and_items_change_before_goods_issue(
    deliveries: Service, orders: Service, delivered: Json
) -> None:
    deliveries.patch(DELIVERY, {"BillOfLading": "BL-7"})
    deliveries.patch(
        "A_OutbDeliveryItem(DeliveryDocument='80000001',DeliveryDocumentItem='000010')",
        {"ActualDeliveryQuantity": "1"},
    )
    deliveries.delete(
        "A_OutbDeliveryItem(DeliveryDocument='80000001',DeliveryDocumentItem='000020')"
    )

    found = deliveries.get(DELIVERY, expand="to_DeliveryDocumentItem")
    assert (found["BillOfLading"], found["DeliveryVersion"]) == ("BL-7", "0004")
    assert [each["ActualDeliveryQuantity"] for each in found["to_DeliveryDocumentItem"]] == ["1"]
    status = [each["DeliveryStatus"] for each in orders.all("A_SalesOrder('1')/to_Item")]
    assert status == ["B", "A"]


def test_a_deleted_delivery_opens_its_order_again(
    deliveries: Service, orders: Service, delivered: Json
) -> None:
    deliveries.delete(DELIVERY)

    assert deliveries.all(HEADER) == []
    assert orders.get("A_SalesOrder('1')")["OverallDeliveryStatus"] == "A"


def test_partners_lead_to_their_addresses(deliveries: Service, delivered: Json) -> None:
    partners = deliveries.all(f"{DELIVERY}/to_DeliveryDocumentPartner")
    assert sorted(each["PartnerFunction"] for each in partners) == ["BP", "PY", "SH", "SP"]

    key = "PartnerFunction='SH',SDDocument='80000001'"
    address = deliveries.get(f"A_OutbDeliveryPartner({key})/to_Address")

    assert (address["AddressID"], address["CityName"]) == ("10100001", "Frankfurt")


def _picking(deliveries: Service) -> list[str]:
    items = deliveries.all(f"{DELIVERY}/to_DeliveryDocumentItem")
    return [each["PickingStatus"] for each in items]
