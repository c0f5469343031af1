"""Of which fiscal year a clearing is, where the ERP tells its number and its day only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connector.erp.fiscal_years import around, with_clearing_years, year_of
from connector.erp.payment_lines import invoice_year_in, line_key
from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem
from connector.sd_documents.values import Money


def item(number: str, posted_on: date, **fields: Any) -> CustomerItem:
    return CustomerItem(
        key=AccountingDocumentKey(
            company_code="1000", accounting_document=number, fiscal_year=posted_on.year
        ),
        line_item=1,
        document_type="DZ",
        customer="C-100",
        amount=Money(amount=Decimal(100), currency="EUR"),
        posting_date=posted_on,
        document_date=posted_on,
        entry_date=posted_on,
        baseline_date=posted_on,
        **fields,
    )


def cleared(by: str, on: date) -> dict[str, Any]:
    return {"clearing_document": by, "cleared_on": on, "clearing_year": on.year}


@pytest.mark.parametrize(
    ("day", "posted_on", "fiscal_year", "starts_in", "expected"),
    [
        (date(2026, 1, 5), date(2025, 12, 20), 2025, 1, 2026),
        (date(2026, 3, 31), date(2025, 12, 20), 2025, 4, 2025),
        (date(2026, 4, 1), date(2025, 12, 20), 2025, 4, 2026),
        # Named after the calendar year in which it ends.
        (date(2025, 10, 1), date(2025, 9, 30), 2025, 10, 2026),
        (date(2026, 9, 30), date(2025, 10, 1), 2026, 10, 2026),
    ],
)
def test_a_day_is_in_the_year_that_the_item_itself_tells(
    day: date, posted_on: date, fiscal_year: int, starts_in: int, expected: int
) -> None:
    assert year_of(day, posted_on, fiscal_year, starts_in) == expected


def test_a_clearing_dated_later_than_its_payment_is_of_the_payments_year() -> None:
    """Paid in December, posted so after the invoice of January: cleared in January."""
    in_january = cleared("1400000009", date(2026, 1, 3))
    invoice = item("0090000009", date(2026, 1, 3), **in_january)
    payment = item("1400000009", date(2025, 12, 30), **in_january)

    found = with_clearing_years([invoice, payment])

    assert [each.clearing for each in found] == [payment.document, payment.document]


def test_a_document_of_that_number_in_the_year_of_the_day_is_the_clearing() -> None:
    """The first payment of last year, still on account, is cleared by the first of this one."""
    in_january = cleared("1400000001", date(2026, 1, 3))
    old = item("1400000001", date(2025, 12, 30), **in_january)
    new = item("1400000001", date(2026, 1, 3), **in_january)

    found = with_clearing_years([old, new])

    assert [each.clearing for each in found] == [new.document, new.document]


def test_a_clearing_without_a_line_of_its_own_is_no_document_of_an_earlier_year() -> None:
    """Nothing of the group was posted on its day: it was cleared by a document of that day."""
    in_march = cleared("0100000001", date(2026, 3, 9))
    old = item("0100000001", date(2025, 12, 30), **in_march)
    other = item("1400000009", date(2025, 11, 3), **in_march)

    found = with_clearing_years([old, other])

    assert {each.clearing for each in found} == {("1000", "0100000001", 2026)}


def test_what_the_same_number_of_another_year_cleared_is_not_around() -> None:
    invoice = item("0090000009", date(2026, 1, 2), **cleared("1400000001", date(2026, 1, 9)))
    payment = item("1400000001", date(2026, 1, 9), **cleared("1400000001", date(2026, 1, 9)))
    last_year = item("1400000001", date(2025, 1, 9), **cleared("1400000001", date(2025, 1, 9)))
    partial = item(
        "1400000002", date(2026, 1, 9), invoice_reference="90000009", invoice_reference_year=2026
    )
    of_another = partial.model_copy(update={"invoice_reference_year": 2025})
    assert invoice.clearing is not None

    found = around([invoice], [payment, last_year, partial, of_another], {invoice.clearing})

    assert found == [payment, partial]


def test_a_reference_key_of_ours_tells_the_year_of_the_invoice() -> None:
    assert invoice_year_in(line_key(item("0090000009", date(2025, 12, 30)))) == 2025
    assert invoice_year_in("some key of theirs") is None
