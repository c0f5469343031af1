"""Changing sales documents over OData: only what differs is a change, and it is priced again."""

from __future__ import annotations

from datetime import date

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import BillingRef, DeliveryRef
from tests.simulator.odata.entities.support import RefusedError, Service, day, item, order

ORDER = "A_SalesOrder('1')"
ITEM = "A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')"


@pytest.fixture(autouse=True)
def _an_order(orders: Service) -> None:
    orders.post("A_SalesOrder", order(item("TG11", "4"), item("TG12", "1")))


def test_header_fields_change_and_the_others_stay(orders: Service) -> None:
    before = orders.get(ORDER)

    orders.patch(
        ORDER,
        {
            "PurchaseOrderByCustomer": "PO-2",
            "DeliveryBlockReason": "01",
            "ShippingCondition": "02",
            "CompleteDeliveryIsDefined": True,
            "PricingDate": day(date(2026, 1, 7)),
        },
    )

    after = orders.get(ORDER)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {
        "PurchaseOrderByCustomer", "DeliveryBlockReason", "ShippingCondition",
        "CompleteDeliveryIsDefined", "PricingDate", "LastChangeDate",
    }  # fmt: skip
    assert orders.all("A_SalesOrder", filter="PurchaseOrderByCustomer eq 'PO-2'")


def test_two_changes_at_the_same_moment_give_two_versions(
    orders: Service, erp: SimulatedErp
) -> None:
    stamps = [erp.last_change("sales", "0000000001")]
    for reason in ("101", "102"):
        orders.patch(ORDER, {"SDDocumentReason": reason})
        stamps.append(erp.last_change("sales", "0000000001"))

    assert len(set(stamps)) == 3


def test_sending_what_is_there_already_changes_nothing(orders: Service, erp: SimulatedErp) -> None:
    before = erp.last_change("sales", "0000000001")

    orders.patch(ITEM, {"RequestedQuantity": "4", "RequestedQuantityUnit": "PC", "Batch": ""})

    assert erp.last_change("sales", "0000000001") == before


def test_a_quantity_is_changed_and_priced_again(orders: Service) -> None:
    orders.patch(ITEM, {"RequestedQuantity": "10"})

    assert orders.get(ITEM)["NetAmount"] == "175.50"
    assert orders.get(ORDER)["TotalNetAmount"] == "196.90"


def test_a_quantity_below_what_is_delivered_is_refused(orders: Service, erp: SimulatedErp) -> None:
    with erp.session("x") as session:
        session.create_deliveries([DeliveryRef("1")])
        session.commit()

    with pytest.raises(RefusedError) as refused:
        orders.patch(ITEM, {"RequestedQuantity": "3"})

    assert refused.value.status == 400
    assert "delivered" in refused.value.text
    assert orders.get(ITEM)["RequestedQuantity"] == "4"


def test_an_item_is_rejected_and_the_order_says_so(orders: Service) -> None:
    orders.patch(ITEM, {"SalesDocumentRjcnReason": "01"})

    assert orders.get(ITEM)["SDProcessStatus"] == "C"
    assert orders.get(ORDER)["OverallSDDocumentRejectionSts"] == "B"


def test_an_item_is_added_with_its_price_and_deleted_again(orders: Service) -> None:
    added = orders.post(
        f"{ORDER}/to_Item",
        item(
            "TG12",
            "2",
            to_PricingElement=[
                {"ConditionType": "PMP0", "ConditionRateValue": "5.00",
                 "ConditionCurrency": "EUR"}
            ],
        ),
    )  # fmt: skip

    assert (added["SalesOrderItem"], added["NetAmount"]) == ("30", "10.00")
    orders.delete("A_SalesOrderItem(SalesOrder='1',SalesOrderItem='30')")
    assert [each["SalesOrderItem"] for each in orders.all(f"{ORDER}/to_Item")] == ["10", "20"]


def test_an_item_without_a_number_takes_the_next(orders: Service) -> None:
    assert orders.post(f"{ORDER}/to_Item", item("TG12", "2"))["SalesOrderItem"] == "30"


def test_a_partner_gets_another_customer_and_an_address_of_its_own(orders: Service) -> None:
    key = "SalesOrder='1',PartnerFunction='SH'"
    orders.patch(f"A_SalesOrderHeaderPartner({key})", {"Customer": "10100002"})
    orders.patch(
        f"A_SalesOrderPartnerAddress({key},AddressRepresentationCode='')",
        {"StreetName": "Beach walk", "HouseNumber": "3"},
    )

    address = orders.all(f"A_SalesOrderHeaderPartner({key})/to_Address")[0]
    assert (address["StreetName"], address["CityName"]) == ("Beach walk 3", "Walldorf")
    found = orders.get(f"A_SalesOrderHeaderPartner({key})")
    assert (found["Customer"], found["AddressID"][0]) == ("10100002", "9")


def test_a_price_is_overwritten_by_hand_and_taken_back(orders: Service) -> None:
    key = "SalesOrder='1',SalesOrderItem='10',PricingProcedureStep='10',PricingProcedureCounter='1'"
    price = f"A_SalesOrderItemPrElement({key})"
    orders.patch(price, {"ConditionRateValue": "20.00"})
    assert orders.get(ITEM)["NetAmount"] == "80.00"

    orders.delete(price)

    assert orders.get(ITEM)["NetAmount"] == "70.20"
    with pytest.raises(RefusedError, match="by hand"):
        orders.delete(price)


