"""BAPI_TRANSACTION_COMMIT and BAPI_TRANSACTION_ROLLBACK."""

from __future__ import annotations

from typing import Any

from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.handlers.messages import bapiret2


def commit(call: Call) -> dict[str, Any]:
    """
    Commit the unit of work: with WAIT set the update has run when the answer comes.

    A failed update is a row of type E; without WAIT there is never a row. A commit of nothing
    succeeds like any other.
    """
    outcome = call.session.commit(wait=call.flag("WAIT"))
    rows = bapiret2(outcome.messages)
    return {"RETURN": rows[0] if rows else {}}


def rollback(call: Call) -> dict[str, Any]:
    """Forget the unit of work."""
    call.session.rollback()
    return {"RETURN": {}}


HANDLERS: dict[str, Handler] = {
    "BAPI_TRANSACTION_COMMIT": commit,
    "BAPI_TRANSACTION_ROLLBACK": rollback,
}
