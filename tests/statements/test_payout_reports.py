"""Reading payout reports: amounts in and out with their fees, whatever the provider calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import MessageError
from connector.resources import shipped
from connector.statements.merging import merged
from connector.statements.model import Payout, PayoutLineKind
from connector.statements.reading import read_statement_file, read_statements

CHARGE, REFUND, FEE = PayoutLineKind.CHARGE, PayoutLineKind.REFUND, PayoutLineKind.FEE
RESERVE = PayoutLineKind.RESERVE


def fixture(name: str) -> Path:
    return shipped("fixtures/finance/statements") / name


def payouts(name: str) -> tuple[Payout, ...]:
    return read_statement_file(fixture(name)).payouts


def lines(payout: Payout) -> list[tuple[PayoutLineKind, str, str, str]]:
    return [
        (line.kind, line.charge_id, str(line.gross.amount), str(line.fee.amount))
        for line in payout.lines
    ]


@pytest.mark.parametrize(
    ("name", "report_format", "amount", "kinds"),
    [
        ("shopify-payout.json", "shopify-json", "186.90 EUR", [CHARGE, CHARGE, REFUND]),
        ("shopify-transactions.csv", "shopify-transactions-csv", "186.90 EUR",
         [CHARGE, CHARGE, REFUND]),
        ("stripe-balance-transactions.json", "stripe-json", "138.55 EUR",
         [CHARGE, CHARGE, REFUND]),
        ("stripe-report.csv", "stripe-csv", "138.55 EUR", [CHARGE, CHARGE, REFUND]),
        ("paypal-settlement.csv", "paypal-csv", "100.00 EUR", [CHARGE, REFUND, RESERVE]),
        ("adyen-settlement.csv", "adyen-csv", "140.00 EUR", [CHARGE, CHARGE, REFUND, FEE]),
    ],
)  # fmt: skip
def test_each_report_is_recognised_and_its_lines_are_the_payout(
    name: str, report_format: str, amount: str, kinds: list[PayoutLineKind]
) -> None:
    reading = read_statement_file(fixture(name))
    (payout,) = reading.payouts

    assert reading.format == report_format
    assert not reading.all_problems
    assert str(payout.amount) == str(payout.of_lines) == amount
    assert [line.kind for line in payout.lines] == kinds


def test_shopify_transactions_in_no_payout_yet_are_left_out_and_counted() -> None:
    assert read_statement_file(fixture("shopify-payout.json")).notes == (
        "in no payout yet and left out: 1",
    )


def test_stripe_amounts_have_the_decimals_of_their_currency() -> None:
    charge = payouts("stripe-balance-transactions.json")[0].lines[1]

    assert str(charge.gross) == "50.00 EUR"
    assert str(charge.presentment) == "8,000 JPY"


def test_a_refund_names_the_charge_that_it_takes_back() -> None:
    assert payouts("stripe-balance-transactions.json")[0].lines[2].charge_id == "ch_1"
    assert payouts("paypal-settlement.csv")[0].lines[1].charge_id == "PP1"


def test_a_manual_payout_of_stripe_cannot_be_decomposed() -> None:
    automatic, manual = payouts("stripe-payouts.json")

    assert automatic.is_decomposed and not manual.is_decomposed
    assert not automatic.are_lines_reported


def test_a_stripe_list_that_goes_on_is_incomplete() -> None:
    content = fixture("stripe-balance-transactions.json").read_bytes()
    reading = read_statements(content.replace(b'"has_more": false', b'"has_more": true'), "a.json")

    assert (reading.pages, reading.pages_expected) == (1, 2)
    assert "the next page is missing" in reading.problems[0]


def test_what_is_left_on_the_paypal_balance_is_told_as_held_back() -> None:
    (payout,) = payouts("paypal-settlement.csv")

    assert lines(payout)[-1] == (RESERVE, "", "9.70", "0.00")
    assert payout.bank_reference == "BANK-PP3"


def test_a_paypal_report_that_breaks_off_says_so() -> None:
    text = fixture("paypal-settlement.csv").read_text("utf-8")
    reading = read_statements(text[: text.index('"SC"')].encode(), "stl.csv")

    assert "the report breaks off" in reading.problems[0]


def test_adyen_fees_are_the_sum_of_what_they_consist_of() -> None:
    (payout,) = payouts("adyen-settlement.csv")

    assert [str(line.fee.amount) for line in payout.lines] == ["3.70", "1.75", "0.00", "0.00"]
    assert str(payout.lines[1].presentment) == "60.00 USD"
    assert payout.bank_reference == "TX1XT batch 12"


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("shopify-transactions.csv", "3.70,115.30", "3.70,115.31", "is not gross"),
        ("stripe-report.csv", "119.00,3.70", "1x9.00,3.70", "'1x9.00' is no amount"),
        ("adyen-settlement.csv", "119.00,1,EUR", "120.00,1,EUR", "is not the gross amount"),
        ("paypal-settlement.csv", '"CR",11900', '"XX",11900', "neither CR nor DR"),
    ],
)
def test_one_bad_row_is_named_and_makes_the_reading_incomplete(
    name: str, before: str, after: str, said: str
) -> None:
    text = fixture(name).read_text("utf-8")
    assert before in text
    reading = read_statements(text.replace(before, after, 1).encode(), name)

    assert any(said in problem and "line" in problem for problem in reading.all_problems)


def test_a_report_without_a_column_is_refused_by_its_name() -> None:
    text = fixture("stripe-report.csv").read_text("utf-8").replace("reporting_category", "category")
    with pytest.raises(MessageError, match="the column 'reporting_category' is missing"):
        read_statements(text.encode(), "a.csv", "stripe-csv")


def test_a_balance_transaction_without_its_payout_is_refused() -> None:
    one = b'{"id": "txn_1", "object": "balance_transaction", "amount": 1, "type": "charge"}'
    with pytest.raises(MessageError, match="balance transactions with no payout"):
        read_statements(one, "a.json")


def test_totals_without_an_id_go_to_the_one_payout_they_fit() -> None:
    (payout,) = merged([*payouts("shopify-transactions.csv"), *payouts("shopify-payouts.csv")])

    assert payout.payout_id == "9001"
    assert payout.is_amount_stated
    assert payout.bank_reference == "SHPFY9001"


def test_totals_and_lines_of_two_reports_are_one_payout() -> None:
    reports = [*payouts("stripe-payouts.json"), *payouts("stripe-balance-transactions.json")]
    payout, manual = merged(reports)

    assert payout.are_lines_reported and len(payout.lines) == 3
    assert payout.bank_reference == "TRACE-1"
    assert not manual.is_decomposed


def test_reports_that_state_different_amounts_are_a_problem_of_the_payout() -> None:
    (payout,) = payouts("stripe-balance-transactions.json")
    other = payout.model_copy(update={"amount": payout.of_lines + payout.lines[0].fee})

    (found,) = merged([payout, other])

    assert "state different amounts" in found.problems[0]
    assert found.amount == payout.amount
