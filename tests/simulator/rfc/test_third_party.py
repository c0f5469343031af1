"""Third-party items over RFC: the purchase order shows in the flow, and in purchasing's tables."""

from __future__ import annotations

import pytest

from connector.simulator.engine.erp import SimulatedErp
from tests.simulator.rfc.support import Sap, item, refusals


@pytest.fixture
def number(sap: Sap) -> str:
    """An order of four trailers that their maker delivers."""
    return sap.number(item(material="TP-1000", quantity="4"), customer="1001")


def test_the_requisition_stands_in_the_schedule_line(sap: Sap, number: str) -> None:
    (line,) = sap.table("VBEP", "ETTYP BANFN BNFPO BMENG", f"VBELN = '{number}'")
    assert line == ["CS", "0010000000", "00010", "4.000"]
    assert sap.table("EBAN", "MATNR MENGE STATU EBELN", f"BANFN = '{line[1]}'") == [
        ["TP-1000", "4.000", "N", ""]
    ]


def test_the_purchase_order_shows_in_the_flow(sap: Sap, erp: SimulatedErp, number: str) -> None:
    erp.run_job("purchasing")
    assert sap.table("VBFA", "VBELN POSNN VBTYP_N RFMNG", f"VBELV = '{number}'") == [
        ["4500000001", "000010", "V", "4.000"]
    ]
    rows = sap.call(
        "BAPISDORDER_GETDETAILEDLIST",
        I_BAPI_VIEW={"FLOW": "X"},
        SALES_DOCUMENTS=[{"VBELN": number}],
    )["ORDER_FLOWS_OUT"]
    assert [(row["SUBSSDDOC"], row["DOCCATEGOR"]) for row in rows] == [("4500000001", "V")]
    assert sap.table("EKKN", "EBELN EBELP VBELP", f"VBELN = '{number}'") == [
        ["4500000001", "00010", "000010"]
    ]
    assert sap.table("EKKO", "LIFNR WAERS", "EBELN = '4500000001'") == [["0000300020", "EUR"]]
    assert sap.table("EKPO", "NETPR MENGE BANFN", "EBELN = '4500000001'") == [
        ["410.00", "4.000", "0010000000"]
    ]


def test_the_history_tells_what_the_vendor_has_done(
    sap: Sap, erp: SimulatedErp, number: str
) -> None:
    erp.run_job("purchasing")
    rows = [{"REF_DOC": number, "REF_DOC_CA": "C"}]
    refused = sap.call("BAPI_BILLINGDOC_CREATEMULTIPLE", BILLINGDATAIN=rows)
    assert refusals(refused["RETURN"]) == ["E 00 398"]
    sap.call("BAPI_TRANSACTION_ROLLBACK")
    with erp.session("VENDOR") as session:
        session.post_third_party_receipt("4500000001", 10)
        session.post_vendor_invoice("4500000001", 10)
        session.commit(wait=True)
    assert sap.table("EKBE", "VGABE BEWTP MENGE WRBTR", "EBELN = '4500000001'") == [
        ["1", "E", "4.000", "0.00"],
        ["2", "Q", "4.000", "1640.00"],
    ]
    assert sap.table("VBFA", "VBTYP_N BWART", "VBELV = '4500000001'") == [["i", "101"]]
    invoice = sap.bill(number, category="C")["SUCCESS"][0]["BILL_DOC"]
    assert sap.table("VBRK", "NETWR", f"VBELN = '{invoice}'") == [["2360.00"]]
    assert sap.table("VBUK", "LFSTK FKSAK GBSTK", f"VBELN = '{number}'") == [["", "C", "C"]]
