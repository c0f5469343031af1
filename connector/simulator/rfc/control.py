"""
What an operator or a test may do to the simulated ERP from another process.

These are not functions of SAP: faults, time, held commits, background jobs, counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date as Date
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.simulator.engine.billing_plan_specs import BillingPlanDateChange
from connector.simulator.engine.specs import (
    SalesDocumentChange,
    SalesItemChange,
)

if TYPE_CHECKING:
    from connector.simulator.rfc.face import RfcFace

Control = Callable[..., Any]

#: The user under whom an operator's own work appears.
OPERATOR = "OPERATOR"


def controls(face: RfcFace) -> dict[str, Control]:
    """Return the controls of *face*; arguments and values are plain JSON."""
    erp = face.erp

    def set_latency(seconds: float) -> None:
        face.settings.latency_s = seconds

    def inject_in_engine(
        name: str,
        on: str = "*",
        times: int = 1,
        by: str = "SIMULATED",
        seconds: float | None = None,
        *,
        skip: int = 0,
    ) -> None:
        erp.faults.inject(name, on, times, by, seconds, skip=skip)

    def change_billing_plan(
        *,
        document: str,
        item: int,
        date: int,
        block: str | None = None,
        billing_date: str | None = None,
        percent: str | None = None,
    ) -> list[str]:
        change = BillingPlanDateChange(
            date,
            billing_date=Date.fromisoformat(billing_date) if billing_date else None,
            percent=Decimal(percent) if percent else None,
            billing_block=block,
        )
        items = [SalesItemChange(item, billing_plan=[change])]
        with erp.session(OPERATOR) as session:
            outcome = session.change_sales_document(document, SalesDocumentChange(items=items))
            if outcome.accepted:
                session.commit(wait=True)
        return [each.text for each in outcome.messages if each.is_error]

    return {
        "inject": face.inject,
        "waiting faults": lambda: [list(w) for w in face.faults.waiting()],
        "clear faults": face.faults.clear,
        "release held": face.release_held,
        "held calls": lambda: face.held_calls,
        "open sessions": lambda: face.open_sessions,
        "drop sessions": face.drop_sessions,
        "set latency": set_latency,
        "inject in engine": inject_in_engine,
        "advance": lambda seconds: erp.advance(timedelta(seconds=seconds)),
        "run updates": erp.run_updates,
        "release updates": erp.release_updates,
        "run job": lambda job: list(erp.run_job(job).numbers),
        "document counts": erp.document_counts,
        "change billing plan": change_billing_plan,
    }


def run(known: Mapping[str, Control], name: str, arguments: Mapping[str, Any]) -> Any:
    """Run control *name*; ValueError when there is none or its arguments are wrong."""
    control = known.get(name)
    if control is None:
        raise ValueError(f"unknown control {name!r}; known are: {', '.join(sorted(known))}")
    try:
        return control(**arguments)
    except TypeError as error:
        raise ValueError(f"control {name!r}: {error}") from error
