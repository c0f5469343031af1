"""
Five runs of a month, with a look back between: an accepted break that changes, one that comes back,
a signature that a late invoice makes void, a company that is added.

Invoices by hand, due at once:

| invoice | amount | 04-10    | 04-15          | 04-20          | 04-25          | 04-30 |
| I1      | 500.00 | paid 200 | 300            | paid 300       | reset: 300     | paid  |
| I2      | 800.00 | paid 100 | accepted at 700, then paid 250: 450 again; accepted at 450 | paid |
| I3      | 60.00  | paid 10  | 50             | 50             | 50             | paid  |
| late    | 33.00  |          |                | posted for 04-18, entered on 04-22 | | paid  |

Breaks: 1,050; 1,050 - 700 + 450 = 800; 800 - 300 - 450 = 50; 50 + 300 = 350; nothing. Open items:
1,050; - 250 = 800; - 300 = 500; + 33 = 533; - 533 = 0. The reset moves no money: 300 more are
owed, and 300 more are on account.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.bootstrap.reconciliation import run_reconciliation
from connector.reconciliation.chain_of_runs import RunHistory
from connector.reconciliation.report import ReconciliationRun, RunMode, Verdict
from connector.reconciliation.sign_off import Role, sign, sign_offs
from connector.reconciliation.verification import all_entries, verify
from connector.simulator.engine.specs import ClearingSpec, OpenItemRef
from tests.scenarios.test_case_roll_forward import Ledger, movements, of_breaks, of_items
from tests.scenarios.worked_cases import PROFILES, a_case, case_plan
from tests.simulator.engine.support import done


@pytest.fixture(params=PROFILES)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    profile = request.param
    with a_case(tmp_path, profile, case_plan(profile), date(2026, 4, 1)) as case:
        found = Ledger(case)
        for name, amount, paid in (("I1", "500", "200"), ("I2", "800", "100"), ("I3", "60", "10")):
            found.invoice(name, amount)
            found.pays(f"first of {name}", paid, name)
        yield found


def signs(ledger: Ledger, run: ReconciliationRun) -> None:
    application = ledger.case.installation.application
    log = application.reconciliation_log
    for role, name in ((Role.PREPARER, "Anna"), (Role.REVIEWER, "Boris")):
        history = RunHistory.read(log)
        (finished,) = [each for each in history.finished if each.run_id == run.header.run_id]
        entry = sign(
            finished,
            role,
            name,
            "",
            history=history,
            signed=sign_offs(log),
            runs=application.reconciliation_runs,
        )
        log.append([entry], at=application.clock.now())


def second_run(ledger: Ledger) -> ReconciliationRun:
    ledger.accepts("I2")
    ledger.on("2026-04-12")
    ledger.pays("second of I2", "250", "I2")
    return ledger.run("2026-04-15")


def third_run(ledger: Ledger) -> ReconciliationRun:
    ledger.accepts("I2")
    ledger.on("2026-04-18")
    ledger.pays("rest of I1", "300", "I1", "first of I1", partial=False)
    return ledger.run("2026-04-20")


def fourth_run(ledger: Ledger) -> ReconciliationRun:
    ledger.on("2026-04-22")
    done(ledger.erp, "reset_clearing", "1000", ledger.known["rest of I1"])
    ledger.invoice("late", "33.00", posted_on="2026-04-18")
    return ledger.run("2026-04-25")


def last_run(ledger: Ledger) -> ReconciliationRun:
    ledger.on("2026-04-28")
    items = [OpenItemRef(ledger.known[each]) for each in ("I1", "first of I1", "rest of I1")]
    done(ledger.erp, "clear_items", ClearingSpec("1000", "C-100", items))
    ledger.pays("end of I2", "450", "I2", "first of I2", "second of I2", partial=False)
    ledger.pays("end of I3", "50", "I3", "first of I3", partial=False)
    ledger.pays("end of late", "33", "late", partial=False)
    return ledger.run("2026-04-30")


def test_five_runs_roll_forward(ledger: Ledger) -> None:
    first = ledger.run("2026-04-10")
    second = second_run(ledger)
    back = run_reconciliation(ledger.case.installation.application, date(2026, 4, 5))
    third = third_run(ledger)
    fourth = fourth_run(ledger)
    fifth = last_run(ledger)

    assert movements(of_breaks(second)) == {
        "opening": (3, "1050.00"),
        "reopened": (1, "450.00"),
        "accepted": (1, "700.00"),
        "closing": (3, "800.00"),
    }
    assert back.header.mode is RunMode.VERIFICATION
    assert movements(of_breaks(third)) == {
        "opening": (3, "800.00"),
        "resolved": (1, "300.00"),
        "accepted": (1, "450.00"),
        "closing": (1, "50.00"),
    }
    assert movements(of_breaks(fourth)) == {
        "opening": (1, "50.00"),
        "reopened": (1, "300.00"),
        "closing": (2, "350.00"),
    }
    assert movements(of_breaks(fifth)) == {"opening": (2, "350.00"), "resolved": (2, "350.00")}
    assert [of_items(run) for run in (second, third, fourth, fifth)] == [
        {"opening": "1050.00", "receipts": "250.00", "closing": "800.00"},
        {"opening": "800.00", "receipts": "300.00", "closing": "500.00"},
        {"opening": "500.00", "restated": "33.00", "closing": "533.00"},
        {"opening": "533.00", "receipts": "533.00"},
    ]
    assert fifth.verdict is Verdict.RECONCILED
    by_invoice = [{b.key("invoice"): b.id for b in run.breaks} for run in (first, fourth)]
    assert by_invoice[0] == by_invoice[1]
    application = ledger.case.installation.application
    entries = list(all_entries(application.reconciliation_log))
    assert verify(entries, application.reconciliation_runs.content_hashes()) == ()


def test_the_late_invoice_makes_the_signatures_of_its_days_void_and_no_others(
    ledger: Ledger,
) -> None:
    first = ledger.run("2026-04-10")
    second_run(ledger)
    third = third_run(ledger)
    for run in (first, third):
        signs(ledger, run)
    fourth_run(ledger)

    log = ledger.case.installation.application.reconciliation_log
    found = {each.run_id: each.state for each in sign_offs(log).values()}

    assert found == {first.header.run_id: "signed off", third.header.run_id: "void"}
