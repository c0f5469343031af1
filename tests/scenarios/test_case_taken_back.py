"""
What people take back by hand: clearings (FBRA), documents (FB08), terms and blocks (FB02).

Figures by hand: invoice 10 x 100.00 + 19 % = 1,190.00 on 2026-01-05, due on 02-04.
"""

from __future__ import annotations

from datetime import date

from connector.reconciliation.ageing_reasons import OpenReason
from connector.simulator.engine.dunning import CustomerLineChange
from tests.scenarios.bookkeeping import Bookkeeping, aged, open_items, states, the, told


def paid(books: Bookkeeping) -> tuple[str, str]:
    _, _, invoice = books.sells("EXT-1", "2026-01-05")
    books.paid("EXT-1", ("P-1", "1190.00", "2026-01-12"))
    return invoice, books.pays("2026-01-12", "1190.00", invoice, reference="P-1")


def test_a_payment_that_bounced_is_missing_until_it_comes_again(books: Bookkeeping) -> None:
    """The clearing is reset and its payment reversed: 1,190.00 are owed, as if it never came."""
    invoice, payment = paid(books)
    assert told(books.closes("2026-01-12")) == {}
    books.does("2026-01-20", "reset_clearing", "1000", payment, reverse=True)

    bounced = books.closes("2026-01-20")
    assert told(bounced) == {"MISSING_PAYMENT": "1,190.00 EUR"}
    assert open_items(bounced) == {"140000 EUR": "1190.00"}
    assert states(bounced) == {"open": "1 open 1,190.00 EUR"}

    books.pays("2026-02-01", "1190.00", invoice, reference="P-1")
    assert told(books.closes("2026-02-01")) == {}


def test_a_clearing_that_was_reset_leaves_money_beside_its_invoice(books: Bookkeeping) -> None:
    invoice, payment = paid(books)
    books.does("2026-01-20", "reset_clearing", "1000", payment)

    reset = books.closes("2026-02-20")
    assert told(reset) == {"UNAPPLIED_CASH": "-1,190.00 EUR"}
    assert aged(reset) == ["0.00", "1190.00", "0.00", "0.00", "0.00", "-1190.00"]
    assert open_items(reset) == {"140000 EUR": "0.00"}

    books.clears("2026-02-22", payment, invoice)
    again = books.closes("2026-02-22")
    assert (told(again), states(again)) == ({}, {"paid": "1 open 0.00 EUR"})


def test_a_credit_by_hand_is_nobodys_until_it_is_reversed(books: Bookkeeping) -> None:
    books.sells("EXT-1", "2026-01-05")
    credit = books.posts("2026-01-10", "DG", "-50.00", "800000")
    stands = books.closes("2026-01-10")
    books.does("2026-01-15", "reverse_accounting_document", "1000", credit)

    assert told(stands) == {"ORPHAN_FI_ITEM": "-50.00 EUR"}
    assert open_items(stands) == {"140000 EUR": "1140.00"}
    assert told(books.closes("2026-01-15")) == {}
    assert the(books.closes("2026-01-14"), "ORPHAN_FI_ITEM").id == the(stands, "ORPHAN_FI_ITEM").id


def test_other_terms_move_the_due_date_and_are_told(books: Bookkeeping) -> None:
    """60 days from 01-05 are 03-06: not due on 02-10, four days late on 03-10."""
    _, _, invoice = books.sells("EXT-1", "2026-01-05")
    before = books.closes("2026-02-10")
    change = CustomerLineChange(terms_of_payment="Z060", days=(0, 0, 60))
    books.does("2026-02-10", "change_customer_line", "1000", invoice, change)
    after, late = books.closes("2026-02-10"), books.closes("2026-03-10")

    assert (told(before), aged(before)[1]) == ({}, "1190.00")
    assert (the(after, "TERMS_MISMATCH").text, aged(after)[0]) == (
        "posted with terms Z060",
        "1190.00",
    )
    assert aged(late)[1] == "1190.00"
    assert late.payers[0].days_in_arrears == 4


def test_a_dispute_is_overdue_and_is_not_dunned(books: Bookkeeping) -> None:
    """Dunned on 02-10, six days after 02-04; blocked on 02-12: in its bucket, in no dunning run."""
    _, _, invoice = books.sells("EXT-1", "2026-01-05")
    books.does("2026-02-10", "run_dunning", "1000", date(2026, 2, 10), 3)
    dunned = books.closes("2026-02-11")
    block = CustomerLineChange(dunning_block="R")
    books.does("2026-02-12", "change_customer_line", "1000", invoice, block)
    disputed = books.closes("2026-02-25")

    (before,), (after,) = dunned.payers, disputed.payers
    assert [str(before.dunned), str(before.to_dun)] == ["1,190.00 EUR", "1,190.00 EUR"]
    assert [str(after.disputed), str(after.to_dun)] == ["1,190.00 EUR", "0.00 EUR"]
    assert (after.dunning_level, after.days_in_arrears) == (1, 21)
    assert [row.reason for row in disputed.ageing_reasons] == [OpenReason.DISPUTED]
    assert aged(disputed)[1] == "1190.00"
