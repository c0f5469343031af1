"""Billing documents against FI, and open items against the G/L balance."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.report import Verdict
from connector.reconciliation.rules import ReconciliationRules, ToleranceRule
from connector.sd_documents.status import AccountingTransferStatus
from connector.sd_documents.values import Money
from tests.reconciliation.books import Books, line


def billed(*, posted: bool = True) -> tuple[Books, str]:
    books = Books()
    books.sell("EXT-1", [line(10, "100.00")], "2026-03-01")
    order = books.order("EXT-1", "2026-03-01")
    books.deliver(order, "2026-03-01")
    return books, books.bill(order, "2026-03-02", posted=posted)


@pytest.mark.parametrize("status", ["", "A", "B", "F", "G", "I", "K"])
def test_a_billing_document_in_error_is_a_break_at_once(status: str) -> None:
    books, invoice = billed(posted=False)
    books.billing[invoice] = books.billing[invoice].model_copy(
        update={"accounting_transfer_status": AccountingTransferStatus(status)}
    )

    run = books.reconcile("2026-03-02")

    (missing,) = run.breaks
    assert missing.code is BreakCode.BILLING_NOT_POSTED
    assert str(missing.difference) == "-1,190.00 EUR"
    (second,) = [identity for identity in run.identities if identity.number == 2]
    assert {term.label: str(term.amount.amount) for term in second.right} == {
        "FI posted": "0.00",
        "not transferred": "1190.00",
        "explained": "0.00",
        "breaks": "0.00",
    }


def test_a_billing_document_that_is_posted_the_next_day_was_pending_before() -> None:
    books, invoice = billed(posted=False)
    books.billing[invoice] = books.billing[invoice].model_copy(
        update={
            "accounting_transfer_status": AccountingTransferStatus.POSTED,
            "accounting_document": invoice,
        }
    )
    books.post(invoice, "RV", "2026-03-03", "1190.00", billing_document=invoice)

    before, after = books.reconcile("2026-03-02"), books.reconcile("2026-03-03")

    assert [p.code for p in before.pending] == [BreakCode.BILLING_NOT_POSTED]
    assert after.verdict is Verdict.RECONCILED


def test_a_document_that_accounting_does_not_need_is_explained() -> None:
    books, invoice = billed(posted=False)
    books.billing[invoice] = books.billing[invoice].model_copy(
        update={"accounting_transfer_status": AccountingTransferStatus.NOT_RELEVANT}
    )

    run = books.reconcile("2026-03-10")

    assert [e.reason for e in run.explained] == [ExplainedReason.NOT_RELEVANT_TO_FI]
    assert run.verdict is Verdict.RECONCILED


@pytest.mark.parametrize(
    ("posted", "code"),
    [
        ("1190.01", BreakCode.BILLING_FI_DIFF),
        ("1189.99", BreakCode.BILLING_FI_DIFF),
        ("119.00", BreakCode.CURRENCY_SCALE),
        ("11900.00", BreakCode.CURRENCY_SCALE),
    ],
)
def test_an_fi_line_with_another_amount_is_a_difference(posted: str, code: BreakCode) -> None:
    books, invoice = billed(posted=False)
    books.billing[invoice] = books.billing[invoice].model_copy(
        update={"accounting_document": invoice}
    )
    books.post(invoice, "RV", "2026-03-02", posted, billing_document=invoice)

    (wrong,) = books.reconcile("2026-03-10").breaks

    assert wrong.code is code
    assert wrong.difference == Money(amount=Decimal(posted) - 1190, currency="EUR")


def test_an_fi_line_in_another_currency_is_a_mismatch() -> None:
    books, invoice = billed(posted=False)
    books.billing[invoice] = books.billing[invoice].model_copy(
        update={"accounting_document": invoice}
    )
    books.post(invoice, "RV", "2026-03-02", "1190.00", billing_document=invoice, currency="USD")

    run = books.reconcile("2026-03-10")

    assert [b.code for b in run.breaks] == [BreakCode.CURRENCY_MISMATCH]


def test_a_residual_item_that_carries_the_billing_number_is_not_posted_twice() -> None:
    books, invoice = billed()
    books.clear([invoice], "1400000001", "2026-03-20")
    books.receive("", "1190.00", "2026-03-20", document="1400000001")
    books.clear(["1400000001"], "1400000001", "2026-03-20")
    books.post(
        "1400000001",
        "DZ",
        "2026-03-20",
        "90.00",
        billing_document=invoice,
        invoice_reference=invoice,
        net_days=30,
    )

    run = books.reconcile("2026-03-21")

    assert BreakCode.BILLING_FI_DIFF not in {b.code for b in run.breaks}


def test_one_cent_between_items_and_balance_is_a_break_whatever_is_tolerated() -> None:
    books, _ = billed()
    books.ledger.append(("140000", books.items[0].posting_date, books.money(Decimal("0.01"))))
    agreed = ToleranceRule(
        code=BreakCode.SUBLEDGER_GL_DIFF, currency="EUR", amount=Decimal(5), percent=Decimal(5)
    )

    run = books.reconcile("2026-03-10", ReconciliationRules(tolerances=(agreed,)))

    (tie,) = run.breaks
    assert tie.code is BreakCode.SUBLEDGER_GL_DIFF
    assert str(tie.difference) == "0.01 EUR"
    assert run.verdict is Verdict.BREAKS


def test_accounts_are_tied_one_by_one_so_that_they_cannot_make_up_for_each_other() -> None:
    """A down payment stands on its own account; moved to the wrong one, both are off."""
    books, _ = billed()
    books.post(
        "1400000009",
        "DZ",
        "2026-03-05",
        "-200.00",
        reconciliation_account="170000",
        special_gl_indicator="A",
    )
    tied = books.reconcile("2026-03-06")
    account, on, amount = books.ledger.pop()
    books.ledger.append(("140000", on, amount))
    crossed = books.reconcile("2026-03-06")

    assert account == "170000"
    assert [i.scope.reconciliation_account for i in tied.identities if i.number == 4] == [
        "140000",
        "170000",
    ]
    ties = [b for b in crossed.breaks if b.code is BreakCode.SUBLEDGER_GL_DIFF]
    assert sorted(str(b.difference) for b in ties) == ["-200.00 EUR", "200.00 EUR"]


def test_every_customer_counts_towards_the_balance_not_only_those_of_known_orders() -> None:
    books, _ = billed()
    books.post("1800000001", "DR", "2026-03-05", "77.00", customer="0000009999", net_days=30)

    run = books.reconcile("2026-03-06")

    assert run.verdict is Verdict.RECONCILED
    (fourth,) = [identity for identity in run.identities if identity.number == 4]
    assert str(fourth.left.amount) == "1,267.00 EUR"
