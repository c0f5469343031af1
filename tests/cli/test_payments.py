"""`payments`: receipts from statements are posted, shown, released and refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from connector.ports.statement_payments import Found, LineKind, Posting, Suggestion, Way
from connector.sd_documents.payment import IncomingPayment
from connector.sd_documents.values import Money
from connector.store.sql_store import open_reader, open_store
from connector.store.sqlite import sqlite_url

Run = Callable[..., Result]
NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def proposal(key: str = "DE02 BANKREF-1", *, payer: str = "C-100") -> Found:
    """A line that falls short, and may go to the account of its payer where that is known."""
    paid = IncomingPayment(
        payment_reference="BANKREF-1",
        company_code="1000",
        payer="C-100",
        document_date=date(2026, 3, 10),
        posting_date=date(2026, 3, 10),
        received=eur("400.00"),
        bank_account="113100",
        cash_discount=Money.zero("EUR"),
    )
    return Found(
        key=key,
        kind=LineKind.BANK_LINE,
        suggestion=Suggestion(
            subject="bank line BANKREF-1",
            company_code="1000",
            amount=eur("400.00"),
            booked_on=date(2026, 3, 10),
            reference="BANKREF-1",
            payer=payer,
            reason="falls short by 790.00 EUR",
            difference=eur("790.00"),
            postings=(Posting(way=Way.ON_ACCOUNT, payment=paid),) if payer else (),
            gl_account="113100",
        ),
    )


@pytest.fixture
def store(connector: Run, shop: Any) -> Path:
    connector("db", "upgrade")
    return Path(shop.config).parent / "store.sqlite3"


def keep(store: Path, *found: Found) -> None:
    opened = open_store(sqlite_url(store))
    try:
        opened.statement_payments.keep(found, now=NOW)
    finally:
        opened.close()


def stored(store: Path) -> list[tuple[str, str, str]]:
    reader = open_reader(sqlite_url(store))
    try:
        return [
            (each.state.value, each.decided_by, each.comment)
            for each in reader.statement_payments.find()
        ]
    finally:
        reader.close()


def test_what_waits_is_listed_with_its_reason_and_ways(connector: Run, store: Path) -> None:
    keep(store, proposal())

    [listed] = json.loads(connector("payments", "proposals", "--json").stdout)
    shown = connector("payments", "show", "1")

    assert listed["reason"] == "falls short by 790.00 EUR"
    assert (listed["amount"], listed["ways"]) == (
        {"amount": "400.00", "currency": "EUR"},
        ["on account"],
    )
    assert "BANKREF-1" in shown.stdout


def test_a_release_needs_a_way_and_keeps_who_decided_and_why(connector: Run, store: Path) -> None:
    keep(store, proposal())

    left_open = connector("payments", "release", "1", "--comment", "agreed")
    done = connector(
        "payments", "release", "1", "--way", "on account", "--comment", "agreed", "--as", "anna"
    )
    again = connector("payments", "release", "1", "--way", "on account", "--comment", "x")

    assert left_open.exit_code == 2
    assert "Choose with --way: on account" in left_open.stderr
    assert done.exit_code == 0, done.output
    assert again.exit_code == 2
    assert "waits for nobody" in again.stderr
    assert stored(store) == [("released", "anna", "agreed")]


def test_money_of_an_unknown_payer_goes_to_whom_a_person_names(connector: Run, store: Path) -> None:
    keep(store, proposal(payer=""))

    unnamed = connector("payments", "release", "1", "--comment", "found out")
    done = connector("payments", "release", "1", "--payer", "C-100", "--comment", "found out")

    assert unnamed.exit_code == 2
    assert "--payer" in unnamed.stderr
    assert done.exit_code == 0, done.output
    assert [state for state, *_ in stored(store)] == ["released"]


def test_a_refusal_is_final(connector: Run, store: Path) -> None:
    keep(store, proposal())

    assert connector("payments", "refuse", "1", "--comment", "a loan").exit_code == 0
    keep(store, proposal())

    assert connector("payments", "proposals").stdout.strip() == "No payment waits for a person."
    assert [state for state, *_ in stored(store)] == ["refused"]


def test_a_line_that_comes_again_keeps_its_record(store: Path) -> None:
    keep(store, proposal(), proposal())
    keep(store, proposal())

    assert len(stored(store)) == 1


def test_two_lines_never_carry_one_reference(store: Path) -> None:
    keep(store, proposal(), proposal("DE03 BANKREF-1"))
    reader = open_reader(sqlite_url(store))
    try:
        found = reader.statement_payments.find()
    finally:
        reader.close()

    references = {each.suggestion.reference for each in found}
    carried = {each.suggestion.postings[0].payment.payment_reference for each in found}
    assert references == carried
    assert len(references) == 2
    assert all(len(reference) <= 16 for reference in references)


def test_an_unknown_number_is_said_to_be_none(connector: Run, store: Path) -> None:
    assert connector("payments", "show", "9").exit_code == 1
    assert connector("payments", "refuse", "9", "--comment", "x").exit_code == 2


def test_a_round_without_settings_for_it_does_nothing(connector: Run, store: Path) -> None:
    result = connector("payments", "post", "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["posted"] == 0
