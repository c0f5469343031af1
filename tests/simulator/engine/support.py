"""Short words for what the engine's tests do again and again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.finance_records import AccountingDocument
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.outcome import Outcome
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.engine.specs import (
    BillingRef,
    DeliveryRef,
    Partner,
    SalesDocumentSpec,
    SalesItemSpec,
)

START = datetime(2026, 1, 2, 8, tzinfo=UTC)


def new_erp(master: MasterData, **settings: Any) -> SimulatedErp:
    """Return an ERP on 2026-01-02 with *settings*."""
    return SimulatedErp(master, SimulatedClock(START), EngineSettings(**settings))


def on(erp: SimulatedErp, day: str) -> None:
    """Move the ERP's clock to a day, 8 o'clock UTC."""
    clock = erp.clock
    assert isinstance(clock, SimulatedClock)
    clock.set(datetime.fromisoformat(f"{day}T08:00:00+00:00"))


def order(
    *items: SalesItemSpec, customer: str = "C-100", document_type: str = "OR", **header: Any
) -> SalesDocumentSpec:
    """Return the spec of a wholesale document."""
    header.setdefault("partners", [Partner("AG", customer)])
    header.setdefault("sales_organization", "1000")
    return SalesDocumentSpec(
        document_type=document_type,
        distribution_channel=header.pop("distribution_channel", "20"),
        division="00",
        items=list(items),
        **header,
    )


def item(number: int, material: str, quantity: str | int, **more: Any) -> SalesItemSpec:
    """Return the spec of an item."""
    return SalesItemSpec(number, material, quantity=Decimal(quantity), **more)


def done(erp: SimulatedErp, operation: str, *args: Any, **kwargs: Any) -> Outcome:
    """Do one write in a session of its own, committed with wait; it must be accepted."""
    with erp.session("TESTER") as session:
        outcome: Outcome = getattr(session, operation)(*args, **kwargs)
        assert outcome.accepted, outcome.messages
        committed = session.commit(wait=True)
        assert committed.accepted, committed.messages
    return outcome


def refused(erp: SimulatedErp, operation: str, *args: Any, **kwargs: Any) -> list[str]:
    """Do one write that must be refused; return class and number of its E and A rows."""
    with erp.session("TESTER") as session:
        outcome: Outcome = getattr(session, operation)(*args, **kwargs)
        assert not outcome.accepted, outcome.messages
        assert outcome.numbers == ()
        session.commit(wait=True)
    return [f"{row.id} {row.number}" for row in outcome.messages if row.is_error]


def sold(erp: SimulatedErp, spec: SalesDocumentSpec) -> str:
    """Create a sales document and return its number."""
    return done(erp, "create_sales_document", spec).number


def delivered(erp: SimulatedErp, number: str, quantity: str = "", item_number: int = 10) -> str:
    """Deliver an order (or so much of an item) and return the delivery's number."""
    ref = DeliveryRef(number, item_number, Decimal(quantity)) if quantity else DeliveryRef(number)
    return done(erp, "create_deliveries", [ref]).number


def issued(erp: SimulatedErp, delivery: str) -> str:
    """Post goods issue and return the material document's number."""
    outcome = done(erp, "confirm_delivery", delivery, post_goods_issue=True)
    number: str = outcome.documents[1].number
    return number


def billed(erp: SimulatedErp, *documents: str) -> tuple[str, ...]:
    """Bill documents together and return the numbers of the billing documents."""
    refs = [BillingRef(number) for number in documents]
    return done(erp, "create_billing_documents", refs).numbers


def invoiced(erp: SimulatedErp, spec: SalesDocumentSpec) -> tuple[str, str, str]:
    """Run a document through to its invoice; return order, delivery and invoice."""
    number = sold(erp, spec)
    delivery = delivered(erp, number)
    issued(erp, delivery)
    return number, delivery, billed(erp, delivery)[0]


def journal(document: AccountingDocument | None) -> list[tuple[str, str, str]]:
    """Return (account, debit, credit) of each line, amounts as text."""
    assert document is not None
    return [
        (line.account, str(line.amount), "") if line.debit else (line.account, "", str(line.amount))
        for line in document.lines
    ]


def by_account(document: AccountingDocument | None) -> dict[str, Decimal]:
    """Return the signed amount per account."""
    assert document is not None
    found: dict[str, Decimal] = {}
    for line in document.lines:
        found[line.account] = found.get(line.account, Decimal(0)) + line.signed_amount
    return found


def balance(erp: SimulatedErp, account: str = "140000", company_code: str = "1000") -> Decimal:
    """Return the balance of an account today."""
    return erp.ledger_balance(company_code, account)


def open_total(erp: SimulatedErp, key_date: date | None = None) -> Decimal:
    """Return the sum of all open items of company code 1000."""
    return sum((each.amount for each in erp.open_items("1000", "", key_date)), Decimal(0))
