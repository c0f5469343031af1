"""From inquiry to cleared invoice over RFC: the worked case of one quotation, two deliveries."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import PaymentSpec
from tests.simulator.rfc.support import Sap, item, messages, order, refusals


def on(erp: SimulatedErp, day: str) -> None:
    assert isinstance(erp.clock, SimulatedClock)
    erp.clock.set(datetime.fromisoformat(f"{day}T08:00:00+00:00"))


def presales(sap: Sap, prefix: str, doc_type: str, **item_fields: Any) -> str:
    function = f"BAPI_{prefix}_CREATEFROMDATA2"
    answer = sap.call(
        function,
        **order(item(quantity="100", **item_fields), prefix=prefix, doc_type=doc_type),
    )
    assert refusals(answer["RETURN"]) == []
    sap.commit()
    return str(answer["SALESDOCUMENT"])


def reference(number: str, category: str) -> dict[str, Any]:
    return {"REF_DOC": number, "REF_DOC_IT": "000010", "REF_DOC_CA": category}


@pytest.fixture
def chain(erp: SimulatedErp, sap: Sap) -> dict[str, str]:
    """The documents of the case, by name."""
    inquiry = presales(sap, "INQUIRY", "AF")
    on(erp, "2026-01-03")
    quotation = presales(sap, "QUOTATION", "AG", **reference(inquiry, "A"))
    on(erp, "2026-01-05")
    sales_order = sap.number(
        item(quantity="100", **reference(quotation, "B")), PURCH_NO_C="EXT-1001", PMNTTRMS="Z214"
    )
    on(erp, "2026-01-09")
    first = sap.deliver(sales_order, "000010", "60")
    on(erp, "2026-01-12")
    sap.issue(first)
    on(erp, "2026-01-13")
    second = sap.deliver(sales_order, "000010", "40")
    on(erp, "2026-01-14")
    sap.issue(second)
    on(erp, "2026-01-15")
    invoice = sap.bill(first, second)["SUCCESS"][0]["BILL_DOC"]
    return {
        "inquiry": inquiry,
        "quotation": quotation,
        "order": sales_order,
        "first": first,
        "second": second,
        "invoice": invoice,
    }


def test_the_documents_have_their_numbers(chain: dict[str, str]) -> None:
    assert chain == {
        "inquiry": "0010000001",
        "quotation": "0020000001",
        "order": "0000000001",
        "first": "0080000001",
        "second": "0080000002",
        "invoice": "0090000001",
    }


def test_the_flow_links_item_to_item(sap: Sap, chain: dict[str, str]) -> None:
    rows = sap.call(
        "BAPISDORDER_GETDETAILEDLIST",
        I_BAPI_VIEW={"FLOW": "X"},
        SALES_DOCUMENTS=[{"VBELN": chain["inquiry"]}],
    )["ORDER_FLOWS_OUT"]
    links = [
        (row["PRECSDDOC"], row["SUBSSDDOC"], row["DOCCATEGOR"], int(row["REF_QTY"])) for row in rows
    ]
    assert links == [
        ("0010000001", "0020000001", "B", 100),
        ("0020000001", "0000000001", "C", 100),
        ("0000000001", "0080000001", "J", 60),
        ("0000000001", "0080000002", "J", 40),
        ("0080000001", "4900000001", "R", 60),
        ("0080000001", "0090000001", "M", 60),
        ("0080000002", "4900000002", "R", 40),
        ("0080000002", "0090000001", "M", 40),
    ]
    assert [row["LEVELFLOWR"] for row in rows] == ["00", "01", "02", "02", "03", "03", "03", "03"]


def test_the_invoice_is_an_open_item_until_it_is_paid(
    erp: SimulatedErp, sap: Sap, chain: dict[str, str]
) -> None:
    on(erp, "2026-01-28")
    items = open_items(sap)
    assert [(row["DOC_NO"], str(row["AMT_DOCCUR"]), row["DB_CR_IND"]) for row in items] == [
        (chain["invoice"], "11900.0000", "S")
    ]
    assert (items[0]["BLINE_DATE"], str(items[0]["DSCT_DAYS1"])) == ("20260115", "14")
    assert items[0]["ALLOC_NMBR"] == "EXT-1001"
    answer = sap.call(
        "Z_SD_CONNECTOR_POST_CLEAR",
        COMP_CODE="1000",
        DOC_DATE="20260128",
        PSTNG_DATE="20260128",
        REF_DOC_NO="PAY-1",
        CUSTOMER="C-100",
        CURRENCY="EUR",
        AMOUNT=Decimal("11662.00"),
        GL_ACCOUNT="0000113100",
        ITEMS=[
            {
                "DOC_NO": chain["invoice"],
                "FISC_YEAR": "2026",
                "ITEM_NUM": "001",
                "DISCOUNT": Decimal("238.00"),
            }
        ],
    )
    assert messages(answer["RETURN"]) == ["S RW 605"]
    assert (answer["DOC_NO"], answer["FISC_YEAR"]) == ("1400000001", "2026")
    assert answer["CLEARED_NUM"] == 1
    assert len(open_items(sap)) == 1, "nothing is posted before the commit"
    sap.commit()
    assert open_items(sap) == []
    cleared = sap.table("BSAD", "BELNR AUGBL AUGDT WRBTR", "BUKRS = '1000' AND KUNNR = 'C-100'")
    assert [chain["invoice"].lstrip("0"), "1400000001", "20260128", "11900.00"] in [
        [row[0].lstrip("0"), *row[1:]] for row in cleared
    ]
    lines = sap.table("BSEG", "HKONT SHKZG WRBTR", "BUKRS = '1000' AND BELNR = '1400000001'")
    assert sorted(map(tuple, lines)) == [
        ("113100", "S", "11662.00"),
        ("140000", "H", "11900.00"),
        ("175000", "S", "38.00"),
        ("880000", "S", "200.00"),
    ]


def test_a_payment_that_does_not_fit_is_refused_unless_told_what_to_do(
    sap: Sap, chain: dict[str, str]
) -> None:
    payment: dict[str, Any] = {
        "COMP_CODE": "1000",
        "DOC_DATE": "20260115",
        "PSTNG_DATE": "20260115",
        "REF_DOC_NO": "PAY-2",
        "CUSTOMER": "C-100",
        "CURRENCY": "EUR",
        "AMOUNT": Decimal("11000"),
        "ITEMS": [{"DOC_NO": chain["invoice"]}],
    }
    refused = sap.call("Z_SD_CONNECTOR_POST_CLEAR", **payment)
    assert refusals(refused["RETURN"]) != []
    assert refused["DOC_NO"] == ""
    posted = sap.call("Z_SD_CONNECTOR_POST_CLEAR", **payment, DIFFERENCE="R")
    assert refusals(posted["RETURN"]) == []
    sap.commit()
    assert [str(row["AMT_DOCCUR"]) for row in open_items(sap)] == ["900.0000"]


def open_items(sap: Sap) -> list[dict[str, Any]]:
    answer = sap.call("BAPI_AR_ACC_GETOPENITEMS", COMPANYCODE="1000", CUSTOMER="C-100")
    assert answer["RETURN"]["TYPE"] == ""
    rows: list[dict[str, Any]] = answer["LINEITEMS"]
    return rows


def test_a_number_alone_means_the_documents_of_all_years(erp: SimulatedErp, sap: Sap) -> None:
    for day in ("2026-12-30", "2027-01-04"):
        on(erp, day)
        with erp.session("x") as session:
            payment = PaymentSpec("1000", "C-100", Decimal(10), "EUR")
            session.post_incoming_payment_with_clearing(payment)
            session.commit()

    documents = "BUKRS = '1000' AND BELNR = '1400000001'"
    assert sap.table("BKPF", "GJAHR", documents) == [["2026"], ["2027"]]
    assert sap.table("BSID", "GJAHR", documents) == [["2026"], ["2027"]]
    assert sap.table("BKPF", "GJAHR", f"{documents} AND GJAHR = '2026'") == [["2026"]]
    ledger = "RLDNR = '0L' AND RBUKRS = '1000' AND DOCNR = '1400000001'"
    assert {year for [year] in sap.table("FAGLFLEXA", "GJAHR", ledger)} == {"2026", "2027"}
