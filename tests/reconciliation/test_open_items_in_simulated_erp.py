"""
The truth about open items, from postings in the simulated ERP: due dates, ageing, dunning, foreign
currency, special G/L, and what was paid.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.reconciliation.ageing_reasons import OpenReason
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.resources import shipped
from connector.sd_documents.payment_state import ClearedBy, PaymentState
from connector.simulator.engine.down_payments import DownPaymentSpec
from connector.simulator.engine.dunning import CustomerLineChange
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    ClearingSpec,
    ManualCondition,
    OpenItemRef,
    PaymentSpec,
    SalesDocumentChange,
    TermsSpec,
)
from tests.reconciliation.books import day, line
from tests.reconciliation.company import WAYS, Company, a_way, amounts, pays
from tests.simulator.engine.support import billed, done, invoiced, item, new_erp, on, order, sold

COUNTER_ACCOUNT = "800000"


def posts(
    company: Company,
    document_type: str,
    on_day: str,
    amount: str,
    *,
    net_days: int = 0,
    posted_on: str = "",
    **fields: Any,
) -> str:
    """Post one customer line of *amount* with its counter line; return the document's number."""
    on(company.simulated, posted_on or on_day)
    terms = TermsSpec(net_days) if net_days else None
    lines = [
        AccountingLineSpec(
            Decimal(amount),
            customer="C-100",
            baseline_date=day(on_day),
            own_terms=terms,
            **fields,
        ),
        AccountingLineSpec(-Decimal(amount), account=COUNTER_ACCOUNT),
    ]
    spec = AccountingDocumentSpec("1000", document_type, "EUR", lines, document_date=day(on_day))
    return done(company.simulated, "post_accounting_document", spec).number


@pytest.fixture
def aged(company: Company) -> tuple[Company, dict[str, str]]:
    """Twelve items of one customer, as an accountant would draw them up; numbers by name."""
    numbers: dict[str, str] = {}
    for name, on_day, amount, of in (
        ("106", "2026-02-28", "900.00", ""),
        ("105", "2026-04-30", "700.00", ""),
        ("104", "2026-05-01", "500.00", ""),
        ("109", "2026-05-20", "250.00", ""),
        ("103", "2026-05-30", "300.00", ""),
        ("partial", "2026-05-30", "-200.00", "105"),
        ("102", "2026-05-31", "2000.00", ""),
        ("101", "2026-06-15", "1000.00", ""),
        ("108", "2026-06-15", "-100.00", "101"),
        ("107", "2026-06-20", "-150.00", ""),
        ("on account", "2026-06-25", "-400.00", ""),
        ("110", "2026-07-01", "120.00", ""),
    ):
        kind = "DG" if amount.startswith("-") else "DR"
        kind = "DZ" if name in ("partial", "on account") else kind
        net_days = 0 if kind == "DZ" else 30
        reference = {"invoice_reference": numbers[of]} if of else {}
        numbers[name] = posts(company, kind, on_day, amount, net_days=net_days, **reference)
    pays(company.simulated, "250.00", OpenItemRef(numbers["109"]), on_day="2026-07-02")
    return company, numbers


def buckets(run: ReconciliationRun) -> list[str]:
    (row,) = run.ageing
    return [
        str(each.amount)
        for each in (
            row.not_due,
            row.up_to_30,
            row.up_to_60,
            row.up_to_90,
            row.over_90,
            row.unapplied,
            row.total,
        )
    ]


def test_items_age_by_their_net_due_date_as_on_the_key_date(
    aged: tuple[Company, dict[str, str]],
) -> None:
    run = aged[0].reconciles("2026-06-30")

    assert buckets(run) == [
        *("2900.00", "900.00", "500.00", "0.00", "900.00"),
        *("-400.00", "4800.00"),
    ]
    assert amounts(run, 4) == {"open items": "4800.00", "G/L balance": "4800.00"}
    by_reason: dict[str, Decimal] = {}
    for row in run.ageing_reasons:
        by_reason[row.reason.value] = by_reason.get(row.reason, Decimal(0)) + row.amount.amount
    assert {name: str(amount) for name, amount in by_reason.items()} == {
        "invoice": "5650.00",
        "partial payment": "-200.00",
        "credit memo": "-250.00",
        "money on account": "-400.00",
    }


