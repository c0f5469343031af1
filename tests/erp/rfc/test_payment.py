"""Payments on their way out: debit equals credit, and discounts have their accounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.payment import POST
from connector.erp.rfc.payment_parameters import clearing_parameters, posting_parameters
from connector.errors import ConfigurationError
from connector.sd_documents.payment import (
    AccountingDocumentKey,
    IncomingPayment,
    ItemToClear,
    Remainder,
    TaxAdjustment,
)
from connector.sd_documents.values import Money
from connector.simulator.rfc.dictionary import Dictionary
from connector.simulator.rfc.fill import fill

DICTIONARY = Dictionary.from_fixtures()
OPTIONS = RfcOptions(cash_discount_account="880000", tax_accounts={"A1": "175000"})


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def item(number: str, amount: str) -> ItemToClear:
    key = AccountingDocumentKey(company_code="1000", accounting_document=number, fiscal_year=2026)
    return ItemToClear(key=key, line_item=1, amount=eur(amount))


#: Payment 1400000001 of the worked case: 11,900.00 less 2 % within 14 days.
WITH_DISCOUNT = IncomingPayment(
    payment_reference="PAY-1",
    company_code="1000",
    payer="10001",
    document_date=date(2026, 1, 28),
    posting_date=date(2026, 1, 28),
    received=eur("11662.00"),
    bank_account="113100",
    cash_discount=eur("200.00"),
    tax_adjustments=(TaxAdjustment(tax_code="A1", amount=eur("38.00")),),
    items=(item("0090000001", "11900.00"),),
    assignment="EXT-1001",
)


def amounts(parameters: dict[str, Any]) -> dict[str, Decimal]:
    """Amount by account, customers by their number."""
    accounts = {
        row["ITEMNO_ACC"]: row.get("CUSTOMER") or row["GL_ACCOUNT"]
        for name in ("ACCOUNTGL", "ACCOUNTRECEIVABLE", "ACCOUNTTAX")
        for row in parameters.get(name, [])
    }
    return {accounts[r["ITEMNO_ACC"]]: r["AMT_DOCCUR"] for r in parameters["CURRENCYAMOUNT"]}


def test_bank_discount_and_tax_are_debited_and_the_payer_credited() -> None:
    parameters = posting_parameters(WITH_DISCOUNT, OPTIONS)
    fill(DICTIONARY.function(POST), parameters)
    assert amounts(parameters) == {
        "0000113100": Decimal("11662.00"),
        "0000880000": Decimal("200.00"),
        "0000175000": Decimal("38.00"),
        "0000010001": Decimal("-11900.00"),
    }
    assert sum(amounts(parameters).values()) == 0
    (tax,) = parameters["ACCOUNTTAX"]
    base = [
        row["AMT_BASE"]
        for row in parameters["CURRENCYAMOUNT"]
        if row["ITEMNO_ACC"] == tax["ITEMNO_ACC"]
    ]
    assert base == [Decimal("200.00")]


def test_the_credit_carries_what_clearing_matches_by() -> None:
    parameters = posting_parameters(WITH_DISCOUNT, OPTIONS)
    (credit,) = parameters["ACCOUNTRECEIVABLE"]
    assert credit["ALLOC_NMBR"] == "EXT-1001"
    assert parameters["DOCUMENTHEADER"]["REF_DOC_NO"] == "PAY-1"
    assert parameters["DOCUMENTHEADER"]["DOC_TYPE"] == "DZ"


def test_a_payment_without_discount_needs_no_discount_account() -> None:
    plain = WITH_DISCOUNT.model_copy(
        update={"received": eur("11900.00"), "cash_discount": eur("0"), "tax_adjustments": ()}
    )
    parameters = posting_parameters(plain, RfcOptions())
    assert "ACCOUNTTAX" not in parameters
    assert sum(amounts(parameters).values()) == 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (RfcOptions(), "erp.transport.cash_discount_account"),
        (RfcOptions(cash_discount_account="880000"), "erp.transport.tax_accounts.A1"),
    ],
)
def test_a_missing_account_is_named(options: RfcOptions, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        posting_parameters(WITH_DISCOUNT, options)


def test_the_clearing_function_gets_each_item_with_its_discount() -> None:
    options = RfcOptions(clearing_function="Z_SD_CONNECTOR_POST_CLEAR")
    parameters = clearing_parameters(WITH_DISCOUNT, options)
    fill(DICTIONARY.function(options.clearing_function), parameters)
    assert parameters["AMOUNT"] == Decimal("11662.00")
    (row,) = parameters["ITEMS"]
    assert (row["DOC_NO"], row["FISC_YEAR"], row["ITEM_NUM"]) == ("0090000001", "2026", "001")
    assert row["DISCOUNT"] == Decimal("238.00")


def test_discounts_of_several_items_come_to_what_was_taken() -> None:
    """Shares are rounded; the cents that are left go to the largest item."""
    several = WITH_DISCOUNT.model_copy(
        update={
            "received": eur("299.90"),
            "cash_discount": eur("0.10"),
            "tax_adjustments": (),
            "items": tuple(item(f"009000000{n}", "100.00") for n in (1, 2, 3)),
        }
    )
    rows = clearing_parameters(several, RfcOptions())["ITEMS"]
    assert [row["DISCOUNT"] for row in rows] == [Decimal("0.04"), Decimal("0.03"), Decimal("0.03")]


def test_bank_charges_are_debited_to_their_account() -> None:
    charged = WITH_DISCOUNT.model_copy(
        update={"received": eur("11660.00"), "bank_charges": eur("2.00")}
    )
    with pytest.raises(ConfigurationError, match="bank_charges_account"):
        posting_parameters(charged, OPTIONS)
    options = OPTIONS.model_copy(update={"bank_charges_account": "474000"})
    parameters = posting_parameters(charged, options)
    fill(DICTIONARY.function(POST), parameters)
    assert amounts(parameters)["0000474000"] == Decimal("2.00")
    assert sum(amounts(parameters).values()) == 0
    assert clearing_parameters(charged, options)["BANK_CHARGES"] == Decimal("2.00")


@pytest.mark.parametrize(
    ("received", "remainder", "lines", "difference", "partial"),
    [
        ("10000.00", Remainder.RESIDUAL, {"EXT-1001": "-11900.00", "PAY-1": "1662.00"}, "R", ""),
        ("12000.00", Remainder.ON_ACCOUNT, {"EXT-1001": "-11900.00", "PAY-1": "-338.00"}, "A", ""),
        ("10000.00", Remainder.PARTIAL, {"EXT-1001": "-10238.00"}, "", "X"),
    ],
)
def test_what_stays_open_does_not_carry_the_assignment_of_what_is_cleared(
    received: str, remainder: Remainder, lines: dict[str, str], difference: str, partial: str
) -> None:
    payment = WITH_DISCOUNT.model_copy(update={"received": eur(received), "remainder": remainder})
    parameters = posting_parameters(payment, OPTIONS)
    by_number = {r["ITEMNO_ACC"]: r["AMT_DOCCUR"] for r in parameters["CURRENCYAMOUNT"]}
    assert {
        row["ALLOC_NMBR"]: by_number[row["ITEMNO_ACC"]] for row in parameters["ACCOUNTRECEIVABLE"]
    } == {assignment: Decimal(amount) for assignment, amount in lines.items()}
    assert sum(by_number.values()) == 0
    clearing = clearing_parameters(payment, OPTIONS)
    assert (clearing["DIFFERENCE"], clearing["PARTIAL"]) == (difference, partial)
    assert clearing["ITEMS"][0]["DISCOUNT"] == Decimal("238.00")
