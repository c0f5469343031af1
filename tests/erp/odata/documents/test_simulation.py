"""Pricing without saving over OData: the amounts of the document that would be saved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.erp.odata.erp import ODataErp
from connector.errors import RejectedError
from connector.sd_documents.conditions import Condition
from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.values import DocumentCategory as C
from tests.contract.documents import LATER, item, pieces, sales_document
from tests.contract.observing import Observer
from tests.erp.odata.documents.conftest import System

PRICE = Condition(condition_type="PMP0", rate=Decimal("33.33"), currency="EUR", unit="ST")
DOCUMENTS: dict[str, SalesDocument] = {
    "prices of the ERP": sales_document("REF-1", item(10, quantity="3"), item(20, "M-02", "7")),
    "manual price and discount": sales_document(
        "REF-1",
        item(
            10,
            quantity="3",
            conditions=[PRICE, Condition(condition_type="RA00", rate=Decimal("-7.5"))],
        ),
        item(20, "M-03"),
        conditions=(
            Condition(condition_type="HB00", rate=Decimal("-1.01"), currency="EUR"),
            Condition(condition_type="HD00", rate=Decimal("4.90"), currency="EUR"),
        ),
    ),
    "quotation": sales_document("REF-1", item(10), category=C.QUOTATION),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_simulated_document_has_the_amounts_of_the_saved_one(erp: ODataErp, name: str) -> None:
    document = DOCUMENTS[name]
    simulated = erp.sales_documents.simulate(document)
    number = erp.sales_documents.create(document, Observer())
    (saved,) = erp.sales_documents.read([number], document.category)
    assert (simulated.number, simulated.category) == ("$", document.category)
    assert (simulated.net_amount, simulated.tax_amount) == (saved.net_amount, saved.tax_amount)
    for before, after in zip(simulated.items, saved.items, strict=True):
        assert before.requested_quantity == after.requested_quantity
        assert (before.net_amount, before.tax_amount) == (after.net_amount, after.tax_amount)
        assert (before.gross_amount, before.cost_amount) == (after.gross_amount, after.cost_amount)
    untaxed = [v for v in saved.condition_values if not v.tax_code]
    assert list(simulated.condition_values) == untaxed, "tax has no code here and is left out"


def test_a_simulation_saves_nothing(system: System, erp: ODataErp) -> None:
    erp.sales_documents.simulate(sales_document("REF-1", billing_block_reason="08"))
    assert system.engine.document_counts()["sales"] == 0
    assert erp.sales_documents.create(sales_document("REF-2"), Observer()) == "0000000001"


def test_a_lost_answer_is_asked_for_again_since_nothing_was_saved(
    system: System, erp: ODataErp
) -> None:
    system.front.inject("connection lost after call", on="POST A_SalesOrderSimulation")
    assert erp.sales_documents.simulate(sales_document("REF-1")).net_amount
    assert system.engine.document_counts()["sales"] == 0


def test_a_shortage_is_seen_before_the_order(erp: ODataErp) -> None:
    (found,) = erp.sales_documents.simulate(sales_document("REF-1", item(quantity="600"))).items
    assert Decimal(0) < found.confirmed_quantity.value < Decimal(600)
    assert found.requested_quantity == pieces("600")


def test_dates_of_items_are_promised(erp: ODataErp) -> None:
    lines = (ScheduleLine(requested_delivery_date=LATER, requested_quantity=pieces("3")),)
    wanted = item(10, quantity="3").model_copy(update={"schedule_lines": lines})
    (found,) = erp.sales_documents.simulate(sales_document("REF-1", wanted)).items
    assert found.schedule_lines[0].requested_delivery_date == LATER


def test_what_would_be_refused_is_refused_here_as_well(erp: ODataErp) -> None:
    with pytest.raises(RejectedError) as caught:
        erp.sales_documents.simulate(sales_document("REF-1", item(10, "NO-SUCH-1")))
    assert caught.value.code == "MATERIAL_NOT_SOLD"
