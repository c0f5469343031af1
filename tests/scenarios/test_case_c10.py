"""Worked case C10: a payment made twice, and what is left of it when a later invoice uses it."""

from __future__ import annotations

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.report import ReconciliationRun
from connector.simulator.engine.specs import ClearingSpec, OpenItemRef
from tests.reconciliation.books import line
from tests.reconciliation.company import Company, amounts, pays
from tests.simulator.engine.support import done, invoiced, item, on, order


def sells(
    company: Company, name: str, material: str, quantity: int, price: str, on_day: str
) -> str:
    on(company.simulated, on_day)
    spec = order(item(10, material, quantity), purchase_order_by_customer=name)
    number, _, invoice = invoiced(company.simulated, spec)
    company.sells(name, [line(quantity, price)], on_day, sales_order=number)
    return invoice


def the_double(run: ReconciliationRun) -> tuple[str, str]:
    (one,) = [each for each in run.breaks if each.code is BreakCode.DUPLICATE_PAYMENT]
    return one.id, str(one.difference)


def test_the_break_keeps_its_id_while_its_amount_goes_down_with_what_is_used(
    company: Company,
) -> None:
    """1,190.00 twice; on 05-12 an invoice of 30 x 25.00 + 19 % = 892.50 takes its part: 297.50."""
    invoice = sells(company, "EXT-10", "M-01", 10, "100.00", "2026-03-02")
    erp = company.simulated
    pays(erp, "1190.00", OpenItemRef(invoice), on_day="2026-03-10", reference="BANKREF")
    double = pays(erp, "1190.00", on_day="2026-03-11", reference="BANKREF")
    company.paid("EXT-10", ("BANKREF", "1190.00", "2026-03-10"))
    before = company.reconciles("2026-05-11")

    later = sells(company, "EXT-11", "M-02", 30, "25.00", "2026-05-12")
    items = [OpenItemRef(later), OpenItemRef(double)]
    done(erp, "clear_items", ClearingSpec("1000", "C-100", items, residual=True))
    after = company.reconciles("2026-05-12")

    assert the_double(before)[1] == "-1,190.00 EUR"
    assert the_double(after) == (the_double(before)[0], "-297.50 EUR")
    assert len(before.breaks) == len(after.breaks) == 1
    assert str(before.ageing[0].unapplied) == "-1,190.00 EUR"
    assert str(after.ageing[0].unapplied) == "-297.50 EUR"
    assert amounts(after, 4) == {"open items": "-297.50", "G/L balance": "-297.50"}
    assert the_double(company.reconciles("2026-05-11")) == the_double(before)
