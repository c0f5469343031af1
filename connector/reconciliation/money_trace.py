"""
The end of the chain: in which payout a payment came, with which fee, and on which bank line.

What belongs together is taken from the matches of a run, so that the trace never says anything
else than the run it explains.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from connector.ports.store_records import FlowView
from connector.reconciliation.extract import item_key
from connector.reconciliation.matching import Match
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.trace import Findings, Stage, TraceStep
from connector.sd_documents.values import Money
from connector.statements.model import BankLine, BankStatement, Payout, PayoutLine


class MoneyTrace:
    """Implements :class:`connector.reconciliation.trace.TraceSource` for payouts and bank lines."""

    def __init__(
        self,
        matches: Iterable[Match],
        payouts: Iterable[Payout],
        statements: Iterable[BankStatement],
        findings: Findings | None = None,
    ) -> None:
        """*findings* are those of the run that has matched."""
        self._findings = findings or Findings()
        self._lines: dict[str, tuple[Payout, PayoutLine]] = {}
        self._payouts: dict[str, Payout] = {}
        for payout in payouts:
            self._payouts[payout.name] = payout
            for line in payout.lines:
                self._lines[f"{payout.name}, line {line.line_id}"] = payout, line
        self._bank = {
            f"bank line {line.key}": line for statement in statements for line in statement.lines
        }
        self._outside: dict[str, list[str]] = defaultdict(list)
        self._erp: dict[str, list[str]] = defaultdict(list)
        ours = {*self._lines, *self._payouts, *self._bank}
        for match in matches if ours else ():
            # Most matches are about orders and receipts; they may be millions.
            if match.outside in ours or match.erp in ours:
                self._outside[match.erp].append(match.outside)
                self._erp[match.outside].append(match.erp)

    def steps(self, order: MirroredOrder, view: FlowView) -> Iterator[TraceStep]:
        """Yield the payout lines of the order's payments and refunds, and the bank lines behind."""
        names = [f"payment {payment.payment_id} of {order.name}" for payment in order.payments]
        found = [each for name in (*names, f"refund of {order.name}") for each in self._of(name)]
        payouts = []
        for payout, line in found:
            yield _line_step(payout, line)
            if payout not in payouts:
                payouts.append(payout)
        for payout in payouts:
            yield from self._payout_steps(payout)
        yield from self._bank_lines_of_receipts(view)

    def numbers_with(self, wanted: str, amount: Decimal | None) -> Iterator[str]:
        """Yield payments, or keys of receipts, behind a payout, a line of one, or a bank line."""
        for name, (payout, line) in self._lines.items():
            numbers = {payout.payout_id, line.line_id, line.charge_id, payout.bank_reference}
            amounts = {line.gross.amount, line.net.amount, payout.amount.amount}
            numbers |= {each.bank_reference for each in self._bank_lines(payout.name)}
            if wanted in numbers or _is_one_of(amount, amounts):
                yield from map(_payment_in, self._erp.get(name, ()))
        for name, bank_line in self._bank.items():
            if wanted == bank_line.bank_reference or _is_one_of(amount, {bank_line.amount.amount}):
                yield from map(_document_in, self._erp.get(name, ()))

    def _of(self, erp: str) -> list[tuple[Payout, PayoutLine]]:
        names = self._outside.get(erp, ())
        return [self._lines[name] for name in names if name in self._lines]

    def _bank_lines(self, name: str) -> list[BankLine]:
        """Return the bank lines that *name* was matched with, whichever side it stands on."""
        others = (*self._erp.get(name, ()), *self._outside.get(name, ()))
        return [self._bank[other] for other in others if other in self._bank]

    def _payout_steps(self, payout: Payout) -> Iterator[TraceStep]:
        text = f"{len(payout.lines)} lines in all"
        yield TraceStep(Stage.PAYOUT, payout.name, text, payout.paid_on, payout.amount)
        lines = self._bank_lines(payout.name)
        for line in lines:
            yield _bank_step(line, _difference(line.amount, payout.amount), "")
        if not lines:
            yield TraceStep(
                Stage.BANK,
                "",
                f"of {payout.name}",
                residual=-payout.amount,
                reason="no bank line was matched with it",
            )

    def _bank_lines_of_receipts(self, view: FlowView) -> Iterator[TraceStep]:
        seen = set()
        for item in view.items:
            document = "/".join(str(part) for part in item_key(item)[:3])
            if item.billing_document or document in seen:
                continue
            seen.add(document)
            for line in self._bank_lines(f"FI document {document}"):
                reason = f"posted as {document}"
                left, why = self._findings.left_of(line.key)
                yield _bank_step(line, left, f"{reason}; {why}" if why else reason)


def _line_step(payout: Payout, line: PayoutLine) -> TraceStep:
    return TraceStep(
        Stage.PAYOUT,
        payout.name,
        f"{line.kind.value.lower()} {line.charge_id or line.line_id}",
        line.happened_on,
        line.net,
        _difference(line.net, line.gross),
        f"fee {line.fee}" if line.fee else "",
    )


def _bank_step(line: BankLine, residual: Money | None, reason: str) -> TraceStep:
    text = f"account {line.bank_account}, statement {line.statement}"
    return TraceStep(
        Stage.BANK, line.bank_reference, text, line.booking_date, line.amount, residual, reason
    )


def _difference(one: Money, other: Money) -> Money | None:
    return one - other if one.currency == other.currency else None


def _is_one_of(amount: Decimal | None, amounts: set[Decimal]) -> bool:
    return amount is not None and abs(amount) in {abs(each) for each in amounts}


def _payment_in(erp: str) -> str:
    """Return the number in ``payment 4711 of shop/1001`` or ``refund of shop/1001``."""
    words: Sequence[str] = erp.split()
    return words[1] if words[0] == "payment" else words[-1].rpartition("/")[2]


def _document_in(erp: str) -> str:
    """Return the whole key in ``FI document 1000/1400000001/2026``: numbers repeat elsewhere."""
    return erp.rpartition(" ")[2]
