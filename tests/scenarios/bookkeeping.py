"""A company's people, day by day: they sell, bill, receive and clear, and close their books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.reconciliation.differences import Difference, ExplainedReason
from connector.reconciliation.extract import read_erp
from connector.reconciliation.mirror import MirroredPayment
from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run import Assignment, run_reconciliation
from connector.resources import shipped
from connector.sd_documents.values import Money
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    ClearingSpec,
    ManualCondition,
    OpenItemRef,
    PaymentSpec,
    SalesDocumentChange,
)
from tests.reconciliation.books import at, day, line
from tests.reconciliation.company import Company
from tests.simulator.engine.support import billed, done, invoiced, item, on, order, sold


class Bookkeeping(Company):
    """The company with its customer C-100; amounts are text, days are ISO dates."""

    def sells(  # type: ignore[override]  # a story tells less than a set of books
        self,
        name: str,
        on_day: str,
        quantity: int = 10,
        price: str = "100.00",
        *,
        shop_price: str = "",
        material: str = "M-01",
        currency: str = "EUR",
        **header: Any,
    ) -> tuple[str, str, str]:
        """Sell, deliver and bill on one day; returns sales order, delivery and invoice."""
        on(self.simulated, on_day)
        conditions = [ManualCondition("PR00", Decimal(price), 10, currency=currency)]
        spec = order(
            item(10, material, quantity),
            purchase_order_by_customer=name,
            conditions=conditions,
            currency=currency,
            **header,
        )
        number, delivery, invoice = invoiced(self.simulated, spec)
        lines = [line(quantity, shop_price or price)]
        super().sells(name, lines, on_day, sales_order=number, currency=currency)
        return number, delivery, invoice

    def pays(
        self, on_day: str, amount: str, *documents: str, discount: str | None = "0", **more: Any
    ) -> str:
        """Enter a receipt (F-28); *discount* None takes what the terms allow."""
        more = {"currency": "EUR", **more}
        taken = None if discount is None else Decimal(discount)
        items = [OpenItemRef(each, cash_discount=taken) for each in documents]
        spec = PaymentSpec("1000", "C-100", Decimal(amount), items=items, **more)
        return self.does(on_day, "post_incoming_payment_with_clearing", spec)

    def clears(self, on_day: str, *documents: str, residual: bool = False) -> str:
        """Clear items against each other (F-32)."""
        items = [OpenItemRef(each) for each in documents]
        return self.does(
            on_day, "clear_items", ClearingSpec("1000", "C-100", items, residual=residual)
        )

    def pays_back(self, on_day: str, amount: str) -> str:
        """Pay the customer; the line stays open until it is cleared."""
        return self.posts(on_day, "DZ", amount, "113100")

    def posts(self, on_day: str, document_type: str, amount: str, account: str) -> str:
        """Post *amount* to the customer by hand, against an account."""
        lines = [
            AccountingLineSpec(Decimal(amount), customer="C-100"),
            AccountingLineSpec(-Decimal(amount), account=account),
        ]
        spec = AccountingDocumentSpec("1000", document_type, "EUR", lines)
        return self.does(on_day, "post_accounting_document", spec)

    def cancels(self, on_day: str, billing_document: str) -> str:
        """Cancel a billing document (VF11)."""
        return self.does(on_day, "cancel_billing_document", billing_document)

    def bills_again(
        self, on_day: str, sales_order: str, delivery: str, price: str, currency: str = "EUR"
    ) -> str:
        """Change the price of an order and bill its delivery anew."""
        condition = ManualCondition("PR00", Decimal(price), 10, currency=currency)
        change = SalesDocumentChange(conditions=[condition])
        self.does(on_day, "change_sales_document", sales_order, change)
        (invoice,) = billed(self.simulated, delivery)
        return invoice

    def credits(self, on_day: str, invoice: str, quantity: int) -> str:
        """Take back some of what an invoice billed, and bill the credit memo."""
        on(self.simulated, on_day)
        goods = item(10, "", quantity, reference_document=invoice, reference_item=10)
        request = sold(self.simulated, order(goods, document_type="RE", order_reason="101"))
        self.does(on_day, "change_sales_document", request, SalesDocumentChange(billing_block=""))
        (memo,) = billed(self.simulated, request)
        return memo

    def does(self, on_day: str, operation: str, *args: Any, **more: Any) -> str:
        """Let the ERP's people do something; it must be accepted. Returns its document."""
        on(self.simulated, on_day)
        outcome = done(self.simulated, operation, *args, **more)
        return outcome.numbers[0] if outcome.numbers else ""

    def refunds(self, name: str, refund: str, amount: str, on_day: str) -> None:
        """Note what the shop paid back for an order."""
        at_ = next(n for n, o in enumerate(self.mirrored) if o.order.external_id == name)
        known = self.mirrored[at_]
        paid = MirroredPayment(
            payment_id=refund,
            gateway="card",
            amount=Money(amount=Decimal(amount), currency=known.order.currency),
            paid_on=day(on_day),
            reference=refund,
            company_code="1000",
        )
        self.mirrored[at_] = replace(known, refunds=(*known.refunds, paid))

    def closes(self, key_date: str, money: MoneyMovements | None = None) -> ReconciliationRun:
        """Reconcile as of a day; every identity of the run holds."""
        assignment = Assignment(day(key_date), ("1000",), "Europe/Berlin", ReconciliationRules())
        orders, rules = self.mirrored, assignment.rules
        extract = read_erp(self.transport, orders, day(key_date), ("1000",), rules)
        run = run_reconciliation(
            assignment, orders, extract, now=at(day(key_date)), movements=money
        )
        assert all(identity.holds for identity in run.identities)
        return run


