"""
Invoices that were paid in part, too much, with discount or more than once before they were billed
anew: what is told is what stands open, once, whatever way it was cleared.

Figures by hand: 10 x 100.00 + 19 % = 1,190.00; at 80.00 = 952.00, at 90.00 = 1,071.00. In Austria
the same goods cost 1,000.00 + 20 % = 1,200.00.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from connector.reconciliation.differences import ExplainedReason
from connector.sd_documents.values import pad_number
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import Partner, SalesDocumentChange, SalesItemChange
from tests.reconciliation.company import WAYS, a_way
from tests.scenarios.bookkeeping import (
    Bookkeeping,
    aged,
    explained,
    open_items,
    states,
    the,
    told,
    waiting,
)
from tests.simulator.engine.support import billed, new_erp


def partial(books: Bookkeeping, invoice: str) -> str:
    """600.00 stand beside the invoice; its cancellation clears it and leaves them open."""
    return books.pays("2026-01-12", "600.00", invoice, partial=True)


def residual(books: Bookkeeping, invoice: str) -> str:
    """600.00 have cleared the invoice and left 590.00; its cancellation stays open."""
    return books.pays("2026-01-12", "600.00", invoice, difference="residual")


@pytest.mark.parametrize("paid", [partial, residual])
def test_what_was_paid_in_part_counts_for_the_new_invoice(
    books: Bookkeeping, paid: Callable[[Bookkeeping, str], str]
) -> None:
    """1,190.00 - 600.00 = 590.00; cancelled -600.00; anew 952.00 - 600.00 = 352.00; paid."""
    number, delivery, first = books.sells("EXT-1", "2026-01-05")
    payment = paid(books, first)
    assert told(books.closes("2026-01-12")) == {"UNDERPAYMENT": "590.00 EUR"}

    cancellation = books.cancels("2026-01-20", first)
    cancelled = books.closes("2026-01-20")
    assert told(cancelled) == {"MISSING_BILLING": "-1,190.00 EUR", "OVERPAYMENT": "-600.00 EUR"}
    assert open_items(cancelled) == {"140000 EUR": "-600.00"}

    second = books.bills_again("2026-01-22", number, delivery, "80.00")
    anew = books.closes("2026-01-22")
    assert told(anew) == {"PRICE_DIFF": "-238.00 EUR", "UNDERPAYMENT": "352.00 EUR"}
    assert waiting(anew) == {"UNDERPAYMENT": "2026-02-22"}
    assert open_items(anew) == {"140000 EUR": "352.00"}

    documents = (payment, second) if paid is partial else (payment, cancellation, second)
    rest = books.clears("2026-01-30", *documents, residual=True)
    cleared = books.closes("2026-02-22")
    assert told(cleared) == told(anew)
    assert the(cleared, "UNDERPAYMENT").id == the(anew, "UNDERPAYMENT").id
    assert the(cleared, "UNDERPAYMENT").cause == the(cleared, "PRICE_DIFF").id
    assert states(cleared) == {"partially paid": "1 open 352.00 EUR"}

    books.pays("2026-02-25", "352.00", rest)
    over = books.closes("2026-02-28")
    assert told(over) == {"PRICE_DIFF": "-238.00 EUR"}
    assert states(over) == {"paid": "1 open 0.00 EUR"}


def test_billed_anew_twice_with_a_clearing_between_leaves_one_rest(books: Bookkeeping) -> None:
    """-1,190.00 + 1,071.00 = -119.00; cancelled again -1,071.00; + 952.00 = -238.00."""
    number, delivery, first = books.sells("EXT-1", "2026-01-05")
    books.paid("EXT-1", ("P-1", "1190.00", "2026-01-12"))
    books.pays("2026-01-12", "1190.00", first, reference="P-1")
    one = books.cancels("2026-01-20", first)
    second = books.bills_again("2026-01-21", number, delivery, "90.00")
    rest = books.clears("2026-01-22", one, second, residual=True)
    assert told(books.closes("2026-01-22"))["OVERPAID_AFTER_REBILL"] == "-119.00 EUR"

    other = books.cancels("2026-01-23", second)
    between = books.closes("2026-01-23")
    assert told(between)["OVERPAYMENT"] == "-1,190.00 EUR"
    assert waiting(between)["OVERPAYMENT"] == "2026-01-26"

    third = books.bills_again("2026-01-25", number, delivery, "80.00")
    anew = books.closes("2026-01-25")
    rest = books.clears("2026-01-30", other, rest, third, residual=True)
    settled = books.closes("2026-01-30")
    expected = {"PRICE_DIFF": "-238.00 EUR", "OVERPAID_AFTER_REBILL": "-238.00 EUR"}
    assert told(anew) == told(settled) == expected
    assert the(anew, "OVERPAID_AFTER_REBILL").id == the(settled, "OVERPAID_AFTER_REBILL").id
    assert aged(settled)[-1] == "-238.00"

    books.clears("2026-02-03", books.pays_back("2026-02-03", "238.00"), rest)
    assert told(books.closes("2026-02-03")) == {"PRICE_DIFF": "-238.00 EUR"}


def test_the_days_of_grace_begin_again_with_the_second_cancellation(books: Bookkeeping) -> None:
    number, delivery, first = books.sells("EXT-1", "2026-01-05")
    books.pays("2026-01-12", "1190.00", first)
    books.cancels("2026-01-20", first)
    second = books.bills_again("2026-01-21", number, delivery, "90.00")
    books.cancels("2026-01-24", second)

    run = books.closes("2026-01-24")

    assert waiting(run) == {"MISSING_BILLING": "2026-01-27", "OVERPAYMENT": "2026-01-27"}
    assert open_items(run) == {"140000 EUR": "-1190.00"}


def test_what_was_overpaid_before_is_told_apart_from_billing_anew(books: Bookkeeping) -> None:
    """1,250.00 for 1,190.00: 60.00 too much from the first day on, billed anew or not."""
    number, delivery, first = books.sells("EXT-1", "2026-01-05")
    books.paid("EXT-1", ("P-1", "1250.00", "2026-01-12"))
    books.pays("2026-01-12", "1250.00", first, reference="P-1", difference="on account")
    before = books.closes("2026-01-12")
    cancellation = books.cancels("2026-01-20", first)
    same = books.bills_again("2026-01-21", number, delivery, "100.00")
    anew = books.closes("2026-01-21")
    books.clears("2026-01-23", cancellation, same)
    after = books.closes("2026-02-23")

    assert told(before) == told(after) == {"OVERPAYMENT": "-60.00 EUR"}
    assert told(anew) == {"OVERPAYMENT": "-60.00 EUR", "CANCEL_NOT_CLEARED": "0.00 EUR"}
    ids = {the(run, "OVERPAYMENT").id for run in (before, anew, after)}
    assert len(ids) == 1


def test_a_discount_that_was_taken_stays_with_the_payment(books: Bookkeeping) -> None:
    """1,190.00 less 2 % = 1,166.20; billed anew 1,071.00: 119.00 too much on the account."""
    number, delivery, first = books.sells("EXT-1", "2026-01-05", terms_of_payment="Z214")
    books.paid("EXT-1", ("P-1", "1166.20", "2026-01-12"))
    books.pays("2026-01-12", "1166.20", first, discount=None, reference="P-1")
    cancellation = books.cancels("2026-01-20", first)
    second = books.bills_again("2026-01-22", number, delivery, "90.00")
    anew = books.closes("2026-01-22")
    books.clears("2026-01-30", cancellation, second, residual=True)
    settled = books.closes("2026-01-30")

    for run in (anew, settled):
        assert told(run) == {"PRICE_DIFF": "-119.00 EUR", "OVERPAID_AFTER_REBILL": "-119.00 EUR"}
        assert explained(run, ExplainedReason.CASH_DISCOUNT) == ["23.80 EUR"]
        assert open_items(run) == {"140000 EUR": "-119.00"}


def test_one_of_two_invoices_of_an_order_is_billed_anew(books: Bookkeeping) -> None:
    """6 + 4 pieces: 714.00 + 476.00, paid together; 4 x 90.00 + 19 % = 428.40: 47.60 too much."""
    number, delivery, first = books.sells("EXT-1", "2026-01-05", 4)
    other_number, _, other = books.sells("EXT-2", "2026-01-05", 6)
    books.pays("2026-01-08", "1190.00", first, other)
    cancellation = books.cancels("2026-01-20", first)
    second = books.bills_again("2026-01-21", number, delivery, "90.00")
    anew = books.closes("2026-01-21")
    # The rest pays for something else: 47.60 of 119.00, and 71.40 are owed.
    _, _, third = books.sells("EXT-3", "2026-01-25", 1)
    books.clears("2026-01-26", cancellation, second, third, residual=True)
    used = books.closes("2026-03-26")

    assert other_number != number
    assert told(anew) == {"PRICE_DIFF": "-47.60 EUR", "OVERPAID_AFTER_REBILL": "-47.60 EUR"}
    assert told(used) == {"PRICE_DIFF": "-47.60 EUR", "UNDERPAYMENT": "71.40 EUR"}
    assert open_items(used) == {"140000 EUR": "71.40"}


def test_cancelled_next_month_and_looked_at_as_of_the_month_before(books: Bookkeeping) -> None:
    number, delivery, first = books.sells("EXT-1", "2026-01-28")
    books.pays("2026-01-30", "1190.00", first)
    before = books.closes("2026-01-31")
    books.cancels("2026-02-03", first)
    books.bills_again("2026-02-03", number, delivery, "95.00")
    again = books.closes("2026-01-31")

    assert told(before) == told(again) == {}
    assert (before.identities, before.payment_states) == (again.identities, again.payment_states)
    assert told(books.closes("2026-02-03"))["OVERPAID_AFTER_REBILL"] == "-59.50 EUR"


def test_all_is_taken_back_goods_included(books: Bookkeeping) -> None:
    """Cancelled, goods back, delivery deleted, order rejected: 1,190.00 to pay back, then none."""
    number, delivery, invoice = books.sells("EXT-1", "2026-01-05")
    books.paid("EXT-1", ("P-1", "1190.00", "2026-01-08"))
    books.pays("2026-01-08", "1190.00", invoice, reference="P-1")
    cancellation = books.cancels("2026-01-20", invoice)
    numbers = (pad_number(invoice), pad_number(cancellation))
    books.mirrored[0] = replace(books.mirrored[0], billing_documents=numbers)
    books.does("2026-01-21", "reverse_goods_issue", delivery)
    books.does("2026-01-21", "delete_delivery", delivery)
    rejected = SalesDocumentChange(items=[SalesItemChange(10, rejection_reason="00")])
    books.does("2026-01-21", "change_sales_document", number, rejected)

    owed = books.closes("2026-01-21")
    assert told(owed) == {"QTY_UNDER_DELIVERED": "-1,190.00 EUR", "OVERPAYMENT": "-1,190.00 EUR"}
    books.clears("2026-01-23", books.pays_back("2026-01-23", "1190.00"), cancellation)
    over = books.closes("2026-01-23")
    assert told(over) == {"QTY_UNDER_DELIVERED": "-1,190.00 EUR"}
    assert open_items(over) == {"140000 EUR": "0.00"}


@pytest.fixture(params=WAYS)
def lenient(request: pytest.FixtureRequest, master: MasterData) -> Iterator[Bookkeeping]:
    """A system on which an order that was delivered may get another ship-to party."""
    with (
        new_erp(master, active_jobs=frozenset(), partner_change_after_followers=True) as erp,
        a_way(erp, request.param) as transport,
    ):
        yield Bookkeeping(erp, transport)


def test_billed_anew_to_another_country_the_tax_is_what_is_owed(lenient: Bookkeeping) -> None:
    number, delivery, first = lenient.sells("EXT-1", "2026-01-05")
    lenient.pays("2026-01-08", "1190.00", first)
    lenient.cancels("2026-01-20", first)
    abroad = SalesDocumentChange(partners=[Partner("WE", "A-600")])
    lenient.does("2026-01-21", "change_sales_document", number, abroad)
    billed(lenient.simulated, delivery)

    run = lenient.closes("2026-01-21")

    assert told(run) == {"TAX_CODE_DIFF": "10.00 EUR", "UNDERPAYMENT": "10.00 EUR"}
    assert open_items(run) == {"140000 EUR": "10.00"}
