"""Creating sales documents: nothing persists before the commit, and RETURN says what happened."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.rfc.exceptions import ABAPRuntimeError
from connector.simulator.rfc.face import RfcFace
from tests.simulator.rfc.conftest import LOGON
from tests.simulator.rfc.support import Sap, item, messages, order, refusals

SAVED = ["S V4 233", "S V4 233", "S V1 311"]


def read(sap: Sap, *numbers: str) -> dict[str, list[dict[str, Any]]]:
    view = ("HEADER", "ITEM", "SDSCHEDULE", "BUSINESS", "PARTNER", "ADDRESS", "SDCOND", "TEXT")
    return sap.call(
        "BAPISDORDER_GETDETAILEDLIST",
        I_BAPI_VIEW=dict.fromkeys((*view, "STATUS_H", "STATUS_I"), "X"),
        SALES_DOCUMENTS=[{"VBELN": number} for number in numbers],
    )


def test_an_order_exists_after_its_commit_and_not_before(sap: Sap) -> None:
    answer = sap.order(item(), PURCH_NO_C="EXT-1", commit=False)
    assert messages(answer["RETURN"]) == SAVED
    number = answer["SALESDOCUMENT"]
    assert number == "0000000001"
    assert answer["RETURN"][-1]["MESSAGE_V2"] == "1"
    assert read(sap, number)["ORDER_HEADERS_OUT"] == []
    committed = sap.commit()
    assert committed["RETURN"]["TYPE"] == ""
    assert [row["DOC_NUMBER"] for row in read(sap, number)["ORDER_HEADERS_OUT"]] == [number]


def test_a_rollback_leaves_nothing_and_loses_the_number(sap: Sap) -> None:
    first = sap.order(item(), commit=False)["SALESDOCUMENT"]
    sap.call("BAPI_TRANSACTION_ROLLBACK")
    sap.commit()
    assert read(sap, first)["ORDER_HEADERS_OUT"] == []
    assert sap.number(item()) == "0000000002"


def test_a_commit_without_wait_is_seen_later(sap: Sap, erp: SimulatedErp) -> None:
    number = sap.order(item(), commit=False)["SALESDOCUMENT"]
    assert sap.call("BAPI_TRANSACTION_COMMIT")["RETURN"]["TYPE"] == ""
    assert read(sap, number)["ORDER_HEADERS_OUT"] == []
    erp.run_updates()
    assert len(read(sap, number)["ORDER_HEADERS_OUT"]) == 1


def test_each_connection_has_its_own_unit_of_work(face: RfcFace, sap: Sap) -> None:
    with face.connect(**LOGON) as other:
        number = sap.order(item(), commit=False)["SALESDOCUMENT"]
        other.call("BAPI_TRANSACTION_COMMIT", WAIT="X")
        assert read(sap, number)["ORDER_HEADERS_OUT"] == []
        sap.commit()
        assert len(read(sap, number)["ORDER_HEADERS_OUT"]) == 1


def test_closing_a_connection_forgets_what_was_not_committed(face: RfcFace, sap: Sap) -> None:
    with face.connect(**LOGON) as other:
        number = Sap(other).order(item(), commit=False)["SALESDOCUMENT"]
    sap.commit()
    assert read(sap, number)["ORDER_HEADERS_OUT"] == []


def test_an_update_that_fails_is_told_by_the_commit_with_wait(sap: Sap, erp: SimulatedErp) -> None:
    erp.faults.inject("update terminated after commit", on="commit")
    number = sap.order(item(), commit=False)["SALESDOCUMENT"]
    assert messages(sap.commit()["RETURN"]) == ["E S& 101"]
    assert read(sap, number)["ORDER_HEADERS_OUT"] == []


def test_the_order_says_what_was_asked_and_what_it_comes_to(sap: Sap) -> None:
    number = sap.number(
        item(quantity="3", SHORT_TEXT="Three of them"),
        PURCH_NO_C="EXT-1",
        PURCH_DATE="20251231",
        REQ_DATE_H="20260110",
        PMNTTRMS="Z214",
        ORDER_CONDITIONS_IN=[
            {"ITM_NUMBER": "000000", "COND_TYPE": "RA00", "COND_VALUE": Decimal(10)},
            {
                "ITM_NUMBER": "000010",
                "COND_TYPE": "PMP0",
                "COND_VALUE": Decimal("90"),
                "CURRENCY": "EUR",
                "COND_UNIT": "ST",
                "COND_P_UNT": Decimal(1),
            },
        ],
    )
    found = read(sap, number)
    (header,), (row,) = found["ORDER_HEADERS_OUT"], found["ORDER_ITEMS_OUT"]
    assert (header["DOC_TYPE"], header["SD_DOC_CAT"], header["SOLD_TO"]) == ("TA", "C", "C-100")
    assert (header["REQ_DATE_H"], header["CURRENCY"]) == ("20260110", "EUR")
    assert found["ORDER_BUSINESS_OUT"][0]["PURCH_NO_C"] == "EXT-1"
    assert found["ORDER_BUSINESS_OUT"][0]["PMNTTRMS"] == "Z214"
    assert (row["MATERIAL"], row["SHORT_TEXT"]) == ("M-01", "Three of them")
    assert (row["ITEM_CATEG"], row["PLANT"], row["SALES_UNIT"]) == ("TAN", "1000", "ST")
    amounts = {name: str(row[name].normalize()) for name in ("NET_VALUE", "TAX_AMOUNT", "REQ_QTY")}
    assert amounts == {"NET_VALUE": "243", "TAX_AMOUNT": "46.17", "REQ_QTY": "3"}
    assert row["SUBTOT_PP1"] == 270
    assert row["COST_DOC_C"] == 165
    assert header["NET_VAL_HD"] == 243
    conditions = {r["COND_TYPE"]: r for r in found["ORDER_CONDITIONS_OUT"]}
    assert conditions["RA00"]["CONDVALUE"] == -27
    assert conditions["MWST"]["TAX_CODE"] == "A1"
    assert conditions["VPRS"]["STAT_CON"] == "X"
    (line,) = found["ORDER_SCHEDULES_OUT"]
    assert (line["REQ_QTY"], line["CONFIR_QTY"], line["REQ_DATE"]) == (3, 3, "20260110")


def test_status_is_blank_where_it_is_not_relevant(sap: Sap) -> None:
    found = read(sap, sap.number(item()))
    header, row = found["ORDER_STATUSHEADERS_OUT"][0], found["ORDER_STATUSITEMS_OUT"][0]
    assert (header["DLV_STAT_H"], header["PRC_STAT_H"], header["BILLINGSTA"]) == ("A", "A", "")
    assert (row["DLV_STAT_I"], row["OVRPROCSTA"], row["REJSTATIT"]) == ("A", "A", "A")


def test_only_the_views_that_are_flagged_are_filled(sap: Sap) -> None:
    number = sap.number(item())
    answer = sap.call(
        "BAPISDORDER_GETDETAILEDLIST",
        I_BAPI_VIEW={"HEADER": "X"},
        SALES_DOCUMENTS=[{"VBELN": number}, {"VBELN": "0000009999"}],
    )
    filled = {name for name, rows in answer.items() if rows and name != "SALES_DOCUMENTS"}
    assert filled == {"ORDER_HEADERS_OUT"}
    assert len(answer["ORDER_HEADERS_OUT"]) == 1


def test_header_conditions_are_listed_on_request(sap: Sap) -> None:
    number = sap.number(
        item(),
        ORDER_CONDITIONS_IN=[
            {"COND_TYPE": "HD00", "COND_VALUE": Decimal("4.90"), "CURRENCY": "EUR"}
        ],
    )
    rows = sap.call(
        "BAPISDORDER_GETDETAILEDLIST",
        I_BAPI_VIEW={"SDCOND": "X"},
        I_WITH_HEADER_CONDITIONS="X",
        SALES_DOCUMENTS=[{"VBELN": number}],
    )["ORDER_CONDITIONS_OUT"]
    header = [row for row in rows if row["ITM_NUMBER"] == "000000"]
    assert [(row["COND_TYPE"], row["COND_VALUE"]) for row in header] == [("HD00", Decimal("4.9"))]


def test_a_partner_may_bring_an_address_of_its_own(sap: Sap) -> None:
    parameters = order(item())
    parameters["ORDER_PARTNERS"] += [
        {"PARTN_ROLE": "WE", "PARTN_NUMB": "C-100", "ADDR_LINK": "1"},
        {"PARTN_ROLE": "RE", "PARTN_NUMB": "C-100", "NAME": "Invoices Ltd", "COUNTRY": "DE"},
    ]
    address = {"ADDR_NO": "1", "NAME": "Dock 4", "CITY": "Kiel", "COUNTRY": "DE"}
    answer = sap.call("BAPI_SALESORDER_CREATEFROMDAT2", **parameters, PARTNERADDRESSES=[address])
    assert refusals(answer["RETURN"]) == []
    sap.commit()
    found = read(sap, answer["SALESDOCUMENT"])
    names = {row["ADDRESS"]: row["NAME"] for row in found["ORDER_ADDRESS_OUT"]}
    by_role = {row["PARTN_ROLE"]: names[row["ADDRESS"]] for row in found["ORDER_PARTNERS_OUT"]}
    assert (by_role["WE"], by_role["RE"]) == ("Dock 4", "Invoices Ltd")
    assert by_role["RG"] == "Worked Case Customer GmbH"


def test_lines_of_a_text_come_back_as_they_were_joined(sap: Sap) -> None:
    number = sap.number(
        item(),
        ORDER_TEXT=[
            {"TEXT_ID": "0001", "LANGU_ISO": "EN", "FORMAT_COL": "*", "TEXT_LINE": "Leave it "},
            {"TEXT_ID": "0001", "LANGU_ISO": "EN", "FORMAT_COL": "=", "TEXT_LINE": "at the gate"},
            {"TEXT_ID": "0001", "LANGU_ISO": "EN", "FORMAT_COL": "/", "TEXT_LINE": "Ring twice"},
        ],
    )
    found = read(sap, number)
    assert [row["LINE"] for row in found["ORDER_TEXTLINES_OUT"]] == [
        "Leave itat the gate",
        "Ring twice",
    ]
    assert found["ORDER_TEXTHEADERS_OUT"][0]["TEXT_NAME"] == number


def test_fields_that_are_not_flagged_are_left_out_when_flags_are_given(sap: Sap) -> None:
    number = sap.number(
        item(SHORT_TEXT="not taken"),
        PURCH_NO_C="EXT-1",
        ORDER_HEADER_INX={
            "UPDATEFLAG": "I",
            **dict.fromkeys(("DOC_TYPE", "SALES_ORG", "DISTR_CHAN", "DIVISION"), "X"),
        },
        ORDER_ITEMS_INX=[{"ITM_NUMBER": "000010", "UPDATEFLAG": "I", "MATERIAL": "X"}],
    )
    found = read(sap, number)
    assert found["ORDER_BUSINESS_OUT"][0]["PURCH_NO_C"] == ""
    assert found["ORDER_ITEMS_OUT"][0]["SHORT_TEXT"] == "Worked case article 1"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"SALES_ORG": "9999"}, "E CZ 115"),
        ({"customer": "C-999"}, "E VP 199"),
        ({"doc_type": "ZZ"}, "E 00 398"),
        ({"CURRENCY": "QQQ"}, "E 00 398"),
    ],
)
def test_a_refused_order_answers_with_the_cause_and_a_trailer(
    sap: Sap, more: dict[str, Any], problem: str
) -> None:
    answer = sap.order(item(), commit=False, **more)
    rows = messages(answer["RETURN"])
    assert answer["SALESDOCUMENT"] == ""
    assert problem in rows
    assert rows[-1] == "E V4 219"
    sap.commit()
    assert sap.table("VBAK", "VBELN") == []


def test_a_refused_item_names_its_row(sap: Sap) -> None:
    answer = sap.order(item(), item(20, "NO-SUCH"), commit=False)
    (row,) = [row for row in answer["RETURN"] if row["ID"] == "V1"]
    assert (row["NUMBER"], row["PARAMETER"], row["ROW"]) == ("382", "SALES_ITEM_IN", 2)
    assert row["SYSTEM"] == "SIM"


def test_faulty_items_can_be_left_out(sap: Sap) -> None:
    answer = sap.order(item(), item(20, "NO-SUCH"), BEHAVE_WHEN_ERROR="P", commit=False)
    sap.commit()
    rows = read(sap, answer["SALESDOCUMENT"])["ORDER_ITEMS_OUT"]
    assert [row["ITM_NUMBER"] for row in rows] == ["000010"]


def test_a_test_run_checks_and_saves_nothing(sap: Sap) -> None:
    answer = sap.order(item(), TESTRUN="X", commit=False)
    assert answer["SALESDOCUMENT"] == ""
    assert refusals(answer["RETURN"]) == []
    sap.commit()
    assert sap.table("VBAK", "VBELN") == []


def test_keys_are_german_unless_conversion_is_asked_for(face: RfcFace, sap: Sap) -> None:
    english = order(item(), doc_type="OR")
    english["ORDER_PARTNERS"][0]["PARTN_ROLE"] = "SP"
    function = "BAPI_SALESORDER_CREATEFROMDAT2"
    refused = sap.call(function, **english)
    assert messages(refused["RETURN"]) == ["E 00 398", "E 00 398", "E V4 219"]
    assert messages(sap.call(function, **english, CONVERT="X")["RETURN"]) == SAVED
    with face.connect(**{**LOGON, "lang": "DE"}) as german:
        assert german.call(function, **english, CONVERT="X")["SALESDOCUMENT"] == ""
        assert german.call(function, **order(item()), CONVERT="X")["SALESDOCUMENT"] != ""


def test_a_system_may_take_english_keys_without_conversion(face: RfcFace, sap: Sap) -> None:
    face.settings.external_keys_need_convert = False
    english = order(item(), doc_type="OR")
    english["ORDER_PARTNERS"][0]["PARTN_ROLE"] = "SP"
    answer = sap.call("BAPI_SALESORDER_CREATEFROMDAT2", **english)
    assert messages(answer["RETURN"]) == SAVED


def test_a_function_creates_its_own_kind_of_document_only(sap: Sap) -> None:
    wrong = sap.call(
        "BAPI_INQUIRY_CREATEFROMDATA2", **order(item(), prefix="INQUIRY", doc_type="TA")
    )
    assert messages(wrong["RETURN"]) == ["E 00 398", "E V4 219"]
    right = sap.call(
        "BAPI_INQUIRY_CREATEFROMDATA2", **order(item(), prefix="INQUIRY", doc_type="AF")
    )
    assert right["SALESDOCUMENT"] == "0010000001"


def test_a_memo_request_has_a_target_quantity(sap: Sap) -> None:
    parameters = order(item(), doc_type="G2")
    parameters["ORDER_SCHEDULES_IN"] = []
    parameters["ORDER_ITEMS_IN"][0] |= {"TARGET_QTY": Decimal(2), "TARGET_QU": "ST"}
    answer = sap.call("BAPI_SALESORDER_CREATEFROMDAT2", **parameters)
    assert refusals(answer["RETURN"]) == []
    sap.commit()
    (row,) = read(sap, answer["SALESDOCUMENT"])["ORDER_ITEMS_OUT"]
    assert (row["TARGET_QTY"], row["TARGET_QU"], row["REQ_QTY"]) == (2, "ST", 0)


def test_a_return_has_its_own_function(sap: Sap) -> None:
    answer = sap.call("BAPI_CUSTOMERRETURN_CREATE", **order(item(), prefix="RETURN", doc_type="RE"))
    assert refusals(answer["RETURN"]) == []
    sap.commit()
    (header,) = read(sap, answer["SALESDOCUMENT"])["ORDER_HEADERS_OUT"]
    assert (header["SD_DOC_CAT"], header["BILL_BLOCK"]) == ("H", "08")


def test_units_may_come_as_iso_codes(sap: Sap) -> None:
    number = sap.number(item(S_UNIT_ISO="PCE"))
    assert read(sap, number)["ORDER_ITEMS_OUT"][0]["SALES_UNIT"] == "ST"


def test_a_quantity_that_is_no_number_is_a_short_dump(sap: Sap) -> None:
    with pytest.raises(ABAPRuntimeError) as caught:
        sap.order(item(quantity="NaN"), commit=False)
    assert (caught.value.code, caught.value.key) == (3, "BCD_BADDATA")


def test_get_status_tells_per_item_what_was_delivered(sap: Sap) -> None:
    number = sap.number(item(quantity="5"), item(20, quantity="1"), PURCH_NO_C="EXT-1")
    delivery = sap.deliver(number, "000010", "2")
    answer = sap.call("BAPI_SALESORDER_GETSTATUS", SALESDOCUMENT=number)
    assert answer["RETURN"]["TYPE"] == ""
    rows = [
        (row["ITM_NUMBER"], row["DELIV_NUMB"], row["DLV_QTY"], row["DLV_STAT_I"])
        for row in answer["STATUSINFO"]
    ]
    assert rows == [("000010", delivery, 2, "B"), ("000020", "", 0, "A")]


def test_get_status_answers_in_a_structure(sap: Sap) -> None:
    answer = sap.call("BAPI_SALESORDER_GETSTATUS", SALESDOCUMENT="0000009999")
    assert (answer["RETURN"]["TYPE"], answer["RETURN"]["CODE"]) == ("E", "00398")


def test_the_orders_of_a_customer_are_listed_by_reference(sap: Sap) -> None:
    wanted = sap.number(item(), PURCH_NO_C="EXT-1")
    sap.number(item(), PURCH_NO_C="EXT-2")
    rows = sap.call(
        "BAPI_SALESORDER_GETLIST",
        CUSTOMER_NUMBER="C-100",
        SALES_ORGANIZATION="1000",
        PURCHASE_ORDER_NUMBER="EXT-1",
    )["SALES_ORDERS"]
    assert [row["SD_DOC"] for row in rows] == [wanted]
