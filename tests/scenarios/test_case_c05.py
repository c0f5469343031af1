"""Worked case C05: a partial payment, one with a residual item, and the last one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from connector.cli.chain_json import chain_json
from connector.cli.chain_tree import chain_tree
from connector.ports.store_records import CHANNEL_EVENTS, EventKind, FlowView
from connector.sd_documents.payment_state import PaymentState
from connector.sync.payment_states import invoice_payments
from connector.sync.progress import Stage, stage_of
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import PROFILES, Case, a_case, case_plan

ID = "EXT-5005"
DAY = date(2026, 3, 1)


def order(external_id: str = ID) -> dict[str, Any]:
    """Return an order of 1,190.00 that is paid in three transfers."""
    payments = (
        ("BANK-1", "400.00", "2026-03-20", "partial"),
        ("BANK-2", "500.00", "2026-04-10", "residual"),
        ("BANK-3", "290.00", "2026-04-25", ""),
    )
    return portal_order(
        external_id,
        [line("10", "M-01", "10", price="100.00")],
        ordered_on="2026-03-01",
        customer="C-100",
        requested_delivery_date="2026-03-01",
        totals={"tax": "190.00", "gross": "1190.00"},
        payments=[
            {
                "id": name,
                "method": "transfer",
                "amount": amount,
                "received_at": f"{day}T10:00:00+01:00",
                "rest": rest,
            }
            for name, amount, day, rest in payments
        ],
    )


@dataclass(frozen=True)
class Story:
    """The case when it is over, and what was seen on its way: stage, payment, words of the tree."""

    case: Case
    stages: tuple[Stage, ...]
    shown: tuple[tuple[str, str, str], ...]

    @property
    def view(self) -> FlowView:
        return self.case.installation.view(ID)


@pytest.fixture(scope="module", params=PROFILES)
def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """Told once for all tests, which only look at it."""
    folder = tmp_path_factory.mktemp("c05")
    with a_case(folder, request.param, case_plan(request.param), DAY) as case:
        case.installation.send(order())
        case.pass_once()
        views = []
        for day in ("2026-03-02", "2026-03-21", "2026-04-11", "2026-04-26"):
            case.until(date.fromisoformat(day))
            views.append(case.installation.view(ID))
            assert not views[-1].holds
        case.until(date(2026, 5, 2))
        yield Story(case, tuple(map(stage_of, views)), tuple(map(shown, views)))


def shown(view: FlowView) -> tuple[str, str, str]:
    """What is shown of the invoice's payment: state and amount to programs, words to people."""
    [plain] = [each for each in chain_json(view)["documents"] if "payment" in each]
    console = Console(width=400, file=StringIO())
    with console.capture() as text:
        console.print(chain_tree(view))
    [line] = [each for each in text.get().splitlines() if " · FI " in each]
    words = line.partition(" · FI ")[2].partition(" · ")[2].strip()
    return plain["payment"]["state"], plain["payment"]["settled"], words


def test_what_the_shop_sees_is_what_is_paid_and_not_what_is_cleared(story: Story) -> None:
    assert story.stages == (
        Stage.INVOICED,
        Stage.PARTIALLY_PAID,
        Stage.PARTIALLY_PAID,
        Stage.COMPLETED,
    )


def test_the_shop_is_told_of_each_part_with_what_was_settled_and_is_owed(story: Story) -> None:
    events = story.case.installation.application.store.events.of_flow(story.view.flow.id)
    told = [
        (each.kind, each.detail["settled"], each.detail["owed"])
        for each in events
        if each.kind in CHANNEL_EVENTS and "settled" in each.detail
    ]
    assert told == [
        (EventKind.PARTIALLY_PAID, "400.00 EUR", "790.00 EUR"),
        (EventKind.PARTIALLY_PAID, "900.00 EUR", "290.00 EUR"),
        (EventKind.PAID, "1190.00 EUR", "0.00 EUR"),
    ]


def test_whoever_looks_at_the_order_reads_how_far_it_is_paid(story: Story) -> None:
    assert story.shown == (
        ("open", "0.00 EUR", "unpaid"),
        ("partially paid", "400.00 EUR", "paid 400.00 EUR of 1,190.00 EUR · open 790.00 EUR"),
        ("partially paid", "900.00 EUR", "paid 900.00 EUR of 1,190.00 EUR · open 290.00 EUR"),
        ("paid", "1190.00 EUR", "paid"),
    )


def test_how_far_the_invoice_is_paid_is_told_from_the_clearings(story: Story) -> None:
    seen = []
    for day in ("2026-03-02", "2026-03-25", "2026-04-15", "2026-04-26"):
        [payment] = invoice_payments(story.view, date.fromisoformat(day)).values()
        seen.append((payment.state, payment.settled.amount))
    assert seen == [
        (PaymentState.OPEN, Decimal(0)),
        (PaymentState.PARTIALLY_PAID, Decimal("400.00")),
        (PaymentState.PARTIALLY_PAID, Decimal("900.00")),
        (PaymentState.PAID, Decimal("1190.00")),
    ]


def test_each_payment_is_posted_as_in_the_case(story: Story) -> None:
    case = story.case
    [invoice] = story.view.billing_documents
    assert case.journal(invoice.accounting_document or "") == [
        ("140000", "1190.00", ""),
        ("800000", "", "1000.00"),
        ("175000", "", "190.00"),
    ]
    lines = [sorted(case.journal(f"140000000{n}")) for n in (1, 2, 3)]
    assert lines == [
        [("113100", "400.00", ""), ("140000", "", "400.00")],
        [("113100", "500.00", ""), ("140000", "", "790.00"), ("140000", "290.00", "")],
        [("113100", "290.00", ""), ("140000", "", "290.00")],
    ]


def test_each_key_date_reads_the_same_afterwards(story: Story) -> None:
    open_items = story.case.installation.application.erp.open_items
    found = {
        day: sorted(
            (item.amount.amount, (date.fromisoformat(day) - item.net_due_on).days)
            for item in open_items.customer_items("1000", ["C-100"], date.fromisoformat(day))
            if item.is_open_on(date.fromisoformat(day))
        )
        for day in ("2026-03-25", "2026-04-05", "2026-04-15", "2026-05-01")
    }
    assert found == {
        "2026-03-25": [(Decimal("-400.00"), -6), (Decimal("1190.00"), -6)],
        "2026-04-05": [(Decimal("-400.00"), 5), (Decimal("1190.00"), 5)],
        "2026-04-15": [(Decimal("290.00"), 15)],
        "2026-05-01": [],
    }
    assert story.case.balance() == 0
