"""The money outside: a bank account with its statements, and a provider that pays out weekly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from connector.reconciliation.movements import BankAccount, MoneyMovements, Provider
from connector.reconciliation.rules import ProviderFee
from connector.sd_documents.currency import round_amount
from connector.sd_documents.values import Money
from connector.statements.model import (
    BankLine,
    BankStatement,
    Payout,
    PayoutLine,
    PayoutLineKind,
)

ACCOUNT: Final = "DE02120300000000202051"
PROVIDER: Final = "stripe"
GATEWAY: Final = "card"
CURRENCY: Final = "EUR"
AGREED: Final = ProviderFee(
    provider=PROVIDER, currency=CURRENCY, percent=Decimal("1.5"), fixed=Decimal("0.25")
)


def euros(amount: Decimal) -> Money:
    return Money(amount=amount, currency=CURRENCY)


def fee_of(gross: Decimal) -> Decimal:
    """What the provider keeps of a charge by contract."""
    return round_amount(gross * AGREED.percent / 100 + AGREED.fixed, CURRENCY)


def movement(
    line_id: str, kind: PayoutLineKind, gross: Decimal, on: date, *, charge: str, fee: Decimal
) -> PayoutLine:
    return PayoutLine(
        line_id=line_id, kind=kind, charge_id=charge, gross=euros(gross), fee=euros(fee),
        net=euros(gross - fee), happened_on=on,
    )  # fmt: skip


@dataclass(slots=True)
class Transfer:
    """A payout in the making; ``stated`` and ``reached`` are filled where they are not its sum."""

    payout_id: str
    paid_on: date
    lines: list[PayoutLine] = field(default_factory=list)
    is_decomposed: bool = True
    stated: Decimal | None = None
    reached: Decimal | None = None
    arrives: bool = True

    @property
    def amount(self) -> Decimal:
        if self.stated is not None:
            return self.stated
        return sum((line.net.amount for line in self.lines), Decimal(0))


class OutsideMoney:
    """Everything that moved on the bank account and at the provider."""

    def __init__(self) -> None:
        self.bank: dict[str, BankLine] = {}
        self.transfers: dict[str, Transfer] = {}
        self._count = 0

    def enters(
        self, amount: Decimal, on: date, text: str, payer: str, *, is_reversal: bool = False
    ) -> str:
        """Book a line on the bank account; return the bank's reference."""
        self._count += 1
        reference = f"BK{self._count:07d}"
        self.bank[reference] = BankLine(
            bank_account=ACCOUNT, bank_reference=reference, statement="", position=self._count,
            booking_date=on, value_date=on, amount=euros(amount), remittance=(text,),
            payer_hint=payer, is_reversal=is_reversal,
        )  # fmt: skip
        return reference

    def transfer_of(self, on: date) -> Transfer:
        """Return the payout in which a movement of that day is: that of the next Monday."""
        paid_on = on + timedelta(days=7 - on.weekday())
        payout_id = f"po_{paid_on:%Y%m%d}"
        return self.transfers.setdefault(payout_id, Transfer(payout_id, paid_on))

    def charges(self, charge: str, gross: Decimal, on: date) -> Transfer:
        """Let the provider take a payment by card; return the payout that it goes into."""
        found = self.transfer_of(on)
        line = movement(
            f"t_{charge}", PayoutLineKind.CHARGE, gross, on, charge=charge, fee=fee_of(gross)
        )
        found.lines.append(line)
        return found

    def pays_back(self, refund: str, charge: str, gross: Decimal, on: date) -> None:
        """Let the provider refund a part of a charge."""
        line = movement(
            f"t_{refund}", PayoutLineKind.REFUND, -gross, on, charge=charge, fee=Decimal(0)
        )
        self.transfer_of(on).lines.append(line)

    def movements(self, until: date) -> MoneyMovements:
        """Return it as a run reads it on the evening of *until*."""
        paid = [each for each in self.transfers.values() if each.paid_on <= until]
        lines = [line for line in self.bank.values() if line.booking_date <= until]
        lines += [line for each in paid if (line := _arrival(each)).booking_date <= until
                  and each.arrives]  # fmt: skip
        return MoneyMovements(
            statements=tuple(_statements(lines, until)),
            payouts=tuple(_payout(each) for each in paid),
            accounts=(BankAccount(ACCOUNT, "1000", "113100"),),
            providers=(Provider(PROVIDER, frozenset({GATEWAY}), "1000"),),
        )


def _arrival(transfer: Transfer) -> BankLine:
    amount = transfer.amount if transfer.reached is None else transfer.reached
    on = transfer.paid_on + timedelta(days=1)
    return BankLine(
        bank_account=ACCOUNT, bank_reference=f"IN-{transfer.payout_id}", statement="", position=0,
        booking_date=on, value_date=on, amount=euros(amount),
        remittance=(f"STRIPE {transfer.payout_id}",), payer_hint="STRIPE",
    )  # fmt: skip


def _payout(transfer: Transfer) -> Payout:
    return Payout(
        provider=PROVIDER, payout_id=transfer.payout_id, status="paid", paid_on=transfer.paid_on,
        amount=euros(transfer.amount), lines=tuple(transfer.lines),
        is_decomposed=transfer.is_decomposed, source="payouts.csv", sha256="0" * 64,
    )  # fmt: skip


def _statements(lines: Iterable[BankLine], until: date) -> Iterable[BankStatement]:
    """One statement per month, each opening with what the one before closed with."""
    months: dict[date, list[BankLine]] = defaultdict(list)
    for line in lines:
        months[line.booking_date.replace(day=1)].append(line)
    months[until.replace(day=1)] += []
    balance = Decimal(0)
    for number, first in enumerate(sorted(months), start=1):
        opening = balance
        balance += sum((line.amount.amount for line in months[first]), Decimal(0))
        following = (first + timedelta(days=31)).replace(day=1)
        yield BankStatement(
            source="bank.xml", sha256="0" * 64, bank_account=ACCOUNT, number=str(number),
            currency=CURRENCY, opened_on=first,
            closed_on=min(until, following - timedelta(days=1)),
            opening=euros(opening), closing=euros(balance), lines=tuple(months[first]),
        )  # fmt: skip
