"""Pricing without saving: the same amounts as the document would get, and no document."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.errors import RejectedError
from connector.sd_documents.conditions import Condition
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    SalesDocument,
    SalesDocumentItem,
)
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import Money
from tests.contract.capable import CapableErp
from tests.contract.differences import Difference, differs
from tests.contract.documents import eur, item, pieces, sales_document
from tests.contract.observing import Observer
from tests.contract.ways import Way


def priced_item(quantity: str, rate: str, *more: Condition) -> SalesDocumentItem:
    price = Condition(condition_type="PMP0", rate=Decimal(rate), currency="EUR", unit="ST")
    return item(10, quantity=quantity, conditions=[price, *more])


DOCUMENTS: dict[str, SalesDocument] = {
    "prices of the ERP": sales_document("REF-1", item(10, quantity="3"), item(20, "M-02", "7")),
    "manual price": sales_document("REF-1", priced_item("2.5", "19.99")),
    "discounts and freight": sales_document(
        "REF-1",
        priced_item("3", "33.33", Condition(condition_type="RA00", rate=Decimal("-7.5"))),
        item(20, "M-03"),
        conditions=(
            Condition(condition_type="HB00", rate=Decimal("-1.01"), currency="EUR"),
            Condition(condition_type="HD00", rate=Decimal("4.90"), currency="EUR"),
        ),
    ),
    "several discounts of one kind": sales_document(
        "REF-1",
        priced_item(
            "1",
            "100",
            *(
                Condition(condition_type="RB00", rate=Decimal(f"-{n}.10"), currency="EUR")
                for n in range(1, 5)
            ),
        ),
    ),
    "quotation": sales_document("REF-1", item(10), category=C.QUOTATION),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_simulated_document_has_the_amounts_of_the_saved_one(
    way: Way, erp: CapableErp, name: str
) -> None:
    document = DOCUMENTS[name]
    simulated = erp.sales_documents.simulate(document)
    number = erp.sales_documents.create(document, Observer())
    (saved,) = erp.sales_documents.read([number])
    assert simulated.number == "$"
    assert (simulated.net_amount, simulated.tax_amount) == (saved.net_amount, saved.tax_amount)
    for before, after in zip(simulated.items, saved.items, strict=True):
        assert before.requested_quantity == after.requested_quantity
        assert (before.net_amount, before.tax_amount) == (after.net_amount, after.tax_amount)
        assert (before.gross_amount, before.cost_amount) == (after.gross_amount, after.cost_amount)
        as_order = document.category is C.QUOTATION and differs(way, Difference.SIMULATED_AS_ORDERS)
        assert before.item_category == ("TAN" if as_order else after.item_category)
        assert before.plant == after.plant
        assert before.confirmed_quantity == after.confirmed_quantity or as_order
    no_taxes = differs(way, Difference.NO_TAX_CONDITIONS)
    assert taxes(simulated) == ({} if no_taxes else taxes(saved))


def taxes(document: PostedSalesDocument) -> dict[tuple[int, str], Money]:
    """The tax of each item, by its code."""
    return {
        (each.item_number, each.tax_code): each.value
        for each in document.condition_values
        if each.condition_type == "MWST"
    }


def test_a_simulation_saves_nothing_and_takes_no_number(way: Way, erp: CapableErp) -> None:
    erp.sales_documents.simulate(sales_document("REF-1"))
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == ()
    number = erp.sales_documents.create(sales_document("REF-2"), Observer())
    assert number == "0000000001"
    assert way.engine.document_counts()["sales"] == 1


def test_a_simulation_keeps_what_the_currency_has(erp: CapableErp) -> None:
    price = Condition(condition_type="PMP0", rate=Decimal("1.234"), currency="KWD", unit="ST")
    document = sales_document(
        "REF-1",
        item(10, "KWD-01", "3", conditions=[price]),
        organization="3000",
        customer="KW-400",
        currency="KWD",
    )
    simulated = erp.sales_documents.simulate(document)
    assert simulated.net_amount == Money(amount=Decimal("3.702"), currency="KWD")


def test_a_shortage_is_seen_before_the_order(erp: CapableErp) -> None:
    (found,) = erp.sales_documents.simulate(sales_document("REF-1", item(quantity="600"))).items
    assert Decimal(0) < found.confirmed_quantity.value < Decimal(600)
    assert found.requested_quantity == pieces("600")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (sales_document("REF-1", customer="1001999"), "CUSTOMER_NOT_IN_SALES_AREA"),
        (sales_document("REF-1", item(10, "NO-SUCH-1")), "MATERIAL_NOT_SOLD"),
        (sales_document("REF-1", organization="9999"), "SALES_AREA_UNKNOWN"),
    ],
)
def test_what_would_be_refused_is_refused_here_as_well(
    erp: CapableErp, document: SalesDocument, code: str
) -> None:
    with pytest.raises(RejectedError) as caught:
        erp.sales_documents.simulate(document)
    assert caught.value.code == code


def test_a_price_of_nothing_is_a_price(erp: CapableErp) -> None:
    free = item(10, conditions=[Condition(condition_type="RA00", rate=Decimal(-100))], quantity="2")
    simulated = erp.sales_documents.simulate(sales_document("REF-1", free))
    assert simulated.net_amount == eur("0.00")
    assert simulated.items[0].gross_amount == eur("200.00")
