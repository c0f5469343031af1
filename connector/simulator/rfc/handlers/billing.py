"""
BAPI_BILLINGDOC_CREATEMULTIPLE and BAPI_BILLINGDOC_CANCEL1.

Sources disagree whether these commit by themselves: `FaceSettings.billing_commits_itself` decides.
NO_COMMIT of the cancellation always wins.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from connector.simulator.engine.keys import padded
from connector.simulator.engine.outcome import Message
from connector.simulator.engine.specs import BillingRef
from connector.simulator.rfc import keys
from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.dictionary import Row
from connector.simulator.rfc.handlers.messages import bapiret1, bapiret1_row, free_text

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import BillingDocument
    from connector.simulator.engine.outcome import Outcome


def create(call: Call) -> dict[str, Any]:
    """
    Bill deliveries and orders.

    Rows with the same billing date and type are billed together, combined or split as their
    headers demand. SUCCESS has a row per billed item, ERRORS one per refused reference.
    """
    groups: dict[tuple[date | None, str], list[Row]] = {}
    problems: list[Message] = []
    for count, row in enumerate(call.table("BILLINGDATAIN"), 1):
        if not row.get("REF_DOC"):
            text = "A billing document without reference (REF_DOC) cannot be created here"
            problems.append(free_text(text, "E", "BILLINGDATAIN", count))
            continue
        key = (keys.as_date(row.get("BILL_DATE", "")), _billing_type(row))
        groups.setdefault(key, []).append(row)
    messages, errors, success = list(problems), [], []
    for (billing_date, billing_type), rows in groups.items():
        refs = [
            BillingRef(
                row["REF_DOC"],
                keys.integer(row, "REF_ITEM"),
                keys.number(row, "REQ_QTY") or None,
            )
            for row in rows
        ]
        outcome = _bill(call, refs, billing_date, billing_type)
        messages.extend(outcome.messages)
        if outcome.accepted:
            success.extend(_success(outcome))
        else:
            errors.extend(_errors(rows, outcome))
    if success and call.settings.billing_commits_itself and not call.flag("TESTRUN"):
        call.session.commit(wait=True)
    return {"RETURN": bapiret1(messages), "SUCCESS": success, "ERRORS": errors}


def _billing_type(row: Row) -> str:
    """The proposed type of order-related billing; a delivery's type is determined."""
    proposed: str = row.get("ORDBILLTYP") or row.get("BILL_TYPE", "")
    return proposed


def _bill(
    call: Call, refs: list[BillingRef], billing_date: date | None, billing_type: str
) -> Outcome:
    if not call.flag("TESTRUN"):
        return call.session.create_billing_documents(refs, billing_date, billing_type)
    with call.erp.session(call.context.user) as session:
        return session.create_billing_documents(refs, billing_date, billing_type)


def _success(outcome: Outcome) -> list[dict[str, Any]]:
    documents: tuple[BillingDocument, ...] = outcome.documents
    return [
        {
            "REF_DOC": item.reference_document,
            "REF_DOC_ITEM": item.reference_item,
            "BILL_DOC": document.number,
            "BILL_DOC_ITEM": item.item_number,
        }
        for document in documents
        for item in document.items
    ]


def _errors(rows: list[Row], outcome: Outcome) -> list[dict[str, Any]]:
    refused = [message for message in outcome.messages if message.is_error]
    return [
        {
            "REF_DOC": padded(row["REF_DOC"]),
            "REF_ITEM": row.get("REF_ITEM", 0),
            **bapiret1_row(message),
        }
        for row in rows
        for message in refused
    ]


def cancel(call: Call) -> dict[str, Any]:
    """Cancel a billing document by a new one; SUCCESS has it beside the one it cancels."""
    number = call.text("BILLINGDOCUMENT")
    billing_date = keys.as_date(call.text("BILLINGDATE"))
    if call.flag("TESTRUN"):
        with call.erp.session(call.context.user) as session:
            outcome = session.cancel_billing_document(number, billing_date)
        return {"RETURN": bapiret1(outcome.messages), "SUCCESS": []}
    outcome = call.session.cancel_billing_document(number, billing_date)
    if outcome.accepted and call.settings.billing_commits_itself and not call.flag("NO_COMMIT"):
        call.session.commit(wait=True)
    success = [{"REF_DOC": padded(number), "BILL_DOC": each} for each in outcome.numbers]
    return {"RETURN": bapiret1(outcome.messages), "SUCCESS": success}


HANDLERS: dict[str, Handler] = {
    "BAPI_BILLINGDOC_CREATEMULTIPLE": create,
    "BAPI_BILLINGDOC_CANCEL1": cancel,
}
