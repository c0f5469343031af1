"""A new version of an order changes its document: the difference only, once, and never too late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connector.errors import OutcomeUnknownError, TransientError
from connector.mappings.external_order import ExternalOrder
from connector.ports.erp import Point
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import EventKind
from connector.resources import shipped
from connector.sd_documents.partners import Address, Partner, PartnerFunction
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sd_documents.values import DocumentCategory, ItemReference, Quantity
from connector.sync.actions import release, retry
from connector.sync.chain import reference_of
from connector.sync.plan import Plan, load_plan
from connector.sync.progress import Stage, stage_of
from connector.sync.writes import ChangeRequest, read_payload
from tests.sync.in_memory_erp import Fault
from tests.sync.world import (
    NO_RULES,
    START,
    PlainRoute,
    World,
    a_world,
    an_order,
    changed,
    lines,
)

ORDER = "0000000001"
CHANGE = Operation.CHANGE_SALES_ORDER


def sending(base: str = "standard", reason: str = "50") -> Plan:
    """Return a shipped plan that sends changes."""
    plan = load_plan(shipped(f"config/plans/{base}.yaml")).model_dump()
    plan |= {"name": "sending", "changes": {"by": "send", "rejection_reason": reason}}
    return Plan.model_validate(plan)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path, plan="sending", plans=[sending()]) as found:
        yield found


def posted(world: World) -> PostedSalesDocument:
    return world.erp.books.sales[ORDER]


def three_lines() -> ExternalOrder:
    return changed(an_order(), minutes=0, lines=lines(("a", "2"), ("b", "3"), ("c", "4")))


def request_of(world: World) -> ChangeRequest:
    """Return what the newest change step was to send."""
    step = world.view().step(CHANGE)
    assert step is not None
    found = read_payload(step)
    assert isinstance(found, ChangeRequest)
    return found


def test_a_changed_quantity_is_sent_and_nothing_else(world: World) -> None:
    world.receive(three_lines())
    world.receive(changed(three_lines(), lines=lines(("a", "2"), ("b", "5"), ("c", "4"))))

    change = request_of(world).change
    assert [item.item_number for item in change.items] == [20]
    assert change.model_dump(exclude_defaults=True, exclude={"number", "category"}) == {
        "purchase_order_by_customer": "W-1001",
        "items": ({"item_number": 20, "requested_quantity": {"value": 5, "unit": "PC"}},),
    }
    assert posted(world).item(20).requested_quantity.value == 5
    assert not world.held_for()
    assert world.view().flow.checked_version == 2


def test_a_changed_date_moves_the_order_and_its_open_items(world: World) -> None:
    order = changed(an_order(), minutes=0, requested_delivery_date=START.date())
    world.receive(order)
    later = START.date() + timedelta(days=9)
    world.receive(changed(order, requested_delivery_date=later))

    assert posted(world).requested_delivery_date == later
    assert [item.requested_delivery_date for item in request_of(world).change.items] == [later]


def test_a_line_that_moved_up_keeps_its_item(world: World) -> None:
    """The first line is gone; what follows is the same goods and not other quantities."""
    world.receive(three_lines())
    world.receive(changed(three_lines(), lines=lines(("b", "3"), ("c", "4"))))

    [item] = request_of(world).change.items
    assert (item.item_number, item.rejection_reason) == (10, "50")
    assert [i.rejection_reason for i in posted(world).items] == ["50", "", ""]


def test_a_new_line_gets_a_number_that_no_item_ever_had(world: World) -> None:
    world.receive(three_lines())
    world.receive(changed(three_lines(), lines=lines(("a", "2"), ("b", "3"))))
    world.receive(
        changed(three_lines(), minutes=9, lines=lines(("n", "1"), ("a", "2"), ("b", "3")))
    )

    assert [item.item_number for item in request_of(world).change.added_items] == [40]
    assert posted(world).item(40).requested_quantity.value == 1
    assert posted(world).item(30).rejection_reason == "50"


def test_a_line_that_comes_back_is_a_new_item(world: World) -> None:
    world.receive(three_lines())
    world.receive(changed(three_lines(), lines=lines(("a", "2"), ("b", "3"))))
    world.receive(changed(three_lines(), minutes=9))

    assert [(i.item_number, i.rejection_reason) for i in posted(world).items] == [
        (10, ""),
        (20, ""),
        (30, "50"),
        (40, ""),
    ]


def test_without_a_reason_in_the_plan_a_person_rejects_the_line(tmp_path: Path) -> None:
    with a_world(tmp_path, plan="sending", plans=[sending(reason="")]) as world:
        world.receive(three_lines())
        world.receive(changed(three_lines(), lines=lines(("a", "2"), ("b", "3"))))
        assert world.held_for() == ["CHANGED_AFTER_CREATION"]
        assert "changes.rejection_reason" in world.view().holds[0].message


def test_a_quantity_below_what_is_delivered_is_held_by_name(world: World) -> None:
    world.receive(three_lines())
    world.erp.deliver(ORDER)
    world.receive(changed(three_lines(), lines=lines(("a", "2"), ("b", "1"), ("c", "4"))))

    [hold] = world.view().holds
    assert hold.reason == "CHANGE_BELOW_DELIVERED"
    assert "wants 1 PC of line b (M-01), but 3 PC are delivered of item 20" in hold.message
    assert world.view().step(CHANGE) is None


def test_what_is_released_stays_and_the_rest_of_the_change_is_sent(world: World) -> None:
    world.receive(three_lines())
    world.erp.deliver(ORDER)
    wanted = lines(("a", "2"), ("b", "1"), ("c", "4"), ("d", "7"))
    world.receive(changed(three_lines(), lines=wanted))
    release(world.store, world.clock, world.view().flow.id, by="anna", comment="they keep it")
    world.run()

    assert not world.held_for()
    assert posted(world).item(20).requested_quantity.value == 3
    assert posted(world).item(40).requested_quantity.value == 7


def test_exactly_what_is_delivered_may_be_wanted(world: World) -> None:
    world.receive(an_order(quantity="5"))
    world.erp.books.add_delivery("0080000001", _two_of(world), START.date())
    world.receive(changed(an_order(quantity="2")))
    assert not world.held_for()
    assert posted(world).items[0].requested_quantity.value == 2


def test_a_line_that_is_delivered_in_part_cannot_just_vanish(world: World) -> None:
    world.receive(three_lines())
    world.erp.deliver(ORDER)
    world.receive(changed(three_lines(), lines=lines(("a", "2"), ("b", "3"))))
    assert world.held_for() == ["CHANGE_BELOW_DELIVERED"]


def test_a_quantity_that_somebody_changed_in_the_erp_is_not_overwritten_unasked(
    world: World,
) -> None:
    world.receive(an_order(quantity="2"))
    _by_hand(world, "6")
    world.receive(changed(an_order(quantity="4")))
    [hold] = world.view().holds
    assert hold.reason == "CHANGED_IN_ERP"
    assert "4 PC" in hold.message and "was changed to 6 PC" in hold.message

    release(world.store, world.clock, world.view().flow.id, by="anna", comment="the order holds")
    world.run()
    assert posted(world).items[0].requested_quantity.value == 4


def test_what_the_order_did_not_change_stays_as_somebody_changed_it(world: World) -> None:
    order = three_lines()
    world.receive(order)
    _by_hand(world, "6")
    world.receive(changed(order, lines=lines(("a", "2"), ("b", "5"), ("c", "4"))))

    assert not world.held_for()
    assert [i.requested_quantity.value for i in posted(world).items] == [6, 5, 4]


def test_a_change_that_the_erp_has_already_is_not_sent(world: World) -> None:
    world.receive(an_order(quantity="2"))
    _by_hand(world, "4")
    world.receive(changed(an_order(quantity="4")))
    assert world.view().step(CHANGE) is None
    assert not world.held_for()


def test_prices_cannot_be_sent_and_are_held(world: World) -> None:
    world.receive(an_order(quantity="2", price="50.00"))
    world.receive(changed(an_order(quantity="2", price="45.00")))
    [hold] = world.view().holds
    assert hold.reason == "CHANGED_AFTER_CREATION"
    assert "items[10].conditions differs" in hold.message


def test_a_change_whose_price_is_not_the_channels_is_held_before_it_is_sent(world: World) -> None:
    world.receive(an_order(quantity="2"))
    wrong = changed(an_order(quantity="3"))
    totals = wrong.totals.model_copy(update={"grand_total": Decimal("100.00")})
    world.receive(wrong.model_copy(update={"totals": totals}))
    assert world.held_for() == ["TOTAL_DIFF"]
    assert posted(world).items[0].requested_quantity.value == 2


def test_an_older_version_that_arrives_later_changes_nothing(world: World) -> None:
    world.receive(an_order(quantity="2"))
    world.receive(changed(an_order(quantity="5"), minutes=30))
    world.receive(changed(an_order(quantity="3"), minutes=10))

    assert posted(world).items[0].requested_quantity.value == 5
    assert EventKind.OUTDATED_VERSION in world.events()
    assert world.view().flow.version == 2


def test_a_cancelled_order_is_rejected_whole_and_comes_to_its_end(world: World) -> None:
    world.receive(three_lines())
    world.receive(changed(three_lines(), cancelled_at=START + timedelta(minutes=5)))

    assert {item.rejection_reason for item in posted(world).items} == {"50"}
    assert not world.held_for()
    assert stage_of(world.view()) is Stage.CANCELLED


def test_a_cancelled_order_that_is_delivered_is_for_a_person(world: World) -> None:
    world.receive(an_order())
    world.erp.deliver(ORDER)
    cancelled = changed(an_order(), cancelled_at=START + timedelta(minutes=5))
    world.receive(cancelled)
    [hold] = world.view().holds
    assert hold.reason == "CANCELLED_TOO_LATE"
    assert "item 10: 2 PC" in hold.message
    assert not posted(world).items[0].rejection_reason

    release(world.store, world.clock, world.view().flow.id, by="anna", comment="carry it out")
    world.run()
    assert not world.held_for()


def test_a_change_that_arrives_while_the_create_is_in_doubt_follows_it(world: World) -> None:
    world.erp.hold_commits = True
    world.receive(an_order(quantity="2"))
    world.erp.hold_commits = False
    world.receive(changed(an_order(quantity="3")))
    step = world.view().step(Operation.CREATE_SALES_ORDER)
    assert step is not None
    assert step.state is StepState.IN_DOUBT

    world.erp.release_held()
    world.later(minutes=3)
    world.run()
    assert list(world.erp.books.sales) == [ORDER]
    assert posted(world).items[0].requested_quantity.value == 3


def test_two_changes_in_a_row_end_with_the_last(world: World) -> None:
    world.receive(an_order(quantity="2"))
    world.erp.faults.append(
        Fault("change sales order", Point.CREATE_ANSWERED, TransientError("locked by MILLER"))
    )
    world.receive(changed(an_order(quantity="3")))
    world.receive(changed(an_order(quantity="7"), minutes=9))
    world.later(hours=1)
    world.run()

    assert posted(world).items[0].requested_quantity.value == 7
    assert [s.state for s in world.view().steps if s.operation is CHANGE] == [StepState.DONE]


def test_a_change_that_is_taken_back_before_it_was_sent_leaves_nothing_to_send(
    world: World,
) -> None:
    world.receive(an_order(quantity="2"))
    world.erp.faults.append(
        Fault("change sales order", Point.CREATE_ANSWERED, TransientError("locked by MILLER"))
    )
    world.receive(changed(an_order(quantity="3")))
    world.receive(changed(an_order(quantity="2"), minutes=9))
    world.later(hours=1)
    world.run()

    assert [s.state for s in world.view().steps if s.operation is CHANGE] == [StepState.ABANDONED]
    assert posted(world).items[0].requested_quantity.value == 2


@pytest.mark.parametrize("committed", [True, False])
def test_a_change_that_lost_its_answer_is_made_once(world: World, committed: bool) -> None:
    world.receive(three_lines())
    world.erp.hold_commits = True
    world.receive(
        changed(three_lines(), lines=lines(("a", "2"), ("b", "5"), ("c", "4"), ("d", "1")))
    )
    world.erp.hold_commits = False
    if committed:
        world.erp.release_held()
    world.erp.held.clear()
    for _ in range(5):
        world.later(minutes=3)
        world.run()

    [step] = [s for s in world.view().steps if s.operation is CHANGE]
    assert step.state is StepState.DONE
    assert step.attempt == (1 if committed else 2)
    quantities = [i.requested_quantity.value for i in posted(world).items]
    assert quantities == [2, 5, 4, 1]


def test_a_document_that_is_neither_as_before_nor_as_wanted_is_for_a_person(
    world: World,
) -> None:
    world.receive(an_order(quantity="2"))
    world.erp.faults.append(
        Fault("change sales order", Point.AFTER_FENCE_CHECK, OutcomeUnknownError("lost"))
    )
    world.receive(changed(an_order(quantity="3")))
    _by_hand(world, "9")
    world.later(minutes=3)
    world.run()
    assert world.held_for() == ["AMBIGUOUS"]

    _by_hand(world, "3")
    retry(world.store, world.clock, world.view().flow.id, by="anna")
    world.run()
    [step] = [s for s in world.view().steps if s.operation is CHANGE]
    assert step.state is StepState.DONE


class AddressRoute(PlainRoute):
    """Takes the ship-to's address from the order."""

    def _document(self, order: ExternalOrder, category: DocumentCategory) -> SalesDocument:
        document = super()._document(order, category)
        city = order.attributes.get("city", "Berlin")
        ship_to = Partner(
            function=PartnerFunction.SHIP_TO_PARTY,
            customer="0000001000",
            address=Address(name="Anna Ott", street="Gasse 1", city=city, country="DE"),
        )
        return document.model_copy(update={"partners": (*document.partners, ship_to)})


