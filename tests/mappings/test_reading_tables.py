"""Delimited text finds its delimiter, and orders find their lines in another file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connector.errors import ConfigurationError, MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.profile import ChannelProfile
from connector.mappings.raw_message import RawMessage
from connector.mappings.reading import is_file_of_lines, read_again, read_order_file
from tests.mappings.support import profile_from
from tests.mappings.tiny_messages import Tiny, tiny_messages

TINY = tiny_messages()
TWO = TINY["delimited, two files"]

TWO_FILES = """
channel: kiosk
message:
  format: delimited
  columns: [order, buyer]
  group_by: order
  lines_in:
    file: {name: head, by: lines}
    columns: [order, sku, quantity]
    group_by: order
order:
  external_id: order
  ordered_at: instant('2026-11-22T10:00:00Z')
  currency: "'EUR'"
  customer:
    name: buyer
  lines:
    each: lines
    line_id: sku
    sku: sku
    quantity: decimal(quantity)
"""


@pytest.mark.parametrize(
    ("delimiter", "named"), [(",", ""), (";", "semicolon"), ("\t", "tab"), ("|", "bar")]
)
def test_the_delimiter_is_found_out_and_said(delimiter: str, named: str) -> None:
    content = TINY["delimited"].content.replace(b",", b".").replace(b";", delimiter.encode())

    first, second = TINY["delimited"].read(content)

    for found in (first, second):
        assert isinstance(found, RawMessage)
        assert found.content["buyer"] in ("Anna", "Ben")
        assert [note for note in found.notes if named and named in note] == list(found.notes)


def test_without_a_header_the_number_of_columns_tells_the_delimiter() -> None:
    content = b"C-1;Anna;A,B;2\n"

    [found] = TINY["delimited"].read(content, header=False)

    assert isinstance(found, RawMessage)
    assert found.content["lines"][0]["sku"] == "A,B"


def test_where_no_delimiter_gives_the_columns_the_missing_ones_are_named() -> None:
    [found] = TINY["delimited"].read(b"order;buyer\n1;Anna\n")

    assert "the header has no column" in str(found)


def test_a_column_that_is_there_twice_is_refused() -> None:
    [found] = TINY["delimited"].read(b"order,buyer,sku,quantity,sku\n")

    assert "the header has the column sku twice" in str(found)


def lines(content: bytes) -> list[RawMessage | MessageError]:
    return Tiny(TWO.options, TWO.content, others={"lines": content}).read()


def test_orders_find_their_lines_in_whatever_order_they_stand() -> None:
    first, second = TWO.read()

    assert isinstance(first, RawMessage)
    assert isinstance(second, RawMessage)
    assert [line["sku"] for line in first.content["lines"]] == ["A", "B"]
    assert second.content["buyer"] == "Ben"


@pytest.mark.parametrize(
    ("content", "kinds", "message"),
    [
        (b"order,sku,quantity\nC-1,A,1\nX,B,1\n", "oo!", "lines, line 3: the line's order 'X' is"),
        (b"order,sku,quantity\nC-1,A\nC-2,B,1\n", "!o", "lines, line 2: the line has 2 columns"),
        (b"order,sku,quantity\n,A,1\nC-2,B,1\n", "oo!", "lines, line 2: the column order is empty"),
        (b"order,sku\n", "!", "lines, line 1: the header has no column quantity"),
    ],
)
def test_a_bad_line_spoils_only_its_own_order(content: bytes, kinds: str, message: str) -> None:
    found = lines(content)

    assert "".join("o" if isinstance(each, RawMessage) else "!" for each in found) == kinds
    assert message in " ".join(str(each) for each in found if isinstance(each, MessageError))


def test_two_rows_for_one_order_are_refused() -> None:
    found = TWO.read(b"order,buyer\nC-1,Anna\nC-1,Ben\n")

    assert "orders, line 3: there is another row for order C-1" in str(found[1])


@pytest.fixture
def two_files(tmp_path: Path) -> ChannelProfile:
    (tmp_path / "head-1.csv").write_text("order,buyer\nC-1,Anna\n", "utf-8")
    (tmp_path / "lines-1.csv").write_text("order,sku,quantity\nC-1,A,2\n", "utf-8")
    return profile_from(tmp_path, TWO_FILES)


def test_the_file_of_lines_is_found_beside_the_order_file(
    tmp_path: Path, two_files: ChannelProfile
) -> None:
    [found] = read_order_file(two_files, tmp_path / "head-1.csv")

    assert isinstance(found, InboundOrder)
    assert found.order.lines[0].quantity == 2
    [again] = read_again(two_files, found.raw, "kept")
    assert isinstance(again, InboundOrder)
    assert again.order == found.order


def test_the_file_of_lines_is_no_order_file(tmp_path: Path, two_files: ChannelProfile) -> None:
    assert is_file_of_lines(two_files, "lines-1.csv")
    assert not is_file_of_lines(two_files, "head-1.csv")
    assert list(read_order_file(two_files, tmp_path / "lines-1.csv")) == []


def test_an_order_file_without_its_lines_says_which_file_is_missing(
    tmp_path: Path, two_files: ChannelProfile
) -> None:
    (tmp_path / "lines-1.csv").unlink()

    [found] = read_order_file(two_files, tmp_path / "head-1.csv")

    assert "head-1.csv: its lines are not there (lines-1.csv)" in str(found)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("by: lines", "by: ../lines", "names a file in the same folder, so it has no slash"),
        ("by: lines", "by: head", "`name` and `by` are the same"),
        ("file: {name: head, by: lines}", "sheet: Lines", "text has no sheets"),
        ("    group_by: order\norder", "    group_by: oder\norder", "'oder' is not among the"),
    ],
)
def test_a_wrong_place_of_the_lines_is_refused(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match="message") as caught:
        profile_from(tmp_path, TWO_FILES.replace(right, wrong, 1))

    assert message in str(caught.value)


def test_an_endless_order_is_refused_and_its_neighbours_are_read() -> None:
    row = "C-1,Anna,A,2\n"
    content = f"order,buyer,sku,quantity\nC-0,Eve,A,1\n{row * 1000}C-2,Ben,A,1\n"

    found: list[Any] = TINY["delimited"].read(content.encode(), max_bytes=200)

    assert [isinstance(each, RawMessage) for each in found] == [True, False, True]
    assert "the order C-1 is too large; expected at most 200" in str(found[1])
