"""How far an order is, and what is news about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from connector.ports.step_state import StepState
from connector.ports.store_records import EventKind, FlowView
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import Money
from connector.sync.changes import differing_fields, in_short
from connector.sync.news import news_events
from connector.sync.progress import Stage, progress_of, stage_of
from tests.sync.world import START, World, an_order

TODAY = START.date()


def test_an_order_delivered_but_not_issued_is_not_shipped(presales: World) -> None:
    presales.erp.books.lead_days = 2
    presales.receive(an_order())
    assert stage_of(presales.view()) is Stage.CONFIRMED
    presales.later(days=2)
    presales.run()
    assert stage_of(presales.view()) is Stage.INVOICED


def test_an_order_whose_document_may_have_been_posted_is_in_doubt(presales: World) -> None:
    presales.receive(an_order())
    view = presales.view()
    doubtful = replace(view.steps[0], state=StepState.IN_DOUBT)

    assert stage_of(replace(view, steps=(doubtful,))) is Stage.IN_DOUBT


def test_one_of_two_deliveries_is_partially_shipped(presales: World) -> None:
    later = TODAY + timedelta(days=3)
    presales.receive(an_order(schedule=[(TODAY, "1"), (later, "1")]))
    assert stage_of(presales.view()) is Stage.PARTIALLY_SHIPPED
    assert EventKind.PARTIALLY_SHIPPED in presales.events()
    assert EventKind.SHIPPED not in presales.events()
    presales.later(days=3)
    presales.run()
    assert EventKind.SHIPPED in presales.events()


def test_a_residual_item_means_partially_paid_although_the_invoice_is_cleared(
    presales: World,
) -> None:
    """Cleared is not paid: what is left stands in an item of the payment's document."""
    presales.receive(an_order())
    view = presales.view()
    [invoice] = [item for item in view.items if item.billing_document]
    cleared = invoice.model_copy(update={"clearing_document": "1400000006", "cleared_on": TODAY})
    rest = _item(invoice, "29.00", "1400000006", invoice_reference=invoice.billing_document)
    assert _stage(view, cleared, rest) is Stage.PARTIALLY_PAID
    paid = rest.model_copy(update={"clearing_document": "1400000007", "cleared_on": TODAY})
    assert _stage(view, cleared, paid) is Stage.PAID


def test_a_partial_payment_leaves_the_invoice_open_and_partially_paid(presales: World) -> None:
    presales.receive(an_order())
    view = presales.view()
    [invoice] = [item for item in view.items if item.billing_document]
    credit = _item(invoice, "-40.00", "1400000005", invoice_reference=invoice.billing_document)
    assert _stage(view, invoice, credit) is Stage.PARTIALLY_PAID


def test_an_invoice_closed_by_a_credit_memo_is_cleared_and_not_paid(presales: World) -> None:
    presales.receive(an_order())
    view = presales.view()
    [invoice] = [item for item in view.items if item.billing_document]
    cleared = {"clearing_document": "0100000001", "cleared_on": TODAY}
    memo = _item(invoice, "-119.00", "0090000077", document_type="RV").model_copy(update=cleared)
    closed = invoice.model_copy(update=cleared)
    assert _stage(view, closed, memo) is Stage.CLEARED_WITHOUT_PAYMENT
    assert _stage(view, closed, memo.model_copy(update={"document_type": "DZ"})) is Stage.PAID


def test_money_on_account_counts_as_paid_before_anything_is_cleared(presales: World) -> None:
    presales.receive(an_order())
    view = presales.view()
    [invoice] = [item for item in view.items if item.billing_document]
    assert _stage(view, invoice, _item(invoice, "-40.00", "1400000005")) is Stage.PARTIALLY_PAID
    assert _stage(view, invoice, _item(invoice, "-119.00", "1400000005")) is Stage.PAID


def test_receipts_of_an_own_document_type_pay_where_the_settings_name_it(presales: World) -> None:
    presales.receive(an_order())
    view = presales.view()
    [invoice] = [item for item in view.items if item.billing_document]
    cleared = {"clearing_document": "0100000001", "cleared_on": TODAY}
    own = _item(invoice, "-119.00", "1400000005", document_type="ZP").model_copy(update=cleared)
    closed = invoice.model_copy(update=cleared)

    assert _stage(view, closed, own) is Stage.CLEARED_WITHOUT_PAYMENT
    assert _stage(replace(view, receipt_types=frozenset({"ZP"})), closed, own) is Stage.PAID


def test_nothing_new_is_no_event(presales: World) -> None:
    presales.receive(an_order(paid=["119.00"]))
    view = presales.view()
    assert news_events(view, view) == ()


def test_a_status_that_moved_is_told_with_before_and_after(world: World) -> None:
    world.receive(an_order())
    before = world.view()
    world.erp.deliver("0000000001")
    world.run()
    moved = news_events(before, world.view())
    [status] = [event for event in moved if event.kind is EventKind.STATUS_CHANGED]
    assert status.document == "0000000001"
    assert status.detail == {"delivery_status": "A -> C", "overall_status": "A -> C"}
    [observed] = [event for event in moved if event.kind is EventKind.DOCUMENT_OBSERVED]
    assert observed.document == "0080000001"


def test_differences_are_named_without_showing_who_the_customer_is(world: World) -> None:
    route = world.context.routes["shop"]
    wanted = world.context.plans["standard"].created_sales_documents
    old, new = (
        route.map(an_order(quantity=quantity, price=price), wanted).documents[0].document
        for quantity, price in (("2", "50.00"), ("3", "60.00"))
    )
    moved = new.model_copy(update={"partners": old.partners[:0]})
    found = differing_fields(old, moved)
    assert set(found) == {
        "items[10].requested_quantity.value 2 -> 3",
        "items[10].conditions[0].rate 50.00 -> 60.00",
        "partners",
    }
    assert differing_fields(old, old) == ()


@pytest.mark.parametrize(
    ("count", "text"), [(1, "a0"), (5, "a0; a1; a2; a3; a4"), (7, "a0; a1; a2; a3; a4; and 2 more")]
)
def test_many_differences_are_counted(count: int, text: str) -> None:
    assert in_short(tuple(f"a{n}" for n in range(count))) == text


def test_an_order_without_documents_has_just_been_received(world: World) -> None:
    world.erp.is_down = True
    world.receive(an_order())
    assert stage_of(world.view()) is Stage.RECEIVED
    assert not progress_of(world.view()).confirmed


def _item(like: CustomerItem, amount: str, document: str, **more: str) -> CustomerItem:
    key = like.key.model_copy(update={"accounting_document": document})
    return like.model_copy(
        update={
            "key": key,
            "line_item": 2,
            "document_type": "DZ",
            "billing_document": "",
            "amount": Money(amount=Decimal(amount), currency="EUR"),
            **more,
        }
    )


def _stage(view: FlowView, *items: CustomerItem) -> Stage:
    return stage_of(replace(view, items=items))
