"""
Money that went astray: paid ahead, twice, for another's invoice, in parts and beyond, in one sum
with a rest; and what was charged in addition.

Figures by hand: 10 x 100.00 + 19 % = 1,190.00; one piece 119.00, two 238.00, three 357.00.
"""

from __future__ import annotations

from connector.reconciliation.differences import ExplainedReason
from connector.simulator.engine.specs import SalesDocumentChange
from tests.reconciliation.company import amounts
from tests.scenarios.bookkeeping import (
    Bookkeeping,
    explained,
    open_items,
    states,
    the,
    told,
    waiting,
)
from tests.simulator.engine.support import billed, item, order, sold


def test_money_on_account_becomes_an_underpayment_and_stays_one(books: Bookkeeping) -> None:
    """600.00 before and after they are cleared with 952.00: 352.00 are owed, due on 02-04."""
    _, _, invoice = books.sells("EXT-1", "2026-01-05", 8)
    books.paid("EXT-1", ("P-1", "600.00", "2026-01-10"))
    money = books.pays("2026-01-10", "600.00", reference="P-1")
    beside = books.closes("2026-01-10")
    books.clears("2026-01-12", money, invoice, residual=True)
    cleared, late = books.closes("2026-01-12"), books.closes("2026-02-10")

    for run in (beside, cleared, late):
        assert told(run) == {"UNDERPAYMENT": "352.00 EUR"}
    assert waiting(beside) == waiting(cleared) == {"UNDERPAYMENT": "2026-02-05"}
    assert waiting(late) == {}
    assert len({the(run, "UNDERPAYMENT").id for run in (beside, cleared, late)}) == 1
    assert states(late) == {"partially paid": "1 open 352.00 EUR"}


def test_more_on_account_than_was_billed_is_told_once_when_it_was_cleared(
    books: Bookkeeping,
) -> None:
    """2,000.00 - 1,190.00 = 810.00 too much."""
    _, _, invoice = books.sells("EXT-1", "2026-01-05")
    books.paid("EXT-1", ("P-1", "2000.00", "2026-01-07"))
    money = books.pays("2026-01-07", "2000.00", reference="P-1")
    books.clears("2026-01-08", money, invoice, residual=True)

    for key_date in ("2026-01-08", "2026-02-28"):
        run = books.closes(key_date)
        assert told(run) == {"OVERPAYMENT": "-810.00 EUR"}
        assert open_items(run) == {"140000 EUR": "-810.00"}


def test_a_payment_that_was_posted_twice_and_once_taken_back(books: Bookkeeping) -> None:
    _, _, invoice = books.sells("EXT-1", "2026-01-05")
    books.paid("EXT-1", ("P-1", "1190.00", "2026-01-10"))
    books.pays("2026-01-10", "1190.00", invoice, reference="P-1")
    double = books.pays("2026-01-11", "1190.00", reference="P-1")
    twice = books.closes("2026-01-11")
    books.does("2026-01-15", "reverse_accounting_document", "1000", double)

    assert told(twice) == {"DUPLICATE_PAYMENT": "-1,190.00 EUR"}
    assert told(books.closes("2026-01-15")) == {}
    assert told(books.closes("2026-01-14")) == told(twice)


def test_money_of_one_order_settles_anothers_invoice_until_it_is_put_right(
    books: Bookkeeping,
) -> None:
    _, _, other = books.sells("EXT-1", "2026-01-05")
    _, _, own = books.sells("EXT-2", "2026-01-06")
    books.paid("EXT-2", ("P-2", "1190.00", "2026-01-10"))
    money = books.pays("2026-01-10", "1190.00", other, reference="P-2")
    wrong = books.closes("2026-01-12")
    books.does("2026-01-15", "reset_clearing", "1000", money)
    books.clears("2026-01-15", money, own)
    right = books.closes("2026-01-15")

    assert told(wrong) == {"MISAPPLIED": "1,190.00 EUR"}
    assert told(right) == {}
    assert open_items(wrong) == open_items(right) == {"140000 EUR": "1190.00"}


def test_three_invoices_in_one_sum_with_a_rest(books: Bookkeeping) -> None:
    """119.00 + 238.00 + 357.00 = 714.00, less 50.00: the rest names the last of them."""
    invoices = [books.sells(f"EXT-{n}", "2026-01-05", n)[2] for n in (1, 2, 3)]
    books.pays("2026-01-10", "664.00", *invoices, difference="residual")

    run = books.closes("2026-02-10")

    assert told(run) == {"UNDERPAYMENT": "50.00 EUR"}
    assert states(run) == {"paid": "2 open 0.00 EUR", "partially paid": "1 open 50.00 EUR"}


def test_parts_of_which_the_last_goes_beyond_the_invoice(books: Bookkeeping) -> None:
    """400.00 + 400.00 leave 390.00; 450.00 more are 60.00 too much."""
    _, _, invoice = books.sells("EXT-1", "2026-01-05")
    payments = (
        ("P-1", "400.00", "2026-01-10"),
        ("P-2", "400.00", "2026-01-11"),
        ("P-3", "450.00", "2026-01-12"),
    )
    books.paid("EXT-1", *payments)
    first = books.pays("2026-01-10", "400.00", invoice, partial=True, reference="P-1")
    second = books.pays("2026-01-11", "400.00", invoice, partial=True, reference="P-2")
    short = books.closes("2026-01-11")
    books.pays(
        "2026-01-12", "450.00", invoice, first, second, difference="on account", reference="P-3"
    )
    beyond = books.closes("2026-01-12")

    assert told(short) == {"UNDERPAYMENT": "390.00 EUR"}
    assert told(beyond) == {"OVERPAYMENT": "-60.00 EUR"}
    third = amounts(beyond, 3)
    assert (third["received"], third["applied"], third["unapplied"]) == (
        "1250.00",
        "1190.00",
        "60.00",
    )


def test_what_was_charged_in_addition_is_explained_and_owed_back_when_it_is_cancelled(
    books: Bookkeeping,
) -> None:
    """A debit memo of 119.00 is paid with its invoice, 1,309.00, and cancelled afterwards."""
    _, _, invoice = books.sells("EXT-1", "2026-01-05")
    piece = item(10, "M-01", 1, reference_document=invoice, reference_item=10)
    request = sold(books.simulated, order(piece, document_type="DR", order_reason="101"))
    books.does(
        "2026-01-08", "change_sales_document", request, SalesDocumentChange(billing_block="")
    )
    (memo,) = billed(books.simulated, request)
    charged = books.closes("2026-01-08")
    books.pays("2026-01-20", "1309.00", invoice, memo)
    paid = books.closes("2026-01-20")
    books.cancels("2026-01-25", memo)
    back = books.closes("2026-01-25")

    assert (told(charged), told(paid)) == ({}, {})
    assert amounts(charged, 1)["billed"] == amounts(charged, 2)["billed gross"] == "1309.00"
    assert explained(charged, ExplainedReason.DEBIT_MEMO) == ["119.00 EUR"]
    assert told(back) == {"OVERPAYMENT": "-119.00 EUR"}
    assert open_items(back) == {"140000 EUR": "-119.00"}
