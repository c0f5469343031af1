"""Prices and tax to the cent: worked cases C04 and C06, header discounts, gross prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.sales_records import SalesDocument
from connector.simulator.engine.specs import (
    Address,
    DeliveryRef,
    ManualCondition,
    Partner,
    SalesDocumentSpec,
)
from tests.simulator.engine.support import (
    billed,
    by_account,
    delivered,
    done,
    invoiced,
    issued,
    item,
    journal,
    new_erp,
    order,
    sold,
)


def price(number: int, amount: str, **more: Any) -> ManualCondition:
    """Return a price entered by hand."""
    return ManualCondition("PR00", Decimal(amount), number, **more)


def simulated(erp: SimulatedErp, spec: SalesDocumentSpec) -> SalesDocument:
    """Return the document as the ERP would price it."""
    outcome = erp.session("TESTER").simulate_sales_document(spec)
    assert outcome.accepted, outcome.messages
    document: SalesDocument = outcome.documents[0]
    return document


def amounts(document: SalesDocument, name: str) -> list[str]:
    """Return one amount of every item as text."""
    return [str(getattr(each, name)) for each in document.items]


JAPAN: dict[str, Any] = {"customer": "JP-400", "sales_organization": "2000"}
KUWAIT: dict[str, Any] = {"customer": "KW-400", "sales_organization": "3000"}


@pytest.mark.parametrize("grouped", [True, False])
def test_yen_have_no_decimals(master: MasterData, grouped: bool) -> None:
    with new_erp(master, tax_group_processing=grouped) as erp:
        document = simulated(
            erp,
            order(
                item(10, "JPY-01", 3),
                item(20, "JPY-01", 7),
                conditions=[
                    price(10, "333", currency="JPY"),
                    price(20, "12345", currency="JPY", per=Decimal(100)),
                ],
                **JAPAN,
            ),
        )
    assert amounts(document, "net_value") == ["999", "864"]
    assert amounts(document, "tax_amount") == ["100", "86"]
    assert document.net_value + document.tax_amount == 2049


def test_dinars_have_three_decimals(erp: SimulatedErp) -> None:
    document = simulated(
        erp,
        order(
            item(10, "KWD-01", 7),
            item(20, "KWD-02", 333),
            conditions=[
                price(10, "1.235", currency="KWD"),
                price(20, "12.345", currency="KWD", per=Decimal(100), unit="KG"),
            ],
            **KUWAIT,
        ),
    )
    assert amounts(document, "net_value") == ["8.645", "41.109"]
    assert document.net_value + document.tax_amount == Decimal("49.754")


def test_the_yen_invoice_posts_whole_yen(erp: SimulatedErp) -> None:
    spec = order(
        item(10, "JPY-01", 3),
        item(20, "JPY-01", 7),
        conditions=[price(10, "333"), price(20, "12345", per=Decimal(100))],
        **JAPAN,
    )
    _, _, invoice = invoiced(erp, spec)

    assert journal(erp.accounting_document("2000", invoice)) == [
        ("140000", "2049", ""),
        ("800000", "", "1863"),
        ("175000", "", "186"),
    ]


MIXED = (
    ("M-61", 3, "9.24"),
    ("M-61", 7, "7.91"),
    ("M-61", 7, "2.87"),
    ("M-62", 7, "3.43"),
    ("M-62", 7, "7.56"),
)


def mixed() -> SalesDocumentSpec:
    """Return the order of case C06."""
    return order(
        *(item(at * 10, material, count) for at, (material, count, _) in enumerate(MIXED, 1)),
        conditions=[price(at * 10, amount) for at, (_, _, amount) in enumerate(MIXED, 1)],
    )


def test_the_tax_of_a_code_is_that_of_its_sum(erp: SimulatedErp) -> None:
    document = simulated(erp, mixed())

    assert amounts(document, "net_value") == ["27.72", "55.37", "20.09", "24.01", "52.92"]
    assert amounts(document, "tax_amount") == ["5.27", "10.51", "3.82", "1.68", "3.71"]
    moved = {
        each.item_number: line.difference
        for each in document.items
        for line in each.conditions
        if line.kind == "tax" and line.difference
    }
    assert moved == {20: Decimal("-0.01"), 50: Decimal("0.01")}


def test_without_group_processing_each_line_keeps_its_own_tax(master: MasterData) -> None:
    with new_erp(master, tax_group_processing=False) as erp:
        document = simulated(erp, mixed())
    assert amounts(document, "tax_amount") == ["5.27", "10.52", "3.82", "1.68", "3.70"]
    assert document.tax_amount == Decimal("24.99")


def test_the_mixed_invoice_posts_the_grouped_tax(erp: SimulatedErp) -> None:
    _, _, invoice = invoiced(erp, mixed())

    document = erp.accounting_document("1000", invoice)
    assert by_account(document) == {
        "140000": Decimal("205.10"),
        "800000": Decimal("-180.11"),
        "175000": Decimal("-24.99"),
    }
    assert document is not None
    taxes = {
        line.tax_code: (line.amount, line.tax_base)
        for line in document.lines
        if line.account == "175000"
    }
    assert taxes == {
        "A1": (Decimal("19.60"), Decimal("103.18")),
        "A2": (Decimal("5.39"), Decimal("76.93")),
    }


@pytest.mark.parametrize(
    ("prices", "taxes"),
    [(("4.18", "4.18"), ["0.84", "0.83"]), (("4.19", "8.38"), ["0.84", "1.67"])],
)
def test_the_largest_base_carries_the_cent_and_of_equal_ones_the_last(
    erp: SimulatedErp, prices: tuple[str, str], taxes: list[str]
) -> None:
    document = simulated(
        erp,
        order(
            item(10, "M-61", 1),
            item(20, "M-61", 1),
            customer="A-600",
            conditions=[price(10, prices[0]), price(20, prices[1])],
        ),
    )
    assert amounts(document, "tax_amount") == taxes


def test_a_header_percentage_is_rounded_once_and_its_rest_goes_to_the_largest_item(
    erp: SimulatedErp,
) -> None:
    # 5 % of 30.15 is 1.5075 -> 1.51; the items alone would give 0.50 + 0.50 + 0.50.
    document = simulated(
        erp,
        order(
            *(item(number, "M-61", 1) for number in (10, 20, 30)),
            conditions=[
                *(price(number, "10.05") for number in (10, 20, 30)),
                ManualCondition("RA00", Decimal("5")),
            ],
        ),
    )
    assert amounts(document, "gross_value") == ["10.05", "10.05", "10.05"]
    assert amounts(document, "net_value") == ["9.55", "9.55", "9.54"]
    assert document.net_value == Decimal("28.64")


def test_a_header_amount_is_shared_by_value_to_the_cent(erp: SimulatedErp) -> None:
    document = simulated(
        erp,
        order(
            *(item(number, "M-61", 1) for number in (10, 20, 30)),
            conditions=[
                *(price(number, "33.33") for number in (10, 20, 30)),
                ManualCondition("HB00", Decimal("10.00")),
                ManualCondition("HD00", Decimal("5.00")),
            ],
        ),
    )
    assert document.net_value == Decimal("94.99")
    shares = {
        kind: [
            str(line.value)
            for each in document.items
            for line in each.conditions
            if line.kind == kind
        ]
        for kind in ("discount", "freight")
    }
    assert shares == {
        "discount": ["-3.33", "-3.33", "-3.34"],
        "freight": ["1.67", "1.67", "1.66"],
    }


def test_a_discount_may_come_with_either_sign(erp: SimulatedErp) -> None:
    nets = [
        simulated(
            erp,
            order(
                item(10, "M-61", 2),
                conditions=[price(10, "10.00"), ManualCondition("RB00", Decimal(sign), 10)],
            ),
        ).net_value
        for sign in ("3", "-3")
    ]
    assert nets == [Decimal("17.00"), Decimal("17.00")]


def shop(*conditions: ManualCondition, quantity: int = 3, country: str = "DE") -> SalesDocumentSpec:
    """Return a web shop order whose prices contain the tax."""
    address = Address(
        "Kim Beispiel", street="Weg 1", postal_code="12345", city="Ort", country=country
    )
    return order(
        item(10, "AC-1300", quantity),
        item(20, "CO-1100", 1),
        distribution_channel="10",
        partners=[Partner("AG", "90010", address=address)],
        conditions=list(conditions),
    )


def test_prices_that_contain_the_tax_reach_every_gross_amount(erp: SimulatedErp) -> None:
    spec = shop(ManualCondition("PR01", Decimal("9.99"), 10))
    spec.items.pop()

    document = simulated(erp, spec)

    assert (document.net_value, document.tax_amount) == (Decimal("25.18"), Decimal("4.79"))


def test_revenue_discount_and_freight_of_gross_prices_are_posted_without_tax(
    erp: SimulatedErp,
) -> None:
    spec = shop(
        ManualCondition("PR01", Decimal("9.99"), 10),
        ManualCondition("PR01", Decimal("8.45"), 20),
        ManualCondition("RA00", Decimal("10")),
        ManualCondition("HD00", Decimal("4.90")),
    )
    number = sold(erp, spec)
    document = erp.sales_document(number)
    assert document is not None
    # 29.97 + 8.45 = 38.42, less 3.84, plus 4.90.
    assert document.net_value + document.tax_amount == Decimal("39.48")

    # The coffee leaves from another plant: two deliveries, and yet one invoice.
    deliveries = done(erp, "create_deliveries", [DeliveryRef(number)]).numbers
    assert len(deliveries) == 2
    for delivery in deliveries:
        issued(erp, delivery)
    (invoice,) = billed(erp, *deliveries)

    posted = by_account(erp.accounting_document("1000", invoice))
    assert posted["140000"] == Decimal("39.48")
    assert posted["800000"] + posted["888000"] + posted["809000"] == -document.net_value
    assert posted["175000"] == -document.tax_amount
    assert posted["888000"] > 0 > posted["809000"]


def test_tax_follows_the_country_of_the_ship_to(erp: SimulatedErp) -> None:
    rates = {}
    for country in ("DE", "AT", "US"):
        document = simulated(erp, shop(country=country))
        rates[country] = [
            (str(line.rate), line.tax_code)
            for each in document.items
            for line in each.conditions
            if line.kind == "tax"
        ]
    assert rates == {
        "DE": [("19", "A1"), ("7", "A2")],
        "AT": [("20", "O1"), ("10", "O2")],
        "US": [("0", "X0"), ("0", "X0")],
    }


def test_a_price_without_record_or_entry_refuses_the_item(erp: SimulatedErp) -> None:
    outcome = erp.session("TESTER").create_sales_document(order(item(10, "M-61", 1)))
    rows = [f"{row.type} {row.id} {row.number}" for row in outcome.messages]
    assert rows == ["E VE 108", "E V4 219"]
    assert outcome.messages[0].v1 == "PR00"


def test_a_missing_price_may_leave_the_order_incomplete_instead(master: MasterData) -> None:
    with new_erp(master, missing_price_is_error=False) as erp:
        outcome = erp.session("TESTER").create_sales_document(order(item(10, "M-61", 1)))
    rows = [f"{row.type} {row.id} {row.number}" for row in outcome.messages]
    assert rows[0] == "W V1 555"
    assert rows[-1] == "S V1 311"


def test_an_unknown_condition_type_is_refused_by_name(erp: SimulatedErp) -> None:
    spec = order(item(10, "M-01", 1), conditions=[ManualCondition("ZZ99", Decimal(1), 10)])
    outcome = erp.session("TESTER").create_sales_document(spec)
    assert outcome.messages[0].text == (
        "Condition type ZZ99 is not allowed in pricing procedure RVAA01"
    )
    assert not outcome.accepted


def test_parts_of_a_header_amount_add_up_over_partial_invoices(erp: SimulatedErp) -> None:
    spec = order(
        item(10, "M-01", 3),
        conditions=[ManualCondition("HD00", Decimal("10.00"))],
    )
    number = sold(erp, spec)
    freight = []
    for _ in range(3):
        delivery = delivered(erp, number, "1")
        issued(erp, delivery)
        document = erp.billing_document(billed(erp, delivery)[0])
        assert document is not None
        freight.append(document.net_value - 100)
    assert [str(each) for each in freight] == ["3.33", "3.34", "3.33"]
