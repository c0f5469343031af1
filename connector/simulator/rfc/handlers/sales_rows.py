"""Rows that describe a sales document: for the detailed list and for the simulation."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.simulator.rfc import keys

if TYPE_CHECKING:
    from connector.simulator.engine.master_data import MasterData
    from connector.simulator.engine.sales_records import (
        Condition,
        SalesDocument,
        SalesItem,
        ScheduleLine,
    )

#: Condition category KNTYP by the engine's kind of condition.
CATEGORY = {"price": "H", "tax": "D", "freight": "F", "cost": "G"}
#: Calculation type KRECH.
CALCULATION = {"percent": "A", "amount": "B", "quantity": "C"}
_STEP = 10


def step_number(position: int) -> int:
    """Return the step of the procedure for the condition at *position* (from 0) of an item."""
    return (position + 1) * _STEP


def condition_row(condition: Condition, item_number: int, step: int) -> dict[str, Any]:
    """Return a row of BAPICOND; amounts and rates are external."""
    percent = condition.calculation == "percent"
    row: dict[str, Any] = {
        "ITM_NUMBER": item_number,
        "COND_ST_NO": step,
        "COND_COUNT": 1,
        "COND_TYPE": condition.condition_type,
        "COND_VALUE": condition.rate,
        "CURRENCY": "" if percent else condition.currency,
        "APPLICATIO": "V",
        "CALCTYPCON": CALCULATION.get(condition.calculation, ""),
        "CONBASEVAL": condition.base,
        "CONDTYPE": CATEGORY.get(condition.kind, ""),
        "STAT_CON": "X" if condition.statistical else "",
        "CONDORIGIN": "C" if condition.manual else "A",
        "GROUPCOND": "X" if condition.header else "",
        "ROUNDOFFDI": condition.difference,
        "CONDVALUE": condition.value,
        "CONDCHAMAN": "X" if condition.manual else "",
        "TAX_CODE": condition.tax_code,
        "ACCOUNTKEY": condition.account_key,
    }
    if condition.calculation == "quantity":
        row["COND_P_UNT"] = condition.per
        row["COND_UNIT"] = condition.unit
    return row


def schedule_row(
    master: MasterData, number: str, item: SalesItem, line: ScheduleLine
) -> dict[str, Any]:
    """Return a row of BAPISDHEDU; quantities in the sales unit."""
    return {
        "DOC_NUMBER": number,
        "ITM_NUMBER": item.item_number,
        "SCHED_LINE": line.line,
        "RELFORDEL": "X" if line.confirmed_quantity and line.covered_by != "vendor" else "",
        "REQ_DATE": line.requested_date,
        "REQ_QTY": line.quantity,
        "CONFIR_QTY": line.confirmed_quantity,
        "SALES_UNIT": item.sales_unit,
        "ISOCODUNIT": keys.unit_iso(master, item.sales_unit),
        "REQ_QTY1": in_base_unit(item, line.confirmed_quantity),
        "BASE_UOM": item.base_unit,
        "DATE_TYPE": "1",
        "REQ_DATE1": line.delivery_date,
        "TP_DATE": line.goods_issue_date,
        "MS_DATE": line.material_availability_date,
        "LOAD_DATE": line.goods_issue_date,
        "GI_DATE": line.goods_issue_date,
    }


def in_base_unit(item: SalesItem, quantity: Decimal) -> Decimal:
    """Return a quantity of the item in the material's base unit."""
    return quantity * item.base_numerator / item.base_denominator


def requested_quantity(document: SalesDocument, item: SalesItem) -> dict[str, Any]:
    """
    Return the quantity fields of an item.

    Orders, inquiries, quotations and returns have a requested quantity; contracts, credit and debit
    memo requests have no schedule lines, their quantity is the target quantity.
    """
    if document.category in "GKL":
        return {"TARGET_QTY": item.quantity, "TARGET_QU": item.sales_unit}
    return {"REQ_QTY": item.quantity}
