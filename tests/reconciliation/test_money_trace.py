"""The chain to its end: from a payment to its payout, with the fee, and to the bank line."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import cast

from connector.ports.store_records import FlowView
from connector.reconciliation.money_trace import MoneyTrace
from connector.reconciliation.trace import Stage
from tests.reconciliation.money import bank_line, movements, payout, reconcile, statement
from tests.reconciliation.test_payouts import charges, in_bank, shop

WHOLE = payout("po_1", "2026-03-03", "348.00", charges())


def view_of(*items: object) -> FlowView:
    return cast(FlowView, SimpleNamespace(items=items))


def test_a_payment_is_followed_through_its_payout_with_the_fee_to_the_bank_line() -> None:
    books, money = shop(), in_bank(WHOLE)
    trace = MoneyTrace(reconcile(books, "2026-03-05", money).matches, [WHOLE], money.statements)

    steps = list(trace.steps(books.mirrored["EXT-2"], view_of()))

    assert [(s.stage, s.number, str(s.amount), str(s.residual)) for s in steps] == [
        (Stage.PAYOUT, "stripe payout po_1", "116.00 EUR", "-3.00 EUR"),
        (Stage.PAYOUT, "stripe payout po_1", "348.00 EUR", "None"),
        (Stage.BANK, "B-1", "348.00 EUR", "0.00 EUR"),
    ]
    assert steps[0].reason == "fee 3.00 EUR"


def test_a_payout_that_has_not_come_says_so() -> None:
    books, money = shop(), movements(payouts=[WHOLE])
    trace = MoneyTrace(reconcile(books, "2026-03-05", money).matches, [WHOLE], ())

    last = list(trace.steps(books.mirrored["EXT-1"], view_of()))[-1]

    assert (last.stage, str(last.residual)) == (Stage.BANK, "-348.00 EUR")
    assert last.reason == "no bank line was matched with it"


def test_orders_are_found_by_payout_charge_bank_line_and_amount() -> None:
    money = in_bank(WHOLE)
    run = reconcile(shop(), "2026-03-05", money)
    trace = MoneyTrace(run.matches, [WHOLE], money.statements)

    assert set(trace.numbers_with("po_1", None)) >= {"ch_1", "ch_2", "ch_3"}
    assert list(trace.numbers_with("txn_2", None)) == ["ch_2"]
    assert set(trace.numbers_with("B-1", None)) >= {"ch_1", "ch_2", "ch_3"}
    assert set(trace.numbers_with("116.00", Decimal("116.00"))) == {"ch_1", "ch_2", "ch_3"}
    assert list(trace.numbers_with("9.99", Decimal("9.99"))) == []


def test_a_bank_line_that_pays_an_invoice_directly_stands_behind_its_receipt() -> None:
    books = shop()
    receipt = books.receive("BANK-7", "50.00", "2026-03-04")
    line = bank_line("BANK-7", "2026-03-04", "50.00", "BANK-7")
    money = movements(statement(line, until="2026-03-05"))
    trace = MoneyTrace(reconcile(books, "2026-03-05", money).matches, (), money.statements)
    (item,) = (i for i in books.items if i.key.accounting_document == receipt)

    (step,) = trace.steps(books.mirrored["EXT-1"], view_of(item))

    assert (step.stage, step.number, str(step.amount)) == (Stage.BANK, "BANK-7", "50.00 EUR")
    assert step.reason == f"posted as 1000/{receipt}/2026"
