"""
Post what statements brought: each line once, by the state machine that posts everything else.

A payment of an order is a step of its flow; a bank line, which may pay the invoices of several
orders or none, has a step of its own. What waits for a person is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from connector.ports.order_records import OrderRecord
from connector.ports.statement_payments import (
    TO_POST,
    Found,
    PaymentState,
    StatementPayment,
    StatementPayments,
    Way,
)
from connector.ports.step_state import Operation, StepState
from connector.ports.store import Events, Flows, FlowStore, Holds, Mirror, Orders, Steps
from connector.ports.store_records import FlowChange, FlowView, Step, StepChange
from connector.sd_documents.payment import IncomingPayment
from connector.sync.context import SyncContext
from connector.sync.doubt import resolve
from connector.sync.look_up import NOTHING
from connector.sync.look_up import Found as LookedUp
from connector.sync.recover import recover
from connector.sync.submit import Outcome, submit
from connector.sync.writes import Intended, read_payload

_KEY: Final = "1"
#: How long before its posting date a receipt is looked for by its lines.
_SLACK: Final = timedelta(days=1)


@dataclass(slots=True)
class PostedFromStatements:
    """What one round did. ``erp_problem`` is empty unless the ERP could not be reached."""

    posted: int = 0
    held: int = 0
    in_doubt: int = 0
    settled: int = 0
    proposed: int = 0
    erp_problem: str = ""

    @property
    def did_something(self) -> bool:
        return bool(self.posted or self.held or self.in_doubt or self.settled)


class _StepsOfLines:
    """The store with the steps of lines in the place of those of flows."""

    def __init__(self, store: FlowStore, steps: Steps) -> None:
        self._store, self._steps = store, steps

    @property
    def orders(self) -> Orders:
        return self._store.orders

    @property
    def flows(self) -> Flows:
        return self._store.flows

    @property
    def steps(self) -> Steps:
        return self._steps

    @property
    def holds(self) -> Holds:
        return self._store.holds

    @property
    def mirror(self) -> Mirror:
        return self._store.mirror

    @property
    def events(self) -> Events:
        return self._store.events

    def all_views(self, batch: int = 200) -> Iterator[FlowView]:
        return self._store.all_views(batch)

    def order_records(self, batch: int = 1000) -> Iterator[OrderRecord]:
        return self._store.order_records(batch)

    def order_fingerprints(self, batch: int = 5000) -> Iterator[tuple[int, bytes]]:
        return self._store.order_fingerprints(batch)

    def close(self) -> None:
        self._store.close()


class StatementPosting:
    """Posts for one application. One round at a time, as with everything that writes."""

    def __init__(
        self,
        context: SyncContext,
        payments: StatementPayments,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._context, self._payments, self._stop = context, payments, stop
        self._lines = replace(context, store=_StepsOfLines(context.store, payments.steps))
        self.done = PostedFromStatements()

    def settle_doubts(self) -> None:
        """
        Take over what a dead worker left behind, and look for what may have been posted.

        Payments of orders among it are looked for as well: whoever only posts from statements would
        never hear of them.
        """
        recover(self._context)
        for step in self._context.store.steps.in_doubt(self._context.clock.now()):
            if self._stop():
                return
            if step.operation is Operation.POST_PAYMENT:
                self._count(resolve(self._context, step).outcome)
        recover(self._lines)
        for step in self._payments.steps.in_doubt(self._context.clock.now()):
            if self._stop():
                return
            outcome = resolve(self._lines, step, _look).outcome
            self._count(outcome)
            if outcome is Outcome.DONE:
                self._wake(self._payments.get(step.flow_id))

        for record in self._payments.find(TO_POST | {PaymentState.HELD}):
            self._finish_in_flow(record)

    def _finish_in_flow(self, record: StatementPayment) -> None:
        """Note that the order's own step, which somebody else brought to its end, is done."""
        if record.suggestion.flow_id is None:
            return
        [view] = self._context.store.flows.views([record.suggestion.flow_id])
        step = view.step(Operation.POST_PAYMENT, record.suggestion.payment_id)
        if step is not None and step.state is StepState.DONE:
            is_own = step.reference == record.suggestion.reference
            self._end(record, step.numbers[0], None if is_own else "its payment is posted already")

    def post_released(self) -> None:
        """Post what persons have released."""
        self._post(self._payments.find({PaymentState.RELEASED}))

    def post_found(self, found: Sequence[Found]) -> None:
        """Keep what was *found*; what of it is exact is posted, in its order."""
        kept = self._payments.keep(found, now=self._context.clock.now())
        self._post([record for record in kept if record.state is PaymentState.READY])

    def _post(self, records: Sequence[StatementPayment]) -> None:
        for record in records:
            if self._stop():
                return
            if record.state in TO_POST:
                self._post_one(record)

    def _post_one(self, record: StatementPayment) -> None:
        payload = record.suggestion.posting(record.way or Way.EXACT)
        if payload is None:
            self._hold(record, "nothing can be posted in this way any more; refuse it, or post it "
                       "in the ERP")  # fmt: skip
        elif record.suggestion.flow_id is not None:
            self._post_in_flow(record, payload)
        else:
            self._post_line(record, payload)

    def _post_line(self, record: StatementPayment, payload: IncomingPayment) -> None:
        if record.state is PaymentState.RELEASED:
            self._reopen(record)
        intended = Intended(
            flow_id=record.id,
            operation=Operation.POST_PAYMENT,
            sequence_key=_KEY,
            order_version=0,
            payload=payload,
            reference=payload.payment_reference,
        )
        outcome = submit(self._lines, intended).outcome
        self._count(outcome)
        if outcome is Outcome.DONE:
            self._wake(record)

    def _reopen(self, record: StatementPayment) -> None:
        """A person has let go on what the ERP had refused, or what was ambiguous."""
        target = {
            StepState.REJECTED: StepState.READY,
            StepState.AMBIGUOUS: StepState.IN_DOUBT,
        }.get(record.step_state or StepState.DONE)
        if target is None:
            return
        now = self._context.clock.now()
        step = self._payments.steps.of_payment(record.id)
        if step is not None:
            doubted = StepChange(due_at=now, doubt_since=now)
            change = doubted if target is StepState.IN_DOUBT else StepChange(due_at=None)
            self._payments.steps.move(step, (target,), change, now=now)

    def _post_in_flow(self, record: StatementPayment, payload: IncomingPayment) -> None:
        suggestion = record.suggestion
        assert suggestion.flow_id is not None
        [view] = self._context.store.flows.views([suggestion.flow_id])
        step = view.step(Operation.POST_PAYMENT, suggestion.payment_id)
        if step is not None and step.state is StepState.DONE:
            self._finish_in_flow(record)
            return
        if view.holds:
            self._hold(record, f"its order is held: {view.holds[0].message}")
            return
        intended = Intended(
            flow_id=view.flow.id,
            operation=Operation.POST_PAYMENT,
            sequence_key=suggestion.payment_id,
            order_version=view.flow.version,
            payload=payload,
            reference=payload.payment_reference,
        )
        submission = submit(self._context, intended)
        self._count(submission.outcome)
        if submission.outcome is Outcome.DONE and submission.step is not None:
            self._end(record, submission.step.numbers[0])
        elif submission.outcome is Outcome.HELD and submission.step is not None:
            self._hold(record, f"its order is held: {submission.step.last_error}")

    def _end(self, record: StatementPayment, document: str, elsewhere: str | None = None) -> None:
        now = self._context.clock.now()
        state = PaymentState.POSTED if elsewhere is None else PaymentState.SETTLED
        self._payments.end(record.id, state, reason=elsewhere or "", now=now, document=document)

    def _hold(self, record: StatementPayment, reason: str) -> None:
        now = self._context.clock.now()
        self._payments.end(record.id, PaymentState.HELD, reason=reason, now=now)

    def _wake(self, record: StatementPayment) -> None:
        """The orders whose invoices were paid are read anew."""
        now = self._context.clock.now()
        for flow_id in record.suggestion.flows:
            self._context.store.flows.change(flow_id, FlowChange(wrote=True), now=now)

    def _count(self, outcome: Outcome) -> None:
        if outcome is Outcome.DONE:
            self.done.posted += 1
        elif outcome is Outcome.HELD:
            self.done.held += 1
        elif outcome is Outcome.IN_DOUBT:
            self.done.in_doubt += 1


def _look(context: SyncContext, step: Step) -> LookedUp:
    """Look for the receipt of a line by the reference that it carries; the amounts must agree."""
    sent = read_payload(step)
    assert isinstance(sent, IncomingPayment)
    keys = context.erp.payments.find(sent.payment_reference, sent.company_code, sent.payer)
    if not keys:
        return NOTHING
    if len(keys) > 1:
        named = ", ".join(sorted(map(str, keys)))
        return LookedUp(conflict=f"documents {named} all carry {sent.payment_reference!r}")
    lines = [
        item.amount.amount
        for item in context.erp.open_items.posted_items(
            sent.company_code, posted_until=context.today(), posted_after=sent.posting_date - _SLACK
        )
        if item.key == keys[0]
    ]
    if lines and -sum(lines, Decimal(0)) != sent.settled.amount:
        return LookedUp(conflict=f"payment {keys[0]} has another amount than {sent.settled}")
    return LookedUp((str(keys[0]),))
