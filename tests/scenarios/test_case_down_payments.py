"""
Down payments stand on an account of their own (F-29) until they are set against an invoice (F-39).

Figures by hand: invoice 10 x 100.00 + 19 % = 1,190.00, net due on 2026-02-19.
"""

from __future__ import annotations

from connector.simulator.engine.down_payments import DownPaymentSpec
from connector.simulator.engine.specs import OpenItemRef
from tests.reconciliation.company import amounts
from tests.scenarios.bookkeeping import Bookkeeping, open_items, states, the, told, waiting


def set_against(books: Bookkeeping, on_day: str, invoice: str, *paid: str) -> str:
    items = [OpenItemRef(each) for each in paid]
    spec = DownPaymentSpec("1000", "C-100", OpenItemRef(invoice), items)
    return books.does(on_day, "clear_down_payments", spec)


def test_a_down_payment_is_money_before_and_after_it_is_set_against_the_invoice(
    books: Bookkeeping,
) -> None:
    """-500.00 apart; then 1,190.00 - 500.00 = 690.00 are owed in either form; then nothing."""
    _, _, invoice = books.sells("EXT-1", "2026-01-20")
    books.paid("EXT-1", ("DP-1", "500.00", "2026-01-21"))
    paid = books.pays("2026-01-21", "500.00", special_gl="A", reference="DP-1")
    apart = books.closes("2026-01-21")
    transfer = set_against(books, "2026-01-25", invoice, paid)
    used = books.closes("2026-01-25")
    books.pays("2026-02-10", "690.00", invoice, transfer)
    over = books.closes("2026-02-10")

    assert open_items(apart) == {"140000 EUR": "1190.00", "170000A EUR": "-500.00"}
    assert open_items(used) == {"140000 EUR": "690.00", "170000A EUR": "0.00"}
    assert open_items(over) == {"140000 EUR": "0.00", "170000A EUR": "0.00"}
    assert told(apart) == told(used) == {"UNDERPAYMENT": "690.00 EUR"}
    assert waiting(apart) == waiting(used) == {"UNDERPAYMENT": "2026-02-20"}
    assert the(apart, "UNDERPAYMENT").id == the(used, "UNDERPAYMENT").id
    assert told(over) == {}
    assert states(used) == {"partially paid": "1 open 690.00 EUR"}
    assert states(over) == {"paid": "1 open 0.00 EUR"}
    assert amounts(apart, 3)["unapplied"] == "500.00"
    assert amounts(used, 3)["applied"] == "500.00"
    assert open_items(books.closes("2026-01-21")) == open_items(apart)


def test_what_is_left_of_a_down_payment_is_told_once(books: Bookkeeping) -> None:
    """2,000.00 for 1,190.00: 810.00 too much, apart from the receivables, before and after."""
    paid = books.pays("2026-01-10", "2000.00", special_gl="A", reference="DP-2")
    _, _, invoice = books.sells("EXT-1", "2026-01-20")
    books.paid("EXT-1", ("DP-2", "2000.00", "2026-01-10"))
    before = books.closes("2026-01-20")
    set_against(books, "2026-01-25", invoice, paid)
    after = books.closes("2026-03-25")

    assert told(before) == told(after) == {"OVERPAYMENT": "-810.00 EUR"}
    assert the(before, "OVERPAYMENT").id == the(after, "OVERPAYMENT").id
    assert open_items(before) == {"140000 EUR": "1190.00", "170000A EUR": "-2000.00"}
    assert open_items(after) == {"140000 EUR": "0.00", "170000A EUR": "-810.00"}
    assert states(after) == {"paid": "1 open 0.00 EUR"}


def test_two_down_payments_pay_one_invoice(books: Bookkeeping) -> None:
    """700.00 + 490.00 = 1,190.00: both are transferred, and nobody owes anything."""
    first = books.pays("2026-01-10", "700.00", special_gl="A", reference="DP-3")
    second = books.pays("2026-01-12", "490.00", special_gl="A", reference="DP-4")
    _, _, invoice = books.sells("EXT-1", "2026-01-20")
    books.paid("EXT-1", ("DP-3", "700.00", "2026-01-10"), ("DP-4", "490.00", "2026-01-12"))
    set_against(books, "2026-01-25", invoice, first, second)

    over = books.closes("2026-01-25")

    assert told(over) == {}
    assert open_items(over) == {"140000 EUR": "0.00", "170000A EUR": "0.00"}
    assert states(over) == {"paid": "1 open 0.00 EUR"}
