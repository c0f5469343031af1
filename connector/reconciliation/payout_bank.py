"""
Which bank line each payout reached: by reference, else by amount and day, unique on both sides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from connector.reconciliation.matching import MatchRule
from connector.reconciliation.remittance import normal, words_of
from connector.statements.model import BankLine, BankLineKey, Payout

PayoutKey = tuple[str, str]

#: Status words of payouts that move no money.
NOT_PAID: Final = frozenset(
    {"failed", "canceled", "cancelled", "scheduled", "pending", "on balance"}
)
#: Days between the provider's date and the bank's.
_BEFORE: Final = timedelta(days=2)


@dataclass(slots=True)
class PayoutsInBank:
    """What was found; ``ambiguous`` holds the lines that come into question for a payout."""

    lines: dict[PayoutKey, tuple[BankLine, MatchRule]] = field(default_factory=dict)
    ambiguous: dict[PayoutKey, tuple[BankLine, ...]] = field(default_factory=dict)

    @property
    def taken(self) -> frozenset[BankLineKey]:
        """The lines that are payouts, those that may be one included."""
        return frozenset(
            {line.key for line, _ in self.lines.values()}
            | {line.key for lines in self.ambiguous.values() for line in lines}
        )


def is_due(payout: Payout) -> bool:
    """Tell whether *payout* moves money to or from the bank."""
    return bool(payout.amount) and payout.status.lower() not in NOT_PAID


def find_in_bank(
    payouts: Sequence[Payout], lines: Sequence[BankLine], payout_days: int
) -> PayoutsInBank:
    """
    Find the bank line of every payout that moves money.

    A line that names the payout (its id or the bank reference that the provider gave) is it,
    whatever its amount. Amount, currency and day find one only where neither a second line nor a
    second payout fits; a line that names the provider outweighs one that does not.
    """
    found = PayoutsInBank()
    due = [payout for payout in payouts if is_due(payout)]
    if not due:
        return found
    words = {line.key: words_of(f"{line.text} {line.bank_reference}") for line in lines}
    _by_reference(due, lines, words, found)
    _by_amount(due, lines, payout_days, found)
    return found


def _by_reference(
    payouts: Iterable[Payout],
    lines: Iterable[BankLine],
    words: dict[BankLineKey, frozenset[str]],
    found: PayoutsInBank,
) -> None:
    by_word: dict[str, list[BankLine]] = defaultdict(list)
    for line in lines:
        for word in words[line.key]:
            by_word[word].append(line)
    wanted: dict[PayoutKey, list[BankLine]] = {}
    for payout in payouts:
        names = {normal(payout.payout_id), normal(payout.bank_reference)} - {""}
        hits = {line.key: line for name in sorted(names) for line in by_word.get(name, ())}
        sign = payout.amount.amount > 0
        fitting = [line for line in hits.values() if (line.amount.amount > 0) is sign]
        exact = [line for line in fitting if line.amount == payout.amount]
        fitting = exact or fitting
        if fitting:
            wanted[payout.provider, payout.payout_id] = fitting
    _settle(wanted, MatchRule.PAYOUT_REFERENCE, found)


def _by_amount(
    payouts: Iterable[Payout], lines: Iterable[BankLine], days: int, found: PayoutsInBank
) -> None:
    taken = {line.key for line, _ in found.lines.values()}
    by_amount: dict[str, list[BankLine]] = defaultdict(list)
    for line in lines:
        if line.key not in taken:
            by_amount[str(line.amount)].append(line)
    wanted: dict[PayoutKey, list[BankLine]] = {}
    for payout in payouts:
        key = payout.provider, payout.payout_id
        if key in found.lines or key in found.ambiguous:
            continue
        fitting = [
            line
            for line in by_amount.get(str(payout.amount), ())
            if payout.paid_on - _BEFORE <= line.booking_date <= payout.paid_on + timedelta(days)
        ]
        naming = [line for line in fitting if _names(line, payout.provider)]
        if naming or fitting:
            wanted[key] = naming or fitting
    _settle(wanted, MatchRule.AMOUNT_AND_DAY, found)


def _names(line: BankLine, provider: str) -> bool:
    return provider.casefold() in f"{line.text} {line.payer_hint}".casefold()


def _settle(wanted: dict[PayoutKey, list[BankLine]], rule: MatchRule, found: PayoutsInBank) -> None:
    claims: dict[BankLineKey, list[PayoutKey]] = defaultdict(list)
    for key, lines in wanted.items():
        for line in lines:
            claims[line.key].append(key)
    for key, lines in wanted.items():
        if len(lines) == 1 and len(claims[lines[0].key]) == 1:
            found.lines[key] = lines[0], rule
        else:
            found.ambiguous[key] = tuple(lines)
