"""
Advance a flow: do what comes next until nothing can be done now.

May be called any number of times and at any moment; what was done before is seen from the
documents and steps that exist.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from connector.errors import ErpUnavailableError, TransientError
from connector.mappings.problems import Problem
from connector.ports.step_state import StepState
from connector.ports.store_records import (
    EventKind,
    FlowChange,
    FlowView,
    NewEvent,
    NewHold,
    Step,
    StepChange,
)
from connector.sd_documents.sales_document import SalesDocument
from connector.sync.context import SyncContext
from connector.sync.doubt import resolve
from connector.sync.follow_ups import next_step
from connector.sync.next_steps import (
    Abandon,
    AcceptVersion,
    Complete,
    NextStep,
    ReadChain,
    Reopen,
    Situation,
    Stop,
    Submit,
    Wait,
)
from connector.sync.pricing import price
from connector.sync.status import refresh
from connector.sync.submit import Outcome, submit


class Standing(StrEnum):
    """Where a flow stands after it was advanced."""

    #: Nothing to do before its next due time, or before something changes.
    WAITING = "waiting"
    #: The ERP must be read before more can be decided.
    UNREAD = "unread"
    HELD = "held"
    COMPLETE = "complete"
    #: Another worker has it.
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Advanced:
    """A flow after it was advanced; ``written`` counts the steps that were done."""

    view: FlowView
    standing: Standing
    written: int = 0


def advance(context: SyncContext, flow_id: int) -> Advanced:
    """
    Do all that can be done for one flow now, reading the ERP in between.

    Raises:
        KeyError: there is no such flow.
        ErpUnavailableError: the ERP cannot be reached; nothing is lost and no attempt counts.
    """
    views = context.store.flows.views([flow_id])
    if not views:
        raise KeyError(flow_id)
    result, written = Advanced(views[0], Standing.BUSY), 0
    while views:
        doubt = due_doubt(views[0], context.clock.now())
        if doubt is not None:
            resolve(context, doubt)
            views = context.store.flows.views([flow_id])
        result = advance_view(context, views[0])
        written += result.written
        if due_doubt(result.view, context.clock.now()) is not None:
            views = (result.view,)
        else:
            views = refresh(context, [flow_id]) if result.standing is Standing.UNREAD else ()
    return replace(result, written=written)


def due_doubt(view: FlowView, now: datetime) -> Step | None:
    """Return the step in doubt whose look-up is due, None when there is none."""
    return next(
        (
            step
            for step in view.steps
            if step.state is StepState.IN_DOUBT
            and step.lease_until is None
            and (step.due_at is None or step.due_at <= now)
        ),
        None,
    )


def advance_view(context: SyncContext, view: FlowView) -> Advanced:
    """As :func:`advance`, from a view just read, and up to where the ERP must be read again."""
    before = view.flow.writes
    while True:
        written = view.flow.writes - before
        if view.flow.closed_at is not None:
            return Advanced(view, Standing.COMPLETE, written)
        if view.holds:
            return Advanced(view, Standing.HELD, written)
        situation = Situation(
            view,
            context.plan(view.flow.plan),
            context.route(view.flow.channel),
            context.options,
            context.clock.now(),
        )
        decision = next_step(situation)
        done = _act(context, view, decision)
        if isinstance(done, Standing):
            return Advanced(view, done, written)
        view = done


def _act(context: SyncContext, view: FlowView, decision: NextStep) -> FlowView | Standing:
    """Do what was decided; returns the flow when it can go on, else where it stands."""
    result: FlowView | Standing
    match decision:
        case Submit():
            result = _submit(context, view, decision)
        case Reopen():
            result = _with_step(view, reopen(context, decision.step))
        case Abandon():
            result = _with_step(view, _abandon(context, decision.step))
        case AcceptVersion():
            result = _accept(context, view)
        case Stop():
            result = _hold(context, view, decision.problems)
        case Wait():
            result = _sleep(context, view, decision.until)
        case Complete():
            result = _complete(context, view)
        case ReadChain():
            result = Standing.UNREAD
    return result


def _submit(context: SyncContext, view: FlowView, decision: Submit) -> FlowView | Standing:
    if decision.to_price is not None and context.options.simulate_before_create:
        stopped = _check_totals(context, view, decision.to_price)
        if stopped is not None:
            return stopped
    submission = submit(context, decision.intended)
    if submission.outcome is Outcome.DONE:
        view = replace(view, flow=replace(view.flow, writes=view.flow.writes + 1))
    if submission.outcome in (Outcome.DONE, Outcome.IN_DOUBT):
        assert submission.step is not None
        checked = replace(view.flow, checked_version=submission.step.order_version)
        return _with_step(replace(view, flow=checked), submission.step)
    return _STANDING_AFTER[submission.outcome]


_STANDING_AFTER: Final = {
    Outcome.HELD: Standing.HELD,
    Outcome.WAITS: Standing.WAITING,
    Outcome.NOT_CLAIMED: Standing.BUSY,
    Outcome.LOST: Standing.BUSY,
}


def _check_totals(context: SyncContext, view: FlowView, document: SalesDocument) -> Standing | None:
    """Hold the flow when the ERP's price is not the channel's; None when it may go on."""
    try:
        _, found = price(view.order, document, context.erp.sales_documents.simulate)
    except ErpUnavailableError:
        raise
    except TransientError:
        return _sleep(context, view, context.clock.now() + context.options.backoff(1))
    problems = tuple(p for p in found if (p.code, p.message) not in view.accepted)
    return _hold(context, view, problems) if problems else None


def reopen(context: SyncContext, step: Step) -> Step:
    """
    Let a step that was refused or ambiguous go on, now that nothing holds its flow.

    A refused step starts again from the beginning; an ambiguous one is looked for again, it is
    never simply sent.
    """
    now = context.clock.now()
    if step.state is StepState.REJECTED:
        change = StepChange(attempt=0, due_at=None)
        return context.store.steps.move(step, (StepState.READY,), change, now=now)
    change = StepChange(absent_look_ups=0, doubt_since=now, due_at=now)
    return context.store.steps.move(step, (StepState.IN_DOUBT,), change, now=now)


def _abandon(context: SyncContext, step: Step) -> Step:
    now = context.clock.now()
    return context.store.steps.move(step, (StepState.ABANDONED,), StepChange(), now=now)


def _with_step(view: FlowView, step: Step) -> FlowView:
    others = tuple(known for known in view.steps if known.id != step.id)
    return replace(view, steps=tuple(sorted((*others, step), key=lambda known: known.id)))


def _accept(context: SyncContext, view: FlowView) -> FlowView:
    version = view.flow.version
    context.store.flows.change(
        view.flow.id, FlowChange(checked_version=version), now=context.clock.now()
    )
    return replace(view, flow=replace(view.flow, checked_version=version))


def _hold(context: SyncContext, view: FlowView, problems: tuple[Problem, ...]) -> Standing:
    for problem in problems:
        context.store.holds.open(
            view.flow.id, NewHold(problem.code, problem.message), now=context.clock.now()
        )
    return Standing.HELD


def _sleep(context: SyncContext, view: FlowView, until: datetime | None) -> Standing:
    if until != view.flow.due_at:
        change = FlowChange(due_at=until, if_wakes=view.flow.wakes)
        context.store.flows.change(view.flow.id, change, now=context.clock.now())
    return Standing.WAITING if view.flow.is_mirrored else Standing.UNREAD


def _complete(context: SyncContext, view: FlowView) -> Standing:
    context.store.flows.change(
        view.flow.id,
        FlowChange(due_at=None, close=True, if_wakes=view.flow.wakes),
        now=context.clock.now(),
        events=[NewEvent(EventKind.FLOW_COMPLETED, view.flow.id)],
    )
    return Standing.COMPLETE
