"""The worked cases of finance, with their exact figures, over records kept by the test."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.reconciliation.ageing import Bucket
from connector.reconciliation.breaks import BreakCode, Severity
from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.rules import DiscountBase, ReconciliationRules
from tests.reconciliation.books import TWO_PERCENT_IN_14, Books, line


def buckets(run: ReconciliationRun) -> dict[str, str]:
    (row,) = run.ageing
    return {bucket.value: f"{row.amount(bucket).amount}" for bucket in Bucket}


def terms(run: ReconciliationRun, number: int) -> dict[str, str]:
    (identity,) = [identity for identity in run.identities if identity.number == number]
    assert identity.holds
    return {term.label: f"{term.amount.amount}" for term in (identity.left, *identity.right)}


def collective_invoice(paid: str, paid_on: str) -> tuple[Books, str]:
    """100 pieces at 100.00, delivered in two parts, billed once: 11,900.00."""
    books = Books()
    books.sell("EXT-1001", [line(100, "100.00")], "2026-01-05", paid=[("P-1", paid, paid_on)])
    order = books.order("EXT-1001", "2026-01-05")
    books.deliver(order, "2026-01-12", {10: 60})
    books.deliver(order, "2026-01-14", {10: 40})
    return books, books.bill(order, "2026-01-15", terms=TWO_PERCENT_IN_14)


def test_a_payment_within_the_discount_period_reconciles_to_zero() -> None:
    books, invoice = collective_invoice("11662.00", "2026-01-28")
    receipt = books.receive("P-1", "11900.00", "2026-01-28")
    books.clear([invoice, receipt], receipt, "2026-01-28")

    run = books.reconcile("2026-01-31")

    assert run.verdict is Verdict.RECONCILED
    assert run.breaks == () and run.pending == ()
    assert terms(run, 1) == {
        "external orders": "11900.00",
        "billed": "11900.00",
        "not yet billed": "0.00",
        "explained": "0.00",
        "breaks": "0.00",
    }
    assert terms(run, 3) == {
        "received": "11662.00",
        "applied": "11900.00",
        "discount and differences": "-238.00",
        "unapplied": "0.00",
        "not yet posted": "0.00",
    }
    (discount,) = run.explained
    assert discount.reason is ExplainedReason.CASH_DISCOUNT
    assert str(discount.amount) == "238.00 EUR"
    assert terms(run, 4) == {"open items": "0.00", "G/L balance": "0.00"}


def test_a_discount_on_the_net_amount_is_explained_when_finance_says_so() -> None:
    books, invoice = collective_invoice("11700.00", "2026-01-28")
    receipt = books.receive("P-1", "11900.00", "2026-01-28")
    books.clear([invoice, receipt], receipt, "2026-01-28")

    run = books.reconcile("2026-01-31", ReconciliationRules(discount_base=DiscountBase.NET))

    assert run.verdict is Verdict.RECONCILED
    assert [str(entry.amount) for entry in run.explained] == ["200.00 EUR"]


@pytest.mark.parametrize("referenced", [True, False])
def test_a_late_discount_is_unearned_and_leaves_the_invoice_open(referenced: bool) -> None:
    """Day 15 after the baseline date: one too late. Named by reference or only by its order."""
    books, invoice = collective_invoice("11662.00", "2026-01-30")
    reference = invoice if referenced else ""
    books.receive("P-1", "11662.00", "2026-01-30", invoice_reference=reference)

    run = books.reconcile("2026-01-31")

    (unearned,) = run.breaks
    assert unearned.code is BreakCode.UNEARNED_DISCOUNT
    assert str(unearned.difference) == "238.00 EUR"
    assert unearned.key("invoice") == invoice
    assert run.pending == ()


def test_over_delivery_and_the_underpayment_that_it_causes_are_both_found_and_linked() -> None:
    books = Books()
    books.sell("EXT-2", [line(100, "25.00")], "2026-02-01", paid=[("P-2", "2975.00", "2026-03-01")])
    order = books.order("EXT-2", "2026-02-01")
    books.deliver(order, "2026-02-03", {10: 104})
    invoice = books.bill(order, "2026-02-04", {10: 104})
    books.receive("P-2", "2975.00", "2026-03-01", invoice_reference=invoice)

    run = books.reconcile("2026-03-02", ReconciliationRules(over_delivery_percent=Decimal(5)))

    over, under = run.breaks
    assert over.code is BreakCode.QTY_OVER_DELIVERED
    assert over.severity is Severity.INFO
    assert over.quantity_difference == 4 and over.unit == "PC"
    assert str(over.net_difference) == "100.00 EUR"
    assert str(over.tax_difference) == "19.00 EUR"
    assert under.code is BreakCode.UNDERPAYMENT
    assert str(under.difference) == "119.00 EUR"
    assert under.cause == over.id
    assert terms(run, 1)["billed"] == "3094.00"
    assert terms(run, 1)["breaks"] == "-119.00"
    assert terms(run, 4) == {"open items": "119.00", "G/L balance": "119.00"}
    assert run.verdict is Verdict.BREAKS


def partial_then_residual() -> Books:
    """1,190.00 due 2026-03-31: 400.00 in part, 500.00 with a residual of 290.00, then the rest."""
    books = Books()
    books.sell("EXT-6", [line(10, "100.00")], "2026-02-25")
    order = books.order("EXT-6", "2026-02-25")
    books.deliver(order, "2026-02-27")
    invoice = books.bill(order, "2026-03-01")
    due = {"baseline_date": "2026-03-31", "invoice_reference": invoice}
    part = books.receive("", "400.00", "2026-03-20", document="1400000005", **due)
    books.clear([invoice, part], "1400000006", "2026-04-10")
    books.receive("", "790.00", "2026-04-10", document="1400000006")
    books.clear(["1400000006"], "1400000006", "2026-04-10")
    books.post("1400000006", "DZ", "2026-04-10", "290.00", **due)
    books.receive("", "290.00", "2026-04-25", document="1400000007")
    books.clear(["1400000006", "1400000007"], "1400000007", "2026-04-25")
    return books


@pytest.mark.parametrize(
    ("key_date", "items", "balance", "not_due", "up_to_30"),
    [
        ("2026-03-25", 2, "790.00", "790.00", "0.00"),
        ("2026-04-05", 2, "790.00", "0.00", "790.00"),
        ("2026-04-15", 1, "290.00", "0.00", "290.00"),
    ],
)
def test_a_key_date_in_the_past_reads_as_it_did_on_that_day(
    key_date: str, items: int, balance: str, not_due: str, up_to_30: str
) -> None:
    """All postings exist already, those after the key date too: they must not show."""
    run = partial_then_residual().reconcile(key_date)

    (row,) = run.ageing
    assert row.items == items
    assert terms(run, 4) == {"open items": balance, "G/L balance": balance}
    assert buckets(run)["not due"] == not_due
    assert buckets(run)["1-30"] == up_to_30


def test_nothing_is_open_once_the_residual_item_was_paid() -> None:
    run = partial_then_residual().reconcile("2026-05-01")

    assert run.ageing == ()
    assert terms(run, 4) == {"open items": "0.00", "G/L balance": "0.00"}
    assert run.verdict is Verdict.RECONCILED


def test_a_partly_paid_invoice_is_pending_until_it_is_due_and_then_the_same_difference_breaks() -> (
    None
):
    books = partial_then_residual()

    (pending,) = books.reconcile("2026-03-25").pending
    (overdue,) = books.reconcile("2026-04-05").breaks
    (residual,) = books.reconcile("2026-04-15").breaks

    assert pending.code is overdue.code is residual.code is BreakCode.UNDERPAYMENT
    assert pending.break_on.isoformat() == "2026-04-01"
    assert [str(d.difference) for d in (pending, overdue, residual)] == [
        "790.00 EUR",
        "790.00 EUR",
        "290.00 EUR",
    ]
    assert len({pending.id, overdue.id, residual.id}) == 1


def test_cents_of_two_tax_codes_that_cancel_out_are_two_differences() -> None:
    books = Books()
    lines = [
        line(3, "9.24"),
        line(7, "7.91"),
        line(7, "2.87"),
        line(7, "3.43", "A2"),
        line(7, "7.56", "A2"),
    ]
    books.sell("EXT-7", lines, "2026-03-04")
    order = books.order("EXT-7", "2026-03-04")
    books.deliver(order, "2026-03-04")
    invoice = books.bill(order, "2026-03-05")
    receipt = books.receive("", "205.10", "2026-03-06")
    books.clear([invoice, receipt], receipt, "2026-03-06")

    run = books.reconcile("2026-03-10")

    assert terms(run, 1)["external orders"] == terms(run, 1)["billed"] == "205.10"
    found = sorted((b.key("part"), b.code, str(b.difference)) for b in run.breaks)
    assert found == [
        ("tax code A1", BreakCode.TAX_ROUNDING, "-0.01 EUR"),
        ("tax code A2", BreakCode.TAX_ROUNDING, "0.01 EUR"),
    ]


def test_an_order_billed_to_two_payers_is_one_match_over_the_document_flow() -> None:
    books = Books()
    books.sell("EXT-8", [line(40, "12.50"), line(60, "12.50")], "2026-03-02")
    order = books.order("EXT-8", "2026-03-02")
    books.deliver(order, "2026-03-06")
    books.bill(order, "2026-03-09", {10: 40}, payer="P-701")
    books.bill(order, "2026-03-09", {20: 60}, payer="P-702")

    run = books.reconcile("2026-03-10")

    assert run.verdict is Verdict.RECONCILED
    assert terms(run, 1)["external orders"] == "1487.50"
    assert terms(run, 4) == {"open items": "1487.50", "G/L balance": "1487.50"}
    flow = [match for match in run.matches if match.rule == "document flow"]
    assert [f"{match.amount.amount}" for match in flow] == ["595.00", "892.50"]


def test_ageing_follows_the_net_due_date_and_keeps_money_on_account_apart() -> None:
    """Due today is not overdue, credits stand with their invoice, cleared later is still open."""
    books = Books()
    for document, baseline, amount in (
        ("90000101", "2026-06-15", "1000.00"),
        ("90000102", "2026-05-31", "2000.00"),
        ("90000103", "2026-05-30", "300.00"),
        ("90000104", "2026-05-01", "500.00"),
        ("90000105", "2026-04-30", "700.00"),
        ("90000106", "2026-02-28", "900.00"),
        ("90000109", "2026-05-20", "250.00"),
        ("90000110", "2026-07-01", "120.00"),
    ):
        books.post(document, "RV", baseline, amount, billing_document=document, net_days=30)
    books.post("90000107", "RV", "2026-06-20", "-150.00", billing_document="90000107")
    books.post(
        "90000108",
        "RV",
        "2026-06-15",
        "-100.00",
        billing_document="90000108",
        net_days=30,
        invoice_reference="90000101",
    )
    books.post("1400000101", "DZ", "2026-05-30", "-200.00", invoice_reference="90000105")
    books.post("1400000102", "DZ", "2026-06-25", "-400.00")
    books.clear(["90000109"], "1400000103", "2026-07-02")

    run = books.reconcile("2026-06-30")

    assert buckets(run) == {
        "not due": "2900.00",
        "1-30": "900.00",
        "31-60": "500.00",
        "61-90": "0.00",
        ">90": "900.00",
        "unapplied": "-400.00",
    }
    assert str(run.ageing[0].total) == "4,800.00 EUR"


def test_yen_and_dinar_keep_their_own_decimals() -> None:
    yen = Books("2000", "JPY")
    yen.sell("EXT-J", [line(3, "333", "A1")], "2026-02-15")
    order = yen.order("EXT-J", "2026-02-15")
    yen.deliver(order, "2026-02-15")
    yen.bill(order, "2026-02-16")
    dinar = Books("3000", "KWD")
    dinar.sell("EXT-K", [line(7, "1.235", "A0")], "2026-02-15")
    order = dinar.order("EXT-K", "2026-02-15")
    dinar.deliver(order, "2026-02-15")
    dinar.bill(order, "2026-02-16")

    assert terms(yen.reconcile("2026-02-20"), 1)["billed"] == "1189"
    assert terms(dinar.reconcile("2026-02-20"), 1)["billed"] == "8.645"
