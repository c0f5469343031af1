"""EDIFACT: separators, syntax identifiers, segment groups, and damage that stays where it is."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import MessageError
from connector.mappings.raw_message import RawMessage
from tests.mappings.tiny_messages import tiny_messages

TINY = tiny_messages()["edifact"]
TEXT = TINY.content.decode()
BODY = TEXT[TEXT.index("UNB") :]


def read(text: str | bytes, **options: Any) -> list[RawMessage | MessageError]:
    return TINY.read(text if isinstance(text, bytes) else text.encode(), **options)


def content(text: str | bytes, **options: Any) -> Any:
    [found] = read(text, **options)
    assert isinstance(found, RawMessage), found
    return found.content


def with_segments(*segments: str, before: str = "UNS") -> str:
    """Return the tiny order with more segments, counted rightly."""
    return TEXT.replace(before, "".join(f"{each}'\n" for each in segments) + before, 1).replace(
        "UNT+11", f"UNT+{11 + len(segments)}"
    )


def messages(*references: str) -> str:
    """Return an interchange with the tiny order once for each reference."""
    start, end = TEXT.index("UNH+1+"), TEXT.index("UNZ")
    orders = "".join(
        TEXT[start:end]
        .replace("UNH+1+", f"UNH+{each}+")
        .replace("UNT+11+1", f"UNT+11+{each}")
        .replace("E-1", f"E-{each}")
        for each in references
    )
    return TEXT[:start] + orders + TEXT[end:].replace("UNZ+1", f"UNZ+{len(references)}")


def test_values_may_hold_separators_that_are_released() -> None:
    found = content(TEXT)

    assert found["parties"][0]["name"] == "Anna+Ben GmbH"


def test_without_service_string_the_usual_separators_count() -> None:
    assert content(BODY)["lines"] == content(TEXT)["lines"]


OTHER = str.maketrans({":": "|", "+": "*", "'": "~", "?": "!"})


def test_other_separators_are_those_of_the_service_string() -> None:
    found = content("UNA|*.! ~\n" + BODY.translate(OTHER))

    assert found["BGM"]["number"] == "E-1"
    assert found["parties"][0]["name"] == "Anna*Ben GmbH"


@pytest.mark.parametrize("value", ["9,95", "9.95"])
def test_numbers_have_a_point_whatever_the_sender_writes(value: str) -> None:
    found = content(TEXT.replace("9,95", value))["lines"][0]["prices"][0]

    assert found["amount"] == "9.95"
    assert found["elements"] == [["AAA", value]]


def test_segments_belong_to_the_group_that_takes_them() -> None:
    found = content(
        with_segments(
            "RFF+ON:1", "DTM+171:20261101:102", "ALC+A", "MOA+8:1", "TAX+7+VAT+++:::19",
            "MOA+124:2", "NAD+DP+1", "CTA+OC+:Cem", "COM+123:TE", "LIN+2++X:SA", "QTY+21:1",
        )
    )  # fmt: skip

    first, second = found["lines"]
    assert first["references"][0]["DTM"][0]["value"] == "20261101"
    [charge] = first["charges"]
    assert charge["MOA"][0]["amount"] == "1"
    assert charge["taxes"][0]["rate"] == "19"
    assert charge["taxes"][0]["MOA"][0]["amount"] == "2"
    assert first["parties"][0]["contacts"][0]["COM"][0]["number"] == "123"
    assert second["QTY"][0]["quantity"] == "1"
    assert found["summary"]["CNT"][0]["value"] == "1"


def test_all_messages_of_an_interchange_are_read() -> None:
    found = read(messages("1", "2", "3"))

    assert [each.content["BGM"]["number"] for each in found if isinstance(each, RawMessage)] == [
        "E-1", "E-2", "E-3"
    ]  # fmt: skip
    assert found[2].source == "orders, message 3 (segment 24)"


def test_several_interchanges_with_separators_of_their_own_are_read() -> None:
    other = "UNA|*.! ~\n" + BODY.translate(OTHER)

    assert [type(each) for each in read(TEXT + other + BODY)] == [RawMessage] * 2 + [MessageError]
    assert [type(each) for each in read(TEXT + BODY + other)] == [RawMessage] * 3


def test_a_damaged_message_does_not_hide_its_neighbours() -> None:
    text = messages("1", "2", "3").replace("UNT+11+2'\n", "")

    found = read(text, control_counts="ignore")

    assert [type(each) for each in found] == [RawMessage, MessageError, RawMessage]
    assert "message 2 (segment 13): the message breaks off: it has no UNT" in str(found[1])


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("UNT+11", "UNT+12", "UNT counts 12 segments, and there are 11"),
        ("UNT+11+1", "UNT+11+2", "UNH has the reference '1' and UNT '2'"),
        ("UNZ+1", "UNZ+2", "UNZ counts 2 messages, and there are 1"),
        ("ORDERS:", "INVOIC:", "this is an invoice (message INVOIC); expected a purchase"),
        ("CUX+", "CX+", "segment 6 (CX): 'CX' is no segment"),
        ("CUX+2:EUR:9", "BGM+220", "BGM stands there twice"),
        ("UNT+11+1'", "", "the message breaks off: it has no UNT"),
        ("UNZ+1+42'", "", "the interchange breaks off: it has no UNZ"),
        ("UNZ+1+42'", "UNZ+1+42", "Unexpected end of EDI messages"),
        ("UNZ+1", "RFF+X'\nUNZ+1", "'RFF' stands outside of a message"),
        ("UNA:+,? '", "UNA::,? '", "segment 1 (UNA): UNA says"),
        ("UNA", "DOC", "it starts with"),
        (TEXT, "\n", "the message is empty"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(right: str, wrong: str, message: str) -> None:
    text = TEXT.replace(right, wrong, 1)

    found = " ".join(str(each) for each in read(text) if isinstance(each, MessageError))

    assert message in found


@pytest.mark.parametrize(
    ("identifier", "encoding", "name"),
    [
        ("UNOC", "iso8859-1", "Jürgen"), ("UNOD", "iso8859-2", "Dvořák"),
        ("UNOE", "iso8859-5", "Иван"), ("UNOF", "iso8859-7", "Νίκος"),
        ("UNOW", "utf-8", "张伟"), ("UNOY", "utf-8", "Jürgen"),
    ],
)  # fmt: skip
def test_the_syntax_identifier_names_the_encoding(
    identifier: str, encoding: str, name: str
) -> None:
    text = TEXT.replace("UNOC", identifier).replace("Anna", name)

    [found] = read(text.encode(encoding))

    assert isinstance(found, RawMessage)
    assert found.content["parties"][0]["name"] == f"{name}+Ben GmbH"
    assert found.notes == ()


def test_text_that_is_not_what_the_syntax_identifier_says_is_read_and_said() -> None:
    [found] = read(TEXT.replace("UNOC", "UNOA").replace("Anna", "Jürgen").encode())

    assert isinstance(found, RawMessage)
    assert found.content["parties"][0]["name"] == "Jürgen+Ben GmbH"
    assert found.notes == ("UNB says UNOA, and the text is not; it was read as UTF-8",)


def test_wrapped_lines_and_indented_segments_are_read() -> None:
    found = content(TEXT.replace("Anna", "An\r\nna").replace("\nDTM", "\n\t  DTM"))

    assert found["parties"][0]["name"] == "Anna+Ben GmbH"
    assert found["DTM"][0]["value"] == "20261120"


def test_the_password_of_the_recipient_is_not_kept() -> None:
    unb = next(line for line in TEXT.splitlines() if line.startswith("UNB"))
    parts = unb.rstrip("'").split("+")[:6]

    [found] = read(TEXT.replace(unb, "+".join([*parts, "GEHEIM", "ORDERS'"])))

    assert isinstance(found, RawMessage)
    assert "GEHEIM" not in found.raw + str(found.content)
    assert found.content["UNB"]["application"] == "ORDERS"
