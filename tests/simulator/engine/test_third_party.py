"""Third-party items: bought from a vendor, delivered by the vendor, billed by us."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.resources import shipped
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.master_tables import combined, read_folder
from connector.simulator.engine.purchasing_records import PurchaseRequisition
from connector.simulator.engine.specs import BillingRef, SalesDocumentChange, SalesItemChange
from tests.simulator.engine.support import (
    START,
    billed,
    by_account,
    done,
    item,
    new_erp,
    on,
    order,
    refused,
    sold,
)


def trailers(erp: SimulatedErp, quantity: int = 4) -> str:
    return sold(erp, order(item(10, "TP-1000", quantity), customer="1001"))


def requisition_of(erp: SimulatedErp, number: str) -> PurchaseRequisition:
    document = erp.sales_document(number)
    assert document is not None
    found = erp.purchase_requisition(document.items[0].schedule_lines[0].requisition)
    assert found is not None
    return found


def bought(erp: SimulatedErp, number: str) -> str:
    return done(erp, "create_purchase_orders", [requisition_of(erp, number).number]).number


def test_the_order_asks_purchasing_and_needs_no_stock(erp: SimulatedErp) -> None:
    number = trailers(erp)
    requisition = requisition_of(erp, number)
    assert (requisition.number, int(requisition.quantity)) == ("0010000000", 4)
    assert requisition.delivery_date == date(2026, 1, 7), "the vendor takes five days"
    status = erp.sales_status(number)
    assert (status.delivery, status.order_billing) == ("", "A")
    document = erp.sales_document(number)
    assert document is not None and document.items[0].confirmed_quantity == 4


def test_the_purchase_order_follows_the_item(erp: SimulatedErp) -> None:
    number = trailers(erp)
    purchase = bought(erp, number)
    (row,) = erp.flow_after(number)
    assert (row.subsequent, row.subsequent_category) == (purchase, "V")
    assert (int(row.quantity), str(row.value)) == (4, "1640.00")
    found = erp.purchase_order(purchase)
    assert found is not None and found.vendor == "0000300020"
    assert refused(erp, "create_purchase_orders", [requisition_of(erp, number).number]) == [
        "00 398"
    ]


def test_we_bill_what_the_vendor_has_invoiced(erp: SimulatedErp) -> None:
    number = trailers(erp)
    purchase = bought(erp, number)
    assert refused(erp, "create_billing_documents", [BillingRef(number)]) == ["00 398"]
    receipt = done(erp, "post_third_party_receipt", purchase, 10, Decimal(3)).number
    (row,) = erp.flow_after(purchase)
    assert (row.subsequent, row.subsequent_category, row.movement_type) == (receipt, "i", "101")
    assert refused(erp, "create_billing_documents", [BillingRef(number)]) == ["00 398"]

    posted = done(erp, "post_vendor_invoice", purchase, 10, Decimal(3)).documents[0]
    assert by_account(posted) == {"892000": Decimal("1230.00"), "160000": Decimal("-1230.00")}
    (invoice,) = billed(erp, number)
    document = erp.billing_document(invoice)
    assert document is not None and document.net_value == Decimal("1770.00")
    assert erp.sales_status(number).order_billing == "B"

    done(erp, "post_third_party_receipt", purchase, 10)
    done(erp, "post_vendor_invoice", purchase, 10)
    billed(erp, number)
    assert erp.sales_status(number).overall == "C"
    for operation in ("post_third_party_receipt", "post_vendor_invoice"):
        assert refused(erp, operation, purchase, 10) == ["00 398"], "all of it is done"


@pytest.mark.parametrize(("relevance", "after"), [("B", ""), ("G", "post_third_party_receipt")])
def test_the_item_category_decides_when_we_bill(relevance: str, after: str) -> None:
    category = {
        "item_category": "TAS",
        "text": "Third-party item",
        "billing_relevance": relevance,
        "priced": "X",
        "third_party": "X",
    }
    rows = combined(read_folder(shipped("fixtures/erp")), {"item_categories": [category]})
    with new_erp(MasterData.from_rows(rows)) as erp:
        number = trailers(erp)
        purchase = bought(erp, number)
        if after:
            assert refused(erp, "create_billing_documents", [BillingRef(number)]) == ["00 398"]
            done(erp, after, purchase, 10)
        assert len(billed(erp, number)) == 1


def test_no_stock_moves(erp: SimulatedErp) -> None:
    number = trailers(erp)
    before = erp.ledger_balance("1000", "792000")
    purchase = bought(erp, number)
    receipt = done(erp, "post_third_party_receipt", purchase, 10).number
    document = erp.material_document(receipt)
    assert document is not None and document.items[0].stock_type == "customer"
    assert erp.accounting_document("1000", receipt) is None
    assert erp.ledger_balance("1000", "792000") == before


def test_a_change_moves_the_requisition_but_no_purchase_order(erp: SimulatedErp) -> None:
    number = trailers(erp)
    more = SalesDocumentChange(items=[SalesItemChange(10, quantity=Decimal(6))])
    done(erp, "change_sales_document", number, more)
    assert int(requisition_of(erp, number).quantity) == 6
    bought(erp, number)
    less = SalesDocumentChange(items=[SalesItemChange(10, quantity=Decimal(5))])
    outcome = done(erp, "change_sales_document", number, less)
    assert "Purchase order 4500000001 is not changed with the sales order" in [
        row.text for row in outcome.messages if row.type == "W"
    ]


def test_a_rejected_item_takes_its_requisition_back(erp: SimulatedErp) -> None:
    number = trailers(erp)
    requisition = requisition_of(erp, number)
    rejected = SalesDocumentChange(items=[SalesItemChange(10, rejection_reason="01")])
    done(erp, "change_sales_document", number, rejected)
    found = erp.purchase_requisition(requisition.number)
    assert found is not None and found.deleted
    assert refused(erp, "create_purchase_orders", [requisition.number]) == ["00 398"]
    assert erp.run_job("purchasing").numbers == []


def test_a_blocked_order_asks_for_nothing_before_its_release(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "TP-1000", 20), customer="1012"))
    document = erp.sales_document(number)
    assert document is not None and document.credit_status == "B"
    assert document.items[0].schedule_lines[0].requisition == ""
    done(erp, "release_credit", number)
    assert int(requisition_of(erp, number).quantity) == 20


def test_the_job_orders_receives_and_lets_us_bill(erp: SimulatedErp) -> None:
    number = trailers(erp)
    erp.run_job("purchasing")
    assert [row.subsequent_category for row in erp.flow_after(number)] == ["V"]
    assert erp.run_job("billing due list").numbers == []
    on(erp, "2026-01-07")
    erp.run_background_jobs()
    assert erp.sales_status(number).overall == "C"
    assert erp.run_job("purchasing").numbers == []


def test_purchasing_comes_back_after_a_restart(master: MasterData, tmp_path: Path) -> None:
    path = tmp_path / "erp.db"
    with SimulatedErp(master, SimulatedClock(START), None, path) as erp:
        first, second = trailers(erp), trailers(erp)
        purchase = bought(erp, first)
        done(erp, "post_third_party_receipt", purchase, 10)
    with SimulatedErp(master, SimulatedClock(START), None, path) as erp:
        found = erp.purchase_order(purchase)
        assert found is not None and found.items[0].quantity_of("receipt") == 4
        erp.run_job("purchasing")
        assert requisition_of(erp, second).purchase_order == "4500000002"
        on(erp, "2026-01-07")
        erp.run_job("purchasing")
        assert billed(erp, first)


def test_a_material_without_vendor_waits(master: MasterData) -> None:
    with new_erp(master) as erp:
        spec = order(item(10, "M-01", 1, item_category="TAS"))
        number = sold(erp, spec)
        wanted = requisition_of(erp, number).number
        assert refused(erp, "create_purchase_orders", [wanted]) == ["00 398"]
        assert erp.run_job("purchasing").messages == []