def test_grace_keeps_an_item_from_being_dunned_and_a_block_does_for_good(
    aged: tuple[Company, dict[str, str]],
) -> None:
    company, numbers = aged
    block = CustomerLineChange(dunning_block="A")
    done(company.simulated, "change_customer_line", "1000", numbers["104"], block)

    run = company.reconciles("2026-06-30")

    names = {number: name for name, number in numbers.items()}
    listed = {names[row.document.accounting_document]: row for row in run.dunning}
    assert set(listed) == {"103", "104", "105", "106", "109"}
    assert {name for name, row in listed.items() if row.is_due_for_dunning} == {
        "105",
        "106",
        "109",
    }
    assert (listed["103"].days_in_arrears, listed["106"].days_in_arrears) == (1, 92)
    (payer,) = run.payers
    assert (str(payer.to_dun), str(payer.disputed)) == ("1,650.00 EUR", "500.00 EUR")
    assert payer.oldest_due_on is not None and payer.oldest_due_on.isoformat() == "2026-03-30"
    assert [str(each) for each in (payer.open, payer.overdue, payer.on_account)] == [
        "4,800.00 EUR",
        "2,300.00 EUR",
        "-400.00 EUR",
    ]


def test_what_the_erp_has_dunned_shows_with_level_and_day(company: Company) -> None:
    number = posts(company, "DR", "2026-03-01", "500.00", net_days=30)
    on(company.simulated, "2026-04-30")
    done(company.simulated, "run_dunning", "1000")

    run = company.reconciles("2026-04-30")

    (row,) = run.dunning
    assert (row.document.accounting_document, row.level) == (number, 1)
    assert row.last_dunned_on is not None and row.last_dunned_on.isoformat() == "2026-04-30"
    assert (run.payers[0].dunning_level, str(run.payers[0].dunned)) == (1, "500.00 EUR")


# -- special G/L ----------------------------------------------------------------------------------


def test_down_payments_are_tied_out_on_their_own_account(company: Company) -> None:
    """The dealer's prepayment stands apart until it is cleared against the invoices."""
    erp = company.simulated
    on(erp, "2026-05-02")
    prepaid = done(
        erp,
        "post_incoming_payment_with_clearing",
        PaymentSpec("4000", "D-01", Decimal(200000), "CNY", special_gl="A"),
    ).number
    on(erp, "2026-05-06")
    lines = [
        AccountingLineSpec(Decimal(113000), customer="D-01", baseline_date=day("2026-05-06")),
        AccountingLineSpec(Decimal(-113000), account=COUNTER_ACCOUNT),
    ]
    spec = AccountingDocumentSpec("4000", "DR", "CNY", lines)
    invoice = done(erp, "post_accounting_document", spec).number

    before = company.reconciles("2026-05-06", "4000")
    on(erp, "2026-05-07")
    used = DownPaymentSpec("4000", "D-01", OpenItemRef(invoice), [OpenItemRef(prepaid)])
    done(erp, "clear_down_payments", used)
    after = company.reconciles("2026-05-07", "4000")

    assert _ties(before) == {("140000", ""): "113000.00", ("170000", "A"): "-200000.00"}
    assert _ties(after) == {("140000", ""): "0.00", ("170000", "A"): "-87000.00"}
    assert {row.reason for row in after.ageing_reasons} == {OpenReason.DOWN_PAYMENT}


def _ties(run: ReconciliationRun) -> dict[tuple[str, str], str]:
    found = {}
    for identity in run.identities:
        if identity.number == 4:
            assert identity.holds, identity
            scope = identity.scope
            key = scope.reconciliation_account, scope.special_gl_indicator
            found[key] = str(identity.left.amount.amount)
    return found


# -- foreign currency -----------------------------------------------------------------------------


def dollars(company: Company) -> str:
    """Sell for 1,000.00 USD plus tax in a company that keeps its books in EUR; its invoice."""
    on(company.simulated, "2026-01-05")
    conditions = [ManualCondition("PR00", Decimal("100.00"), 10, currency="USD")]
    spec = order(
        item(10, "M-01", 10),
        purchase_order_by_customer="EXT-1",
        currency="USD",
        conditions=conditions,
    )
    number, _, invoice = invoiced(company.simulated, spec)
    company.sells("EXT-1", [line(10, "100.00")], "2026-01-05", sales_order=number, currency="USD")
    return invoice


