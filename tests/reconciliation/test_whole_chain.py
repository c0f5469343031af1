"""The shipped orders through store, sync and simulated ERP, and then reconciled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.bootstrap.application import Application
from connector.bootstrap.demonstration import Wish, expected_holds
from connector.bootstrap.reconciliation import run_reconciliation
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.resources import shipped
from tests.reconciliation.demonstrated import demonstrated

#: What the channel marks as a test is no order, so it cannot be missing.
NO_ORDER = "TEST_ORDER"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The demonstration, run until nothing is left to do."""
    with demonstrated(tmp_path_factory.mktemp("whole-chain") / "demo") as found:
        yield found


@pytest.fixture(scope="module")
def run(application: Application) -> ReconciliationRun:
    """Reconciled on the evening of the last day."""
    return run_reconciliation(application)


def test_every_equation_ends_at_zero(run: ReconciliationRun) -> None:
    assert {identity.number for identity in run.identities} == {1, 2, 3, 4}
    assert all(identity.holds for identity in run.identities)


def test_only_the_held_orders_are_missing_and_each_says_why(run: ReconciliationRun) -> None:
    missing = [p for p in run.pending if p.code is BreakCode.MISSING_ORDER]
    held = {(order, reason) for order, reason in expected_holds() if reason != NO_ORDER}

    assert run.verdict is Verdict.WITH_PENDING
    assert run.breaks == ()
    assert {(p.subject.split()[-1], p.text.partition(":")[0]) for p in missing} == held


def test_all_others_are_matched_by_the_connectors_own_links(run: ReconciliationRun) -> None:
    orders = [m for m in run.matches if m.erp.startswith("sales order")]
    payments = [m for m in run.matches if m.outside.startswith("payment")]

    assert {match.rule.value for match in (*orders, *payments)} == {"link table"}
    assert len(orders) == len({match.outside for match in orders}) == 8


def test_the_same_books_give_the_same_content_and_both_runs_are_kept(
    application: Application, run: ReconciliationRun
) -> None:
    assert application.simulator is not None
    application.simulator.advance(timedelta(seconds=1))

    again = run_reconciliation(application, run.header.key_date)

    assert again.header.run_id > run.header.run_id
    assert again.content_hash == run.content_hash
    kept = application.reconciliation_runs.reconciliation_runs()
    assert [each.content_hash for each in kept[:2]] == [run.content_hash] * 2


def test_a_week_later_the_held_orders_are_breaks_under_the_ids_they_had(
    application: Application, run: ReconciliationRun
) -> None:
    later = run_reconciliation(application, run.header.key_date + timedelta(days=7), dry=True)

    pending = {p.id for p in run.pending if p.code is BreakCode.MISSING_ORDER}
    assert later.verdict is Verdict.BREAKS
    assert {b.id for b in later.breaks} == pending


def test_the_day_before_shows_nothing_of_what_came_after(
    application: Application, run: ReconciliationRun
) -> None:
    before = run_reconciliation(application, run.header.key_date - timedelta(days=60))

    assert before.identities == ()
    assert before.verdict is Verdict.RECONCILED


def test_shop_orders_whose_tax_rounds_otherwise_inside_the_price_do_not_ask_for_anybody(
    tmp_path: Path,
) -> None:
    """Two orders that are created without a hold, though shop and ERP split their gross by 0.01."""
    orders = tmp_path / "orders"
    orders.mkdir()
    for name in ("several-lines", "edited-order"):
        content = shipped(f"fixtures/orders/shopify/{name}/order.json").read_bytes()
        (orders / f"{name}.json").write_bytes(content)

    with demonstrated(tmp_path / "demo", Wish(orders=orders)) as application:
        run = run_reconciliation(application)

    assert run.verdict is Verdict.RECONCILED
    assert run.breaks == ()
    assert run.pending == ()
    assert sorted(
        (e.reason, str(e.net_difference), str(e.tax_difference)) for e in run.explained
    ) == [
        (ExplainedReason.TAX_INSIDE_PRICE, "-0.01 EUR", "0.01 EUR"),
        (ExplainedReason.TAX_INSIDE_PRICE, "0.01 EUR", "-0.01 EUR"),
    ]
