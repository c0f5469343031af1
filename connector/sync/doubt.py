"""
Resolve a step that is in doubt: look, and decide only on what is certain.

Exactly what was sent is there: done. Nothing is there in two look-ups after the settle time: it
may be sent again. Anything else: a person decides. Nothing is ever sent from here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from connector.errors import ConnectorError, LeaseLostError
from connector.ports.step_state import StepState
from connector.ports.store_records import EventKind, FlowChange, NewEvent, NewHold, Step, StepChange
from connector.sync import hold_reasons
from connector.sync.context import SyncContext
from connector.sync.look_up import Found, look_up
from connector.sync.submit import Outcome, Submission, finish, wait

#: How many look-ups after the settle time must find nothing before a step is sent again.
LOOK_UPS_NEEDED = 2

Look = Callable[[SyncContext, Step], Found]


def look_in_flow(context: SyncContext, step: Step) -> Found:
    """Look for what a step of an order's flow may have posted."""
    [view] = context.store.flows.views([step.flow_id])
    return look_up(context.erp, step, view)


def resolve(context: SyncContext, step: Step, look: Look = look_in_flow) -> Submission:
    """
    Look once for what *step* (in doubt) may have posted, and act on what was found.

    *look* does the looking; it only reads.

    Raises:
        ErpUnavailableError: nothing was learnt; the step stays in doubt and is due again.
    """
    now = context.clock.now()
    taken = context.store.steps.take_over(
        step, owner=context.owner, now=now, lease_until=now + context.options.lease()
    )
    if taken is None:
        return Submission(Outcome.NOT_CLAIMED, None)
    try:
        return _act(context, taken, _look(context, taken, look))
    except LeaseLostError:
        return Submission(Outcome.LOST, taken)


def _look(context: SyncContext, step: Step, look: Look) -> Found:
    try:
        return look(context, step)
    except ConnectorError as error:
        # Learning nothing must not look like finding nothing.
        again = timedelta(seconds=context.options.look_up_interval_s)
        _stay(context, step, context.clock.now() + again, error)
        raise


def _act(context: SyncContext, step: Step, found: Found) -> Submission:
    if found.conflict:
        return Submission(Outcome.HELD, _ambiguous(context, step, found.conflict))
    if found.numbers:
        return Submission(Outcome.DONE, finish(context, step, found.numbers))
    return _absent(context, step)


def _absent(context: SyncContext, step: Step) -> Submission:
    options, now = context.options, context.clock.now()
    assert step.doubt_since is not None
    settled_at = step.doubt_since + timedelta(seconds=options.settle_s)
    looked = step.absent_look_ups + 1 if now >= settled_at else 0
    if looked >= LOOK_UPS_NEEDED:
        cause = f" ({step.last_error})" if step.last_error else ""
        return wait(context, step, f"not found in {looked} look-ups, so not posted{cause}")
    due_at = max(settled_at, now + timedelta(seconds=options.look_up_interval_s))
    if not looked:
        due_at = settled_at
    moved = context.store.steps.move(
        step,
        (),
        StepChange(absent_look_ups=looked, looked_at=now, due_at=due_at),
        now=now,
        flow=FlowChange(due_at=due_at),
        events=[
            NewEvent(
                EventKind.NOT_FOUND,
                step.flow_id,
                step.id,
                detail={"counted": str(looked), "next_look_up": due_at.isoformat()},
            )
        ],
    )
    return Submission(Outcome.IN_DOUBT, moved)


def _stay(context: SyncContext, step: Step, due_at: datetime, error: Exception) -> None:
    context.store.steps.move(
        step,
        (),
        StepChange(due_at=due_at, last_error=str(error)),
        now=context.clock.now(),
        flow=FlowChange(due_at=due_at),
    )


def _ambiguous(context: SyncContext, step: Step, conflict: str) -> Step:
    return context.store.steps.move(
        step,
        (StepState.AMBIGUOUS,),
        StepChange(last_error=conflict),
        now=context.clock.now(),
        hold=NewHold(
            hold_reasons.AMBIGUOUS,
            f"{step.operation} lost its answer, and the ERP has something else than was sent: "
            f"{conflict}. Put it right in the ERP, then retry: the connector looks again",
            step.id,
            heals=False,
        ),
        events=[
            NewEvent(EventKind.AMBIGUOUS, step.flow_id, step.id, detail={"conflict": conflict})
        ],
    )