def pays_dollars(
    company: Company, amount: str, *items: OpenItemRef, on_day: str, **more: Any
) -> str:
    on(company.simulated, on_day)
    spec = PaymentSpec("1000", "C-100", Decimal(amount), "USD", items=list(items), **more)
    return done(company.simulated, "post_incoming_payment_with_clearing", spec).number


def in_both(run: ReconciliationRun) -> dict[str, tuple[str, str]]:
    """Open items and balance by the currency they are stated in."""
    return {
        identity.scope.stated_in: (
            str(identity.left.amount.amount),
            str(identity.right[0].amount.amount),
        )
        for identity in run.identities
        if identity.number == 4
    }


@pytest.fixture(params=WAYS)
def trading(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Company]:
    """A dollar is worth 0.90 euros in January, 0.80 in February and 0.95 from March on."""
    rates = "from_currency,to_currency,valid_from,rate\n"
    rates += "USD,EUR,2026-01-01,0.90\nUSD,EUR,2026-02-01,0.80\nUSD,EUR,2026-03-01,0.95\n"
    (tmp_path / "exchange_rates.csv").write_text(rates, "utf-8")
    folders = (shipped("fixtures/erp"), shipped("fixtures/erp-cases"), tmp_path)
    with (
        new_erp(MasterData.load(*folders), active_jobs=frozenset()) as simulated,
        a_way(simulated, request.param) as transport,
    ):
        yield Company(simulated, transport)


def realised(company: Company) -> Decimal:
    """Return the exchange differences on the accounts of gains and losses, a loss positive."""
    master = company.simulated.master_data
    chart = master.company_codes["1000"].chart_of_accounts
    accounts = {master.posting_account(chart, f"exchange {kind}") for kind in ("gain", "loss")}
    return sum((company.simulated.ledger_balance("1000", each) for each in accounts), Decimal(0))


def test_a_partial_payment_realises_nothing_and_a_residual_item_does(trading: Company) -> None:
    invoice = dollars(trading)
    assert in_both(trading.reconciles("2026-01-31")) == {
        "USD": ("1190.00", "1190.00"),
        "EUR": ("1071.00", "1071.00"),
    }

    partial = pays_dollars(
        trading, "400.00", OpenItemRef(invoice), on_day="2026-02-10", partial=True
    )
    run = trading.reconciles("2026-02-10")
    assert realised(trading) == 0
    assert in_both(run) == {"USD": ("790.00", "790.00"), "EUR": ("751.00", "751.00")}

    pays_dollars(
        trading,
        "500.00",
        OpenItemRef(invoice),
        OpenItemRef(partial),
        on_day="2026-03-10",
        difference="residual",
    )
    run = trading.reconciles("2026-03-10")
    # 751.00 leaves the books, 475.00 comes in, and 290 USD stay at the new rate: 275.50.
    assert realised(trading) == Decimal("0.50")
    assert in_both(run) == {"USD": ("290.00", "290.00"), "EUR": ("275.50", "275.50")}
    (state,) = run.invoices
    assert (state.payment.state, str(state.payment.settled)) == (
        PaymentState.PARTIALLY_PAID,
        "900.00 USD",
    )


def test_at_clearing_the_difference_of_rates_leaves_nothing_open(trading: Company) -> None:
    invoice = dollars(trading)
    pays_dollars(trading, "1190.00", OpenItemRef(invoice), on_day="2026-02-10")

    run = trading.reconciles("2026-02-28")

    assert realised(trading) == Decimal("119.00")
    assert run.verdict is Verdict.RECONCILED, run.breaks
    assert in_both(run) == {"USD": ("0.00", "0.00"), "EUR": ("0.00", "0.00")}
    january = trading.reconciles("2026-01-31")
    assert in_both(january)["EUR"] == ("1071.00", "1071.00")


def test_a_balance_that_is_off_in_company_currency_alone_is_found(trading: Company) -> None:
    dollars(trading)
    on(trading.simulated, "2026-01-20")
    done(trading.simulated, "value_open_items", "1000", day("2026-01-20"))
    trading.local_shift = Decimal("0.01")

    (off,) = trading.reconciles("2026-01-31").breaks

    assert off.code is BreakCode.SUBLEDGER_GL_DIFF
    assert (off.key("currency"), off.key("valued_in")) == ("USD", "EUR")
    assert str(off.difference) == "0.01 EUR"


