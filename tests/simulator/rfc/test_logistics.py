"""Deliveries, goods issue and billing over RFC."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.rfc.exceptions import ABAPRuntimeError
from connector.simulator.rfc.face import RfcFace
from tests.simulator.rfc.conftest import LOGON
from tests.simulator.rfc.support import Sap, confirmation, item, messages, order, refusals


def test_one_call_may_create_several_deliveries(sap: Sap) -> None:
    parameters = order(item(quantity="2"), item(20, quantity="3"))
    parameters["ORDER_PARTNERS"].append(
        {"PARTN_ROLE": "WE", "PARTN_NUMB": "S-700", "ITM_NUMBER": "000020"}
    )
    number = sap.call("BAPI_SALESORDER_CREATEFROMDAT2", **parameters)["SALESDOCUMENT"]
    sap.commit()
    answer = sap.call("BAPI_OUTB_DELIVERY_CREATE_SLS", SALES_ORDER_ITEMS=[{"REF_DOC": number}])
    assert messages(answer["RETURN"]) == ["S VL 311", "S VL 311"]
    assert (answer["DELIVERY"], answer["NUM_DELIVERIES"]) == ("0080000001", "0002")
    assert [row["DELIV_NUMB"] for row in answer["DELIVERIES"]] == ["0080000001", "0080000002"]
    assert [(row["REF_ITEM"], row["DLV_QTY"]) for row in answer["CREATED_ITEMS"]] == [
        ("000010", 2),
        ("000020", 3),
    ]


def test_a_delivery_that_cannot_be_made_says_why(sap: Sap) -> None:
    number = sap.number(item(quantity="2"))
    function = "BAPI_OUTB_DELIVERY_CREATE_SLS"
    unknown = sap.call(function, SALES_ORDER_ITEMS=[{"REF_DOC": "0000009999"}])
    assert messages(unknown["RETURN"]) == ["E VL 002"]
    too_much = [{"REF_DOC": number, "REF_ITEM": "000010", "DLV_QTY": Decimal(3)}]
    assert "E VL 363" in messages(sap.call(function, SALES_ORDER_ITEMS=too_much)["RETURN"])
    sap.deliver(number)
    again = sap.call(function, SALES_ORDER_ITEMS=[{"REF_DOC": number}])
    assert messages(again["RETURN"]) == ["E VL 455"]
    assert (again["DELIVERY"], again["NUM_DELIVERIES"]) == ("", "0000")


def test_nothing_is_due_before_its_date(sap: Sap) -> None:
    number = sap.number(item(), REQ_DATE_H="20260301")
    answer = sap.call(
        "BAPI_OUTB_DELIVERY_CREATE_SLS",
        SALES_ORDER_ITEMS=[{"REF_DOC": number}],
        DUE_DATE="20260110",
    )
    assert messages(answer["RETURN"]) == ["E VL 248"]


def test_a_smaller_picked_quantity_reduces_the_delivery(sap: Sap) -> None:
    number = sap.number(item(quantity="40"))
    delivery = sap.deliver(number)
    row = {"DELIV_NUMB": delivery, "DELIV_ITEM": "000010"}
    answer = sap.call(
        "BAPI_OUTB_DELIVERY_CONFIRM_DEC",
        **confirmation(
            delivery,
            ITEM_DATA=[{**row, "DLV_QTY": Decimal(38), "SALES_UNIT": "ST"}],
            ITEM_CONTROL=[{**row, "CHG_DELQTY": "X"}],
            HEADER_DEADLINES=[
                {
                    "DELIV_NUMB": delivery,
                    "TIMETYPE": "WSHDRWADTI",
                    "TIMESTAMP_UTC": Decimal(20260104230000),
                    "TIMEZONE": "CET",
                }
            ],
        ),
    )
    assert refusals(answer["RETURN"]) == []
    sap.commit()
    assert sap.table("LIPS", "LFIMG") == [["38.000"]]
    assert sap.table("LIKP", "WADAT_IST") == [["20260105"]], "the date where the company is"
    assert sap.table("VBUP", "LFSTA", f"VBELN = '{number}'") == [["B"]]


def test_goods_issue_is_posted_once(sap: Sap) -> None:
    delivery = sap.deliver(sap.number(item()))
    sap.issue(delivery)
    again = sap.call("BAPI_OUTB_DELIVERY_CONFIRM_DEC", **confirmation(delivery))
    assert messages(again["RETURN"]) == ["E VL 602"]


def test_the_three_numbers_of_a_confirmation_must_agree(sap: Sap) -> None:
    delivery = sap.deliver(sap.number(item()))
    parameters = confirmation(delivery)
    parameters["HEADER_CONTROL"]["DELIV_NUMB"] = "0080000009"
    answer = sap.call("BAPI_OUTB_DELIVERY_CONFIRM_DEC", **parameters)
    assert refusals(answer["RETURN"]) == ["E 00 398"]


def test_a_simulated_confirmation_posts_nothing(sap: Sap) -> None:
    delivery = sap.deliver(sap.number(item()))
    parameters = confirmation(delivery)
    parameters["HEADER_CONTROL"]["SIMULATE"] = "X"
    assert refusals(sap.call("BAPI_OUTB_DELIVERY_CONFIRM_DEC", **parameters)["RETURN"]) == []
    sap.commit()
    assert sap.table("LIKP", "WADAT_IST") == [["00000000"]]


def test_different_payers_split_the_invoice(sap: Sap) -> None:
    deliveries = []
    for payer in ("P-701", "P-702"):
        parameters = order(item(), customer="S-700")
        parameters["ORDER_PARTNERS"].append({"PARTN_ROLE": "RG", "PARTN_NUMB": payer})
        number = sap.call("BAPI_SALESORDER_CREATEFROMDAT2", **parameters)["SALESDOCUMENT"]
        sap.commit()
        delivery = sap.deliver(number)
        sap.issue(delivery)
        deliveries.append(delivery)
    answer = sap.bill(*deliveries)
    assert messages(answer["RETURN"]).count("S VF 311") == 2
    assert [row["REF_DOC"] for row in answer["SUCCESS"]] == deliveries
    assert len({row["BILL_DOC"] for row in answer["SUCCESS"]}) == 2
    assert [row[0] for row in sap.table("VBRK", "KUNRG")] == ["P-701", "P-702"]


def test_what_cannot_be_billed_is_in_errors(sap: Sap) -> None:
    delivery = sap.deliver(sap.number(item()))
    sap.issue(delivery)
    sap.bill(delivery)
    rows = [{"REF_DOC": delivery, "REF_DOC_CA": "J"}, {"SALESORG": "1000"}]
    answer = sap.call("BAPI_BILLINGDOC_CREATEMULTIPLE", BILLINGDATAIN=rows)
    assert refusals(answer["RETURN"]) == ["E 00 398", "E VF 017"]
    assert [(row["REF_DOC"], row["NUMBER"]) for row in answer["ERRORS"]] == [(delivery, "017")]
    assert answer["SUCCESS"] == []


def test_a_billing_test_run_saves_nothing(sap: Sap) -> None:
    delivery = sap.deliver(sap.number(item()))
    sap.issue(delivery)
    rows = [{"REF_DOC": delivery, "REF_DOC_CA": "J"}]
    answer = sap.call("BAPI_BILLINGDOC_CREATEMULTIPLE", BILLINGDATAIN=rows, TESTRUN="X")
    assert refusals(answer["RETURN"]) == []
    sap.commit()
    assert sap.table("VBRK", "VBELN") == []


def test_cancelling_makes_a_second_document(sap: Sap) -> None:
    delivery = sap.deliver(sap.number(item()))
    sap.issue(delivery)
    invoice = sap.bill(delivery)["SUCCESS"][0]["BILL_DOC"]
    dry = sap.call("BAPI_BILLINGDOC_CANCEL1", BILLINGDOCUMENT=invoice, TESTRUN="X")
    assert (refusals(dry["RETURN"]), dry["SUCCESS"]) == ([], [])
    answer = sap.call("BAPI_BILLINGDOC_CANCEL1", BILLINGDOCUMENT=invoice)
    assert "S VF 216" in messages(answer["RETURN"])
    sap.commit()
    cancellation = answer["SUCCESS"][0]["BILL_DOC"]
    assert sap.table("VBRK", "VBELN VBTYP FKSTO SFAKN") == [
        [invoice, "M", "X", ""],
        [cancellation, "N", "", invoice],
    ]


def test_billing_commits_by_itself_where_the_system_does(face: RfcFace, sap: Sap) -> None:
    delivery = sap.deliver(sap.number(item()))
    sap.issue(delivery)
    rows = [{"REF_DOC": delivery, "REF_DOC_CA": "J"}]
    with face.connect(**LOGON) as line:
        other = Sap(line)
        other.call("BAPI_BILLINGDOC_CREATEMULTIPLE", BILLINGDATAIN=rows)
    assert sap.table("VBRK", "VBELN") == [], "by default the caller commits"
    face.settings.billing_commits_itself = True
    with face.connect(**LOGON) as line:
        done = Sap(line).call("BAPI_BILLINGDOC_CREATEMULTIPLE", BILLINGDATAIN=rows)
    invoice = done["SUCCESS"][0]["BILL_DOC"]
    assert sap.table("VBRK", "VBELN") == [[invoice]]
    with face.connect(**LOGON) as line:
        Sap(line).call("BAPI_BILLINGDOC_CANCEL1", BILLINGDOCUMENT=invoice, NO_COMMIT="X")
    assert sap.table("VBRK", "FKSTO") == [[""]]


def test_a_billing_document_without_accounting_is_saved(sap: Sap, erp: SimulatedErp) -> None:
    delivery = sap.deliver(sap.number(item()))
    sap.issue(delivery)
    erp.faults.inject("account determination", on="create billing documents")
    rows = [{"REF_DOC": delivery, "REF_DOC_CA": "J"}]
    answer = sap.call("BAPI_BILLINGDOC_CREATEMULTIPLE", BILLINGDATAIN=rows)
    sap.commit()
    assert len(answer["SUCCESS"]) == 1
    assert sap.table("VBRK", "RFBSK BELNR") == [["B", ""]]
    assert sap.table("VBUK", "BUCHK", "VBTYP = 'M'") == [["A"]]


def reversal(sap: Sap, delivery: str, **more: str) -> dict[str, Any]:
    answer = sap.call("Z_SD_CONNECTOR_REVERSE_GI", DELIVERY=delivery, **more)
    sap.commit()
    return answer


def test_a_goods_issue_is_taken_back_by_the_customers_own_function(
    sap: Sap, erp: SimulatedErp
) -> None:
    order_number = sap.number(item(quantity="10"))
    delivery = sap.deliver(order_number)
    sap.issue(delivery)
    answer = reversal(sap, delivery, PSTNG_DATE="20260102")
    assert messages(answer["RETURN"]) == ["S VL 311"]
    assert (answer["MAT_DOC"], answer["DOC_YEAR"]) == ("4900000002", "2026")
    flow = sap.table("VBFA", "VBELN VBTYP_N PLMIN BWART", f"VBELV = '{delivery}'")
    assert flow == [["4900000001", "R", "+", "601"], ["4900000002", "h", "-", "602"]]
    assert sap.table("LIKP", "WADAT_IST") == [["00000000"]]
    assert sap.table("VBUK", "WBSTK FKSTK", f"VBELN = '{delivery}'") == [["A", "A"]]
    stock = erp.stock("1000", "M-01")
    assert stock is not None
    assert (int(stock.unrestricted), str(stock.value)) == (500, "27500.00")
    posted = sap.table("BSEG", "HKONT SHKZG WRBTR", "BUKRS = '1000' AND BELNR = '4900000002'")
    assert posted == [["792000", "S", "550.00"], ["892000", "H", "550.00"]]


def test_after_the_reversal_the_delivery_can_be_changed_and_issued_again(sap: Sap) -> None:
    order_number = sap.number(item(quantity="10"))
    delivery = sap.deliver(order_number)
    sap.issue(delivery)
    assert refusals(changed(sap, delivery, quantity="4")["RETURN"]) == ["E VL 602"]
    reversal(sap, delivery)
    assert refusals(changed(sap, delivery, quantity="4")["RETURN"]) == []
    assert sap.table("LIPS", "LFIMG") == [["4.000"]]
    assert sap.table("VBUK", "LFSTK", f"VBELN = '{order_number}'") == [["B"]]
    sap.issue(delivery)
    assert sap.table("VBUK", "WBSTK", f"VBELN = '{delivery}'") == [["C"]]


def test_a_goods_issue_that_is_billed_or_not_posted_stays(sap: Sap) -> None:
    delivery = sap.deliver(sap.number(item()))
    assert refusals(reversal(sap, delivery)["RETURN"]) == ["E 00 398"]
    sap.issue(delivery)
    sap.bill(delivery)
    assert refusals(reversal(sap, delivery)["RETURN"]) == ["E VL 444"]


def test_saps_own_reversal_cannot_be_called_from_outside(sap: Sap) -> None:
    delivery = sap.deliver(sap.number(item()))
    with pytest.raises(ABAPRuntimeError) as refused:
        sap.call(
            "WS_REVERSE_GOODS_ISSUE",
            I_VBELN=delivery,
            I_BUDAT="20260102",
            I_TCODE="VL09",
            I_VBTYP="J",
            T_MESG=[],
        )
    assert refused.value.key == "CALL_FUNCTION_NOT_REMOTE"


def changed(sap: Sap, delivery: str, quantity: str = "", **control: str) -> dict[str, Any]:
    row = {"DELIV_NUMB": delivery, "DELIV_ITEM": "000010"}
    items = {"ITEM_DATA": [{**row, "DLV_QTY": quantity}]} if quantity else {}
    marks = {"CHG_DELQTY": "X"} if quantity else control
    answer = sap.call(
        "BAPI_OUTB_DELIVERY_CHANGE",
        DELIVERY=delivery,
        HEADER_DATA={"DELIV_NUMB": delivery},
        HEADER_CONTROL={"DELIV_NUMB": delivery, **({} if marks else {"DLV_DEL": "X"})},
        ITEM_CONTROL=[{**row, **marks}] if marks else [],
        **items,
    )
    sap.commit()
    return answer


def test_a_delivery_grows_no_further_than_its_order(sap: Sap) -> None:
    delivery = sap.deliver(sap.number(item(material="M-02", quantity="100")), "000010", "60")
    assert refusals(changed(sap, delivery, quantity="104")["RETURN"]) == []
    assert sap.table("LIPS", "LFIMG") == [["104.000"]]
    assert refusals(changed(sap, delivery, quantity="106")["RETURN"]) == ["E VL 363"]


def test_a_deleted_delivery_opens_its_order_again(sap: Sap) -> None:
    order_number = sap.number(item(quantity="10"))
    delivery = sap.deliver(order_number)
    assert refusals(changed(sap, delivery)["RETURN"]) == []
    assert sap.table("LIKP", "VBELN") == []
    assert sap.table("VBUK", "LFSTK") == [["A"]]
    second = sap.deliver(order_number)
    sap.issue(second)
    assert refusals(changed(sap, second)["RETURN"]) == ["E VL 111"]


def test_a_confirmation_may_take_items_out(sap: Sap) -> None:
    order_number = sap.number(item(), item(20, "M-02", "3"))
    delivery = sap.deliver(order_number)
    parameters = confirmation(
        delivery,
        ITEM_CONTROL=[{"DELIV_NUMB": delivery, "DELIV_ITEM": "000020", "DEL_ITEM": "X"}],
    )
    answer = sap.call("BAPI_OUTB_DELIVERY_CONFIRM_DEC", **parameters)
    sap.commit()
    assert refusals(answer["RETURN"]) == []
    assert sap.table("LIPS", "POSNR LFIMG") == [["000010", "1.000"]]
    assert sap.table("VBUP", "POSNR LFSTA", f"VBELN = '{order_number}'") == [
        ["000010", "C"],
        ["000020", "A"],
    ]
