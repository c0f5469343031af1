"""Debits of the bank: what pays a customer back is held against FI, the rest is left out."""

from __future__ import annotations

import pytest

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.sources import SourceReading
from tests.reconciliation.books import Books
from tests.reconciliation.money import bank_line, movements, reconcile, statement
from tests.reconciliation.test_bank_lines import invoiced


def overpaid(*, paid_back: str = "", document_type: str = "ZP", reference: str = "") -> Books:
    """119.00 too much came on 5 March; on the 10th FI pays back what is told, and clears both."""
    books = Books()
    money = books.receive("", "119.00", "2026-03-05", document="1400000102", assignment="ORD-4711")
    if paid_back:
        books.post("1500000001", document_type, "2026-03-10", paid_back, reference=reference)
        if paid_back == "119.00":
            books.clear([money, "1500000001"], "1500000001", "2026-03-10")
    return books


def run(
    books: Books, text: str, amount: str = "-119.00", on: str = "2026-03-20"
) -> ReconciliationRun:
    came = bank_line("CAME-1", "2026-03-05", "119.00", "ORD-4711")
    went = bank_line("WENT-1", "2026-03-10", amount, text)
    return reconcile(books, on, movements(statement(came, went, until=on)))


def told(found: ReconciliationRun) -> list[tuple[str, str]]:
    return [
        (each.code.value, str(each.difference))
        for each in (*found.pending, *found.breaks)
        if each.code is not BreakCode.UNAPPLIED_CASH
    ]


def bank(found: ReconciliationRun) -> SourceReading:
    [source] = [each for each in found.sources if each.name.startswith("bank statements")]
    return source


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("refund of ORD-4711", ""),
        ("refund customer 1000", ""),
        ("thank you", "WENT-1"),
        ("our reference REFUND-77", "REFUND-77"),
    ],
)
def test_what_was_paid_back_is_found_in_fi_by_what_both_carry(text: str, reference: str) -> None:
    found = run(overpaid(paid_back="119.00", reference=reference), text)

    assert told(found) == []
    assert found.verdict is Verdict.RECONCILED
    assert any(each.outside.startswith("bank line") and "WENT-1" in each.outside
               for each in found.matches)  # fmt: skip
    assert bank(found).left_out == 0


def test_a_debit_that_names_what_came_too_much_must_be_posted_in_fi() -> None:
    waiting = run(overpaid(), "refund of ORD-4711", on="2026-03-12")
    late = run(overpaid(), "refund of ORD-4711")

    assert told(waiting) == told(late) == [("MISSING_PAYMENT", "-119.00 EUR")]
    assert BreakCode.MISSING_PAYMENT not in {each.code for each in waiting.breaks}
    [broken] = [each for each in late.breaks if each.code is BreakCode.MISSING_PAYMENT]
    assert "FI has no outgoing payment" in broken.text


@pytest.mark.parametrize("owed", [True, False])
def test_a_debit_that_names_a_paid_invoice_counts_where_its_customer_is_owed_anything(
    owed: bool,
) -> None:
    """What the customer is owed has nothing to do with the invoice, which may be in any part."""
    books, (invoice,) = invoiced("100.00")
    receipt = books.receive("", "119.00", "2026-03-03", document="1400000101")
    books.clear([invoice, receipt], receipt, "2026-03-03")
    if owed:
        books.receive("", "55.00", "2026-03-04", document="1400000177")
    went = bank_line("WENT-1", "2026-03-10", "-50.00", f"refund for {invoice.lstrip('0')}")

    waiting, late = (
        reconcile(books, on, movements(statement(went, until=on)))
        for on in ("2026-03-12", "2026-03-20")
    )

    expected = [("MISSING_PAYMENT", "-50.00 EUR")] if owed else []
    assert told(waiting) == told(late) == expected
    assert BreakCode.MISSING_PAYMENT not in {each.code for each in waiting.breaks}
    assert bank(late).left_out == (0 if owed else 1)


def test_rent_is_left_out_and_counted_even_where_it_has_the_number_of_a_customer() -> None:
    found = run(overpaid(), "rent March, contract 1000", amount="-950.00")

    assert told(found) == []
    assert bank(found).left_out == 1
    assert bank(found).records == 2


def test_an_amount_alone_pays_nobody_back() -> None:
    found = run(overpaid(paid_back="119.00"), "something else")

    assert told(found) == []
    assert bank(found).left_out == 1


def test_what_fi_has_settled_otherwise_is_not_said_to_be_missing() -> None:
    books = overpaid()
    books.post("0100000009", "AB", "2026-03-10", "119.00")
    books.clear(["1400000102", "0100000009"], "0100000009", "2026-03-10")

    found = run(books, "refund of ORD-4711")

    assert told(found) == []
    assert bank(found).left_out == 1


def test_fi_and_the_bank_paid_back_different_amounts() -> None:
    found = run(overpaid(paid_back="100.00", reference="WENT-1"), "refund of ORD-4711")

    assert told(found) == [("MISSING_PAYMENT", "19.00 EUR")]
    [differs] = [each for each in found.breaks if each.code is BreakCode.MISSING_PAYMENT]
    assert differs.text == "the outgoing payment in FI is lower than what the bank paid"


def test_a_document_of_a_type_that_pays_nobody_is_no_outgoing_payment() -> None:
    found = run(overpaid(paid_back="118.00", document_type="SA"), "refund of ORD-4711")

    assert ("MISSING_PAYMENT", "-119.00 EUR") in told(found)