# -- what was paid --------------------------------------------------------------------------------


def a_sale(company: Company) -> tuple[str, str, str]:
    on(company.simulated, "2026-01-05")
    spec = order(item(10, "M-01", 10), purchase_order_by_customer="EXT-1")
    number, delivery, invoice = invoiced(company.simulated, spec)
    company.sells("EXT-1", [line(10, "100.00")], "2026-01-05", sales_order=number)
    return number, delivery, invoice


def the_state(company: Company, key_date: str) -> tuple[PaymentState, str, ClearedBy | None]:
    (count,) = company.reconciles(key_date).payment_states
    return count.state, str(count.open), count.cleared_by


def test_an_invoice_is_open_then_partly_paid_then_paid_though_it_was_cleared_before(
    company: Company,
) -> None:
    _, _, invoice = a_sale(company)
    erp = company.simulated
    first = pays(erp, "400.00", OpenItemRef(invoice), on_day="2026-01-20", partial=True)
    items = OpenItemRef(invoice), OpenItemRef(first)
    second = pays(erp, "500.00", *items, on_day="2026-02-10", difference="residual")
    pays(erp, "290.00", OpenItemRef(second), on_day="2026-02-25")

    assert [
        the_state(company, key_date)[:2]
        for key_date in ("2026-01-10", "2026-01-20", "2026-02-15", "2026-02-25")
    ] == [
        (PaymentState.OPEN, "1,190.00 EUR"),
        (PaymentState.PARTIALLY_PAID, "790.00 EUR"),
        (PaymentState.PARTIALLY_PAID, "290.00 EUR"),
        (PaymentState.PAID, "0.00 EUR"),
    ]


def test_an_invoice_cleared_with_a_credit_memo_was_not_paid(company: Company) -> None:
    _, _, invoice = a_sale(company)
    erp = company.simulated
    request = sold(
        erp,
        order(
            item(10, "", 10, reference_document=invoice, reference_item=10),
            document_type="RE",
            order_reason="101",
        ),
    )
    done(erp, "change_sales_document", request, SalesDocumentChange(billing_block=""))
    (credit,) = billed(erp, request)
    spec = ClearingSpec("1000", "C-100", [OpenItemRef(invoice), OpenItemRef(credit)])
    done(erp, "clear_items", spec)

    assert the_state(company, "2026-01-31") == (
        PaymentState.CLEARED_WITHOUT_PAYMENT,
        "0.00 EUR",
        ClearedBy.CREDIT_MEMO,
    )


def test_a_duplicate_payment_stays_on_account_and_the_break_follows_what_is_left(
    company: Company,
) -> None:
    _, _, invoice = a_sale(company)
    erp = company.simulated
    pays(erp, "1190.00", OpenItemRef(invoice), on_day="2026-01-15", reference="P-1")
    double = pays(erp, "1190.00", on_day="2026-01-16", reference="P-1")
    company.paid("EXT-1", ("P-1", "1190.00", "2026-01-15"))

    run = company.reconciles("2026-02-28")
    on(erp, "2026-03-02")
    spec = order(item(10, "M-01", 1), purchase_order_by_customer="EXT-2")
    number, _, later = invoiced(erp, spec)
    company.sells("EXT-2", [line(1, "100.00")], "2026-03-02", sales_order=number)
    clearing = ClearingSpec(
        "1000", "C-100", [OpenItemRef(later), OpenItemRef(double)], residual=True
    )
    done(erp, "clear_items", clearing)
    after = company.reconciles("2026-03-31")

    (first,), (second,) = run.breaks, after.breaks
    assert first.code is second.code is BreakCode.DUPLICATE_PAYMENT
    assert first.id == second.id
    assert [str(each.difference) for each in (first, second)] == ["-1,190.00 EUR", "-1,071.00 EUR"]
    assert str(run.ageing[0].unapplied) == "-1,190.00 EUR"
    assert amounts(after, 4) == {"open items": "-1071.00", "G/L balance": "-1071.00"}
