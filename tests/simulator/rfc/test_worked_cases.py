"""
The worked cases over RFC, with exactly their figures, and what must hold after each of them.

C01 is in `test_chain.py`, C16 in `test_billing_plans.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from tests.simulator.rfc.support import Sap, item, messages, order, refusals

Journal = list[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def books(sap: Sap, erp: SimulatedErp) -> Iterator[None]:
    """Whatever a case does, in the end every document balances and the subledger agrees."""
    yield
    sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for company, number, year, side, amount in sap.table(
        "BSEG", "BUKRS BELNR GJAHR SHKZG DMBTR", "BUKRS <> ' '"
    ):
        sums[company, number, year] += Decimal(amount) if side == "S" else -Decimal(amount)
    assert sums and set(sums.values()) == {Decimal(0)}
    for company in erp.master_data.company_codes:
        receivables = sum(erp.ledger_balance(company, each) for each in ("140000", "170000"))
        items = sum((each.local_amount for each in erp.open_items(company)), Decimal(0))
        assert items == receivables
    for document in erp.sales_documents():
        for found in erp.sales_status(document.number).items.values():
            ordered = document.item(found.item_number)
            assert ordered is not None
            most = 1 + ordered.over_delivery_tolerance / 100
            assert found.billed_quantity <= ordered.quantity * most
            assert found.delivered_quantity <= ordered.quantity * most
    for (material, plant), view in erp.master_data.material_plants.items():
        stock = erp.stock(plant, material)
        assert stock is not None and stock.unrestricted >= 0
        if stock.unrestricted != view.opening_quantity and stock.price_control == "V":
            assert stock.value / stock.unrestricted == view.price / view.price_unit


def on(erp: SimulatedErp, day: str) -> None:
    assert isinstance(erp.clock, SimulatedClock)
    erp.clock.set(datetime.fromisoformat(f"{day}T08:00:00+00:00"))


def journal(sap: Sap, number: str, company: str = "1000") -> Journal:
    """Return account, side and stored amount of each line of an accounting document."""
    where = f"BUKRS = '{company}' AND BELNR = '{number}'"
    rows = sap.table("BSEG", "HKONT SHKZG WRBTR", where)
    return [(account, side, amount) for account, side, amount in rows]


def invoiced(sap: Sap, *items: dict[str, Any], **header: Any) -> str:
    """Order, deliver, issue and bill; return the invoice."""
    delivery = sap.deliver(sap.number(*items, **header))
    sap.issue(delivery)
    return str(sap.bill(delivery)["SUCCESS"][0]["BILL_DOC"])


def paid(sap: Sap, day: str, amount: str, *items: str, **more: Any) -> str:
    """Post a payment of C-100 with the customer's own function and return its number."""
    values = {
        "COMP_CODE": "1000",
        "DOC_DATE": day.replace("-", ""),
        "PSTNG_DATE": day.replace("-", ""),
        "REF_DOC_NO": f"BANK {day}",
        "CUSTOMER": "C-100",
        "CURRENCY": "EUR",
        "AMOUNT": Decimal(amount),
        "ITEMS": [{"DOC_NO": each} for each in items],
        **more,
    }
    answer = sap.call("Z_SD_CONNECTOR_POST_CLEAR", **values)
    assert refusals(answer["RETURN"]) == []
    sap.commit()
    return str(answer["DOC_NO"])


def open_amounts(
    sap: Sap, customer: str = "C-100", company: str = "1000", **more: Any
) -> list[str]:
    answer = sap.call("BAPI_AR_ACC_GETOPENITEMS", COMPANYCODE=company, CUSTOMER=customer, **more)
    sign = {"S": 1, "H": -1}
    return [
        str((row["AMT_DOCCUR"] * sign[row["DB_CR_IND"]]).quantize(Decimal("0.01")))
        for row in answer["LINEITEMS"]
    ]


