"""Every difference of money names its cause, and what would settle it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connector.mappings.external_order import ExternalTax
from connector.reports.money import MoneyRow, money_rows
from connector.sd_documents.sales_document import PostedSalesDocument, PostedSalesDocumentItem
from connector.sd_documents.values import Money
from tests.reports.conftest import an_order

#: Built without what money has nothing to do with, which the types would ask for.
_ITEM: Any = PostedSalesDocumentItem
_DOCUMENT: Any = PostedSalesDocument


def euro(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def rows(
    said_tax: str, tax: str, *, gross: str = "100.00", net: str = "100.00", total: str = "119.00"
) -> dict[str, MoneyRow]:
    """Compare a line of 100.00 at 19 % with an item."""
    order = an_order(total=total)
    taxes = (ExternalTax(rate=Decimal("0.19"), amount=Decimal(said_tax)),)
    lines = tuple(line.model_copy(update={"taxes": taxes}) for line in order.lines)
    item = _ITEM.model_construct(
        item_number=10, material="A-1", gross_amount=euro(gross), net_amount=euro(net),
        tax_amount=euro(tax),
    )  # fmt: skip
    priced = _DOCUMENT.model_construct(
        currency="EUR", items=(item,), condition_values=(), net_amount=euro(net),
        tax_amount=euro(tax),
    )  # fmt: skip
    return {row.what: row for row in money_rows(order.model_copy(update={"lines": lines}), priced)}


def test_amounts_that_agree_have_no_cause() -> None:
    found = rows("19.00", "19.00")

    assert [row.cause for row in found.values()] == [""] * 6
    assert found["total"].said == found["total"].priced == euro("119.00")


def test_a_cent_of_tax_is_rounding_and_shows_what_was_rounded() -> None:
    found = rows("18.99", "19.00", total="118.99")
    line = found["lines[0] (A-1): tax"]

    assert line.cause.startswith("rounding: 19.00 % of 100.00 is 19.0000; the channel has 18.99")
    assert found["tax"].cause.startswith("rounding")
    assert found["tax"].cause.endswith(": lines[0] (A-1) +0.01")
    assert "DIFF" in found["tax"].remedy
    assert found["total"].cause == "from tax +0.01"


def test_another_rate_is_a_tax_rule() -> None:
    line = rows("19.00", "7.00")["lines[0] (A-1): tax"]

    assert line.cause == "tax rule: the channel charges 19.00 %, the ERP 7.00 % of 100.00"
    assert line.remedy.startswith("the tax condition, by the tax classes")


def test_shipping_within_an_item_is_no_other_rate() -> None:
    line = rows("19.00", "20.90", net="110.00")["lines[0] (A-1): tax"]

    assert line.cause.startswith("same rate of 19.00 %: the ERP taxes 110.00")
    assert line.remedy.startswith("nothing")


def test_another_price_names_the_line_and_the_total_names_the_price() -> None:
    found = rows("19.00", "19.00", gross="90.00", net="90.00")
    line = found["lines[0] (A-1): price"]

    assert line.difference == euro("-10.00")
    assert line.remedy == "a price condition in the rules (conditions of the items)"
    assert "lines[0] (A-1): price -10.00" in found["total"].cause


def test_a_total_whose_parts_agree_differs_by_rounding() -> None:
    found = rows("19.00", "19.00", total="119.01")

    assert found["total"].cause.startswith("rounding: all parts agree")


@pytest.mark.parametrize("said", ["19.00", "0.00"])
def test_other_currencies_are_not_compared(said: str) -> None:
    priced = _DOCUMENT.model_construct(currency="USD", items=())

    assert money_rows(an_order(total=said), priced) == ()
