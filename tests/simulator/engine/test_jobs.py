"""The ERP's own background jobs: what a plan may observe instead of doing it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.settings import JOB_NAMES, EngineSettings
from connector.simulator.engine.specs import ScheduleLineSpec
from tests.simulator.engine.support import (
    delivered,
    done,
    invoiced,
    issued,
    item,
    new_erp,
    on,
    order,
    sold,
)


def test_one_round_of_jobs_takes_an_order_to_its_invoice(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 3)))

    runs = {run.name: run.numbers for run in erp.run_background_jobs()}

    assert [name for name, numbers in runs.items() if numbers] == [
        "delivery due list",
        "picking",
        "goods issue",
        "billing due list",
    ]
    (invoice,) = erp.billing_documents_of(number)
    assert invoice.created_by == "BATCH"
    (delivery,) = erp.deliveries_of(number)
    assert delivery.bill_of_lading == "FJW80000001"
    assert erp.sales_status(number).overall == "C"
    assert all(not run.numbers for run in erp.run_background_jobs())


def test_jobs_that_are_switched_off_leave_their_step_to_others(master: MasterData) -> None:
    jobs = frozenset({"delivery due list", "billing due list"})
    with new_erp(master, active_jobs=jobs) as erp:
        number = sold(erp, order(item(10, "M-01", 3)))
        assert {run.name for run in erp.run_background_jobs()} == jobs
        (delivery,) = erp.deliveries_of(number)
        assert erp.delivery_status(delivery.number).goods_movement == "A"

        issued(erp, delivery.number)
        erp.run_background_jobs()

        assert len(erp.billing_documents_of(number)) == 1


def test_jobs_run_on_the_erps_clock(master: MasterData) -> None:
    with new_erp(master, job_interval=timedelta(minutes=15)) as erp:
        assert len(erp.tick()) == len(erp.settings.active_jobs)
        assert erp.tick() == ()
        erp.advance(timedelta(minutes=15))
        assert len(erp.tick()) == len(erp.settings.active_jobs)


def test_a_delivery_is_made_on_its_day_and_not_before(erp: SimulatedErp) -> None:
    spec = order(
        item(10, "M-01", 1),
        schedule_lines=[ScheduleLineSpec(10, Decimal(1), date(2026, 1, 9))],
    )
    number = sold(erp, spec)
    # One day of transit: goods leave on the 8th.
    for day, count in (("2026-01-03", 0), ("2026-01-07", 0), ("2026-01-08", 1)):
        on(erp, day)
        erp.run_background_jobs()
        assert len(erp.deliveries_of(number)) == count


def test_one_blocked_order_does_not_stop_the_others(erp: SimulatedErp) -> None:
    blocked = sold(erp, order(item(10, "M-01", 1), delivery_block="01"))
    free = sold(erp, order(item(10, "M-01", 1)))
    erp.run_background_jobs()
    assert (len(erp.deliveries_of(blocked)), len(erp.deliveries_of(free))) == (0, 1)


def test_what_a_job_could_not_do_is_told_and_done_next_time(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 1)))
    with erp.session("SOMEBODY") as other:
        other.release_credit(number)
        run = erp.run_job("delivery due list")
        assert [f"{row.id} {row.number}" for row in run.messages] == ["VL 045"]
    assert len(erp.run_job("delivery due list").numbers) == 1


def test_billing_combines_by_payer_and_falls_back_to_one_by_one(erp: SimulatedErp) -> None:
    deliveries = []
    for _ in range(2):
        delivery = delivered(erp, sold(erp, order(item(10, "M-01", 1))))
        issued(erp, delivery)
        deliveries.append(delivery)
    with erp.session("SOMEBODY") as other:
        other.reverse_goods_issue(deliveries[0])
        run = erp.run_job("billing due list")
    assert len(run.numbers) == 1
    assert [f"{row.id} {row.number}" for row in run.messages] == ["VL 046"]


def test_two_deliveries_of_one_purchase_order_become_one_invoice(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "M-01", 10), purchase_order_by_customer="PO-1"))
    for quantity in ("4", "6"):
        issued(erp, delivered(erp, number, quantity))
    erp.run_job("billing due list")
    (invoice,) = erp.billing_documents_of(number)
    assert len(invoice.items) == 2


def test_returned_goods_come_in_and_the_credit_memo_keeps_its_block(erp: SimulatedErp) -> None:
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 3)))
    returns = sold(
        erp,
        order(item(10, "", 1, reference_document=invoice, reference_item=10), document_type="RE"),
    )
    erp.run_background_jobs()
    assert erp.sales_status(returns).delivery == "C"
    assert erp.billing_documents_of(returns) == ()
    stock = erp.stock("1000", "M-01")
    assert stock is not None and stock.unrestricted == 498


def test_a_service_is_billed_on_the_orders_billing_date(erp: SimulatedErp) -> None:
    number = sold(
        erp,
        order(item(10, "SV-1000", 2), customer="1001", billing_date=date(2026, 1, 20)),
    )
    erp.run_background_jobs()
    assert erp.billing_documents_of(number) == ()
    on(erp, "2026-01-20")
    erp.run_background_jobs()
    (invoice,) = erp.billing_documents_of(number)
    assert invoice.billing_date == date(2026, 1, 20)


def test_an_unknown_job_is_refused_by_name(erp: SimulatedErp) -> None:
    with pytest.raises(KeyError, match="delivery due list"):
        erp.run_job("no such")
    with pytest.raises(ValueError, match="no such"):
        EngineSettings(active_jobs=frozenset({"no such"}))


def test_every_job_can_be_run_alone(erp: SimulatedErp) -> None:
    assert [erp.run_job(name).name for name in JOB_NAMES] == list(JOB_NAMES)


def test_jobs_do_not_look_at_finished_documents(erp: SimulatedErp) -> None:
    for _ in range(5):
        done(erp, "create_sales_document", order(item(10, "M-01", 1)))
    erp.run_background_jobs()
    store = erp._core.store
    assert not store.delivery_due and not store.goods_issue_due and not store.billing_due


def test_documents_packed_away_read_like_new(master: MasterData) -> None:
    found = []
    for live in (1, 1000):
        with new_erp(master, live_documents=live) as erp:
            numbers = [invoiced(erp, order(item(10, "M-01", count))) for count in (1, 2, 3)]
            found.append(
                (
                    [erp.sales_document(number) for number, _, _ in numbers],
                    [erp.delivery(delivery) for _, delivery, _ in numbers],
                    [erp.billing_document(invoice) for _, _, invoice in numbers],
                    [erp.accounting_document("1000", invoice) for _, _, invoice in numbers],
                    erp.open_items("1000"),
                    erp.sales_documents(),
                )
            )
    assert found[0] == found[1]
    assert repr(found[0]) == repr(found[1])