def test_c02_the_customer_pays_what_it_ordered_and_not_what_it_got(
    sap: Sap, erp: SimulatedErp
) -> None:
    on(erp, "2026-02-03")
    number = sap.number(item(material="M-02", quantity="100"))
    too_much = sap.call(
        "BAPI_OUTB_DELIVERY_CREATE_SLS",
        SALES_ORDER_ITEMS=[{"REF_DOC": number, "REF_ITEM": "000010", "DLV_QTY": "106"}],
    )
    assert messages(too_much["RETURN"]) == ["E VL 363"]
    sap.call("BAPI_TRANSACTION_ROLLBACK")
    delivery = sap.deliver(number, "000010", "104")
    sap.issue(delivery)
    assert sap.table("VBUP", "LFSTA", f"VBELN = '{number}'") == [["C"]]
    assert journal(sap, "4900000001") == [("892000", "S", "1456.00"), ("792000", "H", "1456.00")]

    on(erp, "2026-02-04")
    invoice = sap.bill(delivery)["SUCCESS"][0]["BILL_DOC"]
    assert journal(sap, invoice) == [
        ("140000", "S", "3094.00"),
        ("800000", "H", "2600.00"),
        ("175000", "H", "494.00"),
    ]
    on(erp, "2026-03-01")
    payment = paid(sap, "2026-03-01", "2975.00", invoice, PARTIAL="X")
    assert journal(sap, payment) == [("113100", "S", "2975.00"), ("140000", "H", "2975.00")]
    assert sap.table("BSID", "REBZG ZFBDT", f"BUKRS = '1000' AND BELNR = '{payment}'") == [
        [invoice, "20260306"]
    ]
    assert open_amounts(sap) == ["3094.00", "-2975.00"]


def returned(sap: Sap, erp: SimulatedErp) -> tuple[str, str]:
    """Sell 10 and ask for 3 back with reference to the invoice; return invoice and return."""
    on(erp, "2026-02-09")
    delivery = sap.deliver(sap.number(item(material="M-03", quantity="10")))
    sap.issue(delivery)
    on(erp, "2026-02-10")
    invoice = sap.bill(delivery)["SUCCESS"][0]["BILL_DOC"]
    on(erp, "2026-02-16")
    answer = sap.call(
        "BAPI_CUSTOMERRETURN_CREATE",
        **order(
            item(material="", quantity="3", REF_DOC=invoice, REF_DOC_IT="000010", REF_DOC_CA="M"),
            prefix="RETURN",
            doc_type="RE",
            ORD_REASON="101",
        ),
    )
    assert refusals(answer["RETURN"]) == []
    sap.commit()
    return invoice, str(answer["SALESDOCUMENT"])


def test_c03_three_of_ten_come_back_and_are_credited(sap: Sap, erp: SimulatedErp) -> None:
    invoice, returns = returned(sap, erp)
    assert sap.table("VBAK", "VBTYP FAKSK", f"VBELN = '{returns}'") == [["H", "08"]]
    on(erp, "2026-02-18")
    sap.issue(sap.deliver(returns))
    assert journal(sap, "4900000002") == [("792000", "S", "144.00"), ("892000", "H", "144.00")]
    blocked = sap.call(
        "BAPI_BILLINGDOC_CREATEMULTIPLE",
        BILLINGDATAIN=[{"REF_DOC": returns, "REF_DOC_CA": "H"}],
    )
    assert refusals(blocked["RETURN"]) == ["E 00 398"]
    sap.call("BAPI_TRANSACTION_ROLLBACK")

    on(erp, "2026-02-20")
    lifted = sap.call(
        "BAPI_CUSTOMERRETURN_CHANGE",
        SALESDOCUMENT=returns,
        RETURN_HEADER_IN={"BILL_BLOCK": ""},
        RETURN_HEADER_INX={"UPDATEFLAG": "U", "BILL_BLOCK": "X"},
    )
    assert refusals(lifted["RETURN"]) == []
    sap.commit()
    credit = sap.bill(returns, category="H")["SUCCESS"][0]["BILL_DOC"]
    assert journal(sap, credit) == [
        ("140000", "H", "285.60"),
        ("800000", "S", "240.00"),
        ("175000", "S", "45.60"),
    ]
    assert sap.table("BSID", "REBZG ZFBDT ZBD3T", f"BUKRS = '1000' AND BELNR = '{credit}'") == [
        [invoice, "20260210", "30"]
    ]
    on(erp, "2026-03-10")
    payment = paid(sap, "2026-03-10", "666.40", invoice, credit)
    assert journal(sap, payment) == [("113100", "S", "666.40"), ("140000", "H", "666.40")]
    assert open_amounts(sap) == []


