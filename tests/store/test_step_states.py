"""What each move makes of a step, and that both tables with steps keep to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, update

from connector.ports.statement_payments import Found, LineKind, Suggestion
from connector.ports.step_state import CLAIMABLE, Operation, StepState
from connector.ports.store_records import Step, StepChange
from connector.sd_documents.values import Money
from connector.store import step_states
from connector.store.codec import text_hash
from connector.store.sql_store import SqlStore
from connector.store.step_states import Lease, StepKey
from connector.store.step_table import StepTable
from tests.sync.world import CHANNEL, an_order, inbound

AT = datetime(2026, 3, 10, 8, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
KEY = StepKey(7, Operation.POST_PAYMENT, "1")
MINE = Lease("me", AT, LATER)
OTHERS = Lease("another", LATER, LATER + timedelta(minutes=5))


@pytest.fixture(params=["flow", "bank line"])
def steps(store: SqlStore, request: pytest.FixtureRequest) -> StepTable:
    """The steps of flows and those of bank lines; what they belong to has the id 1."""
    if request.param == "flow":
        store.orders.receive([inbound(an_order())], channel=CHANNEL, plan="standard", now=AT)
        return store.steps
    suggestion = Suggestion(
        subject="bank line B-1",
        company_code="1000",
        amount=Money(amount=Decimal("1190.00"), currency="EUR"),
        booked_on=date(2026, 3, 10),
        reference="B-1",
        reason="pays in full",
    )
    found = Found(key="DE02 B-1", kind=LineKind.BANK_LINE, suggestion=suggestion, is_exact=True)
    store.statement_payments.keep([found], now=AT)
    return store.statement_payments.steps


def claim(steps: StepTable, lease: Lease = MINE) -> Step | None:
    return steps.claim(
        1,
        KEY.operation,
        KEY.sequence_key,
        owner=lease.owner,
        now=lease.now,
        lease_until=lease.until,
    )


def test_a_step_that_is_asked_for_keeps_its_payload_with_the_hash_until_it_is_claimed(
    steps: StepTable,
) -> None:
    assert steps.request(1, KEY.operation, KEY.sequence_key, "{}", now=AT)
    assert not steps.request(1, KEY.operation, KEY.sequence_key, "[]", now=AT)
    claimed = claim(steps)

    assert claimed is not None
    assert steps.get(claimed.id) == claimed
    assert (claimed.payload, claimed.payload_hash) == ("{}", text_hash("{}"))
    assert (claimed.state, claimed.fence, claimed.attempt) == (StepState.CLAIMED, 1, 1)


def test_a_worker_who_finds_the_step_taken_meanwhile_gets_none_and_changes_nothing(
    steps: StepTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = claim(steps)
    assert first is not None
    waiting = steps.move(first, (StepState.RETRY_WAIT,), now=AT)
    write = StepTable._write

    def taken_meanwhile(self: StepTable, connection: Connection, old: Step, new: Step) -> None:
        table = self._table
        connection.execute(update(table).where(table.c.id == old.id).values(fence=old.fence + 5))
        write(self, connection, old, new)

    monkeypatch.setattr(StepTable, "_write", taken_meanwhile)

    assert claim(steps) is None
    assert steps.get(first.id) == waiting


def test_leases_of_dead_processes_are_gone_at_once_where_nobody_else_writes(
    steps: StepTable, backend: str
) -> None:
    """Beside a PostgreSQL store others may write: an owner this process does not know may live."""
    first = claim(steps)

    assert steps.expired(AT, ("me",)) == ()
    assert steps.expired(AT, ("another",)) == ((first,) if backend == "sqlite" else ())
    assert steps.expired(LATER) == (first,)


@pytest.mark.parametrize("state", sorted(StepState))
def test_a_step_is_claimed_again_only_where_nothing_may_have_been_posted(state: StepState) -> None:
    found = replace(step_states.first_claim(KEY, MINE), state=state)

    again = step_states.claimed_again(found, OTHERS)

    assert (again is not None) == (state in CLAIMABLE)
    if again is not None:
        assert (again.state, again.fence, again.attempt) == (StepState.CLAIMED, 2, 2)
        assert (again.lease_owner, again.lease_until) == (OTHERS.owner, OTHERS.until)


def test_a_step_is_not_claimed_before_it_is_due() -> None:
    found = replace(step_states.requested(KEY, "{}", AT), due_at=LATER)

    assert step_states.claimed_again(found, MINE) is None
    assert step_states.claimed_again(found, OTHERS) is not None


def test_a_new_attempt_forgets_what_the_last_one_learned_of_its_own_numbers() -> None:
    found = replace(
        step_states.requested(KEY, "{}", AT),
        state=StepState.RETRY_WAIT,
        provisional_numbers=("0000000007",),
        absent_look_ups=2,
        doubt_since=AT,
        looked_at=AT,
    )

    again = step_states.claimed_again(found, MINE)

    assert again is not None
    assert (again.provisional_numbers, again.absent_look_ups) == ((), 0)
    assert (again.doubt_since, again.looked_at, again.due_at) == (None, None, None)
    assert again.payload == "{}"


def test_a_change_of_the_payload_changes_its_hash_and_no_change_keeps_it() -> None:
    found = step_states.first_claim(KEY, MINE)

    changed = step_states.changed_step(found, StepState.INTENT, StepChange(payload="{}"), AT)
    sent = step_states.changed_step(changed, StepState.SENT, StepChange(), AT)

    assert changed.payload_hash == sent.payload_hash == text_hash("{}")
    assert sent.lease_owner == "me"
