"""Whatever happens in whatever order, the books agree with themselves."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.simulator.engine import derived, money
from connector.simulator.engine.billing_plan_specs import BillingPlanDateChange
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.down_payments import DownPaymentSpec
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.engine.specs import (
    BillingRef,
    DeliveryRef,
    ManualCondition,
    OpenItemRef,
    Partner,
    PaymentSpec,
    SalesDocumentChange,
    SalesItemChange,
)
from tests.simulator.engine.support import START, item, order

AMOUNTS = st.decimals("-99999", "99999", places=2)


@given(
    total=AMOUNTS,
    weights=st.lists(st.decimals("0", "9999", places=2), min_size=1, max_size=12),
    decimals=st.sampled_from([0, 2, 3]),
)
def test_what_is_shared_out_adds_up_again(
    total: Decimal, weights: list[Decimal], decimals: int
) -> None:
    whole = money.rounded(total, decimals)
    shares = money.distribute(whole, weights, decimals)
    assert sum(shares) == whole
    assert all(share == money.rounded(share, decimals) for share in shares)


@given(st.lists(AMOUNTS, min_size=1, max_size=12))
def test_only_one_position_carries_the_remainder(amounts: list[Decimal]) -> None:
    exact = [amount / 3 for amount in amounts]
    alone = [money.rounded(each, 2) for each in exact]
    settled = money.settle(exact, money.rounded(sum(exact, Decimal(0)), 2), amounts, 2)
    moved = [at for at, each in enumerate(settled) if each != alone[at]]
    assert len(moved) <= 1
    if moved:
        largest = max(amounts)
        assert amounts[moved[0]] == largest
        assert largest not in amounts[moved[0] + 1 :]


MATERIALS = (
    *("BI-1000", "AC-1000", "AC-1300", "CO-1000", "SV-1000", "OU-1000", "SE-1100"),
    *("SV-2000", "TP-1000", "FG-01", "FG-02"),
)
CUSTOMERS = ("1001", "1002", "1004", "1006", "1007", "1009", "1012")


class Life:
    """A seeded company life: orders, changes, deliveries, bills, payments, cancellations."""

    def __init__(self, erp: SimulatedErp, seed: int) -> None:
        self.erp = erp
        self.random = random.Random(seed)
        self.session = erp.session("LIFE")

    def run(self, steps: int) -> None:
        """Do *steps* random things; refusals are part of life."""
        for _ in range(steps):
            step = self.random.choice(
                [
                    self.order, self.order, self.change, self.deliver, self.issue, self.bill,
                    self.pay, self.cancel, self.reverse, self.jobs, self.wait,
                    self.change_delivery, self.take_back, self.pay_down, self.buy, self.release,
                ]
            )  # fmt: skip
            step()
            if self.random.random() < 0.1:
                self.session.rollback()
            else:
                self.session.commit(wait=self.random.random() < 0.7)
        self.session.commit(wait=True)
        self.erp.run_updates()

    def pick(self, numbers: dict[str, None]) -> str:
        """Return a random number, or one that does not exist."""
        return self.random.choice([*numbers, "999"])

    def order(self) -> None:
        """Order something, with a discount now and then."""
        conditions = []
        if self.random.random() < 0.4:
            conditions.append(ManualCondition("RA00", Decimal(self.random.randint(1, 30))))
        if self.random.random() < 0.3:
            conditions.append(ManualCondition("HD00", Decimal("9.99")))
        self.session.create_sales_document(
            order(
                *(
                    item(at * 10, self.random.choice(MATERIALS), self.random.randint(1, 40))
                    for at in range(1, self.random.randint(2, 5))
                ),
                customer=self.random.choice(CUSTOMERS),
                conditions=conditions,
                purchase_order_by_customer=f"PO{self.random.randint(1, 50)}",
            )
        )

    def change(self) -> None:
        """Change a quantity or reject an item."""
        changed = SalesItemChange(10, quantity=Decimal(self.random.randint(1, 40)))
        if self.random.random() < 0.3:
            changed = SalesItemChange(10, rejection_reason="01")
        wanted = SalesDocumentChange(items=[changed])
        if self.random.random() < 0.2:
            new = item(90, self.random.choice(MATERIALS), 3)
            wanted = SalesDocumentChange(items=[SalesItemChange(90, "I", new=new)])
        elif self.random.random() < 0.2:
            payer = Partner("RG", self.random.choice(CUSTOMERS), self.random.choice([0, 10]))
            wanted = SalesDocumentChange(partners=[payer])
        number = self.pick({each.number: None for each in self.erp.sales_documents()})
        self.session.change_sales_document(number, wanted)

    def deliver(self) -> None:
        """Deliver an order, or some of it."""
        quantity = Decimal(self.random.randint(1, 20)) if self.random.random() < 0.5 else None
        number = self.pick(self.erp._core.store.delivery_due)
        ref = DeliveryRef(number, 10, quantity) if quantity else DeliveryRef(number)
        self.session.create_deliveries([ref])

    def issue(self) -> None:
        """Post goods issue, picking less now and then."""
        number = self.pick(self.erp._core.store.goods_issue_due)
        found = self.erp.delivery(number)
        picked = {}
        if found is not None and self.random.random() < 0.3:
            picked = {found.items[0].item_number: found.items[0].quantity - 1}
        self.session.confirm_delivery(number, post_goods_issue=True, picked=picked)

    def bill(self) -> None:
        """Bill what is due."""
        refs = [BillingRef(number) for number in self.erp._core.store.billing_due][:3]
        self.session.create_billing_documents(refs)

    def pay(self) -> None:
        """Pay an open item: fully, in part, or with a rest."""
        items = self.erp.open_items("1000")
        if not items:
            return
        chosen = self.random.choice(items)
        part = self.random.choice([Decimal(1), Decimal("0.5"), Decimal("1.2")])
        amount = money.rounded(abs(chosen.amount) * part, 2)
        ref = OpenItemRef(chosen.accounting_document, chosen.fiscal_year, chosen.line_item, None)
        spec = PaymentSpec("1000", chosen.customer, amount, chosen.currency, items=[ref])
        spec.difference = self.random.choice(["refuse", "residual", "on account"])
        spec.partial = self.random.random() < 0.2
        self.session.post_incoming_payment_with_clearing(spec)

    def cancel(self) -> None:
        """Cancel an invoice."""
        count = self.erp.document_counts()["billing"]
        if count:
            self.session.cancel_billing_document(str(90000000 + self.random.randint(1, count)))

    def reverse(self) -> None:
        """Reverse a goods issue."""
        self.session.reverse_goods_issue(self.pick(self.erp._core.store.billing_due))

    def change_delivery(self) -> None:
        """Change a delivery's quantity, take an item out, or delete it."""
        number = self.pick(self.erp._core.store.goods_issue_due)
        found = self.erp.delivery(number)
        first = found.items[0].item_number if found is not None else 10
        if self.random.random() < 0.3:
            self.session.change_delivery(number, deleted=[first])
        else:
            quantity = Decimal(self.random.randint(1, 30))
            self.session.change_delivery(number, {first: quantity})

    def take_back(self) -> None:
        """Reset a clearing, with or without the reversal of its document."""
        store = self.erp._core.store
        documents = [each for each in store.finance.documents() if each.company_code == "1000"]
        if documents:
            chosen = self.random.choice(documents)
            reverse = self.random.random() < 0.5
            self.session.reset_clearing("1000", chosen.number, reverse=reverse)

    def pay_down(self) -> None:
        """Pay down, and set down payments against an invoice."""
        customer = self.random.choice(CUSTOMERS)
        amount = Decimal(self.random.randint(1, 900))
        spec = PaymentSpec("1000", customer, amount, "EUR", special_gl="A")
        self.session.post_incoming_payment_with_clearing(spec)
        items = self.erp.open_items("1000", customer)
        paid = [each for each in items if each.line.special_gl]
        owed = [each for each in items if each.amount > 0 and not each.line.special_gl]
        if paid and owed:
            self.session.clear_down_payments(
                DownPaymentSpec(
                    "1000",
                    customer,
                    OpenItemRef(owed[0].accounting_document, line_item=owed[0].line.line_item),
                    [OpenItemRef(each.accounting_document) for each in paid[:1]],
                )
            )

    def buy(self) -> None:
        """Order from a vendor, and note what it delivers or invoices."""
        store = self.erp._core.store
        self.session.create_purchase_orders([self.pick(store.to_order)])
        number = self.pick(store.purchases_open)
        quantity = Decimal(self.random.randint(1, 5))
        self.session.post_third_party_receipt(number, 10, quantity)
        self.session.post_vendor_invoice(number, 10, quantity)

    def release(self) -> None:
        """Lift a milestone's block."""
        number = self.pick({each.number: None for each in self.erp.sales_documents()})
        lifted = BillingPlanDateChange(2, billing_block="")
        for item_number in (10, 20, 30):
            change = SalesItemChange(item_number, billing_plan=[lifted])
            self.session.change_sales_document(number, SalesDocumentChange(items=[change]))

    def jobs(self) -> None:
        """Let the ERP do its own work."""
        self.erp.run_background_jobs()

    def wait(self) -> None:
        """Let time pass."""
        self.erp.advance(timedelta(hours=self.random.randint(1, 60)))


