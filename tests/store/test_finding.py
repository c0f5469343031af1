"""Whose number that is: of the order that a person means, and of no other."""

from __future__ import annotations

from datetime import timedelta

from connector.ports.step_state import Operation
from connector.store.sql_store import SqlStore
from tests.sync.world import CHANNEL, START, an_order, inbound


def test_a_running_number_of_steps_finds_no_order(store: SqlStore) -> None:
    """Nearly every order has a step number 1, and the ERP may have a sales order 1 as well."""
    _step_of_a_new_order(store, "A-1", Operation.CREATE_SALES_ORDER, "1")
    assert store.flows.find("1") == ()


def test_a_payment_finds_its_order_before_it_is_posted(store: SqlStore) -> None:
    flow_id = _step_of_a_new_order(store, "A-1", Operation.POST_PAYMENT, "7700001063651")
    _step_of_a_new_order(store, "A-2", Operation.POST_PAYMENT, "7700001063652")
    assert store.flows.find("7700001063651") == (flow_id,)


def _step_of_a_new_order(store: SqlStore, name: str, operation: Operation, key: str) -> int:
    store.orders.receive([inbound(an_order(name))], channel=CHANNEL, plan="standard", now=START)
    (flow_id,) = store.flows.find(name)
    lease_until = START + timedelta(minutes=5)
    claimed = store.steps.claim(
        flow_id, operation, key, owner="test", now=START, lease_until=lease_until
    )
    assert claimed is not None
    return flow_id
