"""
Money that was received, paid back, and cleared without any billing document.

Figures by hand: 10 x 100.00 + 19 % = 1,190.00.
"""

from __future__ import annotations

from tests.reconciliation.books import line
from tests.reconciliation.company import amounts
from tests.scenarios.bookkeeping import Bookkeeping, open_items, told
from tests.simulator.engine.support import item, on, order, sold

NOT_DELIVERED = {"QTY_UNDER_DELIVERED": "-1,190.00 EUR"}


def orders_and_pays_ahead(books: Bookkeeping) -> str:
    """An order that is paid and never billed; returns the receipt, which stands on account."""
    on(books.simulated, "2026-01-05")
    number = sold(books.simulated, order(item(10, "M-01", 10), purchase_order_by_customer="EXT-1"))
    super(Bookkeeping, books).sells(
        "EXT-1", [line(10, "100.00")], "2026-01-05", sales_order=number, currency="EUR"
    )
    books.paid("EXT-1", ("P-1", "1190.00", "2026-01-06"))
    return books.pays("2026-01-06", "1190.00", reference="P-1")


def test_an_advance_payment_of_an_order_that_was_never_billed_is_paid_back(
    books: Bookkeeping,
) -> None:
    """The receipt is cleared with the payment back: no invoice leads to it, its reference does."""
    money = orders_and_pays_ahead(books)
    back = books.pays_back("2026-01-10", "1190.00")
    books.refunds("EXT-1", "R-1", "1190.00", "2026-01-10")
    books.clears("2026-01-12", money, back)

    on_account = {"received": "1190.00", "unapplied": "1190.00"}
    for day in ("2026-01-07", "2026-01-11"):
        run = books.closes(day)
        assert told(run) == {**NOT_DELIVERED, "UNAPPLIED_CASH": "-1,190.00 EUR"}
        assert nonzero(amounts(run, 3)) == on_account
    assert open_items(run) == {"140000 EUR": "0.00"}

    for day in ("2026-01-12", "2026-02-28"):
        run = books.closes(day)
        assert told(run) == NOT_DELIVERED
        assert nonzero(amounts(run, 3)) == {"received": "1190.00", "applied": "1190.00"}
        assert open_items(run) == {"140000 EUR": "0.00"}


def test_money_that_was_paid_back_in_part_is_on_account_with_its_rest(books: Bookkeeping) -> None:
    """390.00 of the receipt are paid back with a residual item; the receipt itself is cleared."""
    money = orders_and_pays_ahead(books)
    back = books.pays_back("2026-01-10", "390.00")
    books.clears("2026-01-12", money, back, residual=True)

    run = books.closes("2026-01-12")
    assert "MISSING_PAYMENT" not in told(run)
    assert amounts(run, 3)["not yet posted"] == "0.00"
    assert open_items(run) == {"140000 EUR": "-800.00"}


def test_a_receipt_that_was_reversed_is_none(books: Bookkeeping) -> None:
    """Receipt and reversal clear each other as well, and the money is missing in FI again."""
    money = orders_and_pays_ahead(books)
    books.does("2026-01-12", "reverse_accounting_document", "1000", money)

    run = books.closes("2026-02-28")
    assert told(run) == {**NOT_DELIVERED, "MISSING_PAYMENT": "1,190.00 EUR"}
    assert nonzero(amounts(run, 3)) == {"received": "1190.00", "not yet posted": "1190.00"}


def nonzero(figures: dict[str, str]) -> dict[str, str]:
    """The terms of an identity that come to anything."""
    return {name: amount for name, amount in figures.items() if amount != "0.00"}
