"""Simulating an order: the same prices and dates as saving it, and nothing saved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.simulator.rfc.support import Sap, messages


def simulate(sap: Sap, *items: dict[str, Any], **header: Any) -> dict[str, Any]:
    doc = {"DOC_TYPE": "TA", "SALES_ORG": "1000", "DISTR_CHAN": "20", "DIVISION": "00"}
    convert = header.pop("CONVERT_PARVW_AUART", "")
    return sap.call(
        "BAPI_SALESORDER_SIMULATE",
        ORDER_HEADER_IN={**doc, **header},
        ORDER_ITEMS_IN=list(items),
        ORDER_PARTNERS=[{"PARTN_ROLE": "AG", "PARTN_NUMB": header.pop("customer", "C-100")}],
        CONVERT_PARVW_AUART=convert,
    )


def line(quantity: str, **more: Any) -> dict[str, Any]:
    return {"ITM_NUMBER": "000010", "MATERIAL": "M-01", "REQ_QTY": quantity, **more}


def test_quantities_have_three_implied_decimals(sap: Sap) -> None:
    answer = simulate(sap, line("3000"), REQ_DATE_H="20260120")
    (row,) = answer["ORDER_ITEMS_OUT"]
    assert (row["REQ_QTY"], row["NET_VALUE1"], row["TX_DOC_CUR"]) == (3, 300, 57)
    assert row["NET_VALUE"] == "000000000030000"
    assert row["QTY_REQ_DT"] == "0000000003000"
    assert answer["RETURN"]["TYPE"] == ""
    assert answer["SOLD_TO_PARTY"]["NAME"] == "Worked Case Customer GmbH"
    assert answer["BILLING_PARTY"]["PAYER"] == "C-100"


def test_conditions_come_in_four_places(sap: Sap) -> None:
    answer = simulate(
        sap,
        line(
            "1000",
            COND_TYPE="PMP0",
            COND_VAL1=Decimal("80"),
            CURRENCY="EUR",
            COND_P_UNT="1",
            COND_D_UNT="ST",
            CD_TYPE2="RA00",
            CD_VALUE2=Decimal("10"),
        ),
        CD_TYPE1="HD00",
        CD_VALUE1=Decimal("5"),
        CD_CURR1="EUR",
    )
    values = {row["COND_TYPE"]: row["CONDVALUE"] for row in answer["ORDER_CONDITION_EX"]}
    assert (values["PMP0"], values["RA00"], values["HD00"]) == (80, -8, 5)
    assert answer["ORDER_ITEMS_OUT"][0]["NET_VALUE1"] == 77


def test_the_old_amount_field_is_stored_by_the_currencys_decimals(sap: Sap) -> None:
    """1.00 in a CURR field is 100 yen."""
    answer = sap.call(
        "BAPI_SALESORDER_SIMULATE",
        ORDER_HEADER_IN={
            "DOC_TYPE": "TA",
            "SALES_ORG": "2000",
            "DISTR_CHAN": "20",
            "DIVISION": "00",
        },
        ORDER_ITEMS_IN=[
            {
                "ITM_NUMBER": "000010",
                "MATERIAL": "JPY-01",
                "REQ_QTY": "2000",
                "COND_TYPE": "PMP0",
                "COND_VALUE": Decimal("1.00"),
                "CURRENCY": "JPY",
            }
        ],
        ORDER_PARTNERS=[{"PARTN_ROLE": "AG", "PARTN_NUMB": "JP-400"}],
    )
    (row,) = answer["ORDER_ITEMS_OUT"]
    assert (row["NET_VALUE1"], row["NET_VALUE"]) == (200, "000000000000200")


def test_a_shortage_shows_in_the_schedule(sap: Sap) -> None:
    answer = simulate(sap, line("600000"))
    confirmed = [row["CONFIR_QTY"] for row in answer["ORDER_SCHEDULE_EX"]]
    assert sum(confirmed) == 500


def test_an_error_stands_in_the_structure_and_in_the_table(sap: Sap) -> None:
    answer = simulate(sap, line("1000", MATERIAL="NO-SUCH"))
    assert (answer["RETURN"]["TYPE"], answer["RETURN"]["CODE"]) == ("E", "V1382")
    assert "E V1 382" in messages(answer["MESSAGETABLE"])
    assert answer["ORDER_ITEMS_OUT"] == []


def test_an_unknown_type_or_role_is_refused(sap: Sap) -> None:
    assert simulate(sap, line("1000"), DOC_TYPE="OR")["RETURN"]["TYPE"] == "E"
    convert = {"DOC_TYPE": "OR", "CONVERT_PARVW_AUART": "X"}
    assert simulate(sap, line("1000"), **convert)["RETURN"]["TYPE"] == "E", "AG is not English"


def test_nothing_is_saved(sap: Sap) -> None:
    simulate(sap, line("1000"))
    sap.commit()
    assert sap.table("VBAK", "VBELN") == []
