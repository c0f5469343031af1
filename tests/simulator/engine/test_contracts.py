"""Quantity contracts: orders released from them, open quantities, validity."""

from __future__ import annotations

from datetime import date

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import SalesDocumentSpec
from tests.simulator.engine.support import item, on, order, refused, sold


def contract(erp: SimulatedErp) -> str:
    return sold(
        erp,
        order(item(10, "M-01", 100), document_type="CQ", valid_to=date(2026, 6, 30)),
    )


def released(number: str, quantity: int) -> SalesDocumentSpec:
    return order(item(10, "", quantity, reference_document=number, reference_item=10))


def test_orders_take_from_the_contract_until_it_is_used_up(erp: SimulatedErp) -> None:
    number = contract(erp)
    document = erp.sales_document(number)
    assert document is not None and document.category == "G"
    assert erp.sales_status(number).delivery == "", "a contract delivers nothing itself"
    sold(erp, released(number, 60))
    status = erp.sales_status(number)
    assert (status.overall, int(status.items[10].referenced_quantity)) == ("B", 60)
    sold(erp, released(number, 40))
    assert erp.sales_status(number).overall == "C"
    assert refused(erp, "create_sales_document", released(number, 1)) == ["00 398", "V4 219"]


def test_a_contract_ends(erp: SimulatedErp) -> None:
    number = contract(erp)
    on(erp, "2026-07-01")
    assert refused(erp, "create_sales_document", released(number, 1)) == ["00 398", "V4 219"]


def test_a_contract_may_come_from_a_quotation(erp: SimulatedErp) -> None:
    quotation = sold(erp, order(item(10, "M-01", 100), document_type="QT"))
    spec = order(
        item(10, "", 100, reference_document=quotation, reference_item=10), document_type="CQ"
    )
    sold(erp, spec)
    assert erp.sales_status(quotation).overall == "C"
