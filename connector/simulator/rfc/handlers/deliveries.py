"""BAPI_OUTB_DELIVERY_CREATE_SLS and BAPI_OUTB_DELIVERY_CONFIRM_DEC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connector.simulator.engine.keys import padded
from connector.simulator.engine.outcome import Message
from connector.simulator.engine.specs import DeliveryRef
from connector.simulator.rfc import keys
from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.handlers.messages import bapiret2, free_text

if TYPE_CHECKING:
    from connector.simulator.engine.logistics_records import Delivery
    from connector.simulator.engine.outcome import Outcome
    from connector.simulator.engine.session import Session

#: Time type of the actual goods movement date in HEADER_DEADLINES.
ACTUAL_GOODS_ISSUE = "WSHDRWADTI"


def create(call: Call) -> dict[str, Any]:
    """
    Deliver order items; a split makes several deliveries, DELIVERY names only the first.

    An initial item number is the whole order, an initial due date sets no limit.
    """
    master = call.erp.master_data
    refs = [
        DeliveryRef(
            row.get("REF_DOC", ""),
            keys.integer(row, "REF_ITEM"),
            keys.number(row, "DLV_QTY") or None,
            keys.unit_in(master, row.get("SALES_UNIT", ""), row.get("SALES_UNIT_ISO", "")),
        )
        for row in call.table("SALES_ORDER_ITEMS")
    ]
    outcome = call.session.create_deliveries(
        refs, keys.as_date(call.text("DUE_DATE")), call.text("SHIP_POINT")
    )
    created: list[Delivery] = list(outcome.documents) if outcome.accepted else []
    return {
        "DELIVERY": outcome.number,
        "NUM_DELIVERIES": len(outcome.numbers),
        "DELIVERIES": [{"DELIV_NUMB": number} for number in outcome.numbers],
        "CREATED_ITEMS": [
            {
                "REF_DOC": item.reference_document,
                "REF_ITEM": item.reference_item,
                "DELIV_NUMB": delivery.number,
                "DELIV_ITEM": item.item_number,
                "MATERIAL": keys.material_out(item.material),
                "DLV_QTY": item.quantity,
                "SALES_UNIT": item.sales_unit,
                "SALES_UNIT_ISO": keys.unit_iso(master, item.sales_unit),
            }
            for delivery in created
            for item in delivery.items
        ],
        "RETURN": bapiret2(outcome.messages, call.settings.system_id),
    }


def confirm(call: Call) -> dict[str, Any]:
    """
    Confirm picking and, with POST_GI_FLG, post goods issue.

    Items whose quantity is not flagged (CHG_DELQTY) are confirmed as they are.
    """
    system = call.settings.system_id
    number = padded(call.text("DELIVERY"))
    control = call.structure("HEADER_CONTROL")
    problems = _problems(call, number)
    if problems:
        return {"RETURN": bapiret2(problems, system)}
    changed = {
        keys.integer(row, "DELIV_ITEM")
        for row in call.table("ITEM_CONTROL")
        if row.get("CHG_DELQTY") == "X"
    }
    picked = {
        item: keys.number(row, "DLV_QTY") or keys.ZERO
        for row in call.table("ITEM_DATA")
        if (item := keys.integer(row, "DELIV_ITEM")) in changed
    }
    if control.get("SIMULATE") == "X":
        with call.erp.session(call.context.user) as session:
            outcome = _confirm(call, session, number, picked)
    else:
        outcome = _confirm(call, call.session, number, picked)
    return {"RETURN": bapiret2(outcome.messages, system)}


def _confirm(call: Call, session: Session, number: str, picked: dict[int, Decimal]) -> Outcome:
    return session.confirm_delivery(
        number,
        post_goods_issue=call.structure("HEADER_CONTROL").get("POST_GI_FLG") == "X",
        picked=picked,
        actual_goods_issue_date=_goods_issue_date(call),
        bill_of_lading=call.structure("HEADER_DATA").get("BILL_LADING", ""),
    )


def _problems(call: Call, number: str) -> list[Message]:
    problems = []
    for parameter in ("HEADER_DATA", "HEADER_CONTROL"):
        named = call.structure(parameter).get("DELIV_NUMB", "")
        if padded(named) != number:
            text = f"{parameter}-DELIV_NUMB {named} is not the delivery {number} of the call"
            problems.append(free_text(text, "E", parameter))
    for row in call.table("ITEM_CONTROL"):
        if row.get("DEL_ITEM") == "X":
            item = keys.integer(row, "DELIV_ITEM")
            problems.append(
                free_text(f"Item {item} cannot be deleted by this call: confirm it with zero")
            )
    return problems


def _goods_issue_date(call: Call) -> date | None:
    """Return the actual goods issue date among the deadlines; its time stamp is UTC."""
    for row in call.table("HEADER_DEADLINES"):
        moment = keys.number(row, "TIMESTAMP_UTC")
        if row.get("TIMETYPE") == ACTUAL_GOODS_ISSUE and moment:
            utc = datetime.strptime(f"{int(moment):014}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            return utc.astimezone(ZoneInfo(call.erp.settings.time_zone)).date()
    return None


HANDLERS: dict[str, Handler] = {
    "BAPI_OUTB_DELIVERY_CREATE_SLS": create,
    "BAPI_OUTB_DELIVERY_CONFIRM_DEC": confirm,
}
