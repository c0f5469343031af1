"""A year of real orders as tab-separated lines: all of them are read and mapped."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.reading import read_orders
from connector.mappings.rules import load_rules
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from tests.mappings.conftest import profile_of


@pytest.fixture(scope="module")
def year(samples: Path) -> list[MappedOrder]:
    """All orders of 2020, mapped."""
    folder = samples / "history/globalbike"
    rules = load_rules(shipped("config/mappings/globalbike.yaml"), folder)
    mapped = []
    for found in read_orders(
        profile_of("globalbike"), (folder / "orders_2020.tsv").read_bytes(), "orders_2020.tsv"
    ):
        assert isinstance(found, InboundOrder)
        mapped.append(map_order(found.order, rules, {DocumentCategory.SALES_ORDER}))
    return mapped


def test_the_year_reads_into_all_its_orders(year: list[MappedOrder]) -> None:
    orders = [mapped.order for mapped in year]

    assert len(orders) == 2_612
    assert len({order.external_id for order in orders}) == 2_612
    assert sum(len(order.lines) for order in orders) == 24_962


def test_every_order_becomes_a_sales_order(year: list[MappedOrder]) -> None:
    assert [mapped.problems for mapped in year if mapped.problems] == []
    assert all(mapped.document(DocumentCategory.SALES_ORDER) for mapped in year)


def test_the_discount_of_an_order_becomes_one_percentage(
    year: list[MappedOrder],
) -> None:
    rates: Counter[Decimal] = Counter()
    for mapped in year:
        document = mapped.document(DocumentCategory.SALES_ORDER)
        assert document is not None
        rates[sum((c.rate for c in document.conditions), Decimal(0))] += 1

    assert set(rates) == {Decimal(0), Decimal("-3.0"), Decimal("-5.0")}