def check_books(erp: SimulatedErp) -> None:
    """Every identity that must hold at any time."""
    store = erp._core.store
    balance = Decimal(0)
    for document in store.finance.documents():
        assert sum(line.signed_amount for line in document.lines) == 0
        assert sum(line.signed_local_amount for line in document.lines) == 0
    for account in ("140000", "170000"):
        balance += erp.ledger_balance("1000", account)
    items = erp.open_items("1000")
    assert sum((each.local_amount for each in items), Decimal(0)) == balance
    totals: dict[tuple[str, str], Decimal] = {}
    for each in items:
        place = (each.customer, each.currency)
        totals[place] = totals.get(place, Decimal(0)) + each.amount
    for (customer, currency), amount in totals.items():
        assert store.finance.open_totals(customer)[currency] == amount
    inventory = Decimal(0)
    for (material, plant), view in erp.master_data.material_plants.items():
        stock = erp.stock(plant, material)
        assert stock is not None and stock.unrestricted >= 0 and stock.value >= 0
        if stock.currency == "EUR":
            inventory += stock.value - view.opening_quantity * view.price / view.price_unit
    assert inventory == erp.ledger_balance("1000", "792000")
    assert not erp._core.pending_requirements and not erp._core.pending_issues
    requirements: dict[tuple[str, str], Decimal] = {}
    for sales in store.sales.values():
        part = derived.of_sales_document(store.master, sales, store.flow.after)
        for key, quantity in part.requirements.items():
            requirements[key] = requirements.get(key, Decimal(0)) + quantity
        for number, found in erp.sales_status(sales.number).items.items():
            ordered = sales.item(number)
            assert ordered is not None and found.delivered_quantity <= ordered.quantity
            assert found.billed_value <= ordered.net_value or not ordered.billing_plan
            assert len(found.billed_dates) <= len(ordered.billing_plan)
            if ordered.billing_plan and not ordered.rejection_reason:
                assert sum(each.value for each in ordered.billing_plan) == ordered.net_value
    for delivery in store.deliveries.values():
        part = derived.of_delivery(store.master, delivery, store.flow.after(delivery.number))
        for key, quantity in part.requirements.items():
            requirements[key] = requirements.get(key, Decimal(0)) + quantity
        for status in erp.delivery_status(delivery.number).items.values():
            ordered_item = delivery.item(status.item_number)
            assert ordered_item is not None
            assert 0 <= status.billed_quantity <= status.issued_quantity <= ordered_item.quantity
    assert {k: v for k, v in store.requirements.items() if v} == {
        k: v for k, v in requirements.items() if v
    }


@pytest.mark.parametrize("seed", range(6))
def test_a_company_life_keeps_the_books_in_balance(
    master: MasterData, tmp_path: Path, seed: int
) -> None:
    path = tmp_path / "erp.db"
    settings = EngineSettings(live_documents=3)
    with SimulatedErp(master, SimulatedClock(START), settings, path) as erp:
        Life(erp, seed).run(120)
        check_books(erp)
        assert erp.document_counts()["accounting"] > 10
        before = (erp.document_counts(), erp.open_items("1000"), erp._core.store.requirements)

    with SimulatedErp(master, SimulatedClock(START), settings, path) as erp:
        check_books(erp)
        counts, items, requirements = before
        assert (erp.document_counts(), erp.open_items("1000")) == (counts, items)
        assert {k: v for k, v in erp._core.store.requirements.items() if v} == {
            k: v for k, v in requirements.items() if v
        }
