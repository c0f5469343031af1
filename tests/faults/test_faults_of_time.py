"""A clock of the ERP that is wrong, and the days on which clocks change: nothing is missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from connector.bootstrap.fault_catalogue import ENGINE
from connector.ports.step_state import StepState
from connector.simulator.engine.specs import SalesDocumentChange
from tests.faults.trial import ONE_OF_EACH, Trial, a_trial

PROFILES: Final = ("ecc", "s4-mixed")
SKEWS: Final = ("clock ahead", "clock behind")
#: The instants (UTC) at which the clocks of the company change in 2026.
CHANGES: Final = {
    "daylight saving begins": datetime(2026, 3, 29, 1, tzinfo=UTC),
    "daylight saving ends": datetime(2026, 10, 25, 1, tzinfo=UTC),
}
LATER: Final = "2026-12-01"


@pytest.fixture(params=PROFILES)
def trial(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Trial]:
    with a_trial(tmp_path, request.param) as found:
        yield found


def change_in_the_erp(trial: Trial, block: str) -> None:
    """Somebody in the ERP sets or takes back a delivery block."""
    [order] = trial.simulator.erp.sales_documents()
    with trial.simulator.erp.session("MILLER") as session:
        outcome = session.change_sales_document(
            order.number, SalesDocumentChange(delivery_block=block)
        )
        assert outcome.accepted, outcome.messages
        session.commit(wait=True)


def assert_every_change_is_noticed(trial: Trial, times: int, every: timedelta) -> None:
    for turn in range(times):
        block = "01" if turn % 2 == 0 else ""
        change_in_the_erp(trial, block)
        trial.run()
        [order] = trial.view.sales_documents
        assert order.delivery_block_reason == block, trial.simulator.clock.now()
        trial.simulator.advance(every)


def move_to(trial: Trial, moment: datetime) -> None:
    trial.simulator.advance(moment - trial.simulator.clock.now())


@pytest.mark.parametrize("fault", SKEWS)
def test_a_clock_that_is_an_hour_off_hides_no_change(trial: Trial, fault: str) -> None:
    """From an hour and a half before midnight in the company to as much after it."""
    trial.receive(day=LATER)
    trial.inject(ENGINE, fault)
    move_to(trial, datetime(2026, 3, 2, 21, 35, tzinfo=UTC))
    assert_every_change_is_noticed(trial, 9, timedelta(minutes=20))


def test_books_are_kept_by_the_companys_day_when_the_erps_is_still_the_one_before(
    trial: Trial,
) -> None:
    """Half past midnight in the company; the ERP's clock says half past eleven."""
    trial.inject(ENGINE, "clock behind")
    move_to(trial, datetime(2026, 3, 2, 23, 30, tzinfo=UTC))

    trial.receive()

    assert trial.documents() == ONE_OF_EACH
    view = trial.view
    assert not view.holds
    assert {each.billing_date for each in view.billing_documents} == {date(2026, 3, 3)}
    [delivery] = view.deliveries
    # The service that posts a goods issue takes no date: the ERP's own is in it.
    issued_on = date(2026, 3, 2 if trial.profile == "s4-mixed" else 3)
    assert delivery.actual_goods_issue_date == issued_on
    dates = {entry.document_type: entry.posting_date for entry in trial.entries()}
    assert (dates["WL"], dates["RV"]) == (issued_on, date(2026, 3, 3))


def test_nothing_is_posted_a_day_early_when_the_erps_clock_is_ahead(trial: Trial) -> None:
    """Half past eleven in the company; the ERP plans the delivery for what it takes for today."""
    trial.inject(ENGINE, "clock ahead")
    move_to(trial, datetime(2026, 3, 2, 22, 30, tzinfo=UTC))

    trial.receive()
    assert trial.documents() == {
        "sales": 1,
        "delivery": 1,
        "material": 0,
        "billing": 0,
        "payment": 0,
    }
    assert not trial.view.holds
    trial.later(minutes=31)
    trial.later(minutes=1)

    assert trial.documents() == ONE_OF_EACH
    posted = {entry.document_type: entry.posting_date for entry in trial.entries()}
    assert (posted["WL"], posted["RV"]) == (date(2026, 3, 3), date(2026, 3, 3))


@pytest.mark.parametrize("fault", SKEWS)
def test_a_clock_that_is_an_hour_off_shortens_no_doubt(trial: Trial, fault: str) -> None:
    """Leases, settle times and waiting times go by the connector's own clock."""
    trial.inject(ENGINE, fault)
    trial.inject(ENGINE, "commit delayed until released", "commit")
    trial.receive()
    for _ in range(2):
        trial.later(seconds=50)
        [step] = trial.view.steps
        assert (step.state, step.absent_look_ups) == (StepState.IN_DOUBT, 0)
    trial.settle()

    assert trial.documents() == ONE_OF_EACH
    assert trial.view.flow.closed_at is not None


@pytest.mark.parametrize("fault", CHANGES)
def test_the_hour_that_clocks_change_hides_no_change(trial: Trial, fault: str) -> None:
    """In autumn an hour comes twice: what is stamped in the second is later all the same."""
    trial.receive(day=LATER)
    trial.inject(ENGINE, fault)
    assert trial.simulator.clock.now() == CHANGES[fault] - timedelta(minutes=30)
    trial.run()
    move_to(trial, CHANGES[fault] - timedelta(minutes=20))
    assert_every_change_is_noticed(trial, 7, timedelta(minutes=15))


@pytest.mark.parametrize("fault", CHANGES)
def test_an_order_of_the_hour_that_clocks_change_is_posted_on_its_day(
    trial: Trial, fault: str
) -> None:
    trial.inject(ENGINE, fault, seconds=60)
    trial.inject(ENGINE, "update terminated after commit", "commit")
    trial.receive()
    trial.settle()

    books = CHANGES[fault].date()
    assert trial.documents() == ONE_OF_EACH
    assert trial.view.flow.closed_at is not None
    assert {each.billing_date for each in trial.view.billing_documents} == {books}
    assert {entry.posting_date for entry in trial.entries() if entry.document_type != "DZ"} <= {
        books
    }
