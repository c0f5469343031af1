"""All worked stories in the books of one simulated ERP: each company code and currency ties out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connector.reconciliation.report import ReconciliationRun
from connector.simulator.engine.down_payments import DownPaymentSpec
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    ClearingSpec,
    OpenItemRef,
    PaymentSpec,
    SalesDocumentChange,
    TermsSpec,
)
from tests.reconciliation.books import day, line
from tests.reconciliation.company import Company
from tests.simulator.engine.support import (
    billed,
    delivered,
    done,
    invoiced,
    issued,
    item,
    on,
    order,
    sold,
)


class Months:
    """Half a year in four company codes, day by day; documents are remembered by name."""

    def __init__(self, company: Company) -> None:
        self.company, self.erp = company, company.simulated
        self.known: dict[str, str] = {}
        self.plan: list[tuple[str, Callable[[], None]]] = []

    def at(self, on_day: str, what: Callable[[], None]) -> None:
        self.plan.append((on_day, what))

    def live(self) -> None:
        for on_day, what in sorted(self.plan, key=lambda entry: entry[0]):
            on(self.erp, on_day)
            what()

    def sale(self, name: str, material: str, quantity: int, price: str, on_day: str) -> None:
        def sell() -> None:
            spec = order(item(10, material, quantity), purchase_order_by_customer=name)
            number, _, self.known[name] = invoiced(self.erp, spec)
            self.company.sells(name, [line(quantity, price)], on_day, sales_order=number)

        self.at(on_day, sell)

    def posts(
        self,
        name: str,
        on_day: str,
        amount: str,
        *,
        kind: str = "DR",
        company_code: str = "1000",
        customer: str = "C-100",
        currency: str = "EUR",
        of: str = "",
    ) -> None:
        def post() -> None:
            receivable = AccountingLineSpec(
                Decimal(amount),
                customer=customer,
                baseline_date=day(on_day),
                own_terms=TermsSpec(0 if kind == "DZ" else 30),
                invoice_reference=self.known[of] if of else "",
            )
            lines = [receivable, AccountingLineSpec(-Decimal(amount), account="800000")]
            spec = AccountingDocumentSpec(company_code, kind, currency, lines)
            self.known[name] = done(self.erp, "post_accounting_document", spec).number

        self.at(on_day, post)

    def pays(
        self,
        name: str,
        on_day: str,
        amount: str,
        *of: str,
        company_code: str = "1000",
        customer: str = "C-100",
        currency: str = "EUR",
        partial: bool = False,
        difference: str = "refuse",
        special_gl: str = "",
    ) -> None:
        def pay() -> None:
            spec = PaymentSpec(
                company_code,
                customer,
                Decimal(amount),
                currency,
                items=[OpenItemRef(self.known[each], cash_discount=None) for each in of],
                partial=partial,
                difference=difference,
                special_gl=special_gl,
            )
            number = done(self.erp, "post_incoming_payment_with_clearing", spec).number
            self.known[name] = number

        self.at(on_day, pay)

    def over_delivered(self) -> None:
        number = sold(self.erp, order(item(10, "M-02", 100), purchase_order_by_customer="EXT-2"))
        delivery = delivered(self.erp, number, "104")
        issued(self.erp, delivery)
        (self.known["EXT-2"],) = billed(self.erp, delivery)
        self.company.sells("EXT-2", [line(100, "25.00")], "2026-02-03", sales_order=number)

    def returned(self) -> None:
        of = self.known["EXT-3"]
        goods = item(10, "", 3, reference_document=of, reference_item=10)
        request = sold(self.erp, order(goods, document_type="RE", order_reason="101"))
        done(self.erp, "change_sales_document", request, SalesDocumentChange(billing_block=""))
        (self.known["credit"],) = billed(self.erp, request)

    def prepaid(self) -> None:
        invoice = OpenItemRef(self.known["vehicle 1"])
        money = OpenItemRef(self.known["prepayment"])
        spec = ClearingSpec("4000", "D-01", [invoice, money], residual=True)
        self.known["rest"] = done(self.erp, "clear_items", spec).number

    def second_vehicle(self) -> None:
        names = ("vehicle 2", "rest", "top-up")
        items = [OpenItemRef(self.known[name]) for name in names]
        done(self.erp, "clear_items", ClearingSpec("4000", "D-01", items))

    def down_payment_used(self) -> None:
        used = [OpenItemRef(self.known["down payment"])]
        spec = DownPaymentSpec("4000", "D-01", OpenItemRef(self.known["vehicle 3"]), used)
        done(self.erp, "clear_down_payments", spec)


@pytest.fixture
def months(company: Company) -> Months:
    story = Months(company)
    story.sale("EXT-1", "M-01", 10, "100.00", "2026-01-15")
    story.pays("discounted", "2026-01-28", "1190.00", "EXT-1")
    story.at("2026-02-03", story.over_delivered)
    story.pays("short", "2026-03-01", "2975.00", "EXT-2", partial=True)
    story.sale("EXT-3", "M-03", 10, "80.00", "2026-02-10")
    story.at("2026-02-20", story.returned)
    story.pays("net of credit", "2026-03-10", "666.40", "EXT-3", "credit")
    dealer: dict[str, Any] = {"company_code": "4000", "customer": "D-01", "currency": "CNY"}
    yen: dict[str, Any] = {"company_code": "2000", "customer": "JP-400", "currency": "JPY"}
    story.posts("yen", "2026-02-16", "2049", **yen)
    story.pays("yen paid", "2026-02-27", "2049", "yen", **yen)
    dinar: dict[str, Any] = {"company_code": "3000", "customer": "KW-400", "currency": "KWD"}
    story.posts("dinar", "2026-02-16", "49.754", **dinar)
    story.sale("EXT-5", "M-01", 10, "100.00", "2026-03-01")
    story.pays("first", "2026-03-20", "400.00", "EXT-5", partial=True)
    story.pays("second", "2026-04-10", "500.00", "EXT-5", "first", difference="residual")
    story.pays("third", "2026-04-25", "290.00", "second")
    story.posts("dollars", "2026-03-05", "1190.00", currency="USD")
    story.pays("dollars in part", "2026-04-05", "400.00", "dollars", currency="USD", partial=True)
    story.posts("double", "2026-03-02", "1190.00")
    story.pays("once", "2026-03-10", "1190.00", "double")
    story.pays("twice", "2026-03-11", "1190.00")
    story.pays("prepayment", "2026-05-02", "200000", **dealer)
    story.posts("vehicle 1", "2026-05-06", "113000.00", **dealer)
    story.at("2026-05-06", story.prepaid)
    story.pays("top-up", "2026-05-11", "26000", **dealer)
    story.posts("vehicle 2", "2026-05-13", "113000.00", **dealer)
    story.at("2026-05-14", story.second_vehicle)
    story.pays("down payment", "2026-05-15", "50000", special_gl="A", **dealer)
    story.posts("vehicle 3", "2026-05-18", "113000.00", **dealer)
    story.at("2026-05-19", story.down_payment_used)
    story.pays("another down payment", "2026-05-20", "7000", special_gl="A", **dealer)
    story.live()
    return story


def ties(run: ReconciliationRun) -> dict[str, str]:
    """Open items by company code, account, indicator and currency; all equal their balance."""
    found = {}
    for each in run.identities:
        if each.number == 4:
            assert each.left.amount == each.right[0].amount, each
            scope = each.scope
            place = f"{scope.company_code}/{scope.reconciliation_account}"
            place += f"/{scope.special_gl_indicator}" if scope.special_gl_indicator else ""
            foreign = f" in {scope.valued_in}" if scope.valued_in else ""
            found[f"{place} {scope.currency}{foreign}"] = str(each.left.amount.amount)
    return found


def test_every_company_code_and_currency_ties_out_to_the_last_cent(months: Months) -> None:
    run = months.company.reconciles("2026-06-30", "1000", "2000", "3000", "4000")

    assert ties(run) == {
        # 119.00 of the over-delivery are still owed, 1,190.00 were paid twice.
        "1000/140000 EUR": "-1071.00",
        "1000/140000 USD": "790.00",
        "1000/140000 USD in EUR": "711.00",
        "2000/140000 JPY": "0",
        "3000/140000 KWD": "49.754",
        "4000/140000 CNY": "63000.00",
        "4000/170000/A CNY": "-7000.00",
    }
    assert all(identity.holds for identity in run.identities)


@pytest.mark.parametrize(
    ("key_date", "euros", "yuan"),
    [
        ("2026-01-31", "0.00", None),
        ("2026-02-15", "4046.00", None),
        ("2026-03-15", "119.00", None),
        ("2026-04-15", "-781.00", None),
        ("2026-05-06", "-1071.00", "-87000.00"),
    ],
)
def test_each_day_before_ties_out_as_it_did(
    months: Months, key_date: str, euros: str, yuan: str | None
) -> None:
    run = months.company.reconciles(key_date, "1000", "2000", "3000", "4000")

    found = ties(run)
    assert found["1000/140000 EUR"] == euros
    assert found.get("4000/140000 CNY") == yuan
