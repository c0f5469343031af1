"""Posting accounting documents over RFC, and the items they leave open."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.rfc.exceptions import ABAPApplicationError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.settings import FaceSettings
from tests.simulator.rfc.conftest import LOGON
from tests.simulator.rfc.support import Sap, messages


def document(**changes: Any) -> dict[str, Any]:
    """A payment on account: bank to customer, 119.00."""
    parameters: dict[str, Any] = {
        "DOCUMENTHEADER": {
            "COMP_CODE": "1000",
            "DOC_TYPE": "DZ",
            "DOC_DATE": "20260102",
            "PSTNG_DATE": "20260102",
            "REF_DOC_NO": "PAY-7",
            "USERNAME": "TESTER",
        },
        "ACCOUNTGL": [
            {"ITEMNO_ACC": "0000000001", "GL_ACCOUNT": "0000113100", "VALUE_DATE": "20260103"}
        ],
        "ACCOUNTRECEIVABLE": [
            {"ITEMNO_ACC": "0000000002", "CUSTOMER": "C-100", "ALLOC_NMBR": "EXT-1"}
        ],
        "CURRENCYAMOUNT": [
            amount(1, "119.00"),
            amount(2, "-119.00"),
        ],
    }
    return {**parameters, **changes}


def amount(number: int, value: str, **more: Any) -> dict[str, Any]:
    row = {"ITEMNO_ACC": f"{number:010}", "CURRENCY": "EUR", "AMT_DOCCUR": Decimal(value)}
    return {**row, **more}


def post(sap: Sap, **changes: Any) -> dict[str, Any]:
    return sap.call("BAPI_ACC_DOCUMENT_POST", **document(**changes))


def test_a_balanced_document_is_posted_and_named_by_its_key(sap: Sap) -> None:
    answer = post(sap)
    assert messages(answer["RETURN"]) == ["S RW 605"]
    assert answer["OBJ_TYPE"] == "BKPFF"
    assert answer["OBJ_KEY"] == "140000000110002026"
    sap.commit()
    assert sap.table("BKPF", "BELNR XBLNR AWTYP AWKEY", "XBLNR = 'PAY-7'") == [
        ["1400000001", "PAY-7", "BKPFF", "140000000110002026"]
    ]
    rows = sap.table("BSEG", "BUZEI KOART HKONT SHKZG WRBTR VALUT", "BELNR = '1400000001'")
    assert rows == [
        ["001", "S", "113100", "S", "119.00", "20260103"],
        ["002", "D", "140000", "H", "119.00", "00000000"],
    ]


def test_it_is_an_open_item_of_the_customer(sap: Sap) -> None:
    post(sap)
    sap.commit()
    answer = sap.call(
        "BAPI_AR_ACC_GETOPENITEMS", COMPANYCODE="1000", CUSTOMER="C-100", KEYDATE="20260102"
    )
    (row,) = answer["LINEITEMS"]
    assert (row["DOC_NO"], row["ITEM_NUM"], row["DOC_TYPE"]) == ("1400000001", "002", "DZ")
    assert (row["AMT_DOCCUR"], row["DB_CR_IND"], row["ALLOC_NMBR"]) == (119, "H", "EXT-1")
    before = sap.call(
        "BAPI_AR_ACC_GETOPENITEMS", COMPANYCODE="1000", CUSTOMER="C-100", KEYDATE="20260101"
    )
    assert before["LINEITEMS"] == []


def test_a_check_posts_nothing(sap: Sap) -> None:
    answer = sap.call("BAPI_ACC_DOCUMENT_CHECK", **document())
    assert messages(answer["RETURN"]) == ["S RW 614"]
    sap.commit()
    assert sap.table("BKPF", "BELNR") == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"CURRENCYAMOUNT": [amount(1, "119.00"), amount(2, "-118.00")]}, "E F5 702"),
        ({"CURRENCYAMOUNT": [amount(1, "119.00")]}, "E RW 021"),
        (
            {"ACCOUNTRECEIVABLE": [{"ITEMNO_ACC": "0000000002", "CUSTOMER": "C-999"}]},
            "E F5 102",
        ),
        ({"ACCOUNTPAYABLE": [{"ITEMNO_ACC": "0000000003", "VENDOR_NO": "V1"}]}, "E F5 104"),
        (
            {"CURRENCYAMOUNT": [amount(1, "119"), amount(2, "-119", CURRENCY="USD")]},
            "E 00 398",
        ),
        (
            {"ACCOUNTRECEIVABLE": [{"ITEMNO_ACC": "0000000001", "CUSTOMER": "C-100"}]},
            "E 00 398",
        ),
    ],
)
def test_a_refusal_begins_with_a_header_row(
    sap: Sap, changes: dict[str, Any], problem: str
) -> None:
    answer = post(sap, **changes)
    rows = messages(answer["RETURN"])
    assert rows[0] == "E RW 609"
    assert problem in rows[1:]
    assert answer["OBJ_KEY"] == ""


def test_a_tax_line_finds_its_account(sap: Sap) -> None:
    answer = post(
        sap,
        DOCUMENTHEADER={
            "COMP_CODE": "1000",
            "DOC_TYPE": "DR",
            "DOC_DATE": "20260102",
            "PSTNG_DATE": "20260102",
        },
        ACCOUNTRECEIVABLE=[{"ITEMNO_ACC": "0000000001", "CUSTOMER": "C-100"}],
        ACCOUNTGL=[{"ITEMNO_ACC": "0000000002", "GL_ACCOUNT": "800000", "TAX_CODE": "A1"}],
        ACCOUNTTAX=[{"ITEMNO_ACC": "0000000003", "TAX_CODE": "A1"}],
        CURRENCYAMOUNT=[
            amount(1, "119.00"),
            amount(2, "-100.00"),
            amount(3, "-19.00", AMT_BASE=Decimal("-100.00")),
        ],
    )
    assert messages(answer["RETURN"]) == ["S RW 605"]
    sap.commit()
    rows = sap.table("BSEG", "HKONT SHKZG WRBTR MWSKZ FWBAS", "BUKRS = '1000'")
    assert rows[-1] == ["175000", "H", "19.00", "A1", "100.00"]


@pytest.mark.parametrize(("company", "customer"), [("9999", "C-100"), ("1000", "C-999")])
def test_open_items_of_nobody_are_an_error_in_the_structure(
    sap: Sap, company: str, customer: str
) -> None:
    answer = sap.call("BAPI_AR_ACC_GETOPENITEMS", COMPANYCODE=company, CUSTOMER=customer)
    assert answer["RETURN"]["TYPE"] == "E"
    assert answer["LINEITEMS"] == []


def test_the_clearing_function_takes_its_name_from_the_settings(erp: SimulatedErp) -> None:
    face = RfcFace(erp, FaceSettings(clearing_function="Z_FI_PAY"))
    with face.connect(**LOGON) as line:
        answer = line.call("Z_FI_PAY", COMP_CODE="1000", DIFFERENCE="?")
        assert messages(answer["RETURN"]) == ["E 00 398"]
        with pytest.raises(ABAPApplicationError, match="046 Z_SD_CONNECTOR_POST_CLEAR"):
            line.call("Z_SD_CONNECTOR_POST_CLEAR")
