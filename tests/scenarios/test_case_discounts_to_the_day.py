"""
Cash discount on its last day and a day later, in two tiers; differences at their limits.

Figures by hand: invoices of 10 x 100.00 + 19 % = 1,190.00 on 2026-01-05. Z214 grants 2 % = 23.80
until 01-19; Z314 grants 3 % = 35.70 until 01-19 and 2 % = 23.80 until 02-04. 10 x 100.01 are
1,000.10 + 190.02 = 1,190.12: 0.12 more.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.report import ReconciliationRun, Verdict
from tests.scenarios.bookkeeping import Bookkeeping, explained, open_items, told

UNEARNED = "UNEARNED_DISCOUNT"


@pytest.mark.parametrize(
    ("terms", "paid_on", "taken", "earned", "unearned"),
    [
        ("Z214", "2026-01-19", "23.80", ["23.80 EUR"], None),
        ("Z214", "2026-01-20", "23.80", [], "23.80 EUR"),
        ("Z314", "2026-01-19", "35.70", ["35.70 EUR"], None),
        ("Z314", "2026-01-20", "35.70", ["23.80 EUR"], "11.90 EUR"),
        ("Z314", "2026-02-04", "23.80", ["23.80 EUR"], None),
        ("Z314", "2026-02-05", "23.80", [], "23.80 EUR"),
        ("Z314", "2026-02-05", "35.70", [], "35.70 EUR"),
    ],
)
def test_a_discount_that_was_granted(
    books: Bookkeeping, terms: str, paid_on: str, taken: str, earned: list[str], unearned: str
) -> None:
    _, _, invoice = books.sells("EXT-1", "2026-01-05", terms_of_payment=terms)
    received = str(Decimal("1190.00") - Decimal(taken))
    books.paid("EXT-1", ("P-1", received, paid_on))
    books.pays(paid_on, received, invoice, discount=taken, reference="P-1")

    run = books.closes("2026-02-28")

    assert explained(run, ExplainedReason.CASH_DISCOUNT) == earned
    assert told(run) == ({UNEARNED: unearned} if unearned else {})
    assert open_items(run) == {"140000 EUR": "0.00"}


@pytest.mark.parametrize(
    ("terms", "paid_on", "short", "code"),
    [
        ("Z214", "2026-01-19", "23.80", "UNDERPAYMENT"),
        ("Z214", "2026-01-20", "23.80", UNEARNED),
        ("Z214", "2026-01-20", "23.85", "UNDERPAYMENT"),
        ("Z314", "2026-01-25", "35.70", UNEARNED),
    ],
)
def test_a_discount_that_the_customer_took_and_nobody_granted(
    books: Bookkeeping, terms: str, paid_on: str, short: str, code: str
) -> None:
    _, _, invoice = books.sells("EXT-1", "2026-01-05", terms_of_payment=terms)
    paid = str(Decimal("1190.00") - Decimal(short))
    books.pays(paid_on, paid, invoice, partial=True)

    run = books.closes("2026-03-31")

    assert told(run) == {code: f"{short} EUR"}
    assert open_items(run) == {"140000 EUR": short}


def within(books: Bookkeeping, amount: str, percent: str, currency: str) -> ReconciliationRun:
    limit = {
        "code": "PRICE_DIFF",
        "currency": currency,
        "amount": Decimal(amount),
        "percent": Decimal(percent),
    }
    return books.reconciles("2026-01-05", tolerances=(limit,))


@pytest.mark.parametrize(
    ("amount", "percent", "absorbed"),
    [("0.12", "1", True), ("0.11", "1", False), ("5", "0.0101", True), ("5", "0.01", False)],
)
def test_the_lower_of_amount_and_percent_is_the_limit(
    books: Bookkeeping, amount: str, percent: str, absorbed: bool
) -> None:
    """0.01 % of 1,190.00 is 0.119; 0.0101 % is 0.12019."""
    books.sells("EXT-1", "2026-01-05", price="100.01", shop_price="100.00")

    run = within(books, amount, percent, "EUR")

    assert told(run) == ({} if absorbed else {"PRICE_DIFF": "0.12 EUR"})
    assert run.verdict is (Verdict.RECONCILED if absorbed else Verdict.BREAKS)


def test_what_was_absorbed_is_counted_by_currency_with_signs_and_without(
    books: Bookkeeping,
) -> None:
    books.sells("EXT-1", "2026-01-05", price="100.01", shop_price="100.00")
    books.sells("EXT-2", "2026-01-05", price="99.99", shop_price="100.00")
    books.sells("EXT-3", "2026-01-05", price="100.01", shop_price="100.00", currency="USD")

    euros, dollars = within(books, "5", "1", "EUR"), within(books, "5", "1", "USD")

    assert [(u.count, str(u.net), str(u.gross)) for u in euros.absorbed] == [
        (2, "0.00 EUR", "0.24 EUR")
    ]
    assert told(euros) == {"PRICE_DIFF": "0.12 USD"}
    assert [(u.count, str(u.net)) for u in dollars.absorbed] == [(1, "0.12 USD")]
    assert [str(each.difference) for each in dollars.breaks] in (
        ["0.12 EUR", "-0.12 EUR"],
        ["-0.12 EUR", "0.12 EUR"],
    )
