"""
The worked cases as a simulated ERP posts them, read back through the RFC transport.

Users of the ERP make the postings; reconciliation sees only what the transport brings.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.reconciliation.ageing import Bucket
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.report import Verdict
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import (
    BillingRef,
    ManualCondition,
    OpenItemRef,
    Partner,
    SalesDocumentChange,
)
from tests.reconciliation.books import Line, line
from tests.reconciliation.company import Company, aged, amounts, pays
from tests.simulator.engine.support import (
    billed,
    delivered,
    done,
    invoiced,
    issued,
    item,
    on,
    order,
    sold,
)


def collective_invoice(erp: SimulatedErp) -> tuple[str, str]:
    """Inquiry, quotation, order, deliveries of 60 and 40, one invoice; order and invoice."""
    inquiry = sold(erp, order(item(10, "M-01", 100), document_type="IN"))
    on(erp, "2026-01-03")
    quotation = sold(erp, order(document_type="QT", reference_document=inquiry))
    on(erp, "2026-01-05")
    number = sold(
        erp,
        order(
            reference_document=quotation,
            purchase_order_by_customer="EXT-1001",
            terms_of_payment="Z214",
        ),
    )
    deliveries = []
    for delivered_on, issued_on, quantity in (
        ("2026-01-09", "2026-01-12", "60"),
        ("2026-01-13", "2026-01-14", "40"),
    ):
        on(erp, delivered_on)
        deliveries.append(delivered(erp, number, quantity))
        on(erp, issued_on)
        issued(erp, deliveries[-1])
    on(erp, "2026-01-15")
    (invoice,) = billed(erp, *deliveries)
    return number, invoice


@pytest.mark.parametrize("linked", [True, False])
def test_the_full_chain_with_a_discount_reconciles_to_zero(company: Company, linked: bool) -> None:
    """With the connector's own link, and by the purchase order number alone."""
    number, invoice = collective_invoice(company.simulated)
    pays(
        company.simulated,
        "11662.00",
        OpenItemRef(invoice, cash_discount=None),
        on_day="2026-01-28",
        reference="P-1",
    )
    company.sells(
        "EXT-1001",
        [line(100, "100.00")],
        "2026-01-05",
        ("P-1", "11662.00", "2026-01-28"),
        sales_order=number if linked else "",
    )

    run = company.reconciles("2026-01-31")

    assert run.verdict is Verdict.RECONCILED, run.breaks
    assert run.breaks == () and run.pending == ()
    assert amounts(run, 1)["external orders"] == amounts(run, 1)["billed"] == "11900.00"
    assert amounts(run, 2) == {
        "billed gross": "11900.00",
        "FI posted": "11900.00",
        "not transferred": "0.00",
        "explained": "0.00",
        "breaks": "0.00",
    }
    assert amounts(run, 3)["received"] == "11662.00"
    assert amounts(run, 3)["discount and differences"] == "-238.00"
    assert amounts(run, 4) == {"open items": "0.00", "G/L balance": "0.00"}
    assert [entry.reason for entry in run.explained] == [ExplainedReason.CASH_DISCOUNT]
    first_rule = next(m.rule.value for m in run.matches if m.erp == f"sales order {number}")
    assert first_rule == ("link table" if linked else "purchase order by customer")


@pytest.mark.parametrize(
    ("key_date", "verdict", "waiting"),
    [
        ("2026-01-05", Verdict.WITH_PENDING, {"QTY_UNDER_DELIVERED": "11900.00"}),
        (
            "2026-01-07",
            Verdict.WITH_PENDING,
            {"QTY_UNDER_DELIVERED": "11900.00"},
        ),
        (
            "2026-01-13",
            Verdict.WITH_PENDING,
            {"MISSING_BILLING": "7140.00", "GI_MISSING": "4760.00"},
        ),
        ("2026-01-14", Verdict.WITH_PENDING, {"MISSING_BILLING": "11900.00"}),
        ("2026-01-15", Verdict.RECONCILED, {}),
    ],
)
def test_the_past_shows_the_chain_as_far_as_it_had_come(
    company: Company, key_date: str, verdict: Verdict, waiting: dict[str, str]
) -> None:
    number, _ = collective_invoice(company.simulated)
    company.sells("EXT-1001", [line(100, "100.00")], "2026-01-05", sales_order=number)
    on(company.simulated, "2026-02-20")

    run = company.reconciles(key_date)

    assert run.verdict is verdict
    found: dict[str, Decimal] = {}
    for difference in (*run.pending, *run.breaks):
        assert difference.effect is not None
        code = difference.code.value
        found[code] = found.get(code, Decimal(0)) + difference.effect.amount
    assert {code: str(amount) for code, amount in found.items()} == waiting


