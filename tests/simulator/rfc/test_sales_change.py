"""Changing an order: only what the X structures flag is changed, and only with UPDATEFLAG."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.rfc.face import RfcFace
from tests.simulator.rfc.conftest import LOGON
from tests.simulator.rfc.support import Sap, item, messages


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
