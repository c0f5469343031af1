"""What hardly ever happens and must not stop a run: nothing at all, nothing to pay, below zero."""

from __future__ import annotations

from decimal import Decimal

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.report import Verdict
from connector.sd_documents.payment_state import PaymentState
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    ManualCondition,
)
from tests.reconciliation.books import line
from tests.reconciliation.company import Company, amounts
from tests.simulator.engine.support import done, invoiced, item, on, order


def sells(company: Company, name: str, price: str) -> None:
    on(company.simulated, "2026-01-05")
    conditions = [ManualCondition("PR00", Decimal(price), 10)]
    spec = order(item(10, "M-01", 1), purchase_order_by_customer=name, conditions=conditions)
    number, _, _ = invoiced(company.simulated, spec)
    company.sells(name, [line(1, price)], "2026-01-05", sales_order=number)


def test_a_company_without_any_posting_reconciles(company: Company) -> None:
    for code in ("1000", "3000"):
        run = company.reconciles("2026-01-31", code)
        assert (run.verdict, run.identities) == (Verdict.RECONCILED, ())


def test_an_order_for_nothing_owes_nothing(company: Company) -> None:
    sells(company, "EXT-1", "0.00")

    run = company.reconciles("2026-01-31")

    assert run.verdict is Verdict.RECONCILED, run.breaks
    assert amounts(run, 1)["external orders"] == amounts(run, 2)["billed gross"] == "0.00"


def test_an_invoice_below_zero_is_owed_to_the_customer_and_no_overpayment(
    company: Company,
) -> None:
    """-20.00 less 19 % = -23.80; beside it a credit of 50.00 that somebody posted by hand."""
    sells(company, "EXT-2", "-20.00")
    lines = [
        AccountingLineSpec(Decimal(-50), customer="C-100"),
        AccountingLineSpec(Decimal(50), account="800000"),
    ]
    spec = AccountingDocumentSpec("1000", "DG", "EUR", lines)
    done(company.simulated, "post_accounting_document", spec)

    run = company.reconciles("2026-01-31")

    assert [b.code for b in run.breaks] == [BreakCode.ORPHAN_FI_ITEM]
    assert amounts(run, 1)["billed"] == "-23.80"
    assert amounts(run, 4) == {"open items": "-73.80", "G/L balance": "-73.80"}
    assert [(s.state, str(s.open)) for s in run.payment_states] == [
        (PaymentState.OPEN, "-23.80 EUR")
    ]
