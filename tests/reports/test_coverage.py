"""What tables lack is ranked by the revenue that waits for it."""

from __future__ import annotations

from connector.mappings.problems import Notice, Problem
from connector.reports.coverage import Coverage
from tests.reports.conftest import Tried, an_order


def unknown(value: str, code: str = "UNKNOWN_SKU", table: str = "skus.csv") -> Problem:
    message = f"lines[0].sku {value!r} is not in {table} (key sku); add a row to the table"
    return Problem(code=code, message=message, where="lines[0].sku_of_nothing")


def coverage(*orders: Tried) -> Coverage:
    found = Coverage()
    for each in orders:
        found.add(each)
    return found


def test_the_most_revenue_comes_first_and_each_order_counts_once() -> None:
    small = Tried(order=an_order("#1", total="10.00"), problems=(unknown("A"), unknown("A")))
    more = Tried(order=an_order("#2", total="5.50"), problems=(unknown("A"),))
    large = Tried(order=an_order("#3", total="99.00"), problems=(unknown("B"),))

    gaps = coverage(small, more, large).gaps()

    assert [(g.value, g.table, g.orders, str(g.amount)) for g in gaps] == [
        ("B", "skus.csv", 1, "99.00"),
        ("A", "skus.csv", 2, "15.50"),
    ]
    assert gaps[1].example == "#1"


def test_the_value_is_read_from_the_order_where_the_problem_points_to_one() -> None:
    problem = Problem(code="UNKNOWN_SKU", message="is not known", where="lines[0].sku")

    [gap] = coverage(Tried(order=an_order(), problems=(problem,))).gaps()

    assert (gap.kind, gap.value) == ("SKU", "A-1")


def test_currencies_are_never_added() -> None:
    euro = Tried(order=an_order("#1", "EUR"), problems=(unknown("A"),))
    yen = Tried(order=an_order("#2", "JPY", "1000"), problems=(unknown("A"),))

    assert [(g.currency, str(g.amount)) for g in coverage(euro, yen).gaps()] == [
        ("EUR", "119.00"),
        ("JPY", "1000"),
    ]


def test_a_default_that_was_taken_is_listed_after_what_holds_orders() -> None:
    notice = Notice(code="DEFAULT_ROW", message="unit 'x' has no row of its own in units.csv: *")
    tried = Tried(order=an_order(), notices=(notice,), problems=(unknown("A"),))

    assert [(g.kind, g.holds, g.table) for g in coverage(tried).gaps()] == [
        ("SKU", True, "skus.csv"),
        ("default taken", False, "units.csv"),
    ]


def test_messages_that_cannot_be_read_lack_no_row() -> None:
    problem = Problem(code="UNREADABLE_MESSAGE", message="no JSON")

    assert coverage(Tried(problems=(problem,))).gaps() == []
