"""Values in OData v2's own forms."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.erp.odata import values
from connector.erp.odata.values import Guid, key, literal

NOON = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "/Date(1795350600000)/",
        r"\/Date(1795350600000)\/",
        "/Date(1795350600000+0000)/",
        "/Date(1795350600000+0060)/",
        "/Date(1795350600000-0300)/",
        "2026-11-22T12:30:00Z",
        "2026-11-22T12:30Z",
        "2026-11-22T12:30:00",
        "2026-11-22T12:30:00.0000000Z",
        "2026-11-22T13:30:00+01:00",
        "2026-11-22T09:30:00-0300",
    ],
)
def test_instants_are_read_in_every_form_that_is_seen(text: str) -> None:
    assert values.read_instant(text) == NOON


def test_instants_before_1970_and_parts_of_a_second_are_read() -> None:
    assert values.read_instant("/Date(-1)/") == datetime(1969, 12, 31, 23, 59, 59, 999000, UTC)
    assert values.read_instant("2026-11-22T12:30:00.1234567Z").microsecond == 123456


@pytest.mark.parametrize(
    "text", ["", "yesterday", "/Date()/", "/Date(1e3)/", "/Date(99999999999999999)/", 5, None]
)
def test_what_is_no_instant_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="instant"):
        values.read_instant(text)


def test_an_hour_of_daylight_saving_moves_no_date() -> None:
    """A date is a date at midnight UTC, whatever the clocks in Europe did that night."""
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        assert values.read_date(values.json_date(day)) == day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT12H30M05S", time(12, 30, 5)),
        ("PT00H00M00S", time(0)),
        ("PT5M", time(0, 5)),
        ("P0DT1H", time(1)),
        ("PT1.5S", time(0, 0, 1, 500000)),
        ("12:30:05", time(12, 30, 5)),
        (None, None),
        ("", None),
    ],
)
def test_times_are_read(text: object, expected: time | None) -> None:
    assert values.read_time(text) == expected


@pytest.mark.parametrize("text", ["PT", "P", "noon", 5, "PT25H"])
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"time|hour"):
        values.read_time(text)


def test_decimals_are_read_from_strings_and_whole_numbers_but_never_from_floats() -> None:
    assert values.read_decimal("-12.340") == Decimal("-12.340")
    assert values.read_decimal(5) == Decimal(5)
    for wrong in (1.5, True, "NaN", "Infinity", "12,3", None, "1 2"):
        with pytest.raises(ValueError, match="decimal"):
            values.read_decimal(wrong)


def test_long_numbers_are_read_from_strings() -> None:
    assert values.read_integer("9223372036854775807") == 2**63 - 1
    for wrong in (1.0, True, "1.0", "", "x", "1_000"):
        with pytest.raises(ValueError, match="integer"):
            values.read_integer(wrong)


def test_booleans_are_read_as_they_come() -> None:
    assert values.read_boolean(True) is values.read_boolean("X") is True
    assert values.read_boolean("") is values.read_boolean("false") is False
    with pytest.raises(ValueError, match="true or false"):
        values.read_boolean(1)


def test_values_are_written_in_the_protocols_form() -> None:
    assert values.json_date(date(2026, 11, 22)) == "/Date(1795305600000)/"
    berlin = timezone(timedelta(hours=1))
    assert values.json_instant(NOON.astimezone(berlin)) == "/Date(1795350600000+0000)/"
    assert values.json_time(time(7, 5)) == "PT07H05M00S"
    assert values.json_decimal(Decimal("1E+3")) == "1000"
    assert values.json_decimal(Decimal("0.000")) == "0.000"


def test_nothing_is_written_that_would_lose_its_meaning() -> None:
    with pytest.raises(TypeError):
        values.json_date(NOON)
    with pytest.raises(TypeError):
        values.json_instant(datetime(2026, 11, 22))  # noqa: DTZ001
    with pytest.raises(TypeError):
        values.json_decimal(1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        literal(1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("O'Brien", "'O''Brien'"),
        ("", "''"),
        (True, "true"),
        (7, "7"),
        (Decimal("12.30"), "12.30M"),
        (date(2026, 11, 22), "datetime'2026-11-22T00:00:00'"),
        (NOON, "datetimeoffset'2026-11-22T12:30:00Z'"),
        (NOON.replace(microsecond=120000), "datetimeoffset'2026-11-22T12:30:00.12Z'"),
        (time(12), "time'PT12H00M00S'"),
        (Guid("0050-x"), "guid'0050-x'"),
    ],
)
def test_literals(value: values.Literal, expected: str) -> None:
    assert literal(value) == expected


def test_keys_are_quoted_and_encoded() -> None:
    assert key("A_SalesOrder", "4711") == "A_SalesOrder('4711')"
    assert (
        key("A_SalesOrderItem", {"SalesOrder": "1", "SalesOrderItem": "10"})
        == "A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')"
    )
    with pytest.raises(ValueError, match="key"):
        key("A_SalesOrder", {})


@given(st.text())
def test_no_key_value_breaks_out_of_its_quotes(text: str) -> None:
    path = key("A", text.replace("\ud800", "")) if text.isprintable() else key("A", repr(text))
    inner = path.removeprefix("A('").removesuffix("')")
    assert not set(inner) & set('/?#&; "<>\\')
    assert "'" not in inner.replace("''", "")
    assert unquote(path).count("'") % 2 == 0


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_what_is_written_is_read_back(moment: datetime) -> None:
    instant = moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
    assert values.read_instant(values.json_instant(instant)) == instant
    assert values.read_date(values.json_date(moment.date())) == moment.date()


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_are_read_back(number: Decimal) -> None:
    assert values.read_decimal(values.json_decimal(number)) == number
