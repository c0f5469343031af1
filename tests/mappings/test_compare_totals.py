"""What the ERP makes of an order is compared with it part by part, and the cause is named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connector.mappings.amounts import compare_totals
from connector.mappings.external_order import (
    ExternalOrder,
    ExternalShipping,
    ExternalTax,
    ExternalTotals,
)
from connector.sd_documents.conditions import ConditionValue
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesArea,
)
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory, Money, Quantity, total
from tests.mappings.support import a_line, an_order

D = Decimal


def eur(amount: str, currency: str = "EUR") -> Money:
    return Money(amount=D(amount), currency=currency)


def item(
    number: int, gross: str, net: str, tax: str, quantity: str = "2", currency: str = "EUR"
) -> PostedSalesDocumentItem:
    pieces = Quantity(value=D(quantity), unit="ST")
    return PostedSalesDocumentItem(
        item_number=number,
        material=f"M-{number}",
        requested_quantity=pieces,
        confirmed_quantity=pieces,
        item_category="TAN",
        net_amount=eur(net, currency),
        tax_amount=eur(tax, currency),
        gross_amount=eur(gross, currency),
        cost_amount=eur("0", currency),
        delivery_status=Status.NOT_YET,
        billing_status=Status.NOT_YET,
        overall_status=Status.NOT_YET,
    )


def priced(
    *items: PostedSalesDocumentItem, values: dict[str, str] | None = None, currency: str = "EUR"
) -> PostedSalesDocument:
    return PostedSalesDocument(
        number="$",
        category=DocumentCategory.SALES_ORDER,
        sales_order_type="TA",
        sales_area=SalesArea(sales_organization="1000", distribution_channel="10", division="00"),
        purchase_order_by_customer="K-1",
        document_date=date(2026, 11, 16),
        sold_to_party="1001",
        currency=currency,
        items=items,
        condition_values=tuple(
            ConditionValue(condition_type=name, item_number=10, value=eur(amount, currency))
            for name, amount in (values or {}).items()
        ),
        net_amount=total((each.net_amount for each in items), currency),
        tax_amount=total((each.tax_amount for each in items), currency),
        delivery_status=Status.NOT_YET,
        billing_status=Status.NOT_YET,
        overall_status=Status.NOT_YET,
    )


def order(**fields: Any) -> ExternalOrder:
    """Two pieces at 10.00, 3.00 off, 5.00 shipping, 4.18 tax: 26.18."""
    tax = (ExternalTax(rate=D("0.19"), amount=D("3.23")),)
    on_shipping = (ExternalTax(rate=D("0.19"), amount=D("0.95")),)
    values: dict[str, Any] = {
        "shipping": (ExternalShipping(price=D(5), taxes=on_shipping),),
        "totals": ExternalTotals(tax=D("4.18"), grand_total=D("26.18")),
        **fields,
    }
    line = a_line(quantity="2", price="10.00", allocated_discount=D(3), taxes=tax)
    return an_order(*values.pop("lines", (line,)), **values)


SAME = {"PR00": "20.00", "RB00": "-3.00", "HD00": "5.00"}


def codes(order: ExternalOrder, document: PostedSalesDocument) -> list[tuple[str, str]]:
    return [(p.code, str(p.amount or "")) for p in compare_totals(order, document)]


def test_equal_totals_have_no_problem() -> None:
    assert codes(order(), priced(item(10, "20", "22", "4.18"), values=SAME)) == []


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (priced(item(10, "22", "24", "4.56"), values={**SAME, "PR00": "22.00"}),
         [("PRICE_DIFF", "2.00 EUR"), ("TAX_DIFF", "0.38 EUR")]),
        (priced(item(10, "20", "23", "4.37"), values={**SAME, "RB00": "-2.00"}),
         [("DISCOUNT_DIFF", "-1.00 EUR"), ("TAX_DIFF", "0.19 EUR")]),
        (priced(item(10, "20", "17", "3.23"), values={"PR00": "20.00", "RB00": "-3.00"}),
         [("FREIGHT_DIFF", "-5.00 EUR"), ("TAX_DIFF", "-0.95 EUR")]),
        (priced(item(10, "20", "22", "4.19"), values=SAME), [("TAX_ROUNDING", "0.01 EUR")]),
        (priced(item(10, "20", "22", "1.54"), values=SAME), [("TAX_DIFF", "-2.64 EUR")]),
        (priced(item(10, "20", "22", "4.18", quantity="1"), values=SAME), [("QUANTITY_DIFF", "")]),
        (priced(item(10, "10", "12", "2.28", quantity="1"), values=SAME),
         [("QUANTITY_DIFF", ""), ("PRICE_DIFF", "-10.00 EUR"), ("TAX_DIFF", "-1.90 EUR")]),
        (priced(item(20, "20", "22", "4.18"), values=SAME), [("QUANTITY_DIFF", "")]),
        (priced(item(10, "20", "22", "4.18", currency="CHF"), currency="CHF"),
         [("CURRENCY_MISMATCH", "")]),
    ],
)  # fmt: skip
def test_a_difference_is_named_with_its_cause(
    document: PostedSalesDocument, expected: list[tuple[str, str]]
) -> None:
    assert codes(order(), document) == expected


def test_every_message_says_what_to_do() -> None:
    document = priced(item(10, "22", "24", "4.56"), values={**SAME, "PR00": "22.00"})

    for problem in compare_totals(order(), document):
        assert "in the order" in problem.message
        assert "in the ERP" in problem.message
        assert "Check" in problem.message


def test_with_tax_in_the_price_another_rounding_of_its_share_is_no_difference() -> None:
    """The customer pays the same 17.00; of it 2.71 is tax to the shop and 2.72 to the ERP."""
    line = a_line(
        quantity="2", price="8.50", taxes=(ExternalTax(rate=D("0.19"), amount=D("2.71")),)
    )
    said = ExternalTotals(tax=D("2.71"), grand_total=D("17.00"))
    inclusive = an_order(line, taxes_included=True, totals=said)

    assert codes(inclusive, priced(item(10, "17", "14.28", "2.72"), values={"PR01": "17.00"})) == []
    assert codes(inclusive, priced(item(10, "17", "15.89", "1.11"), values={"PR01": "17.00"})) == [
        ("TAX_DIFF", "-1.60 EUR")
    ]


def test_an_order_without_prices_takes_those_of_the_erp() -> None:
    bare = an_order(a_line(quantity="2", price=None))

    assert codes(bare, priced(item(10, "20", "19", "3.61"))) == []


def test_a_total_is_compared_also_where_the_order_has_no_prices() -> None:
    said = ExternalTotals(tax=D("3.61"), grand_total=D("22.61"))
    bare = an_order(a_line(quantity="2", price=None), totals=said)

    assert codes(bare, priced(item(10, "20", "19", "3.61"))) == []
    assert codes(bare, priced(item(10, "20", "20", "3.61"))) == [("TOTAL_DIFF", "1.00 EUR")]


def test_an_order_that_does_not_say_its_tax_is_compared_before_tax() -> None:
    silent = an_order(a_line(quantity="2", price="10.00"))

    assert codes(silent, priced(item(10, "20", "20", "3.80"), values={"PR00": "20.00"})) == []
    less = priced(item(10, "20", "19", "3.61"), values={"PR00": "20.00", "K007": "-1.00"})
    assert codes(silent, less) == [("DISCOUNT_DIFF", "1.00 EUR")]


def test_components_of_a_set_are_no_items_that_nobody_ordered() -> None:
    document = priced(item(10, "20", "22", "4.18"), item(20, "0", "0", "0"), values=SAME)

    assert codes(order(), document) == []


def test_an_item_that_nobody_ordered_is_found() -> None:
    document = priced(item(10, "20", "22", "4.18"), item(20, "7", "7", "1.33"), values=SAME)

    assert ("PRICE_DIFF", "7.00 EUR") in codes(order(), document)
