"""A company that sells in euros, yen and Kuwaiti dinars, and whose books leave something to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.break_decisions import accept, assign, comment
from connector.reconciliation.chain_of_runs import RunHistory
from connector.reconciliation.match_rules import MatchRule
from connector.reconciliation.proposals import Proposal, ProposedItem, ProposedLine
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.rules import ReconciliationRules, ToleranceRule
from connector.reconciliation.sign_off import Role, sign, sign_offs
from connector.reports.run_report.run_report import RunReport
from connector.sd_documents.payment import AccountingDocumentKey
from connector.sd_documents.values import Money
from connector.store.sql_store import SqlStore, open_store
from connector.store.sqlite import sqlite_url
from tests.reconciliation.books import Books, line
from tests.reconciliation.logbook import Logbook

#: What spreadsheets would take for a formula, in a text that comes from outside.
EVIL = '=HYPERLINK("http://evil.example";"pay here")'
RULES = ReconciliationRules(
    version="2026-1",
    tolerances=(
        ToleranceRule(
            code=BreakCode.PRICE_DIFF, currency="EUR", amount=Decimal("0.05"), percent=Decimal(1)
        ),
    ),
)


def sold(books: Books, name: str, price: str, on: str, currency: str = "EUR") -> str:
    """Sell, deliver and bill one piece; returns the invoice."""
    books.currency = currency
    books.sell(name, [line(1, price)], on)
    order = books.order(name, on)
    books.deliver(order, on)
    return books.bill(order, on, payer=f"00000010{len(books.mirrored):02d}")


def the_books() -> Books:
    """What happened until the end of March."""
    books = Books()
    sold(books, "1001", "10000.00", "2026-02-02")
    sold(books, "1002", "250.00", "2026-03-20")
    sold(books, "2001", "120000", "2026-01-05", "JPY")
    sold(books, "3001", "1234.567", "2026-03-02", "KWD")
    books.currency = "EUR"
    books.sell(EVIL, [line(2, "80.00")], "2026-03-03")
    books.currency = "JPY"
    books.sell("2002", [line(3, "4500")], "2026-03-04")
    books.currency = "KWD"
    books.sell("3002", [line(1, "99.999")], "2026-03-05")
    books.order("3002", "2026-03-05")
    books.currency = "EUR"
    books.sell("1004", [line(1, "500.00")], "2026-03-30")
    books.deliver(books.order("1004", "2026-03-30"), "2026-03-30")
    books.receive("somebody", "42.00", "2026-03-25")
    books.sell("1005", [line(1, "60.00")], "2026-03-06", paid=[("P-1005", "71.40", "2026-03-07")])
    order = books.order("1005", "2026-03-06", lines=[line(1, "60.02")])
    books.deliver(order, "2026-03-06")
    invoice = books.bill(order, "2026-03-06", payer="0000001009")
    receipt = books.receive("P-1005", "71.42", "2026-03-08")
    books.clear([invoice, receipt], receipt, "2026-03-08")
    return books


def a_run(logbook: Logbook, key_date: str) -> ReconciliationRun:
    return logbook.run(key_date, rules=RULES)


def the_report(store: SqlStore) -> RunReport:
    """
    The report of the end of March: reconciled in the middle, at the end, and once more when
    somebody had entered a document late; worked on and signed.
    """
    logbook = Logbook(store, the_books())
    books, log = logbook.books, store.reconciliation_log
    books.post("1400000777", "SA", "2026-03-10", "17.00")
    a_run(logbook, "2026-03-15")
    books.receive("1001", "5000.00", "2026-03-20", invoice_reference="")
    books.post("1400000778", "SA", "2026-03-28", "-17.00")
    books.clear(["1400000777", "1400000778"], "1400000778", "2026-03-28")
    logbook.misstate("150000", "12.34", "2026-03-29")
    a_run(logbook, "2026-03-31")
    books.post("1400000779", "DR", "2026-03-30", "250.00", entry_date=date(2026, 4, 2))
    run = logbook.run("2026-03-31", at="2026-04-02", rules=RULES)
    found = [each for each in logbook.register.open() if each.id in {b.id for b in run.breaks}]
    found.sort(key=lambda each: each.id)
    entries = [
        assign(found[0], "Łukasz Żółć", "J. Doe", due_on=date(2026, 4, 10), text="-1+1 asked"),
        comment(found[0], "王小明 says it was paid twice", "J. Doe"),
        accept(found[1], "below what work on it costs", "B. Boss"),
    ]
    log.append(entries, at=logbook.clock.now())
    for role, name in ((Role.PREPARER, "Łukasz Żółć"), (Role.REVIEWER, "B. Boss")):
        history = RunHistory.read(log)
        finished = history.find(run.header.run_id)
        assert finished is not None
        entry = sign(
            finished, role, name, "see the comments", history=history, signed=sign_offs(log),
            runs=store.reconciliation_runs,
        )  # fmt: skip
        log.append([entry], at=logbook.clock.now())
    return report_of(logbook, run.model_copy(update={"proposals": (a_proposal(),)}))


def a_proposal() -> Proposal:
    """A bank line that pays an invoice less its cash discount and six cents."""

    def eur(amount: str) -> Money:
        return Money(amount=Decimal(amount), currency="EUR")

    item = ProposedItem(
        key=AccountingDocumentKey(
            company_code="1000", accounting_document="0090000001", fiscal_year=2026
        ),
        line_item=1,
        customer="0000001001",
        amount=eur("11900.00"),
        discount=eur("238.00"),
    )
    line_ = ProposedLine(bank_account="DE02", bank_reference="+49/1", amount=eur("11661.94"))
    return Proposal(
        rule=MatchRule.REMITTANCE_TEXT,
        lines=(line_,),
        items=(item,),
        difference=eur("0.06"),
        is_exact=False,
        text="falls short by 0.06 EUR",
    )


def report_of(logbook: Logbook, run: ReconciliationRun) -> RunReport:
    """Put together what is known around *run*."""
    log = logbook.store.reconciliation_log
    return RunReport(
        run=run,
        records=logbook.register.records,
        head=log.head(),
        sign_off=sign_offs(log).get(run.header.run_id),
        company="Example Trading GmbH",
    )


@contextmanager
def a_store(folder: Path) -> Iterator[SqlStore]:
    store = open_store(sqlite_url(folder / "store.db"), upgrade=True)
    try:
        yield store
    finally:
        store.close()
