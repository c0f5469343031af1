"""Quotations, inquiries, returns and credit memo requests over OData, and the simulation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import (
    BillingRef,
    DeliveryRef,
    Partner,
    SalesDocumentSpec,
    SalesItemSpec,
)
from tests.simulator.odata.entities.support import (
    AREA,
    Json,
    RefusedError,
    Service,
    day,
    item,
    order,
)


@pytest.fixture
def invoice(orders: Service, erp: SimulatedErp) -> str:
    """An invoice over four pieces of TG11."""
    orders.post("A_SalesOrder", order(item("TG11", "4")))
    with erp.session("x") as session:
        session.create_deliveries([DeliveryRef("1")])
        session.commit()
        session.confirm_delivery("80000001", post_goods_issue=True)
        session.commit()
        session.create_billing_documents([BillingRef("80000001")])
        session.commit()
    return "90000001"


def test_a_quotation_is_created_changed_and_rejected(quotations: Service) -> None:
    created = quotations.post(
        "A_SalesQuotation",
        {
            "SalesQuotationType": "QT",
            **AREA,
            "BindingPeriodValidityStartDate": day(date(2026, 1, 5)),
            "BindingPeriodValidityEndDate": day(date(2026, 1, 31)),
            "to_Item": [item("TG11", "10")],
        },
    )
    assert (created["SalesQuotation"], created["TotalNetAmount"]) == ("20000001", "175.50")
    assert created["to_Item"][0]["SalesQuotationItemCategory"] == "AGN"

    quotations.patch(
        "A_SalesQuotation('20000001')", {"BindingPeriodValidityEndDate": day(date(2026, 3, 31))}
    )
    quotations.patch(
        "A_SalesQuotationItem(SalesQuotation='20000001',SalesQuotationItem='10')",
        {"SalesDocumentRjcnReason": "02"},
    )

    found = quotations.get("A_SalesQuotation('20000001')")
    assert found["BindingPeriodValidityEndDate"] == date(2026, 3, 31)
    assert (found["OverallSDProcessStatus"], found["OverallSDDocumentRejectionSts"]) == ("C", "C")


def test_inquiries_can_be_read_and_not_created(
    serve: Callable[..., Service], erp: SimulatedErp
) -> None:
    with erp.session("x") as session:
        session.create_sales_document(
            SalesDocumentSpec(
                "IN",
                "1010",
                "10",
                "00",
                partners=[Partner("AG", "10100001")],
                items=[SalesItemSpec(material="TG11", quantity=Decimal(2))],
            )
        )
        session.commit()
    inquiries = serve("API_SALES_INQUIRY_SRV")

    found = inquiries.get("A_SalesInquiry('10000001')", expand="to_Item")

    assert (found["SalesInquiryType"], found["to_Item"][0]["Material"]) == ("IN", "TG11")
    with pytest.raises(RefusedError) as refused:
        inquiries.post("A_SalesInquiry", {"SalesInquiryType": "IN"})
    assert refused.value.status == 405


def test_a_return_refers_to_the_invoice(serve: Callable[..., Service], invoice: str) -> None:
    returns = serve("API_CUSTOMER_RETURN_SRV")

    created = returns.post(
        "A_CustomerReturn",
        {
            "CustomerReturnType": "CBRE",
            **AREA,
            "SDDocumentReason": "102",
            "ReferenceSDDocument": invoice,
            "to_Item": [{"ReferenceSDDocument": invoice, "ReferenceSDDocumentItem": "10",
                         "RequestedQuantity": "1"}],
        },
    )  # fmt: skip

    assert (created["CustomerReturn"], created["TotalNetAmount"]) == ("60000001", "17.55")
    assert (created["HeaderBillingBlockReason"], created["ReferenceSDDocumentCategory"]) == (
        "08", "M",
    )  # fmt: skip
    first = created["to_Item"][0]
    assert (first["CustomerReturnItemCategory"], first["ReferenceSDDocumentItem"]) == ("CBEN", "10")


@pytest.mark.parametrize("document_type", ["CR", "GA2"])
def test_a_credit_memo_request_is_released_for_billing(
    serve: Callable[..., Service], invoice: str, erp: SimulatedErp, document_type: str
) -> None:
    requests = serve("API_CREDIT_MEMO_REQUEST_SRV")
    created = requests.post(
        "A_CreditMemoRequest",
        {
            "CreditMemoRequestType": document_type,
            **AREA,
            "to_Item": [{"ReferenceSDDocument": invoice, "ReferenceSDDocumentItem": "10",
                         "RequestedQuantity": "2"}],
        },
    )  # fmt: skip
    number = created["CreditMemoRequest"]
    assert (created["TotalNetAmount"], created["OverallOrdReltdBillgStatus"]) == ("35.10", "A")

    requests.patch(f"A_CreditMemoRequest('{number}')", {"HeaderBillingBlockReason": ""})
    with erp.session("x") as session:
        session.create_billing_documents([BillingRef(number)])
        session.commit()

    found = requests.get(f"A_CreditMemoRequest('{number}')")
    assert found["OverallOrdReltdBillgStatus"] == "C"
    after = requests.all(f"A_CreditMemoRequest('{number}')/to_SubsequentProcFlowDoc")
    assert [(each["SubsequentDocument"], each["SubsequentDocumentCategory"]) for each in after] == [
        ("90000002", "O")
    ]


def simulated(service: Service, **more: object) -> Json:
    """Simulate an order, with everything that the service can tell."""
    body = order(
        item("TG11", "3", to_PricingElement=[], to_ScheduleLine=[]),
        **{"to_Pricing": {}, "to_Credit": {}, "to_PricingElement": [], **more},
    )
    return service.post("A_SalesOrderSimulation", body)


def test_a_simulation_prices_and_promises_and_saves_nothing(
    serve: Callable[..., Service], orders: Service, erp: SimulatedErp
) -> None:
    found = simulated(serve("API_SALES_ORDER_SIMULATION_SRV"))

    assert found["to_Pricing"]["TotalNetAmount"] == "52.65"
    first = found["to_Item"][0]
    assert (first["NetAmount"], first["TaxAmount"]) == ("52.65", "10.00")
    assert [each["ConditionType"] for each in first["to_PricingElement"]] == [
        "PPR0", "PCIP", "TTX1",
    ]  # fmt: skip
    assert [
        (each["ConfirmedDeliveryDate"], each["ConfdOrderQtyByMatlAvailCheck"])
        for each in first["to_ScheduleLine"]
    ] == [(date(2026, 1, 6), "3")]
    assert orders.all("A_SalesOrder") == []
    assert erp.available_quantity("1010", "TG11") == 10000


def test_a_simulation_of_something_wrong_says_why(serve: Callable[..., Service]) -> None:
    with pytest.raises(RefusedError) as refused:
        simulated(serve("API_SALES_ORDER_SIMULATION_SRV"), SoldToParty="4711")

    assert refused.value.code == "VP/199"
