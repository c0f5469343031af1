"""
Every fault of the simulated ERP on every transport that it can strike, against a whole company.

The table `BEHAVIOURS` says what the connector does; here it does so. Whatever happened, there is in
the end one document of each kind, nothing is held, and the order is complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from connector.bootstrap.fault_behaviours import BEHAVIOURS, Behaviour, Reaction
from connector.ports.capabilities import Transport
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import EventKind, Step
from connector.sync.passes import PassSummary
from tests.faults.trial import ONE_OF_EACH, Trial, a_trial

#: Where each transport carries the step that a fault strikes.
PROFILES: Final = {
    Transport.RFC: "ecc",
    Transport.ODATA: "s4-mixed",
    Transport.SOAP: "s4-mixed",
}
MADE_BY: Final = {
    Operation.CREATE_SALES_ORDER: "sales",
    Operation.CREATE_DELIVERY: "delivery",
    Operation.POST_GOODS_ISSUE: "material",
    Operation.CREATE_BILLING_DOCUMENT: "billing",
    Operation.POST_PAYMENT: "payment",
}


def name_of(behaviour: Behaviour) -> str:
    return f"{behaviour.fault} over {behaviour.via} at {behaviour.operation}: {behaviour.reaction}"


def those(*reactions: Reaction) -> pytest.MarkDecorator:
    chosen = [each for each in BEHAVIOURS if each.reaction in reactions]
    return pytest.mark.parametrize("behaviour", chosen, ids=name_of)


@pytest.fixture
def trial(tmp_path: Path, behaviour: Behaviour) -> Iterator[Trial]:
    with a_trial(tmp_path, PROFILES[behaviour.via]) as found:
        found.inject(behaviour.part, behaviour.fault, behaviour.on, **behaviour.more)
        yield found


def step_of(trial: Trial, behaviour: Behaviour) -> Step:
    step = trial.step(behaviour.operation)
    assert step is not None
    return step


def made(trial: Trial, behaviour: Behaviour) -> int:
    return trial.documents()[MADE_BY[behaviour.operation]]


def assert_complete(trial: Trial, behaviour: Behaviour, *, attempt: int) -> None:
    """Let everything come to rest: there is one of each, after so many attempts."""
    trial.settle()
    view = trial.view
    assert trial.waiting() == 0, "the fault has struck"
    assert trial.documents() == ONE_OF_EACH
    assert not view.holds
    assert view.flow.closed_at is not None
    assert {step.state for step in view.steps} == {StepState.DONE}
    assert {step.operation: step.attempt for step in view.steps if step.attempt != 1} == (
        {behaviour.operation: attempt} if attempt != 1 else {}
    )


@those(Reaction.GOES_ON)
def test_what_costs_nothing_is_not_even_noticed(trial: Trial, behaviour: Behaviour) -> None:
    summary = trial.receive()

    assert isinstance(summary, PassSummary)
    assert not summary.erp_problem
    assert not summary.tally.failures
    assert step_of(trial, behaviour).state is StepState.DONE
    assert not {EventKind.STEP_IN_DOUBT, EventKind.STEP_WAITS} & set(trial.events())
    assert_complete(trial, behaviour, attempt=1)


@those(Reaction.WAITS)
def test_an_erp_that_is_not_there_is_waited_for_and_no_attempt_counts(
    trial: Trial, behaviour: Behaviour
) -> None:
    summary = trial.receive()

    assert isinstance(summary, PassSummary)
    assert summary.erp_problem
    assert made(trial, behaviour) == 0
    assert_nothing_is_parked(trial, behaviour)
    assert_left_alone(trial, behaviour)
    assert_complete(trial, behaviour, attempt=1)


@those(Reaction.STOPS)
def test_a_refused_logon_is_not_tried_again_and_parks_nothing(
    trial: Trial, behaviour: Behaviour
) -> None:
    problem = trial.receive()

    assert isinstance(problem, str)
    assert "every failed logon counts towards the user's lock" in problem
    assert trial.waiting() == 0, "one logon was refused, and no other was tried"
    assert made(trial, behaviour) == 0
    assert_nothing_is_parked(trial, behaviour)
    assert_complete(trial, behaviour, attempt=1)


@those(Reaction.TRIES_AGAIN)
def test_what_was_not_posted_for_certain_is_tried_again(trial: Trial, behaviour: Behaviour) -> None:
    trial.receive()

    step = step_of(trial, behaviour)
    assert (step.state, step.attempt) == (StepState.RETRY_WAIT, 1)
    assert step.due_at is not None
    assert not trial.view.holds
    assert made(trial, behaviour) == 0
    assert_left_alone(trial, behaviour)
    assert_complete(trial, behaviour, attempt=2)
    assert EventKind.STEP_IN_DOUBT not in trial.events()


@those(Reaction.FINDS)
def test_what_was_posted_is_found_and_not_sent_again(trial: Trial, behaviour: Behaviour) -> None:
    trial.receive()

    assert step_of(trial, behaviour).state is StepState.DONE
    assert made(trial, behaviour) == 1
    events = trial.events()
    assert events.index(EventKind.STEP_IN_DOUBT) < events.index(EventKind.FOUND_AGAIN)
    assert_complete(trial, behaviour, attempt=1)


@those(Reaction.FINDS_LATER)
def test_what_is_posted_late_is_waited_for_and_not_sent_again(
    trial: Trial, behaviour: Behaviour
) -> None:
    trial.receive()
    trial.later(seconds=30)

    assert step_of(trial, behaviour).state is StepState.IN_DOUBT
    assert made(trial, behaviour) == 0
    assert_complete(trial, behaviour, attempt=1)
    assert EventKind.FOUND_AGAIN in trial.events()


@those(Reaction.SENDS_AGAIN)
def test_what_is_nowhere_after_two_look_ups_is_sent_again(
    trial: Trial, behaviour: Behaviour
) -> None:
    trial.receive()

    step = step_of(trial, behaviour)
    assert (step.state, step.attempt) == (StepState.IN_DOUBT, 1)
    assert made(trial, behaviour) == 0
    trial.later(seconds=110)
    assert step_of(trial, behaviour).state is StepState.IN_DOUBT, "before the settle time"
    trial.later(seconds=11)
    assert step_of(trial, behaviour).state is StepState.IN_DOUBT, "after one look-up"
    assert_complete(trial, behaviour, attempt=2)
    assert trial.events().count(EventKind.STEP_IN_DOUBT) == 1


@those(Reaction.HOLDS)
def test_what_would_be_refused_again_is_held_with_the_erps_words(
    trial: Trial, behaviour: Behaviour
) -> None:
    trial.receive()
    trial.later(hours=5)

    [hold] = trial.view.holds
    assert hold.reason == behaviour.reason
    step = step_of(trial, behaviour)
    assert (step.state, step.attempt) == (StepState.REJECTED, 1)
    assert step.last_error in hold.message
    assert made(trial, behaviour) == 0
    trial.retry()
    assert_complete(trial, behaviour, attempt=1)


def assert_nothing_is_parked(trial: Trial, behaviour: Behaviour) -> None:
    """No hold, no attempt, no waiting time of its own."""
    step = trial.step(behaviour.operation)
    assert not trial.view.holds
    assert EventKind.STEP_WAITS not in trial.events()
    if step is not None:
        assert (step.state, step.attempt, step.due_at) == (StepState.RETRY_WAIT, 0, None)


def assert_left_alone(trial: Trial, behaviour: Behaviour) -> None:
    """An ERP that asked for time hears nothing until it is over."""
    seconds = behaviour.more.get("seconds")
    if seconds is None:
        return
    calls = trial.http_calls()
    for _ in range(3):
        trial.later(seconds=seconds * 0.3)
        # SOAP may be another host: what is read over OData goes on.
        assert behaviour.via is Transport.SOAP or trial.http_calls() == calls
        assert made(trial, behaviour) == 0
