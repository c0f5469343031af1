"""Which channel has which plan, on each kind of system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.resources import shipped
from connector.sync.plan import Plan, load_plan
from tests.scenarios.worked_cases import case_plan

_OBSERVED = {"by": "observe"}


def plans(profile: str) -> dict[str, Plan]:
    """Return the plans by channel."""
    return {
        "presales": _shipped("presales", profile, quotation={"wait_days": 1},
                             sales_order={"wait_days": 2}, billing={"wait_days": 1}),
        "warehouse": case_plan(profile, delivery=_OBSERVED, goods_issue=_OBSERVED,
                               billing={"wait_days": 1}, payment={"differing": "partial"}),
        "returns": case_plan(profile, billing={"wait_days": 1}, returns_delivery={"wait_days": 2}),
        "portal": case_plan(profile),
        "wholesale": case_plan(profile, payment={"source": "statements"}),
        "dealers": case_plan(profile),
        "services": _shipped("services", profile),
        "milestones": _shipped("milestones", profile),
        "shop": case_plan(profile),
    }  # fmt: skip


def _shipped(name: str, profile: str, **changes: Mapping[str, Any]) -> Plan:
    content = load_plan(shipped(f"config/plans/{name}.yaml")).model_dump()
    if profile == "s4":
        content["billing"]["by"] = "observe"
        content["debit_memo_request"]["by"] = "absent"
        # No service creates inquiries.
        content["inquiry"]["by"] = "absent"
    for document, changed in changes.items():
        content[document] |= changed
    return Plan.model_validate({**content, "name": name})
