"""
BAPI_OUTB_DELIVERY_CREATE_SLS, _CONFIRM_DEC and _CHANGE, and the reversal of a goods issue.

SAP's own WS_REVERSE_GOODS_ISSUE cannot be called from outside; each customer wraps it in a
remote-enabled function of their own, whose name is a setting (`goods_issue_reversal_function`):
DELIVERY, PSTNG_DATE (initial: today), MAT_DOC and DOC_YEAR of the reversal, RETURN. It is final
only after the commit.
"""

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
from connector.simulator.rfc.settings import GOODS_ISSUE_REVERSAL_FUNCTION

if TYPE_CHECKING:
    from connector.simulator.engine.logistics_records import Delivery, MaterialDocument
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

    Items whose quantity is not flagged (CHG_DELQTY) are confirmed as they are, those flagged
    DEL_ITEM are taken out.
    """
    system = call.settings.system_id
    number = padded(call.text("DELIVERY"))
    control = call.structure("HEADER_CONTROL")
    problems = _problems(call, number)
    if problems:
        return {"RETURN": bapiret2(problems, system)}
    picked = _quantities(call)
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
        deleted=_flagged_items(call, "DEL_ITEM"),
    )


def change(call: Call) -> dict[str, Any]:
    """Change quantities (CHG_DELQTY), delete items (DEL_ITEM) or the whole delivery (DLV_DEL)."""
    system = call.settings.system_id
    number = padded(call.text("DELIVERY"))
    problems = _problems(call, number)
    if problems:
        return {"RETURN": bapiret2(problems, system)}
    if call.structure("HEADER_CONTROL").get("DLV_DEL") == "X":
        outcome = call.session.delete_delivery(number)
    else:
        outcome = call.session.change_delivery(
            number, _quantities(call), _flagged_items(call, "DEL_ITEM")
        )
    return {"RETURN": bapiret2(outcome.messages, system)}


def reverse_goods_issue(call: Call) -> dict[str, Any]:
    """Take the goods issue of a delivery back, as transaction VL09 does."""
    outcome = call.session.reverse_goods_issue(
        call.text("DELIVERY"), keys.as_date(call.text("PSTNG_DATE"))
    )
    answer: dict[str, Any] = {"RETURN": bapiret2(outcome.messages, call.settings.system_id)}
    if outcome.accepted and len(outcome.documents) > 1:
        document: MaterialDocument = outcome.documents[1]
        answer |= {"MAT_DOC": document.number, "DOC_YEAR": document.year}
    return answer


def _quantities(call: Call) -> dict[int, Decimal]:
    flagged = _flagged_items(call, "CHG_DELQTY")
    return {
        item: keys.number(row, "DLV_QTY") or keys.ZERO
        for row in call.table("ITEM_DATA")
        if (item := keys.integer(row, "DELIV_ITEM")) in flagged
    }


def _flagged_items(call: Call, flag: str) -> set[int]:
    return {
        keys.integer(row, "DELIV_ITEM")
        for row in call.table("ITEM_CONTROL")
        if row.get(flag) == "X"
    }


def _problems(call: Call, number: str) -> list[Message]:
    problems = []
    for parameter in ("HEADER_DATA", "HEADER_CONTROL"):
        named = call.structure(parameter).get("DELIV_NUMB", "")
        if padded(named) != number:
            text = f"{parameter}-DELIV_NUMB {named} is not the delivery {number} of the call"
            problems.append(free_text(text, "E", parameter))
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
    "BAPI_OUTB_DELIVERY_CHANGE": change,
    GOODS_ISSUE_REVERSAL_FUNCTION: reverse_goods_issue,
}
