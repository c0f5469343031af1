"""
For any history that people make in the ERP the identities hold, on every key date and over both
transports, and what is reported adds up.

The rules of the simulated ERP decide what is possible; a step that it refuses has not happened.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.finance_records import CustomerItem
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    BillingRef,
    ClearingSpec,
    DeliveryRef,
    ManualCondition,
    OpenItemRef,
    PaymentSpec,
    SalesDocumentChange,
)
from tests.reconciliation.books import Line
from tests.reconciliation.company import Company, a_way
from tests.simulator.engine.support import item, new_erp, on, order

START = date(2026, 1, 5)
KEY_DATES = ("2026-01-09", "2026-01-20", "2026-02-28", "2026-12-31")
CURRENCIES = ("EUR", "USD")


@dataclass
class Story:
    """People at work on one customer's account; each step takes what is there at that time."""

    company: Company
    chance: random.Random
    day: date = START
    orders: dict[str, str] = field(default_factory=dict)
    deliveries: list[str] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)
    invoices: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def erp(self) -> SimulatedErp:
        return self.company.simulated

    def tell(self, steps: list[str]) -> None:
        for step in steps:
            self.day += timedelta(days=self.chance.randint(0, 4))
            on(self.erp, self.day.isoformat())
            STEPS[step](self)

    def does(self, operation: str, *args: Any, **kwargs: Any) -> tuple[str, ...]:
        """Do a write; what the ERP refuses has not happened."""
        with self.erp.session("PEOPLE") as session:
            outcome = getattr(session, operation)(*args, **kwargs)
            if not outcome.accepted:
                return ()
            session.commit(wait=True)
            numbers: tuple[str, ...] = outcome.numbers
            return numbers

    def pick(self, among: list[str]) -> str:
        return self.chance.choice(among) if among else ""

    def open_items(self, currency: str = "", *, debit: bool | None = None) -> list[CustomerItem]:
        return [
            each
            for each in self.erp.open_items("1000", "C-100", self.day)
            if currency in ("", each.currency)
            and (debit is None or (each.amount > 0) == debit)
            and not each.line.special_gl
        ]

    # -- steps -----------------------------------------------------------------------------------

    def sell(self) -> None:
        name, currency = f"EXT-{len(self.orders) + 1}", self.chance.choice(CURRENCIES)
        quantity, price = self.chance.randint(1, 9), Decimal(self.chance.randint(1, 99999)) / 100
        spec = order(
            item(10, "M-01", quantity),
            purchase_order_by_customer=name,
            currency=currency,
            conditions=[ManualCondition("PR00", price, 10, currency=currency)],
        )
        for number in self.does("create_sales_document", spec):
            self.orders[name] = number
            self.company.sells(
                name,
                [Line(Decimal(quantity), price)],
                self.day.isoformat(),
                sales_order=number,
                currency=currency,
            )

    def deliver(self) -> None:
        number = self.pick(list(self.orders.values()))
        if number:
            self.deliveries += self.does("create_deliveries", [DeliveryRef(number)])

    def issue(self) -> None:
        number = self.pick([each for each in self.deliveries if each not in self.issued])
        if number and self.does("confirm_delivery", number, post_goods_issue=True):
            self.issued.append(number)

    def bill(self) -> None:
        number = self.pick(self.issued + self.requests)
        if number:
            self.invoices += self.does("create_billing_documents", [BillingRef(number)])

    def cancel(self) -> None:
        number = self.pick(self.invoices)
        if number:
            self.does("cancel_billing_document", number)

    def take_back(self) -> None:
        number = self.pick(self.invoices)
        if number:
            line = item(10, "", 1, reference_document=number, reference_item=10)
            spec = order(line, document_type="RE", order_reason="101")
            for request in self.does("create_sales_document", spec):
                self.requests.append(request)
                change = SalesDocumentChange(billing_block="")
                if self.chance.random() < 0.7:
                    self.does("change_sales_document", request, change)

    def pay(self) -> None:
        currency = self.chance.choice(CURRENCIES)
        owed = self.open_items(currency, debit=True)
        chosen = self.chance.sample(owed, min(len(owed), self.chance.randint(0, 3)))
        total = sum((each.amount for each in chosen), Decimal(0))
        share = self.chance.choice(["1", "1", "0.5", "1.2", "0.98"])
        amount = (total * Decimal(share)).quantize(Decimal("0.01")) or Decimal("7.00")
        more: dict[str, Any] = {"difference": self.chance.choice(["residual", "on account"])}
        if self.chance.random() < 0.3:
            more = {"partial": True}
        if self.chance.random() < 0.1:
            chosen, more = [], {"special_gl": "A"}
        refs = [_ref(each) for each in chosen]
        spec = PaymentSpec("1000", "C-100", amount, currency, items=refs, **more)
        self.does("post_incoming_payment_with_clearing", spec)

    def clear(self) -> None:
        currency = self.chance.choice(CURRENCIES)
        some = self.open_items(currency)
        chosen = self.chance.sample(some, min(len(some), self.chance.randint(2, 3)))
        refs = [_ref(each) for each in chosen]
        self.does("clear_items", ClearingSpec("1000", "C-100", refs, residual=True))

    def reset(self) -> None:
        cleared = self.erp.cleared_items("1000", "C-100", None)
        known = {(each.line.clearing_year, each.line.clearing_document) for each in cleared}
        if known:
            reverse = self.chance.random() < 0.5
            year, number = self.chance.choice(sorted(known))
            self.does("reset_clearing", "1000", number, year, reverse=reverse)

    def post_by_hand(self) -> None:
        amount = Decimal(self.chance.randint(-9999, 9999) or 1) / 100
        lines = [
            AccountingLineSpec(amount, customer="C-100"),
            AccountingLineSpec(-amount, account="800000"),
        ]
        kind = self.chance.choice(["DR", "DG", "DZ", "SA"])
        self.does("post_accounting_document", AccountingDocumentSpec("1000", kind, "EUR", lines))


