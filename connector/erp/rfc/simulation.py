"""
Price a document without saving it: BAPI_SALESORDER_SIMULATE.

Its items are of an older make than those of the create functions: quantities are digits with three
implied decimals, and a header or an item takes at most four manual conditions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from connector.erp.rfc.hold_reasons import HoldReason
from connector.erp.rfc.messages import MessageTable, return_rows
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.sales_document import HEADER_ITEM, material_fields, reference_fields
from connector.erp.rfc.session import Session
from connector.erp.rfc.wire import dats, external_material, money, numc, required_day
from connector.errors import RejectedError
from connector.sd_documents.conditions import Condition, ConditionValue
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesDocument,
    SalesDocumentItem,
)
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.status import Status
from connector.sd_documents.values import Money, Quantity, pad_number, total

FUNCTION: Final = "BAPI_SALESORDER_SIMULATE"

#: Number of a document that does not exist.
NO_NUMBER: Final = "$"
_MOST_CONDITIONS: Final = 4
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


def parameters(document: SalesDocument, options: RfcOptions) -> dict[str, Any]:
    """Return the parameters with which the function prices *document*."""
    lines = list(_schedule_rows(document))
    result: dict[str, Any] = {
        "ORDER_HEADER_IN": _header_row(document),
        "ORDER_ITEMS_IN": [_item_row(item, document, options) for item in document.items],
        "ORDER_PARTNERS": [
            {
                "PARTN_ROLE": partner.function.value,
                "PARTN_NUMB": pad_number(partner.customer),
                "ITM_NUMBER": numc(partner.item_number) if partner.item_number else HEADER_ITEM,
            }
            for partner in document.partners
        ],
    }
    if lines:
        result["ORDER_SCHEDULE_IN"] = lines
    return result


def _header_row(document: SalesDocument) -> dict[str, Any]:
    area = document.sales_area
    row: dict[str, Any] = {
        "DOC_TYPE": document.sales_order_type,
        "SALES_ORG": area.sales_organization,
        "DISTR_CHAN": area.distribution_channel,
        "DIVISION": area.division,
        "PURCH_NO_C": document.purchase_order_by_customer,
        "PURCH_DATE": dats(document.purchase_order_date),
        "REQ_DATE_H": dats(document.requested_delivery_date),
        "PRICE_DATE": dats(document.pricing_date),
        "CURRENCY": document.currency,
        "PMNTTRMS": document.payment_terms,
        "INCOTERMS1": document.incoterms,
        "INCOTERMS2": document.incoterms_location,
        "REF_DOC": document.reference_document or "",
        "REF_DOC_CA": document.reference_category.value if document.reference_category else "",
    }
    for count, condition in enumerate(_fitting(document.conditions, "the header"), start=1):
        row |= _condition_fields(condition, count, f"CD_VALUE{count}")
        # Unlike an item's, the header's first condition is numbered as well.
        row[f"CD_TYPE{count}"] = condition.condition_type
    return {name: value for name, value in row.items() if value != ""}


def _item_row(
    item: SalesDocumentItem, document: SalesDocument, options: RfcOptions
) -> dict[str, Any]:
    requested = item.requested_quantity
    row: dict[str, Any] = {
        "ITM_NUMBER": numc(item.item_number),
        **material_fields(item.material, options),
        "CUST_MAT35": item.customer_material,
        "SHORT_TEXT": item.item_text,
        "ITEM_CATEG": item.item_category,
        "PLANT": item.plant,
        "REQ_QTY": str(int(requested.value.scaleb(3))),
        "SALES_UNIT": requested.unit,
        "REQ_DATE": dats(document.requested_delivery_date),
        **reference_fields(item),
    }
    where = f"item {item.item_number}"
    for count, condition in enumerate(_fitting(item.conditions, where), start=1):
        if count == 1:
            row |= _first_condition_fields(condition)
        else:
            row |= _condition_fields(condition, count, f"CD_VALUE{count}")
            row[f"CD_TYPE{count}"] = condition.condition_type
    return {name: value for name, value in row.items() if value != ""}


def _first_condition_fields(condition: Condition) -> dict[str, Any]:
    row: dict[str, Any] = {"COND_TYPE": condition.condition_type, "COND_VAL1": condition.rate}
    if condition.currency is not None:
        row["CURRENCY"] = condition.currency
    if condition.unit is not None:
        row["COND_D_UNT"], row["COND_P_UNT"] = condition.unit, str(condition.per)
    return row


def _condition_fields(condition: Condition, count: int, value: str) -> dict[str, Any]:
    row: dict[str, Any] = {value: condition.rate}
    if condition.currency is not None:
        row[f"CD_CURR{count}"] = condition.currency
    if condition.unit is not None:
        row[f"CD_D_UNT{count}"], row[f"CD_P_UNT{count}"] = condition.unit, str(condition.per)
    return row


def _fitting(conditions: Iterable[Condition], where: str) -> Sequence[Condition]:
    """
    Return at most four conditions: amounts of one type in one currency are added up.

    That changes no price: the ERP adds them up as well.
    """
    fitting: list[Condition] = []
    for condition in conditions:
        like = next((each for each in fitting if _adds_to(each, condition)), None)
        if like is None:
            fitting.append(condition)
        else:
            fitting[fitting.index(like)] = like.model_copy(
                update={"rate": like.rate + condition.rate}
            )
    if len(fitting) > _MOST_CONDITIONS:
        raise RejectedError(
            f"{where} has {len(fitting)} manual conditions, {FUNCTION} takes {_MOST_CONDITIONS}; "
            "let the mapping rules put discounts of one kind under one condition type",
            code=HoldReason.TOO_MANY_CONDITIONS.value,
        )
    return fitting


def _adds_to(one: Condition, other: Condition) -> bool:
    return (
        one.condition_type == other.condition_type
        and one.currency == other.currency
        and one.currency is not None
        and one.unit is None
        and other.unit is None
    )


def _schedule_rows(document: SalesDocument) -> Iterable[dict[str, Any]]:
    for item in document.items:
        for count, line in enumerate(item.schedule_lines, start=1):
            yield {
                "ITM_NUMBER": numc(item.item_number),
                "SCHED_LINE": numc(count, 4),
                "REQ_DATE": dats(line.requested_delivery_date),
                "REQ_QTY": line.requested_quantity.value,
            }


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
    return PostedSalesDocument(
        number=NO_NUMBER,
        category=document.category,
        sales_order_type=document.sales_order_type,
        sales_area=document.sales_area,
        purchase_order_by_customer=document.purchase_order_by_customer,
        document_date=document.document_date or today,
        requested_delivery_date=document.requested_delivery_date,
        sold_to_party=answer["SOLD_TO_PARTY"]["SOLD_TO"] or pad_number(document.sold_to_party),
        currency=currency,
        items=items,
        condition_values=tuple(
            _condition_value(row, currency) for rows in conditions.values() for row in rows
        ),
        net_amount=total((item.net_amount for item in items), currency),
        tax_amount=total((item.tax_amount for item in items), currency),
        delivery_status=Status.NOT_RELEVANT,
        billing_status=Status.NOT_RELEVANT,
        overall_status=Status.NOT_RELEVANT,
        payment_terms=document.payment_terms,
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