def test_c04_yen_and_dinars_are_stored_by_their_decimals(sap: Sap, erp: SimulatedErp) -> None:
    on(erp, "2026-02-16")
    yen = invoiced(
        sap,
        item(10, "JPY-01", "3"),
        item(20, "JPY-01", "7"),
        customer="JP-400",
        SALES_ORG="2000",
        ORDER_CONDITIONS_IN=[
            price(10, "333", "JPY"),
            price(20, "12345", "JPY", per=100, unit="ST"),
        ],
    )
    assert journal(sap, yen, "2000") == [
        ("140000", "S", "20.49"),
        ("800000", "H", "18.63"),
        ("175000", "H", "1.86"),
    ]
    dinars = invoiced(
        sap,
        item(10, "KWD-01", "7"),
        item(20, "KWD-02", "333"),
        customer="KW-400",
        SALES_ORG="3000",
        ORDER_CONDITIONS_IN=[
            price(10, "1.235", "KWD"),
            price(20, "12.345", "KWD", per=100, unit="KG"),
        ],
    )
    assert journal(sap, dinars, "3000") == [("140000", "S", "497.54"), ("800000", "H", "497.54")]
    assert sap.table("VBRP", "NETWR", f"VBELN = '{dinars}'") == [["86.45"], ["411.09"]]
    on(erp, "2026-02-27")
    paid(
        sap,
        "2026-02-27",
        "2049",
        yen,
        COMP_CODE="2000",
        CUSTOMER="JP-400",
        CURRENCY="JPY",
    )
    assert open_amounts(sap, "JP-400", "2000") == []


def price(number: int, amount: str, currency: str, per: int = 1, unit: str = "") -> dict[str, Any]:
    row = {
        "ITM_NUMBER": f"{number:06}",
        "COND_TYPE": "PR00",
        "COND_VALUE": Decimal(amount),
        "CURRENCY": currency,
        "COND_P_UNT": Decimal(per),
    }
    return row | ({"COND_UNIT": unit} if unit else {})


def test_c05_a_partial_payment_a_residual_and_the_rest_by_key_date(
    sap: Sap, erp: SimulatedErp
) -> None:
    on(erp, "2026-03-01")
    invoice = invoiced(sap, item(quantity="10"))
    on(erp, "2026-03-20")
    first = paid(sap, "2026-03-20", "400.00", invoice, PARTIAL="X")
    on(erp, "2026-04-10")
    second = paid(sap, "2026-04-10", "500.00", invoice, first, DIFFERENCE="R")
    assert journal(sap, second) == [
        ("113100", "S", "500.00"),
        ("140000", "S", "290.00"),
        ("140000", "H", "790.00"),
    ]
    on(erp, "2026-04-25")
    paid(sap, "2026-04-25", "290.00", second)
    on(erp, "2026-05-02")
    assert {
        day: open_amounts(sap, KEYDATE=day)
        for day in ("20260325", "20260405", "20260415", "20260501")
    } == {
        "20260325": ["1190.00", "-400.00"],
        "20260405": ["1190.00", "-400.00"],
        "20260415": ["290.00"],
        "20260501": [],
    }
    assert sap.table("BSAD", "REBZG ZFBDT ZBD3T", f"BELNR = '{second}' AND WRBTR = '290.00'") == [
        [invoice, "20260301", "30"]
    ]


def test_c06_opposite_cents_of_two_tax_codes(sap: Sap, erp: SimulatedErp) -> None:
    on(erp, "2026-03-05")
    rows = [
        (10, "M-61", "3", "9.24"),
        (20, "M-61", "7", "7.91"),
        (30, "M-61", "7", "2.87"),
        (40, "M-62", "7", "3.43"),
        (50, "M-62", "7", "7.56"),
    ]
    invoice = invoiced(
        sap,
        *(item(number, material, quantity) for number, material, quantity, _ in rows),
        ORDER_CONDITIONS_IN=[price(number, amount, "EUR") for number, _, _, amount in rows],
    )
    where = f"BUKRS = '1000' AND BELNR = '{invoice}'"
    assert sap.table("BSEG", "HKONT WRBTR MWSKZ", where) == [
        ["140000", "205.10", ""],
        ["800000", "103.18", "A1"],
        ["800000", "76.93", "A2"],
        ["175000", "19.60", "A1"],
        ["175000", "5.39", "A2"],
    ]
    assert [row[0] for row in sap.table("VBRP", "MWSBP", f"VBELN = '{invoice}'")] == [
        "5.27",
        "10.51",
        "3.82",
        "1.68",
        "3.71",
    ]
    on(erp, "2026-03-06")
    paid(sap, "2026-03-06", "205.10", invoice)
    assert open_amounts(sap) == []


