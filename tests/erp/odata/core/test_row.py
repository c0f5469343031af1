"""Rows give values of the type that was asked for, or say which field is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connector.erp.odata.errors import AnswerUnclearError
from connector.erp.odata.row import Row

METADATA = {
    "uri": "https://erp/x",
    "type": "API_SALES_ORDER_SRV.A_SalesOrderType",
    "etag": "W/\"'1'\"",
}


def row(**fields: Any) -> Row:
    return Row({"__metadata": METADATA, **fields})


def test_a_row_knows_what_it_is() -> None:
    assert (row().entity, row().etag, row().uri) == (
        "A_SalesOrderType", "W/\"'1'\"", "https://erp/x",
    )  # fmt: skip
    assert Row({}, "Result", 'W/"2"').etag == 'W/"2"'


def test_null_is_the_initial_value() -> None:
    empty = row(a=None)
    assert (empty.text("a"), empty.decimal("a"), empty.integer("a")) == ("", Decimal(0), 0)
    assert (empty.boolean("a"), empty.date("a"), empty.time("a")) == (False, None, None)
    assert (empty.instant("a"), empty.rows("a"), empty.row("a")) == (None, (), None)


READERS: list[Callable[[Row, str], object]] = [
    Row.text, Row.decimal, Row.integer, Row.boolean, Row.date, Row.time, Row.instant, Row.binary,
    Row.rows, Row.row,
]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_a_missing_field_is_named_with_its_entity(reader: Callable[[Row, str], object]) -> None:
    with pytest.raises(AnswerUnclearError, match=r"A_SalesOrderType\.NetAmount: .*missing"):
        reader(row(), "NetAmount")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("value", [1.5, ["x"], {"a": 1}, "no such thing!"])
def test_a_field_of_another_type_is_named_and_never_a_defect(
    reader: Callable[[Row, str], object], value: object
) -> None:
    try:
        reader(row(NetAmount=value), "NetAmount")
    except AnswerUnclearError as error:
        assert (error.entity, error.field) == ("A_SalesOrderType", "NetAmount")
        assert "no such thing" not in str(error), "values may be names of people"


def test_expanded_collections_come_in_two_forms() -> None:
    inner = {"SalesOrderItem": "10"}
    for form in ({"results": [inner]}, [inner]):
        assert [each.text("SalesOrderItem") for each in row(to_Item=form).rows("to_Item")] == ["10"]


def test_what_was_not_expanded_is_told() -> None:
    deferred = row(to_Item={"__deferred": {"uri": "https://erp/x/to_Item"}})
    with pytest.raises(AnswerUnclearError, match="expanded"):
        deferred.rows("to_Item")
    with pytest.raises(AnswerUnclearError, match="expanded"):
        deferred.row("to_Item")


def test_the_rest_of_an_expanded_collection_is_not_forgotten() -> None:
    cut = row(to_Item={"results": [], "__next": "A_Item?$skiptoken=2"})
    assert cut.next_link("to_Item") == "A_Item?$skiptoken=2"
    assert row(to_Item={"results": []}).next_link("to_Item") == ""


def test_a_field_of_a_later_release_may_be_missing() -> None:
    assert row().text_or("New", "none") == "none"
    assert row(New="x").text_or("New", "none") == "x"


def test_binary_values_are_decoded() -> None:
    assert row(Pdf="JVBERg==").binary("Pdf") == b"%PDF"
    assert row(Day="/Date(1795305600000)/").date("Day") == date(2026, 11, 22)
