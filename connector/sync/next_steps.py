"""
What comes next in a flow: computed from the documents that exist, never from a position in a list.

Everything here is pure, so that it may be asked any number of times: the same documents, plan and
day give the same answer, and after a crash or a change by hand in the ERP it simply goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeAlias

from connector.mappings.mapped_order import MappedOrder
from connector.mappings.problems import Problem
from connector.ports.step_state import CLAIMABLE, FINAL, Operation, StepState
from connector.ports.store_records import FlowView, Step
from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory, ItemReference
from connector.sync import hold_reasons
from connector.sync.context import Route, SyncOptions
from connector.sync.plan import SALES_CHAIN, Plan
from connector.sync.writes import (
    OPTIONAL,
    REQUESTED,
    Intended,
    Payload,
    read_payload,
    refusal_message,
)


@dataclass(frozen=True, slots=True)
class Submit:
    """
    A document is to be made or changed.

    ``to_price`` is what the ERP is asked to price first, to be compared with the order; None where
    nothing is compared.
    """

    intended: Intended
    to_price: SalesDocument | None = None


@dataclass(frozen=True, slots=True)
class ReadChain:
    """Nothing can be decided before the ERP was read: the connector wrote since."""


@dataclass(frozen=True, slots=True)
class AcceptVersion:
    """The newest version changes nothing of what the ERP has."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """A step that was refused or ambiguous has no hold any more: it may go on."""

    step: Step


@dataclass(frozen=True, slots=True)
class Abandon:
    """A step that waits for its next try is needed no more: what it was for has happened."""

    step: Step


@dataclass(frozen=True, slots=True)
class Stop:
    """A person must decide."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before *until*; None means until something changes in the ERP."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    """The chain is there as the plan wants it, and paid."""


NextStep: TypeAlias = Submit | ReadChain | AcceptVersion | Reopen | Abandon | Stop | Wait | Complete


