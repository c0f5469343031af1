"""
BAPI_SALESORDER_CHANGE and its sisters: only what the X structures flag is changed.

UPDATEFLAG says what is to happen: U changes, I adds, D deletes. A quantity is changed by its
schedule lines. Conditions are changed only with LOGIC_SWITCH-COND_HANDL set, or added with I.
Partners are replaced by PARTNERCHANGES, whose flag takes the same letters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from connector.simulator.engine.outcome import Message
from connector.simulator.engine.specs import (
    SalesDocumentChange,
    SalesItemChange,
    ScheduleLineSpec,
)
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


def change(call: Call, prefix: str, categories: str) -> dict[str, Any]:
    """Change a document; SIMULATION checks and prices without buffering anything."""
    number = call.text("SALESDOCUMENT")
    system = call.settings.system_id
    document = call.erp.sales_document(number)
    if document is not None and document.category not in categories:
        text = f"Document {number} cannot be changed by {call.function.name}"
        rows = [free_text(text), message(call, "sales document not changed", number)]
        return {"RETURN": bapiret2(rows, system)}
    wanted, problems = build(call, prefix)
    if problems:
        rows = [*problems, message(call, "sales document not changed", number)]
        return {"RETURN": bapiret2(rows, system)}
    if call.flag("SIMULATION"):
        with call.erp.session(call.context.user) as session:
            outcome = session.change_sales_document(number, wanted)
    else:
        outcome = call.session.change_sales_document(number, wanted)
    return {"RETURN": bapiret2(outcome.messages, system)}


def build(call: Call, prefix: str) -> tuple[SalesDocumentChange, list[Message]]:
    """Return the change that the flagged fields ask for, and what is wrong with the flags."""
    marks = call.structure(f"{prefix}_HEADER_INX")
    action = marks.get("UPDATEFLAG", "")
    problems: list[Message] = []
    if action not in ("U", "D"):
        problems.append(free_text(f"{prefix}_HEADER_INX-UPDATEFLAG must be U or D", "E"))
    wanted = SalesDocumentChange()
    header = call.structure(f"{prefix}_HEADER_IN")
    for name, field in _HEADER_TEXTS.items():
        if marks.get(name) == "X":
            setattr(wanted, field, header.get(name, ""))
    for name, field in _HEADER_DATES.items():
        if marks.get(name) == "X":
            setattr(wanted, field, keys.as_date(header.get(name, "")))
    wanted.items = _item_changes(call, prefix, problems)
    if action == "D":
        wanted.items = _deletions(call, problems)
    wanted.conditions = _conditions(call, problems)
    wanted.texts = sales_request.texts(call.table(f"{prefix}_TEXT"))
    _partner_changes(call, wanted, problems)
    return wanted, problems


def _partner_changes(call: Call, wanted: SalesDocumentChange, problems: list[Message]) -> None:
    addresses = {row.get("ADDR_NO", ""): row for row in call.table("PARTNERADDRESSES")}
    conversion = call.conversion("CONVERT")
    for count, row in enumerate(call.table("PARTNERCHANGES"), 1):
        role, item_number = row.get("PARTN_ROLE", ""), keys.integer(row, "ITM_NUMBER")
        function = conversion.partner_function(role)
        if not function:
            text = f"Partner function {role} is not defined"
            problems.append(free_text(text, "E", "PARTNERCHANGES", count))
            continue
        match row.get("UPDATEFLAG", ""):
            case "D":
                wanted.removed_partners.append((function, item_number))
            case "U" | "I":
                new = {**row, "PARTN_NUMB": row.get("P_NUMB_NEW") or row.get("P_NUMB_OLD", "")}
                wanted.partners.append(sales_request.partner(function, new, addresses))
            case _:
                text = f"PARTNERCHANGES-UPDATEFLAG of function {role} must be U, I or D"
                problems.append(free_text(text, "E", "PARTNERCHANGES", count))
    for count, row in enumerate(call.table("PARTNERS"), 1):
        function = conversion.partner_function(row.get("PARTN_ROLE", ""))
        if function:
            wanted.partners.append(sales_request.partner(function, row, addresses))
        else:
            text = f"Partner function {row.get('PARTN_ROLE', '')} is not defined"
            problems.append(free_text(text, "E", "PARTNERS", count))


def _deletions(call: Call, problems: list[Message]) -> list[SalesItemChange]:
    document = call.erp.sales_document(call.text("SALESDOCUMENT"))
    if document is None:
        problems.append(message(call, "sales document does not exist", call.text("SALESDOCUMENT")))
        return []
    return [SalesItemChange(item.item_number, "D") for item in document.items]


def _item_changes(call: Call, prefix: str, problems: list[Message]) -> list[SalesItemChange]:
    master = call.erp.master_data
    rows = _by_item(call.table(f"{prefix}_ITEM_IN"))
    lines = _flagged_lines(call, problems)
    changes: dict[int, SalesItemChange] = {}
    for mark in call.table(f"{prefix}_ITEM_INX"):
        item_number = keys.integer(mark, "ITM_NUMBER")
        action = mark.get("UPDATEFLAG", "")
        if action not in ("U", "I", "D"):
            problems.append(
                free_text(f"{prefix}_ITEM_INX-UPDATEFLAG of item {item_number} must be U, I or D")
            )
            continue
        row = rows.get(item_number, {})
        wanted = SalesItemChange(item_number, action)
        if action == "I":
            new = {**sales_request.flagged(row, mark), "ITM_NUMBER": mark.get("ITM_NUMBER", "")}
            own = [line for _, line in lines.get(item_number, ())]
            wanted.new = sales_request.item(master, new, own)
            wanted.schedule_lines = [
                sales_request.schedule_line(line) for line in own if keys.number(line, "REQ_QTY")
            ]
        elif action == "U":
            _change_item(wanted, row, mark)
        changes[item_number] = wanted
    for item_number, given in lines.items():
        wanted = changes.setdefault(item_number, SalesItemChange(item_number))
        if wanted.action == "U":
            wanted.schedule_lines = _changed_lines(call, item_number, given)
    return list(changes.values())


def _change_item(wanted: SalesItemChange, row: Row, mark: Row) -> None:
    for name, field in _ITEM_TEXTS.items():
        if mark.get(name) == "X":
            setattr(wanted, field, row.get(name, ""))
    if mark.get("TARGET_QTY") == "X":
        wanted.quantity = keys.number(row, "TARGET_QTY") or keys.ZERO


def _changed_lines(
    call: Call, item_number: int, given: Iterable[tuple[str, Row]]
) -> list[ScheduleLineSpec]:
    """Return the requested schedule lines of an item with *given* (flag, row) applied."""
    document = call.erp.sales_document(call.text("SALESDOCUMENT"))
    item = document.item(item_number) if document is not None else None
    known = {
        line.line: ScheduleLineSpec(item_number, line.quantity, line.requested_date)
        for line in (item.schedule_lines if item is not None else ())
        if line.quantity
    }
    for action, row in given:
        number = keys.integer(row, "SCHED_LINE")
        if action == "D":
            known.pop(number, None)
            continue
        before = known.get(number, ScheduleLineSpec(item_number, keys.ZERO))
        quantity = keys.number(row, "REQ_QTY")
        known[number] = replace(
            sales_request.schedule_line(row),
            quantity=before.quantity if quantity is None else quantity,
            requested_date=keys.as_date(row.get("REQ_DATE", "")) or before.requested_date,
        )
    return [line for _, line in sorted(known.items(), key=lambda each: each[0])]


def _flagged_lines(call: Call, problems: list[Message]) -> dict[int, list[tuple[str, Row]]]:
    """Return the schedule lines that are to change, with their flags, by item."""
    rows = {_line_key(row): row for row in call.table("SCHEDULE_LINES")}
    found: dict[int, list[tuple[str, Row]]] = {}
    for mark in call.table("SCHEDULE_LINESX"):
        key = _line_key(mark)
        action = mark.get("UPDATEFLAG", "")
        if action not in ("U", "I", "D"):
            problems.append(
                free_text(f"SCHEDULE_LINESX-UPDATEFLAG of item {key[0]} must be U, I or D")
            )
            continue
        row = rows.get(key, {})
        line = {name: mark[name] for name in ("ITM_NUMBER", "SCHED_LINE") if name in mark}
        found.setdefault(key[0], []).append((action, line | sales_request.flagged(row, mark)))
    return found


def _line_key(row: Row) -> tuple[int, int]:
    return keys.integer(row, "ITM_NUMBER"), keys.integer(row, "SCHED_LINE")


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


def change_inquiry(call: Call) -> dict[str, Any]:
    """BAPI_CUSTOMERINQUIRY_CHANGE."""
    return change(call, "INQUIRY", "A")


def change_quotation(call: Call) -> dict[str, Any]:
    """BAPI_CUSTOMERQUOTATION_CHANGE."""
    return change(call, "QUOTATION", "B")


def change_order(call: Call) -> dict[str, Any]:
    """BAPI_SALESORDER_CHANGE: whatever the order's create function makes."""
    return change(call, "ORDER", "CGHIKL")


def change_return(call: Call) -> dict[str, Any]:
    """BAPI_CUSTOMERRETURN_CHANGE."""
    return change(call, "RETURN", "H")


HANDLERS: dict[str, Handler] = {
    "BAPI_CUSTOMERINQUIRY_CHANGE": change_inquiry,
    "BAPI_CUSTOMERQUOTATION_CHANGE": change_quotation,
    "BAPI_SALESORDER_CHANGE": change_order,
    "BAPI_CUSTOMERRETURN_CHANGE": change_return,
}
