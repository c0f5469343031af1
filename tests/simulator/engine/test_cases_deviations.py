"""Worked cases C02, C03, C05, C07, C10, C15 and C16: what happens off the straight path."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    BillingRef,
    ClearingSpec,
    DeliveryRef,
    OpenItemRef,
    Partner,
    PaymentSpec,
    SalesDocumentChange,
)
from tests.simulator.engine.support import (
    balance,
    billed,
    by_account,
    delivered,
    done,
    invoiced,
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


def invoice_of(erp: SimulatedErp, customer: str, net: str, tax: str, day: str) -> str:
    """Post an invoice directly: the cases' invoices whose history does not matter."""
    on(erp, day)
    company, currency = ("4000", "CNY") if customer == "D-01" else ("1000", "EUR")
    gross = Decimal(net) + Decimal(tax)
    spec = AccountingDocumentSpec(
        company,
        "DR",
        currency,
        lines=[
            AccountingLineSpec(gross, customer=customer),
            AccountingLineSpec(-Decimal(net), account="800000"),
            AccountingLineSpec(-Decimal(tax), account="175000"),
        ],
    )
    return done(erp, "post_accounting_document", spec).number


def pay(erp: SimulatedErp, amount: str, *items: OpenItemRef, day: str, **more: object) -> str:
    """Post a payment of customer C-100."""
    on(erp, day)
    spec = PaymentSpec("1000", "C-100", Decimal(amount), "EUR", items=list(items))
    for name, value in more.items():
        setattr(spec, name, value)
    return done(erp, "post_incoming_payment_with_clearing", spec).number


# -- C02 -----------------------------------------------------------------------------------------