def test_c07_two_payers_of_one_delivery(sap: Sap, erp: SimulatedErp) -> None:
    on(erp, "2026-03-09")
    parameters = order(item(10, "M-07", "40"), item(20, "M-07", "60"), customer="S-700")
    parameters["ORDER_PARTNERS"] += [
        {"PARTN_ROLE": "RG", "PARTN_NUMB": "P-701", "ITM_NUMBER": "000010"},
        {"PARTN_ROLE": "RG", "PARTN_NUMB": "P-702", "ITM_NUMBER": "000020"},
    ]
    created = sap.call("BAPI_SALESORDER_CREATEFROMDAT2", **parameters)
    assert refusals(created["RETURN"]) == []
    sap.commit()
    delivery = sap.deliver(created["SALESDOCUMENT"])
    sap.issue(delivery)
    answer = sap.bill(delivery)
    (split,) = [row for row in answer["RETURN"] if row["TYPE"] == "I"]
    assert (split["MESSAGE"], split["MESSAGE_V4"]) == (
        "Invoice split: payer differs (P-701 / P-702)",
        "KUNRG",
    )
    first, second = (row["BILL_DOC"] for row in answer["SUCCESS"])
    assert journal(sap, first) == [
        ("140000", "S", "595.00"),
        ("800000", "H", "500.00"),
        ("175000", "H", "95.00"),
    ]
    assert journal(sap, second) == [
        ("140000", "S", "892.50"),
        ("800000", "H", "750.00"),
        ("175000", "H", "142.50"),
    ]
    assert open_amounts(sap, "S-700") == []
    assert open_amounts(sap, "P-701") + open_amounts(sap, "P-702") == ["595.00", "892.50"]


def test_c10_a_second_payment_stays_and_is_used_later(sap: Sap, erp: SimulatedErp) -> None:
    on(erp, "2026-03-02")
    invoice = invoiced(sap, item(quantity="10"))
    on(erp, "2026-03-10")
    paid(sap, "2026-03-10", "1190.00", invoice)
    on(erp, "2026-03-11")
    second = paid(sap, "2026-03-11", "1190.00")
    assert journal(sap, second) == [("113100", "S", "1190.00"), ("140000", "H", "1190.00")]
    assert sap.table("BSID", "BSCHL REBZG", f"BUKRS = '1000' AND BELNR = '{second}'") == [
        ["15", ""]
    ]
    assert open_amounts(sap) == ["-1190.00"]
    on(erp, "2026-05-12")
    later = invoiced(sap, item(material="M-07", quantity="60"))
    cleared = paid(sap, "2026-05-12", "0", second, later, DIFFERENCE="A")
    assert sap.table("BKPF", "BLART", f"BUKRS = '1000' AND BELNR = '{cleared}'") == [["AB"]]
    assert open_amounts(sap) == ["-297.50"]


#: Reference, type, amount, baseline date, net due date: the items of the case.
AGEING = [
    ("90000101", "1000.00", "2026-06-15", "2026-07-15"),
    ("90000102", "2000.00", "2026-05-31", "2026-06-30"),
    ("90000103", "300.00", "2026-05-30", "2026-06-29"),
    ("90000104", "500.00", "2026-05-01", "2026-05-31"),
    ("90000105", "700.00", "2026-04-30", "2026-05-30"),
    ("90000106", "900.00", "2026-02-28", "2026-03-30"),
    ("90000107", "-150.00", "2026-06-20", "2026-06-20"),
    ("1400000102", "-400.00", "2026-06-25", "2026-06-25"),
]


