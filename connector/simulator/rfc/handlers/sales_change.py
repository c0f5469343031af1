"""
BAPI_SALESORDER_CHANGE: only what the X structures flag is changed.

UPDATEFLAG says what is to happen: U changes, I adds, D deletes. A quantity is changed by its
schedule line. Conditions are changed only with LOGIC_SWITCH-COND_HANDL set, or added with I.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connector.simulator.engine.outcome import Message
from connector.simulator.engine.specs import SalesDocumentChange, SalesItemChange
from connector.simulator.rfc import keys
from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.dictionary import Row
from connector.simulator.rfc.handlers import sales_request
from connector.simulator.rfc.handlers.messages import bapiret2, free_text, message

#: Field of BAPISDH1 -> field of the change, as text.
_HEADER_TEXTS = {
    "DLV_BLOCK": "delivery_block",
    "BILL_BLOCK": "billing_block",
    "PURCH_NO_C": "purchase_order_by_customer",
    "PMNTTRMS": "terms_of_payment",
    "INCOTERMS1": "incoterms",
    "INCOTERMS2": "incoterms_location",
    "ORD_REASON": "order_reason",
    "ASS_NUMBER": "assignment",
    "REF_DOC_L": "reference",
    "NAME": "name",
}
_HEADER_DATES = {
    "PURCH_DATE": "purchase_order_date",
    "REQ_DATE_H": "requested_delivery_date",
    "QT_VALID_F": "valid_from",
    "QT_VALID_T": "valid_to",
}
_ITEM_TEXTS = {
    "REASON_REJ": "rejection_reason",
    "BILL_BLOCK": "billing_block",
    "PLANT": "plant",
    "SHORT_TEXT": "short_text",
    "PMNTTRMS": "terms_of_payment",
}


def change(call: Call) -> dict[str, Any]:
    """Change a sales order; SIMULATION checks and prices without buffering anything."""
    number = call.text("SALESDOCUMENT")
    system = call.settings.system_id
    wanted, problems = build(call)
    if problems:
        rows = [*problems, message(call, "sales document not changed", number)]
        return {"RETURN": bapiret2(rows, system)}
    if call.flag("SIMULATION"):
        with call.erp.session(call.context.user) as session:
            outcome = session.change_sales_document(number, wanted)
    else:
        outcome = call.session.change_sales_document(number, wanted)
    return {"RETURN": bapiret2(outcome.messages, system)}


def build(call: Call) -> tuple[SalesDocumentChange, list[Message]]:
    """Return the change that the flagged fields ask for, and what is wrong with the flags."""
    marks = call.structure("ORDER_HEADER_INX")
    action = marks.get("UPDATEFLAG", "")
    problems: list[Message] = []
    if action not in ("U", "D"):
        problems.append(free_text("ORDER_HEADER_INX-UPDATEFLAG must be U or D", "E"))
    if call.table("PARTNERCHANGES"):
        problems.append(free_text("Partners of an existing order cannot be changed here", "E"))
    wanted = SalesDocumentChange()
    header = call.structure("ORDER_HEADER_IN")
    for name, field in _HEADER_TEXTS.items():
        if marks.get(name) == "X":
            setattr(wanted, field, header.get(name, ""))
    for name, field in _HEADER_DATES.items():
        if marks.get(name) == "X":
            setattr(wanted, field, keys.as_date(header.get(name, "")))
    wanted.items = _item_changes(call, problems)
    if action == "D":
        wanted.items = _deletions(call, problems)
    wanted.conditions = _conditions(call, problems)
    wanted.texts = sales_request.texts(call.table("ORDER_TEXT"))
    return wanted, problems


def _deletions(call: Call, problems: list[Message]) -> list[SalesItemChange]:
    document = call.erp.sales_document(call.text("SALESDOCUMENT"))
    if document is None:
        problems.append(message(call, "sales document does not exist", call.text("SALESDOCUMENT")))
        return []
    return [SalesItemChange(item.item_number, "D") for item in document.items]


def _item_changes(call: Call, problems: list[Message]) -> list[SalesItemChange]:
    master = call.erp.master_data
    rows = _by_item(call.table("ORDER_ITEM_IN"))
    lines = _flagged_lines(call, problems)
    changes: dict[int, SalesItemChange] = {}
    for mark in call.table("ORDER_ITEM_INX"):
        item_number = keys.integer(mark, "ITM_NUMBER")
        action = mark.get("UPDATEFLAG", "")
        if action not in ("U", "I", "D"):
            problems.append(
                free_text(f"ORDER_ITEM_INX-UPDATEFLAG of item {item_number} must be U, I or D")
            )
            continue
        row = rows.get(item_number, {})
        wanted = SalesItemChange(item_number, action)
        if action == "I":
            new = {**sales_request.flagged(row, mark), "ITM_NUMBER": mark.get("ITM_NUMBER", "")}
            wanted.new = sales_request.item(master, new, lines.get(item_number, []))
        elif action == "U":
            _change_item(wanted, row, mark)
        changes[item_number] = wanted
    for item_number, given in lines.items():
        wanted = changes.setdefault(item_number, SalesItemChange(item_number))
        if wanted.action == "U":
            _change_schedule(wanted, given)
    return list(changes.values())


def _change_item(wanted: SalesItemChange, row: Row, mark: Row) -> None:
    for name, field in _ITEM_TEXTS.items():
        if mark.get(name) == "X":
            setattr(wanted, field, row.get(name, ""))
    if mark.get("TARGET_QTY") == "X":
        wanted.quantity = keys.number(row, "TARGET_QTY") or keys.ZERO


def _change_schedule(wanted: SalesItemChange, lines: Iterable[Row]) -> None:
    for line in lines:
        quantity = keys.number(line, "REQ_QTY")
        if quantity is not None:
            wanted.quantity = (wanted.quantity or keys.ZERO) + quantity
        requested = keys.as_date(line.get("REQ_DATE", ""))
        if requested is not None:
            wanted.requested_delivery_date = requested


def _flagged_lines(call: Call, problems: list[Message]) -> dict[int, list[Row]]:
    marks = {
        (keys.integer(mark, "ITM_NUMBER"), keys.integer(mark, "SCHED_LINE")): mark
        for mark in call.table("SCHEDULE_LINESX")
    }
    found: dict[int, list[Row]] = {}
    for row in call.table("SCHEDULE_LINES"):
        item_number = keys.integer(row, "ITM_NUMBER")
        mark = marks.get((item_number, keys.integer(row, "SCHED_LINE")))
        if mark is None:
            continue
        if mark.get("UPDATEFLAG", "") not in ("U", "I", "D"):
            problems.append(
                free_text(f"SCHEDULE_LINESX-UPDATEFLAG of item {item_number} must be U, I or D")
            )
            continue
        line = {"ITM_NUMBER": row.get("ITM_NUMBER", "")}
        if mark["UPDATEFLAG"] == "D":
            line["REQ_QTY"] = keys.ZERO
        else:
            line |= sales_request.flagged(row, mark)
        found.setdefault(item_number, []).append(line)
    return found


def _conditions(call: Call, problems: list[Message]) -> list[Any]:
    rows = call.table("CONDITIONS_IN")
    marks = call.table("CONDITIONS_INX")
    handled = call.structure("LOGIC_SWITCH").get("COND_HANDL") == "X"
    wanted = []
    for row in rows:
        mark = next((m for m in marks if _same_condition(m, row)), None)
        if mark is None:
            continue
        action = mark.get("UPDATEFLAG", "")
        if action not in ("U", "I"):
            problems.append(free_text("CONDITIONS_INX-UPDATEFLAG must be U or I"))
        elif action == "U" and not handled:
            problems.append(
                free_text("Conditions are changed only with LOGIC_SWITCH-COND_HANDL = X")
            )
        else:
            wanted.append(row)
    return sales_request.conditions(wanted)


def _same_condition(mark: Row, row: Row) -> bool:
    return (
        keys.integer(mark, "ITM_NUMBER") == keys.integer(row, "ITM_NUMBER")
        and mark.get("COND_TYPE", "") == row.get("COND_TYPE", "")
        and keys.integer(mark, "COND_COUNT") == keys.integer(row, "COND_COUNT")
    )


def _by_item(rows: Iterable[Row]) -> dict[int, Row]:
    return {keys.integer(row, "ITM_NUMBER"): row for row in rows}


HANDLERS: dict[str, Handler] = {"BAPI_SALESORDER_CHANGE": change}