def test_a_changed_address_replaces_that_of_the_ship_to(tmp_path: Path) -> None:
    route = AddressRoute(NO_RULES, "sending")
    with a_world(tmp_path, plans=[sending()], route=route) as world:
        world.receive(an_order())
        world.receive(changed(an_order(), attributes={"city": "Bremen"}))
        [partner] = request_of(world).change.partners
        assert partner.address is not None
        assert partner.address.city == "Bremen"
        assert partner in world.erp.books.sent[ORDER].partners


@pytest.mark.parametrize("committed", [True, False])
def test_a_changed_address_that_lost_its_answer_is_looked_for(
    tmp_path: Path, committed: bool
) -> None:
    route = AddressRoute(NO_RULES, "sending")
    with a_world(tmp_path, plans=[sending()], route=route) as world:
        world.receive(an_order())
        world.erp.hold_commits = True
        world.receive(changed(an_order(), attributes={"city": "Bremen"}))
        world.erp.hold_commits = False
        if committed:
            world.erp.release_held()
        for _ in range(5):
            world.later(minutes=3)
            world.run()
        [step] = [s for s in world.view().steps if s.operation is CHANGE]
        assert (step.state, step.attempt) == (StepState.DONE, 1 if committed else 2)


def test_a_quotation_is_changed_before_its_order_exists(tmp_path: Path) -> None:
    plan = sending("presales")
    waiting = plan.sales_order.model_copy(update={"wait_days": 3})
    plan = plan.model_copy(update={"sales_order": waiting})
    with a_world(tmp_path, plan="sending", plans=[plan]) as world:
        world.receive(an_order(quantity="2"))
        world.receive(changed(an_order(quantity="3")))
        [quotation] = [
            d for d in world.erp.books.sales.values() if d.category is DocumentCategory.QUOTATION
        ]
        assert quotation.items[0].requested_quantity.value == 3
        assert world.view().step(Operation.CHANGE_QUOTATION) is not None
        world.later(days=4)
        world.run()
        [order] = [
            d for d in world.erp.books.sales.values() if d.category is DocumentCategory.SALES_ORDER
        ]
        assert order.items[0].requested_quantity.value == 3


def _by_hand(world: World, quantity: str) -> None:
    """Somebody changes the first item in the ERP."""
    order = posted(world)
    first, *others = order.items
    unit = first.requested_quantity.unit
    changed_item = first.model_copy(
        update={
            "requested_quantity": first.requested_quantity.model_copy(
                update={"value": Decimal(quantity), "unit": unit}
            )
        }
    )
    world.erp.books.sales[ORDER] = order.model_copy(update={"items": (changed_item, *others)})
    sent = world.erp.books.sent[ORDER]
    item = sent.items[0].model_copy(update={"requested_quantity": changed_item.requested_quantity})
    world.erp.books.sent[ORDER] = sent.model_copy(update={"items": (item, *sent.items[1:])})


def _two_of(world: World) -> list[tuple[ItemReference, Quantity]]:
    order = posted(world)
    return [(reference_of(order, order.items[0]), Quantity(value=Decimal(2), unit="PC"))]
