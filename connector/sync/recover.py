"""
Take over what a worker left behind when it died.

Before COMMIT_SENT nothing can have been posted: the ERP's session ended with the worker and its
work was rolled back, so the step may be tried again. From COMMIT_SENT on it may have been posted:
the step is in doubt.
"""

from __future__ import annotations

from connector.errors import LeaseLostError
from connector.ports.step_state import MAYBE_POSTED, NOTHING_POSTED, StepState
from connector.ports.store_records import EventKind, FlowChange, NewEvent, Step, StepChange
from connector.sync.context import SyncContext

_DIED = "the worker that had this step ended without finishing it"


def recover(context: SyncContext) -> tuple[Step, ...]:
    """Move every step whose worker is gone to where it belongs; returns those that were moved."""
    moved = []
    now = context.clock.now()
    for step in context.store.steps.expired(now, (context.owner,)):
        taken = context.store.steps.take_over(
            step, owner=context.owner, now=now, lease_until=now + context.options.lease()
        )
        if taken is None:
            continue
        try:
            moved.append(_settle(context, taken))
        except LeaseLostError:
            continue
    return tuple(moved)


def _settle(context: SyncContext, step: Step) -> Step:
    now = context.clock.now()
    if step.state in NOTHING_POSTED:
        return context.store.steps.move(
            step,
            (StepState.RETRY_WAIT,),
            StepChange(due_at=now, last_error=_DIED),
            now=now,
            flow=FlowChange(due_at=now),
            events=[NewEvent(EventKind.STEP_WAITS, step.flow_id, step.id, detail={"error": _DIED})],
        )
    if step.state in MAYBE_POSTED:
        return context.store.steps.move(
            step,
            (StepState.IN_DOUBT,),
            StepChange(due_at=now, doubt_since=now, last_error=_DIED),
            now=now,
            events=[
                NewEvent(EventKind.STEP_IN_DOUBT, step.flow_id, step.id, detail={"error": _DIED})
            ],
        )
    # In doubt already: its look-up was interrupted. It is given back and looked for again.
    return context.store.steps.move(step, (), StepChange(due_at=now), now=now)
