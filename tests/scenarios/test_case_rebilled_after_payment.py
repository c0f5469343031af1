"""
An invoice was paid, cancelled and billed anew: what the customer has paid too much stays one break.

Figures by hand. First story: 10 x 100.00 + 19 % = 1,190.00, again at 85.00 = 1,011.50, too much
178.50. Second: 25 x 80.00 + 19 % = 2,380.00, again at 64.00 = 1,904.00, too much 476.00. Third:
10 x 100.00 again at 112.00 = 1,332.80, still owed 142.80.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import Difference
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.sd_documents.payment_state import PaymentState
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    ClearingSpec,
    ManualCondition,
    OpenItemRef,
    SalesDocumentChange,
)
from tests.reconciliation.books import line
from tests.reconciliation.company import Company, amounts, pays
from tests.simulator.engine.support import billed, done, invoiced, item, on, order

TOO_MUCH = BreakCode.OVERPAID_AFTER_REBILL


def found(differences: tuple[Difference, ...]) -> dict[BreakCode, str]:
    return {each.code: str(each.difference) for each in differences}


def the(code: BreakCode, run: ReconciliationRun) -> Difference:
    (one,) = [each for each in (*run.breaks, *run.pending) if each.code is code]
    return one


def states(run: ReconciliationRun) -> list[tuple[PaymentState, str]]:
    return [(each.state, str(each.open)) for each in run.payment_states]


def again(company: Company, number: str, delivery: str, price: str) -> str:
    change = SalesDocumentChange(conditions=[ManualCondition("PR00", Decimal(price), 10)])
    done(company.simulated, "change_sales_document", number, change)
    (invoice,) = billed(company.simulated, delivery)
    return invoice


def sold(
    company: Company, external_id: str, material: str, quantity: int, price: str, on_day: str
) -> tuple[str, str, str]:
    on(company.simulated, on_day)
    spec = order(item(10, material, quantity), purchase_order_by_customer=external_id)
    number, delivery, invoice = invoiced(company.simulated, spec)
    company.sells(external_id, [line(quantity, price)], on_day, sales_order=number)
    return number, delivery, invoice


def cleared(company: Company, *documents: str, residual: bool = False) -> str:
    items = [OpenItemRef(each) for each in documents]
    spec = ClearingSpec("1000", "C-100", items, residual=residual)
    return done(company.simulated, "clear_items", spec).number


@pytest.mark.parametrize("shop_knows", [False, True])
def test_too_much_is_one_break_until_it_is_paid_back(company: Company, shop_knows: bool) -> None:
    erp = company.simulated
    number, delivery, first = sold(company, "EXT-8001", "M-01", 10, "100.00", "2026-01-05")
    pays(erp, "1190.00", OpenItemRef(first), on_day="2026-01-15", reference="P-1")
    if shop_knows:
        company.paid("EXT-8001", ("P-1", "1190.00", "2026-01-15"))
    on(erp, "2026-01-20")
    cancellation = done(erp, "cancel_billing_document", first).number

    cancelled = company.reconciles("2026-01-20")
    assert cancelled.verdict is Verdict.WITH_PENDING
    assert found(cancelled.pending) == {
        BreakCode.MISSING_BILLING: "-1,190.00 EUR",
        BreakCode.OVERPAYMENT: "-1,190.00 EUR",
    }
    assert {each.break_on.isoformat() for each in cancelled.pending} == {"2026-01-23"}
    assert amounts(cancelled, 1)["not yet billed"] == "1190.00"

    on(erp, "2026-01-22")
    second = again(company, number, delivery, "85.00")
    anew = company.reconciles("2026-01-22")
    assert found(anew.breaks) == {BreakCode.PRICE_DIFF: "-178.50 EUR", TOO_MUCH: "-178.50 EUR"}
    assert anew.pending == ()
    assert the(TOO_MUCH, anew).cause == the(BreakCode.PRICE_DIFF, anew).id
    assert amounts(anew, 1)["billed"] == "1011.50"
    assert amounts(anew, 4) == {"open items": "-178.50", "G/L balance": "-178.50"}
    assert states(anew) == [(PaymentState.OPEN, "1,011.50 EUR")]

    on(erp, "2026-02-02")
    rest = cleared(company, cancellation, second, residual=True)
    settled = company.reconciles("2026-02-02")
    assert found((*settled.breaks, *settled.pending)) == found(anew.breaks)
    assert the(TOO_MUCH, settled).id == the(TOO_MUCH, anew).id
    assert states(settled) == [(PaymentState.PAID, "0.00 EUR")]
    assert str(settled.ageing[0].unapplied) == "-178.50 EUR"

    on(erp, "2026-02-10")
    lines = [
        AccountingLineSpec(Decimal("178.50"), customer="C-100"),
        AccountingLineSpec(Decimal("-178.50"), account="113100"),
    ]
    spec = AccountingDocumentSpec("1000", "DZ", "EUR", lines)
    back = done(erp, "post_accounting_document", spec).number
    cleared(company, rest, back)
    over = company.reconciles("2026-02-10")
    assert found((*over.breaks, *over.pending)) == {BreakCode.PRICE_DIFF: "-178.50 EUR"}
    assert amounts(over, 4)["open items"] == "0.00"
    later = company.reconciles("2026-01-22")
    assert (later.identities, later.ageing) == (anew.identities, anew.ageing)
    assert [each.id for each in later.breaks] == [each.id for each in anew.breaks]


@pytest.mark.parametrize("shop_knows", [False, True])
def test_a_payment_that_was_taken_off_first_leaves_the_same(
    company: Company, shop_knows: bool
) -> None:
    """The clearing is reset (FBRA), so that the cancellation clears the invoice itself."""
    erp = company.simulated
    number, delivery, first = sold(company, "EXT-8002", "M-03", 25, "80.00", "2026-03-03")
    payment = pays(erp, "2380.00", OpenItemRef(first), on_day="2026-03-12", reference="P-2")
    if shop_knows:
        company.paid("EXT-8002", ("P-2", "2380.00", "2026-03-12"))
    on(erp, "2026-03-16")
    done(erp, "reset_clearing", "1000", payment)
    done(erp, "cancel_billing_document", first)
    second = again(company, number, delivery, "64.00")

    anew = company.reconciles("2026-03-16")
    assert amounts(anew, 4)["open items"] == "-476.00"
    assert str(anew.ageing[0].unapplied) == "-2,380.00 EUR"
    assert states(anew) == [(PaymentState.OPEN, "1,904.00 EUR")]

    on(erp, "2026-03-20")
    cleared(company, payment, second, residual=True)
    run = company.reconciles("2026-03-20")
    assert found((*run.breaks, *run.pending)) == {
        BreakCode.PRICE_DIFF: "-476.00 EUR",
        TOO_MUCH: "-476.00 EUR",
    }
    assert amounts(run, 2)["FI posted"] == "1904.00"
    assert amounts(run, 4)["open items"] == "-476.00"
    assert states(run) == [(PaymentState.PAID, "0.00 EUR")]


def test_billed_anew_for_more_the_rest_is_an_underpayment_before_and_after_its_clearing(
    company: Company,
) -> None:
    erp = company.simulated
    number, delivery, first = sold(company, "EXT-8003", "M-01", 10, "100.00", "2026-01-05")
    pays(erp, "1190.00", OpenItemRef(first), on_day="2026-01-15")
    on(erp, "2026-01-20")
    cancellation = done(erp, "cancel_billing_document", first).number
    second = again(company, number, delivery, "112.00")
    on(erp, "2026-02-02")
    cleared(company, cancellation, second, residual=True)

    for key_date in ("2026-01-31", "2026-02-15"):
        early = company.reconciles(key_date)
        under = the(BreakCode.UNDERPAYMENT, early)
        assert str(under.difference) == "142.80 EUR"
        assert under in early.pending
        assert amounts(early, 4)["open items"] == "142.80"
    late = company.reconciles("2026-02-20")
    assert found(late.breaks) == {
        BreakCode.PRICE_DIFF: "142.80 EUR",
        BreakCode.UNDERPAYMENT: "142.80 EUR",
    }
    assert the(BreakCode.UNDERPAYMENT, late).id == under.id
    assert states(late) == [(PaymentState.PARTIALLY_PAID, "142.80 EUR")]
    assert str(late.ageing[0].up_to_30) == "142.80 EUR"
