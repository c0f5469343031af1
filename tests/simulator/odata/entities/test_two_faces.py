"""The same document over RFC and over OData: whichever made it, both say the same."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connector.simulator.rfc.connection import Connection
from tests.simulator.odata.entities.support import Service, item, order

VIEW = {
    "HEADER": "X", "ITEM": "X", "SDSCHEDULE": "X", "BUSINESS": "X", "PARTNER": "X",
    "SDCOND": "X", "FLOW": "X", "STATUS_H": "X", "STATUS_I": "X",
}  # fmt: skip


def table(sap: Connection, name: str, fields: str, where: str) -> list[list[str]]:
    """Read a table."""
    answer = sap.call(
        "RFC_READ_TABLE",
        QUERY_TABLE=name,
        DELIMITER="|",
        FIELDS=[{"FIELDNAME": field} for field in fields.split()],
        OPTIONS=[{"TEXT": where}],
    )
    return [[cell.strip() for cell in row["WA"].split("|")] for row in answer["DATA"]]


def create_by_rfc(sap: Connection, document_type: str = "TA", **more: Any) -> str:
    """Create an order in the sample area and commit it."""
    answer = sap.call(
        "BAPI_SALESORDER_CREATEFROMDAT2",
        ORDER_HEADER_IN={
            "DOC_TYPE": document_type,
            "SALES_ORG": "1010",
            "DISTR_CHAN": "10",
            "DIVISION": "00",
            "PURCH_NO_C": "PO-RFC",
        },
        ORDER_ITEMS_IN=[
            {"ITM_NUMBER": "000010", "MATERIAL": "TG11"},
            {"ITM_NUMBER": "000020", "MATERIAL": "TG12"},
        ],
        ORDER_SCHEDULES_IN=[
            {"ITM_NUMBER": "000010", "SCHED_LINE": "0001", "REQ_QTY": Decimal(3)},
            {"ITM_NUMBER": "000020", "SCHED_LINE": "0001", "REQ_QTY": Decimal(2)},
        ],
        ORDER_CONDITIONS_IN=[
            {"ITM_NUMBER": "000020", "COND_TYPE": "PMP0", "COND_VALUE": Decimal("20"),
             "CURRENCY": "EUR"}
        ],
        **more,
    )  # fmt: skip
    assert [row["TYPE"] for row in answer["RETURN"] if row["TYPE"] in "EA"] == []
    sap.call("BAPI_TRANSACTION_COMMIT", WAIT="X")
    return str(answer["SALESDOCUMENT"])


@pytest.mark.parametrize(
    ("document_type", "function", "convert"), [("TA", "AG", ""), ("OR", "SP", "X")]
)
def test_an_order_made_over_rfc_reads_the_same_over_odata(
    sap: Connection, orders: Service, document_type: str, function: str, convert: str
) -> None:
    more: dict[str, Any] = {"CONVERT": convert} if convert else {}
    number = create_by_rfc(
        sap,
        document_type,
        ORDER_PARTNERS=[{"PARTN_ROLE": function, "PARTN_NUMB": "0010100001"}],
        **more,
    )

    header = orders.get(f"A_SalesOrder('{number}')", expand="to_Item")

    net = table(sap, "VBAK", "VBELN AUART NETWR KUNNR BSTNK", f"VBELN = '{number}'")[0]
    assert net == ["0000000001", "TA", "92.65", "0010100001", "PO-RFC"]
    assert (header["SalesOrder"], header["SalesOrderType"]) == ("1", "OR")
    assert (header["TotalNetAmount"], header["SoldToParty"]) == ("92.65", "10100001")
    assert header["PurchaseOrderByCustomer"] == "PO-RFC"
    items = table(sap, "VBAP", "POSNR MATNR NETWR KWMENG", f"VBELN = '{number}'")
    assert [
        [f"{int(each['SalesOrderItem']):06}", each["Material"], each["NetAmount"]]
        for each in header["to_Item"]
    ] == [row[:3] for row in items]


def test_an_order_made_over_odata_reads_the_same_over_rfc(sap: Connection, orders: Service) -> None:
    orders.post(
        "A_SalesOrder",
        order(
            item("TG11", "3"),
            item(
                "TG12",
                "2",
                to_PricingElement=[
                    {"ConditionType": "PMP0", "ConditionRateValue": "20",
                     "ConditionCurrency": "EUR"}
                ],
            ),
            PurchaseOrderByCustomer="PO-ODATA",
        ),
    )  # fmt: skip

    answer = sap.call(
        "BAPISDORDER_GETDETAILEDLIST",
        I_BAPI_VIEW=VIEW,
        SALES_DOCUMENTS=[{"VBELN": "0000000001"}],
    )

    assert answer["ORDER_HEADERS_OUT"][0]["PURCH_NO"] == "PO-ODATA"
    over_odata = orders.all("A_SalesOrder('1')/to_Item", expand="to_PricingElement")
    for row, shown in zip(answer["ORDER_ITEMS_OUT"], over_odata, strict=True):
        assert int(row["ITM_NUMBER"]) == int(shown["SalesOrderItem"])
        assert row["MATERIAL"] == shown["Material"]
        assert row["NET_VALUE"] == Decimal(shown["NetAmount"])
    rfc_prices = [(row["COND_TYPE"], row["CONDVALUE"]) for row in answer["ORDER_CONDITIONS_OUT"]]
    odata_prices = [
        (each["ConditionType"], Decimal(each["ConditionAmount"]))
        for shown in over_odata
        for each in shown["to_PricingElement"]
    ]
    assert rfc_prices == odata_prices


def test_status_and_flow_are_the_same_on_both_sides(
    sap: Connection,
    orders: Service,
    deliveries: Service,
    serve: Callable[..., Service],
) -> None:
    orders.post("A_SalesOrder", order(item("TG11", "3")))
    deliveries.post(
        "A_OutbDeliveryHeader",
        {"to_DeliveryDocumentItem": [{"ReferenceSDDocument": "1"}]},
    )
    deliveries.call("PickAllItems", DeliveryDocument="'80000001'")
    deliveries.call("PostGoodsIssue", DeliveryDocument="'80000001'")
    sap.call(
        "BAPI_BILLINGDOC_CREATEMULTIPLE",
        BILLINGDATAIN=[{"REF_DOC": "0080000001", "REF_DOC_CA": "J"}],
    )
    sap.call("BAPI_TRANSACTION_COMMIT", WAIT="X")

    rows = orders.all(
        "A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')/to_SubsequentProcFlowDocItem"
    )

    assert [
        (each["SubsequentDocument"], each["SubsequentDocumentCategory"], each["ProcessFlowLevel"])
        for each in rows
    ] == [("80000001", "J", "0"), ("4900000001", "R", "1"), ("90000001", "M", "1")]
    direct = table(sap, "VBFA", "VBELN VBTYP_N RUUID", "VBELV = '0000000001'")
    assert [row[2].lower() for row in direct] == [
        each["DocRelationshipUUID"].replace("-", "") for each in rows[:1]
    ]
    status = table(sap, "VBAK", "LFSTK GBSTK", "VBELN = '0000000001'")[0]
    header = orders.get("A_SalesOrder('1')")
    assert status == [header["OverallDeliveryStatus"], header["OverallSDProcessStatus"]]
    delivery = table(sap, "LIKP", "WBSTK FKSTK", "VBELN = '0080000001'")[0]
    shown = deliveries.get("A_OutbDeliveryHeader('80000001')")
    assert delivery == [
        shown["OverallGoodsMovementStatus"],
        shown["OverallDelivReltdBillgStatus"],
    ]
    invoice = serve("API_BILLING_DOCUMENT_SRV").get("A_BillingDocument('90000001')")
    posted = table(sap, "VBRK", "NETWR MWSBK RFBSK", "VBELN = '0090000001'")[0]
    assert posted == [
        invoice["TotalNetAmount"],
        invoice["TaxAmount"],
        invoice["AccountingTransferStatus"],
    ]
