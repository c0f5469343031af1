"""The four create functions of sales documents: inquiry, quotation, order, returns."""

from __future__ import annotations

from typing import Any

from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.handlers import sales_request
from connector.simulator.rfc.handlers.messages import bapiret2, message


def create(call: Call, prefix: str, categories: str) -> dict[str, Any]:
    """
    Create a document in the unit of work; its number is provisional until the commit.

    TESTRUN checks and prices without buffering anything. RETURN ends with V1 311 when the document
    was accepted, with V4 219 when it was not.
    """
    spec, problems = sales_request.build(call, prefix, categories)
    system = call.settings.system_id
    if problems:
        rows = [*problems, message(call, "sales document not changed", "")]
        return {"SALESDOCUMENT": "", "RETURN": bapiret2(rows, system)}
    if call.flag("TESTRUN"):
        outcome = call.session.simulate_sales_document(spec)
    else:
        outcome = call.session.create_sales_document(spec)
    return {"SALESDOCUMENT": outcome.number, "RETURN": bapiret2(outcome.messages, system)}


def create_inquiry(call: Call) -> dict[str, Any]:
    """BAPI_INQUIRY_CREATEFROMDATA2."""
    return create(call, "INQUIRY", "A")


def create_quotation(call: Call) -> dict[str, Any]:
    """BAPI_QUOTATION_CREATEFROMDATA2."""
    return create(call, "QUOTATION", "B")


def create_order(call: Call) -> dict[str, Any]:
    """BAPI_SALESORDER_CREATEFROMDAT2: orders, credit and debit memo requests, returns."""
    return create(call, "ORDER", "CHIKL")


def create_contract(call: Call) -> dict[str, Any]:
    """BAPI_CONTRACT_CREATEFROMDATA."""
    return create(call, "CONTRACT", "G")


def create_return(call: Call) -> dict[str, Any]:
    """BAPI_CUSTOMERRETURN_CREATE."""
    return create(call, "RETURN", "H")


HANDLERS: dict[str, Handler] = {
    "BAPI_INQUIRY_CREATEFROMDATA2": create_inquiry,
    "BAPI_QUOTATION_CREATEFROMDATA2": create_quotation,
    "BAPI_SALESORDER_CREATEFROMDAT2": create_order,
    "BAPI_CUSTOMERRETURN_CREATE": create_return,
    "BAPI_CONTRACT_CREATEFROMDATA": create_contract,
}
