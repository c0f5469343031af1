"""Fingerprints tell, without reading an order, whether its record says what it said before."""

from __future__ import annotations

from pathlib import Path

from connector.ports.store_records import NewHold
from tests.sync.world import START, World, a_world, an_order


def fingerprints(world: World, batch: int = 5000) -> dict[int, bytes]:
    return dict(world.store.order_fingerprints(batch))


def changed(world: World, before: dict[int, bytes]) -> list[int]:
    after = fingerprints(world)
    assert before.keys() <= after.keys()
    return [flow_id for flow_id in after if after[flow_id] != before.get(flow_id)]


def test_every_change_of_a_record_changes_the_fingerprint_of_its_order_alone(
    tmp_path: Path,
) -> None:
    with a_world(tmp_path) as world:
        world.receive(*(an_order(str(number), paid=["119.00"]) for number in range(4)))
        world.run()
        before = fingerprints(world)
        [_, second, third, fourth] = before
        assert len(set(before.values())) == 4
        assert changed(world, before) == []
        assert fingerprints(world, 1) == before

        world.store.holds.open(second, NewHold("CHECK", "look at it"), now=START)
        assert changed(world, before) == [second]
        world.store.holds.release(second, now=START, by="anna", comment="", accepted=False)
        assert changed(world, before) == []

        world.receive(an_order("2", quantity="9", paid=["119.00"]))
        assert changed(world, before) == [third]

        world.receive(an_order("4"))
        assert changed(world, before) == [third, fourth + 1]


def test_an_order_has_another_fingerprint_whenever_its_record_differs(tmp_path: Path) -> None:
    """Through a whole life: sent, changed, billed and paid."""
    with a_world(tmp_path) as world:
        seen: dict[bytes, object] = {}

        def look() -> None:
            [record] = world.store.order_records()
            [(_, fingerprint)] = world.store.order_fingerprints()
            assert seen.setdefault(fingerprint, record) == record

        world.receive(an_order("1", paid=["119.00"]))
        look()
        world.run()
        look()
        world.receive(an_order("1", quantity="9", paid=["119.00"]))
        look()
        [delivery] = world.erp.deliver(sorted(world.erp.books.sales)[0])
        world.erp.issue(delivery)
        world.erp.bill([delivery])
        world.run()
        look()
        assert len(set(map(repr, seen.values()))) == len(seen) >= 3
