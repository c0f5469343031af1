"""Books of a company that posts receipts from what bank and provider report."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from connector.bootstrap.payment_decisions import release as release_payment
from connector.bootstrap.reconciliation import run_reconciliation
from connector.bootstrap.statement_payments import post_from_statements
from connector.ports.statement_payments import PaymentState, StatementPayment
from connector.reconciliation.report import ReconciliationRun
from connector.settings.statements import StatementSettings
from connector.sync.statement_payments import PostedFromStatements
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.test_money_outside import ACCOUNT, deliver_report, mt940
from tests.scenarios.worked_cases import Case


def settings(unmatched: str, gl_account: str) -> StatementSettings:
    account = {
        "company_code": "1000",
        "gl_account": gl_account,
        "post": True,
        "unmatched": unmatched,
    }
    return StatementSettings.model_validate(
        {
            "accounts": {ACCOUNT: account},
            "providers": {"stripe": {"gateways": ["card"], "company_code": "1000"}},
        }
    )


def allow(case: Case, unmatched: str = "on account", gl_account: str = "113100") -> None:
    application = case.installation.application
    application.settings = application.settings.model_copy(
        update={"statements": settings(unmatched, gl_account)}
    )


def order(name: str, net: str, gross: str, **more: Any) -> dict[str, Any]:
    return portal_order(
        name,
        [line("10", "M-01", "10", price=net)],
        ordered_on="2026-03-02",
        requested_delivery_date="2026-03-02",
        totals={"tax": str(Decimal(gross) - 10 * Decimal(net)), "gross": gross},
        **{"customer": "C-100", **more},
    )


def post(case: Case) -> PostedFromStatements:
    done = post_from_statements(case.installation.application)
    assert not done.erp_problem
    case.pass_once()
    return done


def records(case: Case, *states: PaymentState) -> tuple[StatementPayment, ...]:
    return case.installation.application.statement_payments.find(states)


def reconcile(case: Case) -> ReconciliationRun:
    return run_reconciliation(case.installation.application, case.day, dry=True)


def breaks(run: ReconciliationRun) -> list[tuple[str, str]]:
    return [(each.code.value, str(each.difference)) for each in run.breaks]


def paid_by_card(charge: str, amount: str) -> dict[str, Any]:
    return {
        "id": charge,
        "method": "card",
        "amount": amount,
        "received_at": "2026-03-02T08:00:00+01:00",
    }


def bill(case: Case, *orders: tuple[str, str, str]) -> list[str]:
    """Sell and invoice orders of name, net price of each of ten pieces, and gross amount."""
    for name, net, gross in orders:
        case.installation.send(order(name, net, gross))
    case.until(date(2026, 3, 9))
    return [case.installation.view(name).billing_documents[0].number for name, _, _ in orders]


def bank(case: Case, number: int, closing: str, *entries: tuple[str, str, str]) -> None:
    content = mt940(number, "260310", "0,00", closing, *entries)
    deliver_report(case, content, f"statement-{number}.sta")


def release(case: Case, number: int, way: str = "") -> None:
    release_payment(case.installation.application, number, by="anna", comment="agreed", way=way)
