"""
Values are accepted, refused and read back as pyrfc 3.3.1 does it.

Each row of the tables was observed on the real pyrfc; over-long CHAR and NUMC, overflow of packed
numbers and cut bytes are guesses of the library it was run on.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.rfc.connection import Connection
from connector.simulator.rfc.exceptions import ExternalRuntimeError
from connector.simulator.rfc.face import RfcFace
from tests.simulator.rfc.conftest import LOGON

ACCEPTED: list[tuple[str, Any, Any]] = [
    ("NETWR", 1.5, Decimal("1.50")),
    ("NETWR", "1.5", Decimal("1.50")),
    ("NETWR", Decimal("1.5"), Decimal("1.50")),
    ("NETWR", Decimal("1E+2"), Decimal("100.00")),
    ("NETWR", " 1.5 ", Decimal("1.50")),
    ("NETWR", "12345678901234567890", Decimal("12345678901234567890.00")),
    ("POSNR", "1", "000001"),
    ("POSNR", "000001", "000001"),
    ("AUDAT", "20240229", "20240229"),
    ("AUDAT", date(2024, 2, 29), "20240229"),
    ("AUDAT", "", ""),
    ("AUDAT", None, ""),
    ("AUDAT", "        ", "        "),
    ("AUDAT", 0, ""),
    ("ERZET", "235959", "235959"),
    ("ERZET", time(1, 2, 3), "010203"),
    ("ERZET", "", "000000"),
    ("ERZET", None, "000000"),
    ("ERZET", "000000", "000000"),
    ("CNT", 1, 1),
    ("CNT", 2147483647, 2147483647),
    ("CNT", -2147483648, -2147483648),
    ("I1", 255, 255),
    ("I2", -32768, -32768),
    ("I8", 2**40, 2**40),
    ("VBELN", "abc", "abc"),
    ("VBELN", "abc   ", "abc"),
    ("VBELN", "   abc", "   abc"),
    ("VBELN", "", ""),
    ("VBELN", "xxxxxxxxxx", "xxxxxxxxxx"),
    ("HEX", b"\x01", b"\x01\x00\x00\x00"),
    ("HEX", bytearray(b"\x01\x02"), b"\x01\x02\x00\x00"),
    ("HEX", b"\x01\x01\x01\x01\x01", b"\x01\x01\x01\x01"),
    ("FL", 0.1, 0.1),
    ("FL", "0.1", 0.1),
    ("FL", Decimal("0.1"), 0.1),
    ("STR", "of any length, with blanks  ", "of any length, with blanks  "),
    ("XSTR", b"\x00\x01", b"\x00\x01"),
]

NUMBER = "a decimal value required, received"
DIGITS = "a numeric string is required, received"
DATE = "date value required, received"
TIME = "time value required, received"
INTEGER = "an integer required, received"
TEXT = "an string is required, received"

WRONG_TYPE: list[tuple[str, Any, str]] = [
    ("NETWR", 1, NUMBER),
    ("NETWR", True, NUMBER),
    ("NETWR", "1,5", NUMBER),
    ("NETWR", "", NUMBER),
    ("NETWR", None, NUMBER),
    ("POSNR", "", DIGITS),
    ("POSNR", " 1", DIGITS),
    ("POSNR", 1, DIGITS),
    ("POSNR", "-1", DIGITS),
    ("AUDAT", datetime(2024, 2, 29), DATE),  # noqa: DTZ001 - the value under test
    ("AUDAT", "2024-02-29", DATE),
    ("AUDAT", "20240230", DATE),
    ("AUDAT", "00000000", DATE),
    ("ERZET", "240000", TIME),
    ("CNT", True, INTEGER),
    ("CNT", 1.0, INTEGER),
    ("CNT", "1", INTEGER),
    ("CNT", None, INTEGER),
    ("I8", "1", INTEGER),
    ("VBELN", None, TEXT),
    ("VBELN", 5, TEXT),
    ("VBELN", b"abc", TEXT),
    ("STR", 5, TEXT),
    ("FL", 1, NUMBER),
    ("FL", "x", NUMBER),
]

REFUSED: list[tuple[str, Any, str, int, str]] = [
    (
        "POSNR",
        "1234567",
        'String "1234567" is too long for field POSNR (6 characters)',
        23,
        "RFC_BUFFER_TOO_SMALL",
    ),
    (
        "VBELN",
        "xxxxxxxxxxx",
        'String "xxxxxxxxxxx" is too long for field VBELN (10 characters)',
        23,
        "RFC_BUFFER_TOO_SMALL",
    ),
    ("I1", 256, "Cannot convert 256: out of range", 22, "RFC_CONVERSION_FAILURE"),
    ("I1", -1, "Cannot convert -1: out of range", 22, "RFC_CONVERSION_FAILURE"),
    ("I2", 32768, "Cannot convert 32768: out of range", 22, "RFC_CONVERSION_FAILURE"),
    ("NETWR", "Infinity", "Cannot convert Infinity: out of range", 22, "RFC_CONVERSION_FAILURE"),
]


def sent(line: Connection, field: str, value: Any) -> Any:
    return line.call("Z_TEST_TYPES", IS={field: value})["ES"][field]


@pytest.mark.parametrize(("field", "value", "read"), ACCEPTED)
def test_a_value_is_accepted_and_read_back(
    line: Connection, field: str, value: Any, read: Any
) -> None:
    back = sent(line, field, value)
    assert back == read
    assert type(back) is type(read)
    assert str(back) == str(read)


def test_not_a_number_is_a_number_to_the_packed_type(line: Connection) -> None:
    assert sent(line, "NETWR", "NaN").is_nan()


@pytest.mark.parametrize(("field", "value", "text"), WRONG_TYPE)
def test_a_value_of_the_wrong_kind_is_a_type_error_that_names_the_path(
    line: Connection, field: str, value: Any, text: str
) -> None:
    with pytest.raises(TypeError) as caught:
        sent(line, field, value)
    assert caught.value.args == (text, value, "of type", type(value), field, "IS")


def test_bytes_refuse_text_in_pythons_own_words(line: Connection) -> None:
    with pytest.raises(TypeError) as caught:
        sent(line, "HEX", "ab")
    assert caught.value.args == ("expected bytes, str found", "HEX", "IS")


@pytest.mark.parametrize(("field", "value", "text", "code", "key"), REFUSED)
def test_a_value_that_does_not_fit_is_refused_by_the_library(
    line: Connection, field: str, value: Any, text: str, code: int, key: str
) -> None:
    with pytest.raises(ExternalRuntimeError) as caught:
        sent(line, field, value)
    assert (caught.value.args, caught.value.code, caught.value.key) == ((text,), code, key)


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("CNT", 2147483648, "value too large to convert to RFC_INT"),
        ("I1", 2147483648, "value too large to convert to RFC_INT"),
        ("I8", 2**63, "value too large to convert to RFC_INT8"),
    ],
)
def test_an_integer_beyond_the_librarys_own_overflows(
    line: Connection, field: str, value: int, text: str
) -> None:
    with pytest.raises(OverflowError) as caught:
        sent(line, field, value)
    assert caught.value.args == (text,)


@pytest.mark.parametrize(("value", "kind"), [([], "<class 'list'>"), (None, "<class 'NoneType'>")])
def test_a_structure_takes_a_dict_and_nothing_else(line: Connection, value: Any, kind: str) -> None:
    with pytest.raises(TypeError) as caught:
        line.call("Z_TEST_TYPES", IS=value)
    text = "dictionary required for structure parameter, received"
    assert caught.value.args == (text, kind, "IS")


@pytest.mark.parametrize(("value", "kind"), [((), "<class 'tuple'>"), (None, "<class 'NoneType'>")])
def test_a_table_takes_a_list_and_nothing_else(line: Connection, value: Any, kind: str) -> None:
    with pytest.raises(TypeError) as caught:
        line.call("Z_TEST_TYPES", IT=value)
    assert caught.value.args == ("list required for table parameter, received", kind, "IT")


@pytest.mark.parametrize("row", ["abc", OrderedDict(VBELN="1")])
def test_a_table_row_that_is_no_plain_dict_is_an_unknown_field(line: Connection, row: Any) -> None:
    with pytest.raises(ExternalRuntimeError) as caught:
        line.call("Z_TEST_TYPES", IT=[row])
    error = caught.value
    assert (error.args, error.code, error.key) == (
        ("field '' not found",),
        20,
        "RFC_INVALID_PARAMETER",
    )


def test_a_wrong_value_in_a_table_names_field_and_table(line: Connection) -> None:
    with pytest.raises(TypeError) as caught:
        line.call("Z_TEST_TYPES", IT=[{"POSNR": "1"}, {"POSNR": 1}])
    assert caught.value.args[-2:] == ("POSNR", "IT")


@pytest.mark.parametrize(
    "arguments", [{"IS": {"vbeln": "1"}}, {"IT": [{"VBELN_X": "1"}]}, {"is": {}}]
)
def test_an_unknown_parameter_or_field_is_refused(
    line: Connection, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ExternalRuntimeError, match="' not found") as caught:
        line.call("Z_TEST_TYPES", **arguments)
    assert (caught.value.code, caught.value.key) == (20, "RFC_INVALID_PARAMETER")


def test_imports_do_not_come_back(line: Connection) -> None:
    answer = line.call("Z_TEST_TYPES", IS={"VBELN": "1"})
    assert sorted(answer) == ["CV_COUNT", "ES", "EV_NETWR", "IT"]


def test_imports_come_back_on_request(bare_face: RfcFace) -> None:
    with bare_face.connect({"return_import_params": True}, **LOGON) as line:
        answer = line.call("Z_TEST_TYPES", IS={"VBELN": "1"})
    assert sorted(answer) == ["CV_COUNT", "ES", "EV_NETWR", "IS", "IT", "IV_TEXT"]
    assert answer["IS"]["VBELN"] == "1"


def test_a_structure_comes_back_with_every_field(line: Connection) -> None:
    answer = line.call("Z_TEST_TYPES", IT=[{"VBELN": "1"}])
    initial = {
        "VBELN": "",
        "POSNR": "000000",
        "NETWR": Decimal("0.00"),
        "AUDAT": "",
        "ERZET": "000000",
        "CNT": 0,
        "I1": 0,
        "I2": 0,
        "I8": 0,
        "HEX": b"\0\0\0\0",
        "FL": 0.0,
        "STR": "",
        "XSTR": b"",
    }
    assert answer["ES"] == initial
    assert answer["IT"] == [{**initial, "VBELN": "1"}]
    assert (answer["CV_COUNT"], str(answer["EV_NETWR"])) == (0, "0.00")


def test_dates_and_times_are_objects_when_asked_for(bare_face: RfcFace) -> None:
    with bare_face.connect({"dtime": True}, **LOGON) as line:
        filled = line.call("Z_TEST_TYPES", IS={"AUDAT": "20240229", "ERZET": "235959"})["ES"]
        initial = line.call("Z_TEST_TYPES", IS={})["ES"]
    assert (filled["AUDAT"], filled["ERZET"]) == (date(2024, 2, 29), time(23, 59, 59))
    assert (initial["AUDAT"], initial["ERZET"]) == (None, time(0, 0))


def test_characters_keep_their_blanks_when_asked_for(bare_face: RfcFace) -> None:
    with bare_face.connect({"rstrip": False}, **LOGON) as line:
        answer = line.call("Z_TEST_TYPES", IS={"VBELN": "a"})
    assert answer["ES"]["VBELN"] == "a         "


def test_a_parameter_that_is_not_requested_comes_back_initial(line: Connection) -> None:
    answer = line.call("Z_TEST_TYPES", {"not_requested": ["ES"]}, IS={"VBELN": "1"})
    assert answer["ES"]["VBELN"] == ""


def test_a_name_that_is_not_requested_must_exist(line: Connection) -> None:
    with pytest.raises(ExternalRuntimeError, match="field 'NO' not found"):
        line.call("Z_TEST_TYPES", {"not_requested": "NO"})
