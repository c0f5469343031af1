"""What the channels received against the receipts in FI, and what customers owe or are owed."""

from __future__ import annotations

import pytest

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.report import ReconciliationRun, Verdict
from tests.reconciliation.books import TWO_PERCENT_IN_14, Books, day, line


def paid(*payments: tuple[str, str, str], on: str = "2026-03-02") -> tuple[Books, str]:
    """An order of 1,190.00, billed on the given day."""
    books = Books()
    books.sell("EXT-1", [line(10, "100.00")], "2026-03-01", paid=payments)
    order = books.order("EXT-1", "2026-03-01")
    books.deliver(order, "2026-03-01")
    return books, books.bill(order, on)


def received(run: ReconciliationRun) -> dict[str, str]:
    (identity,) = [identity for identity in run.identities if identity.number == 3]
    assert identity.holds
    return {t.label: str(t.amount.amount) for t in (identity.left, *identity.right)}


def test_a_payment_without_receipt_is_pending_until_it_should_have_settled() -> None:
    books, _ = paid(("P-1", "1190.00", "2026-03-04"))

    (pending,) = books.reconcile("2026-03-06").pending
    (missing,) = books.reconcile("2026-03-07").breaks

    assert pending.code is missing.code is BreakCode.MISSING_PAYMENT
    assert str(missing.difference) == "1,190.00 EUR"
    assert received(books.reconcile("2026-03-07"))["not yet posted"] == "1190.00"


def test_a_receipt_posted_after_the_key_date_was_not_there_on_it() -> None:
    books, invoice = paid(("P-1", "1190.00", "2026-03-04"))
    receipt = books.receive("P-1", "1190.00", "2026-03-06")
    books.clear([invoice, receipt], receipt, "2026-03-06")

    before, after = books.reconcile("2026-03-05"), books.reconcile("2026-03-06")

    assert received(before)["not yet posted"] == "1190.00"
    assert received(after)["applied"] == "1190.00"
    assert after.verdict is Verdict.RECONCILED


def test_a_payment_in_advance_waits_for_the_invoice() -> None:
    books = Books()
    books.sell("EXT-1", [line(1, "100.00")], "2026-03-01", paid=[("P-1", "119.00", "2026-03-01")])
    books.order("EXT-1", "2026-03-01")
    books.receive("P-1", "119.00", "2026-03-02")

    run = books.reconcile("2026-03-03")

    advance = [p for p in run.pending if p.code is BreakCode.UNAPPLIED_CASH]
    assert [p.break_on for p in advance] == [day("2026-04-01")]
    assert received(run)["unapplied"] == "119.00"


def test_money_without_any_invoice_is_unapplied_after_two_weeks() -> None:
    books, _ = paid()
    books.receive("", "400.00", "2026-03-05", document="1400000102")

    (pending,) = books.reconcile("2026-03-18").pending
    (unapplied,) = books.reconcile("2026-03-19").breaks

    assert pending.code is unapplied.code is BreakCode.UNAPPLIED_CASH
    assert str(unapplied.difference) == "-400.00 EUR"
    assert unapplied.key("document") == "1400000102/2026"


def test_a_payment_posted_twice_is_found_by_its_reference() -> None:
    books, invoice = paid(("P-1", "1190.00", "2026-03-04"))
    receipt = books.receive("P-1", "1190.00", "2026-03-04")
    books.clear([invoice, receipt], receipt, "2026-03-04")
    books.receive("P-1", "1190.00", "2026-03-05")

    run = books.reconcile("2026-03-31")

    (twice,) = run.breaks
    assert twice.code is BreakCode.DUPLICATE_PAYMENT
    assert str(twice.difference) == "-1,190.00 EUR"
    assert received(run)["applied"] == "1190.00"


def test_two_payments_for_one_order_are_an_overpayment_and_not_also_unapplied() -> None:
    books, invoice = paid(("P-1", "1190.00", "2026-03-10"), ("P-2", "1190.00", "2026-03-11"))
    first = books.receive("P-1", "1190.00", "2026-03-10")
    books.clear([invoice, first], first, "2026-03-10")
    books.receive("P-2", "1190.00", "2026-03-11")

    run = books.reconcile("2026-04-30")

    (over,) = run.breaks
    assert over.code is BreakCode.OVERPAYMENT
    assert str(over.difference) == "-1,190.00 EUR"
    assert str(run.ageing[0].unapplied) == "-1,190.00 EUR"


def test_an_overpayment_keeps_its_id_while_its_amount_changes() -> None:
    books, _ = paid(("P-1", "1200.00", "2026-03-04"), ("P-2", "5.00", "2026-03-06"))

    (earlier,) = books.reconcile("2026-03-05").breaks
    (later,) = books.reconcile("2026-03-06").breaks

    assert earlier.code is later.code is BreakCode.OVERPAYMENT
    assert earlier.id == later.id
    assert str(earlier.difference) == "-10.00 EUR"
    assert str(later.difference) == "-15.00 EUR"


