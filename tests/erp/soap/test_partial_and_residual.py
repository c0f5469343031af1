"""
A partial payment, a payment with a residual item, and the last one: figures of a worked case.

The service clears nothing: after each payment the ERP's own clearing run does what it can.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connector.sd_documents.payment import (
    AccountingDocumentKey,
    IncomingPayment,
    ItemToClear,
    Remainder,
)
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    TermsSpec,
)
from tests.contract.observing import Observer
from tests.erp.soap.conftest import System
from tests.erp.soap.documents import money, payment

CUSTOMER = "C-100"


def an_invoice(system: System) -> AccountingDocumentKey:
    """1,190.00 on 2026-03-01, 30 days net."""
    lines = [
        AccountingLineSpec(
            Decimal("1190.00"),
            customer=CUSTOMER,
            assignment="EXT-1001",
            baseline_date=date(2026, 3, 1),
            own_terms=TermsSpec(30),
        ),
        AccountingLineSpec(Decimal("-1000.00"), account="800000"),
        AccountingLineSpec(
            Decimal("-190.00"), account="175000", tax_code="A1", tax_base=Decimal("1000.00")
        ),
    ]
    day = date(2026, 3, 1)
    spec = AccountingDocumentSpec("1000", "DR", "EUR", lines, day, day, "90000006")
    with system.engine.session("TESTER") as session:
        outcome = session.post_accounting_document(spec)
        assert outcome.accepted, outcome.messages
        session.commit()
    return AccountingDocumentKey(
        company_code="1000", accounting_document=outcome.number, fiscal_year=2026
    )


def pay(
    system: System,
    reference: str,
    received: str,
    on: date,
    assignment: str,
    *items: ItemToClear,
    remainder: Remainder = Remainder.NONE,
) -> AccountingDocumentKey:
    sent: IncomingPayment = payment(
        received,
        payment_reference=reference,
        posting_date=on,
        document_date=on,
        assignment=assignment,
        items=items,
        remainder=remainder,
    )
    key = system.transport().payments.post(sent, Observer())
    system.engine.run_job("automatic clearing")
    return key


def open_on(system: System, key_date: date) -> list[tuple[str, str, str]]:
    """Amount, document and due date of what was open on the day."""
    found = system.engine.open_items("1000", CUSTOMER, key_date)
    return sorted(
        (str(item.amount), item.accounting_document, str(item.net_due_date)) for item in found
    )


def lines(system: System, key: AccountingDocumentKey) -> list[tuple[str, str]]:
    document = system.engine.accounting_document("1000", key.accounting_document, 2026)
    assert document is not None
    return [(line.account, str(line.signed_amount)) for line in document.lines]


def test_the_customers_balance_is_right_on_every_day(system: System) -> None:
    due = date(2026, 3, 31)
    key = an_invoice(system)
    invoice = ItemToClear(key=key, line_item=1, amount=money("1190.00"), net_due_on=due)
    partial = pay(
        system, "PAY-5", "400.00", date(2026, 3, 20), "EXT-1001", invoice,
        remainder=Remainder.PARTIAL,
    )  # fmt: skip
    assert lines(system, partial) == [("113100", "400.00"), ("140000", "-400.00")]

    part = ItemToClear(key=partial, line_item=2, amount=money("-400.00"), net_due_on=due)
    residual = pay(
        system, "PAY-6", "500.00", date(2026, 4, 10), "EXT-1001", invoice, part,
        remainder=Remainder.RESIDUAL,
    )  # fmt: skip
    assert sorted(lines(system, residual)) == [
        ("113100", "500.00"),
        ("140000", "-790.00"),
        ("140000", "290.00"),
    ]

    rest = ItemToClear(key=residual, line_item=3, amount=money("290.00"), net_due_on=due)
    last = pay(system, "PAY-7", "290.00", date(2026, 4, 25), "PAY-6", rest)
    assert lines(system, last) == [("113100", "290.00"), ("140000", "-290.00")]

    number, number_part, number_rest = (
        each.accounting_document for each in (key, partial, residual)
    )
    both = [("-400.00", number_part, str(due)), ("1190.00", number, str(due))]
    assert open_on(system, date(2026, 3, 25)) == both
    assert open_on(system, date(2026, 4, 5)) == both
    assert open_on(system, date(2026, 4, 15)) == [("290.00", number_rest, str(due))]
    assert open_on(system, date(2026, 5, 1)) == []