def told(run: ReconciliationRun) -> dict[str, str]:
    """What is wrong or waits, by code, with what it comes to; each code at most once."""
    found = [(each.code.value, str(each.difference)) for each in (*run.breaks, *run.pending)]
    assert len(dict(found)) == len(found), found
    return dict(found)


def waiting(run: ReconciliationRun) -> dict[str, str]:
    """What only waits, by code, with the day on which it becomes a break."""
    return {each.code.value: each.break_on.isoformat() for each in run.pending}


def the(run: ReconciliationRun, code: str) -> Difference:
    """The one difference of a code."""
    (one,) = [each for each in (*run.breaks, *run.pending) if each.code.value == code]
    return one


def states(run: ReconciliationRun) -> dict[str, str]:
    """How many invoices are how far paid, and what is open of them."""
    return {each.state.value: f"{each.count} open {each.open}" for each in run.payment_states}


def open_items(run: ReconciliationRun) -> dict[str, str]:
    """Open items by account and currency; a second amount is that in company currency."""
    found: dict[str, str] = {}
    for each in run.identities:
        if each.number == 4:
            scope = each.scope
            account = f"{scope.reconciliation_account}{scope.special_gl_indicator}"
            name = f"{account} {scope.currency}"
            amount = str(each.left.amount.amount)
            found[name] = f"{found[name]} = {amount}" if name in found else amount
    return found


def explained(run: ReconciliationRun, reason: ExplainedReason) -> list[str]:
    """What is explained by a reason, the smallest first."""
    found = [each.amount for each in run.explained if each.reason is reason]
    return [str(each) for each in sorted(found, key=lambda each: each.amount)]


def aged(run: ReconciliationRun) -> list[str]:
    """The buckets of the only ageing row: not due, 1-30, 31-60, 61-90, over 90, on account."""
    (row,) = run.ageing
    buckets = (row.not_due, row.up_to_30, row.up_to_60, row.up_to_90, row.over_90, row.unapplied)
    return [str(each.amount) for each in buckets]


def trading_abroad(folder: Path, *rates: str) -> MasterData:
    """Master data with exchange rates of their own: rows of currency, company's, day, rate."""
    header = "from_currency,to_currency,valid_from,rate"
    (folder / "exchange_rates.csv").write_text("\n".join([header, *rates, ""]), "utf-8")
    return MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"), folder)


@pytest.fixture
def books(company: Company) -> Iterator[Bookkeeping]:
    """The company on ECC and on S/4HANA."""
    yield Bookkeeping(company.simulated, company.transport)