def test_c13_due_dates_of_invoices_credits_and_money_on_account(
    sap: Sap, erp: SimulatedErp
) -> None:
    on(erp, "2026-06-29")
    for reference, amount, baseline, _ in AGEING:
        terms = {"PMNTTRMS": "Z030"} if not amount.startswith("-") else {}
        answer = sap.call(
            "BAPI_ACC_DOCUMENT_POST",
            DOCUMENTHEADER={
                "COMP_CODE": "1000",
                "DOC_TYPE": "DR",
                "DOC_DATE": baseline.replace("-", ""),
                "PSTNG_DATE": baseline.replace("-", ""),
                "REF_DOC_NO": reference,
            },
            ACCOUNTRECEIVABLE=[
                {
                    "ITEMNO_ACC": "1",
                    "CUSTOMER": "C-100",
                    "BLINE_DATE": baseline.replace("-", ""),
                    **terms,
                }
            ],
            ACCOUNTGL=[{"ITEMNO_ACC": "2", "GL_ACCOUNT": "800000"}],
            CURRENCYAMOUNT=[
                {"ITEMNO_ACC": "1", "CURRENCY": "EUR", "AMT_DOCCUR": Decimal(amount)},
                {"ITEMNO_ACC": "2", "CURRENCY": "EUR", "AMT_DOCCUR": -Decimal(amount)},
            ],
        )
        assert messages(answer["RETURN"]) == ["S RW 605"]
        sap.commit()
    rows = sap.call(
        "BAPI_AR_ACC_GETOPENITEMS", COMPANYCODE="1000", CUSTOMER="C-100", KEYDATE="20260630"
    )["LINEITEMS"]
    assert sorted(row["REF_DOC_NO"] for row in rows) == sorted(each[0] for each in AGEING)
    due = {each.reference: each.net_due_date.isoformat() for each in erp.open_items("1000")}
    assert due == {reference: day for reference, _, _, day in AGEING}
    later = sap.call(
        "BAPI_AR_ACC_GETOPENITEMS", COMPANYCODE="1000", CUSTOMER="C-100", KEYDATE="20260531"
    )["LINEITEMS"]
    assert sorted(row["REF_DOC_NO"] for row in later) == [
        f"9000010{digit}" for digit in (2, 3, 4, 5, 6)
    ]


def test_c15_a_prepayment_is_used_up_by_two_vehicles(sap: Sap, erp: SimulatedErp) -> None:
    dealer = {"COMP_CODE": "4000", "CUSTOMER": "D-01", "CURRENCY": "CNY"}
    on(erp, "2026-05-02")
    prepaid = paid(sap, "2026-05-02", "200000.00", **dealer)
    assert journal(sap, prepaid, "4000") == [
        ("113100", "S", "200000.00"),
        ("140000", "H", "200000.00"),
    ]
    on(erp, "2026-05-06")
    vehicle = item(material="CNY-01", quantity="1")
    first = invoiced(sap, vehicle, customer="D-01", SALES_ORG="4000")
    assert journal(sap, first, "4000") == [
        ("140000", "S", "113000.00"),
        ("800000", "H", "100000.00"),
        ("175000", "H", "13000.00"),
    ]
    cleared = paid(sap, "2026-05-06", "0", prepaid, first, DIFFERENCE="A", **dealer)
    assert cleared == "0100000001"
    assert sorted(journal(sap, cleared, "4000")) == [
        ("140000", "H", "87000.00"),
        ("140000", "S", "87000.00"),
    ]
    on(erp, "2026-05-11")
    top_up = paid(sap, "2026-05-11", "26000.00", **dealer)
    on(erp, "2026-05-13")
    second = invoiced(sap, vehicle, customer="D-01", SALES_ORG="4000")
    assert sum(map(Decimal, open_amounts(sap, "D-01", "4000"))) == 0
    paid(sap, "2026-05-13", "0", cleared, top_up, second, **dealer)
    assert open_amounts(sap, "D-01", "4000") == []


def test_c15_a_down_payment_stands_beside_the_receivables(sap: Sap, erp: SimulatedErp) -> None:
    dealer = {"COMP_CODE": "4000", "CUSTOMER": "D-01", "CURRENCY": "CNY"}
    on(erp, "2026-05-02")
    down = paid(sap, "2026-05-02", "200000.00", SP_GL_IND="A", **dealer)
    assert journal(sap, down, "4000") == [
        ("113100", "S", "200000.00"),
        ("170000", "H", "200000.00"),
    ]
    assert sap.table("BSID", "UMSKZ HKONT BSCHL", f"BUKRS = '4000' AND BELNR = '{down}'") == [
        ["A", "170000", "19"]
    ]
