"""Dunning runs, and what people change in open items."""

from __future__ import annotations

from datetime import date

from connector.simulator.engine.dunning import CustomerLineChange
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.finance_records import AccountingLine
from tests.simulator.engine.support import done, invoiced, item, on, order, refused


def receivable(erp: SimulatedErp, number: str) -> AccountingLine:
    document = erp.accounting_document("1000", number)
    assert document is not None
    return next(line for line in document.lines if line.account_type == "D")


def test_a_run_raises_what_is_overdue_beyond_the_days_of_grace(erp: SimulatedErp) -> None:
    on(erp, "2026-01-05")
    _, _, early = invoiced(erp, order(item(10, "M-01", 1)))
    on(erp, "2026-01-08")
    _, _, late = invoiced(erp, order(item(10, "M-01", 1)))
    on(erp, "2026-02-08")

    done(erp, "run_dunning", "1000")

    assert (receivable(erp, early).dunning_level, receivable(erp, early).last_dunned) == (
        1,
        date(2026, 2, 8),
    )
    assert receivable(erp, late).dunning_level == 0


def test_a_blocked_item_is_not_dunned(erp: SimulatedErp) -> None:
    on(erp, "2026-01-05")
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 1)))
    done(erp, "change_customer_line", "1000", invoice, CustomerLineChange(dunning_block="A"))
    on(erp, "2026-03-08")

    done(erp, "run_dunning", "1000")

    assert receivable(erp, invoice).dunning_level == 0
    assert receivable(erp, invoice).dunning_block == "A"


def test_terms_and_baseline_date_can_be_changed_by_hand(erp: SimulatedErp) -> None:
    on(erp, "2026-01-05")
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 1)))

    change = CustomerLineChange(baseline_date=date(2026, 1, 20), days=(0, 0, 60))
    done(erp, "change_customer_line", "1000", invoice, change)

    (found,) = erp.open_items("1000", "C-100", date(2026, 2, 1))
    assert found.net_due_date == date(2026, 3, 21)


def test_what_does_not_exist_cannot_be_changed(erp: SimulatedErp) -> None:
    change = CustomerLineChange(text="x")
    assert refused(erp, "change_customer_line", "1000", "4711", change) != []
