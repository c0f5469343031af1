"""What tables lack is ranked by the revenue that waits for it."""

from __future__ import annotations

from connector.mappings.mapped_order import MappedOrder
from connector.mappings.missing_rows import MissingRow
from connector.mappings.problems import Problem
from connector.reports.coverage import Coverage
from tests.reports.conftest import Tried, an_order, mapped


def unknown(value: str, code: str = "UNKNOWN_SKU", *, by_default: bool = False) -> MissingRow:
    where, rule = "lines[0].sku", "items.lookups.sku"
    return MissingRow("skus", "shop/skus.csv", (value,), where, rule, code, by_default)


def lacking(
    *rows: MissingRow, name: str = "#1", total: str = "119.00", currency: str = "EUR"
) -> Tried:
    order = an_order(name, currency, total)
    return Tried(order=order, mapped=MappedOrder.model_construct(order=order, missing_rows=rows))


def coverage(*orders: Tried) -> Coverage:
    found = Coverage()
    for each in orders:
        found.add(each)
    return found


def test_the_most_revenue_comes_first_and_each_order_counts_once() -> None:
    small = lacking(unknown("A"), unknown("A"), total="10.00")
    more = lacking(unknown("A"), name="#2", total="5.50")
    large = lacking(unknown("B"), name="#3", total="99.00")

    gaps = coverage(small, more, large).gaps()

    assert [(g.kind, g.value, g.label, g.orders, str(g.amount)) for g in gaps] == [
        ("SKU", "B", "shop/skus.csv", 1, "99.00"),
        ("SKU", "A", "shop/skus.csv", 2, "15.50"),
    ]
    assert (gaps[1].example, gaps[1].where) == ("#1", "lines[0].sku")


def test_currencies_are_never_added() -> None:
    euro = lacking(unknown("A"))
    yen = lacking(unknown("A"), name="#2", currency="JPY", total="1000")

    assert [(g.currency, str(g.amount)) for g in coverage(euro, yen).gaps()] == [
        ("EUR", "119.00"),
        ("JPY", "1000"),
    ]


def test_a_default_that_was_taken_is_listed_after_what_holds_orders() -> None:
    tried = lacking(unknown("x", "", by_default=True), unknown("A"), unknown("y", ""))

    assert [(g.kind, g.value, g.holds) for g in coverage(tried).gaps()] == [
        ("SKU", "A", True),
        ("default taken", "x", False),
        ("SKU", "y", False),
    ]


def test_what_the_erp_lacks_is_listed_by_its_name_there() -> None:
    order = an_order()
    problem = Problem(code="MATERIAL_NOT_IN_ERP", message="not there", where="items[0].material")
    tried = Tried(order=order, mapped=mapped(order), problems=(problem,))

    [gap] = coverage(tried).gaps()

    assert (gap.kind, gap.table, gap.holds) == ("material of the ERP", "", True)


def test_a_unit_that_no_function_knows_is_a_unit_too() -> None:
    order = an_order()
    line = order.lines[0].model_copy(update={"unit": "ZZ"})
    problem = Problem(code="VALUE_NOT_VALID", message="'ZZ' is no unit", where="lines[0].unit")
    tried = Tried(order=order.model_copy(update={"lines": (line,)}), problems=(problem,))

    [gap] = coverage(tried).gaps()

    assert (gap.kind, gap.value, gap.table, gap.holds) == ("unit", "ZZ", "", True)


def test_messages_that_cannot_be_read_lack_no_row() -> None:
    problem = Problem(code="UNREADABLE_MESSAGE", message="no JSON")

    assert coverage(Tried(problems=(problem,))).gaps() == []
