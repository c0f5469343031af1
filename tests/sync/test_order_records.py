"""Orders are read in bulk without their documents, and say the same as when read with them."""

from __future__ import annotations

from pathlib import Path

from connector.errors import RejectedError
from connector.ports.erp import Point
from connector.ports.order_records import OrderRecord, record_of
from connector.ports.store_records import NewHold
from tests.sync.in_memory_erp import Fault
from tests.sync.world import START, World, a_world, an_order


def records(world: World, batch: int = 1000) -> list[OrderRecord]:
    return list(world.store.order_records(batch))


def test_records_say_what_views_say(tmp_path: Path) -> None:
    """New, held, released, refused, delivered, billed, paid and not even looked at."""
    with a_world(tmp_path) as world:
        world.erp.faults.append(
            Fault("create sales order", Point.CREATE_SENT, RejectedError("no such material"))
        )
        world.receive(*(an_order(str(number), paid=["119.00"]) for number in range(6)))
        [delivery] = world.erp.deliver(sorted(world.erp.books.sales)[0])
        world.erp.issue(delivery)
        world.erp.bill([delivery])
        world.run()
        ids = [view.flow.id for view in world.store.all_views()]
        world.store.holds.open(ids[0], NewHold("CHECK", "look at it"), now=START)
        world.store.holds.open(ids[1], NewHold("LATER", "not yet"), now=START)
        world.store.holds.release(ids[1], now=START, by="anna", comment="fine", accepted=True)

        views = list(world.store.all_views())

        assert records(world) == [record_of(view) for view in views]
        assert records(world, 1) == records(world)
        assert any(view.billing_documents and view.deliveries for view in views)
        assert any(view.holds for view in views)
        assert any(record.holds for record in records(world))
        assert any(record.billing_documents for record in records(world))


def test_a_new_version_is_what_its_record_says(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.receive(an_order("1"))
        world.receive(an_order("1", quantity="9"))
        [record] = records(world)
        [view] = world.store.all_views()
        assert record == record_of(view)
        assert record.version == 2