def test_a_header_discount_is_added_for_all_items(orders: Service) -> None:
    created = orders.post(
        f"{ORDER}/to_PricingElement", {"ConditionType": "DRN1", "ConditionRateValue": "50"}
    )

    assert created["ConditionAmount"] == "-45.80"
    assert orders.get(ORDER)["TotalNetAmount"] == "45.80"


def test_texts_are_written_replaced_and_deleted(orders: Service) -> None:
    orders.post(f"{ORDER}/to_Text", {"Language": "EN", "LongTextID": "0001", "LongText": "a"})
    text = "A_SalesOrderText(SalesOrder='1',Language='EN',LongTextID='0001')"
    orders.patch(text, {"LongText": "b\nc"})
    assert orders.get(text)["LongText"] == "b\nc"

    orders.delete(text)

    assert orders.all(f"{ORDER}/to_Text") == []


def test_schedule_lines_are_split_moved_and_removed(orders: Service) -> None:
    lines = f"{ITEM}/to_ScheduleLine"
    base = "A_SalesOrderScheduleLine(SalesOrder='1',SalesOrderItem='10',ScheduleLine="
    orders.patch(f"{base}'1')", {"ScheduleLineOrderQuantity": "3"})
    orders.post(
        lines,
        {
            "ScheduleLineOrderQuantity": "2",
            "RequestedDeliveryDate": day(date(2026, 2, 2)),
        },
    )

    assert [
        (each["ScheduleLineOrderQuantity"], each["RequestedDeliveryDate"])
        for each in orders.all(lines)
    ] == [("3", date(2026, 1, 5)), ("2", date(2026, 2, 2))]
    assert orders.get(ITEM)["RequestedQuantity"] == "5"
    orders.delete(f"{base}'2')")
    assert orders.get(ITEM)["RequestedQuantity"] == "3"


def test_what_this_system_cannot_change_is_refused_by_name(orders: Service) -> None:
    with pytest.raises(RefusedError, match="SalesDistrict"):
        orders.patch(ORDER, {"SalesDistrict": "000001"})


def test_an_order_is_deleted_only_while_nothing_follows(orders: Service, erp: SimulatedErp) -> None:
    orders.post("A_SalesOrder", order(PurchaseOrderByCustomer="PO-9"))
    with erp.session("x") as session:
        session.create_deliveries([DeliveryRef("1")])
        session.commit()

    orders.delete("A_SalesOrder('2')")
    with pytest.raises(RefusedError):
        orders.delete(ORDER)

    assert [each["SalesOrder"] for each in orders.all("A_SalesOrder")] == ["1"]
    assert orders.all("A_SalesOrder", filter="PurchaseOrderByCustomer eq 'PO-9'") == []


def test_a_change_of_nothing_known_names_the_document(orders: Service) -> None:
    with pytest.raises(RefusedError) as refused:
        orders.patch("A_SalesOrder('77')", {"PurchaseOrderByCustomer": "x"})

    assert refused.value.status == 404


def test_milestones_are_posted_moved_and_billed_one_by_one(
    orders: Service, erp: SimulatedErp
) -> None:
    plan = [
        {"BillingPlanBillingDate": day(date(2026, month, 1)), "BillingPlanAmountPercent": percent}
        for month, percent in ((2, "30"), (3, "70"))
    ]
    milestone = item(
        "TG11",
        "10",
        SalesOrderItemCategory="TAO",
        to_BillingPlan={"to_BillingPlanItem": plan},
    )
    orders.post("A_SalesOrder", order(milestone))
    place = "A_SalesOrderItem(SalesOrder='2',SalesOrderItem='10')/to_BillingPlan"
    dates = orders.all(f"{place}/to_BillingPlanItem")
    assert [(each["BillingPlanItem"], each["BillingPlanAmount"]) for each in dates] == [
        ("1", "52.65"),
        ("2", "122.85"),
    ]
    key = (
        f"SalesOrder='2',SalesOrderItem='10',BillingPlan='{dates[0]['BillingPlan']}'"
        ",BillingPlanItem="
    )

    orders.patch(
        f"A_SlsOrderItemBillingPlanItem({key}'2')",
        {"BillingPlanBillingDate": day(date(2026, 4, 1)), "BillingBlockReason": "02"},
    )
    with erp.session("x") as session:
        session.create_billing_documents([BillingRef("2", 10, billing_plan_date=1)])
        session.commit()

    shown = [
        (
            each["BillingPlanBillingDate"],
            each["BillingBlockReason"],
            each["BillingPlanRelatedBillgStatus"],
        )
        for each in orders.all(f"{place}/to_BillingPlanItem")
    ]
    assert shown == [(date(2026, 2, 1), "", "C"), (date(2026, 4, 1), "02", "A")]
    with pytest.raises(RefusedError):
        orders.delete(f"A_SlsOrderItemBillingPlanItem({key}'1')")
