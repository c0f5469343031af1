"""Reading the ERP: everything once, counted, and never half."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import cast

from connector.ports.erp import ChainSnapshot, Erp, OrderPayer, SalesOrderHead
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.extract import read_erp
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run import run_reconciliation
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.payment import AccountBalance, CustomerItem
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory
from tests.reconciliation.books import Books, day, line

NOW = datetime(2026, 2, 10, 6, 0, tzinfo=UTC)


@dataclass
class BooksErp:
    """Answers from books kept by the test, and counts what it is asked."""

    books: Books
    calls: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    during_items: Callable[[], None] = lambda: None

    def port(self) -> Erp:
        namespace = SimpleNamespace(
            chains=SimpleNamespace(read=self._chains),
            sales_documents=SimpleNamespace(
                find=self._find,
                read=self._sales,
                orders_created=self._created,
                payers=self._payers,
            ),
            billing_documents=SimpleNamespace(read=self._billing),
            open_items=SimpleNamespace(
                customer_items=self._items,
                receivable_balances=self._balances,
                items_of_billing_documents=self._lines,
            ),
        )
        return cast(Erp, namespace)

    def _chains(self, numbers: Sequence[str]) -> ChainSnapshot:
        self.calls.append(f"chains {len(numbers)}")
        books = self.books
        wanted = [n for n in numbers if n not in self.hidden]
        billing = [
            d for d in books.billing.values() if {i.sales_document for i in d.items} & set(wanted)
        ]
        return ChainSnapshot(
            sales_documents=tuple(d for n, d in books.sales.items() if n in wanted),
            deliveries=tuple(books.deliveries),
            billing_documents=tuple(d for d in billing if d.number not in self.hidden),
            items=(),
            links=tuple(books.links),
        )

    def _find(self, reference: str, category: DocumentCategory) -> tuple[str, ...]:
        self.calls.append(f"find {reference}")
        assert category is DocumentCategory.SALES_ORDER
        return tuple(
            sorted(
                n for n, d in self.books.sales.items() if d.purchase_order_by_customer == reference
            )
        )

    def _created(self, first: date, last: date) -> tuple[SalesOrderHead, ...]:
        return tuple(
            SalesOrderHead(n, d.purchase_order_by_customer, d.sold_to_party, d.document_date)
            for n, d in self.books.sales.items()
            if first <= d.document_date <= last
        )

    def _payers(self, numbers: Sequence[str]) -> tuple[OrderPayer, ...]:
        return tuple(OrderPayer(number, 0, "0000001000") for number in numbers)

    def _sales(self, numbers: Sequence[str]) -> tuple[PostedSalesDocument, ...]:
        return tuple(d for n, d in self.books.sales.items() if n in numbers)

    def _billing(self, numbers: Sequence[str]) -> tuple[BillingDocument, ...]:
        return tuple(d for n, d in self.books.billing.items() if n in numbers)

    def _lines(
        self, numbers: Sequence[str], *, and_settlements: bool = False
    ) -> tuple[CustomerItem, ...]:
        assert and_settlements
        return tuple(i for i in self.books.items if i.billing_document in numbers)

    def _items(
        self, company_code: str, customers: Sequence[str], key_date: date
    ) -> tuple[CustomerItem, ...]:
        assert company_code == self.books.company_code and not customers
        found = tuple(i for i in self.books.items if i.is_open_on(key_date))
        self.during_items()
        return found

    def _balances(self, company_code: str, key_date: date) -> tuple[AccountBalance, ...]:
        assert company_code == self.books.company_code
        return self.books.balances(key_date)


def billed_order() -> Books:
    books = Books()
    books.sell("EXT-1", [line(10, "80.00")], "2026-02-02")
    order = books.order("EXT-1", "2026-02-02")
    books.deliver(order, "2026-02-03")
    books.bill(order, "2026-02-04")
    return books


def run_over(erp: BooksErp, rules: ReconciliationRules | None = None) -> ReconciliationRun:
    assignment = erp.books.assignment("2026-02-09", rules)
    orders = tuple(erp.books.mirrored.values())
    extract = read_erp(
        erp.port(), orders, assignment.key_date, assignment.company_codes, assignment.rules
    )
    return run_reconciliation(assignment, orders, extract, now=NOW)


def test_reading_through_the_ports_gives_the_run_that_the_records_give() -> None:
    books = billed_order()

    through_ports = run_over(BooksErp(books))

    assert through_ports.verdict is Verdict.RECONCILED
    assert through_ports.identities == books.reconcile("2026-02-09").identities


def test_chains_are_read_in_batches_and_all_batches_must_be_answered() -> None:
    books = Books()
    for number in range(25):
        books.sell(f"EXT-{number}", [line(1, "1.00")], "2026-02-02")
        books.order(f"EXT-{number}", "2026-02-02")
    erp = BooksErp(books)
    orders = tuple(books.mirrored.values())

    extract = read_erp(
        erp.port(), orders, day("2026-02-09"), ("1000",), ReconciliationRules(), batch=10
    )

    assert [call for call in erp.calls if call.startswith("chains")] == [
        "chains 10",
        "chains 10",
        "chains 5",
    ]
    assert (extract.pages, extract.pages_expected) == (3, 3)
    assert len(extract.sales_documents) == 25


def test_second_orders_are_looked_for_only_as_far_back_as_agreed() -> None:
    books = billed_order()
    recent, old = BooksErp(books), BooksErp(books)

    run_over(recent)
    run_over(old, ReconciliationRules(duplicate_search_days=5))

    assert "find EXT-1" in recent.calls
    assert "find EXT-1" not in old.calls


def test_a_second_order_that_the_connector_does_not_know_is_found_in_the_erp() -> None:
    books = billed_order()
    second = books.order("EXT-1", "2026-02-05", linked=False)

    (duplicate,) = run_over(BooksErp(books)).breaks

    assert duplicate.code is BreakCode.DUPLICATE_ORDER
    assert duplicate.key("sales_order") == second


def test_a_sales_order_that_was_deleted_in_the_erp_is_missing() -> None:
    books = billed_order()
    (number,) = books.sales
    books.sales.clear()
    books.billing.clear()
    books.items.clear()
    books.ledger.clear()

    (missing,) = run_over(BooksErp(books)).breaks

    assert missing.code is BreakCode.MISSING_ORDER
    assert number in missing.text


def test_a_chain_that_was_left_out_makes_the_run_incomplete() -> None:
    books = billed_order()
    (number,) = books.sales
    erp = BooksErp(books, hidden={number})

    run = run_over(erp)

    assert run.verdict is Verdict.INCOMPLETE
    (chains,) = [source for source in run.sources if source.name == "document chains"]
    assert number in chains.problems[0]


def test_an_invoice_that_only_the_mirror_knows_is_read_and_its_missing_link_reported() -> None:
    books = billed_order()
    (invoice,) = books.billing
    books.links = [link for link in books.links if link.subsequent.document != invoice]
    name, mirrored = next(iter(books.mirrored.items()))
    books.mirrored[name] = replace(mirrored, billing_documents=(invoice,))

    (gap,) = run_over(BooksErp(books, hidden={invoice})).breaks

    assert (gap.code, gap.key("document")) == (BreakCode.LINK_GAP, invoice)


def test_a_posting_between_items_and_balances_is_waited_out() -> None:
    books = billed_order()
    erp = BooksErp(books)
    posted: list[CustomerItem] = []

    def post_once() -> None:
        if not posted:
            posted.append(
                books.post("1800000001", "DR", "2026-02-09", "5.00", customer="0000009000")
            )

    erp.during_items = post_once

    assert run_over(erp).verdict is Verdict.RECONCILED


def test_items_that_never_hold_still_make_the_run_incomplete_and_not_a_difference() -> None:
    books = billed_order()
    erp = BooksErp(books)
    erp.during_items = lambda: books.ledger.append(
        ("140000", day("2026-02-09"), books.money(Decimal("0.01")))
    )

    run = run_over(erp)

    assert run.verdict is Verdict.INCOMPLETE
    assert any("postings went on" in text for s in run.sources for text in s.problems)
