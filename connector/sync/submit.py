"""
Submit one step: intent first, then the call, and never twice.

Everything that decides about a second try is durable before the call it is about: the intent
before the create leaves, COMMIT_SENT before the commit leaves. Nothing here tries anything again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from connector.errors import (
    ConfigurationError,
    ErpUnavailableError,
    LeaseLostError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from connector.ports.erp import Point
from connector.ports.step_state import StepState
from connector.ports.store_records import (
    EventKind,
    FlowChange,
    NewEvent,
    NewHold,
    ReferenceTakenError,
    Step,
    StepChange,
)
from connector.sync import hold_reasons
from connector.sync.context import PendingStep, SyncContext
from connector.sync.writes import (
    CARRYING_REFERENCE,
    FLOW_REFERENCE,
    Intended,
    made,
    payload_text,
    perform,
    refusal_message,
)


class Outcome(StrEnum):
    """What became of a submission."""

    DONE = "done"
    #: Another worker has the flow, or the step is not due yet.
    NOT_CLAIMED = "not claimed"
    #: Nothing was posted; the step waits to be tried again.
    WAITS = "waits"
    #: A person must decide; the flow is held.
    HELD = "held"
    #: Posted or not, nobody knows; it is looked for.
    IN_DOUBT = "in doubt"
    #: Another worker took the step over; nothing was posted here.
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Submission:
    """An outcome, and the step as it is now (None when it was not claimed)."""

    outcome: Outcome
    step: Step | None


class _Observer:
    """
    Makes the progress of one write durable, and knows whether it may have been posted.

    The ERP's own answer that it posted nothing takes a doubt away; a transport's opinion does not.
    """

    def __init__(self, context: SyncContext, step: Step) -> None:
        self._context = context
        self.step = step
        self.commit_may_have_left = False
        self._numbers: tuple[str, ...] = ()

    def created_uncommitted(self, numbers: Sequence[str]) -> None:
        # Written together with COMMIT_SENT: before the commit these numbers stand for nothing.
        self._numbers = tuple(numbers)

    def before_commit(self) -> None:
        path = [StepState.COMMIT_SENT]
        if self._numbers:
            path.insert(0, StepState.CREATED_UNCOMMITTED)
        self.step = self._context.store.steps.move(
            self.step,
            path,
            StepChange(provisional_numbers=self._numbers),
            now=self._context.clock.now(),
        )
        self.commit_may_have_left = True

    def passed(self, point: Point) -> None:
        if point is Point.COMMIT_REFUSED:
            self.commit_may_have_left = False
        self._context.on_point(point, self.step)


def submit(context: SyncContext, intended: Intended) -> Submission:
    """
    Claim the step, post what is *intended*, and note the result.

    Raises:
        ErpUnavailableError: nothing was posted and the attempt does not count.
        ConfigurationError: nothing will work until it is fixed (a refused logon); as above.
    """
    pending = PendingStep(intended.flow_id, intended.operation, intended.sequence_key)
    context.on_point(Point.BEFORE_CLAIM, pending)
    now = context.clock.now()
    step = context.store.steps.claim(
        intended.flow_id,
        intended.operation,
        intended.sequence_key,
        owner=context.owner,
        now=now,
        lease_until=now + context.options.lease(),
    )
    if step is None:
        return Submission(Outcome.NOT_CLAIMED, None)
    context.on_point(Point.AFTER_CLAIM, step)
    try:
        return _submit_claimed(context, step, intended)
    except LeaseLostError:
        # Whoever has the step now finds out what became of it.
        return Submission(Outcome.LOST, step)


def _submit_claimed(context: SyncContext, step: Step, intended: Intended) -> Submission:
    try:
        step = _intend(context, step, intended)
    except ReferenceTakenError as error:
        return Submission(Outcome.HELD, _refuse_reference(context, step, error))
    context.on_point(Point.AFTER_INTENT, step)
    if _may_exist_already(context, step):
        return _look_first(context, step)
    return _send(context, step, intended)


def _may_exist_already(context: SyncContext, step: Step) -> bool:
    """Tell whether a store older than the ERP may have forgotten the document."""
    wanted = context.options.look_before_create and step.attempt == 1
    return wanted and step.operation in CARRYING_REFERENCE


def _look_first(context: SyncContext, step: Step) -> Submission:
    """Treat the step as one that may have been posted long ago: its look-ups count at once."""
    now = context.clock.now()
    moved = context.store.steps.move(
        step,
        (StepState.COMMIT_SENT, StepState.IN_DOUBT),
        StepChange(doubt_since=now - timedelta(seconds=context.options.settle_s), due_at=now),
        now=now,
        events=[
            NewEvent(
                EventKind.STEP_IN_DOUBT,
                step.flow_id,
                step.id,
                detail={"error": "looked for before it is created for the first time"},
            )
        ],
    )
    return Submission(Outcome.IN_DOUBT, moved)


def _intend(context: SyncContext, step: Step, intended: Intended) -> Step:
    carried = intended.reference if intended.operation in FLOW_REFERENCE else None
    return context.store.steps.move(
        step,
        (StepState.INTENT, StepState.SENT),
        StepChange(
            order_version=intended.order_version,
            reference=intended.reference,
            payload=payload_text(intended.payload),
            known_before=intended.known_before,
            provisional_numbers=(),
        ),
        now=context.clock.now(),
        flow=FlowChange(checked_version=intended.order_version, reference=carried),
    )


def _refuse_reference(context: SyncContext, step: Step, error: ReferenceTakenError) -> Step:
    return context.store.steps.move(
        step,
        (StepState.REJECTED,),
        StepChange(last_error=str(error)),
        now=context.clock.now(),
        hold=NewHold(
            hold_reasons.REFERENCE_TAKEN,
            f"{error}, so their documents could not be told apart. Give the channel a prefix of "
            "its own in the mapping rules, then retry",
            step.id,
        ),
    )


def _send(context: SyncContext, step: Step, intended: Intended) -> Submission:
    observer = _Observer(context, step)
    try:
        numbers = perform(context.erp, intended.operation, intended.payload, observer)
    except LeaseLostError:
        return Submission(Outcome.LOST, observer.step)
    except OutcomeUnknownError as error:
        return _doubt(context, observer, error)
    except (RejectedError, TransientError, ConfigurationError) as error:
        if observer.commit_may_have_left:
            return _doubt(context, observer, error)
        return _not_posted(context, observer.step, error)
    observer.passed(Point.READ_BACK)
    return Submission(Outcome.DONE, finish(context, observer.step, numbers))


_FINISHING: Final = {
    StepState.IN_DOUBT: (StepState.DONE,),
    StepState.COMMIT_SENT: (StepState.READ_BACK, StepState.DONE),
}


def finish(context: SyncContext, step: Step, numbers: tuple[str, ...]) -> Step:
    """Note that *step* made *numbers*, with the events, in one transaction."""
    # What nothing was committed for was there before, made by somebody in the ERP.
    found = step.state is not StepState.COMMIT_SENT
    documents = made(step, numbers)
    kind = EventKind.FOUND_AGAIN if found else EventKind.DOCUMENT_CREATED
    now = context.clock.now()
    return context.store.steps.move(
        step,
        _FINISHING.get(step.state, (StepState.COMMIT_SENT, StepState.READ_BACK, StepState.DONE)),
        StepChange(numbers=numbers, last_error=""),
        now=now,
        flow=FlowChange(wrote=True, documents=documents),
        events=[
            NewEvent(
                kind,
                step.flow_id,
                step.id,
                document.category,
                document.number,
                {"operation": step.operation.value},
            )
            for document in documents
        ],
    )


def _doubt(context: SyncContext, observer: _Observer, error: Exception) -> Submission:
    step, now = observer.step, context.clock.now()
    path = [StepState.IN_DOUBT]
    if step.state is StepState.SENT:
        # A transport that lost an answer before it announced the commit: what it did is unknown.
        path.insert(0, StepState.COMMIT_SENT)
    moved = context.store.steps.move(
        step,
        path,
        StepChange(last_error=str(error), doubt_since=now, due_at=now),
        now=now,
        events=[
            NewEvent(EventKind.STEP_IN_DOUBT, step.flow_id, step.id, detail={"error": str(error)})
        ],
    )
    return Submission(Outcome.IN_DOUBT, moved)


def _not_posted(context: SyncContext, step: Step, error: Exception) -> Submission:
    match error:
        case RejectedError():
            return Submission(Outcome.HELD, _reject(context, step, error))
        case ErpUnavailableError() | ConfigurationError():
            _give_back(context, step, error)
            raise error
        case _:
            asked = error.retry_after_s if isinstance(error, TransientError) else None
            return wait(context, step, str(error), asked)


def _reject(context: SyncContext, step: Step, error: RejectedError) -> Step:
    text = "; ".join(str(message) for message in error.messages) or str(error)
    return context.store.steps.move(
        step,
        _not_posted_path(step, StepState.REJECTED),
        StepChange(last_error=text),
        now=context.clock.now(),
        hold=NewHold(
            error.code,
            refusal_message(step.operation, text),
            step.id,
        ),
        events=[NewEvent(EventKind.STEP_REJECTED, step.flow_id, step.id, detail={"error": text})],
    )


def _give_back(context: SyncContext, step: Step, error: Exception) -> None:
    """The ERP is not there for anybody: this order did nothing wrong, so nothing counts."""
    context.store.steps.move(
        step,
        _not_posted_path(step, StepState.RETRY_WAIT),
        StepChange(attempt=step.attempt - 1, due_at=None, last_error=str(error)),
        now=context.clock.now(),
    )


def _not_posted_path(step: Step, target: StepState) -> tuple[StepState, ...]:
    """A step whose write had left goes through the ERP's own no."""
    if step.state is StepState.COMMIT_SENT:
        return (StepState.REFUSED, target)
    return (target,)


