"""Payouts put together from their lines, which reports give one by one and in any order."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from pydantic import ValidationError

from connector.sd_documents.values import Money
from connector.statements.encodings import File
from connector.statements.model import Payout, PayoutLine, PayoutLineKind, Reading
from connector.statements.values import ValueProblem, wrong_value

#: Begins the id of a payout that its report gives none; day and amount tell which it is.
UNNAMED: Final = "of "


def payout_line(
    line_id: str,
    kind: PayoutLineKind,
    amounts: tuple[Money, Money, Money],
    happened_on: date,
    **more: object,
) -> PayoutLine:
    """
    Return a line from gross, fee and net.

    Raises:
        ValueProblem: the three are not in one currency, or net is not gross less fee.
    """
    gross, fee, net = amounts
    if len({gross.currency, fee.currency, net.currency}) > 1:
        raise ValueProblem(f"gross {gross}, fee {fee} and net {net} are not in one currency")
    if gross - fee != net:
        raise ValueProblem(f"net {net} is not gross {gross} less fee {fee}")
    return PayoutLine.model_validate(
        {
            "line_id": line_id,
            "kind": kind,
            "gross": gross,
            "fee": fee,
            "net": net,
            "happened_on": happened_on,
            **more,
        }
    )


def derived_line_id(parts: Iterable[str], seen: Counter[str]) -> str:
    """Return an id for a row that has none: its content, and its place among equal rows."""
    text = "\x1f".join(parts)
    seen[text] += 1
    return "DRV-" + hashlib.sha256(f"{text}\x1f{seen[text]}".encode()).hexdigest()[:24]


@dataclass(slots=True)
class GatheredPayout:
    """A payout while its report is read; ``amount`` is what the report states for the whole."""

    payout_id: str
    lines: list[PayoutLine] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    amount: Money | None = None
    status: str = ""
    paid_on: date | None = None
    bank_reference: str = ""
    is_decomposed: bool = True
    are_lines_reported: bool = True


class Gathering:
    """
    The payouts of one report.

    Rows that cannot be read are told with the payout they belong to, or with the file where they
    do not even say that.
    """

    def __init__(self, file: File, provider: str) -> None:
        self._file, self._provider = file, provider
        self._payouts: dict[str, GatheredPayout] = {}
        self.problems: list[str] = []
        self.notes: Counter[str] = Counter()

    def payout(self, payout_id: str) -> GatheredPayout:
        """Return the payout *payout_id*, a new one the first time."""
        return self._payouts.setdefault(payout_id, GatheredPayout(payout_id))

    def attempt(self, where: str, payout_id: str, work: Callable[[], None]) -> None:
        """Do *work* on one row; what is wrong with the row becomes a problem named *where*."""
        try:
            work()
        except (ValueProblem, ValidationError) as error:
            text = wrong_value(error) if isinstance(error, ValidationError) else str(error)
            told = f"{self._file.source}, {where}: {text}"
            if payout_id:
                self.payout(payout_id).problems.append(told)
            else:
                self.problems.append(told)

    def finish(self) -> tuple[Payout, ...]:
        """Return the payouts; one that names neither amount nor readable lines is a problem."""
        found: list[Payout] = []
        for gathered in self._payouts.values():
            payout = self._finished(gathered)
            if payout is not None:
                found.append(payout)
        return tuple(sorted(found, key=lambda payout: (payout.paid_on, payout.payout_id)))

    def _finished(self, gathered: GatheredPayout) -> Payout | None:
        where = f"{self._file.source}, payout {gathered.payout_id}"
        days = [line.happened_on for line in gathered.lines]
        paid_on = gathered.paid_on or max(days, default=None)
        amount = gathered.amount
        currencies = {line.net.currency for line in gathered.lines}
        if amount is None and len(currencies) == 1:
            amount = Money(
                amount=sum((line.net.amount for line in gathered.lines), Decimal(0)),
                currency=next(iter(currencies)),
            )
        if amount is None or paid_on is None:
            self.problems += gathered.problems
            self.problems.append(f"{where}: neither its amount nor one line of it could be read")
            return None
        if currencies - {amount.currency}:
            others = ", ".join(sorted(currencies - {amount.currency}))
            gathered.problems.append(f"{where}: is in {amount.currency} and has lines in {others}")
            gathered.lines = [
                line for line in gathered.lines if line.net.currency == amount.currency
            ]
        return Payout(
            provider=self._provider,
            payout_id=gathered.payout_id,
            status=gathered.status or "paid",
            paid_on=paid_on,
            amount=amount,
            lines=tuple(gathered.lines),
            is_amount_stated=gathered.amount is not None,
            are_lines_reported=gathered.are_lines_reported,
            is_decomposed=gathered.is_decomposed,
            bank_reference=gathered.bank_reference,
            source=self._file.source,
            sha256=self._file.sha256,
            problems=tuple(gathered.problems),
        )

    def reading(self, report_format: str, pages: int = 1) -> Reading:
        """Return what the report held, which had so many *pages*."""
        # Payouts that come to nothing add to the problems, so they are finished first.
        payouts = self.finish()
        return Reading(
            source=self._file.source,
            sha256=self._file.sha256,
            format=report_format,
            payouts=payouts,
            pages=pages,
            pages_expected=pages,
            problems=tuple(self.problems),
            notes=self.note_texts(),
        )

    def note_texts(self) -> tuple[str, ...]:
        """Return what was left out on purpose, counted."""
        return tuple(f"{text}: {count}" for text, count in sorted(self.notes.items()))
