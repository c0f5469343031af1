"""Milestone billing plans, with the figures of worked case C16."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.simulator.engine.billing_plan_specs import BillingPlanDateChange, BillingPlanDateSpec
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import (
    BillingRef,
    ManualCondition,
    SalesDocumentChange,
    SalesDocumentSpec,
    SalesItemChange,
)
from tests.simulator.engine.support import (
    billed,
    done,
    item,
    journal,
    new_erp,
    on,
    order,
    refused,
    sold,
)


def ship(**more: object) -> SalesDocumentSpec:
    spec = order(item(10, "SH-16", 1), customer="D-01", sales_organization="4000", currency="CNY")
    for name, value in more.items():
        setattr(spec.items[0], name, value)
    return spec


def dates(erp: SimulatedErp, number: str) -> list[tuple[int, str, str, str]]:
    document = erp.sales_document(number)
    assert document is not None
    return [
        (each.number, each.billing_date.isoformat(), str(each.value), each.billing_block)
        for each in document.items[0].billing_plan
    ]


def change_plan(erp: SimulatedErp, document: str, change: BillingPlanDateChange) -> None:
    changed = SalesItemChange(10, billing_plan=[change])
    done(erp, "change_sales_document", document, SalesDocumentChange(items=[changed]))


def test_the_item_category_proposes_the_milestones(erp: SimulatedErp) -> None:
    on(erp, "2026-05-21")
    number = sold(erp, ship())
    assert dates(erp, number) == [
        (1, "2026-05-21", "300000.00", ""),
        (2, "2026-06-20", "400000.00", "02"),
        (3, "2026-07-20", "300000.00", ""),
    ]
    status = erp.sales_status(number)
    assert (status.delivery, status.order_billing, status.overall) == ("", "A", "A")


def test_the_first_milestone_is_billed_and_the_blocked_one_waits(erp: SimulatedErp) -> None:
    on(erp, "2026-05-21")
    number = sold(erp, ship())
    (invoice,) = billed(erp, number)

    assert journal(erp.accounting_document("4000", invoice)) == [
        ("140000", "339000.00", ""),
        ("800000", "", "300000.00"),
        ("175000", "", "39000.00"),
    ]
    status = erp.sales_status(number)
    assert (status.order_billing, str(status.items[10].billed_value)) == ("B", "300000.00")
    assert status.items[10].billed_quantity == 0, "a milestone bills value, no quantity"

    on(erp, "2026-06-25")
    assert refused(erp, "create_billing_documents", [BillingRef(number)]) == ["00 398"]
    change_plan(erp, number, BillingPlanDateChange(2, billing_block=""))
    (second,) = billed(erp, number)
    document = erp.billing_document(second)
    assert document is not None
    assert (document.net_value, document.tax_amount) == (Decimal(400000), Decimal(52000))
    assert document.billing_date == date(2026, 6, 20), "an invoice is dated as its milestone"

    on(erp, "2026-07-20")
    billed(erp, number)
    assert erp.sales_status(number).order_billing == "C"
    assert erp.ledger_balance("4000", "140000") == Decimal("1130000.00")
    assert refused(erp, "create_billing_documents", [BillingRef(number)]) == ["VF 017"]


def test_what_is_open_counts_against_the_credit_limit(erp: SimulatedErp) -> None:
    on(erp, "2026-05-21")
    number = sold(erp, ship())
    exposure = erp.credit_exposure("D-01")
    assert exposure.open_orders == Decimal("143510.00"), "1,130,000 CNY in EUR"
    billed(erp, number)
    open_orders = erp.credit_exposure("D-01").open_orders
    assert open_orders == Decimal("100457.00"), "791,000 CNY are still to be billed"


def test_a_cancelled_milestone_is_billed_again(erp: SimulatedErp) -> None:
    on(erp, "2026-05-21")
    number = sold(erp, ship())
    (invoice,) = billed(erp, number)
    done(erp, "cancel_billing_document", invoice)
    assert erp.sales_status(number).order_billing == "A"
    (again,) = billed(erp, number)
    document = erp.billing_document(again)
    assert document is not None and document.net_value == Decimal(300000)
    assert erp.ledger_balance("4000", "140000") == Decimal("339000.00")


def test_a_caller_may_bring_percentages_and_amounts(erp: SimulatedErp) -> None:
    plan = (
        BillingPlanDateSpec(date(2026, 2, 1), amount=Decimal(150000)),
        BillingPlanDateSpec(date(2026, 3, 1), percent=Decimal(50)),
        BillingPlanDateSpec(date(2026, 4, 1), percent=Decimal(35)),
    )
    number = sold(erp, ship(billing_plan=plan))
    assert [value for _, _, value, _ in dates(erp, number)] == [
        "150000.00",
        "500000.00",
        "350000.00",
    ]
    assert refused(erp, "create_billing_documents", [BillingRef(number)]) == ["00 398"]
    on(erp, "2026-04-02")
    outcome = done(erp, "create_billing_documents", [BillingRef(number)])
    assert len(outcome.numbers) == 3, "each date is an invoice of its own"
    assert {each.split_reason for each in outcome.documents} == {"billing date"}


def test_dates_may_be_billed_together_on_a_day_that_is_given(erp: SimulatedErp) -> None:
    plan = tuple(BillingPlanDateSpec(date(2026, 2, at), percent=Decimal(50)) for at in (1, 15))
    number = sold(erp, ship(billing_plan=plan))
    on(erp, "2026-03-01")
    outcome = done(
        erp, "create_billing_documents", [BillingRef(number)], billing_date=date(2026, 3, 1)
    )
    (document,) = outcome.documents
    assert [each.net_value for each in document.items] == [500000, 500000]


def test_a_single_date_can_be_asked_for(erp: SimulatedErp) -> None:
    number = sold(erp, ship())
    assert refused(
        erp, "create_billing_documents", [BillingRef(number, 10, billing_plan_date=2)]
    ) == ["00 398"], "it is blocked"
    outcome = done(erp, "create_billing_documents", [BillingRef(number, 10, billing_plan_date=3)])
    assert [each.net_value for each in outcome.documents] == [300000]


@pytest.mark.parametrize(
    "plan",
    [
        (BillingPlanDateSpec(date(2026, 2, 1), percent=Decimal(101)),),
        (BillingPlanDateSpec(date(2026, 2, 1), percent=Decimal(-1)),),
        (
            BillingPlanDateSpec(date(2026, 2, 1), percent=Decimal(60)),
            BillingPlanDateSpec(date(2026, 3, 1), percent=Decimal(60)),
        ),
        (
            BillingPlanDateSpec(date(2026, 2, 1), percent=Decimal(10), number=1),
            BillingPlanDateSpec(date(2026, 3, 1), percent=Decimal(10), number=1),
        ),
        (BillingPlanDateSpec(date(2026, 2, 1), percent=Decimal(10), billing_block="??"),),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    erp: SimulatedErp, plan: tuple[BillingPlanDateSpec, ...]
) -> None:
    assert "V4 219" in refused(erp, "create_sales_document", ship(billing_plan=plan))


def test_shares_of_an_odd_amount_add_up_with_discount_and_tax(erp: SimulatedErp) -> None:
    third = (Decimal("33.33"), Decimal("33.33"), Decimal("33.34"))
    plan = tuple(BillingPlanDateSpec(date(2026, 2, 1), percent=each) for each in third)
    spec = ship(billing_plan=plan)
    spec.conditions = [
        ManualCondition("PMP0", Decimal("1000.01"), 10, "CNY"),
        ManualCondition("RA00", Decimal(7)),
        ManualCondition("HD00", Decimal("9.99"), currency="CNY"),
    ]
    number = sold(erp, spec)
    ordered = erp.sales_document(number)
    assert ordered is not None
    on(erp, "2026-02-01")
    outcome = done(erp, "create_billing_documents", [BillingRef(number)])
    (document,) = outcome.documents
    assert document.net_value == ordered.net_value == Decimal("940.00")
    assert document.tax_amount == ordered.tax_amount
    assert sum(each.gross_value for each in document.items) == Decimal("1000.01")


def test_a_change_shares_the_rest_over_what_is_not_billed(erp: SimulatedErp) -> None:
    on(erp, "2026-05-21")
    number = sold(erp, ship())
    billed(erp, number)
    change = SalesDocumentChange(conditions=[ManualCondition("PMP0", Decimal(1070000), 10, "CNY")])
    done(erp, "change_sales_document", number, change)
    assert [value for _, _, value, _ in dates(erp, number)] == [
        "300000.00",
        "440000.00",
        "330000.00",
    ]


def test_a_billed_date_cannot_be_changed(erp: SimulatedErp) -> None:
    on(erp, "2026-05-21")
    number = sold(erp, ship())
    billed(erp, number)
    for change in (
        BillingPlanDateChange(1, billing_date=date(2027, 1, 1)),
        BillingPlanDateChange(9, billing_block=""),
    ):
        wanted = SalesDocumentChange(items=[SalesItemChange(10, billing_plan=[change])])
        assert refused(erp, "change_sales_document", number, wanted) == ["00 398", "V4 219"]


def test_dates_are_moved_added_and_taken_out(erp: SimulatedErp) -> None:
    number = sold(erp, ship())
    change_plan(erp, number, BillingPlanDateChange(3, deleted=True))
    change_plan(
        erp,
        number,
        BillingPlanDateChange(2, billing_date=date(2026, 3, 1), percent=Decimal(45)),
    )
    added = BillingPlanDateSpec(date(2026, 9, 9), percent=Decimal(25))
    change_plan(erp, number, BillingPlanDateChange(new=added))
    assert dates(erp, number) == [
        (1, "2026-01-02", "300000.00", ""),
        (2, "2026-03-01", "450000.00", "02"),
        (3, "2026-09-09", "250000.00", ""),
    ]


def test_the_billing_job_waits_for_the_day_and_the_block(erp: SimulatedErp) -> None:
    number = sold(erp, ship())
    assert len(erp.run_job("billing due list").numbers) == 1
    for _ in range(2):
        idle = erp.run_job("billing due list")
        assert (idle.numbers, idle.messages) == ([], [])
    on(erp, "2026-03-03")
    assert len(erp.run_job("billing due list").numbers) == 1, "the third date, not the second"
    change_plan(erp, number, BillingPlanDateChange(2, billing_block=""))
    assert len(erp.run_job("billing due list").numbers) == 1
    assert erp.sales_status(number).order_billing == "C"


def test_a_share_of_the_quantity_may_be_billed_instead(master: MasterData) -> None:
    with new_erp(master, plan_date_quantity="share", plan_date_is_billing_date=False) as erp:
        number = sold(erp, ship())
        (invoice,) = billed(erp, number)
        (row,) = erp.flow_after(number)
        assert (str(row.quantity), row.sign) == ("0.300", "+")
        assert erp.sales_status(number).items[10].billed_quantity == Decimal("0.300")
        done(erp, "cancel_billing_document", invoice)
        assert erp.sales_status(number).items[10].billed_quantity == 0


def test_the_plan_belongs_to_the_category_and_not_to_the_material(erp: SimulatedErp) -> None:
    spec = ship(item_category="TAO")
    spec.items[0].material = "SV-16"
    assert len(dates(erp, sold(erp, spec))) == 3
