"""RFC_READ_TABLE: text of fixed width, stored amounts, classic exceptions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.rfc.dictionary import FieldType
from connector.simulator.rfc.exceptions import ABAPApplicationError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.handlers.read_table import TABLES
from connector.simulator.rfc.settings import FaceSettings
from connector.simulator.rfc.tables.layout import layout, shown
from tests.simulator.rfc.conftest import LOGON
from tests.simulator.rfc.support import Sap, item


def raw(sap: Sap, table: str, fields: str = "", **more: Any) -> dict[str, Any]:
    names = [{"FIELDNAME": field} for field in fields.split()]
    return sap.call("RFC_READ_TABLE", QUERY_TABLE=table, FIELDS=names, **more)


@pytest.fixture
def s4(erp: SimulatedErp) -> Iterator[Sap]:
    """The same ERP, seen as S/4HANA."""
    face = RfcFace(erp, FaceSettings(profile="s4"))
    with face.connect(**LOGON) as line:
        yield Sap(line)


def test_columns_lie_where_fields_says(sap: Sap) -> None:
    number = sap.number(item(quantity="3"), PURCH_NO_C="EXT-1")
    answer = raw(sap, "VBAP", "VBELN POSNR KWMENG NETWR ERDAT")
    described = [
        (row["FIELDNAME"], row["OFFSET"], row["LENGTH"], row["TYPE"]) for row in answer["FIELDS"]
    ]
    assert described == [
        ("VBELN", "000000", "000010", "C"),
        ("POSNR", "000010", "000006", "N"),
        ("KWMENG", "000016", "000015", "P"),
        ("NETWR", "000031", "000015", "P"),
        ("ERDAT", "000046", "000008", "D"),
    ]
    (row,) = answer["DATA"]
    assert row["WA"] == f"{number}000010         3.000         300.00 20260102"


def test_a_delimiter_stands_between_columns(sap: Sap) -> None:
    sap.number(item(), PURCH_NO_C="EXT-1")
    answer = raw(sap, "VBKD", "VBELN BSTKD POSNR", DELIMITER=";")
    assert answer["DATA"][0]["WA"] == f"0000000001;{'EXT-1':35};000000"
    assert [row["OFFSET"] for row in answer["FIELDS"]] == ["000000", "000011", "000047"]


def test_amounts_are_stored_by_the_currencys_decimals(sap: Sap) -> None:
    sap.number(
        item(material="JPY-01", quantity="2", SHORT_TEXT="x"),
        customer="JP-400",
        SALES_ORG="2000",
        ORDER_CONDITIONS_IN=[
            {
                "ITM_NUMBER": "000010",
                "COND_TYPE": "PMP0",
                "COND_VALUE": Decimal(1234),
                "CURRENCY": "JPY",
            }
        ],
    )
    assert sap.table("VBAK", "NETWR WAERK") == [["24.68", "JPY"]]
    assert sap.table("TCURX", "CURRKEY CURRDEC", "CURRKEY IN ('JPY', 'KWD')") in (
        [["JPY", "0"], ["KWD", "3"]],
        [["KWD", "3"], ["JPY", "0"]],
    )


def test_a_negative_number_has_its_sign_behind() -> None:
    assert shown(FieldType("CURR", 13, 2), Decimal("-12.50")) == "       12.50-"
    assert shown(FieldType("DEC", 5, 2), Decimal("1234.56")) == "*.56 "


def test_all_columns_are_read_where_they_fit(sap: Sap) -> None:
    answer = raw(sap, "T001")
    assert [row["FIELDNAME"] for row in answer["FIELDS"]][:3] == ["MANDT", "BUKRS", "BUTXT"]
    assert answer["DATA"][0]["WA"].startswith("1001000")


def test_columns_wider_than_a_row_are_refused_whatever_the_rows(sap: Sap) -> None:
    with pytest.raises(ABAPApplicationError) as caught:
        raw(sap, "KNA1", "NAME1 " * 15)
    error = caught.value
    assert (error.code, error.key, error.message) == (5, "DATA_BUFFER_EXCEEDED", " Number:000")
    assert (error.msg_class, error.msg_type, error.msg_number) == ("", "", "000")


def test_a_table_that_is_not_there_is_a_classic_exception(sap: Sap) -> None:
    with pytest.raises(ABAPApplicationError) as caught:
        raw(sap, "ZNONE")
    error = caught.value
    assert (error.key, error.msg_class, error.msg_number) == ("TABLE_NOT_AVAILABLE", "SV", "029")
    assert error.message == "ID:SV Type:E Number:029 ZNONE"


def test_an_unknown_column_is_a_classic_exception(sap: Sap) -> None:
    with pytest.raises(ABAPApplicationError) as caught:
        raw(sap, "VBAK", "VBELX")
    assert (caught.value.key, caught.value.msg_v1) == ("FIELD_NOT_VALID", "VBELX")


def test_a_wrong_selection_is_a_classic_exception(sap: Sap) -> None:
    with pytest.raises(ABAPApplicationError) as caught:
        sap.table("VBAK", "VBELN", "VBELN='1'")
    error = caught.value
    assert (error.code, error.key, error.msg_class) == (5, "OPTION_NOT_VALID", "SAIS")
    with pytest.raises(ABAPApplicationError, match="OPTION_NOT_VALID"):
        sap.table("VBAP", "VBELN", "POSNR = 'ABC'")
    with pytest.raises(ABAPApplicationError, match="OPTION_NOT_VALID"):
        sap.table("VBAK", "VBELN", "ERDAT >= '2026-01-01'")
    assert sap.table("VBAK", "VBELN", "ERDAT >= '20260230'") == [], "no date, but eight digits"


def test_a_classic_exception_leaves_the_unit_of_work_alone(sap: Sap) -> None:
    number = sap.order(item(), commit=False)["SALESDOCUMENT"]
    with pytest.raises(ABAPApplicationError):
        raw(sap, "ZNONE")
    sap.commit()
    assert sap.table("VBAK", "VBELN") == [[number]]


def test_rows_can_be_skipped_and_counted(sap: Sap) -> None:
    numbers = [sap.number(item()) for _ in range(4)]
    assert sap.table("VBAK", "VBELN", ROWCOUNT=2) == [[number] for number in numbers[:2]]
    assert sap.table("VBAK", "VBELN", ROWSKIPS=3) == [[numbers[3]]]
    assert raw(sap, "VBAK", "VBELN", NO_DATA="X")["DATA"] == []


def test_documents_are_found_by_reference_customer_and_date(sap: Sap, erp: SimulatedErp) -> None:
    first = sap.number(item(), PURCH_NO_C="EXT-1")
    erp.advance(timedelta(days=3))
    second = sap.number(item(), PURCH_NO_C="A reference beyond 20 characters")
    assert sap.table("VBKD", "VBELN", "BSTKD = 'EXT-1' AND POSNR = '000000'") == [[first]]
    assert sap.table("VBAK", "VBELN", "BSTNK = 'EXT-1'") == [[first]]
    assert sap.table("VBAK", "VBELN", "BSTNK = 'A reference beyond 2'") == [[second]]
    assert sap.table("VBAK", "VBELN", "BSTNK LIKE 'EXT%'") == [[first]]
    assert sap.table("VBAK", "VBELN", "KUNNR = 'C-100' AND ERDAT > '20260102'") == [[second]]
    assert sap.table("VBAK", "VBELN", "ERDAT BETWEEN '20260105' AND '20260105'") == [[second]]
    assert sap.table("VBAK", "VBELN", "ERDAT >= '20260106'") == []


def test_a_delivery_is_found_by_its_order_and_an_invoice_by_its_delivery(sap: Sap) -> None:
    number = sap.number(item(quantity="2"))
    delivery = sap.deliver(number)
    sap.issue(delivery)
    invoice = sap.bill(delivery)["SUCCESS"][0]["BILL_DOC"]
    assert sap.table("LIPS", "VBELN VGPOS LFIMG", f"VGBEL = '{number}'") == [
        [delivery, "000010", "2.000"]
    ]
    assert sap.table("VBRP", "VBELN AUBEL NETWR", f"VGBEL = '{delivery}'") == [
        [invoice, number, "200.00"]
    ]
    assert sap.table("VBRP", "VBELN", f"AUBEL = '{number}'") == [[invoice]]
    assert sap.table("VBFA", "VBELN VBTYP_N RFMNG PLMIN", f"VBELV = '{number}'") == [
        [delivery, "J", "2.000", "+"]
    ]
    assert sap.table("VBFA", "VBELV VBTYP_V", f"VBELN = '{invoice}'") == [[delivery, "J"]]
    assert len(sap.table("VBFA", "VBELV", "ERDAT >= '20260101'")) == 3
    assert sap.table("BKPF", "BELNR AWTYP", f"AWTYP = 'VBRK' AND AWKEY = '{invoice}'") == [
        [invoice, "VBRK"]
    ]
    assert sap.table("BSID", "BELNR WRBTR VBELN", "BUKRS = '1000' AND KUNNR = 'C-100'") == [
        [invoice, "238.00", invoice]
    ]
    assert sap.table("BSID", "BELNR") == [[invoice]]
    assert sap.table("BSAD", "BELNR") == []
    assert sap.table("FAGLFLEXA", "RACCT HSL DRCRK", "RBUKRS = '1000' AND RACCT = '140000'") == [
        ["140000", "238.00", "S"]
    ]


def test_status_lies_in_its_own_tables_before_s4(sap: Sap) -> None:
    number = sap.number(item())
    delivery = sap.deliver(number)
    assert sap.table("VBUK", "VBELN LFSTK WBSTK GBSTK VBTYP") == [
        [number, "C", "", "C", "C"],
        [delivery, "", "A", "A", "J"],
    ]
    assert sap.table("VBUP", "VBELN LFSTA WBSTA", f"VBELN = '{delivery}'") == [[delivery, "", "A"]]
    with pytest.raises(ABAPApplicationError, match="FIELD_NOT_VALID"):
        sap.table("VBAK", "GBSTK")


def test_status_lies_in_the_documents_in_s4(sap: Sap, s4: Sap) -> None:
    number = sap.number(item())
    delivery = sap.deliver(number)
    assert s4.table("VBUK", "VBELN") == []
    assert s4.table("VBUP", "VBELN") == []
    assert s4.table("VBAK", "LFSTK GBSTK CMGST") == [["C", "C", ""]]
    assert s4.table("VBAP", "LFSTA GBSTA") == [["C", "C"]]
    assert s4.table("LIKP", "VBELN WBSTK FKSTK") == [[delivery, "A", "A"]]
    assert s4.table("LIPS", "KOSTA WBSTA") == [["A", "A"]]
    wide = {row["FIELDNAME"]: row["LENGTH"] for row in raw(s4, "VBFA", "VBTYP_N MATNR")["FIELDS"]}
    assert wide == {"VBTYP_N": "000004", "MATNR": "000040"}
    assert len(s4.table("VBFA", "RUUID")[0][0]) == 32


def test_the_date_of_a_status_change_moves_with_followers(sap: Sap, erp: SimulatedErp) -> None:
    number = sap.number(item())
    erp.advance(timedelta(days=2))
    sap.deliver(number)
    assert sap.table("VBUK", "AEDAT", f"VBELN = '{number}'") == [["20260104"]]
    assert sap.table("VBAK", "AEDAT ERDAT", f"VBELN = '{number}'") == [["00000000", "20260102"]]
    assert sap.table("VBUK", "VBELN", "AEDAT >= '20260103' AND VBTYP = 'C'") == [[number]]


def test_dates_of_entry_are_those_where_the_erp_is(sap: Sap, erp: SimulatedErp) -> None:
    """Half past eleven in the evening UTC is the next day in Berlin."""
    erp.advance(timedelta(hours=15, minutes=30))
    number = sap.number(item())
    assert sap.table("VBAK", "ERDAT ERZET", "ERDAT >= '20260103'") == [["20260103", "003000"]]
    row = sap.call(
        "BAPISDORDER_GETDETAILEDLIST",
        I_BAPI_VIEW={"HEADER": "X"},
        SALES_DOCUMENTS=[{"VBELN": number}],
    )["ORDER_HEADERS_OUT"][0]
    assert (row["REC_DATE"], row["REC_TIME"]) == ("20260103", "003000")


def test_master_data_is_read_by_key(sap: Sap) -> None:
    assert sap.table("KNA1", "NAME1 LAND1", "KUNNR = 'C-100'") == [
        ["Worked Case Customer GmbH", "DE"]
    ]
    assert sap.table("KNB1", "AKONT", "KUNNR = 'C-100' AND BUKRS = '1000'") == [["140000"]]
    assert sap.table("MARA", "MEINS MTART", "MATNR = 'M-01'") == [["ST", "HAWA"]]
    assert sap.table("MARM", "MEINH UMREZ UMREN", "MATNR = 'M-01'") == [["ST", "1", "1"]]
    assert sap.table("T052", "ZTAG1 ZPRZ1 ZTAG3", "ZTERM = 'Z214'") == [["14", "2.000", "30"]]
    roles = sap.table("KNVP", "PARVW KUNN2", "KUNNR = '0000001007' AND VKORG = '1000'")
    assert ["RG", "0000001008"] in roles
    assert ["WE", "0000001007"] in roles
    assert sap.table("KNVV", "ZTERM WAERS", "KUNNR = 'C-100'") == [["Z030", "EUR"]]
    assert sap.table("TVKO", "WAERS BUKRS", "VKORG = '1000'") == [["EUR", "1000"]]
    assert sap.table("T006", "ISOCODE", "MSEHI = 'ST'") == [["PCE"]]
    assert sap.table("MAKT", "MAKTX", "MATNR = 'M-01'") == [["Worked case article 1"]]


def test_partners_and_schedule_lines_have_their_tables(sap: Sap) -> None:
    number = sap.number(item(quantity="3"))
    assert sap.table("VBPA", "PARVW KUNNR LAND1", f"VBELN = '{number}' AND PARVW = 'RG'") == [
        ["RG", "C-100", "DE"]
    ]
    assert sap.table("VBPA", "VBELN", "KUNNR = 'C-100' AND PARVW = 'WE'") == [[number]]
    assert sap.table("VBEP", "ETENR WMENG BMENG", f"VBELN = '{number}'") == [
        ["0001", "3.000", "3.000"]
    ]


def test_every_table_has_a_layout_that_holds_its_columns(bare_face: RfcFace) -> None:
    folder = bare_face.dictionary.folder
    files = {path.stem for path in (folder / "tables").glob("*.json")}
    assert files == set(TABLES)
    for name, table in TABLES.items():
        wide = layout(folder, name, "s4")
        narrow = layout(folder, name, "ecc")
        assert wide is not None
        assert narrow is not None
        assert set(table.columns) <= set(wide.fields) | set(narrow.fields), name


def test_the_function_dictionary_can_be_read_from_end_to_end(bare_face: RfcFace) -> None:
    names = bare_face.dictionary.names()
    assert len(names) > 25
    for name in names:
        described = bare_face.dictionary.describe(name)
        assert json.loads(json.dumps(described))["function"]["function"] == name
