"""The step state machine: only along its edges, only by whoever holds the lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest

from connector.errors import LeaseLostError
from connector.ports.step_state import (
    FINAL,
    OCCUPYING,
    TRANSITIONS,
    IllegalTransitionError,
    Operation,
    StepState,
    require_path,
)
from connector.ports.store_records import (
    DocumentKey,
    EventKind,
    FlowChange,
    NewEvent,
    NewHold,
    Step,
    StepChange,
)
from connector.sd_documents.values import DocumentCategory
from connector.store.schema import step as step_table
from connector.store.sql_store import SqlStore
from tests.sync.world import CHANNEL, START, an_order, inbound

S = StepState
LATER = START + timedelta(minutes=5)
TO_DOUBT = (S.INTENT, S.SENT, S.CREATED_UNCOMMITTED, S.COMMIT_SENT, S.IN_DOUBT)
ILLEGAL = [(a, b) for a, b in product(S, S) if b not in TRANSITIONS[a]]


def test_nothing_leads_from_in_doubt_to_sent() -> None:
    assert TRANSITIONS[S.IN_DOUBT] == {S.DONE, S.RETRY_WAIT, S.AMBIGUOUS}


def test_nothing_that_may_be_posted_can_be_sent_again_without_a_look() -> None:
    """
    Every way from COMMIT_SENT to SENT goes through IN_DOUBT and RETRY_WAIT, in that order, or
    through the ERP's own word that it posted nothing.
    """
    ways: list[tuple[StepState, ...]] = [(S.COMMIT_SENT,)]
    while ways:
        way = ways.pop()
        for target in TRANSITIONS[way[-1]]:
            if target is S.SENT and way[1] is not S.REFUSED:
                assert S.IN_DOUBT in way
                assert way.index(S.IN_DOUBT) < way.index(S.RETRY_WAIT)
            elif target not in way:
                ways.append((*way, target))


def test_every_state_can_be_reached_and_only_final_ones_end() -> None:
    reached, waiting = {S.READY}, [S.READY]
    while waiting:
        for target in TRANSITIONS[waiting.pop()] - reached:
            reached.add(target)
            waiting.append(target)
    assert reached == set(S)
    assert {state for state in S if not TRANSITIONS[state]} == FINAL


def test_the_partial_index_covers_the_occupying_states() -> None:
    [index] = [i for i in step_table.indexes if i.name == "uq_step_claimed"]
    condition = str(index.dialect_options["sqlite"]["where"])
    assert all((f"'{state}'" in condition) == (state in OCCUPYING) for state in S)


def test_the_store_refuses_every_edge_that_does_not_exist(store: SqlStore) -> None:
    claimed = _claimed(store)
    assert len(ILLEGAL) > 100
    for source, target in ILLEGAL:
        with pytest.raises(IllegalTransitionError):
            store.steps.move(replace(claimed, state=source), (target,), now=START)
    assert store.steps.get(claimed.id) == claimed


def test_a_path_with_one_wrong_edge_changes_nothing(store: SqlStore) -> None:
    step = _claimed(store)
    with pytest.raises(IllegalTransitionError, match="cannot go from 'intent' to 'done'"):
        store.steps.move(step, (S.INTENT, S.DONE), now=START)
    assert store.steps.get(step.id) == step


def test_claiming_makes_the_step_and_raises_fence_and_attempt(store: SqlStore) -> None:
    step = _claimed(store)
    assert (step.state, step.fence, step.attempt) == (S.CLAIMED, 1, 1)
    assert step.lease_until == LATER
    waiting = store.steps.move(step, (S.RETRY_WAIT,), now=START)
    assert (waiting.lease_owner, waiting.lease_until) == ("", None)

    again = _claim(store)

    assert again is not None
    assert (again.id, again.fence, again.attempt) == (step.id, 2, 2)


def test_a_step_that_is_not_due_cannot_be_claimed(store: SqlStore) -> None:
    step = _claimed(store)
    store.steps.move(step, (S.RETRY_WAIT,), StepChange(due_at=LATER), now=START)
    assert _claim(store) is None
    assert _claim(store, now=LATER) is not None


@pytest.mark.parametrize("other", [Operation.CREATE_DELIVERY, Operation.CREATE_SALES_ORDER])
def test_a_flow_has_one_claimed_step_by_the_index(store: SqlStore, other: Operation) -> None:
    _claimed(store)
    assert _claim(store, other) is None


def test_a_step_in_doubt_keeps_the_flow_occupied(store: SqlStore) -> None:
    doubt = store.steps.move(_claimed(store), TO_DOUBT, now=START)
    assert doubt.lease_until is None
    assert _claim(store, Operation.CREATE_DELIVERY) is None
    store.steps.move(doubt, (S.DONE,), now=START)
    assert _claim(store, Operation.CREATE_DELIVERY) is not None


@pytest.mark.parametrize("state", [S.REJECTED, S.DONE, S.ABANDONED, S.AMBIGUOUS])
def test_what_is_refused_done_or_ambiguous_cannot_be_claimed(
    store: SqlStore, state: StepState
) -> None:
    paths = {
        S.REJECTED: (S.REJECTED,),
        S.DONE: (*TO_DOUBT, S.DONE),
        S.ABANDONED: (S.RETRY_WAIT, S.ABANDONED),
        S.AMBIGUOUS: (*TO_DOUBT, S.AMBIGUOUS),
    }
    store.steps.move(_claimed(store), paths[state], now=START)
    assert _claim(store) is None


def test_whoever_lost_the_step_changes_nothing(store: SqlStore) -> None:
    mine = _claimed(store)
    sent = store.steps.move(mine, (S.INTENT, S.SENT), now=START)
    taken = store.steps.take_over(sent, owner="other", now=LATER, lease_until=LATER)
    assert taken is not None
    assert (taken.fence, taken.state) == (sent.fence + 1, S.SENT)

    with pytest.raises(LeaseLostError):
        store.steps.move(
            sent,
            (S.COMMIT_SENT,),
            now=LATER,
            events=[NewEvent(EventKind.STEP_IN_DOUBT, sent.flow_id)],
            hold=NewHold("NEVER", "must not be written"),
            flow=FlowChange(wrote=True),
        )

    assert store.steps.get(sent.id) == taken
    [view] = store.flows.views([sent.flow_id])
    assert (view.holds, view.flow.writes) == ((), 0)


def test_only_one_of_two_takes_a_step_over(store: SqlStore) -> None:
    step = _claimed(store)
    first = store.steps.take_over(step, owner="a", now=LATER, lease_until=LATER)
    second = store.steps.take_over(step, owner="b", now=LATER, lease_until=LATER)
    assert first is not None
    assert second is None


def test_a_move_brings_everything_that_goes_with_it(store: SqlStore) -> None:
    step = store.steps.move(_claimed(store), (*TO_DOUBT[:-1], S.READ_BACK), now=START)
    done = store.steps.move(
        step,
        (S.DONE,),
        StepChange(numbers=("0000000001",), last_error=""),
        now=LATER,
        flow=FlowChange(
            wrote=True, documents=(DocumentKey(DocumentCategory.SALES_ORDER, "0000000001"),)
        ),
        events=[NewEvent(EventKind.DOCUMENT_CREATED, step.flow_id, step.id)],
    )

    assert (done.numbers, done.finished_at) == (("0000000001",), LATER)
    [view] = store.flows.views([step.flow_id])
    assert view.steps == (done,)
    assert (view.flow.writes, view.flow.is_mirrored) == (1, False)
    assert store.flows.find("1") == (step.flow_id,)
    assert store.mirror.unread(10) == (step.flow_id,)


def test_leases_that_ended_are_expired_and_those_of_dead_processes_at_once(
    store: SqlStore, backend: str
) -> None:
    step = _claimed(store)
    assert store.steps.expired(START, ["me"]) == ()
    assert store.steps.expired(LATER, ["me"]) == (step,)
    # That the right to a file is free proves that its last owner is dead. A server gives it away
    # when the connection ends, which the process may survive: there its leases are waited for.
    at_once = (step,) if backend == "sqlite" else ()
    assert store.steps.expired(START, ["somebody else"]) == at_once


def test_steps_in_doubt_come_up_when_their_look_up_is_due(store: SqlStore) -> None:
    doubt = store.steps.move(_claimed(store), TO_DOUBT, StepChange(due_at=LATER), now=START)
    assert store.steps.in_doubt(START) == ()
    assert store.steps.in_doubt(LATER) == (doubt,)
    taken = store.steps.take_over(doubt, owner="x", now=LATER, lease_until=LATER)
    assert taken is not None
    assert store.steps.in_doubt(LATER) == (), "somebody is looking"
    back = store.steps.move(taken, (), StepChange(absent_look_ups=1), now=LATER)
    assert store.steps.in_doubt(LATER) == (back,)


def test_an_unknown_step_is_a_key_error(store: SqlStore) -> None:
    with pytest.raises(KeyError):
        store.steps.get(99)


def test_an_empty_path_ends_where_it_begins() -> None:
    assert require_path(S.SENT, ()) is S.SENT


def _flow(store: SqlStore) -> int:
    found = store.flows.find("1001")
    if not found:
        store.orders.receive([inbound(an_order())], channel=CHANNEL, plan="standard", now=START)
        found = store.flows.find("1001")
    return found[0]


def _claim(
    store: SqlStore,
    operation: Operation = Operation.CREATE_SALES_ORDER,
    now: datetime = START,
) -> Step | None:
    return store.steps.claim(
        _flow(store), operation, "1", owner="me", now=now, lease_until=now + timedelta(minutes=5)
    )


def _claimed(store: SqlStore) -> Step:
    step = _claim(store)
    assert step is not None
    return step
