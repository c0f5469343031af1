"""Payments: exact, with discount, together, or a case for a person."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connector.ports.step_state import Operation
from connector.ports.store_records import EventKind
from connector.resources import shipped
from connector.sd_documents.payment import IncomingPayment, Remainder
from connector.sd_documents.values import Money
from connector.sync.actions import release
from connector.sync.context import DiscountBase
from connector.sync.plan import DifferingPayment, EarlyPayment, Plan, load_plan
from connector.sync.progress import Stage, stage_of
from tests.sync.world import START, World, a_world, an_order

TODAY = START.date()


@pytest.fixture
def billed(presales: World) -> World:
    """Discount terms of 2 % within 14 days."""
    presales.erp.books.discount = (14, Decimal(2))
    return presales


def test_an_exact_payment_clears_the_invoice(presales: World) -> None:
    presales.receive(an_order(paid=["119.00"]))
    [payment] = _postings(presales)
    assert [item.amount.amount for item in payment.items] == [Decimal("119.00")]
    assert payment.cash_discount.amount == 0
    assert stage_of(presales.view()) is Stage.COMPLETED


def test_a_discount_in_time_is_taken_with_its_tax(billed: World) -> None:
    billed.receive(an_order(quantity="100", price="100.00", paid=["11662.00"]))
    [payment] = _postings(billed)
    assert payment.cash_discount.amount == Decimal("200.00")
    (adjustment,) = payment.tax_adjustments
    assert (adjustment.tax_code, adjustment.amount.amount) == ("A1", Decimal("38.00"))
    assert adjustment.base is not None
    assert adjustment.base.amount == Decimal("200.00")
    assert payment.settled.amount == Decimal("11900.00")


def test_a_net_discount_base_leaves_the_tax_alone(tmp_path: Path) -> None:
    with a_world(tmp_path, plan="presales", discount_base=DiscountBase.NET) as world:
        world.erp.books.discount = (14, Decimal(2))
        world.receive(an_order(quantity="100", price="100.00", paid=["11700.00"]))
        [payment] = _postings(world)
        assert (payment.cash_discount.amount, payment.tax_adjustments) == (Decimal("200.00"), ())


@pytest.mark.parametrize(("days", "holds"), [(14, False), (15, True)])
def test_the_last_day_of_the_discount_is_part_of_it(billed: World, days: int, holds: bool) -> None:
    late = TODAY + timedelta(days=days)
    billed.receive(an_order(quantity="100", price="100.00", paid=["11662.00"], paid_on=late))
    billed.later(days=days)
    billed.run()
    assert billed.held_for() == (["PAYMENT_DIFFERS"] if holds else [])


def test_a_payment_that_differs_holds_with_the_difference_and_is_not_posted(
    presales: World,
) -> None:
    presales.receive(an_order(paid=["100.00"]))
    [hold] = presales.view().holds
    assert hold.reason == "PAYMENT_DIFFERS"
    assert "100.00 EUR against 119.00 EUR owed: 19.00 EUR less" in hold.message
    assert not _postings(presales)


def test_a_released_difference_is_posted_on_account(presales: World) -> None:
    presales.receive(an_order(paid=["130.00"]))
    release(presales.store, presales.clock, presales.view().flow.id, by="anna", comment="tip")
    presales.run()
    [payment] = _postings(presales)
    assert (payment.items, payment.received.amount) == ((), Decimal("130.00"))
    assert presales.view().flow.closed_at is None, "the invoice is still open"
    presales.run()
    assert len(_postings(presales)) == 1


def test_a_plan_may_post_differences_on_account_without_asking(tmp_path: Path) -> None:
    with a_world(tmp_path, plan="own", plans=[_on_account_plan()]) as world:
        world.receive(an_order(paid=["100.00"]))
        assert not world.held_for()
        [payment] = _postings(world)
        assert payment.items == ()


def test_several_payments_that_settle_the_order_together_wait_for_the_clearing_run(
    presales: World,
) -> None:
    """A gift card and a card: each is posted on account, assigned to the invoice."""
    presales.receive(an_order(paid=["19.00", "100.00"]))

    payments = _postings(presales)
    assert [p.received.amount for p in payments] == [Decimal("19.00"), Decimal("100.00")]
    assert all(p.items == () for p in payments)
    [item] = [i for i in presales.view().items if i.billing_document]
    assert {p.assignment for p in payments} == {item.assignment}
    assert not presales.held_for()

    presales.erp.clear()
    presales.run()
    assert stage_of(presales.view()) is Stage.COMPLETED


def test_a_payment_of_another_day_waits_for_its_day(presales: World) -> None:
    tomorrow = TODAY + timedelta(days=1)
    presales.receive(an_order(paid=["119.00"], paid_on=tomorrow))
    assert not _postings(presales)
    assert presales.view().flow.due_at == presales.context.options.start_of(tomorrow)
    presales.later(days=1)
    presales.run()
    [payment] = _postings(presales)
    assert (payment.document_date, payment.posting_date) == (tomorrow, tomorrow)


def test_money_that_came_before_its_invoice_is_posted_on_the_invoices_day(
    presales: World,
) -> None:
    presales.receive(an_order(paid=["119.00"], paid_on=date(2026, 2, 20)))
    [payment] = _postings(presales)
    assert (payment.document_date, payment.posting_date) == (date(2026, 2, 20), TODAY)


def test_each_payment_reference_is_its_own(presales: World) -> None:
    presales.receive(an_order(paid=["19.00", "100.00"]))
    assert len({payment.payment_reference for payment in _postings(presales)}) == 2


def test_an_order_nobody_paid_stays_open_without_being_held(presales: World) -> None:
    presales.receive(an_order())
    view = presales.view()
    assert stage_of(view) is Stage.INVOICED
    assert (view.flow.due_at, view.flow.closed_at, view.holds) == (None, None, ())


def test_what_is_paid_by_other_means_is_observed(presales: World) -> None:
    presales.receive(an_order())
    _cleared_in_the_erp(presales, by="DZ")
    assert stage_of(presales.view()) is Stage.COMPLETED
    assert EventKind.PAID in presales.events()


def test_what_is_closed_without_any_money_is_not_told_as_paid(presales: World) -> None:
    presales.receive(an_order())
    _cleared_in_the_erp(presales, by="")
    assert stage_of(presales.view()) is Stage.COMPLETED
    assert EventKind.PAID not in presales.events()
    [told] = [
        event
        for event in presales.store.events.of_flow(presales.view().flow.id)
        if event.kind is EventKind.CLEARED_WITHOUT_PAYMENT
    ]
    assert told.detail["settled"] == told.detail["owed"] == "0.00 EUR"
    assert told.detail["cleared_by"] == "write-off"


def _cleared_in_the_erp(world: World, *, by: str) -> None:
    """Clear the invoice, with an item of document type *by*, or with none."""
    books = world.erp.books
    [(number, item)] = [(n, i) for n, i in books.items.items() if i.billing_document]
    cleared = {"clearing_document": "0100000001", "cleared_on": TODAY}
    books.items[number] = item.model_copy(update=cleared)
    if by:
        key = item.key.model_copy(update={"accounting_document": "1400000009"})
        received = {"document_type": by, "billing_document": "", "key": key, **cleared}
        books.items["1400000009"] = item.model_copy(
            update={**received, "amount": -item.amount, "invoice_reference": number}
        )
    world.run()


def _postings(world: World) -> list[IncomingPayment]:
    return [
        IncomingPayment.model_validate_json(step.payload)
        for step in world.view().steps
        if step.operation is Operation.POST_PAYMENT and step.numbers
    ]


def _on_account_plan() -> Plan:
    plan = load_plan(shipped("config/plans/presales.yaml"))
    payment = plan.payment.model_copy(update={"differing": DifferingPayment.ON_ACCOUNT})
    return plan.model_copy(update={"name": "own", "payment": payment})


@pytest.mark.parametrize(("paid", "difference"), [("118.98", "0.02"), ("119.02", "-0.02")])
def test_cents_within_the_tolerance_clear_the_invoice(
    tmp_path: Path, paid: str, difference: str
) -> None:
    with a_world(tmp_path, plan="presales", payment_tolerance=Decimal("0.05")) as world:
        world.receive(an_order(paid=[paid]))
        assert not world.held_for()
        step = world.view().step(Operation.POST_PAYMENT)
        assert step is not None
        posted = IncomingPayment.model_validate_json(step.payload)
        assert posted.small_difference == Money(amount=Decimal(difference), currency="EUR")
        assert posted.settled.amount == Decimal("119.00")
        assert stage_of(world.view()) is Stage.COMPLETED


def test_a_cent_beyond_the_tolerance_is_for_a_person(tmp_path: Path) -> None:
    with a_world(tmp_path, plan="presales", payment_tolerance=Decimal("0.05")) as world:
        world.receive(an_order(paid=["118.94"]))
        assert world.held_for() == ["PAYMENT_DIFFERS"]


@pytest.mark.parametrize(
    ("differing", "remainder"), [("partial", Remainder.PARTIAL), ("residual", Remainder.RESIDUAL)]
)
def test_a_plan_can_post_less_than_is_owed_with_its_invoice(
    tmp_path: Path, differing: str, remainder: Remainder
) -> None:
    plan = load_plan(shipped("config/plans/presales.yaml"))
    payment = plan.payment.model_copy(update={"differing": DifferingPayment(differing)})
    plan = plan.model_copy(update={"name": "other", "payment": payment})
    with a_world(tmp_path, plan="other", plans=[plan]) as world:
        world.receive(an_order(paid=["100.00"]))
        assert not world.held_for()
        step = world.view().step(Operation.POST_PAYMENT)
        assert step is not None
        posted = IncomingPayment.model_validate_json(step.payload)
        assert (posted.remainder, posted.surplus.amount) == (remainder, Decimal("-19.00"))


@pytest.mark.parametrize(("early", "indicator"), [("on account", ""), ("down payment", "A")])
def test_money_that_comes_before_the_invoice_is_posted_at_once_where_the_plan_says_so(
    tmp_path: Path, early: str, indicator: str
) -> None:
    plan = load_plan(shipped("config/plans/standard.yaml"))
    payment = plan.payment.model_copy(update={"before_invoice": EarlyPayment(early)})
    plan = plan.model_copy(update={"name": "other", "payment": payment})
    with a_world(tmp_path, plan="other", plans=[plan]) as world:
        world.receive(an_order(paid=["119.00"]))
        step = world.view().step(Operation.POST_PAYMENT)
        assert step is not None
        posted = IncomingPayment.model_validate_json(step.payload)
        assert (posted.items, posted.special_gl_indicator) == ((), indicator)
        assert posted.assignment == "W-1001"

        world.erp.deliver("0000000001")
        world.erp.issue("0080000001")
        world.erp.bill(["0080000001"])
        world.later(minutes=5)
        world.run()
        assert len([s for s in world.view().steps if s.operation is Operation.POST_PAYMENT]) == 1
        assert not world.held_for()
