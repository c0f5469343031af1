"""A payment that is not what its items come to says what becomes of the difference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from connector.sd_documents.payment import (
    AccountingDocumentKey,
    IncomingPayment,
    ItemToClear,
    Remainder,
)
from connector.sd_documents.values import Money


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


ITEM = ItemToClear(
    key=AccountingDocumentKey(
        company_code="1000", accounting_document="0090000001", fiscal_year=2026
    ),
    line_item=1,
    amount=eur("119.00"),
)


def payment(received: str, **more: Any) -> IncomingPayment:
    return IncomingPayment(
        payment_reference="PAY-1",
        company_code="1000",
        payer="C-100",
        document_date=date(2026, 1, 2),
        posting_date=date(2026, 1, 2),
        received=eur(received),
        bank_account="113100",
        cash_discount=eur("0.00"),
        **{"items": (ITEM,), **more},
    )


def test_bank_charges_settle_like_money_received() -> None:
    charged = payment("116.50", bank_charges=eur("2.50"))
    assert charged.settled == eur("119.00")
    assert charged.surplus == eur("0.00")


@pytest.mark.parametrize(
    ("received", "remainder", "surplus"),
    [
        ("120.00", Remainder.ON_ACCOUNT, "1.00"),
        ("100.00", Remainder.RESIDUAL, "-19.00"),
        ("100.00", Remainder.PARTIAL, "-19.00"),
    ],
)
def test_a_difference_is_allowed_where_it_is_said_what_becomes_of_it(
    received: str, remainder: Remainder, surplus: str
) -> None:
    assert payment(received, remainder=remainder).surplus == eur(surplus)
    with pytest.raises(ValidationError, match=r"clears 119\.00 but settles"):
        payment(received)


@pytest.mark.parametrize(
    ("received", "remainder"),
    [
        ("119.00", Remainder.ON_ACCOUNT),
        ("100.00", Remainder.ON_ACCOUNT),
        ("119.00", Remainder.RESIDUAL),
        ("120.00", Remainder.RESIDUAL),
        ("120.00", Remainder.PARTIAL),
    ],
)
def test_a_remainder_that_is_not_there_is_refused(received: str, remainder: Remainder) -> None:
    with pytest.raises(ValidationError, match=f"leaves no {remainder.value}"):
        payment(received, remainder=remainder)


def test_a_payment_on_account_pays_no_items_and_has_no_remainder() -> None:
    assert payment("50.00", items=()).surplus == eur("50.00")
    with pytest.raises(ValidationError, match="without items"):
        payment("50.00", items=(), remainder=Remainder.ON_ACCOUNT)


def test_bank_charges_below_zero_are_refused() -> None:
    with pytest.raises(ValidationError, match="bank charges"):
        payment("120.00", bank_charges=eur("-1.00"))


def test_it_survives_being_written_and_read() -> None:
    sent = payment("100.00", remainder=Remainder.RESIDUAL, bank_charges=eur("1.00"))
    assert IncomingPayment.model_validate_json(sent.model_dump_json()) == sent