def test_a_discount_deducted_a_day_too_late_is_unearned(company: Company) -> None:
    number, invoice = collective_invoice(company.simulated)
    pays(
        company.simulated,
        "11662.00",
        OpenItemRef(invoice),
        on_day="2026-01-30",
        partial=True,
        reference="P-1",
    )
    company.sells(
        "EXT-1001",
        [line(100, "100.00")],
        "2026-01-05",
        ("P-1", "11662.00", "2026-01-30"),
        sales_order=number,
    )

    (unearned,) = company.reconciles("2026-01-31").breaks

    assert unearned.code is BreakCode.UNEARNED_DISCOUNT
    assert str(unearned.difference) == "238.00 EUR"


def test_over_delivery_and_its_underpayment_are_found_and_linked(company: Company) -> None:
    erp = company.simulated
    on(erp, "2026-02-03")
    number = sold(erp, order(item(10, "M-02", 100), purchase_order_by_customer="EXT-2"))
    delivery = delivered(erp, number, "104")
    issued(erp, delivery)
    on(erp, "2026-02-04")
    (invoice,) = billed(erp, delivery)
    pays(
        erp,
        "2975.00",
        OpenItemRef(invoice),
        on_day="2026-03-01",
        partial=True,
        reference="P-2",
    )
    company.sells(
        "EXT-2",
        [line(100, "25.00")],
        "2026-02-03",
        ("P-2", "2975.00", "2026-03-01"),
        sales_order=number,
    )

    run = company.reconciles("2026-03-02", over_delivery_percent=Decimal(5))

    over, under = run.breaks
    assert (over.code, under.code) == (BreakCode.QTY_OVER_DELIVERED, BreakCode.UNDERPAYMENT)
    assert (over.quantity_difference, over.unit) == (Decimal(4), "ST")
    assert str(over.net_difference) == "100.00 EUR"
    assert str(over.tax_difference) == "19.00 EUR"
    assert str(under.difference) == "119.00 EUR"
    assert under.cause == over.id
    assert amounts(run, 4) == {"open items": "119.00", "G/L balance": "119.00"}


def test_a_credit_memo_and_one_payment_for_both_leave_nothing(company: Company) -> None:
    erp = company.simulated
    on(erp, "2026-02-09")
    number = sold(erp, order(item(10, "M-03", 10), purchase_order_by_customer="EXT-3"))
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
    on(erp, "2026-02-20")
    done(erp, "change_sales_document", returns, SalesDocumentChange(billing_block=""))
    (credit,) = billed(erp, returns)
    pays(erp, "666.40", OpenItemRef(invoice), OpenItemRef(credit), on_day="2026-03-10")
    company.sells("EXT-3", [line(10, "80.00")], "2026-02-09", sales_order=number)

    run = company.reconciles("2026-03-10")

    assert run.verdict is Verdict.RECONCILED, run.breaks
    assert amounts(run, 1)["billed"] == "666.40"
    assert amounts(run, 1)["explained"] == "285.60"
    assert amounts(run, 2)["FI posted"] == "666.40"


@pytest.fixture
def paid_in_three_parts(company: Company) -> Company:
    """1,190.00: 400.00 in part, 500.00 with a residual item, then the rest."""
    erp = company.simulated
    on(erp, "2026-03-01")
    number, _, invoice = invoiced(
        erp, order(item(10, "M-01", 10), purchase_order_by_customer="EXT-6")
    )
    first = pays(erp, "400.00", OpenItemRef(invoice), on_day="2026-03-20", partial=True)
    second = pays(
        erp,
        "500.00",
        OpenItemRef(invoice),
        OpenItemRef(first),
        on_day="2026-04-10",
        difference="residual",
    )
    pays(erp, "290.00", OpenItemRef(second), on_day="2026-04-25")
    company.sells("EXT-6", [line(10, "100.00")], "2026-03-01", sales_order=number)
    on(erp, "2026-05-02")
    return company


