"""
All open items of three companies against their ledgers: what the connector knows and what not.

Figures by hand, company 1000:

| what                                        | 140000 EUR | 145000 EUR | 170000 A |
| EXT-1, invoice 1,190.00, 300.00 paid        |     890.00 |            |          |
| EXT-2, two pieces, paid; all credited       |    -238.00 |            |          |
| taken over by hand from the books before    |   2,500.00 |            |          |
| a credit by hand on the same account        |     -77.00 |            |          |
| customer 1001, nobody's orders              |     333.00 |            |          |
| customer B-1, on another account            |            |     640.00 |          |
| a down payment                              |            |            |  -450.00 |

140000: 890.00 - 238.00 + 2,500.00 - 77.00 + 333.00 = 3,408.00.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from connector.reconciliation.report import ReconciliationRun
from connector.resources import shipped
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    PaymentSpec,
    TermsSpec,
)
from tests.reconciliation.company import WAYS, a_way
from tests.scenarios.bookkeeping import Bookkeeping
from tests.simulator.engine.support import new_erp

COMPANIES = ("1000", "2000", "3000")
FURTHER = {
    "gl_accounts.csv": "chart_of_accounts,account,text,reconciliation\nFJW1,145000,Others,D\n",
    "customers.csv": "customer,name,country\nB-1,Another Account GmbH,DE\n",
    "customer_companies.csv": "customer,company_code,reconciliation_account,terms_of_payment\n"
    "B-1,1000,145000,Z030\n",
}


@pytest.fixture(params=WAYS)
def group(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bookkeeping]:
    for name, content in FURTHER.items():
        (tmp_path / name).write_text(content, "utf-8")
    folders = (shipped("fixtures/erp"), shipped("fixtures/erp-cases"), tmp_path)
    with (
        new_erp(MasterData.load(*folders), active_jobs=frozenset()) as erp,
        a_way(erp, request.param) as transport,
    ):
        yield Bookkeeping(erp, transport)


def by_hand(
    books: Bookkeeping,
    customer: str,
    amount: str,
    document_type: str = "DR",
    *,
    company_code: str = "1000",
    currency: str = "EUR",
    on_day: str = "2026-01-03",
    net_days: int = 30,
) -> str:
    terms = TermsSpec(net_days)
    lines = [
        AccountingLineSpec(Decimal(amount), customer=customer, own_terms=terms),
        AccountingLineSpec(-Decimal(amount), account="800000"),
    ]
    spec = AccountingDocumentSpec(company_code, document_type, currency, lines)
    return books.does(on_day, "post_accounting_document", spec)


def ties(run: ReconciliationRun) -> dict[str, str]:
    """Items and balance of each account; both must be the same."""
    found = {}
    for each in run.identities:
        if each.number == 4:
            assert each.holds
            (balance,) = each.right
            assert balance.amount == each.left.amount
            scope = each.scope
            account = f"{scope.reconciliation_account}{scope.special_gl_indicator}"
            found[f"{scope.company_code} {account} {scope.currency}"] = str(balance.amount.amount)
    return found


def trades(books: Bookkeeping) -> None:
    by_hand(books, "C-100", "2500.00", "SA")
    by_hand(books, "C-100", "-77.00", "AB")
    by_hand(books, "1001", "333.00")
    by_hand(books, "B-1", "640.00")
    by_hand(books, "JP-400", "5000", company_code="2000", currency="JPY")
    by_hand(books, "KW-400", "12.345", company_code="3000", currency="KWD")
    _, _, first = books.sells("EXT-1", "2026-01-05")
    _, _, second = books.sells("EXT-2", "2026-01-05", 2)
    books.pays("2026-01-08", "300.00", first, partial=True)
    books.pays("2026-01-08", "238.00", second)
    spec = PaymentSpec("1000", "C-100", Decimal(450), "EUR", special_gl="A")
    books.does("2026-01-09", "post_incoming_payment_with_clearing", spec)
    books.credits("2026-01-10", second, 2)


def test_every_account_of_every_company_ties_to_its_ledger(group: Bookkeeping) -> None:
    trades(group)

    run = group.reconciles("2026-01-10", *COMPANIES)

    assert ties(run) == {
        "1000 140000 EUR": "3408.00",
        "1000 145000 EUR": "640.00",
        "1000 170000A EUR": "-450.00",
        "2000 140000 JPY": "5000",
        "3000 140000 KWD": "12.345",
    }
    found = sorted((each.code.value, str(each.difference)) for each in run.breaks)
    assert found == [("ORPHAN_FI_ITEM", "-77.00 EUR"), ("ORPHAN_FI_ITEM", "2,500.00 EUR")]
    waiting = sorted((each.code.value, str(each.difference)) for each in run.pending)
    assert waiting == [("UNAPPLIED_CASH", "-450.00 EUR"), ("UNDERPAYMENT", "890.00 EUR")]
    payers = {f"{row.company_code} {row.payer.lstrip('0')}": str(row.open) for row in run.payers}
    assert payers == {
        "1000 1001": "333.00 EUR",
        "1000 B-1": "640.00 EUR",
        "1000 C-100": "2,625.00 EUR",
        "2000 JP-400": "5,000 JPY",
        "3000 KW-400": "12.345 KWD",
    }


def test_one_company_alone_is_tied_out_as_it_is_among_all(group: Bookkeeping) -> None:
    trades(group)

    among = ties(group.reconciles("2026-01-10", *COMPANIES))
    alone = {
        name: balance for code in COMPANIES
        for name, balance in ties(group.reconciles("2026-01-10", code)).items()
    }  # fmt: skip

    assert alone == among


def test_items_on_either_side_of_each_limit_of_age(group: Bookkeeping) -> None:
    """Due 0, 1, 30, 31, 60, 61, 90 and 91 days before 2026-06-30: amounts 1.00 to 8.00."""
    due = ("03-31", "04-01", "04-30", "05-01", "05-30", "05-31", "06-29", "06-30")
    for amount, day in zip(range(8, 0, -1), due, strict=True):
        by_hand(group, "C-100", f"{amount}.00", on_day=f"2026-{day}", net_days=0)

    (row,) = group.reconciles("2026-06-30").ageing

    buckets = (row.not_due, row.up_to_30, row.up_to_60, row.up_to_90, row.over_90, row.total)
    assert [str(each.amount) for each in buckets] == [
        "1.00", "5.00", "9.00", "13.00", "8.00", "36.00",
    ]  # fmt: skip


def test_before_and_after_the_connectors_first_order_the_ledger_is_the_same(
    group: Bookkeeping,
) -> None:
    """What was taken over is nobody's business until its customer has orders of ours."""
    by_hand(group, "C-100", "2500.00", "SA")
    before = group.reconciles("2026-01-04")
    group.sells("EXT-1", "2026-01-05")
    after = group.reconciles("2026-01-05")

    assert (before.breaks, ties(before)) == ((), {"1000 140000 EUR": "2500.00"})
    assert [each.code.value for each in after.breaks] == ["ORPHAN_FI_ITEM"]
    assert ties(after) == {"1000 140000 EUR": "3690.00"}
