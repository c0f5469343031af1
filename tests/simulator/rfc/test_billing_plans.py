"""Worked case C16 over RFC: services and milestones are billed from the order, without delivery."""

from __future__ import annotations

from datetime import datetime

import pytest

from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.rfc import control
from connector.simulator.rfc.face import RfcFace
from tests.simulator.rfc.support import Sap, item, refusals


def on(erp: SimulatedErp, day: str) -> None:
    assert isinstance(erp.clock, SimulatedClock)
    erp.clock.set(datetime.fromisoformat(f"{day}T08:00:00+00:00"))


def sold(sap: Sap, material: str, quantity: str) -> str:
    return sap.number(item(material=material, quantity=quantity), customer="D-01", SALES_ORG="4000")


def lines(sap: Sap, document: str) -> list[tuple[str, ...]]:
    where = f"BUKRS = '4000' AND BELNR = '{document}'"
    return [tuple(row) for row in sap.table("BSEG", "HKONT SHKZG WRBTR", where)]


@pytest.fixture
def ship(sap: Sap, erp: SimulatedErp) -> str:
    """A ship for 1,000,000 in three milestones; the second waits for its certificate."""
    on(erp, "2026-05-21")
    return sold(sap, "SH-16", "1")


def test_service_hours_are_billed_from_the_order(sap: Sap, erp: SimulatedErp) -> None:
    on(erp, "2026-05-20")
    number = sold(sap, "SV-16", "16")
    assert sap.table("VBUK", "LFSTK FKSAK", f"VBELN = '{number}'") == [["", "A"]]
    invoice = sap.bill(number, category="C")["SUCCESS"][0]["BILL_DOC"]
    assert lines(sap, invoice) == [
        ("140000", "S", "2544.00"),
        ("800000", "H", "2400.00"),
        ("175000", "H", "144.00"),
    ]
    assert sap.table("VBUK", "LFSTK FKSAK GBSTK", f"VBELN = '{number}'") == [["", "C", "C"]]


def test_the_plan_is_read_with_its_dates_values_and_blocks(sap: Sap, ship: str) -> None:
    (plan,) = sap.table("VBKD", "FPLNR", f"VBELN = '{ship}' AND POSNR = '000010'")
    assert sap.table("FPLA", "VBELN FPART BEDAT", f"FPLNR = '{plan[0]}'") == [
        [ship, "01", "20260521"]
    ]
    columns = "FPLTR FKDAT FAREG FPROZ FAKWR WAERS FAKSP FKSAF"
    assert sap.table("FPLT", columns, f"FPLNR = '{plan[0]}'") == [
        ["000001", "20260521", "1", "30.00", "300000.00", "CNY", "", "A"],
        ["000002", "20260620", "1", "40.00", "400000.00", "CNY", "02", "A"],
        ["000003", "20260720", "1", "30.00", "300000.00", "CNY", "", "A"],
    ]
    answer = sap.call(
        "BAPISDORDER_GETDETAILEDLIST",
        I_BAPI_VIEW={"BILLPLAN": "X"},
        SALES_DOCUMENTS=[{"VBELN": ship}],
    )
    assert [row["BILL_PLAN"] for row in answer["ORDER_BILLINGPLANS_OUT"]] == [plan[0]]
    assert [
        (row["BILL_PLANI"], row["INVOICEPER"], int(row["VALONDATE"]), row["BILLBLOCK"])
        for row in answer["ORDER_BILLINGDATES_OUT"]
    ] == [
        ("000001", 30, 300000, ""),
        ("000002", 40, 400000, "02"),
        ("000003", 30, 300000, ""),
    ]


def test_the_first_milestone_is_billed_and_the_second_waits_for_its_block(
    sap: Sap, erp: SimulatedErp, face: RfcFace, ship: str
) -> None:
    first = sap.bill(ship, category="C")["SUCCESS"][0]["BILL_DOC"]
    assert lines(sap, first) == [
        ("140000", "S", "339000.00"),
        ("800000", "H", "300000.00"),
        ("175000", "H", "39000.00"),
    ]
    assert sap.table("VBFA", "PLMIN RFWRT FPLTR", f"VBELV = '{ship}'") == [
        ["", "300000.00", "000001"]
    ]
    open_dates = sap.table("FPLT", "FAKWR", "FKSAF = 'A'")
    assert sum(float(row[0]) for row in open_dates) * 1.13 == pytest.approx(791000)

    on(erp, "2026-06-21")
    rows = [{"REF_DOC": ship, "REF_DOC_CA": "C"}]
    refused = sap.call("BAPI_BILLINGDOC_CREATEMULTIPLE", BILLINGDATAIN=rows)
    assert refusals(refused["RETURN"]) == ["E 00 398"]
    sap.call("BAPI_TRANSACTION_ROLLBACK")

    release = {"document": ship, "item": 10, "date": 2, "block": ""}
    assert control.run(control.controls(face), "change billing plan", release) == []
    second = sap.bill(ship, category="C")["SUCCESS"][0]["BILL_DOC"]
    assert sap.table("VBRK", "FKDAT NETWR MWSBK", f"VBELN = '{second}'") == [
        ["20260620", "400000.00", "52000.00"]
    ]
    assert sap.table("VBRP", "FPLTR FKIMG", f"VBELN = '{second}'") == [["000002", "1.000"]]
    assert sap.table("VBUK", "FKSAK", f"VBELN = '{ship}'") == [["B"]]


def test_a_wrong_change_of_a_plan_says_why(face: RfcFace, ship: str) -> None:
    wrong = {"document": ship, "item": 10, "date": 7, "percent": "10"}
    (text, _) = control.run(control.controls(face), "change billing plan", wrong)
    assert text == "Billing plan of item 10: date 7 is not possible"
