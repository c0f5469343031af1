"""Control totals add up, are taken from each other, and say what is short."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.reconciliation.sources import Control, ReadRecord, control
from connector.sd_documents.values import Money

DAY = date(2026, 3, 1)


def record(content: str, amount: str = "", currency: str = "EUR", day: int = 0) -> ReadRecord:
    money = Money(amount=Decimal(amount), currency=currency) if amount else None
    return ReadRecord(content, DAY + timedelta(days=day), money)


MONEY = st.builds(
    Money.rounded, st.integers(-99_999, 99_999).map(Decimal), st.sampled_from(["EUR", "JPY"])
)
RECORDS = st.lists(
    st.builds(
        ReadRecord,
        st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
        st.none() | st.dates(DAY, DAY + timedelta(days=5)),
        st.none() | MONEY,
    ),
    max_size=8,
)


@given(RECORDS, RECORDS)
def test_the_whole_is_the_sum_of_its_parts(one: list[ReadRecord], other: list[ReadRecord]) -> None:
    whole = Control.of([*other, *one])

    assert Control.of(one) + Control.of(other) == whole
    assert Control.sum(Control.of([each]) for each in (*one, *other)) == whole
    assert (Control.of(one) + Control.of(other)).reading("items", "ERP") == control(
        "items", "ERP", [*one, *other]
    )


@given(RECORDS, RECORDS)
def test_what_is_taken_away_leaves_no_trace(left: list[ReadRecord], gone: list[ReadRecord]) -> None:
    assert Control.of([*left, *gone]) - Control.of(gone) == Control.of(left)


@given(RECORDS)
def test_bytes_bring_it_back(records: list[ReadRecord]) -> None:
    whole = Control.of(records)

    assert Control.from_bytes(whole.to_bytes()) == whole


def test_debit_and_credit_are_added_up_per_currency() -> None:
    records = [record("a", "10.00"), record("b", "-4.00"), record("c", "7", "JPY"), record("d")]

    euro, yen = Control.of(records).reading("customer items", "ERP").totals

    assert (euro.currency, euro.count, euro.debit.amount, euro.credit.amount) == (
        "EUR",
        2,
        Decimal("10.00"),
        Decimal("4.00"),
    )
    assert (yen.currency, yen.count, yen.debit.amount) == ("JPY", 1, Decimal(7))


def test_the_newest_day_is_known_when_a_record_is_taken_away() -> None:
    whole = Control.of([record("a", day=0), record("b", day=3), record("c", day=9)])

    left = (whole - Control.of([record("c", day=9)])).reading("links", "ERP")

    assert (left.oldest, left.newest) == (DAY, DAY + timedelta(days=3))


@pytest.mark.parametrize(
    "gone", [record("b", "1.00"), record("a", "1.00", day=1), record("a", "1.00", "USD")]
)
def test_more_than_there_is_cannot_be_taken_away(gone: ReadRecord) -> None:
    whole = Control.of([record("a", "1.00")])

    with pytest.raises(ValueError, match="than they hold"):
        whole - Control.of([gone, gone])


def test_records_and_calls_that_are_missing_are_problems() -> None:
    short = Control.of([record("a")]).reading(
        "open items", "ERP", expected=3, pages=(1, 2), problems=["half read"], kept=1
    )

    assert short.problems == (
        "half read",
        "1 of 3 records came back",
        "1 of 2 calls were answered",
    )
    assert short.kept == 1
