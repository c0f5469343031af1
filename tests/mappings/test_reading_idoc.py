"""IDocs: XML and flat files give the same, and a damaged IDoc hides no other."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import MessageError
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers.idoc_definition import (
    RECORD,
    RECORD_LENGTH,
    orders05,
    segment_type,
)
from tests.mappings.tiny_messages import idoc_control, idoc_record, tiny_messages

XML = tiny_messages()["idoc"]
FLAT = tiny_messages()["idoc, flat file"]


def content(lines: list[str], **options: Any) -> Any:
    [found] = FLAT.read("\n".join(lines).encode(), **options)
    assert isinstance(found, RawMessage), found
    return found.content


def control(number: str = "1", **fields: str) -> str:
    return idoc_control(**{"DOCNUM": number, "MESTYP": "ORDERS", **fields})


def test_xml_and_flat_file_give_the_same() -> None:
    [from_xml], [from_flat] = XML.read(), FLAT.read()

    assert isinstance(from_xml, RawMessage)
    assert isinstance(from_flat, RawMessage)
    assert from_xml.content == from_flat.content


def test_the_records_have_the_lengths_that_sap_gives_them() -> None:
    assert sum(orders05().control.values()) == 524
    assert RECORD_LENGTH == 63
    assert list(RECORD) == ["SEGNAM", "MANDT", "DOCNUM", "SEGNUM", "PSGNUM", "HLEVEL"]
    assert all(sum(fields.values()) <= 1000 for fields in orders05().segments.values())
    assert set(orders05().parents) < set(orders05().segments)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("E2EDK01005", "E1EDK01"), ("E2EDKA1", "E1EDKA1"), ("E2EDP20", "E1EDP20"),
     ("E2EDPT2001", "E1EDPT2"), ("Z2FREIGHT000", "Z1FREIGHT"), ("E1EDP01", "E1EDP01")],
)  # fmt: skip
def test_a_flat_file_names_segments_by_their_definition(name: str, kind: str) -> None:
    assert segment_type(name) == kind


def test_segments_belong_to_the_number_they_name_or_to_their_usual_parent() -> None:
    numbered = content([
        control(), idoc_record("E2EDP01007", 1, 0, POSEX="10"),
        idoc_record("E2EDP01007", 2, 0, POSEX="20"), idoc_record("E2EDP19001", 3, 1, IDTNR="A"),
    ])  # fmt: skip
    plain = content([
        control(), idoc_record("E2EDP01007", 0, 0, POSEX="10"),
        idoc_record("E2EDP19001", 0, 0, IDTNR="A"), idoc_record("E2EDP01007", 0, 0, POSEX="20"),
        idoc_record("E2EDPT1000", 0, 0, TDID="ZZ"), idoc_record("E2EDPT2001", 0, 0, TDLINE="x"),
    ])  # fmt: skip

    assert numbered["E1EDP01"] == [{"POSEX": "10", "E1EDP19": [{"IDTNR": "A"}]}, {"POSEX": "20"}]
    assert plain["E1EDP01"][0]["E1EDP19"] == [{"IDTNR": "A"}]
    assert plain["E1EDP01"][1]["E1EDPT1"] == [{"TDID": "ZZ", "E1EDPT2": [{"TDLINE": "x"}]}]


def test_segments_of_your_own_are_cut_as_the_profile_says_and_others_are_kept_whole() -> None:
    record = idoc_record("E2EDS01", 1, 0).replace("E2EDS01", "Z2FREIGHT000".ljust(7)[:7])
    record = "Z2FREIGHT000".ljust(30) + record[30:RECORD_LENGTH] + "DHL       12.50"

    known = content([control(), record], segments={"Z1FREIGHT": {"CARRIER": 10, "COST": 5}})

    assert known["Z1FREIGHT"] == [{"CARRIER": "DHL", "COST": "12.50"}]
    assert content([control(), record])["Z1FREIGHT"] == [{"SDATA": "DHL       12.50"}]


def test_all_idocs_of_a_file_are_read_and_a_damaged_one_hides_no_other() -> None:
    lines = [
        control("1"), idoc_record("E2EDK01005", 1, 0, BELNR="A"),
        control("2"), "garbage",
        control("3", MESTYP="INVOIC"),
        control("4"), idoc_record("E2EDK01005", 1, 0, BELNR="D"),
    ]  # fmt: skip

    found = FLAT.read("\r\n".join(lines).encode())

    assert [type(each) for each in found] == [RawMessage, MessageError, MessageError, RawMessage]
    assert "IDoc 2, line 4: 'garbage' is no segment" in str(found[1])
    assert "this is an invoice (IDoc of the message type INVOIC); expected a " in str(found[2])


def test_several_idocs_of_a_document_are_read() -> None:
    text = XML.content.decode()
    start, end = text.index("<IDOC"), text.index("</ORDERS05>")

    found = XML.read((text[:start] + text[start:end] * 3 + text[end:]).encode())

    assert [type(each) for each in found] == [RawMessage] * 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the message is empty"),
        ("E2EDK01005", "line 1: it starts with 'E2EDK01005'; expected the control record"),
        ("<ORDERS05><IDOC><E1EDK01/></IDOC></ORDERS05>", "the IDoc has no control record"),
        ("<ORDERS05/>", "the document is an ORDERS05, not an order; expected an IDoc with an"),
    ],
)
def test_what_is_no_idoc_says_what_was_expected(text: str, message: str) -> None:
    [found] = XML.read(text.encode())

    assert message in str(found)
