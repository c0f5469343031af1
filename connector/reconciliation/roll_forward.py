"""
The roll-forward: how the run before became this one, for breaks and for open items.

Both must close to the last cent, or the run is INCOMPLETE: what cannot be explained as a movement
is a figure that somebody changed, or that was read wrongly.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from connector.reconciliation.differences import Scope
from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money


class PreviousRun(Frozen):
    """The run that another one builds on; ``content_hash`` ties the two together."""

    run_id: str
    content_hash: str
    key_date: date


class Tally(Frozen):
    """How many, and how much; the currency is that of the row."""

    count: int = 0
    amount: Decimal = Decimal(0)

    def __add__(self, other: Tally) -> Tally:
        return Tally(count=self.count + other.count, amount=self.amount + other.amount)

    def __sub__(self, other: Tally) -> Tally:
        return Tally(count=self.count - other.count, amount=self.amount - other.amount)

    def __bool__(self) -> bool:
        return bool(self.count or self.amount)


class BreakMovement(Frozen):
    """
    The breaks of one currency (empty for breaks without an amount) between two runs:
    opening + new + reopened +/- changed - resolved - accepted = closing.

    ``changed`` counts the breaks whose amount moved and adds up by how much; it adds none. A break
    that was accepted no longer counts; one whose accepted amount changed is reopened.
    """

    currency: str
    opening: Tally = Tally()
    new: Tally = Tally()
    reopened: Tally = Tally()
    changed: Tally = Tally()
    resolved: Tally = Tally()
    accepted: Tally = Tally()
    closing: Tally = Tally()

    @property
    def difference(self) -> Tally:
        """Closing less what opening and movements make; anything but zero is a defect."""
        moved = Tally(amount=self.changed.amount)
        made = self.opening + self.new + self.reopened + moved - self.resolved - self.accepted
        return self.closing - made


class ItemMovement(Frozen):
    """
    The open items of one account between two key dates:
    opening + restated + invoices - credits - receipts + other = closing.

    ``restated`` is what was entered later with a posting date of the time before. Credits and
    receipts are positive where they lower the balance. ``other`` are all postings that are none of
    these, such as clearings that leave a rest. Counts are those of lines in accounting.

    What is in foreign currency has a second row, stated in the company code's.
    """

    scope: Scope
    opening: Money
    restated: Money
    invoices: Money
    credits: Money
    receipts: Money
    other: Money
    closing: Money
    invoice_count: int = 0
    credit_count: int = 0
    receipt_count: int = 0
    other_count: int = 0

    @property
    def difference(self) -> Money:
        """Closing less what opening and movements make; anything but zero is a defect."""
        made = self.opening + self.restated + self.invoices - self.credits - self.receipts
        return self.closing - (made + self.other)


class RollForward(Frozen):
    """
    From the run before to this one. ``opens_from`` is empty for the first run of its kind, which
    has no items to start from.
    """

    opens_from: PreviousRun | None = None
    breaks: tuple[BreakMovement, ...] = ()
    items: tuple[ItemMovement, ...] = ()

    @property
    def closes(self) -> bool:
        """Whether every row closes exactly."""
        return not any(True for _ in self.problems())

    def problems(self) -> Iterator[str]:
        """Say what does not close, and by how much."""
        for row in self.breaks:
            if row.difference:
                rest = f"{row.difference.count} breaks, {row.difference.amount} {row.currency}"
                yield f"the breaks do not roll forward: {rest.rstrip()} are left over"
        for each in self.items:
            if each.difference:
                scope = each.scope
                account = f"{scope.company_code}/{scope.reconciliation_account}"
                if scope.valued_in:
                    account += f" in {scope.currency}, valued in {scope.valued_in},"
                rest = f"{each.difference} are left over"
                yield f"the open items of {account} do not roll forward: {rest}"
