"""Values survive the way out and back in each form of the protocol."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.simulator.odata.entity_set import Value
from connector.simulator.odata.literals import parse_literal, typed
from connector.simulator.odata.schema import Property
from connector.simulator.odata.values import (
    from_json,
    from_text,
    initial,
    to_json,
    to_literal,
    to_text,
)

STRING = Property("P", "String")
DECIMAL = Property("P", "Decimal", precision=16, scale=3)
_MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_MILLISECONDS = _MOMENTS.map(lambda m: m.replace(microsecond=m.microsecond // 1000 * 1000))
_SAMPLES = st.one_of(
    st.tuples(st.just(STRING), st.text()),
    st.tuples(st.just(DECIMAL), st.decimals(-(10**12), 10**12, places=3)),
    st.tuples(st.just(Property("P", "Boolean")), st.booleans()),
    st.tuples(st.just(Property("P", "DateTime")), st.dates(date(1753, 1, 1))),
    st.tuples(st.just(Property("P", "DateTimeOffset")), _MILLISECONDS),
    st.tuples(st.just(Property("P", "Time")), st.times().map(lambda t: t.replace(microsecond=0))),
    st.tuples(st.just(Property("P", "Guid")), st.uuids()),
    st.tuples(st.just(Property("P", "Int32")), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just(Property("P", "Int64")), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just(Property("P", "Double")), st.integers(-(10**9), 10**9).map(Decimal)),
    st.tuples(st.just(Property("P", "Binary")), st.binary(max_size=20)),
)


@given(_SAMPLES)
def test_each_form_is_read_as_it_was_written(sample: tuple[Property, Any]) -> None:
    property_, value = sample

    assert from_json(property_, to_json(property_, value)) == value
    assert from_text(property_, to_text(property_, value)) == value
    if property_.type != "Binary":
        assert typed(property_, to_literal(property_, value)) == value


@pytest.mark.parametrize(
    ("type_", "value", "json", "literal"),
    [
        ("Decimal", Decimal("17.50"), "17.50", "17.50M"),
        ("Int64", 5, "5", "5L"),
        ("Int32", 5, 5, "5"),
        ("Double", Decimal(1), "1.0000000000000000E+00", "1.0000000000000000E+00"),
        ("DateTime", date(1970, 1, 2), "/Date(86400000)/", "datetime'1970-01-02T00:00:00'"),
        (
            "DateTimeOffset",
            datetime(2026, 1, 5, 9, 0, 0, 544000, UTC),
            "/Date(1767603600544+0000)/",
            "datetimeoffset'2026-01-05T09:00:00.5440000Z'",
        ),
        ("Time", time(14, 30), "PT14H30M00S", "time'PT14H30M00S'"),
        ("String", "O'1", "O'1", "'O''1'"),
        ("Boolean", True, True, "true"),
        (
            "Guid",
            UUID(int=1),
            "00000000-0000-0000-0000-000000000001",
            "guid'00000000-0000-0000-0000-000000000001'",
        ),
        ("DateTime", None, None, "null"),
    ],
)
def test_the_forms_are_those_of_the_specification(
    type_: str, value: Value, json: Any, literal: str
) -> None:
    property_ = Property("P", type_)

    assert to_json(property_, value) == json
    assert to_literal(property_, value) == literal


def test_more_decimals_than_the_property_has_are_rounded_away() -> None:
    assert to_json(DECIMAL, Decimal("1.23456")) == "1.235"
    assert to_json(DECIMAL, Decimal("1E+3")) == "1000"


def test_iso_dates_are_read_from_json_too() -> None:
    assert from_json(Property("P", "DateTime"), "2026-01-05T00:00:00") == date(2026, 1, 5)
    moment = from_json(Property("P", "DateTimeOffset"), "2026-01-05T10:00:00+01:00")
    assert moment == datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_null_is_the_initial_value() -> None:
    assert from_json(STRING, None) == "" == initial(STRING)
    assert from_json(Property("P", "DateTime"), None) is None
    with pytest.raises(ValueError, match="null"):
        from_json(Property("P", "String", is_key=True), None)


@pytest.mark.parametrize(
    ("type_", "raw"),
    [
        ("Int32", "5"),
        ("Int32", True),
        ("Int32", 2**31),
        ("Int64", 5),
        ("Decimal", 5),
        ("Decimal", "1e400"),
        ("Decimal", "Infinity"),
        ("Decimal", "٣"),
        ("DateTime", "/Date(99999999999999999)/"),
        ("DateTime", "/Date(999999999999999)/"),
        ("DateTime", 5),
        ("DateTimeOffset", "2026-13-01T00:00:00Z"),
        ("Time", "PT25H"),
        ("Guid", "1"),
        ("Binary", "!"),
        ("Boolean", "true"),
        ("String", 1),
        ("String", ["x"]),
    ],
)
def test_another_type_is_refused(type_: str, raw: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(Property("P", type_), raw)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_literal(text: str) -> None:
    try:
        parse_literal(text)
    except ValueError as error:
        assert str(error)
