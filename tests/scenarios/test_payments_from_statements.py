"""Stories in which the connector posts receipts from bank lines and payouts, each once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.bootstrap.payment_decisions import refuse
from connector.bootstrap.statement_payments import post_from_statements
from connector.ports.erp import Point
from connector.ports.statement_payments import PaymentState
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import Step
from connector.sync.context import PendingStep
from tests.scenarios.paid_books import (
    allow,
    bank,
    bill,
    breaks,
    order,
    paid_by_card,
    post,
    reconcile,
    records,
    release,
)
from tests.scenarios.test_money_outside import deliver_report, mt940, report
from tests.scenarios.worked_cases import Case, a_case, case_plan

PROFILES = ("ecc", "s4-mixed", "s4")


@pytest.fixture(params=PROFILES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    plan = case_plan(request.param, billing={"wait_days": 0}, payment={"source": "statements"})
    with a_case(tmp_path, request.param, plan, date(2026, 3, 2)) as found:
        allow(found)
        yield found


def test_c10_comes_out_with_postings_made_by_the_connector_itself(case: Case) -> None:
    case.installation.send(order("EXT-1010", "100.00", "1190.00"))
    case.until(date(2026, 3, 9))
    [invoice] = case.installation.view("EXT-1010").billing_documents
    first = mt940(1, "260310", "0,00", "1190,00", ("1190,00", "BANKREF-1", invoice.number))
    second = mt940(2, "260311", "1190,00", "2380,00", ("1190,00", "BANKREF-2", invoice.number))

    case.until(date(2026, 3, 10))
    deliver_report(case, first, "monday.sta")
    done = [post(case).posted]
    replayed = deliver_report(case, first, "monday-again.sta")
    done.append(post(case).posted)
    case.until(date(2026, 3, 11))
    deliver_report(case, second, "tuesday.sta")
    done += [post(case).posted, post(case).posted]
    case.until(date(2026, 3, 12))

    run = reconcile(case)
    assert done == [1, 0, 1, 0]
    assert replayed.replayed == 1
    assert breaks(run) == [("DUPLICATE_PAYMENT", "-1,190.00 EUR")]
    assert case.balance() == Decimal("-1190.00")
    assert all(identity.holds for identity in run.identities)


def test_a_charge_is_posted_with_its_fee_once_from_shop_payout_and_bank_line(case: Case) -> None:
    for at, net, gross in (("0", "10.00", "119.00"), ("1", "20.00", "238.00")):
        paid = paid_by_card(f"ch_{at}", gross)
        case.installation.send(order(f"EXT-{at}", net, gross, payments=[paid]))
    case.until(date(2026, 3, 9))
    assert post(case).posted == 0, "the shop's word alone posts nothing"
    content = report(
        "po_1 txn_0 119.00 3.75 115.25 charge ch_0",
        "po_1 txn_1 238.00 7.15 230.85 charge ch_1",
    )
    deliver_report(case, content, "payouts.csv")
    case.until(date(2026, 3, 10))
    bank(case, 1, "346,10", ("346,10", "PAYOUT-1", "STRIPE po_1"))

    done = [post(case).posted, post(case).posted]
    deliver_report(case, content + "\n", "payouts-again.csv")
    done.append(post(case).posted)
    case.until(date(2026, 3, 11))

    run = reconcile(case)
    assert done == [2, 0, 0]
    assert breaks(run) == []
    assert case.balance() == Decimal("0.00")
    assert all(identity.holds for identity in run.identities)
    assert {record.state for record in records(case)} == {PaymentState.POSTED}


def test_an_underpayment_waits_until_a_person_releases_it_as_partial(case: Case) -> None:
    [invoice] = bill(case, ("EXT-1", "100.00", "1190.00"))
    case.until(date(2026, 3, 10))
    bank(case, 1, "400,00", ("400,00", "BANKREF-1", invoice))

    assert post(case).posted == 0
    [record] = records(case, PaymentState.PROPOSED)
    assert str(record.suggestion.difference) == "790.00 EUR"
    release(case, record.id, "partial")
    done = [post(case).posted, post(case).posted]

    assert done == [1, 0]
    assert case.balance() == Decimal("790.00")
    assert records(case)[0].state is PaymentState.POSTED
    assert all(identity.holds for identity in reconcile(case).identities)


def test_an_overpayment_is_released_with_its_surplus_on_account(case: Case) -> None:
    [invoice] = bill(case, ("EXT-1", "100.00", "1190.00"))
    case.until(date(2026, 3, 10))
    bank(case, 1, "1200,00", ("1200,00", "BANKREF-1", invoice))

    assert post(case).posted == 0
    [record] = records(case, PaymentState.PROPOSED)
    release(case, record.id)
    post(case)

    assert case.balance() == Decimal("-10.00")
    assert all(identity.holds for identity in reconcile(case).identities)


def test_one_payment_of_two_invoices_that_it_names_is_exact(case: Case) -> None:
    invoices = bill(case, ("EXT-1", "100.00", "1190.00"), ("EXT-2", "10.00", "119.00"))
    case.until(date(2026, 3, 10))
    bank(case, 1, "1309,00", ("1309,00", "BANKREF-1", " ".join(invoices)))

    assert post(case).posted == 1
    case.until(date(2026, 3, 11))

    assert case.balance() == Decimal("0.00")
    assert breaks(reconcile(case)) == []


def test_what_a_person_refuses_is_never_posted(case: Case) -> None:
    [invoice] = bill(case, ("EXT-1", "100.00", "1190.00"))
    case.until(date(2026, 3, 10))
    bank(case, 1, "400,00", ("400,00", "BANKREF-1", invoice))
    post(case)
    [record] = records(case, PaymentState.PROPOSED)
    refuse(case.installation.application, record.id, by="anna", comment="not ours")

    assert [post(case).posted, post(case).posted] == [0, 0]
    assert case.balance() == Decimal("1190.00")
    assert records(case)[0].state is PaymentState.REFUSED


def test_an_amount_that_no_key_names_is_proposed_and_posted_exactly_once(case: Case) -> None:
    bill(case, ("EXT-1", "100.00", "1190.00"))
    case.until(date(2026, 3, 10))
    bank(case, 1, "1190,00", ("1190,00", "BANKREF-1", "thank you"))

    assert post(case).posted == 0
    [record] = records(case, PaymentState.PROPOSED)
    release(case, record.id)
    assert [post(case).posted, post(case).posted] == [1, 0]
    assert case.balance() == Decimal("0.00")


@pytest.mark.parametrize(
    ("paid_on", "posted", "balance"),
    [(date(2026, 3, 16), 1, "0.00"), (date(2026, 3, 18), 0, "11900.00")],
    ids=["within the terms", "after them"],
)
def test_a_discount_is_taken_only_by_its_deadline(
    case: Case, paid_on: date, posted: int, balance: str
) -> None:
    """As in worked cases C01 and C01b: 2 % in 14 days from 2 March."""
    case.installation.send(order("EXT-1", "1000.00", "11900.00", customer="1001"))
    case.until(paid_on)
    [invoice] = case.installation.view("EXT-1").billing_documents
    day = paid_on.strftime("%y%m%d")
    content = mt940(1, day, "0,00", "11662,00", ("11662,00", "BANKREF-1", invoice.number))
    deliver_report(case, content, "statement.sta")

    assert post(case).posted == posted
    assert case.balance() == Decimal(balance)
    if not posted:
        [record] = records(case, PaymentState.PROPOSED)
        assert "14 days" in record.suggestion.reason


class Died(BaseException):
    """The process ended."""


@pytest.mark.parametrize("point", [Point.AFTER_INTENT, Point.READ_BACK])
def test_a_process_that_dies_while_it_posts_has_posted_once(case: Case, point: Point) -> None:
    [invoice] = bill(case, ("EXT-1", "100.00", "1190.00"))
    case.until(date(2026, 3, 10))
    bank(case, 1, "1190,00", ("1190,00", "BANKREF-1", invoice))
    application = case.installation.application
    context = application.context

    def die(reached: Point, step: Step | PendingStep) -> None:
        if (step.operation, reached) == (Operation.POST_PAYMENT, point):
            raise Died

    application.__dict__["context"] = replace(context, on_point=die)
    with pytest.raises(Died):
        post(case)
    application.__dict__["context"] = replace(context, owner="the next one")
    post(case)
    for day in (11, 12):
        case.until(date(2026, 3, day))
        post(case)

    receipts = [
        item
        for item in application.erp.open_items.posted_items("1000", posted_until=case.day)
        if item.reference == "BANKREF-1"
    ]
    assert len({item.key.accounting_document for item in receipts}) == 1
    assert case.balance() == Decimal("0.00")
    assert [record.state for record in records(case)] == [PaymentState.POSTED]


def test_posting_alone_finds_the_payment_of_an_order_that_a_dead_process_left_in_doubt(
    case: Case,
) -> None:
    card = paid_by_card("ch_1", "119.00")
    case.installation.send(order("EXT-1", "10.00", "119.00", payments=[card]))
    case.until(date(2026, 3, 9))
    deliver_report(case, report("po_1 txn_1 119.00 3.75 115.25 charge ch_1"), "payouts.csv")
    application = case.installation.application
    context = application.context

    def die(reached: Point, step: Step | PendingStep) -> None:
        if (step.operation, reached) == (Operation.POST_PAYMENT, Point.READ_BACK):
            raise Died

    application.__dict__["context"] = replace(context, on_point=die)
    with pytest.raises(Died):
        post_from_statements(application)
    application.__dict__["context"] = replace(context, owner="the next one")
    done = post_from_statements(application)

    view = case.installation.view("EXT-1")
    step = view.step(Operation.POST_PAYMENT)
    assert step is not None
    assert (step.state, done.posted) == (StepState.DONE, 1)
    assert [record.state for record in records(case)] == [PaymentState.POSTED]
    assert case.balance() == Decimal("0.00")
