"""Deliveries, goods issue and billing over RFC."""

from __future__ import annotations

from decimal import Decimal

from connector.simulator.engine.erp import SimulatedErp
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
