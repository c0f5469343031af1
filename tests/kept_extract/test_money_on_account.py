"""Money on account that is cleared without an invoice, between two runs: nothing tells of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.reconciliation.report import ReconciliationRun
from connector.resources import shipped
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    ClearingSpec,
    OpenItemRef,
)
from connector.sync.plan import Plan, load_plan
from tests.kept_extract.people import START, People, Runs
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import a_case


@pytest.fixture(params=["ecc", "s4-mixed"])
def runs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Runs]:
    """Orders are paid in advance, and the connector posts the money on account."""
    content = load_plan(shipped("config/plans/prepayment.yaml")).model_dump()
    content["payment"]["before_invoice"] = "on account"
    content["delivery"]["wait_days"] = 30
    plan = Plan.model_validate({**content, "name": "case"})
    with a_case(tmp_path, request.param, plan, START) as case:
        yield Runs(People(case, random.Random(1)), tmp_path / "kept.sqlite3")


def orders(runs: Runs, name: str, reference: str) -> None:
    """An order of 119.00 that is paid at once; the material is made to be sold alone."""
    payment = {
        "id": reference,
        "method": "transfer",
        "amount": "119.00",
        "received_at": f"{runs.people.case.day.isoformat()}T08:00:00+01:00",
    }
    content = portal_order(
        name,
        [line("10", "M-01", "1", price="100.00")],
        ordered_on=runs.people.case.day.isoformat(),
        customer="C-100",
        totals={"tax": "19.00", "gross": "119.00"},
        payments=[payment],
    )
    runs.people.case.installation.send(content)
    runs.people.pass_once()


def pays_back(runs: Runs, amount: str) -> None:
    people = runs.people
    value = people.open_items(debit=False)[0].amount.__class__(amount)
    lines = [
        AccountingLineSpec(value, customer="C-100"),
        AccountingLineSpec(-value, account="113100"),
    ]
    assert people.does(
        "post_accounting_document", AccountingDocumentSpec("1000", "DZ", "EUR", lines)
    )


def clears_all(runs: Runs) -> str:
    refs = [
        OpenItemRef(each.accounting_document, fiscal_year=each.fiscal_year)
        for each in runs.people.open_items()
    ]
    [document] = runs.people.does("clear_items", ClearingSpec("1000", "C-100", refs))
    return document


def codes(run: ReconciliationRun) -> set[str]:
    return {each.code.value for each in (*run.breaks, *run.pending)}


def test_what_was_paid_back_between_two_runs_is_found_by_its_reference(runs: Runs) -> None:
    orders(runs, "EXT-1", "BANK-1")
    assert "UNAPPLIED_CASH" in codes(runs.run())
    pays_back(runs, "119.00")
    runs.people.sleep()
    runs.run()
    document = clears_all(runs)
    runs.people.sleep()

    run = runs.run()

    assert not codes(run) & {"MISSING_PAYMENT", "UNAPPLIED_CASH"}
    assert runs.over_changes == 2
    assert runs.people.does("reset_clearing", "1000", document)
    assert "UNAPPLIED_CASH" in codes(runs.run())
    clears_all(runs)
    assert "UNAPPLIED_CASH" not in codes(runs.run())
    assert runs.over_changes == 4


def test_money_that_came_and_went_between_two_runs_is_found(runs: Runs) -> None:
    runs.run()
    orders(runs, "EXT-1", "BANK-1")
    pays_back(runs, "119.00")
    clears_all(runs)

    assert "MISSING_PAYMENT" not in codes(runs.run())
    assert runs.over_changes == 1


def test_a_receipt_that_was_reversed_between_two_runs_is_none(runs: Runs) -> None:
    orders(runs, "EXT-1", "BANK-1")
    runs.run()
    [receipt] = runs.people.open_items(debit=False)
    number, year = receipt.accounting_document, receipt.fiscal_year
    assert runs.people.does("reverse_accounting_document", "1000", number, year)
    runs.people.sleep()

    assert "MISSING_PAYMENT" in codes(runs.run())
    assert runs.over_changes == 1


def test_receipts_that_invoices_lead_to_are_not_asked_for(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    port = type(runs.people.transport.open_items)
    read = port.items_of_receipts

    def noted(self: Any, *args: Any) -> Any:
        asked.append(args)
        return read(self, *args)

    monkeypatch.setattr(port, "items_of_receipts", noted)
    orders(runs, "EXT-1", "BANK-1")
    runs.run()
    assert len(asked) == 2, "once by the run over the file, once by the one that it is held against"

    runs.people.do(["deliver", "issue", "bill"])
    clears_all(runs)
    del asked[:]
    run = runs.run()

    assert asked == []
    assert not codes(run) & {"MISSING_PAYMENT", "UNAPPLIED_CASH"}
