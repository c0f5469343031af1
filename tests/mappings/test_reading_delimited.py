"""Delimited text: lines that share a key make one order, and a bad line spoils only its own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connector.errors import MessageError
from connector.mappings.inbound_order import InboundOrder
from tests.mappings.support import TSV_PROFILE, ids, profile_from, read

HEADER = "order;line;sku;quantity;buyer\n"


def test_lines_that_share_a_key_make_one_order(tmp_path: Path) -> None:
    text = HEADER + "1;10;A;2;Anna\n1;20;B;1,5;Anna\n2;10;A;1;Beer\n"

    found = read(profile_from(tmp_path, TSV_PROFILE), text)

    assert ids(found) == ["1", "2"]
    first = found[0]
    assert isinstance(first, InboundOrder)
    assert [line.quantity for line in first.order.lines] == [Decimal(2), Decimal("1.5")]
    assert first.order.customer.name == "Anna"
    assert first.source == "orders.json, line 2"


def test_the_raw_text_of_an_order_is_a_message_of_its_own(tmp_path: Path) -> None:
    profile = profile_from(tmp_path, TSV_PROFILE)
    text = HEADER + '1;10;"A;""x""";2;Anna\n1;20;B;1;Anna\n2;10;A;1;Beer\n'

    for found in read(profile, text):
        assert isinstance(found, InboundOrder)
        again = read(profile, found.raw)
        assert isinstance(again[0], InboundOrder)
        assert again[0].order == found.order


def test_columns_may_stand_in_any_order_when_there_is_a_header(tmp_path: Path) -> None:
    text = "buyer;extra;order;quantity;sku;line\nAnna;?;1;2;A;10\n"

    assert ids(read(profile_from(tmp_path, TSV_PROFILE), text)) == ["1"]


@pytest.mark.parametrize(
    ("lines", "expected", "message"),
    [
        (
            "1;10;A;1;Anna\n2;10;A;1\n3;10;A;1;Cem\n",
            ["1", "!", "3"],
            "line 3: the line has 4 columns; expected 5: order, line, sku,",
        ),
        (
            "1;10;A;1;Anna\n1;20;A;1;Beer\n2;10;A;1;Cem\n",
            ["!", "2"],
            "line 3: buyer is 'Beer', but 'Anna' in the order's first line",
        ),
        (
            "1;10;A;1;Anna\n2;10;A;1;Beer\n1;20;A;1;Anna\n",
            ["1", "2", "!"],
            "line 4: the lines of order 1 are not together",
        ),
        (
            ";10;A;1;Anna\n2;10;A;1;Beer\n",
            ["!", "2"],
            "line 2: the column order is empty; expected the order's key",
        ),
        (
            "1;10;A;much;Anna\n2;10;A;1;Beer\n",
            ["!", "2"],
            "line 2: lines[0].quantity: 'much' is not a decimal number",
        ),
        ('1;10;A;1;Anna\n2;10;"A;1;Beer\n', ["!"], "this order and all after it are lost"),
        ("", ["!"], "the message has no lines"),
    ],
)
def test_a_bad_line_spoils_only_its_own_order(
    tmp_path: Path, lines: str, expected: list[str], message: str
) -> None:
    found = read(profile_from(tmp_path, TSV_PROFILE), HEADER + lines)

    assert ids(found) == expected
    assert message in next(str(each) for each in found if isinstance(each, MessageError))


def test_a_header_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    found = read(profile_from(tmp_path, TSV_PROFILE), "order;line;sku\n1;10;A\n")

    assert "line 1: the header has no column quantity, buyer" in str(found[0])


def test_blank_lines_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    text = "\ufeff" + HEADER + "\n1;10;A;1;Anna\n\n1;20;A;1;Anna\n;;;;\n"

    assert ids(read(profile_from(tmp_path, TSV_PROFILE), text)) == ["1"]


def test_orders_come_one_by_one_and_not_after_the_whole_file(tmp_path: Path) -> None:
    from connector.mappings.reading import read_orders

    profile = profile_from(tmp_path, TSV_PROFILE)
    rows = "".join(f"{n};10;A;1;Anna\n" for n in range(50_000))
    stream = read_orders(profile, (HEADER + rows).encode(), "orders.csv")

    first = next(stream)

    assert isinstance(first, InboundOrder)
    assert first.order.external_id == "0"
