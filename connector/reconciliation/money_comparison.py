"""Adds bank lines and payouts to the third comparison of a part of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.bank_lines import BankComparison
from connector.reconciliation.bank_matching import learnt
from connector.reconciliation.debits_in_question import DebitInQuestion
from connector.reconciliation.identities import Comparison
from connector.reconciliation.matching import Documents, OrderChain
from connector.reconciliation.mirror import MirroredPayment
from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.payout_contents import PayoutContents
from connector.reconciliation.payout_lines import PayoutLines
from connector.reconciliation.proposals import WaitingLine
from connector.reconciliation.receipt_effect import LineKey
from connector.reconciliation.receipts import PaymentChain, Receipts
from connector.reconciliation.rules import ReconciliationRules
from connector.statements.model import BankLine, Payout


@dataclass(frozen=True, slots=True)
class MoneyComparison:
    """
    What the money outside adds to the third comparison.

    ``orders`` are those of the part, with the refunds that only the provider reports.
    ``spoken_of`` are FI lines that its findings explain, so that nobody reports them again, and
    ``disputed`` payments of the channels that the provider took back, by order name and id.
    ``waiting`` are bank lines without receipt, and ``learnt`` are customers by what bank lines
    know of a payer: what a receipt of each says. ``left_out`` counts debits, by bank account, that
    have nothing to do with customers, ``in_question`` are those of which the whole will know.
    """

    orders: tuple[OrderChain, ...]
    contents: Comparison = field(default_factory=Comparison)
    bank: Comparison = field(default_factory=Comparison)
    spoken_of: frozenset[LineKey] = frozenset()
    disputed: frozenset[tuple[str, str]] = frozenset()
    waiting: tuple[WaitingLine, ...] = ()
    learnt: frozenset[tuple[str, str]] = frozenset()
    left_out: tuple[tuple[str, int], ...] = ()
    in_question: tuple[DebitInQuestion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyOutside:
    """
    The movements of a part, and what they are held against.

    ``settings`` knows bank accounts and providers. ``lines`` are those that are no payout, oldest
    first; ``payouts`` have those of their lines that belong to the part.
    """

    settings: MoneyMovements
    lines: Sequence[BankLine]
    payouts: Sequence[Payout]
    documents: Documents
    accounts: Accounts
    rules: ReconciliationRules
    company_codes: Sequence[str]

    def compare(
        self, payments: Sequence[PaymentChain], orders: Sequence[OrderChain], receipts: Receipts
    ) -> MoneyComparison:
        """Compare with the channels' *payments* and *orders*, and the *receipts* in FI."""
        found = MoneyComparison(tuple(orders))
        if self.payouts:
            contents = PayoutContents(
                self.settings,
                self.accounts,
                self.rules,
                self.documents.key_date,
                self.company_codes,
            )
            compared = contents.run(self.payouts, PayoutLines(payments, orders))
            with_refunds = tuple(_with_refunds(order, contents.refunds) for order in orders)
            found = replace(
                found,
                orders=with_refunds,
                contents=compared,
                disputed=frozenset(contents.disputed),
            )
        return self._with_bank(found, payments, receipts) if self.lines else found

    def _with_bank(
        self, found: MoneyComparison, payments: Iterable[PaymentChain], receipts: Receipts
    ) -> MoneyComparison:
        bank = BankComparison(
            self.settings,
            self.documents,
            self.accounts,
            self.rules,
            self.company_codes,
            lines=self.lines,
        )
        counted = {
            receipt.key
            for payment in payments
            if (receipt := payment.receipt or payment.within) is not None
        }
        compared = bank.run(self.lines, receipts.posted(), counted)
        return replace(
            found,
            bank=compared,
            spoken_of=frozenset(bank.spoken_of),
            waiting=tuple(WaitingLine(line.key, bank.named_by(line)) for line in bank.unposted),
            learnt=frozenset(learnt(self.lines, bank.found)),
            left_out=tuple(sorted(bank.left_out.items())),
            in_question=tuple(bank.in_question),
        )


def _with_refunds(
    order: OrderChain, refunds: Mapping[str, Sequence[MirroredPayment]]
) -> OrderChain:
    found = refunds.get(order.mirrored.name, ())
    if not found:
        return order
    mirrored = order.mirrored
    return replace(order, mirrored=replace(mirrored, refunds=(*mirrored.refunds, *found)))