def test_beyond_the_tolerance_no_delivery_is_made(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-02", 100)))

    rows = refused(erp, "create_deliveries", [DeliveryRef(number, 10, Decimal(106))])

    assert rows == ["VL 363"]
    assert erp.deliveries_of(number) == ()


def test_within_the_tolerance_the_order_closes_and_the_delivered_quantity_is_billed(
    erp: SimulatedErp,
) -> None:
    on(erp, "2026-02-03")
    number = sold(erp, order(item(10, "M-02", 100)))
    delivery = delivered(erp, number, "104")
    movement = issued(erp, delivery)

    status = erp.sales_status(number)
    assert (status.delivery, int(status.items[10].open_delivery_quantity)) == ("C", 0)
    assert journal(erp.accounting_document("1000", movement)) == [
        ("892000", "1456.00", ""),
        ("792000", "", "1456.00"),
    ]

    on(erp, "2026-02-04")
    (invoice,) = billed(erp, delivery)
    assert journal(erp.accounting_document("1000", invoice)) == [
        ("140000", "3094.00", ""),
        ("800000", "", "2600.00"),
        ("175000", "", "494.00"),
    ]

    partial = pay(
        erp, "2975.00", OpenItemRef(invoice), day="2026-03-01", partial=True, reference="90000002"
    )

    (_, credit) = erp.open_items("1000", "C-100")
    assert credit.accounting_document == partial
    assert (credit.amount, credit.line.invoice_reference) == (Decimal("-2975.00"), invoice)
    assert credit.line.baseline_date == date(2026, 3, 6)
    assert balance(erp) == open_total(erp) == Decimal("119.00")


def test_a_difference_above_the_tolerance_group_is_not_written_off(master: MasterData) -> None:
    limits = {"tolerance_amount": Decimal(5), "tolerance_percent": Decimal(1)}
    with new_erp(master, **limits) as erp:
        _, _, invoice = invoiced(erp, order(item(10, "M-02", 104)))
        short = PaymentSpec(
            "1000", "C-100", Decimal("2975.00"), "EUR", items=[OpenItemRef(invoice)]
        )
        assert refused(erp, "post_incoming_payment_with_clearing", short) == ["RW 609", "00 398"]

        near = PaymentSpec("1000", "C-100", Decimal("3090.00"), "EUR", items=[OpenItemRef(invoice)])
        paid = done(erp, "post_incoming_payment_with_clearing", near).number

        assert by_account(erp.accounting_document("1000", paid))["881000"] == Decimal("4.00")
        assert balance(erp) == 0


# -- C03 -----------------------------------------------------------------------------------------


def returned(erp: SimulatedErp) -> tuple[str, str, str]:
    """Sell 10 and take 3 back with reference to the invoice; return invoice, return, delivery."""
    on(erp, "2026-02-09")
    number = sold(erp, order(item(10, "M-03", 10)))
    delivery = delivered(erp, number)
    issued(erp, delivery)
    on(erp, "2026-02-10")
    (invoice,) = billed(erp, delivery)
    on(erp, "2026-02-16")
    returns = sold(
        erp,
        order(
            item(10, "", 3, reference_document=invoice, reference_item=10),
            document_type="RE",
            order_reason="101",
        ),
    )
    on(erp, "2026-02-18")
    return invoice, returns, delivered(erp, returns)


def test_a_return_comes_back_into_stock_at_value(erp: SimulatedErp) -> None:
    _, returns, delivery = returned(erp)
    assert (returns, delivery) == ("0060000001", "0084000001")

    movement = issued(erp, delivery)

    received = erp.material_document(movement)
    assert received is not None
    assert received.items[0].movement_type == "653"
    assert journal(erp.accounting_document("1000", movement)) == [
        ("792000", "144.00", ""),
        ("892000", "", "144.00"),
    ]
    stock = erp.stock("1000", "M-03")
    assert stock is not None
    assert (int(stock.unrestricted), int(stock.blocked)) == (93, 0)


def test_a_return_into_blocked_stock_posts_nothing_in_accounting(master: MasterData) -> None:
    with new_erp(master, returns_movement_type="651") as erp:
        _, _, delivery = returned(erp)
        movement = issued(erp, delivery)

        assert erp.accounting_document("1000", movement) is None
        stock = erp.stock("1000", "M-03")
        assert stock is not None
        assert (int(stock.unrestricted), int(stock.blocked)) == (90, 3)


def test_the_credit_memo_waits_for_its_block_and_not_for_the_goods(erp: SimulatedErp) -> None:
    invoice, returns, _ = returned(erp)
    assert refused(erp, "create_billing_documents", [BillingRef(returns)]) == ["00 398"]

    on(erp, "2026-02-20")
    done(erp, "change_sales_document", returns, SalesDocumentChange(billing_block=""))
    (credit,) = billed(erp, returns)

    memo = erp.billing_document(credit)
    assert memo is not None
    assert (memo.billing_type, memo.category) == ("RE", "O")
    assert journal(erp.accounting_document("1000", credit)) == [
        ("140000", "", "285.60"),
        ("800000", "240.00", ""),
        ("175000", "45.60", ""),
    ]
    open_credit = next(each for each in erp.open_items("1000", "C-100") if each.amount < 0)
    assert open_credit.line.invoice_reference == invoice
    assert open_credit.net_due_date == date(2026, 3, 12)


def test_one_payment_clears_invoice_and_credit_memo(erp: SimulatedErp) -> None:
    invoice, returns, delivery = returned(erp)
    issued(erp, delivery)
    on(erp, "2026-02-20")
    done(erp, "change_sales_document", returns, SalesDocumentChange(billing_block=""))
    (credit,) = billed(erp, returns)

    paid = pay(erp, "666.40", OpenItemRef(invoice), OpenItemRef(credit), day="2026-03-10")

    assert journal(erp.accounting_document("1000", paid)) == [
        ("113100", "666.40", ""),
        ("140000", "", "666.40"),
    ]
    cleared = erp.items_cleared_by("1000", paid)
    assert {each.accounting_document for each in cleared} == {invoice, credit, paid}
    assert balance(erp) == open_total(erp) == 0
    assert erp.ledger_balance("1000", "800000") == Decimal("-560.00")
    assert erp.ledger_balance("1000", "892000") == Decimal("336.00")


def test_no_more_is_taken_back_than_was_billed(erp: SimulatedErp) -> None:
    invoice, _, _ = returned(erp)
    sold(
        erp,
        order(item(10, "", 7, reference_document=invoice, reference_item=10), document_type="RE"),
    )

    once_more = order(
        item(10, "", 1, reference_document=invoice, reference_item=10), document_type="RE"
    )
    assert refused(erp, "create_sales_document", once_more) == ["00 398", "V4 219"]


# -- C05 -----------------------------------------------------------------------------------------


def paid_in_three_parts(erp: SimulatedErp) -> str:
    """Pay 400 in part, then 500 with a residual item, then the rest."""
    invoice = invoice_of(erp, "C-100", "1000.00", "190.00", "2026-03-01")
    first = pay(erp, "400.00", OpenItemRef(invoice), day="2026-03-20", partial=True)
    second = pay(
        erp,
        "500.00",
        OpenItemRef(invoice),
        OpenItemRef(first),
        day="2026-04-10",
        difference="residual",
    )
    assert journal(erp.accounting_document("1000", second)) == [
        ("113100", "500.00", ""),
        ("140000", "290.00", ""),
        ("140000", "", "790.00"),
    ]
    (residual,) = erp.open_items("1000", "C-100")
    assert (residual.amount, residual.line.invoice_reference) == (Decimal("290.00"), invoice)
    assert residual.net_due_date == date(2026, 3, 31)
    pay(erp, "290.00", OpenItemRef(second), day="2026-04-25")
    return invoice


@pytest.mark.parametrize(
    ("key_date", "amounts", "overdue_days"),
    [
        ("2026-03-25", ["1190.00", "-400.00"], -6),
        ("2026-04-05", ["1190.00", "-400.00"], 5),
        ("2026-04-15", ["290.00"], 15),
        ("2026-05-01", [], 0),
    ],
)
def test_key_dates_of_the_past_show_partial_and_residual_payments(
    erp: SimulatedErp, key_date: str, amounts: list[str], overdue_days: int
) -> None:
    paid_in_three_parts(erp)
    on(erp, "2026-05-02")

    day = date.fromisoformat(key_date)
    items = erp.open_items("1000", "C-100", day)

    assert [str(each.amount) for each in items] == amounts
    assert {(day - each.net_due_date).days for each in items} <= {overdue_days}
    assert erp.ledger_balance("1000", "140000", day) == sum(
        (each.amount for each in items), Decimal(0)
    )


# -- C07 -----------------------------------------------------------------------------------------


def test_two_payers_part_one_delivery_into_two_invoices(erp: SimulatedErp) -> None:
    on(erp, "2026-03-09")
    number = sold(
        erp,
        order(
            item(10, "M-07", 40),
            item(20, "M-07", 60),
            partners=[
                Partner("SP", "S-700"),
                Partner("PY", "P-701", item_number=10),
                Partner("PY", "P-702", item_number=20),
            ],
        ),
    )
    delivery = delivered(erp, number)
    issued(erp, delivery)

    outcome = done(erp, "create_billing_documents", [BillingRef(delivery)])

    first, second = (erp.billing_document(each) for each in outcome.numbers)
    assert first is not None and second is not None
    assert (first.payer, first.net_value, first.tax_amount) == (
        "P-701",
        Decimal("500.00"),
        Decimal("95.00"),
    )
    assert (second.payer, second.net_value, second.tax_amount) == (
        "P-702",
        Decimal("750.00"),
        Decimal("142.50"),
    )
    assert first.split_reason == second.split_reason == "payer"
    assert any(
        row.type == "I" and row.text == "Invoice split: payer differs (P-701 / P-702)"
        for row in outcome.messages
    )
    assert erp.open_items("1000", "S-700") == ()
    assert [str(each.amount) for each in erp.open_items("1000", "P-701")] == ["595.00"]
    assert [str(each.amount) for each in erp.open_items("1000", "P-702")] == ["892.50"]
    assert balance(erp) == Decimal("1487.50")


def test_a_delivery_is_half_billed_between_its_two_invoices(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-07", 40), item(20, "M-07", 60)))
    delivery = delivered(erp, number)
    issued(erp, delivery)

    done(erp, "create_billing_documents", [BillingRef(delivery, 10)])
    assert erp.delivery_status(delivery).billing == "B"
    done(erp, "create_billing_documents", [BillingRef(delivery)])
    assert erp.delivery_status(delivery).billing == "C"


# -- C10, C15 ------------------------------------------------------------------------------------


def test_a_second_payment_stays_as_credit_on_account(erp: SimulatedErp) -> None:
    invoice = invoice_of(erp, "C-100", "1000.00", "190.00", "2026-03-02")
    pay(erp, "1190.00", OpenItemRef(invoice), day="2026-03-10", reference="BANKREF-1")
    pay(erp, "1190.00", day="2026-03-11", reference="BANKREF-2")

    (credit,) = erp.open_items("1000", "C-100")
    assert (credit.amount, credit.line.invoice_reference) == (Decimal("-1190.00"), "")
    assert credit.line.posting_key == "15"
    assert balance(erp) == Decimal("-1190.00")


def test_a_prepayment_is_used_up_by_two_invoices(erp: SimulatedErp) -> None:
    on(erp, "2026-05-02")
    prepaid = PaymentSpec("4000", "D-01", Decimal("200000.00"), "CNY")
    prepayment = done(erp, "post_incoming_payment_with_clearing", prepaid).number
    first = invoice_of(erp, "D-01", "100000.00", "13000.00", "2026-05-06")
    spec = ClearingSpec("4000", "D-01", [OpenItemRef(prepayment), OpenItemRef(first)])
    assert refused(erp, "clear_items", spec) == ["RW 609", "00 398"]

    spec.residual = True
    cleared = done(erp, "clear_items", spec).number

    assert cleared == "0100000001"
    assert journal(erp.accounting_document("4000", cleared)) == [
        ("140000", "87000.00", ""),
        ("140000", "", "87000.00"),
    ]
    on(erp, "2026-05-11")
    top_up = PaymentSpec("4000", "D-01", Decimal("26000.00"), "CNY")
    paid = done(erp, "post_incoming_payment_with_clearing", top_up).number
    second = invoice_of(erp, "D-01", "100000.00", "13000.00", "2026-05-13")
    last = ClearingSpec(
        "4000", "D-01", [OpenItemRef(cleared), OpenItemRef(paid), OpenItemRef(second)]
    )
    closing = done(erp, "clear_items", last).number

    document = erp.accounting_document("4000", closing)
    assert document is not None and document.lines == ()
    assert erp.open_items("4000", "D-01") == ()
    assert balance(erp, company_code="4000") == 0


# -- C16 -----------------------------------------------------------------------------------------


def test_a_service_is_billed_from_the_order_and_never_delivered(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "SV-16", 16), customer="D-01", sales_organization="4000"))
    before = erp.sales_status(number)
    assert (before.delivery, before.order_billing, before.overall) == ("", "A", "A")
    outcome = erp.session("TESTER").create_deliveries([DeliveryRef(number)])
    assert [f"{row.type} {row.id} {row.number}" for row in outcome.messages] == ["S VL 461"]

    (invoice,) = billed(erp, number)

    assert journal(erp.accounting_document("4000", invoice)) == [
        ("140000", "2544.00", ""),
        ("800000", "", "2400.00"),
        ("175000", "", "144.00"),
    ]
    after = erp.sales_status(number)
    assert (after.delivery, after.order_billing, after.overall) == ("", "C", "C")
