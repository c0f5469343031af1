"""Stories with bank and provider: what they report ties to what was posted, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap.reconciliation import run_reconciliation
from connector.reconciliation.proposals import Proposal
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.sd_documents.payment import IncomingPayment, ItemToClear
from connector.sd_documents.values import Money
from connector.settings.statements import StatementSettings
from connector.statements.model import BankLine
from connector.statements.reading import read_statements
from connector.statements.references import receipt_reference
from connector.sync import requests
from connector.sync.chain import corrections
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import Case, a_case, case_plan

PROFILES = ("ecc", "s4-mixed")
ACCOUNT = "DE02120300000000202051"


class _Submitted:
    """Lets a payment through."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **more: None


def settings() -> StatementSettings:
    return StatementSettings.model_validate(
        {
            "accounts": {ACCOUNT: {"company_code": "1000", "gl_account": "113100"}},
            "providers": {"stripe": {"gateways": ["card"], "company_code": "1000"}},
        }
    )


@pytest.fixture(params=PROFILES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    plan = case_plan(request.param, billing={"wait_days": 0})
    with a_case(tmp_path, request.param, plan, date(2026, 3, 2)) as found:
        application = found.installation.application
        application.settings = application.settings.model_copy(update={"statements": settings()})
        yield found


def deliver_report(case: Case, content: str, source: str) -> Any:
    application = case.installation.application
    reading = read_statements(content.encode(), source)
    return application.statements.add(reading, application.clock.now())


def mt940(number: int, day: str, opening: str, closing: str, *entries: tuple[str, str, str]) -> str:
    """A statement: entries are amount, bank reference, text; all credits of *day* (YYMMDD)."""
    lines = "".join(
        f":61:{day}C{amount}NTRFNONREF//{reference}\n:86:{text}\n"
        for amount, reference, text in entries
    )
    return (
        f":20:S{number}\n:25:{ACCOUNT}\n:28C:{number}/1\n:60F:C{day}EUR{opening}\n"
        f"{lines}:62F:C{day}EUR{closing}\n-\n"
    )


def order(name: str, net: str, gross: str, **more: Any) -> dict[str, Any]:
    return portal_order(
        name,
        [line("10", "M-01", "10", price=net)],
        ordered_on="2026-03-02",
        customer="C-100",
        requested_delivery_date="2026-03-02",
        totals={"tax": str(Decimal(gross) - 10 * Decimal(net)), "gross": gross},
        **more,
    )


def reconcile(case: Case) -> ReconciliationRun:
    return run_reconciliation(case.installation.application, case.day, dry=True)


def unexpected(run: ReconciliationRun) -> list[str]:
    return [f"{each.code.value} {each.difference} {each.text}" for each in run.breaks]


def post(case: Case, proposal: Proposal) -> None:
    """Post an exact match as the payment of its bank line."""
    assert proposal.is_exact
    application = case.installation.application
    (proposed,) = proposal.lines
    lines = [
        each
        for statement in application.statements.bank_statements()
        for each in statement.lines
        if each.bank_reference == proposed.bank_reference
    ]
    pay(case, lines[0], proposal.items[0].customer, proposal)


def pay(case: Case, paid: BankLine, customer: str, proposal: Proposal | None = None) -> None:
    items = proposal.items if proposal is not None else ()
    payment = IncomingPayment(
        payment_reference=receipt_reference(paid),
        company_code="1000",
        payer=customer,
        document_date=paid.booking_date,
        posting_date=paid.booking_date,
        received=paid.amount,
        bank_account="113100",
        cash_discount=Money.zero("EUR"),
        items=tuple(
            ItemToClear(key=item.key, line_item=item.line_item, amount=item.amount)
            for item in items
        ),
    )
    case.installation.application.erp.payments.post(payment, _Submitted())
    case.jobs()


def test_a_bank_line_delivered_twice_is_posted_once_and_a_second_payment_is_a_break(
    case: Case,
) -> None:
    """Worked case C10: two payments posted, one replay skipped, one break over 1,190.00."""
    case.installation.send(order("EXT-1010", "100.00", "1190.00"))
    case.until(date(2026, 3, 9))
    [invoice] = case.installation.view("EXT-1010").billing_documents
    first = mt940(1, "260310", "0,00", "1190,00", ("1190,00", "BANKREF-1", invoice.number))
    second = mt940(2, "260311", "1190,00", "2380,00", ("1190,00", "BANKREF-2", invoice.number))

    case.until(date(2026, 3, 10))
    added = deliver_report(case, first, "monday.sta")
    replayed = deliver_report(case, first, "monday-again.sta")
    (proposal,) = reconcile(case).proposals
    post(case, proposal)
    case.until(date(2026, 3, 11))
    deliver_report(case, second, "tuesday.sta")
    (paid_again,) = [
        line
        for statement in case.installation.application.statements.bank_statements()
        for line in statement.lines
        if line.bank_reference == "BANKREF-2"
    ]
    assert reconcile(case).proposals == ()
    pay(case, paid_again, proposal.items[0].customer)
    case.until(date(2026, 3, 12))

    run = reconcile(case)
    assert (added.summary, replayed.summary) == (
        "1 line added",
        "0 lines added, 1 replay skipped",
    )
    assert [(each.code.value, str(each.difference)) for each in run.breaks] == [
        ("DUPLICATE_PAYMENT", "-1,190.00 EUR")
    ]
    assert case.balance() == Decimal("-1190.00")


REPORT = (
    "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created,currency,"
    "gross,fee,net,reporting_category,source_id,charge_id\n"
)


def report(*rows: str) -> str:
    """A payout report: each row is payout, transaction, gross, fee, net, category, charge."""
    made = []
    for row in rows:
        payout, transaction, gross, fee, net, category, charge = row.split()
        made.append(
            f"{payout},2026-03-09 00:00:00,{transaction},2026-03-04 08:00:00,eur,"
            f"{gross},{fee},{net},{category},{transaction},{charge}\n"
        )
    return REPORT + "".join(made)


def paid_by_card(charge: str, amount: str) -> dict[str, Any]:
    return {
        "id": charge,
        "method": "card",
        "amount": amount,
        "received_at": "2026-03-02T08:00:00+01:00",
    }


def sell_three(case: Case) -> None:
    for at, net, gross in (
        ("0", "10.00", "119.00"),
        ("1", "20.00", "238.00"),
        ("2", "5.00", "59.50"),
    ):
        paid = paid_by_card(f"ch_{at}", gross)
        case.installation.send(order(f"EXT-{at}", net, gross, payments=[paid]))
    case.until(date(2026, 3, 4))


def credit_two_pieces(case: Case) -> None:
    """The buyer of the first order gets 23.80 back; the credit memo is billed."""
    back = {
        "id": "R1",
        "kind": "credit",
        "at": "2026-03-04T09:00:00+01:00",
        "reason": "damaged",
        "lines": [{"id": "10", "quantity": "2"}],
    }
    paid = paid_by_card("ch_0", "119.00")
    case.installation.send(
        order("EXT-0", "10.00", "119.00", payments=[paid], returns=[back], at="09:00")
    )
    case.until(date(2026, 3, 5))
    application = case.installation.application
    view = case.installation.view("EXT-0")
    [correction] = corrections(view)
    requests.release_billing_block(
        application.store, application.clock, view, correction.number, by="anna", reason="checked"
    )
    case.until(date(2026, 3, 10))


def test_three_charges_one_refund_and_the_fees_tie_from_the_shop_to_the_bank(case: Case) -> None:
    sell_three(case)
    credit_two_pieces(case)
    deliver_report(
        case,
        report(
            "po_77 txn_0 119.00 3.70 115.30 charge ch_0",
            "po_77 txn_1 238.00 7.14 230.86 charge ch_1",
            "po_77 txn_2 59.50 1.98 57.52 charge ch_2",
            "po_77 re_0 -23.80 0.00 -23.80 refund ch_0",
        ),
        "payouts.csv",
    )
    deliver_report(
        case,
        mt940(1, "260309", "0,00", "379,88", ("379,88", "B-1", "STRIPE PO_77")),
        "monday.sta",
    )

    run = reconcile(case)

    assert unexpected(run) == []
    assert run.verdict in (Verdict.RECONCILED, Verdict.WITH_PENDING)
    receipts, payouts = [
        {term.label: str(term.amount.amount) for term in (each.left, *each.right)}
        for each in run.identities
        if each.number == 3 and each.left.count
    ]
    assert receipts["received"] == "403.68"
    assert receipts["applied"] == "416.50"
    assert receipts["fees of providers"] == "-12.82"
    assert payouts["paid out"] == "379.88"
    assert (payouts["charges"], payouts["refunds"], payouts["fees"]) == (
        "416.50",
        "-23.80",
        "-12.82",
    )
    assert {each.rule.value for each in run.matches if each.outside == "stripe payout po_77"} == {
        "payout reference"
    }


def test_a_refund_in_the_payout_without_credit_memo_is_a_break(case: Case) -> None:
    paid = paid_by_card("ch_0", "119.00")
    case.installation.send(order("EXT-0", "10.00", "119.00", payments=[paid]))
    case.until(date(2026, 3, 6))
    deliver_report(
        case,
        report(
            "po_1 txn_1 119.00 3.70 115.30 charge ch_0", "po_1 txn_2 -20.00 0 -20.00 refund ch_0"
        ),
        "payouts.csv",
    )
    deliver_report(
        case, mt940(1, "260309", "0,00", "95,30", ("95,30", "B-1", "STRIPE PO_1")), "a.sta"
    )

    case.until(date(2026, 3, 10))

    assert [(each.code.value, str(each.difference)) for each in reconcile(case).breaks] == [
        ("REFUND_WITHOUT_CREDIT", "20.00 EUR")
    ]
