"""Whatever happens between runs: breaks and items roll forward, and the register agrees."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.ports.reconciliation import EntryKind, NewEntry
from connector.reconciliation.break_register import BreakState
from connector.reconciliation.report import ReconciliationRun, RunMode, Verdict
from connector.reconciliation.verification import verify
from connector.store.sql_store import open_store
from connector.store.sqlite import sqlite_url
from tests.reconciliation.logbook import Logbook

START = date(2026, 3, 1)

amounts = st.integers(-5_000, 5_000).map(lambda cents: Decimal(cents) / 100)
events = st.one_of(
    st.tuples(st.just("misstate"), st.sampled_from("123"), amounts),
    st.tuples(st.just("accept"), st.sampled_from("123"), st.none()),
    st.tuples(st.just("invoice"), st.just(""), amounts.filter(lambda amount: amount > 0)),
    st.tuples(st.just("receipt"), st.just(""), amounts.filter(lambda amount: amount > 0)),
    st.tuples(st.just("clear"), st.just(""), st.none()),
    st.tuples(st.just("late"), st.just(""), amounts.filter(bool)),
    st.tuples(st.just("look back"), st.just(""), st.none()),
)
days = st.lists(st.lists(events, max_size=4), min_size=2, max_size=5)


class History:
    """Plays days of events into books, and reconciles each evening."""

    def __init__(self, logbook: Logbook) -> None:
        self.logbook = logbook
        self._documents = 0

    def play(self, number: int, happened: list[tuple[str, str, Decimal | None]]) -> None:
        on = (START + timedelta(days=number)).isoformat()
        self.logbook.move_to(on)
        for what, account, amount in happened:
            books = self.logbook.books
            self._documents += 1
            document = f"9{self._documents:09d}"
            match what:
                case "misstate":
                    self.logbook.misstate(account, str(amount), on)
                case "invoice":
                    books.post(document, "RV", on, amount or Decimal(0), billing_document=document)
                case "receipt":
                    books.post(document, "DZ", on, -(amount or Decimal(0)))
                case "clear":
                    self._clear(document, on)
                case "late":
                    before = (START + timedelta(days=number - 1)).isoformat()
                    books.post(document, "AB", before, amount or Decimal(0), entry_date=on)
                case "accept":
                    self._accept(account)
                case _:
                    earlier = (START + timedelta(days=max(number - 1, 0))).isoformat()
                    self.logbook.run(earlier, at=on)

    def _clear(self, document: str, on: str) -> None:
        """Clear the two oldest open items, and post what is left of them anew."""
        books = self.logbook.books
        pair = [item for item in books.items if item.cleared_on is None][:2]
        rest = sum((item.amount.amount for item in pair), Decimal(0))
        if pair:
            books.post(document, "AB", on, -rest)
            numbers = [item.key.accounting_document for item in pair]
            books.clear([*numbers, document], document, on)
            books.post(document, "AB", on, rest)

    def _accept(self, account: str) -> None:
        for record in self.logbook.register.open():
            if record.difference.key("account") == account:
                body = {"by": "Boss", "reason": "as agreed"}
                entry = NewEntry(EntryKind.BREAK_ACCEPTED, record.id, body)
                self.logbook.store.reconciliation_log.append([entry], at=self.logbook.clock.now())


@settings(max_examples=15, deadline=None)
@given(days)
def test_every_history_rolls_forward_and_leaves_a_log_that_proves_itself(
    happened: list[list[tuple[str, str, Decimal | None]]],
) -> None:
    with TemporaryDirectory() as folder:
        store = open_store(sqlite_url(Path(folder) / "store.db"), upgrade=True)
        try:
            history = History(Logbook(store))
            for number, of_day in enumerate(happened):
                history.play(number, of_day)
                run = history.logbook.run((START + timedelta(days=number)).isoformat())
                _require_consistent(history.logbook, run)
            entries = store.reconciliation_log.entries()
            assert verify(entries, store.reconciliation_runs.content_hashes()) == ()
        finally:
            store.close()


def _require_consistent(logbook: Logbook, run: ReconciliationRun) -> None:
    assert run.header.mode is RunMode.LIVE
    assert run.verdict is not Verdict.INCOMPLETE
    assert run.roll_forward is not None
    assert run.roll_forward.closes
    records = logbook.register.records
    found = {each.id for each in run.breaks}
    assert {each.id for each in records.values() if each.state is not BreakState.RESOLVED} == found
    for each in run.breaks:
        assert each.difference is not None
        assert records[each.id].amount == each.difference.amount
    open_sum = sum((each.amount or Decimal(0) for each in logbook.register.open()), Decimal(0))
    closing = sum((row.closing.amount for row in run.roll_forward.breaks), Decimal(0))
    assert closing == open_sum