def wait(context: SyncContext, step: Step, error: str, asked_s: float | None = None) -> Submission:
    """
    Let *step* wait for its next try; after the last one the flow is held.

    It waits no shorter than *asked_s*, which is what the ERP asked for.

    Works from every state in which nothing was posted, and from IN_DOUBT after the look-ups.
    """
    now = context.clock.now()
    due_at = now + max(context.options.backoff(step.attempt), timedelta(seconds=asked_s or 0))
    used_up = step.attempt >= context.options.max_attempts
    hold = None
    if used_up:
        hold = NewHold(
            hold_reasons.ATTEMPTS_USED_UP,
            f"{step.operation} failed {step.attempt} times, lastly with: {error}. "
            "Remove the cause, then retry",
            step.id,
        )
    moved = context.store.steps.move(
        step,
        _not_posted_path(step, StepState.RETRY_WAIT),
        StepChange(due_at=due_at, last_error=error),
        now=now,
        hold=hold,
        flow=FlowChange(due_at=due_at),
        events=[
            NewEvent(
                EventKind.STEP_WAITS,
                step.flow_id,
                step.id,
                detail={"error": error, "attempt": str(step.attempt), "until": due_at.isoformat()},
            )
        ],
    )
    return Submission(Outcome.HELD if used_up else Outcome.WAITS, moved)
