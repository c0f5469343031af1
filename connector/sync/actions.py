"""What a person decides about an order: retry, release, cancel; each leaves an event."""

from __future__ import annotations

from connector.clock import Clock
from connector.errors import LeaseLostError, RejectedError
from connector.ports.step_state import OCCUPYING, TRANSITIONS, StepState
from connector.ports.store import FlowStore
from connector.ports.store_records import (
    EventKind,
    FlowChange,
    FlowView,
    Hold,
    NewEvent,
    Step,
    StepChange,
)


def retry(
    store: FlowStore, clock: Clock, flow_id: int, *, by: str, comment: str = ""
) -> tuple[Hold, ...]:
    """
    Try again what holds the flow, after its cause was removed; attempts count anew.

    The same problem holds it again. Returns the holds that were released.

    Raises:
        RejectedError: there is no such flow, or it is closed.
    """
    return _let_go(store, clock, _open_flow(store, flow_id), by, comment, accepted=False)


def release(
    store: FlowStore, clock: Clock, flow_id: int, *, by: str, comment: str
) -> tuple[Hold, ...]:
    """
    Let the flow go on as it is: its problems are accepted and hold it no more.

    What cannot be accepted (a step that the ERP refuses, a document that cannot be mapped) is
    tried again. Returns the holds that were released.

    Raises:
        RejectedError: there is no such flow, it is closed, or nothing holds it.
    """
    view = _open_flow(store, flow_id)
    if not view.holds:
        raise RejectedError(f"{_name(view)} is not held: there is nothing to release")
    return _let_go(store, clock, view, by, comment, accepted=True)


def cancel(
    store: FlowStore, clock: Clock, flow_id: int, *, by: str, comment: str
) -> tuple[str, ...]:
    """
    Stop following the order for good. Nothing is changed in the ERP.

    Returns the numbers of the documents that exist there, for whoever has to reverse them.

    Raises:
        RejectedError: there is no such flow, it is closed, or a step is being worked on or looked
            for, so that nobody knows yet what exists.
    """
    view = _open_flow(store, flow_id)
    busy = next((step for step in view.steps if step.state in OCCUPYING), None)
    if busy is not None:
        raise RejectedError(
            f"{_name(view)} cannot be cancelled while '{busy.operation}' is {busy.state}; "
            "try again when it is settled"
        )
    now = clock.now()
    for step in view.steps:
        if StepState.ABANDONED in TRANSITIONS[step.state]:
            _move(store, step, (StepState.ABANDONED,), StepChange(), clock)
    done = [step for step in view.steps if step.state is StepState.DONE]
    documents = tuple(sorted({number for step in done for number in step.numbers}))
    store.holds.release(
        flow_id,
        now=now,
        by=by,
        comment=comment,
        accepted=False,
        flow=FlowChange(due_at=None, cancel=True),
        events=[
            NewEvent(
                EventKind.FLOW_CANCELLED,
                flow_id,
                detail={"by": by, "comment": comment, "documents": ", ".join(documents)},
            )
        ],
    )
    return documents


def _let_go(
    store: FlowStore, clock: Clock, view: FlowView, by: str, comment: str, *, accepted: bool
) -> tuple[Hold, ...]:
    now = clock.now()
    for step in view.steps:
        if step.state is StepState.RETRY_WAIT:
            _move(store, step, (), StepChange(attempt=0, due_at=None), clock)
    return store.holds.release(
        view.flow.id,
        now=now,
        by=by,
        comment=comment,
        accepted=accepted,
        flow=FlowChange(due_at=now),
        events=[
            NewEvent(EventKind.RETRY_REQUESTED, view.flow.id, detail={"by": by, "comment": comment})
        ],
    )


def _move(
    store: FlowStore, step: Step, path: tuple[StepState, ...], change: StepChange, clock: Clock
) -> None:
    try:
        store.steps.move(step, path, change, now=clock.now())
    except LeaseLostError as error:
        raise RejectedError("a worker is busy with this order; try again in a moment") from error


def _open_flow(store: FlowStore, flow_id: int) -> FlowView:
    views = store.flows.views([flow_id])
    if not views:
        raise RejectedError(f"there is no order with the id {flow_id}")
    if views[0].flow.closed_at is not None:
        state = "cancelled" if views[0].flow.cancelled else "complete"
        raise RejectedError(f"{_name(views[0])} is {state}: nothing is left to be decided")
    return views[0]


def _name(view: FlowView) -> str:
    return f"order {view.flow.order_name or view.flow.external_id}"
