"""For any history: the identities close, a planted difference is found, order does not matter."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.extract import ErpExtract
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.run import run_reconciliation
from connector.sd_documents.currency import decimals_of
from connector.sd_documents.values import DocumentCategory
from tests.reconciliation.books import NET_30, TWO_PERCENT_IN_14, Books, Line, at, day

T = TypeVar("T")
START = date(2026, 1, 5)
KEY_DATES = ("2026-01-06", "2026-01-20", "2026-02-10", "2026-04-30")


@dataclass(frozen=True)
class Story:
    """What happens to one order; amounts and days are drawn, the rest follows."""

    lines: tuple[Line, ...]
    ordered: int
    reaches_erp: bool
    delivered_share: int
    billed: bool
    cancelled_and_billed_again: bool
    paid: str
    paid_after: int
    terms: bool


def _line(currency: str) -> st.SearchStrategy[Line]:
    places = decimals_of(currency)
    return st.builds(
        Line,
        quantity=st.integers(1, 20).map(Decimal),
        price=st.integers(1, 99999).map(lambda n: Decimal(n).scaleb(-places)),
        tax_code=st.sampled_from(["A1", "A2", "A0"]),
    )


def stories(currency: str) -> st.SearchStrategy[Story]:
    return st.builds(
        Story,
        lines=st.lists(_line(currency), min_size=1, max_size=4).map(tuple),
        ordered=st.integers(0, 30),
        reaches_erp=st.booleans() | st.just(True),
        delivered_share=st.sampled_from([0, 50, 100, 110]),
        billed=st.booleans() | st.just(True),
        cancelled_and_billed_again=st.booleans(),
        paid=st.sampled_from(
            ["no", "in full", "discounted", "in part", "too much", "not posted", "on account"]
        ),
        paid_after=st.integers(0, 40),
        terms=st.booleans(),
    )


def play(currency: str, history: list[Story]) -> Books:
    """Let the stories happen, in a company code of that currency."""
    books = Books("1000", currency)
    for number, story in enumerate(history, start=1):
        _play(books, f"EXT-{number}", story)
    return books


def _play(books: Books, name: str, story: Story) -> None:
    on = START + timedelta(days=story.ordered)
    pays_on = on + timedelta(days=4 + story.paid_after)
    owed = sum((books.gross(entry) for entry in story.lines), Decimal(0))
    shares = {"in part": "0.5", "too much": "2", "discounted": "0.98"}
    amount = owed * Decimal(shares.get(story.paid, "1"))
    amount = max(amount.quantize(books.smallest), books.smallest)
    payments = [] if story.paid == "no" else [(f"PAY-{name}", str(amount), str(pays_on))]
    books.sell(name, story.lines, str(on), paid=payments)
    if not story.reaches_erp:
        return
    order = books.order(name, str(on))
    portions = {
        10 * n: (entry.quantity * story.delivered_share / 100).quantize(Decimal(1))
        for n, entry in enumerate(story.lines, start=1)
    }
    quantities = {item: str(quantity) for item, quantity in portions.items() if quantity}
    if not quantities:
        return
    books.deliver(order, str(on + timedelta(days=2)), quantities)
    if not story.billed:
        return
    terms = TWO_PERCENT_IN_14 if story.terms else NET_30
    invoice = books.bill(order, str(on + timedelta(days=3)), quantities, terms=terms)
    if story.cancelled_and_billed_again:
        storno = books.bill(
            order,
            str(on + timedelta(days=3)),
            quantities,
            category=DocumentCategory.INVOICE_CANCELLATION,
        )
        books.cancel(invoice, storno, str(on + timedelta(days=3)))
        invoice = books.bill(order, str(on + timedelta(days=4)), quantities, terms=terms)
    if story.paid in ("no", "not posted"):
        return
    billed = books.billing[invoice].receivable_amount.amount
    if story.paid != "on account" and amount == billed:
        receipt = books.receive(f"PAY-{name}", amount, str(pays_on))
        books.clear([invoice, receipt], receipt, str(pays_on))
    elif story.paid == "discounted":
        receipt = books.receive(f"PAY-{name}", billed, str(pays_on))
        books.clear([invoice, receipt], receipt, str(pays_on))
    elif story.paid == "in part":
        books.receive(f"PAY-{name}", amount, str(pays_on), invoice_reference=invoice)
    else:
        books.receive(f"PAY-{name}", amount, str(pays_on))


histories = st.sampled_from(["EUR", "JPY", "KWD"]).flatmap(
    lambda currency: st.lists(stories(currency), min_size=1, max_size=5).map(
        lambda history: play(currency, history)
    )
)


@settings(max_examples=60, deadline=None)
@given(histories, st.sampled_from(KEY_DATES))
def test_every_identity_closes_on_every_key_date(books: Books, key_date: str) -> None:
    run = books.reconcile(key_date)

    assert all(identity.holds for identity in run.identities)
    assert run.verdict is not Verdict.INCOMPLETE
    owed = sum((row.total.amount for row in run.ageing), Decimal(0))
    assert owed == sum((b.balance.amount for b in books.balances(day(key_date))), Decimal(0))


@settings(max_examples=40, deadline=None)
@given(histories, st.sampled_from(KEY_DATES))
def test_what_is_reported_adds_up_to_what_the_first_identity_shows(
    books: Books, key_date: str
) -> None:
    run = books.reconcile(key_date)

    for identity in (i for i in run.identities if i.number == 1):
        shown = {term.label: term.amount.amount for term in identity.right}
        assert shown["breaks"] == _effects(run.breaks, 1)
        assert shown["not yet billed"] == _effects(run.pending, 1)


def _effects(differences: object, identity: int) -> Decimal:
    assert isinstance(differences, tuple)
    return sum(
        (d.effect.amount for d in differences if d.identity == identity and d.effect), Decimal(0)
    )


@settings(max_examples=40, deadline=None)
@given(histories, st.sampled_from(KEY_DATES), st.randoms(use_true_random=False))
def test_the_order_in_which_records_arrive_changes_nothing(
    books: Books, key_date: str, chance: random.Random
) -> None:
    run = books.reconcile(key_date)
    extract = books.extract(day(key_date))

    def shuffled(records: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(chance.sample(records, len(records)))

    again = run_reconciliation(
        books.assignment(key_date),
        shuffled(tuple(books.mirrored.values())),
        ErpExtract(
            sales_documents=shuffled(extract.sales_documents),
            deliveries=shuffled(extract.deliveries),
            billing_documents=shuffled(extract.billing_documents),
            links=shuffled(extract.links),
            items=shuffled(extract.items),
            open_items=shuffled(extract.open_items),
            balances=shuffled(extract.balances),
        ),
        now=at(day(key_date)) + timedelta(days=9),
    )

    assert again.content_hash == run.content_hash
    assert [b.id for b in again.breaks] == [b.id for b in run.breaks]


def reconciled(lines: list[Line]) -> Books:
    """A history without any difference: one order, delivered, billed and paid."""
    books = Books()
    gross = sum((books.gross(entry) for entry in lines), Decimal(0))
    books.sell(
        "EXT-1",
        lines,
        "2026-01-05",
        grand_total=str(gross),
        paid=[("P-1", str(gross), "2026-01-09")],
    )
    order = books.order("EXT-1", "2026-01-05")
    books.deliver(order, "2026-01-06")
    invoice = books.bill(order, "2026-01-07")
    receipt = books.receive("P-1", gross, "2026-01-09")
    books.clear([invoice, receipt], receipt, "2026-01-09")
    return books


def _codes(run: ReconciliationRun) -> set[BreakCode]:
    return {difference.code for difference in run.breaks}


#: One tax code, one line: nothing is rounded apart, so nothing but the planted fault differs.
clean = st.builds(
    Line,
    quantity=st.integers(1, 20).map(Decimal),
    price=st.integers(1, 9999).map(Decimal),
    tax_code=st.just("A1"),
).map(lambda entry: reconciled([entry]))

FAULTS = {
    BreakCode.MISSING_ORDER: lambda books: books.lose_order(),
    BreakCode.DUPLICATE_ORDER: lambda books: books.order("EXT-1", "2026-01-05", linked=False),
    BreakCode.PRICE_DIFF: lambda books: books.reprice(Decimal("7.00")),
    BreakCode.LINK_GAP: lambda books: books.links.pop(),
    BreakCode.MISSING_BILLING: lambda books: books.lose_billing(),
    BreakCode.BILLING_NOT_POSTED: lambda books: books.lose_posting(),
    BreakCode.BILLING_FI_DIFF: lambda books: books.change_posting(Decimal("0.01")),
    BreakCode.MISSING_PAYMENT: lambda books: books.lose_receipt(),
    BreakCode.DUPLICATE_PAYMENT: lambda books: books.receive("P-1", "5.00", "2026-01-10"),
    BreakCode.UNAPPLIED_CASH: lambda books: books.receive("", "5.00", "2026-01-10"),
    BreakCode.SUBLEDGER_GL_DIFF: lambda books: books.ledger.pop(),
}


@settings(max_examples=60, deadline=None)
@given(clean, st.sampled_from(sorted(FAULTS)))
def test_a_planted_fault_is_found_under_its_code_and_nothing_else_is_reported(
    books: Books, code: BreakCode
) -> None:
    assert books.reconcile("2026-01-31").verdict is Verdict.RECONCILED

    FAULTS[code](books)

    assert _codes(books.reconcile("2026-01-31")) == {code}
