"""
A year ends: numbers of accounting begin again, and receipts have namesakes of the year before.

Invoices by hand, 19 % tax included, all of C-100; the last columns are what is open of them. Each
receipt takes the next number of its year: those of December are 1400000001 to 4, and so are the
first ones of January.

| order | gross    | December 2026          | January 2027                 | 12-31    | 01-31    |
| A     | 1,190.00 | (1) 400.00 in part     | (5) 790.00                   | 790.00   |          |
| B     | 595.00   | (2) 595.00, clearing   |                              |          |          |
|       |          | reset and done again   |                              |          |          |
| C     | 238.00   | (3) 200.00, rest 38.00 | (6) 38.00                    | 38.00    |          |
| D     | 357.00   |                        | cancelled, billed anew       | 357.00   | 357.00   |
| H     | 833.00   | (4) 833.00             |                              |          |          |
| E     | 119.00   |                        | (1) 50.00 in part            |          | 69.00    |
| F     | 476.00   |                        | (2) 500.00, too much: 24.00  |          | -24.00   |
| G     | 714.00   |                        | (3) 714.00, clearing reset   |          | 714.00   |
|       |          |                        |                              |          | -714.00  |
| -     |          |                        | (4) 33.00 without any order  |          | -33.00   |

Open in all: 1,185.00 at the end of December. January adds 119.00 + 476.00 + 714.00 + 357.00 =
1,666.00 of invoices, takes 357.00 of a cancellation and 790.00 + 38.00 + 50.00 + 500.00 + 714.00 +
33.00 = 2,125.00 of receipts, and leaves 369.00.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connector.bootstrap.reconciliation import run_reconciliation
from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.report import ReconciliationRun, RunMode
from connector.sd_documents.payment import FiDocument
from connector.sd_documents.payment_state import PaymentState
from connector.simulator.engine.specs import ClearingSpec, OpenItemRef, PaymentSpec
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import PROFILES, Case, a_case, case_plan
from tests.simulator.engine.support import billed, done

START, YEAR_END, LATER = date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 31)
Payments = tuple[tuple[str, str, str], ...]
#: Order, net price of ten pieces, gross amount, payments: amount, day, what becomes of the rest.
DECEMBER: tuple[tuple[str, str, str, Payments], ...] = (
    ("A", "100.00", "1190.00", (("400.00", "2026-12-21", "partial"), ("790.00", "2027-01-20", ""))),
    ("B", "50.00", "595.00", (("595.00", "2026-12-22", ""),)),
    ("C", "20.00", "238.00", (("200.00", "2026-12-23", "residual"), ("38.00", "2027-01-25", ""))),
    ("D", "30.00", "357.00", ()),
    ("H", "70.00", "833.00", (("833.00", "2026-12-24", ""),)),
)
JANUARY: tuple[tuple[str, str, str, Payments], ...] = (
    ("E", "10.00", "119.00", (("50.00", "2027-01-11", "partial"),)),
    ("F", "40.00", "476.00", (("500.00", "2027-01-12", "on account"),)),
    ("G", "60.00", "714.00", (("714.00", "2027-01-13", ""),)),
)


def order(name: str, price: str, gross: str, payments: Payments, day: date) -> dict[str, Any]:
    return portal_order(
        f"EXT-{name}",
        [line("10", "M-01", "10", price=price)],
        ordered_on=day.isoformat(),
        customer="C-100",
        requested_delivery_date=day.isoformat(),
        totals={"tax": str(Decimal(gross) - 10 * Decimal(price)), "gross": gross},
        payments=[
            {
                "id": f"{name}-{number}",
                "method": "transfer",
                "amount": amount,
                "received_at": f"{paid_on}T10:00:00+01:00",
                "rest": rest,
            }
            for number, (amount, paid_on, rest) in enumerate(payments, start=1)
        ],
    )


def tell(case: Case) -> tuple[ReconciliationRun, ReconciliationRun]:
    """Let both months pass; return the runs of their ends."""
    simulated = case.installation.simulated
    for each in DECEMBER:
        case.installation.send(order(*each, START))
    case.until(date(2026, 12, 28))
    done(simulated, "reset_clearing", *clearing_of(case, "EXT-B"))
    items = [OpenItemRef("90000002"), OpenItemRef("1400000002")]
    done(simulated, "clear_items", ClearingSpec("1000", "C-100", items))
    case.until(YEAR_END)
    december = reconcile(case, YEAR_END)
    case.until(date(2027, 1, 4))
    for each in JANUARY:
        case.installation.send(order(*each, case.day))
    case.until(date(2027, 1, 15))
    done(
        simulated,
        "post_incoming_payment_with_clearing",
        PaymentSpec("1000", "C-100", Decimal(33), "EUR"),
    )
    view = case.installation.view("EXT-D")
    done(simulated, "cancel_billing_document", view.billing_documents[0].number)
    if case.plan.billing.is_created:
        billed(simulated, view.deliveries[0].number)
    case.until(LATER)
    done(simulated, "reset_clearing", *clearing_of(case, "EXT-G"))
    return december, reconcile(case, LATER)


def clearing_of(case: Case, external_id: str) -> FiDocument:
    items = case.installation.view(external_id).items
    [clearing] = {item.clearing for item in items if item.billing_document}
    assert clearing is not None
    return clearing


def reconcile(case: Case, key_date: date) -> ReconciliationRun:
    return run_reconciliation(case.installation.application, key_date)


@dataclass(frozen=True)
class Story:
    """When it is over, with the runs of both ends of months."""

    case: Case
    december: ReconciliationRun
    january: ReconciliationRun


@pytest.fixture(scope="module", params=PROFILES)
def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """Told once for all tests, which only look at it."""
    folder = tmp_path_factory.mktemp("year-end")
    with a_case(folder, request.param, case_plan(request.param), START) as case:
        yield Story(case, *tell(case))


def amounts(run: ReconciliationRun, number: int) -> dict[str, str]:
    [found] = [each for each in run.identities if each.number == number]
    assert not found.difference.amount
    return {each.label: str(each.amount.amount) for each in (found.left, *found.right)}


def states(run: ReconciliationRun) -> dict[PaymentState, tuple[int, str]]:
    return {each.state: (each.count, str(each.open.amount)) for each in run.payment_states}


def test_both_ends_of_months_are_told_right_whatever_numbers_repeat(story: Story) -> None:
    december, january = story.december, story.january

    assert december.breaks == ()
    assert amounts(december, 4) == {"open items": "1185.00", "G/L balance": "1185.00"}
    assert amounts(december, 3)["applied"] == "2028.00"
    assert states(december) == {
        PaymentState.OPEN: (1, "357.00"),
        PaymentState.PAID: (2, "0.00"),
        PaymentState.PARTIALLY_PAID: (2, "828.00"),
    }
    # A journal entry names the invoice that it pays, and goes on doing so when both stand open.
    names_invoice = story.case.profile != "ecc"
    told = [(each.code, str(each.difference)) for each in january.breaks]
    assert told == [
        (BreakCode.OVERPAYMENT, "-24.00 EUR"),
        *([] if names_invoice else [(BreakCode.UNAPPLIED_CASH, "-714.00 EUR")]),
        (BreakCode.UNAPPLIED_CASH, "-33.00 EUR"),
    ]
    assert amounts(january, 4) == {"open items": "369.00", "G/L balance": "369.00"}
    assert amounts(january, 3)["unapplied"] == ("24.00" if names_invoice else "738.00")
    assert states(january) == {
        PaymentState.OPEN: (1, "357.00") if names_invoice else (2, "1071.00"),
        PaymentState.PAID: (6 if names_invoice else 5, "0.00"),
        PaymentState.PARTIALLY_PAID: (1, "69.00"),
    }


def test_january_rolls_forward_from_december_which_reads_the_same_later(story: Story) -> None:
    december, january = story.december, story.january

    assert january.roll_forward is not None and january.roll_forward.closes
    [row] = [each for each in january.roll_forward.items if each.invoices.amount]
    assert [str(each.amount) for each in (row.opening, row.invoices, row.credits)] == [
        "1185.00", "1666.00", "357.00",
    ]  # fmt: skip
    assert [str(each.amount) for each in (row.receipts, row.other, row.closing)] == [
        "2125.00", "0.00", "369.00",
    ]  # fmt: skip
    again = reconcile(story.case, YEAR_END)
    assert again.header.mode is RunMode.VERIFICATION
    assert again.restated is None
    assert (again.identities, again.payment_states) == (
        december.identities,
        december.payment_states,
    )
    assert [each.code for each in again.pending] == [each.code for each in december.pending]


def test_receipts_of_both_years_share_their_numbers(story: Story) -> None:
    """The story is worth nothing otherwise."""
    items = story.case.installation.application.erp.open_items.posted_items(
        "1000", posted_until=LATER
    )
    years = {
        number: {item.key.fiscal_year for item in items if item.key.accounting_document == number}
        for number in ("1400000001", "1400000002", "1400000003", "1400000004")
    }
    assert set(map(frozenset, years.values())) == {frozenset({2026, 2027})}
