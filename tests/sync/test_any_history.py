"""
Any history of orders, faults, outages and crashes ends with one document of each kind.

Hypothesis makes the histories up; the use cases run against the in-memory ERP.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from connector.errors import ErpUnavailableError, LockedError, OutcomeUnknownError
from connector.mappings.external_order import ExternalOrder
from connector.ports.erp import Point
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import Step
from connector.sd_documents.values import DocumentCategory
from connector.sync.context import PendingStep
from tests.sync.in_memory_erp import Fault
from tests.sync.world import a_world, an_order

ERRORS = {
    "lost": OutcomeUnknownError("no answer"),
    "locked": LockedError("a document", "SMITH"),
    "down": ErpUnavailableError("connection refused"),
}
#: Where an error may strike; after the commit left only a lost answer is possible.
BEFORE = [Point.CONNECTION_OPEN, Point.CREATE_SENT, Point.CREATE_ANSWERED]
AFTER = [Point.AFTER_FENCE_CHECK, Point.COMMIT_SENT]
OPERATIONS = sorted(Operation)


class Killed(BaseException):
    """The process dies here."""


class Histories(RuleBasedStateMachine):
    """Orders come and change while the ERP, the line and the connector itself fail."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = self.open.enter_context(tempfile.TemporaryDirectory())
        self.world = self.open.enter_context(
            a_world(Path(folder), plan="presales", workers=1, settle_s=120)
        )
        self.orders: dict[str, bool] = {}
        self.lives = 0

    def teardown(self) -> None:
        try:
            self.everything_comes_to_its_end()
        finally:
            self.open.close()

    @rule(parts=st.sampled_from([(2,), (1, 1)]), paid=st.booleans())
    def an_order_arrives(self, parts: tuple[int, ...], paid: bool) -> None:
        number = str(1001 + len(self.orders))
        self.orders[number] = paid
        self._receive(number, parts)

    @rule(data=st.data())
    def an_old_message_comes_again(self, data: st.DataObject) -> None:
        if self.orders:
            number = data.draw(st.sampled_from(sorted(self.orders)))
            versions = self.world.store.orders.versions(self.world.view(number).flow.id)
            self._pass(versions[0].order)

    @rule(data=st.data())
    def the_customer_pays(self, data: st.DataObject) -> None:
        unpaid = sorted(number for number, paid in self.orders.items() if not paid)
        if unpaid:
            number = data.draw(st.sampled_from(unpaid))
            self.orders[number] = True
            order = self.world.view(number).order
            paid = an_order(number, paid=["119.00"]).payments
            self._pass(order.model_copy(update={"payments": paid}))

    @rule(
        operation=st.sampled_from(OPERATIONS),
        point=st.sampled_from(BEFORE),
        kind=st.sampled_from(["locked", "down"]),
    )
    def something_fails_before_the_commit(self, operation: str, point: Point, kind: str) -> None:
        self.world.erp.faults.append(Fault(operation, point, ERRORS[kind]))

    @rule(operation=st.sampled_from(OPERATIONS), point=st.sampled_from(AFTER))
    def an_answer_gets_lost(self, operation: str, point: Point) -> None:
        self.world.erp.faults.append(Fault(operation, point, ERRORS["lost"]))

    @rule()
    def a_commit_happens_late(self) -> None:
        """Later than the client waits, sooner than the settle time."""
        self.world.erp.hold_commits = True
        self._pass()
        self.world.erp.hold_commits = False
        self.world.later(seconds=60)
        self._pass()
        self.world.erp.release_held()

    @rule(operation=st.sampled_from(OPERATIONS), point=st.sampled_from(sorted(Point)))
    def the_connector_is_killed(self, operation: str, point: Point) -> None:
        def kill(reached: Point, step: Step | PendingStep) -> None:
            if (reached, step.operation) == (point, operation):
                raise Killed

        self.world.context = replace(self.world.context, on_point=kill)
        with suppress(Killed):
            self._pass()
        self.lives += 1
        owner = f"life {self.lives}"
        self.world.context = replace(self.world.context, on_point=_ignore, owner=owner)

    @rule(minutes=st.sampled_from([1, 3, 60, 60 * 24]))
    def time_passes(self, minutes: int) -> None:
        self.world.later(minutes=minutes)
        self._pass()

    @rule()
    def the_erp_is_down_for_a_while(self) -> None:
        self.world.erp.is_down = True
        self._pass()
        self.world.erp.is_down = False

    @invariant()
    def nothing_is_doubled(self) -> None:
        books = self.world.erp.books
        for category in (
            DocumentCategory.INQUIRY,
            DocumentCategory.QUOTATION,
            DocumentCategory.SALES_ORDER,
        ):
            carried = [
                d.purchase_order_by_customer for d in books.sales.values() if d.category is category
            ]
            assert len(carried) == len(set(carried))
        for order in books.sales.values():
            if order.category is DocumentCategory.SALES_ORDER:
                delivered = sum(
                    item.delivery_quantity.value
                    for delivery in books.deliveries.values()
                    for item in delivery.items
                    if item.preceding.document == order.number
                )
                assert delivered <= 2
        billed = [item.preceding for document in books.billing.values() for item in document.items]
        assert len(billed) == len(set(billed))
        payments = [item.reference for item in books.items.values() if item.reference]
        assert len(payments) == len(set(payments))

    def everything_comes_to_its_end(self) -> None:
        """With everything healed, each order has its whole chain, and no step hangs."""
        world = self.world
        world.erp.faults.clear()
        for _ in range(8):
            world.later(hours=2)
            self._pass()
        self.nothing_is_doubled()
        for number, paid in self.orders.items():
            view = world.view(number)
            assert not view.holds
            assert {step.state for step in view.steps} == {StepState.DONE}
            assert sum(i.delivery_quantity.value for d in view.deliveries for i in d.items) == 2
            assert len(view.billing_documents) == 1
            assert (view.flow.closed_at is not None) == paid

    def _receive(self, number: str, parts: tuple[int, ...]) -> None:
        today = self.world.clock.today("Europe/Berlin")
        self._pass(
            an_order(
                number,
                paid=["119.00"] if self.orders[number] else [],
                schedule=[(today + timedelta(days=n), str(p)) for n, p in enumerate(parts)],
                quantity="2",
            )
        )

    def _pass(self, *orders: ExternalOrder) -> None:
        self.world.receive(*orders)


def _ignore(point: Point, step: Step | PendingStep) -> None:
    """Nothing happens."""


BOUNDED = settings(
    max_examples=12,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def test_a_few_histories() -> None:
    run_state_machine_as_test(Histories, settings=BOUNDED)


@pytest.mark.torture
def test_many_histories() -> None:
    many = settings(BOUNDED, max_examples=300, stateful_step_count=25, derandomize=False)
    run_state_machine_as_test(Histories, settings=many)
