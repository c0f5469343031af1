"""An order's chain, made by the connector or observed, up to paid."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import EventKind
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory
from connector.sync.plan import BillingPlan, DocumentPlan, MadeBy, PaymentPlan, Plan
from connector.sync.progress import Stage, stage_of
from tests.sync.world import START, World, a_world, an_order

TODAY = START.date()
CREATE = DocumentPlan(by=MadeBy.CREATE)


def test_the_standard_plan_creates_the_order_and_waits_for_the_erps_own_jobs(world: World) -> None:
    world.receive(an_order())

    view = world.view()
    assert [d.number for d in view.sales_documents] == ["0000000001"]
    assert stage_of(view) is Stage.CONFIRMED
    assert view.flow.due_at is None
    assert not view.deliveries


def test_an_observed_chain_ends_paid_and_closed(world: World) -> None:
    world.receive(an_order(paid=["119.00"]))
    [delivery] = world.erp.deliver("0000000001")
    world.erp.issue(delivery)
    invoice = world.erp.bill([delivery])

    world.run()

    view = world.view()
    assert stage_of(view) is Stage.COMPLETED
    assert [d.number for d in view.billing_documents] == [invoice]
    payment = view.step(Operation.POST_PAYMENT)
    assert payment is not None
    assert payment.numbers == ("1000/1400000001/2026",)
    assert all(item.clearing_document == "1400000001" for item in view.items)


def test_the_channel_hears_of_each_progress_once_with_the_documents(world: World) -> None:
    world.receive(an_order(paid=["119.00"]))
    [delivery] = world.erp.deliver("0000000001")
    world.erp.issue(delivery)
    world.run()
    world.erp.bill([delivery])
    world.run()
    world.run()

    told = [
        (event.kind, event.detail["documents"])
        for event in world.log()
        if "external_id" in event.detail
    ]
    assert told == [
        (EventKind.ORDER_CONFIRMED, "0000000001"),
        (EventKind.SHIPPED, "0080000001"),
        (EventKind.INVOICED, "0090000001"),
        (EventKind.PAID, "0090000001"),
    ]


def test_the_presales_plan_makes_every_document_with_reference_to_the_one_before(
    presales: World,
) -> None:
    presales.receive(an_order(paid=["119.00"]))

    view = presales.view()
    assert stage_of(view) is Stage.COMPLETED
    numbers = {d.category: d.number for d in view.sales_documents}
    assert set(numbers) == {
        DocumentCategory.INQUIRY,
        DocumentCategory.QUOTATION,
        DocumentCategory.SALES_ORDER,
    }
    chain = [(str(link.preceding), link.subsequent.category) for link in view.links]
    assert ("10000001/10", DocumentCategory.QUOTATION) in chain
    assert ("20000001/10", DocumentCategory.SALES_ORDER) in chain
    assert ("1/10", DocumentCategory.DELIVERY) in chain
    assert ("80000001/10", DocumentCategory.INVOICE) in chain
    assert [step.state for step in view.steps] == [StepState.DONE] * 7


def test_a_second_pass_over_a_finished_order_creates_nothing(presales: World) -> None:
    presales.receive(an_order(paid=["119.00"]))
    before = len(presales.erp.books.links), len(presales.erp.books.items)

    presales.receive(an_order(paid=["119.00"]))
    presales.run()

    assert (len(presales.erp.books.links), len(presales.erp.books.items)) == before


def test_deliveries_follow_the_schedule_lines_as_they_fall_due(presales: World) -> None:
    later = TODAY + timedelta(days=4)
    presales.receive(an_order(quantity="100", schedule=[(TODAY, "60"), (later, "40")]))

    assert _delivered(presales) == [Decimal(60)]
    assert not presales.view().billing_documents, "a collective invoice waits for the rest"
    assert presales.view().flow.due_at == presales.context.options.start_of(later)

    presales.later(days=4)
    presales.run()

    assert _delivered(presales) == [Decimal(60), Decimal(40)]
    [invoice] = presales.view().billing_documents
    assert [item.billing_quantity.value for item in invoice.items] == [60, 40]


def test_what_somebody_delivered_by_hand_is_not_delivered_again(presales: World) -> None:
    later = TODAY + timedelta(days=4)
    presales.receive(an_order(quantity="100", schedule=[(TODAY, "60"), (later, "40")]))
    presales.erp.deliver("0000000001")

    presales.later(days=4)
    presales.run()

    assert _delivered(presales) == [Decimal(60), Decimal(40)]
    assert sum(s.operation is Operation.CREATE_DELIVERY for s in presales.view().steps) == 1


def test_goods_issue_waits_for_the_planned_day_of_each_delivery(presales: World) -> None:
    presales.erp.books.lead_days = 3
    presales.receive(an_order())

    [delivery] = presales.view().deliveries
    assert delivery.goods_movement_status is Status.NOT_YET
    assert presales.view().flow.due_at == presales.context.options.start_of(date(2026, 3, 5))

    presales.later(days=3)
    presales.run()
    [delivery] = presales.view().deliveries
    assert delivery.actual_goods_issue_date == date(2026, 3, 5)


def test_waiting_days_are_counted_from_what_comes_before(tmp_path: Path) -> None:
    plan = _plan(
        quotation=DocumentPlan(by=MadeBy.CREATE, wait_days=1),
        sales_order=DocumentPlan(by=MadeBy.CREATE, wait_days=2),
        billing=BillingPlan(by=MadeBy.CREATE, wait_days=1),
    )
    with a_world(tmp_path, plan="own", plans=[plan]) as world:
        world.receive(an_order())
        made_on: dict[str, date] = {}
        for _ in range(6):
            world.run()
            view = world.view()
            names = [document.category.name for document in view.sales_documents]
            names += [document.category.name for document in view.billing_documents]
            for name in names:
                made_on.setdefault(name, world.clock.today("Europe/Berlin"))
            world.later(days=1)

    assert made_on == {
        "INQUIRY": date(2026, 3, 2),
        "QUOTATION": date(2026, 3, 3),
        "SALES_ORDER": date(2026, 3, 5),
        "INVOICE": date(2026, 3, 6),
    }


def test_without_collective_billing_each_delivery_gets_its_invoice(tmp_path: Path) -> None:
    plan = _plan(billing=BillingPlan(by=MadeBy.CREATE, collective=False))
    with a_world(tmp_path, plan="own", plans=[plan]) as world:
        later = TODAY + timedelta(days=1)
        world.receive(an_order(quantity="3", schedule=[(TODAY, "2"), (later, "1")]))
        world.later(days=1)
        world.run()

        invoices = world.view().billing_documents
        assert [[i.billing_quantity.value for i in d.items] for d in invoices] == [[2], [1]]


@pytest.mark.parametrize("block", ["01", "05"])
def test_a_blocked_order_is_not_delivered_until_the_block_goes(presales: World, block: str) -> None:
    later = TODAY + timedelta(days=1)
    presales.receive(an_order(schedule=[(later, "2")]))
    books = presales.erp.books
    order = books.sales["0000000001"]
    books.sales["0000000001"] = order.model_copy(update={"delivery_block_reason": block})
    presales.later(days=1)
    presales.run()
    assert not presales.view().deliveries

    books.sales["0000000001"] = order
    presales.run()
    assert presales.view().deliveries


def test_a_goods_issue_that_somebody_took_back_is_not_posted_again(presales: World) -> None:
    later = TODAY + timedelta(days=1)
    presales.receive(an_order(schedule=[(TODAY, "1"), (later, "1")]))
    [delivery] = presales.view().deliveries
    reversed_items = tuple(
        item.model_copy(update={"goods_movement_status": Status.NOT_YET}) for item in delivery.items
    )
    presales.erp.books.deliveries[delivery.number] = delivery.model_copy(
        update={"items": reversed_items, "actual_goods_issue_date": None}
    )

    presales.run()

    found = presales.erp.books.deliveries[delivery.number]
    assert found.goods_movement_status is Status.NOT_YET


def test_a_cancelled_invoice_is_billed_again_only_when_a_person_says_so(presales: World) -> None:
    presales.receive(an_order())
    books = presales.erp.books
    [invoice] = presales.view().billing_documents
    [delivery] = presales.view().deliveries
    books.billing[invoice.number] = invoice.model_copy(update={"is_cancelled": True})
    open_again = tuple(
        i.model_copy(update={"billing_status": Status.NOT_YET}) for i in delivery.items
    )
    books.deliveries[delivery.number] = delivery.model_copy(update={"items": open_again})

    presales.run()

    assert presales.held_for() == ["INVOICE_CANCELLED"]
    assert len(books.billing) == 1


def _delivered(world: World) -> list[Decimal]:
    return [item.delivery_quantity.value for d in world.view().deliveries for item in d.items]


def _plan(**parts: DocumentPlan) -> Plan:
    whole = {
        "inquiry": CREATE,
        "quotation": CREATE,
        "sales_order": CREATE,
        "delivery": CREATE,
        "goods_issue": CREATE,
        "billing": BillingPlan(by=MadeBy.CREATE),
        "payment": PaymentPlan(by=MadeBy.CREATE),
    }
    return Plan.model_validate({"name": "own", **whole, **parts})
