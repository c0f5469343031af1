"""
A provider pays out what several buyers paid, less a refund and its fees.

Figures by hand: charges 119.00, 238.00 and 119.00, fees 3.75, 7.20 and 3.75, the third order is
refunded, 0.10 for the payout itself: 476.00 - 119.00 - 14.70 - 0.10 = 342.20.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.extract import read_erp
from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run import Assignment, run_reconciliation
from connector.simulator.engine.specs import OpenItemRef, PaymentSpec, SalesDocumentChange
from connector.statements.model import Payout, PayoutLineKind
from tests.reconciliation.books import at, day, line
from tests.reconciliation.company import Company, amounts, pays
from tests.reconciliation.money import bank_line, movements, payout, payout_line, statement, terms
from tests.simulator.engine.support import billed, done, invoiced, item, on, order, sold

CHARGE, REFUND, FEE = PayoutLineKind.CHARGE, PayoutLineKind.REFUND, PayoutLineKind.FEE
SOLD = ((1, "119.00", "3.75"), (2, "238.00", "7.20"), (1, "119.00", "3.75"))


def the_payout(amount: str = "342.20") -> Payout:
    lines = [
        payout_line(f"txn_{n}", CHARGE, gross, fee, charge=f"ch_{n}")
        for n, (_, gross, fee) in enumerate(SOLD, start=1)
    ]
    lines += [
        payout_line("txn_4", REFUND, "-119.00", charge="ch_3"),
        payout_line("txn_5", FEE, "-0.10"),
    ]
    return payout("po_77", "2026-03-04", amount, lines)


def banked(amount: str = "342.20") -> MoneyMovements:
    known = statement(bank_line("B-1", "2026-03-05", amount, "STRIPE po_77"), until="2026-03-25")
    return movements(known, payouts=[the_payout()], gateways=["card"])


def sells(company: Company) -> list[str]:
    """Three orders, and the credit memo for the third; their documents in FI."""
    erp, documents = company.simulated, []
    on(erp, "2026-03-02")
    for n, (quantity, gross, _) in enumerate(SOLD, start=1):
        name = f"EXT-110{n}"
        spec = order(item(10, "M-01", quantity), purchase_order_by_customer=name)
        number, _, invoice = invoiced(erp, spec)
        company.sells(name, [line(quantity, "100.00")], "2026-03-02", sales_order=number)
        company.paid(name, (f"ch_{n}", gross, "2026-03-02"))
        documents.append(invoice)
    goods = item(10, "", 1, reference_document=documents[-1], reference_item=10)
    request = sold(erp, order(goods, document_type="RE", order_reason="101"))
    done(erp, "change_sales_document", request, SalesDocumentChange(billing_block=""))
    return [*documents, *billed(erp, request)]


def reconciled(
    company: Company, key_date: str, money: MoneyMovements | None = None
) -> ReconciliationRun:
    assignment = Assignment(day(key_date), ("1000",), "Europe/Berlin", ReconciliationRules())
    extract = read_erp(
        company.transport,
        company.mirrored,
        assignment.key_date,
        assignment.company_codes,
        assignment.rules,
    )
    return run_reconciliation(
        assignment, company.mirrored, extract, now=at(day(key_date)), movements=money or banked()
    )


def without_zero(run: ReconciliationRun, account: str) -> dict[str, str]:
    return {k: v for k, v in terms(run, account).items() if Decimal(v)}


def each_on_its_own(company: Company, documents: list[str]) -> None:
    for n, (_, gross, _) in enumerate(SOLD, start=1):
        item_ = OpenItemRef(documents[n - 1])
        pays(company.simulated, gross, item_, on_day="2026-03-05", reference=f"ch_{n}")


def in_one(company: Company, documents: list[str]) -> None:
    on(company.simulated, "2026-03-05")
    spec = PaymentSpec(
        "1000",
        "C-100",
        Decimal("342.20"),
        "EUR",
        items=[OpenItemRef(each) for each in documents],
        bank_charges=Decimal("14.80"),
        reference="po_77",
    )
    done(company.simulated, "post_incoming_payment_with_clearing", spec)


@pytest.mark.parametrize(("post", "left"), [(each_on_its_own, "-119.00"), (in_one, "0.00")])
def test_it_ties_to_orders_fees_refund_and_bank_however_finance_posts_it(
    company: Company, post: object, left: str
) -> None:
    """One receipt for each charge, or one for the whole payout with its fees as bank charges."""
    documents = sells(company)
    assert callable(post)
    post(company, documents)

    run = reconciled(company, "2026-03-25")

    assert run.verdict is Verdict.RECONCILED, (run.breaks, run.pending)
    assert without_zero(run, "140000") == {
        "received": "461.30",
        "applied": "476.00",
        "fees of providers": "-14.70",
    }
    assert without_zero(run, "stripe") == {
        "paid out": "342.20",
        "charges": "476.00",
        "refunds": "-119.00",
        "fees": "-14.80",
    }
    fees = [e.amount.amount for e in run.explained if e.reason is ExplainedReason.PROVIDER_FEE]
    assert sorted(fees) == [Decimal(each) for each in ("0.10", "3.75", "3.75", "7.20")]
    assert amounts(run, 1)["explained"] == "119.00"
    assert amounts(run, 4)["open items"] == left


def test_what_nobody_posted_is_missing_order_by_order(company: Company) -> None:
    sells(company)

    early, late = reconciled(company, "2026-03-04"), reconciled(company, "2026-03-25")

    missing = [p for p in early.pending if p.code is BreakCode.MISSING_PAYMENT]
    assert [str(each.difference) for each in missing] == ["119.00 EUR", "238.00 EUR", "119.00 EUR"]
    assert {each.break_on.isoformat() for each in missing} == {"2026-03-05"}
    breaks = [b for b in late.breaks if b.code is BreakCode.MISSING_PAYMENT]
    assert {b.id for b in breaks} == {p.id for p in missing}
    assert without_zero(late, "140000")["not yet posted"] == "476.00"


def test_the_bank_that_received_a_euro_less_is_the_only_break(company: Company) -> None:
    in_one(company, sells(company))

    run = reconciled(company, "2026-03-25", banked("341.20"))

    assert [(b.code, str(b.difference)) for b in run.breaks] == [
        (BreakCode.PAYOUT_MISMATCH, "-1.00 EUR")
    ]
    assert run.pending == ()


def test_without_the_providers_report_the_receipt_of_the_payout_still_pays_its_orders(
    company: Company,
) -> None:
    in_one(company, sells(company))
    known = statement(bank_line("B-1", "2026-03-05", "342.20", "po_77"), until="2026-03-25")

    run = reconciled(company, "2026-03-25", movements(known, gateways=["card"]))

    assert run.verdict is Verdict.RECONCILED, (run.breaks, run.pending)
    assert without_zero(run, "140000") == {"received": "476.00", "applied": "476.00"}
