"""Books that are reconciled day by day, with a log that keeps every run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from connector.clock import ManualClock
from connector.ports.erp import OpenItems
from connector.reconciliation.break_register import BreakRecord, BreakRegister
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.extract import ErpExtract
from connector.reconciliation.recording import RunRecorder
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.run import Assignment, run_reconciliation
from connector.sd_documents.payment import CustomerItem
from connector.store.sql_store import SqlStore
from tests.reconciliation.books import Books, day


class Logbook:
    """
    Books, a store, and a clock that stands in the evening of the day that is reconciled.

    Lines are entered on the day on which they are posted, unless the test says otherwise.
    """

    def __init__(self, store: SqlStore, books: Books | None = None) -> None:
        self.store = store
        self.books = books or Books()
        self.clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.during: Callable[[], None] = lambda: None
        self.change_extract: Callable[[ErpExtract], ErpExtract] = lambda extract: extract
        self.recorder = RunRecorder(
            log=store.reconciliation_log,
            runs=store.reconciliation_runs,
            items=cast(OpenItems, SimpleNamespace(posted_items=self.posted_items)),
            clock=self.clock,
            cause_of=lambda found: {},
            holder="the test",
        )

    def posted_items(
        self,
        company_code: str,
        *,
        posted_until: date,
        posted_after: date | None = None,
        entered_from: date | None = None,
    ) -> tuple[CustomerItem, ...]:
        return tuple(
            item
            for item in self.books.items
            if item.key.company_code == company_code
            and item.posting_date <= posted_until
            and (posted_after is None or item.posting_date > posted_after)
            and (entered_from is None or item.entry_date >= entered_from)
        )

    def run(self, key_date: str, *, at: str = "", **changes: Any) -> ReconciliationRun:
        """Reconcile *key_date* in the evening of *at* (of the key date, when left out)."""
        self.move_to(at or key_date)
        assignment = replace(self.books.assignment(key_date), **changes)
        return self.recorder.run(assignment, lambda now: self._work(assignment, now))

    def dry(self, key_date: str) -> ReconciliationRun:
        self.move_to(key_date)
        assignment = self.books.assignment(key_date)
        return self.recorder.dry(assignment, lambda now: self._work(assignment, now))

    def move_to(self, on: str) -> None:
        """Let it be the evening of a day, or a little later when it is already."""
        evening = datetime.fromisoformat(f"{on}T19:00:00+00:00")
        self.clock.advance(max(evening - self.clock.now(), timedelta(seconds=1)))

    def _work(self, assignment: Assignment, now: datetime) -> ReconciliationRun:
        self.during()
        return run_reconciliation(
            assignment,
            self.books.mirrored.values(),
            self.change_extract(self.books.extract(assignment.key_date)),
            now=now,
        )

    # -- breaks of exactly the wanted amounts ----------------------------------------------------

    def misstate(self, account: str, amount: str, on: str) -> None:
        """Post on an account in the ledger alone: a break of that amount."""
        self.books.ledger.append((account, day(on), self.books.money(Decimal(amount))))

    @property
    def register(self) -> BreakRegister:
        return BreakRegister.read(self.store.reconciliation_log)

    def record(self, account: str) -> BreakRecord:
        """The break of an account as it stands."""
        (found,) = (
            each
            for each in self.register.records.values()
            if each.difference.code is BreakCode.SUBLEDGER_GL_DIFF
            and each.difference.key("account") == account
        )
        return found
