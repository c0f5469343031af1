"""A document with reference goes to whoever got and paid what it refers to."""

from __future__ import annotations

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import Address, BillingRef, Partner, SalesDocumentChange
from tests.simulator.engine.support import (
    billed,
    delivered,
    done,
    invoiced,
    issued,
    item,
    order,
    sold,
)

GATE = Address(name="Gate 4", city="Kiel", country="DE")


def partners(erp: SimulatedErp, number: str) -> set[tuple[str, int, str]]:
    document = erp.sales_document(number)
    assert document is not None
    return {
        (each.function, each.item_number, each.customer)
        for each in document.partners
        if each.function != "AG"
    }


def test_an_order_takes_the_partners_of_its_quotation(erp: SimulatedErp) -> None:
    asked = [
        Partner("AG", "S-700"),
        Partner("RG", "P-701"),
        Partner("WE", "S-700", address=GATE),
        Partner("RG", "P-702", item_number=20),
    ]
    quotation = sold(
        erp,
        order(item(10, "M-07", 4), item(20, "M-07", 6), partners=asked, document_type="QT"),
    )
    spec = order(partners=[Partner("AG", "S-700")], reference_document=quotation)
    number = sold(erp, spec)
    assert partners(erp, number) == {
        ("WE", 0, "S-700"),
        ("RE", 0, "S-700"),
        ("RG", 0, "P-701"),
        ("RG", 20, "P-702"),
    }
    document = erp.sales_document(number)
    assert document is not None
    ship_to = document.partner("WE")
    assert ship_to is not None and ship_to.address == GATE


def test_a_credit_goes_to_whoever_paid_the_invoice(erp: SimulatedErp) -> None:
    payers = [Partner("AG", "S-700"), Partner("RG", "P-701")]
    _, _, invoice = invoiced(erp, order(item(10, "M-07", 4), partners=payers))
    spec = order(
        item(10, "", 1, reference_document=invoice, reference_item=10),
        partners=[Partner("AG", "S-700")],
        document_type="CR",
        billing_block="",
    )
    assert ("RG", 0, "P-701") in partners(erp, sold(erp, spec))


def test_items_that_refer_to_two_invoices_keep_both_payers(erp: SimulatedErp) -> None:
    spec = order(
        item(10, "M-07", 40),
        item(20, "M-07", 60),
        partners=[
            Partner("AG", "S-700"),
            Partner("RG", "P-701", item_number=10),
            Partner("RG", "P-702", item_number=20),
        ],
    )
    delivery = delivered(erp, sold(erp, spec))
    issued(erp, delivery)
    first, second = billed(erp, delivery)
    back = order(
        item(10, "", 1, reference_document=first, reference_item=10),
        item(20, "", 1, reference_document=second, reference_item=10),
        partners=[Partner("AG", "S-700")],
        document_type="L2",
    )
    number = sold(erp, back)
    assert {each for each in partners(erp, number) if each[0] == "RG"} == {
        ("RG", 0, "P-701"),
        ("RG", 20, "P-702"),
    }
    done(erp, "change_sales_document", number, SalesDocumentChange(billing_block=""))
    outcome = done(erp, "create_billing_documents", [BillingRef(number)])
    assert [each.payer for each in outcome.documents] == ["P-701", "P-702"]


def test_who_is_named_wins(erp: SimulatedErp) -> None:
    payers = [Partner("AG", "S-700"), Partner("RG", "P-701")]
    _, _, invoice = invoiced(erp, order(item(10, "M-07", 4), partners=payers))
    spec = order(
        item(10, "", 1, reference_document=invoice, reference_item=10),
        partners=[Partner("AG", "S-700"), Partner("PY", "P-702")],
        document_type="RE",
    )
    assert ("RG", 0, "P-702") in partners(erp, sold(erp, spec))


def test_another_customers_reference_brings_no_partners(erp: SimulatedErp) -> None:
    asked = [Partner("AG", "S-700"), Partner("RG", "P-701")]
    quotation = sold(erp, order(item(10, "M-07", 4), partners=asked, document_type="QT"))
    spec = order(item(10, "", 1, reference_document=quotation, reference_item=10))
    assert ("RG", 0, "C-100") in partners(erp, sold(erp, spec))
