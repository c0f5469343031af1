"""
The parameters of BAPI_SALESORDER_SIMULATE.

Its items are of an older make than those of the create functions: quantities are digits with three
implied decimals, and a header or an item takes at most four manual conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from connector.erp.hold_reasons import HoldReason
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.sales_document import HEADER_ITEM, item_fields
from connector.erp.rfc.wire import dats, numc
from connector.errors import RejectedError
from connector.sd_documents.conditions import Condition
from connector.sd_documents.sales_document import SalesDocument, SalesDocumentItem
from connector.sd_documents.values import pad_number

FUNCTION: Final = "BAPI_SALESORDER_SIMULATE"

_MOST_CONDITIONS: Final = 4


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
    row: dict[str, Any] = {
        **item_fields(item, options),
        "REQ_QTY": str(int(item.requested_quantity.value.scaleb(3))),
        "REQ_DATE": dats(document.requested_delivery_date),
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
