"""Whatever bytes arrive in whatever format: messages or errors come out, and no file is opened."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.profile import ChannelProfile, load_profile
from connector.mappings.raw_message import RawMessage
from connector.mappings.reading import read_again as read_orders_again
from connector.mappings.reading import read_orders
from tests.mappings.fuzz.watching import nothing_opened
from tests.mappings.tiny_messages import read_again, tiny_messages

TINY = tiny_messages()
NAMES = sorted(TINY)

#: What means something in one format or another.
TELLING = st.sampled_from(
    [b"'", b"~", b"+", b"*", b":", b"?", b'"', b",", b";", b"\n", b"\r\n", b"\t", b"\0",
     b"<", b"/>", b"&", b"&x;", b"]]>", b"<!--", b"<?x?>", b"{", b"}", b"[", b"]",
     b"\xff\xfe", b"\xef\xbb\xbf",
     b"\x80", b"\xed\xa0\x80", b"UNA:+.? '", b"UNB+UNOX:4'", b"UNH+", b"UNT+1+1'", b"UNZ+1+1'",
     b"ISA*", b"ST*850*1~", b"SE*", b"GE*1*1~", b"CTT*1~", b"BEG*", b"EDI_DC40", b"E2EDK01005",
     b"<order>", b"</order>", b'<!DOCTYPE a [<!ENTITY x "y">]>', b"1e999999999", b"-0", b"NaN"]
)  # fmt: skip

EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 6), st.binary(max_size=3) | TELLING, st.booleans()),
    max_size=5,
)


def edited(content: bytes, edits: list[tuple[float, int, bytes, bool]]) -> bytes:
    """Return *content* with places overwritten, or taken out and put in again elsewhere."""
    for place, length, new, again in edits:
        start = int(place * len(content))
        moved = content[start : start + 40 * length] if again else b""
        content = content[:start] + new + content[start + length :] + moved
    return content


class Profiles(dict[str, ChannelProfile]):
    """The profiles by name of the message; said shortly when a test fails."""

    def __repr__(self) -> str:
        return "profiles"


def profile(name: str, folder: Path) -> ChannelProfile:
    """Return a profile that takes any message of the format for an order without lines."""
    path = folder / "any.yaml"
    order = {
        "external_id": "'1'",
        "ordered_at": "instant('2026-11-22T10:00:00Z')",
        "currency": "'EUR'",
        "lines": {"each": "`[{}]`", "line_id": "'1'", "sku": "'A'", "quantity": "`1`"},
    }
    content = {"channel": "any", "message": TINY[name].options, "order": order}
    path.write_text(yaml.safe_dump(content), "utf-8")
    return load_profile(path)


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> Profiles:
    return Profiles({name: profile(name, tmp_path_factory.mktemp("profiles")) for name in NAMES})


def check(name: str, content: bytes, profiles: Profiles) -> None:
    """Read *content* in a format; what is kept of a message must read into it again."""
    tiny = TINY[name]
    tiny.read()  # what is loaded once is loaded by now
    with nothing_opened():
        found = tiny.read(content)
        orders = list(read_orders(profiles[name], content, "orders"))
    assert found
    assert orders
    assert all(isinstance(each, InboundOrder | MessageError) for each in orders)
    for each in found:
        assert isinstance(each, RawMessage | MessageError)
        if isinstance(each, RawMessage):
            # With a word about what was wrong with it, if there was something.
            again = [kept for kept in read_again(tiny, each.raw) if isinstance(kept, RawMessage)]
            assert [kept.content for kept in again] == [each.content]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_of_an_order_is_the_order_again(name: str, profiles: Profiles) -> None:
    found = list(read_orders(profiles[name], TINY[name].read()[0].raw.encode(), "orders"))  # type: ignore[union-attr]

    for each in found:
        assert isinstance(each, InboundOrder)
        [again] = read_orders_again(profiles[name], each.raw, "kept")
        assert isinstance(again, InboundOrder)
        assert again.order == each.order


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=20, deadline=None)
@given(content=st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(name: str, profiles: Profiles, content: bytes) -> None:
    check(name, content, profiles)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(edits=EDITS)
def test_a_damaged_message_is_read_or_refused(
    name: str, profiles: Profiles, edits: list[tuple[float, int, bytes, bool]]
) -> None:
    check(name, edited(TINY[name].content, edits), profiles)


@settings(max_examples=25, deadline=None)
@given(part=st.integers(0, 20), edits=EDITS)
def test_a_workbook_with_a_damaged_part_is_read_or_refused(
    profiles: Profiles, part: int, edits: list[tuple[float, int, bytes, bool]]
) -> None:
    check("xlsx", with_damaged_part(part, edits), profiles)


def with_damaged_part(part: int, edits: list[tuple[float, int, bytes, bool]]) -> bytes:
    """Return the tiny workbook with one of its parts edited."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(TINY["xlsx"].content)) as whole:
        names = whole.namelist()
        with zipfile.ZipFile(stream, "w") as damaged:
            for number, each in enumerate(names):
                content = whole.read(each)
                changed = edited(content, edits) if number == part % len(names) else content
                damaged.writestr(each, changed)
    return stream.getvalue()


@pytest.mark.torture
@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=3_000, deadline=None)
@given(edits=EDITS, cut=st.floats(0, 1))
def test_a_damaged_message_is_read_or_refused_many_times(
    name: str,
    profiles: Profiles,
    edits: list[tuple[float, int, bytes, bool]],
    cut: float,
) -> None:
    content = edited(TINY[name].content, edits)
    check(name, content[: int(cut * len(content)) + 1], profiles)


@pytest.mark.torture
@settings(max_examples=3_000, deadline=None)
@given(part=st.integers(0, 20), edits=EDITS)
def test_a_workbook_with_a_damaged_part_is_read_or_refused_many_times(
    profiles: Profiles, part: int, edits: list[tuple[float, int, bytes, bool]]
) -> None:
    check("xlsx", with_damaged_part(part, edits), profiles)
