"""One chain from shop order to bank line: each stage, what is left over, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connector.bootstrap.application import Application
from connector.bootstrap.reconciliation import run_reconciliation
from connector.errors import ConfigurationError
from connector.ports.store_records import FlowView
from connector.reconciliation.break_causes import Causes
from connector.reconciliation.mirror import MirroredOrder, mirrored_order
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.trace import (
    Findings,
    Stage,
    TraceStep,
    amounts_of,
    chain_numbers,
    trace_order,
)
from connector.sd_documents.values import Money
from tests.reconciliation.demonstrated import demonstrated


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with demonstrated(tmp_path_factory.mktemp("trace") / "demo") as found:
        yield found


@pytest.fixture(scope="module")
def run(application: Application) -> ReconciliationRun:
    return run_reconciliation(application)


def chain_of(application: Application, number: str) -> tuple[MirroredOrder, FlowView]:
    (view,) = application.store.flows.views(application.store.flows.find(number))
    zone = ZoneInfo(application.settings.time_zone)
    return mirrored_order(view, zone, view.order), view


def amounts(steps: Iterable[TraceStep], stage: Stage) -> list[str]:
    return [str(step.amount) for step in steps if step.stage is stage and step.amount]


def test_a_paid_order_has_every_stage_and_nothing_left_over(application: Application) -> None:
    order, view = chain_of(application, "#1101")

    steps = trace_order(order, view)

    for stage in (Stage.ORDER, Stage.SALES, Stage.BILLING, Stage.ACCOUNTING, Stage.RECEIPT):
        assert set(amounts(steps, stage)) == {"1,206.42 EUR"}, stage
    assert amounts(steps, Stage.CHANNEL) == ["1,206.42 EUR"]
    assert not any(step.residual for step in steps)
    assert not any(step.stage is Stage.OPEN for step in steps)
    (delivery,) = (step for step in steps if step.stage is Stage.DELIVERY)
    assert delivery.text.startswith("goods issue 2026-")


def test_what_is_left_over_says_what_the_newest_run_says(
    application: Application, run: ReconciliationRun
) -> None:
    order, view = chain_of(application, "#1109")

    steps = trace_order(order, view, Findings((*run.breaks, *run.pending, *run.explained)))

    (billed,) = (step for step in steps if step.text == "billed in all")
    assert str(billed.residual) == "-107.03 EUR"
    assert billed.reason.startswith("pending until 2026-11-18: MISSING_ORDER, UNKNOWN_SKU")
    (paid,) = (step for step in steps if step.stage is Stage.CHANNEL)
    assert str(paid.residual) == "-107.03 EUR"
    assert "MISSING_PAYMENT" in paid.reason


def test_without_a_run_the_chain_says_in_words_what_is_missing(application: Application) -> None:
    order, view = chain_of(application, "#1109")

    reasons = {step.stage: step.reason for step in trace_order(order, view)}

    assert reasons[Stage.BILLING] == "not billed yet"
    assert reasons[Stage.CHANNEL] == "no receipt in accounting yet"
    assert reasons[Stage.ORDER].startswith("UNKNOWN_SKU")


def test_a_chain_is_found_by_the_amount_of_any_of_its_records(application: Application) -> None:
    order, view = chain_of(application, "#1101")

    assert Decimal("1206.42") in amounts_of(order, view)
    assert all(amount >= 0 for amount in amounts_of(order, view))
    assert {"#1101", "0090000001", "1400000001"} <= chain_numbers(order, view)


@dataclass
class Payouts:
    """A source that knows which payout a payment came with."""

    def steps(self, order: MirroredOrder, view: FlowView) -> Iterable[TraceStep]:
        del view
        for payment in order.payments:
            fee = Money(amount=Decimal("-1.20"), currency=payment.amount.currency)
            yield TraceStep(Stage.BANK, "BANKREF-1", "credit", residual=None)
            yield TraceStep(
                Stage.PAYOUT, "po_1", "charge", None, payment.amount + fee, fee, "fee 1.20"
            )

    def numbers_with(self, wanted: str, amount: Decimal | None) -> Iterable[str]:
        del wanted, amount
        return ()


def test_other_sources_add_their_stages_in_the_order_of_the_chain(
    application: Application,
) -> None:
    order, view = chain_of(application, "#1101")

    steps = trace_order(order, view, sources=[Payouts()])

    assert [step.stage for step in steps[-3:]] == [Stage.CHANNEL, Stage.PAYOUT, Stage.BANK]
    assert (str(steps[-2].residual), steps[-2].reason) == ("-1.20 EUR", "fee 1.20")
    assert steps[-2].to_json()["residual"] == "-1.20"


def test_a_cause_is_the_step_or_hold_of_the_orders_own_flow(
    application: Application, run: ReconciliationRun
) -> None:
    later = run_reconciliation(application, run.header.key_date.replace(day=30), dry=True)
    causes = Causes(application.store)

    found = {each.subject: causes.of(each) for each in later.breaks}

    assert found["shopify #1109"]["hold"] == "UNKNOWN_SKU"
    assert found["shopify #1109"]["order"].startswith("shopify/")
    register = {each.subject: each for each in later.breaks}
    assert causes.flow_of(register["shopify #1109"]) is not None
    stray = register["shopify #1109"].model_copy(update={"keys": (), "cause": "BRK-1"})
    assert causes.of(stray) == {"break": "BRK-1"}


def test_a_day_that_has_not_come_is_refused_and_may_be_looked_at(application: Application) -> None:
    """A kept run of the future would make those of all days before it mere verifications."""
    tomorrow = application.clock.today(application.settings.time_zone) + timedelta(days=1)

    with pytest.raises(ConfigurationError, match=f"key date {tomorrow.isoformat()}: is in the fut"):
        run_reconciliation(application, tomorrow)

    assert run_reconciliation(application, tomorrow, dry=True).header.key_date == tomorrow
