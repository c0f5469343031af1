"""
Credit memos for paid invoices: used by another invoice, cancelled, paid back, with discount.

Figures by hand: 10 x 80.00 + 19 % = 952.00; 3 of 10 come back: 285.60. With 2 % discount 10 x
100.00 + 19 % = 1,190.00 are 1,166.20, and of 238.00 for two pieces 233.24 go back.
"""

from __future__ import annotations

from decimal import Decimal

from connector.simulator.engine.specs import AccountingDocumentSpec, AccountingLineSpec
from tests.scenarios.bookkeeping import Bookkeeping, open_items, states, told, waiting


def credited(books: Bookkeeping) -> tuple[str, str]:
    """EXT-1 is paid, and three pieces of it come back; returns invoice and credit memo."""
    _, _, invoice = books.sells("EXT-1", "2026-01-05", price="80.00", material="M-03")
    books.paid("EXT-1", ("P-1", "952.00", "2026-01-10"))
    books.pays("2026-01-10", "952.00", invoice, reference="P-1")
    return invoice, books.credits("2026-01-20", invoice, 3)


def test_a_credit_that_another_invoice_uses_need_not_be_paid_back(books: Bookkeeping) -> None:
    """595.00 - 285.60 = 309.40 pay the second invoice."""
    _, memo = credited(books)
    waits = books.closes("2026-01-20")
    _, _, other = books.sells("EXT-2", "2026-01-22", 5)
    books.paid("EXT-2", ("P-2", "309.40", "2026-01-25"))
    books.pays("2026-01-25", "309.40", other, memo, reference="P-2")

    assert told(waits) == {"CREDIT_WITHOUT_REFUND": "-285.60 EUR"}
    assert waiting(waits) == {"CREDIT_WITHOUT_REFUND": "2026-02-03"}
    for key_date in ("2026-01-25", "2026-02-25"):
        used = books.closes(key_date)
        assert told(used) == {}
        assert open_items(used) == {"140000 EUR": "0.00"}
        assert states(used) == {"paid": "2 open 0.00 EUR"}


def test_a_credit_memo_that_was_cancelled_is_asked_for_again(books: Bookkeeping) -> None:
    _, memo = credited(books)
    books.cancels("2026-01-24", memo)

    run = books.closes("2026-01-24")

    assert told(run) == {"CREDIT_PENDING": "285.60 EUR"}
    assert open_items(run) == {"140000 EUR": "0.00"}
    assert told(books.closes("2026-01-20")) == {"CREDIT_WITHOUT_REFUND": "-285.60 EUR"}


def test_a_credit_memo_that_was_paid_back_and_cancelled_is_owed_again(
    books: Bookkeeping,
) -> None:
    _, memo = credited(books)
    books.refunds("EXT-1", "R-1", "285.60", "2026-01-21")
    books.clears("2026-01-21", books.pays_back("2026-01-21", "285.60"), memo)
    assert told(books.closes("2026-01-21")) == {}
    books.cancels("2026-01-24", memo)

    run = books.closes("2026-01-24")

    assert told(run) == {"CREDIT_PENDING": "285.60 EUR"}
    assert open_items(run) == {"140000 EUR": "285.60"}


def test_a_credit_memo_without_any_money_leaves_a_rest_that_is_no_underpayment(
    books: Bookkeeping,
) -> None:
    """952.00 - 285.60 = 666.40 are owed after their clearing, and nobody has paid anything yet."""
    _, _, invoice = books.sells("EXT-1", "2026-01-05", price="80.00", material="M-03")
    memo = books.credits("2026-01-08", invoice, 3)
    books.clears("2026-01-12", memo, invoice, residual=True)

    run = books.closes("2026-02-10")

    assert told(run) == {}
    assert states(run) == {"open": "1 open 666.40 EUR"}


def test_a_credit_after_a_discount_is_less_that_discount(books: Bookkeeping) -> None:
    """238.00 stand open; 233.24 are paid back, and 4.76 of the discount taken back."""
    _, _, invoice = books.sells("EXT-1", "2026-01-05", terms_of_payment="Z214")
    books.paid("EXT-1", ("P-1", "1166.20", "2026-01-12"))
    books.pays("2026-01-12", "1166.20", invoice, discount=None, reference="P-1")
    memo = books.credits("2026-01-20", invoice, 2)
    owed = books.closes("2026-01-20")
    books.refunds("EXT-1", "R-1", "233.24", "2026-01-25")
    nearly = books.closes("2026-01-25")
    lines = [
        AccountingLineSpec(Decimal("238.00"), customer="C-100"),
        AccountingLineSpec(Decimal("-233.24"), account="113100"),
        AccountingLineSpec(Decimal("-4.76"), account="880000"),
    ]
    spec = AccountingDocumentSpec("1000", "DZ", "EUR", lines)
    books.clears("2026-01-26", books.does("2026-01-26", "post_accounting_document", spec), memo)
    over = books.closes("2026-01-26")

    assert told(owed) == {"CREDIT_WITHOUT_REFUND": "-238.00 EUR"}
    assert told(nearly) == {"CREDIT_WITHOUT_REFUND": "-4.76 EUR"}
    assert told(over) == {}
    assert open_items(over) == {"140000 EUR": "0.00"}
