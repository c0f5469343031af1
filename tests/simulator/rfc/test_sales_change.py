"""Changing an order: only what the X structures flag is changed, and only with UPDATEFLAG."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.rfc.face import RfcFace
from tests.simulator.rfc.conftest import LOGON
from tests.simulator.rfc.support import Sap, item, messages, order


@pytest.fixture
def number(sap: Sap) -> str:
    """An order of 5 pieces."""
    return sap.number(item(quantity="5"), PURCH_NO_C="EXT-1")


def change(sap: Sap, number: str, **parameters: Any) -> list[str]:
    parameters.setdefault("ORDER_HEADER_INX", {"UPDATEFLAG": "U"})
    answer = sap.call("BAPI_SALESORDER_CHANGE", SALESDOCUMENT=number, **parameters)
    sap.commit()
    return messages(answer["RETURN"])


def row(sap: Sap, number: str, item_number: str = "000010") -> dict[str, Any]:
    rows = sap.call(
        "BAPISDORDER_GETDETAILEDLIST",
        I_BAPI_VIEW={"ITEM": "X"},
        SALES_DOCUMENTS=[{"VBELN": number}],
    )["ORDER_ITEMS_OUT"]
    return next((r for r in rows if r["ITM_NUMBER"] == item_number), {})


def test_flagged_header_fields_change_and_others_stay(sap: Sap, number: str) -> None:
    rows = change(
        sap,
        number,
        ORDER_HEADER_IN={"DLV_BLOCK": "01", "PURCH_NO_C": "OTHER"},
        ORDER_HEADER_INX={"UPDATEFLAG": "U", "DLV_BLOCK": "X"},
    )
    assert rows[-1] == "S V1 311"
    assert sap.table("VBAK", "LIFSK BSTNK AEDAT") == [["01", "EXT-1", "20260102"]]


@pytest.mark.parametrize("mark", ["", "I"])
def test_without_its_flag_nothing_changes(sap: Sap, number: str, mark: str) -> None:
    rows = change(
        sap,
        number,
        ORDER_HEADER_IN={"DLV_BLOCK": "01"},
        ORDER_HEADER_INX={"UPDATEFLAG": mark, "DLV_BLOCK": "X"},
    )
    assert rows == ["E 00 398", "E V4 219"]
    assert sap.table("VBAK", "LIFSK") == [[""]]


def test_a_quantity_changes_by_its_schedule_line(sap: Sap, number: str) -> None:
    line = {"ITM_NUMBER": "000010", "SCHED_LINE": "0001"}
    change(
        sap,
        number,
        ORDER_ITEM_IN=[{"ITM_NUMBER": "000010"}],
        ORDER_ITEM_INX=[{"ITM_NUMBER": "000010", "UPDATEFLAG": "U"}],
        SCHEDULE_LINES=[{**line, "REQ_QTY": Decimal(8)}],
        SCHEDULE_LINESX=[{**line, "UPDATEFLAG": "U", "REQ_QTY": "X"}],
    )
    assert (row(sap, number)["REQ_QTY"], row(sap, number)["NET_VALUE"]) == (8, 800)


def test_an_item_is_rejected_with_a_reason(sap: Sap, number: str) -> None:
    change(
        sap,
        number,
        ORDER_ITEM_IN=[{"ITM_NUMBER": "000010", "REASON_REJ": "01", "SHORT_TEXT": "no"}],
        ORDER_ITEM_INX=[{"ITM_NUMBER": "000010", "UPDATEFLAG": "U", "REASON_REJ": "X"}],
    )
    assert row(sap, number)["REA_FOR_RE"] == "01"
    assert row(sap, number)["SHORT_TEXT"] == "Worked case article 1"


def test_an_item_is_added_and_deleted(sap: Sap, number: str) -> None:
    line = {"ITM_NUMBER": "000020", "SCHED_LINE": "0001"}
    change(
        sap,
        number,
        ORDER_ITEM_IN=[{"ITM_NUMBER": "000020", "MATERIAL": "M-02"}],
        ORDER_ITEM_INX=[{"ITM_NUMBER": "000020", "UPDATEFLAG": "I", "MATERIAL": "X"}],
        SCHEDULE_LINES=[{**line, "REQ_QTY": Decimal(4)}],
        SCHEDULE_LINESX=[{**line, "UPDATEFLAG": "I", "REQ_QTY": "X"}],
    )
    assert row(sap, number, "000020")["NET_VALUE"] == 100
    change(
        sap,
        number,
        ORDER_ITEM_INX=[{"ITM_NUMBER": "000020", "UPDATEFLAG": "D"}],
    )
    assert row(sap, number, "000020") == {}


def test_a_manual_price_changes_only_when_conditions_are_handled(sap: Sap, number: str) -> None:
    price = {"ITM_NUMBER": "000010", "COND_TYPE": "PMP0"}
    parameters: dict[str, Any] = {
        "CONDITIONS_IN": [{**price, "COND_VALUE": Decimal(70), "CURRENCY": "EUR"}],
        "CONDITIONS_INX": [{**price, "UPDATEFLAG": "U", "COND_VALUE": "X"}],
    }
    assert change(sap, number, **parameters)[0] == "E 00 398"
    assert row(sap, number)["NET_VALUE"] == 500
    change(sap, number, **parameters, LOGIC_SWITCH={"COND_HANDL": "X"})
    assert row(sap, number)["NET_VALUE"] == 350


def test_a_locked_order_cannot_be_changed(face: RfcFace, sap: Sap, number: str) -> None:
    mark = {"UPDATEFLAG": "U", "DLV_BLOCK": "X"}
    with face.connect(**{**LOGON, "user": "other"}) as other:
        other.call("BAPI_SALESORDER_CHANGE", SALESDOCUMENT=number, ORDER_HEADER_INX=mark)
        rows = sap.call("BAPI_SALESORDER_CHANGE", SALESDOCUMENT=number, ORDER_HEADER_INX=mark)
    assert "E V1 042" in messages(rows["RETURN"])
    (locked,) = [r for r in rows["RETURN"] if r["NUMBER"] == "042"]
    assert locked["MESSAGE_V2"] == "OTHER"


def test_a_simulated_change_leaves_the_order_alone(sap: Sap, number: str) -> None:
    rows = change(
        sap,
        number,
        SIMULATION="X",
        ORDER_HEADER_IN={"DLV_BLOCK": "01"},
        ORDER_HEADER_INX={"UPDATEFLAG": "U", "DLV_BLOCK": "X"},
    )
    assert "S V1 311" in rows
    assert sap.table("VBAK", "LIFSK") == [[""]]


def test_deleting_an_order_deletes_its_items(sap: Sap, number: str) -> None:
    rows = change(sap, "0000009999", ORDER_HEADER_INX={"UPDATEFLAG": "D"})
    assert rows == ["E 00 398", "E V4 219"]
    change(sap, number, ORDER_HEADER_INX={"UPDATEFLAG": "D"})
    assert row(sap, number) == {}


def partners(sap: Sap, number: str) -> set[tuple[str, ...]]:
    return {tuple(row) for row in sap.table("VBPA", "POSNR PARVW KUNNR", f"VBELN = '{number}'")}


def test_a_partner_is_replaced_with_an_address_of_its_own(sap: Sap, number: str) -> None:
    rows = change(
        sap,
        number,
        PARTNERCHANGES=[
            {
                "DOCUMENT": number,
                "UPDATEFLAG": "U",
                "PARTN_ROLE": "WE",
                "P_NUMB_OLD": "C-100",
                "P_NUMB_NEW": "A-600",
                "ADDR_LINK": "1",
            }
        ],
        PARTNERADDRESSES=[{"ADDR_NO": "1", "NAME": "Gate 4", "CITY": "Linz", "COUNTRY": "AT"}],
    )
    assert rows[-1] == "S V1 311"
    assert ("000000", "WE", "A-600") in partners(sap, number)
    assert row(sap, number)["ROUTE"] == "EU0001"
    addresses = sap.call(
        "BAPISDORDER_GETDETAILEDLIST",
        I_BAPI_VIEW={"ADDRESS": "X"},
        SALES_DOCUMENTS=[{"VBELN": number}],
    )["ORDER_ADDRESS_OUT"]
    assert ("Gate 4", "Linz") in {(each["NAME"], each["CITY"]) for each in addresses}


def test_an_item_gets_a_payer_of_its_own_and_loses_it_again(sap: Sap, number: str) -> None:
    own = {"DOCUMENT": number, "ITM_NUMBER": "000010", "PARTN_ROLE": "RG"}
    change(sap, number, PARTNERCHANGES=[{**own, "UPDATEFLAG": "I", "P_NUMB_NEW": "P-701"}])
    assert ("000010", "RG", "P-701") in partners(sap, number)
    change(sap, number, PARTNERCHANGES=[{**own, "UPDATEFLAG": "D", "P_NUMB_OLD": "P-701"}])
    assert {each for each in partners(sap, number) if each[0] == "000010"} == set()


def test_behind_a_delivery_the_ship_to_may_move_but_not_become_another(
    sap: Sap, number: str
) -> None:
    sap.deliver(number, "000010", "2")
    ship_to = {"DOCUMENT": number, "UPDATEFLAG": "U", "PARTN_ROLE": "WE", "P_NUMB_OLD": "C-100"}
    refused = change(sap, number, PARTNERCHANGES=[{**ship_to, "P_NUMB_NEW": "A-600"}])
    assert refused == ["E 00 398", "E V4 219"]
    moved = change(
        sap,
        number,
        PARTNERCHANGES=[{**ship_to, "P_NUMB_NEW": "C-100", "ADDR_LINK": "1"}],
        PARTNERADDRESSES=[{"ADDR_NO": "1", "NAME": "New gate", "CITY": "Kiel", "COUNTRY": "DE"}],
    )
    assert moved[-1] == "S V1 311"


@pytest.mark.parametrize(
    "given",
    [
        {"PARTN_ROLE": "XX", "UPDATEFLAG": "U", "P_NUMB_NEW": "C-100"},
        {"PARTN_ROLE": "WE", "UPDATEFLAG": "", "P_NUMB_NEW": "C-100"},
        {"PARTN_ROLE": "WE", "UPDATEFLAG": "D", "P_NUMB_OLD": "C-100"},
        {"PARTN_ROLE": "WE", "UPDATEFLAG": "U", "P_NUMB_NEW": "NOBODY"},
    ],
)
def test_a_partner_change_that_makes_no_sense_is_refused(
    sap: Sap, number: str, given: dict[str, Any]
) -> None:
    assert change(sap, number, PARTNERCHANGES=[given])[-1] == "E V4 219"
    assert ("000000", "WE", "C-100") in partners(sap, number)


def test_one_of_several_schedule_lines_changes_and_the_others_stay(sap: Sap) -> None:
    lines = [
        {
            "ITM_NUMBER": "000010",
            "SCHED_LINE": "0001",
            "REQ_QTY": Decimal(3),
            "REQ_DATE": "20260105",
        },
        {
            "ITM_NUMBER": "000010",
            "SCHED_LINE": "0002",
            "REQ_QTY": Decimal(4),
            "REQ_DATE": "20260120",
        },
    ]
    number = sap.number(item(quantity="7"), ORDER_SCHEDULES_IN=lines)
    second = {"ITM_NUMBER": "000010", "SCHED_LINE": "0002"}
    change(
        sap,
        number,
        SCHEDULE_LINES=[{**second, "REQ_QTY": Decimal(6)}],
        SCHEDULE_LINESX=[{**second, "UPDATEFLAG": "U", "REQ_QTY": "X"}],
    )
    assert row(sap, number)["REQ_QTY"] == 9
    assert sap.table("VBEP", "ETENR WMENG EDATU", f"VBELN = '{number}'") == [
        ["0001", "3.000", "20260105"],
        ["0002", "6.000", "20260120"],
    ]
    change(
        sap,
        number,
        SCHEDULE_LINES=[second],
        SCHEDULE_LINESX=[{**second, "UPDATEFLAG": "D"}],
    )
    assert row(sap, number)["REQ_QTY"] == 3


def test_a_date_alone_moves_the_schedule_line(sap: Sap, number: str) -> None:
    line = {"ITM_NUMBER": "000010", "SCHED_LINE": "0001"}
    change(
        sap,
        number,
        SCHEDULE_LINES=[{**line, "REQ_DATE": "20260215"}],
        SCHEDULE_LINESX=[{**line, "UPDATEFLAG": "U", "REQ_DATE": "X"}],
    )
    assert sap.table("VBEP", "WMENG EDATU") == [["5.000", "20260215"]]


@pytest.mark.parametrize(
    ("function", "prefix", "doc_type"),
    [
        ("INQUIRY", "INQUIRY", "AF"),
        ("QUOTATION", "QUOTATION", "AG"),
    ],
)
def test_what_comes_before_an_order_has_its_own_change_function(
    sap: Sap, function: str, prefix: str, doc_type: str
) -> None:
    created = sap.call(
        f"BAPI_{function}_CREATEFROMDATA2",
        **order(item(quantity="5"), prefix=prefix, doc_type=doc_type),
    )
    sap.commit()
    number = created["SALESDOCUMENT"]
    line = {"ITM_NUMBER": "000010", "SCHED_LINE": "0001"}
    answer = sap.call(
        f"BAPI_CUSTOMER{function}_CHANGE",
        SALESDOCUMENT=number,
        **{f"{prefix}_HEADER_INX": {"UPDATEFLAG": "U"}},
        SCHEDULE_LINES=[{**line, "REQ_QTY": Decimal(8)}],
        SCHEDULE_LINESX=[{**line, "UPDATEFLAG": "U", "REQ_QTY": "X"}],
    )
    sap.commit()
    assert messages(answer["RETURN"])[-1] == "S V1 311"
    assert row(sap, number)["REQ_QTY"] == 8
    assert change(sap, number) == ["E 00 398", "E V4 219"]


def test_a_returns_block_is_lifted_by_the_returns_own_function(sap: Sap) -> None:
    created = sap.call(
        "BAPI_CUSTOMERRETURN_CREATE",
        **order(item(quantity="2"), prefix="RETURN", doc_type="RE"),
    )
    sap.commit()
    answer = sap.call(
        "BAPI_CUSTOMERRETURN_CHANGE",
        SALESDOCUMENT=created["SALESDOCUMENT"],
        RETURN_HEADER_IN={"BILL_BLOCK": ""},
        RETURN_HEADER_INX={"UPDATEFLAG": "U", "BILL_BLOCK": "X"},
    )
    sap.commit()
    assert messages(answer["RETURN"])[-1] == "S V1 311"
    assert sap.table("VBAK", "VBTYP FAKSK") == [["H", ""]]


def test_an_item_may_be_added_with_reference(sap: Sap, number: str) -> None:
    quotation = sap.call(
        "BAPI_QUOTATION_CREATEFROMDATA2",
        **order(item(quantity="5", material="M-02"), prefix="QUOTATION", doc_type="AG"),
    )["SALESDOCUMENT"]
    sap.commit()
    change(
        sap,
        number,
        ORDER_ITEM_IN=[
            {
                "ITM_NUMBER": "000020",
                "REF_DOC": quotation,
                "REF_DOC_IT": "000010",
                "REF_DOC_CA": "B",
                "TARGET_QTY": Decimal(3),
            }
        ],
        ORDER_ITEM_INX=[{"ITM_NUMBER": "000020", "UPDATEFLAG": "I"}],
    )
    assert sap.table("VBFA", "VBELN POSNN RFMNG", f"VBELV = '{quotation}'") == [
        [number, "000020", "3.000"]
    ]
