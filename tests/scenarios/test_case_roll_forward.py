"""
Three runs: new, changed, resolved, accepted and reopened breaks, and open items that add up.

Invoices by hand, due at once; each is paid in part, which is a break while the rest is overdue.

| invoice | amount | run 1, 04-10   | run 2, 04-20           | run 3, 04-25                      |
| I1      | 500.00 | paid 200, 300  | paid 120 more, 180     | 180                               |
| I2      | 800.00 | paid 100, 700  | paid 700, nothing      | clearing was reset: 700 again     |
| I3      | 60.00  | paid 10, 50    | 50, accepted           | 50, accepted                      |
| I4      | 90.00  |                | new: paid 40, 50       | paid 50, nothing                  |

Breaks: 0 + 1,050 = 1,050; 1,050 + 50 - 120 - 700 - 50 = 230; 230 + 700 - 50 = 880. Open items:
1,050; 1,050 + 90 - 860 = 280; 280 - 50 = 230, with the 700 that stand on account since the reset.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.bootstrap.reconciliation import run_reconciliation
from connector.reconciliation.break_decisions import accept
from connector.reconciliation.break_register import BreakRegister
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.report import ReconciliationRun, RunMode, Verdict
from connector.reconciliation.roll_forward import BreakMovement, Tally
from connector.reconciliation.verification import all_entries, verify
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    OpenItemRef,
    PaymentSpec,
    TermsSpec,
)
from tests.scenarios.worked_cases import PROFILES, Case, a_case, case_plan
from tests.simulator.engine.support import done


class Ledger:
    """People in accounting, day by day; documents are remembered by name."""

    def __init__(self, case: Case) -> None:
        self.case, self.erp = case, case.installation.simulated
        self.known: dict[str, str] = {}

    def on(self, day: str) -> None:
        self.case.installation.move_to(date.fromisoformat(day))

    def invoice(self, name: str, amount: str, *, posted_on: str = "") -> None:
        on = date.fromisoformat(posted_on) if posted_on else None
        lines = [
            AccountingLineSpec(Decimal(amount), customer="C-100", own_terms=TermsSpec(0)),
            AccountingLineSpec(-Decimal(amount), account="800000"),
        ]
        spec = AccountingDocumentSpec("1000", "DR", "EUR", lines, posting_date=on)
        self.known[name] = done(self.erp, "post_accounting_document", spec).number

    def pays(self, name: str, amount: str, *of: str, partial: bool = True) -> None:
        items = [OpenItemRef(self.known[each]) for each in of]
        spec = PaymentSpec("1000", "C-100", Decimal(amount), "EUR", items=items, partial=partial)
        document = done(self.erp, "post_incoming_payment_with_clearing", spec)
        self.known[name] = document.number

    def run(self, day: str, *, dry: bool = False) -> ReconciliationRun:
        self.on(day)
        application = self.case.installation.application
        return run_reconciliation(application, date.fromisoformat(day), dry=dry)

    def accepts(self, name: str) -> None:
        application = self.case.installation.application
        register = BreakRegister()
        for entry in all_entries(application.reconciliation_log):
            register.apply(entry)
        number = self.known[name].lstrip("0")
        (record,) = [each for each in register.records.values() if number in each.subject]
        decision = accept(record, "too small to chase", "Chief")
        application.reconciliation_log.append([decision], at=application.clock.now())


@pytest.fixture(params=PROFILES)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    profile = request.param
    with a_case(tmp_path, profile, case_plan(profile), date(2026, 4, 1)) as case:
        found = Ledger(case)
        for name, amount, paid in (("I1", "500", "200"), ("I2", "800", "100"), ("I3", "60", "10")):
            found.invoice(name, amount)
            found.pays(f"first of {name}", paid, name)
        yield found


def tally(count: int, amount: str) -> Tally:
    return Tally(count=count, amount=Decimal(amount))


def of_breaks(run: ReconciliationRun) -> BreakMovement:
    assert run.roll_forward is not None and run.roll_forward.closes
    (row,) = run.roll_forward.breaks
    return row


def movements(row: BreakMovement) -> dict[str, tuple[int, str]]:
    names = ("opening", "new", "reopened", "changed", "resolved", "accepted", "closing")
    rows = {name: getattr(row, name) for name in names}
    return {name: (t.count, str(t.amount)) for name, t in rows.items() if t.count}


def of_items(run: ReconciliationRun) -> dict[str, str]:
    assert run.roll_forward is not None
    names = ("opening", "restated", "invoices", "credits", "receipts", "other", "closing")
    (row,) = run.roll_forward.items
    return {name: str(getattr(row, name).amount) for name in names if getattr(row, name).amount}


def second_week(ledger: Ledger) -> None:
    ledger.on("2026-04-15")
    ledger.accepts("I3")
    ledger.pays("second of I1", "120", "I1")
    ledger.pays("rest of I2", "700", "I2", "first of I2", partial=False)
    ledger.invoice("I4", "90")
    ledger.pays("first of I4", "40", "I4")


def third_week(ledger: Ledger) -> None:
    ledger.on("2026-04-22")
    done(ledger.erp, "reset_clearing", "1000", ledger.known["rest of I2"])
    ledger.pays("rest of I4", "50", "I4", "first of I4", partial=False)


def test_three_runs_roll_forward_by_count_and_amount(ledger: Ledger) -> None:
    first = ledger.run("2026-04-10")
    assert movements(of_breaks(first)) == {"new": (3, "1050.00"), "closing": (3, "1050.00")}
    assert {b.code for b in first.breaks} == {BreakCode.UNDERPAYMENT}

    second_week(ledger)
    second = ledger.run("2026-04-20")
    assert movements(of_breaks(second)) == {
        "opening": (3, "1050.00"),
        "new": (1, "50.00"),
        "changed": (1, "-120.00"),
        "resolved": (1, "700.00"),
        "accepted": (1, "50.00"),
        "closing": (2, "230.00"),
    }
    assert of_items(second) == {
        "opening": "1050.00", "invoices": "90.00", "receipts": "860.00", "closing": "280.00",
    }  # fmt: skip

    third_week(ledger)
    third = ledger.run("2026-04-25")
    assert movements(of_breaks(third)) == {
        "opening": (2, "230.00"),
        "reopened": (1, "700.00"),
        "resolved": (1, "50.00"),
        "closing": (2, "880.00"),
    }
    assert of_items(third) == {"opening": "280.00", "receipts": "50.00", "closing": "230.00"}
    assert [(p.code, str(p.difference)) for p in third.pending] == [
        (BreakCode.UNAPPLIED_CASH, "-700.00 EUR")
    ]
    before = {b.key("invoice"): b.id for b in first.breaks}
    now = {b.key("invoice"): b.id for b in third.breaks}
    assert all(now[invoice] == before[invoice] for invoice in now if invoice in before)
    application = ledger.case.installation.application
    entries = list(all_entries(application.reconciliation_log))
    assert verify(entries, application.reconciliation_runs.content_hashes()) == ()


def test_run_again_nothing_is_new_and_what_was_posted_late_restates(ledger: Ledger) -> None:
    """A day's run twice has one content; an invoice entered later for that day restates it."""
    first = ledger.run("2026-04-10")
    second_week(ledger)
    ledger.run("2026-04-20")

    again = ledger.run("2026-04-20")
    assert movements(of_breaks(again)) == {"opening": (2, "230.00"), "closing": (2, "230.00")}
    assert of_items(again) == {"opening": "280.00", "closing": "280.00"}

    ledger.on("2026-04-21")
    ledger.invoice("late", "33.00", posted_on="2026-04-09")
    application = ledger.case.installation.application
    looked = run_reconciliation(application, date(2026, 4, 10))
    assert looked.header.mode is RunMode.VERIFICATION
    assert looked.restated is not None
    assert [str(each.amount) for each in looked.restated.documents] == ["33.00 EUR"]
    assert str(looked.ageing[0].total) == "1,083.00 EUR"
    assert str(first.ageing[0].total) == "1,050.00 EUR"

    third = ledger.run("2026-04-25")
    assert of_items(third) == {"opening": "280.00", "restated": "33.00", "closing": "313.00"}
    assert third.verdict is Verdict.BREAKS