@pytest.mark.parametrize(
    ("key_date", "balance", "buckets", "breaks"),
    [
        ("2026-03-25", "790.00", {Bucket.NOT_DUE: "790.00"}, []),
        ("2026-04-05", "790.00", {Bucket.UP_TO_30: "790.00"}, ["790.00 EUR"]),
        ("2026-04-15", "290.00", {Bucket.UP_TO_30: "290.00"}, ["290.00 EUR"]),
        ("2026-05-01", "0.00", {}, []),
    ],
)
def test_four_key_dates_computed_on_one_day_read_as_they_did(
    paid_in_three_parts: Company,
    key_date: str,
    balance: str,
    buckets: dict[Bucket, str],
    breaks: list[str],
) -> None:
    run = paid_in_three_parts.reconciles(key_date)

    assert amounts(run, 4) == {"open items": balance, "G/L balance": balance}
    assert aged(run) == buckets
    assert [str(b.difference) for b in run.breaks] == breaks
    assert {b.code for b in run.breaks} <= {BreakCode.UNDERPAYMENT}


def test_rounding_per_line_against_rounding_per_document_is_found_per_tax_code(
    company: Company,
) -> None:
    """Total and gross agree; one code has a cent less, the other a cent more."""
    erp = company.simulated
    on(erp, "2026-03-05")
    wanted = [
        (3, "9.24", "A1"),
        (7, "7.91", "A1"),
        (7, "2.87", "A1"),
        (7, "3.43", "A2"),
        (7, "7.56", "A2"),
    ]
    materials = {"A1": "M-61", "A2": "M-62"}
    spec = order(
        *(
            item(10 * n, materials[code], quantity)
            for n, (quantity, _, code) in enumerate(wanted, start=1)
        ),
        purchase_order_by_customer="EXT-7",
        conditions=[
            ManualCondition("PR00", Decimal(price), 10 * n)
            for n, (_, price, _) in enumerate(wanted, start=1)
        ],
    )
    number, _, _ = invoiced(erp, spec)
    company.sells(
        "EXT-7",
        [line(quantity, price, code) for quantity, price, code in wanted],
        "2026-03-05",
        sales_order=number,
    )

    run = company.reconciles("2026-03-05")

    found = sorted((b.key("part"), b.code.value, str(b.difference)) for b in run.breaks)
    assert found == [
        ("tax code A1", "TAX_ROUNDING", "-0.01 EUR"),
        ("tax code A2", "TAX_ROUNDING", "0.01 EUR"),
    ]
    assert amounts(run, 1)["billed"] == amounts(run, 1)["external orders"] == "205.10"


def test_items_of_two_payers_are_found_through_the_flow(company: Company) -> None:
    erp = company.simulated
    on(erp, "2026-03-09")
    number = sold(
        erp,
        order(
            item(10, "M-07", 40),
            item(20, "M-07", 60),
            purchase_order_by_customer="EXT-8",
            partners=[
                Partner("SP", "S-700"),
                Partner("PY", "P-701", item_number=10),
                Partner("PY", "P-702", item_number=20),
            ],
        ),
    )
    delivery = delivered(erp, number)
    issued(erp, delivery)
    done(erp, "create_billing_documents", [BillingRef(delivery)])
    company.sells("EXT-8", [line(40, "12.50"), line(60, "12.50")], "2026-03-09", sales_order=number)

    run = company.reconciles("2026-03-09")

    assert run.verdict is Verdict.RECONCILED, run.breaks
    assert amounts(run, 4) == {"open items": "1487.50", "G/L balance": "1487.50"}


def test_a_service_without_delivery_reconciles_in_its_own_company_code(company: Company) -> None:
    erp = company.simulated
    on(erp, "2026-05-20")
    number = sold(
        erp,
        order(
            item(10, "SV-16", 16),
            customer="D-01",
            sales_organization="4000",
            purchase_order_by_customer="EXT-16",
        ),
    )
    billed(erp, number)
    shop = [Line(Decimal(16), Decimal("159.00"), "A0")]
    company.sells("EXT-16", shop, "2026-05-20", sales_order=number, currency="CNY")

    run = company.reconciles("2026-05-20", "4000")

    assert amounts(run, 1)["external orders"] == amounts(run, 1)["billed"] == "2544.00"
    assert amounts(run, 4) == {"open items": "2544.00", "G/L balance": "2544.00"}
