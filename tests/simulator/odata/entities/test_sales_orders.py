"""Sales orders over OData: what clients post, and what they read back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import DeliveryRef
from connector.simulator.odata.entities.settings import EntitySettings
from tests.simulator.odata.entities.support import (
    AREA,
    RefusedError,
    Service,
    day,
    item,
    order,
)


def test_the_sample_order_of_every_tutorial_is_created_with_items_and_amounts(
    orders: Service,
) -> None:
    created = orders.post(
        "A_SalesOrder",
        order(item("TG11", "1"), item("TG12", "2"), PurchaseOrderByCustomer="PO-4711"),
    )

    assert (created["SalesOrder"], created["SalesOrderType"]) == ("1", "OR")
    assert (created["TotalNetAmount"], created["TransactionCurrency"]) == ("60.35", "EUR")
    assert [each["SalesOrderItem"] for each in created["to_Item"]] == ["10", "20"]
    assert [each["NetAmount"] for each in created["to_Item"]] == ["17.55", "42.80"]
    assert [each["TaxAmount"] for each in created["to_Item"]] == ["3.33", "8.14"]
    first = created["to_Item"][0]
    assert (first["RequestedQuantity"], first["RequestedQuantityUnit"]) == ("1", "PC")
    assert (first["RequestedQuantitySAPUnit"], first["RequestedQuantityISOUnit"]) == ("ST", "PCE")
    assert (first["ProductionPlant"], first["ShippingPoint"]) == ("1010", "1010")
    assert (first["SalesOrderItemCategory"], first["HigherLevelItem"]) == ("TAN", "0")
    assert (created["OverallSDProcessStatus"], created["OverallTotalDeliveryStatus"]) == ("A", "A")


def test_everything_of_a_deep_insert_can_be_read_by_its_navigation(orders: Service) -> None:
    ship_to = {
        "PartnerFunction": "SH",
        "Customer": "10100002",
        "to_Address": [
            {"OrganizationName1": "Site office", "StreetName": "Dyke road", "HouseNumber": "7",
             "CityName": "Husum", "PostalCode": "25813", "Country": "DE"}
        ],
    }  # fmt: skip
    orders.post(
        "A_SalesOrder",
        order(
            item(
                "TG11",
                "4",
                to_PricingElement=[
                    {"ConditionType": "PMP0", "ConditionRateValue": "10.00",
                     "ConditionCurrency": "EUR", "ConditionQuantity": "1",
                     "ConditionQuantityUnit": "PC"}
                ],
                to_Text=[{"Language": "EN", "LongTextID": "0001", "LongText": "gift"}],
            ),
            to_Partner=[ship_to],
            to_PricingElement=[{"ConditionType": "DRN1", "ConditionRateValue": "10"}],
            to_Text=[{"Language": "EN", "LongTextID": "TX01", "LongText": "first\nsecond"}],
            RequestedDeliveryDate=day(date(2026, 1, 20)),
        ),
    )  # fmt: skip

    header = orders.get("A_SalesOrder('1')")
    assert header["TotalNetAmount"] == "36.00"
    assert header["RequestedDeliveryDate"] == date(2026, 1, 20)
    partners = orders.all("A_SalesOrder('1')/to_Partner")
    assert {each["PartnerFunction"]: each["Customer"] for each in partners} == {
        "SP": "10100001", "SH": "10100002", "BP": "10100001", "PY": "10100001",
    }  # fmt: skip
    key = "SalesOrder='1',PartnerFunction='SH'"
    address = orders.all(f"A_SalesOrderHeaderPartner({key})/to_Address")[0]
    assert (address["OrganizationName1"], address["StreetName"]) == ("Site office", "Dyke road 7")
    prices = orders.all("A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')/to_PricingElement")
    shown = {each["ConditionType"]: each for each in prices}
    assert list(shown) == ["PMP0", "DRN1", "PCIP", "TTX1"]
    assert (shown["PMP0"]["ConditionRateValue"], shown["PMP0"]["ConditionAmount"]) == (
        "10.000000000", "40.00",
    )  # fmt: skip
    assert shown["PMP0"]["ConditionIsManuallyChanged"] is True
    assert shown["TTX1"]["TaxCode"] == "A1"
    of_header = orders.all("A_SalesOrder('1')/to_PricingElement")
    assert [(each["ConditionType"], each["ConditionAmount"]) for each in of_header] == [
        ("DRN1", "-4.00")
    ]
    assert orders.all("A_SalesOrder('1')/to_Text")[0]["LongText"] == "first\nsecond"
    item_texts = "A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')/to_Text"
    assert [each["LongText"] for each in orders.all(item_texts)] == ["gift"]
    lines = orders.all("A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')/to_ScheduleLine")
    assert [(each["ScheduleLine"], each["ConfdOrderQtyByMatlAvailCheck"]) for each in lines] == [
        ("1", "4")
    ]


def test_header_items_and_prices_come_in_one_call_when_expanded(orders: Service) -> None:
    orders.post("A_SalesOrder", order())

    found = orders.get("A_SalesOrder('1')", expand="to_Partner,to_Item/to_PricingElement")

    assert len(found["to_Partner"]) == 4
    assert [each["ConditionType"] for each in found["to_Item"][0]["to_PricingElement"]] == [
        "PPR0", "PCIP", "TTX1",
    ]  # fmt: skip


def test_leading_zeros_of_a_key_do_not_matter(orders: Service) -> None:
    orders.post("A_SalesOrder", order())

    assert orders.get("A_SalesOrder('0000000001')")["SalesOrder"] == "1"
    key = "SalesOrder='0000000001',SalesOrderItem='000010'"
    assert orders.get(f"A_SalesOrderItem({key})")["SalesOrderItem"] == "10"


def test_a_german_logon_sees_the_internal_keys(orders: Service) -> None:
    orders.post("A_SalesOrder", order(SalesOrderType="TA"))

    found = orders.call("A_SalesOrder('1')/to_Partner", "GET", **{"sap-language": "DE"})

    assert sorted(each["PartnerFunction"] for each in found) == ["AG", "RE", "RG", "WE"]


@pytest.mark.parametrize("release", ["2020", "2026"])
def test_both_releases_answer_with_their_own_properties(
    serve: Callable[..., Service], release: str
) -> None:
    orders = serve("API_SALES_ORDER_SRV", release)

    created = orders.post("A_SalesOrder", order())

    assert ("OverallDeliveryStatus" in created) is (release == "2026")
    assert ("Subtotal1Amount" in created["to_Item"][0]) is (release == "2026")


def test_the_older_release_refuses_a_partner_of_its_own(serve: Callable[..., Service]) -> None:
    orders = serve("API_SALES_ORDER_SRV", "2020")
    orders.post("A_SalesOrder", order())

    with pytest.raises(RefusedError) as refused:
        orders.post(
            "A_SalesOrder('1')/to_Partner", {"PartnerFunction": "SH", "Customer": "10100002"}
        )

    assert refused.value.status == 405


def test_an_unknown_material_is_a_business_error_with_its_message(orders: Service) -> None:
    with pytest.raises(RefusedError) as refused:
        orders.post("A_SalesOrder", order(item("TG99")))

    assert (refused.value.status, refused.value.code) == (400, "V1/382")
    assert "TG99" in refused.value.text
    assert orders.all("A_SalesOrder") == []


def test_an_unknown_sales_area_and_customer_are_refused_by_their_messages(orders: Service) -> None:
    with pytest.raises(RefusedError) as area:
        orders.post("A_SalesOrder", order(SalesOrganization="9999"))
    with pytest.raises(RefusedError) as customer:
        orders.post("A_SalesOrder", order(SoldToParty="4712"))

    assert (area.value.code, customer.value.code) == ("CZ/115", "VP/199")


def test_a_quotation_type_is_no_sales_order(orders: Service) -> None:
    with pytest.raises(RefusedError) as refused:
        orders.post("A_SalesOrder", order(SalesOrderType="QT"))

    assert "QT" in refused.value.text


def test_what_the_system_does_not_keep_is_a_warning_not_a_silence(orders: Service) -> None:
    notices = orders.messages("A_SalesOrder", order(SalesGroup="100"))

    assert notices == ["SalesOrder: not kept by this system: SalesGroup"]


def test_an_order_with_reference_copies_the_quotation_and_shows_the_flow(
    orders: Service, quotations: Service
) -> None:
    quotations.post(
        "A_SalesQuotation",
        {
            "SalesQuotationType": "QT",
            **AREA,
            "BindingPeriodValidityEndDate": day(date(2026, 2, 28)),
            "to_Item": [item("TG11", "5"), item("TG12", "3")],
        },
    )

    created = orders.post(
        "A_SalesOrder",
        {
            "SalesOrderType": "OR",
            "ReferenceSDDocument": "20000001",
            "to_Item": [{"ReferenceSDDocument": "20000001", "ReferenceSDDocumentItem": "10",
                         "RequestedQuantity": "2"}],
        },
    )  # fmt: skip

    assert (created["SoldToParty"], created["SalesOrganization"]) == ("10100001", "1010")
    assert created["ReferenceSDDocumentCategory"] == "B"
    status = quotations.get("A_SalesQuotation('20000001')")
    assert status["OverallSDProcessStatus"] == "B"
    assert status["BindingPeriodValidityEndDate"] == date(2026, 2, 28)
    after = quotations.all("A_SalesQuotation('20000001')/to_SubsequentProcFlowDoc")
    assert [(each["SubsequentDocument"], each["SubsequentDocumentCategory"]) for each in after] == [
        ("1", "C")
    ]
    before = orders.all(
        "A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')/to_PrecedingProcFlowDocItem"
    )
    assert [(each["PrecedingDocument"], each["PrecedingDocumentItem"]) for each in before] == [
        ("20000001", "10")
    ]


def test_padded_numbers_and_internal_units_are_a_setting(serve: Callable[..., Service]) -> None:
    settings = EntitySettings(padded_numbers=True, padded_items=True, internal_units=True)
    orders = serve("API_SALES_ORDER_SRV", entities=settings)

    created = orders.post("A_SalesOrder", order())

    assert (created["SalesOrder"], created["SoldToParty"]) == ("0000000001", "0010100001")
    first = created["to_Item"][0]
    assert (first["SalesOrderItem"], first["RequestedQuantityUnit"]) == ("000010", "ST")


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ("SalesOrder eq '2'", ["2"]),
        ("SalesOrder eq '0000000002' and SoldToParty eq '0010100001'", ["2"]),
        ("SalesOrder eq '1' or SalesOrder eq '3'", ["1", "3"]),
        ("PurchaseOrderByCustomer eq 'B'", ["2"]),
        ("SoldToParty eq '10100002'", ["3"]),
        ("SalesOrganization eq '1010' and OverallSDProcessStatus eq 'A'", ["1", "2", "3"]),
        ("LastChangeDateTime ge datetimeoffset'2026-01-05T10:30:00Z'", ["3"]),
        ("CreationDate ge datetime'2026-01-06T00:00:00'", []),
    ],
)
def test_orders_are_found_by_what_their_filter_says(
    orders: Service, erp: SimulatedErp, filter_: str, expected: list[str]
) -> None:
    orders.post("A_SalesOrder", order(PurchaseOrderByCustomer="A"))
    orders.post("A_SalesOrder", order(PurchaseOrderByCustomer="B"))
    erp.advance(timedelta(hours=2))
    orders.post("A_SalesOrder", order(PurchaseOrderByCustomer="C", SoldToParty="10100002"))

    found = orders.all("A_SalesOrder", filter=filter_, orderby="SalesOrder")

    assert [each["SalesOrder"] for each in found] == expected


def test_a_delivery_changes_status_and_time_stamp_of_its_order(
    orders: Service, erp: SimulatedErp
) -> None:
    orders.post("A_SalesOrder", order())
    erp.advance(timedelta(hours=3))
    with erp.session("x") as session:
        session.create_deliveries([DeliveryRef("1")])
        session.commit()

    changed = orders.all(
        "A_SalesOrder", filter="LastChangeDateTime ge datetimeoffset'2026-01-05T11:00:00Z'"
    )

    assert [(each["SalesOrder"], each["OverallDeliveryStatus"]) for each in changed] == [("1", "C")]


def test_reading_one_order_of_many_looks_at_no_other(
    orders: Service, erp: SimulatedErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        orders.post("A_SalesOrder", order(PurchaseOrderByCustomer=f"PO-{number}"))
    asked: list[str] = []
    read = SimulatedErp.sales_status

    def counted(self: SimulatedErp, number: str) -> object:
        asked.append(number)
        return read(self, number)

    monkeypatch.setattr(SimulatedErp, "sales_status", counted)

    orders.all("A_SalesOrder", filter="PurchaseOrderByCustomer eq 'PO-3'")

    assert asked == ["0000000004"]
