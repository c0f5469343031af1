"""Open items in foreign currency roll forward in the company code's, as far as values were read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.reconciliation.account_movements import Posting
from connector.reconciliation.differences import Scope
from connector.reconciliation.roll_forward import ItemMovement
from connector.reconciliation.valued_movements import ValuedMovements
from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem
from connector.sd_documents.values import Money

DAY = date(2026, 3, 5)


def scope(currency: str = "USD", valued_in: str = "EUR", indicator: str = "") -> Scope:
    return Scope(
        company_code="1000",
        currency=currency,
        reconciliation_account="140000",
        special_gl_indicator=indicator,
        valued_in=valued_in,
    )


def line(amount: str, local: str = "", currency: str = "USD", indicator: str = "") -> CustomerItem:
    return CustomerItem(
        key=AccountingDocumentKey(
            company_code="1000", accounting_document="1800000001", fiscal_year=2026
        ),
        line_item=1,
        document_type="DR",
        customer="C-100",
        amount=Money(amount=Decimal(amount), currency=currency),
        posting_date=DAY,
        document_date=DAY,
        entry_date=DAY,
        baseline_date=DAY,
        reconciliation_account="140000",
        special_gl_indicator=indicator,
        local_amount=Money(amount=Decimal(local), currency="EUR") if local else None,
    )


def rolled(
    posted: list[CustomerItem],
    opening: dict[Scope, str] | None,
    closing: dict[Scope, str],
    *,
    also_open: tuple[Scope, ...] = (),
) -> list[ItemMovement]:
    """Roll forward; accounts have open items in their own currency where they have a value."""
    movements = ValuedMovements()
    for each in posted:
        movements.post(each, Posting.INVOICE)
    before = None if opening is None else {key: Decimal(value) for key, value in opening.items()}
    after = {key: Decimal(value) for key, value in closing.items()}
    opened = [each.model_copy(update={"valued_in": ""}) for each in before or ()]
    closed = [each.model_copy(update={"valued_in": ""}) for each in after]
    return list(movements.rows(before, after, [*opened, *also_open], closed))


def test_lines_in_foreign_currency_are_added_up_in_the_company_code_s() -> None:
    (row,) = rolled([line("100.00", "90.00")], {scope(): "45.00"}, {scope(): "135.00"})

    assert row.scope == scope()
    assert (str(row.opening), str(row.invoices), str(row.closing)) == (
        "45.00 EUR",
        "90.00 EUR",
        "135.00 EUR",
    )
    assert not row.difference


def test_lines_in_the_company_code_s_own_currency_have_no_second_row() -> None:
    assert rolled([line("100.00", "100.00", currency="EUR")], {}, {}) == []


def test_what_came_and_went_between_has_a_row_too() -> None:
    (row,) = rolled([line("100.00", "90.00"), line("-100.00", "-90.00")], {}, {})

    assert row.invoice_count == 2
    assert not row.invoices
    assert not row.closing
    assert not row.difference


def test_a_run_that_sealed_no_values_opens_none() -> None:
    assert rolled([line("100.00", "90.00")], None, {scope(): "90.00"}) == []


@pytest.mark.parametrize(
    ("posted", "also_open"),
    [([line("100.00")], ()), ([line("100.00", "90.00")], (scope(valued_in=""),))],
)
def test_an_account_of_which_some_value_was_not_read_is_left_out(
    posted: list[CustomerItem], also_open: tuple[Scope, ...]
) -> None:
    yen = {scope("JPY"): "10.00"}

    rows = rolled(posted, yen, {scope(): "90.00", **yen}, also_open=also_open)

    assert [row.scope.currency for row in rows] == ["JPY"]


def test_an_account_that_is_divided_in_one_run_and_whole_in_the_other_is_taken_whole() -> None:
    opening = {scope(): "45.00", scope(indicator="A"): "-5.00"}
    posted = [line("100.00", "90.00"), line("-20.00", "-18.00", indicator="A")]

    (row,) = rolled(posted, opening, {scope(): "112.00"})

    assert (row.scope, row.opening.amount) == (scope(), Decimal("40.00"))
    assert not row.difference


def test_an_account_of_down_payments_alone_keeps_its_indicator() -> None:
    advance = scope(indicator="A")

    (row,) = rolled([line("-20.00", "-18.00", indicator="A")], {}, {advance: "-18.00"})

    assert row.scope == advance
    assert not row.difference
