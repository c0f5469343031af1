"""What a run costs grows with the records in proportion, counted in calls and not in seconds."""

from __future__ import annotations

import cProfile
import pstats

from tests.reconciliation.books import Books, line


def a_year(orders: int) -> Books:
    """Orders of two lines, delivered and billed; half of them paid."""
    books = Books()
    for number in range(orders):
        name = f"EXT-{number}"
        entries = [line(2, "10.00"), line(1, "5.00", "A2")]
        pay = f"P-{number}"
        paid = [(pay, "29.75", "2026-01-09")] if number % 2 else []
        books.sell(name, entries, "2026-01-05", paid=paid)
        order = books.order(name, "2026-01-05")
        books.deliver(order, "2026-01-06")
        invoice = books.bill(order, "2026-01-07")
        if number % 2:
            amount = books.billing[invoice].receivable_amount.amount
            receipt = books.receive(pay, amount, "2026-01-09")
            books.clear([invoice, receipt], receipt, "2026-01-09")
    return books


def calls_for(orders: int) -> int:
    books = a_year(orders)
    watch = cProfile.Profile()
    watch.enable()
    try:
        run = books.reconcile("2026-01-31")
    finally:
        watch.disable()
    assert len(run.matches) >= 3 * orders
    return int(pstats.Stats(watch).total_calls)  # type: ignore[attr-defined]


def test_four_times_as_many_orders_cost_four_times_as_many_calls() -> None:
    calls_for(2)  # what is made once is made here
    few, many = calls_for(30), calls_for(120)
    assert many < 4.4 * few
