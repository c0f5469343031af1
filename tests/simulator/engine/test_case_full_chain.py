"""
Worked case C01: inquiry, quotation, order, two deliveries, one invoice, payment with discount.

Every quantity, amount, status, posting and link of the document flow, step by step.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import DeliveryRef, OpenItemRef, PaymentSpec
from tests.simulator.engine.support import (
    balance,
    billed,
    delivered,
    done,
    issued,
    item,
    journal,
    new_erp,
    on,
    open_total,
    order,
    refused,
    sold,
)

INQUIRY, QUOTATION, ORDER = "0010000001", "0020000001", "0000000001"
FIRST, SECOND = "0080000001", "0080000002"
INVOICE, PAYMENT = "0090000001", "1400000001"


def run_to_invoice(erp: SimulatedErp) -> None:
    """Do everything up to the collective invoice, on the days of the case."""
    assert sold(erp, order(item(10, "M-01", 100), document_type="IN")) == INQUIRY
    on(erp, "2026-01-03")
    assert sold(erp, order(document_type="QT", reference_document=INQUIRY)) == QUOTATION
    on(erp, "2026-01-05")
    spec = order(
        reference_document=QUOTATION,
        purchase_order_by_customer="EXT-1001",
        terms_of_payment="Z214",
    )
    assert sold(erp, spec) == ORDER
    on(erp, "2026-01-09")
    assert delivered(erp, ORDER, "60") == FIRST
    on(erp, "2026-01-12")
    assert issued(erp, FIRST) == "4900000001"
    on(erp, "2026-01-13")
    assert delivered(erp, ORDER) == SECOND
    on(erp, "2026-01-14")
    assert issued(erp, SECOND) == "4900000002"
    on(erp, "2026-01-15")
    assert billed(erp, FIRST, SECOND) == (INVOICE,)


def payment(amount: str) -> PaymentSpec:
    """Pay the invoice with the discount that its terms allow on the day."""
    return PaymentSpec(
        "1000", "C-100", Decimal(amount), "EUR", items=[OpenItemRef(INVOICE, cash_discount=None)]
    )


def test_the_inquiry_is_complete_once_it_is_quoted_in_full(erp: SimulatedErp) -> None:
    sold(erp, order(item(10, "M-01", 100), document_type="IN"))
    assert erp.sales_status(INQUIRY).overall == "A"

    sold(erp, order(document_type="QT", reference_document=INQUIRY))

    assert erp.sales_status(INQUIRY).overall == "C"
    assert erp.sales_status(QUOTATION).overall == "A"


def test_a_partly_ordered_quotation_stays_open_for_the_rest(erp: SimulatedErp) -> None:
    quotation = sold(erp, order(item(10, "M-01", 100), document_type="QT"))

    sold(erp, order(item(10, "", 80, reference_document=quotation, reference_item=10)))

    status = erp.sales_status(quotation)
    assert (status.reference, status.overall) == ("B", "B")
    assert status.items[10].referenced_quantity == 80


def test_ordering_completes_the_quotation_and_opens_the_order(erp: SimulatedErp) -> None:
    sold(erp, order(item(10, "M-01", 100), document_type="QT"))
    number = sold(erp, order(reference_document=QUOTATION))

    quotation, created = erp.sales_status(QUOTATION), erp.sales_status(number)
    assert (quotation.reference, quotation.overall) == ("C", "C")
    assert (created.delivery, created.order_billing, created.overall) == ("A", "", "A")


def test_the_order_is_partly_delivered_as_soon_as_a_delivery_exists(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 100)))
    delivery = delivered(erp, number, "60")

    order_status, delivery_status = erp.sales_status(number), erp.delivery_status(delivery)
    assert (order_status.delivery, order_status.overall) == ("B", "B")
    assert order_status.items[10].open_delivery_quantity == 40
    assert (delivery_status.goods_movement, delivery_status.billing) == ("A", "A")


def test_goods_issue_moves_the_delivery_and_not_the_order(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 100)))
    delivery = delivered(erp, number, "60")
    issued(erp, delivery)

    delivery_status = erp.delivery_status(delivery)
    assert (delivery_status.goods_movement, delivery_status.billing) == ("C", "A")
    assert erp.sales_status(number).delivery == "B"


def test_the_order_counts_as_delivered_while_goods_are_still_here(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 100)))
    issued(erp, delivered(erp, number, "60"))
    second = delivered(erp, number)

    assert erp.sales_status(number).delivery == "C"
    assert erp.sales_status(number).items[10].open_delivery_quantity == 0
    assert erp.delivery_status(second).goods_movement == "A"


def test_after_the_invoice_the_order_itself_has_no_billing_status(erp: SimulatedErp) -> None:
    run_to_invoice(erp)

    assert erp.delivery_status(FIRST).billing == "C"
    assert erp.delivery_status(SECOND).billing == "C"
    status = erp.sales_status(ORDER)
    assert (status.order_billing, status.overall) == ("", "C")


def test_the_invoice_combines_both_deliveries(erp: SimulatedErp) -> None:
    run_to_invoice(erp)

    invoice = erp.billing_document(INVOICE)
    assert invoice is not None
    assert (invoice.category, invoice.transfer_status, invoice.split_reason) == ("M", "C", "")
    assert [
        (each.item_number, each.quantity, each.net_value, each.tax_amount, each.reference_document)
        for each in invoice.items
    ] == [
        (10, Decimal(60), Decimal("6000.00"), Decimal("1140.00"), FIRST),
        (20, Decimal(40), Decimal("4000.00"), Decimal("760.00"), SECOND),
    ]
    assert (invoice.net_value, invoice.tax_amount) == (Decimal("10000.00"), Decimal("1900.00"))
    assert (invoice.assignment, invoice.reference) == ("EXT-1001", "90000001")


def test_the_document_flow_links_every_item_to_its_next(erp: SimulatedErp) -> None:
    run_to_invoice(erp)

    rows = [
        (
            f"{int(row.preceding)}/{row.preceding_item}",
            f"{int(row.subsequent)}/{row.subsequent_item}",
            row.subsequent_category,
            int(row.quantity),
        )
        for number in (INQUIRY, QUOTATION, ORDER, FIRST, SECOND, INVOICE)
        for row in erp.flow_after(number)
    ]
    assert rows == [
        ("10000001/10", "20000001/10", "B", 100),
        ("20000001/10", "1/10", "C", 100),
        ("1/10", "80000001/10", "J", 60),
        ("1/10", "80000002/10", "J", 40),
        ("80000001/10", "4900000001/1", "R", 60),
        ("80000001/10", "90000001/10", "M", 60),
        ("80000002/10", "4900000002/1", "R", 40),
        ("80000002/10", "90000001/20", "M", 40),
    ]
    values = [
        row.value
        for number in (FIRST, SECOND)
        for row in erp.flow_after(number)
        if row.subsequent_category == "M"
    ]
    assert values == [Decimal("6000.00"), Decimal("4000.00")]
    assert [row.preceding for row in erp.flow_before(INVOICE)] == [FIRST, SECOND]


def test_goods_issues_post_cost_against_inventory_at_moving_average(erp: SimulatedErp) -> None:
    run_to_invoice(erp)

    first = erp.accounting_document("1000", "4900000001")
    second = erp.accounting_document("1000", "4900000002")
    assert journal(first) == [("892000", "3300.00", ""), ("792000", "", "3300.00")]
    assert journal(second) == [("892000", "2200.00", ""), ("792000", "", "2200.00")]
    assert first is not None and second is not None
    assert (first.document_type, first.posting_date) == ("WL", date(2026, 1, 12))
    assert (second.document_type, second.posting_date) == ("WL", date(2026, 1, 14))


def test_stock_falls_in_quantity_and_value(erp: SimulatedErp) -> None:
    seen = []
    number = sold(erp, order(item(10, "M-01", 100)))
    for quantity in ("60", ""):
        issued(erp, delivered(erp, number, quantity))
        stock = erp.stock("1000", "M-01")
        assert stock is not None
        seen.append((int(stock.unrestricted), stock.value, stock.price))

    assert seen == [
        (440, Decimal("24200.00"), Decimal("55.00")),
        (400, Decimal("22000.00"), Decimal("55.00")),
    ]


def test_the_invoice_posts_receivable_revenue_and_tax(erp: SimulatedErp) -> None:
    run_to_invoice(erp)

    document = erp.accounting_document("1000", INVOICE)
    assert journal(document) == [
        ("140000", "11900.00", ""),
        ("800000", "", "10000.00"),
        ("175000", "", "1900.00"),
    ]
    assert document is not None
    assert (document.document_type, document.posting_date) == ("RV", date(2026, 1, 15))
    (open_item,) = erp.open_items("1000", "C-100")
    assert open_item.net_due_date == date(2026, 2, 14)
    assert open_item.line.baseline_date == date(2026, 1, 15)
    line = open_item.line
    assert (line.discount_days_1, line.discount_percent_1) == (14, Decimal(2))


def test_paying_within_the_discount_days_clears_the_invoice_and_corrects_the_tax(
    erp: SimulatedErp,
) -> None:
    run_to_invoice(erp)
    on(erp, "2026-01-28")

    paid = done(erp, "post_incoming_payment_with_clearing", payment("11662.00"))

    assert paid.number == PAYMENT
    document = erp.accounting_document("1000", PAYMENT)
    assert journal(document) == [
        ("113100", "11662.00", ""),
        ("880000", "200.00", ""),
        ("175000", "38.00", ""),
        ("140000", "", "11900.00"),
    ]
    assert document is not None
    assert (document.document_type, document.posting_date) == ("DZ", date(2026, 1, 28))
    assert erp.open_items("1000", "C-100") == ()
    cleared = erp.cleared_items("1000", "C-100")
    assert {each.accounting_document for each in cleared} == {INVOICE, PAYMENT}
    assert {(each.line.clearing_document, each.line.clearing_date) for each in cleared} == {
        (PAYMENT, date(2026, 1, 28))
    }
    assert balance(erp) == open_total(erp) == Decimal("0.00")


def test_a_discount_on_the_net_amount_leaves_the_tax_alone(master: MasterData) -> None:
    with new_erp(master, cash_discount_base_is_net=True) as erp:
        run_to_invoice(erp)
        on(erp, "2026-01-28")
        done(erp, "post_incoming_payment_with_clearing", payment("11700.00"))

        assert journal(erp.accounting_document("1000", PAYMENT)) == [
            ("113100", "11700.00", ""),
            ("880000", "200.00", ""),
            ("140000", "", "11900.00"),
        ]


def test_after_the_discount_days_the_same_payment_is_too_little(erp: SimulatedErp) -> None:
    run_to_invoice(erp)
    on(erp, "2026-01-30")

    rows = refused(erp, "post_incoming_payment_with_clearing", payment("11662.00"))

    assert rows == ["RW 609", "00 398"]
    assert balance(erp) == Decimal("11900.00")


@pytest.mark.parametrize(
    ("key_date", "expected"),
    [("2026-01-14", "0"), ("2026-01-15", "11900.00"), ("2026-01-28", "0")],
)
def test_the_open_items_of_a_past_day_stay_what_they_were(
    erp: SimulatedErp, key_date: str, expected: str
) -> None:
    run_to_invoice(erp)
    on(erp, "2026-01-28")
    done(erp, "post_incoming_payment_with_clearing", payment("11662.00"))
    on(erp, "2026-05-01")

    day = date.fromisoformat(key_date)

    assert open_total(erp, day) == Decimal(expected)
    assert erp.ledger_balance("1000", "140000", day) == Decimal(expected)


def test_a_whole_order_delivers_its_due_quantity_by_default(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 100), item(20, "M-03", 7)))

    outcome = done(erp, "create_deliveries", [DeliveryRef(number)])

    (delivery,) = outcome.documents
    taken = [(each.item_number, int(each.quantity)) for each in delivery.items]
    assert taken == [(10, 100), (20, 7)]
