"""Bank lines and payouts for the tests, as readers would hand them over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from connector.reconciliation.movements import BankAccount, MoneyMovements, Provider
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run import run_reconciliation
from connector.sd_documents.values import Money
from connector.statements.model import (
    BankLine,
    BankStatement,
    Payout,
    PayoutLine,
    PayoutLineKind,
)
from tests.reconciliation.books import Books, at, day

ACCOUNT = "DE02120300000000202051"


def eur(amount: str | Decimal) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def bank_line(
    reference: str,
    on: str,
    amount: str,
    text: str = "",
    *,
    payer: str = "",
    is_reversal: bool = False,
) -> BankLine:
    return BankLine(
        bank_account=ACCOUNT,
        bank_reference=reference,
        statement="S",
        position=1,
        booking_date=day(on),
        value_date=day(on),
        amount=eur(amount),
        remittance=(text,) if text else (),
        payer_hint=payer,
        is_reversal=is_reversal,
    )


def statement(*lines: BankLine, until: str, number: str = "1", opening: str = "0") -> BankStatement:
    """A statement that begins where the first line does and reaches *until*."""
    total = sum((line.amount.amount for line in lines), Decimal(opening))
    return BankStatement(
        source="bank.xml",
        sha256="0" * 64,
        bank_account=ACCOUNT,
        number=number,
        currency="EUR",
        opened_on=min((line.booking_date for line in lines), default=day(until)),
        closed_on=day(until),
        opening=eur(opening),
        closing=eur(total),
        lines=lines,
    )


def payout_line(
    line_id: str,
    kind: PayoutLineKind,
    gross: str,
    fee: str = "0",
    *,
    charge: str = "",
    order: str = "",
    presentment: Money | None = None,
    on: str = "2026-03-03",
) -> PayoutLine:
    return PayoutLine(
        line_id=line_id,
        kind=kind,
        charge_id=charge,
        order_reference=order,
        gross=eur(gross),
        fee=eur(fee),
        net=eur(gross) - eur(fee),
        presentment=presentment,
        happened_on=day(on),
    )


def payout(
    payout_id: str,
    on: str,
    amount: str,
    lines: Iterable[PayoutLine] = (),
    *,
    is_decomposed: bool = True,
    status: str = "paid",
) -> Payout:
    return Payout(
        provider="stripe",
        payout_id=payout_id,
        status=status,
        paid_on=day(on),
        amount=eur(amount),
        lines=tuple(lines),
        is_decomposed=is_decomposed,
        source="payouts.csv",
        sha256="0" * 64,
    )


def movements(
    *statements: BankStatement, payouts: Iterable[Payout] = (), gateways: Iterable[str] = ()
) -> MoneyMovements:
    return MoneyMovements(
        statements=statements,
        payouts=tuple(payouts),
        accounts=(BankAccount(ACCOUNT, "1000", "113100"),) if statements else (),
        providers=(Provider("stripe", frozenset(gateways), "1000"),),
    )


def reconcile(
    books: Books,
    key_date: str,
    money: MoneyMovements,
    rules: ReconciliationRules | None = None,
) -> ReconciliationRun:
    on: date = day(key_date)
    return run_reconciliation(
        books.assignment(key_date, rules),
        books.mirrored.values(),
        books.extract(on),
        now=at(on) + timedelta(days=1),
        movements=money,
    )


def terms(run: ReconciliationRun, account: str = "140000") -> dict[str, str]:
    """The third identity of one account by its terms; it holds."""
    (identity,) = [
        each
        for each in run.identities
        if each.number == 3 and each.scope.reconciliation_account == account
    ]
    assert identity.holds
    return {each.label: str(each.amount.amount) for each in (identity.left, *identity.right)}
