"""
Differences that the ERP writes off, and those a cent beyond: what was agreed absorbs, and counts.

The lower of 2.00 and 0.5 % wins. Figures by hand (net 100.00 a piece, 19 %):

| invoice  | paid     | short | limit             |             |
| 476.00   | 474.50   | 1.50  | 2.00 (2.38)       | written off |
| 119.00   | 118.41   | 0.59  | 0.595 (0.5 %)     | written off |
| 119.00   | 118.40   | 0.60  | 0.595             | open        |
| 1,190.00 | 1,188.00 | 2.00  | 2.00              | written off |
| 1,190.00 | 1,187.99 | 2.01  | 2.00              | open        |
| 1,190.00 | 1,191.25 | -1.25 | 2.00              | income      |

Written off: 1.50 + 0.59 + 2.00 = 4.09 less 1.25 of income = 2.84; open: 0.60 + 2.01 = 2.61.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.report import ReconciliationRun
from connector.sd_documents.payment_state import PaymentState
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import OpenItemRef
from tests.reconciliation.books import line
from tests.reconciliation.company import WAYS, Company, a_way, amounts, pays
from tests.simulator.engine.support import balance, invoiced, item, new_erp, on, order

PAID = (
    (4, "474.50", False),
    (1, "118.41", False),
    (1, "118.40", True),
    (10, "1188.00", False),
    (10, "1187.99", True),
    (10, "1191.25", False),
)


def agreed(*codes: str) -> dict[str, Any]:
    return {
        "tolerances": tuple(
            {"code": code, "currency": "EUR", "amount": Decimal(2), "percent": Decimal("0.5")}
            for code in codes
        )
    }


@pytest.fixture(params=WAYS)
def shop(request: pytest.FixtureRequest, master: MasterData) -> Iterator[Company]:
    limits = {"tolerance_amount": Decimal(2), "tolerance_percent": Decimal("0.5")}
    with (
        new_erp(master, active_jobs=frozenset(), **limits) as simulated,
        a_way(simulated, request.param) as transport,
    ):
        company = Company(simulated, transport)
        on(simulated, "2026-01-10")
        for n, (quantity, amount, is_open) in enumerate(PAID, start=1):
            name = f"EXT-120{n}"
            on(simulated, "2026-01-10")
            spec = order(item(10, "M-01", quantity), purchase_order_by_customer=name)
            number, _, invoice = invoiced(simulated, spec)
            company.sells(name, [line(quantity, "100.00")], "2026-01-10", sales_order=number)
            company.paid(name, (f"P-{n}", amount, "2026-01-10"))
            one = OpenItemRef(invoice)
            pays(simulated, amount, one, on_day="2026-01-10", reference=f"P-{n}", partial=is_open)
        yield company


def breaks(run: ReconciliationRun) -> list[tuple[BreakCode, str]]:
    return sorted((each.code, str(each.difference)) for each in run.breaks)


def absorbed(run: ReconciliationRun) -> list[tuple[str, int, str, str]]:
    return [(u.code.value, u.count, str(u.net), str(u.gross)) for u in run.absorbed]


def test_what_was_agreed_is_counted_and_a_cent_beyond_is_a_break(shop: Company) -> None:
    run = shop.reconciles("2026-03-20", **agreed("UNDERPAYMENT", "OVERPAYMENT"))

    assert absorbed(run) == [
        ("OVERPAYMENT", 1, "-1.25 EUR", "1.25 EUR"),
        ("UNDERPAYMENT", 3, "4.09 EUR", "4.09 EUR"),
    ]
    assert breaks(run) == [
        (BreakCode.UNDERPAYMENT, "0.60 EUR"),
        (BreakCode.UNDERPAYMENT, "2.01 EUR"),
    ]
    third = amounts(run, 3)
    assert (third["received"], third["applied"]) == ("4278.55", "4281.39")
    assert third["discount and differences"] == "-2.84"
    assert amounts(run, 4) == {"open items": "2.61", "G/L balance": "2.61"}
    assert balance(shop.simulated, "881000") == Decimal("2.84")
    states = {each.state: (each.count, str(each.open)) for each in run.payment_states}
    assert states == {
        PaymentState.PAID: (4, "0.00 EUR"),
        PaymentState.PARTIALLY_PAID: (2, "2.61 EUR"),
    }


def test_what_the_erp_wrote_off_and_nobody_agreed_on_is_told_one_by_one(shop: Company) -> None:
    run = shop.reconciles("2026-03-20")

    assert absorbed(run) == []
    assert breaks(run) == [
        (BreakCode.OVERPAYMENT, "-1.25 EUR"),
        *((BreakCode.UNDERPAYMENT, f"{each} EUR") for each in ("0.59", "0.60", "1.50")),
        *((BreakCode.UNDERPAYMENT, f"{each} EUR") for each in ("2.00", "2.01")),
    ]
