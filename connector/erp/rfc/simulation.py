"""Price a document without saving it: BAPI_SALESORDER_SIMULATE."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from connector.erp.messages import MessageTable
from connector.erp.priced_document import priced_document
from connector.erp.rfc.messages import return_rows
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.sales_document import HEADER_ITEM
from connector.erp.rfc.session import Session
from connector.erp.rfc.simulation_parameters import FUNCTION, parameters
from connector.erp.rfc.wire import external_material, money, required_day
from connector.sd_documents.conditions import ConditionValue
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesDocument,
)
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.status import Status
from connector.sd_documents.values import Money, Quantity

#: Condition category of the cost (VPRS).
_COST: Final = "G"

Row = Mapping[str, Any]


def simulate(
    session: Session,
    document: SalesDocument,
    table: MessageTable,
    options: RfcOptions,
    today: date,
) -> PostedSalesDocument:
    """
    Return *document* as the ERP would price and confirm it.

    Args:
        today: document date where *document* has none.

    Raises:
        CallFailed: the call itself failed.
        RejectedError, TransientError: the ERP refused; or an item has more manual conditions
            than the function takes.
    """
    answer = session.call(FUNCTION, **parameters(document, options))
    items = [item.item_number for item in document.items]
    rows = [
        *return_rows(answer["RETURN"], items),
        *return_rows(answer["MESSAGETABLE"], items),
    ]
    refusal = table.refusal(rows, FUNCTION)
    if refusal is not None:
        raise refusal
    return _priced(document, answer, today)


def _priced(document: SalesDocument, answer: Row, today: date) -> PostedSalesDocument:
    currency = document.currency
    conditions: dict[str, list[Row]] = defaultdict(list)
    for row in answer["ORDER_CONDITION_EX"]:
        if row["ITM_NUMBER"] != HEADER_ITEM and not row["CONDISACTI"]:
            conditions[row["ITM_NUMBER"]].append(row)
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in answer["ORDER_SCHEDULE_EX"]:
        lines[row["ITM_NUMBER"]].append(row)
    items = tuple(
        _priced_item(row, conditions[row["ITM_NUMBER"]], lines[row["ITM_NUMBER"]], currency)
        for row in answer["ORDER_ITEMS_OUT"]
    )
    return priced_document(
        document,
        items,
        (_condition_value(row, currency) for rows in conditions.values() for row in rows),
        sold_to_party=answer["SOLD_TO_PARTY"]["SOLD_TO"],
        currency=currency,
        today=today,
    )


def _priced_item(
    row: Row, conditions: Sequence[Row], lines: Sequence[Row], currency: str
) -> PostedSalesDocumentItem:
    unit = row["SALES_UNIT"] or row["TARGET_QU"]
    requested = row["REQ_QTY"] or row["TARGET_QTY"]
    confirmed = sum((line["CONFIR_QTY"] for line in lines), Decimal(0))
    cost = sum((each["CONDVALUE"] for each in conditions if each["CONDTYPE"] == _COST), Decimal(0))
    return PostedSalesDocumentItem(
        item_number=int(row["ITM_NUMBER"]),
        material=external_material(row.get("MATERIAL_LONG") or row["MATERIAL"]),
        requested_quantity=Quantity(value=requested, unit=unit),
        confirmed_quantity=Quantity(value=confirmed, unit=unit),
        item_category=row["ITEM_CATEG"],
        plant=row["PLANT"],
        net_amount=money(row["NET_VALUE1"], currency),
        tax_amount=money(row["TX_DOC_CUR"], currency),
        gross_amount=money(row["SUBTOTAL1"], currency),
        cost_amount=Money.rounded(cost, currency),
        delivery_status=Status.NOT_RELEVANT,
        billing_status=Status.NOT_RELEVANT,
        overall_status=Status.NOT_RELEVANT,
        schedule_lines=tuple(
            ScheduleLine(
                requested_delivery_date=required_day(line["REQ_DATE"], "REQ_DATE of a line"),
                requested_quantity=Quantity(value=line["REQ_QTY"], unit=unit),
                confirmed_quantity=Quantity(value=line["CONFIR_QTY"], unit=unit),
            )
            for line in lines
        ),
    )


def _condition_value(row: Row, currency: str) -> ConditionValue:
    return ConditionValue(
        condition_type=row["COND_TYPE"],
        item_number=int(row["ITM_NUMBER"]),
        value=money(row["CONDVALUE"], currency),
        tax_code=row["TAX_CODE"],
        statistical=bool(row["STAT_CON"]),
    )
