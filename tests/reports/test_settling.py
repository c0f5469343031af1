"""What would settle a difference is said by the condition types of the rules and of the ERP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connector.mappings.mapped_order import Mapped
from connector.mappings.trace import FieldTrace
from connector.reports.settling import Settling
from connector.sd_documents.conditions import Condition, ConditionValue
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesDocument,
    SalesDocumentItem,
)
from connector.sd_documents.values import Money

_SENT: Any = SalesDocument
_SENT_ITEM: Any = SalesDocumentItem
_ITEM: Any = PostedSalesDocumentItem
_PRICED: Any = PostedSalesDocument


def euro(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def a_condition(name: str, rate: str, unit: str | None = None) -> Condition:
    return Condition(condition_type=name, rate=Decimal(rate), currency="EUR", unit=unit)


def taken(name: str, value: str, tax_code: str = "") -> ConditionValue:
    return ConditionValue(condition_type=name, item_number=10, value=euro(value), tax_code=tax_code)


def settling(
    *values: ConditionValue,
    item: tuple[Condition, ...] = (),
    header: tuple[Condition, ...] = (),
    gross: str = "90.00",
) -> tuple[Settling, Any]:
    """An order of one item with what the rules send and what the ERP priced with."""
    document = _SENT.model_construct(
        conditions=header, items=(_SENT_ITEM.model_construct(item_number=10, conditions=item),)
    )
    place = FieldTrace("items[0].conditions[0].condition_type", "x", "rule", file="shop.yaml:12")
    posted = _ITEM.model_construct(item_number=10, gross_amount=euro(gross))
    priced = _PRICED.model_construct(items=(posted,), condition_values=values)
    return Settling(Mapped(document=document, trace=(place,)), priced), posted


def test_a_price_that_the_erp_did_not_take_names_both_types() -> None:
    found, item = settling(taken("ZPRS", "90.00"), item=(a_condition("ZSHP", "100", "ST"),))

    said = found.price(item)

    assert said.startswith("ZSHP (shop.yaml:12) of the rules, which the ERP has not taken")
    assert "map the price to ZPRS" in said


def test_a_price_that_the_erp_replaced_must_be_one_to_be_entered_by_hand() -> None:
    found, item = settling(taken("ZPRS", "90.00"), item=(a_condition("ZPRS", "100", "ST"),))

    assert found.price(item).startswith("ZPRS (shop.yaml:12) must be one that may be entered")


def test_without_a_price_of_the_rules_the_erps_own_type_is_named() -> None:
    found, item = settling(taken("ZPRS", "90.00"), taken("ZFRT", "5.00"))

    assert found.price(item) == (
        "a price condition in the rules (conditions of the items) of the type ZPRS"
    )


def test_discounts_of_the_rules_and_of_the_erp_are_told_apart() -> None:
    sent = a_condition("ZDIS", "-10")
    ours, _ = settling(taken("ZDIS", "-10.00"), taken("ZBON", "-1.00"), header=(sent,))
    none, _ = settling(taken("ZBON", "-1.00"))

    assert ours.discount().startswith("ZDIS, which must be one that may be entered by hand")
    assert ours.discount().endswith("ZBON is the ERP's own")
    assert "they send none for this order; the ERP has ZBON of its own" in none.discount()


def test_freight_is_what_comes_on_top_of_the_price() -> None:
    sent = a_condition("ZSHI", "5")
    found, _ = settling(taken("ZPRS", "90.00"), taken("ZFRT", "7.00"), header=(sent,))

    said = found.freight()

    assert said.startswith("ZSHI of the rules, which the ERP has not taken (it has ZFRT)")
    assert "ZPRS" not in said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((taken("TTX1", "17.10", "A1"),), "the tax condition TTX1: "),
        ((taken("ZPRS", "90.00"),), "a tax condition: the ERP found none"),
        ((), "the tax condition, by the tax classes"),
    ],
)
def test_the_tax_condition_is_the_one_that_the_erp_took(
    values: tuple[ConditionValue, ...], said: str
) -> None:
    found, _ = settling(*values)

    assert found.tax().startswith(said)
