"""Whether statements follow each other: numbers, pages, balances, periods."""

from __future__ import annotations

from datetime import date

import pytest

from connector.sd_documents.values import Money
from connector.statements.continuity import gaps, late
from connector.statements.model import BankStatement


def statement(
    number: str, opened: str, closed: str, balances: tuple[int, int], **more: object
) -> BankStatement:
    opening, closing = (Money(amount=each, currency="EUR") for each in balances)
    return BankStatement.model_validate(
        {
            "source": "a.xml",
            "sha256": "0" * 64,
            "bank_account": "DE1",
            "number": number,
            "currency": "EUR",
            "opened_on": opened,
            "closed_on": closed,
            "opening": opening,
            "closing": closing,
            **more,
        }
    )


FIRST = statement("10", "2026-03-01", "2026-03-01", (0, 5))


@pytest.mark.parametrize(
    ("following", "told"),
    [
        (statement("11", "2026-03-02", "2026-03-02", (5, 7)), []),
        (statement("12", "2026-03-03", "2026-03-03", (7, 7)), ["statement 11 is missing"]),
        (statement("14", "2026-03-03", "2026-03-03", (7, 7)), ["statement 11 to 13 is missing"]),
        (statement("11", "2026-03-02", "2026-03-02", (6, 7)), ["something is missing"]),
        (statement("", "2026-02-20", "2026-03-02", (0, 7)), ["overlaps"]),
        (statement("1", "2027-01-01", "2027-01-02", (5, 7)), []),
        (statement("10", "2026-03-01", "2026-03-01", (5, 7), page="2"), []),
        (statement("10", "2026-03-01", "2026-03-01", (5, 7), page="3"), ["page 2 is missing"]),
    ],
)
def test_what_is_missing_between_two_statements_is_told(
    following: BankStatement, told: list[str]
) -> None:
    found = gaps([following, FIRST])

    assert len(found) == len(told)
    assert all(text in problem for text, problem in zip(told, found, strict=True))


def test_a_page_that_should_follow_is_missed() -> None:
    assert gaps([FIRST.model_copy(update={"is_last_page": False})]) == (
        "DE1 no. 10: its next page is missing",
    )


def test_an_account_without_a_recent_statement_is_late() -> None:
    assert late([FIRST], ["DE1"], date(2026, 3, 5), 4) == ()
    assert len(late([FIRST], ["DE1"], date(2026, 3, 6), 4)) == 1
    assert "no statement until" in late([FIRST], ["DE1", "DE2"], date(2026, 3, 5), 4)[0]