class Situation:
    """A flow with its plan and its mapping, on one day."""

    def __init__(
        self, view: FlowView, plan: Plan, route: Route, options: SyncOptions, now: datetime
    ) -> None:
        self.view, self.plan, self.route, self.options, self.now = view, plan, route, options, now

    @property
    def today(self) -> date:
        return self.options.day_of(self.now)

    @cached_property
    def mapped(self) -> MappedOrder:
        """The order with all sales documents that the plan wants."""
        return self.route.map(self.view.order, self.plan.created_sales_documents)

    @cached_property
    def payments(self) -> MappedOrder:
        """The order with its payments alone: cheaper, once the documents exist."""
        return self.route.map(self.view.order, ())

    def unaccepted(self, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        """Return the problems that no person has let pass."""
        return tuple(p for p in problems if (p.code, p.message) not in self.view.accepted)

    def unfinished(self, operation: Operation) -> Step | None:
        """Return the step of *operation* that is not final, None when there is none."""
        return next(
            (s for s in self.view.steps if s.operation is operation and s.state not in FINAL), None
        )

    def submit(
        self,
        operation: Operation,
        payload: Payload,
        *,
        key: str = "",
        reference: str = "",
        known_before: tuple[str, ...] = (),
        to_price: SalesDocument | None = None,
    ) -> Submit | Wait:
        """
        Return the submission of *payload*, or the wait for its turn.

        Without *key* steps of an operation are numbered: one that is unfinished goes on, a new
        document gets the next number.
        """
        if key:
            step = self.view.step(operation, key)
        else:
            step = self.unfinished(operation)
            past = sum(s.operation is operation for s in self.view.steps)
            key = step.sequence_key if step else str(past + 1)
        if step is not None and step.due_at is not None and step.due_at > self.now:
            return Wait(step.due_at)
        return Submit(
            Intended(
                flow_id=self.view.flow.id,
                operation=operation,
                sequence_key=key,
                order_version=self.view.flow.version,
                payload=payload,
                reference=reference,
                known_before=known_before,
            ),
            to_price,
        )

    def not_before(self, day: date) -> Wait | None:
        """Return the wait for *day*, None when it has come."""
        return Wait(self.options.start_of(day)) if day > self.today else None


def unsettled_steps(situation: Situation) -> Iterator[NextStep]:
    """Yield what steps in progress ask for before anything new may begin."""
    for step in situation.view.steps:
        if step.state is StepState.IN_DOUBT:
            yield Wait(step.due_at or situation.now)
        elif step.state is StepState.REJECTED and is_given_up(situation.view, step):
            yield Abandon(step)
        elif step.state in (StepState.REJECTED, StepState.AMBIGUOUS):
            yield Reopen(step)
        elif step.state not in FINAL and step.lease_until is not None:
            yield Wait(step.lease_until)


def is_given_up(view: FlowView, step: Step) -> bool:
    """Tell whether a person has let go what the ERP refused: the order goes on without it."""
    return step.operation in OPTIONAL and any(
        message == refusal_message(step.operation, step.last_error) for _, message in view.accepted
    )


def requested_steps(situation: Situation) -> Iterator[NextStep]:
    """Yield what a person has asked for and is not done yet."""
    for step in situation.view.steps:
        if step.operation in REQUESTED and step.state in CLAIMABLE:
            yield situation.submit(step.operation, read_payload(step), key=step.sequence_key)


def sales_documents(situation: Situation) -> NextStep | None:
    """Return the next sales document to be created, None when all that the plan wants exist."""
    for category, operation in SALES_CHAIN:
        planned = situation.plan.sales_document(category)
        if not planned.is_created:
            continue
        step = situation.view.step(operation)
        if step is not None and step.state is StepState.DONE:
            continue
        if problems := situation.unaccepted(situation.mapped.problems):
            return Stop(problems)
        document = situation.mapped.document(category)
        if document is None:
            return Stop((_not_mapped(situation, category),))
        predecessor = _predecessor(situation, category)
        if predecessor is not None and predecessor.finished_at is not None:
            made_on = situation.options.day_of(predecessor.finished_at)
            if wait := situation.not_before(made_on + timedelta(days=planned.wait_days)):
                return wait
        made = referring(situation, document)
        return situation.submit(
            operation,
            made,
            key="1",
            reference=document.purchase_order_by_customer,
            to_price=made if category is DocumentCategory.SALES_ORDER else None,
        )
    return None


def referring(situation: Situation, document: SalesDocument) -> SalesDocument:
    """Return *document* with reference to the sales document that precedes it in the plan."""
    step = _predecessor(situation, document.category)
    if step is None or not step.numbers:
        return document
    category = next(c for c, operation in SALES_CHAIN if operation is step.operation)
    number = step.numbers[0]
    items = tuple(
        item.model_copy(
            update={
                "reference": ItemReference(
                    category=category, document=number, item_number=item.item_number
                )
            }
        )
        for item in document.items
    )
    return document.model_copy(
        update={"reference_document": number, "reference_category": category, "items": items}
    )


def _predecessor(situation: Situation, category: DocumentCategory) -> Step | None:
    """Return the step that made the sales document before *category*, None for the first."""
    found = None
    for other, operation in SALES_CHAIN:
        if other is category:
            return found
        if situation.plan.sales_document(other).is_created:
            step = situation.view.step(operation)
            found = step if step is not None and step.state is StepState.DONE else found
    return None


def _not_mapped(situation: Situation, category: DocumentCategory) -> Problem:
    codes = ", ".join(dict.fromkeys(problem.code for problem in situation.mapped.problems))
    cause = f"because of {codes}" if codes else "by the mapping rules"
    return Problem(
        code=hold_reasons.NOT_MAPPED,
        message=f"no {category.name.lower()} could be made of the order {cause}: this cannot be "
        "released as it is. Correct the cause, then retry",
    )
