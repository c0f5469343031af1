"""X12: separators come with each interchange, and a damaged transaction set hides no other."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import MessageError
from connector.mappings.raw_message import RawMessage
from tests.mappings.tiny_messages import tiny_messages

TINY = tiny_messages()["x12"]
TEXT = TINY.content.decode()


def read(text: str, **options: Any) -> list[RawMessage | MessageError]:
    return TINY.read(text.encode(), **options)


def content(text: str, **options: Any) -> Any:
    [found] = read(text, **options)
    assert isinstance(found, RawMessage), found
    return found.content


def with_lines(*lines: str) -> str:
    """Return the tiny order with segments before CTT, counted rightly."""
    return TEXT.replace("CTT*", "".join(f"{line}~\n" for line in lines) + "CTT*").replace(
        "SE*10*", f"SE*{10 + len(lines)}*"
    )


def transactions(*numbers: str) -> str:
    """Return an interchange with the tiny order once for each control number."""
    start, end = TEXT.index("ST*850"), TEXT.index("GE*1")
    orders = "".join(
        TEXT[start:end].replace("*0001~", f"*{number}~").replace("A-1", f"A-{number}")
        for number in numbers
    )
    return TEXT[:start] + orders + TEXT[end:].replace("GE*1", f"GE*{len(numbers)}")


@pytest.mark.parametrize(
    ("element", "component", "terminator"),
    [
        ("*", ">", "~"),
        ("|", ":", "\n"),
        ("\x1d", "\x1f", "\x1c"),
        ("+", ":", "'"),
        ("*", "<", "\r"),
    ],
)
def test_the_separators_are_those_of_the_interchange(
    element: str, component: str, terminator: str
) -> None:
    text = TEXT.replace("\n", "").replace("*", element).replace(">", component)

    found = content(text.replace("~", terminator))

    assert found["BEG"]["BEG03"] == "A-1"
    assert found["PO1"][0]["ids"] == {"VN": "A", "BP": "4-711"}


def test_each_interchange_of_a_file_has_its_own_separators() -> None:
    found = read(TEXT + TEXT.replace("*", "|").replace("~", "'"))

    assert [type(each) for each in found] == [RawMessage, RawMessage]


def test_all_transaction_sets_of_a_file_are_read() -> None:
    found = read(transactions("0001", "0002", "0003"))

    assert [each.content["BEG"]["BEG03"] for each in found if isinstance(each, RawMessage)] == [
        "A-0001", "A-0002", "A-0003"
    ]  # fmt: skip
    assert found[1].source == "orders, transaction 0002 (segment 13)"


def test_a_party_has_its_address_and_a_line_its_segments() -> None:
    found = content(with_lines("SAC*A*C310***500", "N1*ST*Ben", "N4*Berlin"))

    assert found["N1"] == [
        {
            "N101": "ST", "N102": "Anna", "N103": "92", "N104": "4711",
            "N3": [{"N301": "Main Street 1"}],
            "N4": [{"N401": "Springfield", "N402": "IL", "N403": "62701", "N404": "US"}],
        }
    ]  # fmt: skip
    [line] = found["PO1"]
    assert line["SAC"] == [{"SAC01": "A", "SAC02": "C310", "SAC05": "500"}]
    assert line["N1"] == [{"N101": "ST", "N102": "Ben", "N4": [{"N401": "Berlin"}]}]
    assert line["PID"] == [{"PID01": "F", "PID05": "Torch"}]


def test_a_second_line_is_beside_the_first_and_not_in_it() -> None:
    lines = content(with_lines("SLN*1**I*2*EA", "PO1*2*1*EA*1", "PID*F****X"))["PO1"]

    assert [line["PO101"] for line in lines] == ["1", "2"]
    assert lines[1]["PID"] == [{"PID01": "F", "PID05": "X"}]


def test_components_stand_beside_their_composite() -> None:
    reference = content(with_lines("REF*ZZ*1**A>B"))["PO1"][0]["REF"]

    assert reference == [
        {"REF01": "ZZ", "REF02": "1", "REF04": "A>B", "REF04_1": "A", "REF04_2": "B"}
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("SE*10*", "SE*11*", "SE counts 11 segments, and there are 10"),
        ("SE*10*0001", "SE*10*0002", "ST has the control number '0001' and SE '0002'"),
        ("ST*850*", "ST*810*", "this is an invoice (transaction set 810); expected a purchase"),
        ("CUR*BY*EUR~", "CUR*BY*EUR", "segment 5 (CUR): the segment goes on into N1 in the next"),
        ("CUR*", "cur*", "segment 5 (cur): 'cur' is no segment"),
        ("CUR*BY", "BEG*BY", "segment 5 (BEG): BEG stands there twice"),
        ("GE*1*", "GE*2*", "GE counts 2 transaction sets, and there are 1"),
        ("IEA*1*", "IEA*3*", "IEA counts 3 functional groups, and there are 1"),
        ("SE*10*0001~\n", "", "transaction 0001 (segment 3): the transaction set breaks off"),
        ("IEA*1*000000042~\n", "", "the interchange breaks off: it has no IEA"),
        ("GE*1*42~", "GE*1*42~\nREF*X~", "'REF*X' stands outside of a transaction set"),
        ("ISA*00", "XSA*00", "it starts with 'XSA*00*     '; expected ISA"),
        (">~\nGS", "A~\nGS", "ISA does not say what separates"),
        (TEXT[20:], "", "ISA is cut off"),
        (TEXT, " ", "the message is empty"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(right: str, wrong: str, message: str) -> None:
    found = read(TEXT.replace(right, wrong, 1))

    assert message in " ".join(str(each) for each in found if isinstance(each, MessageError))


def test_wrong_counts_are_tolerated_where_the_profile_says_so() -> None:
    text = TEXT.replace("SE*10*0001", "SE*7*1").replace("GE*1", "GE*9")

    assert content(text, control_counts="ignore")["BEG"]["BEG03"] == "A-1"


def test_a_damaged_transaction_set_does_not_hide_its_neighbours() -> None:
    text = transactions("0001", "0002", "0003").replace("SE*10*0002~\n", "")

    found = read(text, control_counts="ignore")

    assert [type(each) for each in found] == [RawMessage, MessageError, RawMessage]
    assert "transaction 0002 (segment 13): the transaction set breaks off" in str(found[1])


def test_lines_that_are_wrapped_within_a_value_are_joined() -> None:
    assert content(TEXT.replace("Main Street", "Main St\nreet"))["N1"][0]["N3"] == [
        {"N301": "Main Street 1"}
    ]


def test_passwords_of_the_interchange_are_not_kept() -> None:
    text = TEXT.replace("ISA*00*          *00*          ", "ISA*03*ACCOUNT77 *01*GEHEIM1234")

    [found] = read(text)

    assert isinstance(found, RawMessage)
    assert "GEHEIM1234" not in found.raw + str(found.content)
    assert "ACCOUNT77" not in found.raw + str(found.content)


def test_an_interchange_whose_terminator_stands_in_its_head_is_refused() -> None:
    found = read(TEXT.replace("*00401*", "*00401*~"))

    assert isinstance(found[0], MessageError)
    assert "ISA ends before its last element" in str(found[0])
