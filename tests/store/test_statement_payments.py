"""Payments from statements in the store: a record and a step per line, each once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connector.errors import LeaseLostError
from connector.ports.statement_payments import (
    Found,
    LineKind,
    PaymentState,
    StatementPayment,
    Suggestion,
)
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import EventKind, NewHold, Step, StepChange
from connector.sd_documents.values import Money
from connector.store.sql_store import SqlStore

AT = datetime(2026, 3, 10, 8, tzinfo=UTC)


def found(key: str = "DE02 B-1", *, exact: bool = True, reason: str = "pays in full") -> Found:
    return Found(
        key=key,
        kind=LineKind.BANK_LINE,
        suggestion=Suggestion(
            subject="bank line B-1",
            company_code="1000",
            amount=Money(amount=Decimal("1190.00"), currency="EUR"),
            booked_on=date(2026, 3, 10),
            reference="B-1",
            reason=reason,
        ),
        is_exact=exact,
    )


def keep(store: SqlStore, *lines: Found) -> StatementPayment:
    return store.statement_payments.keep(lines, now=AT)[0]


def claim(store: SqlStore, record: StatementPayment, owner: str = "me") -> Step | None:
    return store.statement_payments.steps.claim(
        record.id,
        Operation.POST_PAYMENT,
        "1",
        owner=owner,
        now=AT,
        lease_until=AT + timedelta(minutes=5),
    )


def test_a_line_has_one_record_and_one_step(store: SqlStore) -> None:
    record = keep(store, found())

    assert keep(store, found()).id == record.id
    assert claim(store, record) is not None
    assert claim(store, record, "another") is None


def test_what_is_found_anew_replaces_a_proposal_and_never_a_decision(store: SqlStore) -> None:
    record = keep(store, found(exact=False, reason="falls short"))
    assert keep(store, found(exact=False, reason="exceeds")).suggestion.reason == "exceeds"
    payments = store.statement_payments
    payments.decide(record.id, PaymentState.REFUSED, by="anna", comment="a loan", now=AT)

    after = keep(store, found())

    assert (after.state, after.suggestion.reason) == (PaymentState.REFUSED, "exceeds")
    with pytest.raises(ValueError, match="waits for nobody: it is refused by anna"):
        payments.decide(record.id, PaymentState.RELEASED, by="bob", comment="", now=AT)


def test_what_is_under_way_is_not_touched_by_what_is_found(store: SqlStore) -> None:
    claim(store, keep(store, found()))

    assert keep(store, found(exact=False)).state is PaymentState.READY


def test_a_step_that_is_done_ends_the_record_with_its_document(store: SqlStore) -> None:
    record = keep(store, found())
    step = claim(store, record)
    assert step is not None
    path = (
        StepState.INTENT,
        StepState.SENT,
        StepState.COMMIT_SENT,
        StepState.READ_BACK,
        StepState.DONE,
    )
    change = StepChange(numbers=("1000/1400000001/2026",))
    store.statement_payments.steps.move(step, path, change, now=AT)

    after = store.statement_payments.get(record.id)
    assert (after.state, after.document) == (PaymentState.POSTED, "1000/1400000001/2026")
    with pytest.raises(LeaseLostError):
        store.statement_payments.steps.move(step, path, change, now=AT)
    assert claim(store, record) is None


def test_a_refusal_by_the_erp_holds_the_record_until_a_person_lets_it_go(store: SqlStore) -> None:
    record = keep(store, found())
    step = claim(store, record)
    assert step is not None
    store.statement_payments.steps.move(
        step, (StepState.REJECTED,), now=AT, hold=NewHold("REFUSED", "the period is closed")
    )

    held = store.statement_payments.get(record.id)
    assert (held.state, held.reason) == (PaymentState.HELD, "the period is closed")
    released = store.statement_payments.decide(
        record.id, PaymentState.RELEASED, by="anna", comment="open again", now=AT
    )
    assert released.state is PaymentState.RELEASED


def test_each_decision_is_an_event_with_who_and_why(store: SqlStore) -> None:
    record = keep(store, found(exact=False))
    store.statement_payments.decide(
        record.id, PaymentState.REFUSED, by="anna", comment="a loan", now=AT
    )

    told = [(each.kind, each.detail.get("by", "")) for each in store.events.since(0)]

    assert told == [(EventKind.PAYMENT_PROPOSED, ""), (EventKind.PAYMENT_REFUSED, "anna")]


def test_a_step_in_doubt_and_one_whose_worker_is_gone_are_found(store: SqlStore) -> None:
    record = keep(store, found())
    step = claim(store, record)
    assert step is not None
    steps = store.statement_payments.steps

    late = AT + timedelta(minutes=6)
    assert [each.id for each in steps.expired(late, ("another",))] == [step.id]
    path = (StepState.INTENT, StepState.SENT, StepState.COMMIT_SENT, StepState.IN_DOUBT)
    steps.move(step, path, StepChange(due_at=AT, doubt_since=AT), now=AT)
    assert [each.id for each in steps.in_doubt(AT)] == [step.id]
    assert steps.get(step.id).state is StepState.IN_DOUBT
    taken = steps.take_over(
        steps.get(step.id), owner="another", now=AT, lease_until=AT + timedelta(minutes=1)
    )
    assert taken is not None
    assert steps.take_over(step, owner="x", now=AT, lease_until=AT) is None