def test_a_discount_taken_late_but_granted_is_unearned_too() -> None:
    books = Books()
    books.sell(
        "EXT-1", [line(100, "100.00")], "2026-01-05", paid=[("P-1", "11662.00", "2026-01-30")]
    )
    order = books.order("EXT-1", "2026-01-05")
    books.deliver(order, "2026-01-12")
    invoice = books.bill(order, "2026-01-15", terms=TWO_PERCENT_IN_14)
    receipt = books.receive("P-1", "11900.00", "2026-01-30")
    books.clear([invoice, receipt], receipt, "2026-01-30")

    run = books.reconcile("2026-01-31")

    (unearned,) = run.breaks
    assert unearned.code is BreakCode.UNEARNED_DISCOUNT
    assert str(unearned.difference) == "238.00 EUR"


@pytest.mark.parametrize(
    ("settled", "code"),
    [
        ("1190.00", None),
        ("1100.00", BreakCode.MISSING_PAYMENT),
        ("1200.00", BreakCode.UNDERPAYMENT),
    ],
)
def test_a_receipt_over_another_amount_than_received_is_a_difference(
    settled: str, code: BreakCode | None
) -> None:
    books, invoice = paid(("P-1", "1190.00", "2026-03-04"))
    receipt = books.receive("P-1", settled, "2026-03-04", invoice_reference=invoice)

    run = books.reconcile("2026-03-05")

    about = [b.code for b in run.breaks if receipt in b.erp.what]
    assert about == ([code] if code else [])
    assert received(run)["received"] == "1190.00"


def test_a_receipt_in_another_currency_is_a_mismatch() -> None:
    books, _ = paid(("P-1", "1190.00", "2026-03-04"))
    books.receive("P-1", "1190.00", "2026-03-04", currency="USD")

    run = books.reconcile("2026-03-05")

    assert BreakCode.CURRENCY_MISMATCH in {b.code for b in run.breaks}
    assert received(run)["not yet posted"] == "1190.00"


def test_the_payment_of_a_missing_order_points_to_the_missing_order() -> None:
    books = Books()
    books.sell("EXT-1", [line(1, "100.00")], "2026-03-01", paid=[("P-1", "119.00", "2026-03-01")])

    run = books.reconcile("2026-03-05")

    (missing_order,) = run.breaks
    (missing_payment,) = run.pending
    assert missing_payment.cause == missing_order.id


def test_a_prepayment_used_up_by_two_invoices_leaves_nothing() -> None:
    """200,000 in advance, 113,000 and 113,000 billed, 26,000 added."""
    books = Books("4000", "CNY")
    advance = books.receive("", "200000.00", "2026-05-02", document="1400000201")
    books.post("90000201", "RV", "2026-05-06", "113000.00", billing_document="90000201")
    books.clear([advance, "90000201"], "100000001", "2026-05-06")
    books.post("100000001", "AB", "2026-05-06", "87000.00")
    books.clear(["100000001"], "100000001", "2026-05-06")
    books.post("100000001", "AB", "2026-05-06", "-87000.00")
    top_up = books.receive("", "26000.00", "2026-05-11", document="1400000202")
    books.post("90000202", "RV", "2026-05-13", "113000.00", billing_document="90000202")
    between = books.reconcile("2026-05-12")
    books.clear(["100000001", top_up, "90000202"], "100000002", "2026-05-13")
    after = books.reconcile("2026-05-13")

    assert str(between.ageing[0].unapplied) == "-113,000.00 CNY"
    assert after.ageing == ()
    assert after.verdict is Verdict.RECONCILED


def test_what_an_invoice_lacks_points_to_the_receipt_that_was_posted_too_low() -> None:
    books, invoice = paid(("P-1", "1190.00", "2026-03-04"))
    books.receive("P-1", "1100.00", "2026-03-04", invoice_reference=invoice)

    too_low, short = books.reconcile("2026-03-09").breaks

    assert (too_low.code, short.code) == (BreakCode.MISSING_PAYMENT, BreakCode.UNDERPAYMENT)
    assert str(too_low.difference) == str(short.difference) == "90.00 EUR"
    assert short.cause == too_low.id


def test_a_receipt_in_another_currency_is_told_once() -> None:
    books, _ = paid(("P-1", "1190.00", "2026-03-04"))
    books.receive("P-1", "1190.00", "2026-03-04", currency="USD")

    (mismatch,) = books.reconcile("2026-03-31").breaks

    assert mismatch.code is BreakCode.CURRENCY_MISMATCH
    assert mismatch.key("payment_id") == "P-1"
