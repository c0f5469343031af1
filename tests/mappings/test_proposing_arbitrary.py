"""Whatever samples say, proposing ends with a proposal that can be read, or a plain refusal."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import ConfigurationError
from connector.mappings.checking.check import check_profile
from connector.mappings.proposing.propose import orders_in, propose, with_tables

KEYS = st.one_of(
    st.sampled_from(
        ["id", "order_id", "items", "qty", "price", "total", "sku", "date", "currency", "tax",
         "address", "zip", "city", "country", "street", "payment", "amount", "status", "customer",
         "1", "2", "a.b", "with space", 'quo"te', "'", "", "@", "ä", "null", "`x`", "#", "- a"]
    ),
    st.text(max_size=8),
)  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.sampled_from(["12,50", "1.234,50", "2026-11-16", "16.11.2026", "EUR", "DE", "a@b.c", ""]),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=12),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=25,
)
LINE = st.fixed_dictionaries(
    {"qty": st.one_of(st.integers(0, 5), SCALARS), "sku": SCALARS, "price": SCALARS},
    optional={"id": SCALARS, "total": SCALARS, "tax": SCALARS, "tax_rate": SCALARS},
)
ORDER = st.fixed_dictionaries(
    {"id": SCALARS, "items": st.lists(LINE, max_size=3)},
    optional={
        "date": SCALARS, "currency": SCALARS, "total": SCALARS, "shipping": VALUES, "tax": SCALARS,
        "discount": SCALARS, "customer": VALUES, "payments": VALUES, "address": VALUES,
    },
)  # fmt: skip
#: Texts, binaries, and what begins like a format and goes on like none.
BYTES = st.builds(
    bytes.__add__,
    st.sampled_from(
        [b"", b"PK\x03\x04", b"<", b"<a><b>", b"ISA*", b"UNB+", b"EDI_DC40", b"{", b"[{", b"a;b\n",
         b"id,sku,qty\n", b"<cXML>", b"\xff\xfe"]
    ),
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)),
)  # fmt: skip


def tried(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.json"
        sample.write_bytes(content)
        try:
            proposal = propose("kiosk", [sample])
        except ConfigurationError:
            return
        if proposal.like:
            return  # the shipped mapping of a standard, whatever the rest says
        profile = Path(folder) / "kiosk.yaml"
        profile.write_text(proposal.files[proposal.profile], "utf-8")
        assert [each for each in check_profile(profile) if each.level == "error"] == []
        orders, _ = orders_in(profile, [sample])
        with_tables(proposal, orders)


@settings(max_examples=25, deadline=None)
@given(st.one_of(VALUES, st.lists(ORDER, min_size=1, max_size=3)))
def test_any_json_is_proposed_for_or_refused(value: Any) -> None:
    tried(json.dumps(value).encode())


@settings(max_examples=25, deadline=None)
@given(ORDER)
def test_anything_like_an_order_is_proposed_for_or_refused(order: dict[str, Any]) -> None:
    tried(json.dumps({"data": {"orders": [order]}}).encode())


@settings(max_examples=20, deadline=None)
@given(BYTES)
def test_any_bytes_are_proposed_for_or_refused(content: bytes) -> None:
    tried(content)
