"""JSON in every layout becomes orders; what is broken does not take its neighbours along."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.errors import MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.profile import ChannelProfile
from connector.mappings.reading import read_again
from tests.mappings.support import PROFILE, ids, profile_from, read

ONE = {"id": "7", "lines": [{"sku": "A", "quantity": 1, "price": 0.1}]}


def order(number: int) -> dict[str, Any]:
    return {**ONE, "id": str(number)}


def error_of(found: InboundOrder | MessageError) -> MessageError:
    assert isinstance(found, MessageError)
    return found


def inbound(found: InboundOrder | MessageError) -> InboundOrder:
    assert isinstance(found, InboundOrder)
    return found


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ONE, ["7"]),
        ({"order": ONE}, ["7"]),
        ({"orders": [order(1), order(2)]}, ["1", "2"]),
        ([order(1), order(2)], ["1", "2"]),
        ([{"order": order(1)}, order(2)], ["1", "2"]),
        ("\n".join(json.dumps(order(n)) for n in (1, 2, 3)), ["1", "2", "3"]),
        ("\n".join(json.dumps({"order": order(n)}) for n in (1, 2)), ["1", "2"]),
        (json.dumps({"orders": [order(1)]}, indent=2), ["1"]),
        ("\ufeff" + json.dumps(ONE), ["7"]),
        (json.dumps(ONE) + "\r\n\r\n", ["7"]),
    ],
)
def test_one_order_a_list_wrapped_or_line_by_line(
    tmp_path: Path, content: Any, expected: list[str]
) -> None:
    assert ids(read(profile_from(tmp_path), content)) == expected


def test_numbers_never_pass_through_floats(tmp_path: Path) -> None:
    text = '{"id": 9007199254740993, "lines": [{"quantity": 1.000000001, "price": 0.1}]}'

    found = inbound(read(profile_from(tmp_path), text)[0]).order

    assert found.external_id == "9007199254740993"
    assert found.lines[0].price == Decimal("0.1")
    assert found.lines[0].quantity == Decimal("1.000000001")


def test_what_stands_beside_an_order_is_seen_as_if_in_it(tmp_path: Path) -> None:
    found = read(profile_from(tmp_path), {"note": "outside", "order": ONE})

    assert inbound(found[0]).order.note == "outside"


def test_the_raw_text_read_again_gives_the_same_order(tmp_path: Path) -> None:
    profile = profile_from(tmp_path)
    messages = [
        {"orders": [order(1), {**order(2), "note": "für Ω"}]},
        {"note": "outside", "order": ONE},
        [order(3)],
    ]
    for message in messages:
        for found in read(profile, json.dumps(message, ensure_ascii=False)):
            again = read(profile, inbound(found).raw)
            assert [inbound(each).order for each in again] == [inbound(found).order]


def test_the_source_names_file_and_position(tmp_path: Path) -> None:
    profile = profile_from(tmp_path)

    assert inbound(read(profile, ONE)[0]).source == "orders.json"
    assert inbound(read(profile, [order(1), order(2)])[1]).source == "orders.json, order 2"
    lines = json.dumps(order(1)) + "\n\n" + json.dumps(order(2))
    assert inbound(read(profile, lines)[1]).source == "orders.json, line 3"


def test_a_list_that_breaks_off_gives_what_came_before_the_break(tmp_path: Path) -> None:
    whole = json.dumps({"orders": [order(1), order(2), order(3)]}, indent=1)

    found = read(profile_from(tmp_path), whole[: whole.rindex('"sku"')])

    assert ids(found) == ["1", "2", "!"]
    text = str(found[2])
    assert "orders.json, order 3, line 27 column" in text
    assert "this order and all after it are lost" in text


def test_a_broken_line_does_not_hide_the_lines_after_it(tmp_path: Path) -> None:
    lines = [json.dumps(order(n)) for n in (1, 2, 3)]
    lines[1] = lines[1][:16]

    found = read(profile_from(tmp_path), "\n".join(lines))

    assert ids(found) == ["1", "!", "3"]
    assert "orders.json, line 2, line 1 column" in str(found[1])


def test_a_broken_first_line_does_not_hide_the_lines_after_it(tmp_path: Path) -> None:
    lines = [json.dumps(order(n)) for n in (1, 2, 3)]
    lines[0] = lines[0][:16]

    assert ids(read(profile_from(tmp_path), "\n".join(lines))) == ["!", "2", "3"]


def test_an_element_that_is_no_order_does_not_take_its_neighbours_along(tmp_path: Path) -> None:
    found = read(profile_from(tmp_path), [order(1), 5, {"id": "x"}, order(2)])

    assert ids(found) == ["1", "!", "!", "2"]
    assert "orders.json, order 2: the element is 5" in str(found[1])
    assert "orders.json, order 3: the order lacks lines" in str(found[2])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the message is empty"),
        (b"  \n", "the message is empty"),
        (b"{", "line 1 column 2: not JSON: a name in double quotes is missing"),
        (b'{"id": "1"', "not JSON: the text breaks off"),
        (b'{"id": "1" "lines": []}', "not JSON: a comma is missing"),
        (b'{"id": "1", "lines": [],}', "not JSON: a comma before the end"),
        (b'{"id" "1"}', "not JSON: a colon is missing"),
        (b'{"id": NaN}', "NaN is not a number"),
        (b'{"id": 1} {"id": 2}', "something follows the end of the message"),
        (b'"text"', "the message is a bare value"),
        (b"[]", "the list of orders is empty"),
        (b'{"orders": []}', "the list of orders is empty"),
        (b'{"id": "1"}', "the order lacks lines; expected a complete order"),
        (b'{"parcel": {}}', "this is a parcel, not an order (it has 'parcel')"),
        (b"\xff\xfe", "the message is empty"),
        (b"\xff\xff", "orders.json, line 1 column 1: not JSON"),
        (
            b'{"id": "1",\n"lines": "\xe4"}',
            "orders.json, line 2 column 11: the byte E4 is not utf-8",
        ),
        (b"[" * 100_000, "too many levels inside one another"),
        (b'{"id": ' + b"9" * 5000 + b"}", "not JSON: Exceeds the limit"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_was_expected(
    tmp_path: Path, content: bytes, message: str
) -> None:
    found = [
        each for each in read(profile_from(tmp_path), content) if isinstance(each, MessageError)
    ]

    assert message in str(found[0])
    assert "; expected " in str(found[0])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            {"quantity": "two"},
            "'two' is not a decimal number; expected what `quantity` in kiosk.yaml can read",
        ),
        ({}, "lines[0].quantity is missing; expected a value where kiosk.yaml looks for it"),
        ({"quantity": [1]}, "lines[0].quantity: [1] is not a decimal number"),
        ({"quantity": 1, "sku": {"a": 1}}, "lines[0].sku: dict cannot be written as text"),
        ({"quantity": 1, "sku": "x" * 300}, "lines[0].sku 'xxxxxxxx"),
        ({"quantity": 1, "sku": "\ud800"}, "lines[0].sku"),
    ],
)
def test_a_value_of_the_wrong_kind_names_field_and_expression(
    tmp_path: Path, line: dict[str, Any], message: str
) -> None:
    found = read(profile_from(tmp_path), {"id": "1", "lines": [line]})

    assert message in str(error_of(found[0]))


def test_a_message_in_another_encoding_is_read_where_the_profile_says_so(tmp_path: Path) -> None:
    profile = profile_from(
        tmp_path, PROFILE.replace("many: orders", "many: orders\n  encoding: cp1252")
    )

    found = read(
        profile, json.dumps({**ONE, "note": "für 5 €"}, ensure_ascii=False).encode("cp1252")
    )

    assert inbound(found[0]).order.note == "für 5 €"


def test_a_message_beyond_the_size_of_the_profile_is_refused(tmp_path: Path) -> None:
    profile = profile_from(
        tmp_path, PROFILE.replace("many: orders", "many: orders\n  max_bytes: 10")
    )

    assert "at most 10 (message.max_bytes" in str(error_of(read(profile, ONE)[0]))


def test_a_repeated_key_in_json_is_harmless(tmp_path: Path) -> None:
    text = '{"id": "1", "id": "2", "lines": [{"quantity": 5, "quantity": 6}]}'

    found = inbound(read(profile_from(tmp_path), text)[0]).order

    assert (found.external_id, found.lines[0].quantity) == ("2", Decimal(6))


def test_a_time_without_a_zone_is_not_guessed(tmp_path: Path) -> None:
    profile = profile_from(tmp_path)

    found = read(profile, {**ONE, "at": "2026-11-16T09:00:00"})
    assert "ordered_at: '2026-11-16T09:00:00' has no time zone" in str(error_of(found[0]))

    found = read(profile, {**ONE, "at": "2026-11-16T09:00:00-05:00"})
    assert inbound(found[0]).order.ordered_at == datetime(2026, 11, 16, 14, tzinfo=UTC)


def _under(folder: Path, one: str, many: str, required: str = "id, lines") -> ChannelProfile:
    text = PROFILE.replace("one: order", f"one: {one}").replace("many: orders", f"many: {many}")
    return profile_from(folder, text.replace("required: [id, lines]", f"required: [{required}]"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"data": {"order": ONE}}, ["7"]),
        ({"order": ONE}, ["7"]),
        ({"data": {"orders": {"edges": [{"node": order(1)}, {"node": order(2)}]}}}, ["1", "2"]),
        ({"data": {"orders": {"nodes": [order(1), order(2)]}}, "extensions": {}}, ["1", "2"]),
        ({"extensions": {"cost": 3}, "data": {"orders": {"nodes": [order(1)]}}}, ["1"]),
        (ONE, ["7"]),
    ],
)
def test_orders_are_found_under_keys_within_keys(
    content: Any, expected: list[str], tmp_path: Path
) -> None:
    profile = _under(
        tmp_path, "[data.order, order, node]", "[data.orders.edges, data.orders.nodes]"
    )

    found = read(profile, content)

    assert ids(found) == expected
    for each in found:
        [again] = read_again(profile, inbound(each).raw, "kept")
        assert inbound(again).order == inbound(each).order


def test_a_list_of_orders_may_be_called_as_their_lines_are(tmp_path: Path) -> None:
    profile = _under(tmp_path, "order", "lines")

    search = {"lines": [order(1), order(2)], "count": 2}
    single = {"id": "9", "at": None, "lines": [{"sku": "A", "quantity": 1, "id": "1"}]}

    assert ids(read(profile, search)) == ["1", "2"]
    found = inbound(read(profile, single)[0]).order
    assert (found.external_id, [line.sku for line in found.lines]) == ("9", ["A"])


def test_an_incomplete_order_of_a_list_is_named(tmp_path: Path) -> None:
    found = read(profile_from(tmp_path), {"orders": [order(1), {"id": "2"}]})

    assert ids(found) == ["1", "!"]
    assert "the order lacks lines" in str(found[1])


def test_a_missing_field_is_named_with_the_expression_that_looked_for_it(tmp_path: Path) -> None:
    text = PROFILE.replace("currency: currency || 'EUR'", "currency: money.currency")

    found = read(profile_from(tmp_path, text), ONE)

    assert "currency is missing; expected a value where kiosk.yaml looks for it: " in str(found[0])
    assert "`money.currency`" in str(found[0])
