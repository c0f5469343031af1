"""Half a year that is told day by day: what happens in the morning, in the ERP, in the evening."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from connector.bootstrap.payment_decisions import release as release_payment
from connector.bootstrap.reconciliation import run_reconciliation
from connector.bootstrap.statement_payments import post_from_statements
from connector.bootstrap.statements import receive
from connector.ports.statement_payments import PaymentState
from connector.reconciliation.report import ReconciliationRun
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    ClearingSpec,
    OpenItemRef,
    PaymentSpec,
)
from connector.sync import requests
from connector.sync.chain import corrections
from tests.scenarios.joint.bank import Bank
from tests.scenarios.joint.installation import FIRST_DAY, Books
from tests.simulator.engine.support import done

What = Callable[[], None]


class Story:
    """
    The books with what happens in them, by day.

    The ERP's billing run, where the connector cannot bill, is on ``billing_days`` only.
    """

    def __init__(self, books: Books) -> None:
        self.books, self.erp = books, books.simulated
        self.bank = Bank(books)
        #: FI documents of people in accounting, by a name of the story.
        self.known: dict[str, str] = {}
        #: The runs that were kept, by key date.
        self.runs: dict[str, ReconciliationRun] = {}
        self.billing_days: set[date] = set()
        #: Of which bank lines a person releases the proposal: by bank reference, how.
        self.releases: dict[str, dict[str, str]] = {}
        self._mornings: dict[date, list[What]] = defaultdict(list)
        self._evenings: dict[date, list[What]] = defaultdict(list)

    # -- what happens when ------------------------------------------------------------------------

    def at(self, day: str, what: What) -> None:
        """Let *what* happen in the morning of *day*."""
        self._mornings[date.fromisoformat(day)].append(what)

    def later_at(self, day: str, what: What) -> None:
        """Let *what* happen in the evening of *day*, when the connector has done its work."""
        self._evenings[date.fromisoformat(day)].append(what)

    def sends(self, day: str, channel: str, order: Mapping[str, Any]) -> None:
        """Let an order arrive, or another version of it."""
        at = f"{day}T{9 + len(self._mornings[date.fromisoformat(day)]):02d}:00:00+01:00"
        sent = {**order, "updated_at": at}
        self.at(day, lambda: self.books.send(channel, sent))

    def reconciles(self, *days: str) -> None:
        """Reconcile in the evening of each of *days*, over statements that reach it."""

        def close(day: str) -> None:
            self.bank.close(date.fromisoformat(day))
            self._post_statements()
            run = run_reconciliation(self.books.application, date.fromisoformat(day))
            self.runs[day] = run

        for day in days:
            self._evenings[date.fromisoformat(day)].append(partial(close, day))

    def bills(self, *days: str) -> None:
        """Let the ERP's billing run take place on *days*, where the connector cannot bill."""
        self.billing_days |= {date.fromisoformat(day) for day in days}

    def transfers(self, day: str, account: str, amount: str, text: str) -> None:
        """Let the bank book a transfer that names an order."""
        self.credits(day, account, amount, f"REF-{day}-{text}"[:16], text)

    def credits(self, day: str, account: str, amount: str, reference: str, text: str) -> None:
        """Let the bank book a credit on *day*."""
        self.later_at(day, lambda: self.bank.credits(account, amount, reference, text))

    def closes(self, day: str) -> None:
        """Let every account have a statement of *day*, and reconcile nothing."""
        self.later_at(day, lambda: self.bank.close(date.fromisoformat(day)))

    def live(self, last: str) -> None:
        """Let all days until *last* pass."""
        day = FIRST_DAY
        while day <= date.fromisoformat(last):
            happens = bool(self._mornings[day] or self._evenings[day])
            if happens or day in self.billing_days or self._is_anything_due(day):
                self._pass_day(day)
            day += timedelta(days=1)

    def _pass_day(self, day: date) -> None:
        self.books.move_to(day)
        for what in self._mornings[day]:
            what()
            self.books.run()
        self.settle()
        for what in self._evenings[day]:
            what()
        self.settle()

    def settle(self) -> None:
        """Run passes, the ERP's jobs and statements until nothing stirs."""
        for _ in range(6):
            stirs = self.books.run()
            stirs = self.jobs() or stirs
            stirs = self._post_statements() or stirs
            if not stirs:
                return
        raise AssertionError("it never comes to rest")

    def jobs(self) -> bool:
        """Run the ERP's jobs that make what the connector cannot; tells whether they did."""
        if self.books.profile == "ecc":
            return False
        made = False
        if self.books.profile == "s4" and self.books.today in self.billing_days:
            made = bool(self.erp.run_job("billing due list").numbers)
        # A journal entry clears nothing: the ERP's own run does.
        return bool(self.erp.run_job("automatic clearing").numbers) or made

    def _is_anything_due(self, day: date) -> bool:
        due_at = self.books.application.store.flows.next_due_at()
        return due_at is not None and due_at.date() <= day

    # -- the bank ---------------------------------------------------------------------------------

    def _post_statements(self) -> bool:
        if not self.bank.deliver():
            return False
        application = self.books.application
        for folder in application.statement_folders:
            for received in receive(application, folder):
                assert not received.problems, received.problems
        posted = post_from_statements(application)
        assert not posted.erp_problem
        for record in application.statement_payments.find({PaymentState.PROPOSED}):
            # Anna decides on what she has been told to decide, and leaves the rest.
            chosen = self.releases.pop(record.key.rpartition(" ")[2], None)
            if chosen is not None:
                release_payment(application, record.id, by="anna", comment="agreed", **chosen)
        post_from_statements(application)
        return True

    # -- people in accounting ---------------------------------------------------------------------

    def invoice_of(self, external_id: str, number: int = 0) -> str:
        """Return the FI document of an invoice of an order, in the order of their numbers."""
        documents = sorted(self.books.view(external_id).billing_documents, key=lambda d: d.number)
        return documents[number].accounting_document or ""

    def receipt_of(self, reference: str) -> str:
        """Return the FI document that was posted from a bank line."""
        [record] = [
            each
            for each in self.books.application.statement_payments.find({PaymentState.POSTED})
            if reference in each.key
        ]
        return record.document.split("/")[1]

    def correction(self, external_id: str) -> str:
        """Return the number of the sales document that corrects an order."""
        [correction] = corrections(self.books.view(external_id))
        return correction.number

    def order_of(self, document: str) -> str:
        """Return the order of which an FI document is the invoice."""
        flows = self.books.application.store.flows
        [view] = flows.views(flows.find(document))
        return view.flow.external_id

    def posts(self, name: str, amount: str, customer: str, document_type: str, **line: Any) -> None:
        """Post a customer line by hand, positive where the customer owes it."""
        lines = [
            AccountingLineSpec(Decimal(amount), customer=customer, **line),
            AccountingLineSpec(-Decimal(amount), account="800000"),
        ]
        spec = AccountingDocumentSpec("1000", document_type, "EUR", lines)
        self.known[name] = done(self.erp, "post_accounting_document", spec).number

    def pays(self, name: str, customer: str, amount: str, currency: str, **more: Any) -> None:
        """Enter a receipt by hand: without *items* it is on account."""
        code = more.pop("company_code", "1000")
        spec = PaymentSpec(code, customer, Decimal(amount), currency, **more)
        document = done(self.erp, "post_incoming_payment_with_clearing", spec)
        self.known[name] = document.number

    def clears(
        self, name: str, company_code: str, customer: str, *documents: str, residual: bool = False
    ) -> None:
        """Clear items against each other by hand."""
        items = [OpenItemRef(each) for each in documents]
        spec = ClearingSpec(company_code, customer, items, residual=residual)
        self.known[name] = done(self.erp, "clear_items", spec).number

    def releases_block(self, external_id: str) -> None:
        """Let a person release the billing block of what corrects an order."""
        view = self.books.view(external_id)
        [correction] = corrections(view)
        application = self.books.application
        requests.release_billing_block(
            application.store,
            application.clock,
            view,
            correction.number,
            by="anna",
            reason="goods checked",
        )