def _ref(each: CustomerItem) -> OpenItemRef:
    return OpenItemRef(
        each.accounting_document,
        fiscal_year=each.fiscal_year,
        line_item=each.line_item,
        cash_discount=None,
    )


STEPS: dict[str, Callable[[Story], None]] = {
    "sell": Story.sell,
    "deliver": Story.deliver,
    "issue": Story.issue,
    "bill": Story.bill,
    "cancel": Story.cancel,
    "take back": Story.take_back,
    "pay": Story.pay,
    "clear": Story.clear,
    "reset": Story.reset,
    "post by hand": Story.post_by_hand,
}
#: A chain needs these in order; without them most histories would be empty.
CHAIN = ["sell", "deliver", "issue", "bill"]
histories = st.lists(
    st.sampled_from(sorted(STEPS)) | st.just("pay") | st.just("bill"), min_size=4, max_size=24
)


@pytest.mark.parametrize("way", ["ecc", "s4"])
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=histories, seed=st.integers(0, 2**32), key_date=st.sampled_from(KEY_DATES))
def test_every_identity_holds_for_what_people_do_in_the_erp(
    master: MasterData, way: str, steps: list[str], seed: int, key_date: str
) -> None:
    with (
        new_erp(master, active_jobs=frozenset()) as simulated,
        a_way(simulated, way) as transport,
    ):
        company = Company(simulated, transport)
        Story(company, random.Random(seed)).tell([*CHAIN, *CHAIN, *steps])

        run = company.reconciles(key_date)

    assert [identity for identity in run.identities if not identity.holds] == []
    assert run.verdict is not Verdict.INCOMPLETE
    _adds_up(run)


def _adds_up(run: ReconciliationRun) -> None:
    """Ageing, its reasons, the payers and the fourth identity are four views of the same items."""
    views = [
        _sums((row.scope.currency, row.total.amount) for row in run.ageing),
        _sums((row.scope.currency, row.amount.amount) for row in run.ageing_reasons),
        _sums((row.currency, row.open.amount) for row in run.payers),
        _sums(
            (identity.scope.currency, identity.left.amount.amount)
            for identity in run.identities
            if identity.number == 4 and not identity.scope.valued_in
        ),
    ]
    assert all(view == views[0] for view in views)
    ids = [difference.id for difference in (*run.breaks, *run.pending)]
    assert len(ids) == len(set(ids)), "a difference is reported twice"
    for count in run.payment_states:
        assert Decimal(0) <= count.open.amount <= count.amount.amount


def _sums(amounts: Any) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for currency, amount in amounts:
        found[currency] = found.get(currency, Decimal(0)) + amount
    return {currency: amount for currency, amount in found.items() if amount}
