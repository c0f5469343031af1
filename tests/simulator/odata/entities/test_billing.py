"""Billing documents over OData: read, cancelled, printed."""

from __future__ import annotations

import base64

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import BillingRef, DeliveryRef
from tests.simulator.odata.entities.support import RefusedError, Service, item, order

INVOICE = "A_BillingDocument('90000001')"


@pytest.fixture(autouse=True)
def _an_invoice(orders: Service, erp: SimulatedErp) -> None:
    orders.post(
        "A_SalesOrder",
        order(item("TG11", "4"), item("TG12", "2"), PurchaseOrderByCustomer="PO-1"),
    )
    with erp.session("x") as session:
        session.create_deliveries([DeliveryRef("1")])
        session.commit()
        session.confirm_delivery("80000001", post_goods_issue=True)
        session.commit()
        session.create_billing_documents([BillingRef("80000001")])
        session.commit()


def test_an_invoice_shows_amounts_partners_prices_and_accounting(billing: Service) -> None:
    found = billing.get(INVOICE, expand="to_Item,to_Partner")

    assert (found["TotalNetAmount"], found["TaxAmount"], found["TotalGrossAmount"]) == (
        "113.00", "21.47", "134.47",
    )  # fmt: skip
    assert (found["PayerParty"], found["CompanyCode"], found["FiscalYear"]) == (
        "10100001", "1010", "2026",
    )  # fmt: skip
    assert (found["AccountingDocument"], found["AccountingTransferStatus"]) == ("90000001", "C")
    assert (found["InvoiceClearingStatus"], found["BillingDocumentIsCancelled"]) == ("A", False)
    first = found["to_Item"][0]
    assert (first["NetAmount"], first["TaxAmount"], first["GrossAmount"]) == (
        "70.20", "13.34", "83.54",
    )  # fmt: skip
    assert (first["ReferenceSDDocument"], first["SalesDocument"]) == ("80000001", "1")
    prices = billing.all(
        "A_BillingDocumentItem(BillingDocument='90000001',BillingDocumentItem='10')"
        "/to_PricingElement"
    )
    assert [each["ConditionType"] for each in prices] == ["PPR0", "PCIP", "TTX1"]


@pytest.mark.parametrize(
    "filter_",
    [
        "BillingDocument eq '90000001'",
        "SoldToParty eq '10100001'",
        "AccountingDocument eq '90000001' and CompanyCode eq '1010'",
        "PurchaseOrderByCustomer eq 'PO-1'",
        "LastChangeDateTime ge datetimeoffset'2026-01-05T08:00:00Z'",
    ],
)
def test_an_invoice_is_found_by_what_its_filter_says(billing: Service, filter_: str) -> None:
    found = billing.all("A_BillingDocument", filter=filter_)

    assert [each["BillingDocument"] for each in found] == ["90000001"]


@pytest.mark.parametrize("name", ["ReferenceSDDocument eq '80000001'", "SalesDocument eq '1'"])
def test_items_are_found_by_the_delivery_and_by_the_order(billing: Service, name: str) -> None:
    found = billing.all("A_BillingDocumentItem", filter=name)

    assert [each["BillingDocumentItem"] for each in found] == ["10", "20"]


def test_cancelling_gives_a_document_that_takes_it_back(
    billing: Service, erp: SimulatedErp
) -> None:
    result = billing.call("Cancel", BillingDocument="'90000001'")[0]

    assert result["CancellationBillingDocument"] == "90000002"
    assert (result["SystemMessageIdentification"], result["SystemMessageNumber"]) == ("VF", "216")
    assert billing.get(INVOICE)["BillingDocumentIsCancelled"] is True
    cancelling = billing.get("A_BillingDocument('90000002')")
    assert (cancelling["SDDocumentCategory"], cancelling["CancelledBillingDocument"]) == (
        "N", "90000001",
    )  # fmt: skip
    assert erp.open_items("1010") == ()


def test_an_invoice_is_cancelled_once(billing: Service) -> None:
    billing.call("Cancel", BillingDocument="'90000001'")

    with pytest.raises(RefusedError, match="already cancelled"):
        billing.call("Cancel", BillingDocument="'90000001'")


def test_an_unknown_invoice_is_refused(billing: Service) -> None:
    for function, method in (("Cancel", "POST"), ("GetPDF", "GET")):
        with pytest.raises(RefusedError, match="4711"):
            billing.call(function, method, BillingDocument="'4711'")


def test_the_printed_invoice_is_a_pdf_that_says_what_the_document_says(billing: Service) -> None:
    result = billing.call("GetPDF", "GET", BillingDocument="'90000001'")

    content = base64.b64decode(result["GetPDF"]["BillingDocumentBinary"])
    assert content.startswith(b"%PDF-1.4")
    for shown in (b"Invoice 90000001", b"Total 134.47 EUR", b"Domestic Customer DE 1", b"TG12"):
        assert shown in content


def test_an_invoice_cannot_be_created_here(billing: Service) -> None:
    with pytest.raises(RefusedError) as refused:
        billing.post("A_BillingDocument", {"SoldToParty": "10100001"})

    assert refused.value.status == 405
