"""What was posted on one account between two key dates, by what it is to the balance."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from connector.reconciliation.differences import Scope
from connector.reconciliation.roll_forward import ItemMovement
from connector.sd_documents.values import Money


class Posting(StrEnum):
    """What a customer line is to the balance of its account."""

    INVOICE = "invoices"
    CREDIT = "credits"
    RECEIPT = "receipts"
    OTHER = "other"


@dataclass(slots=True)
class AccountMovements:
    """Adds up what moved on one account, in one currency."""

    restated: Decimal = Decimal(0)
    sums: dict[Posting, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    counts: dict[Posting, int] = field(default_factory=lambda: defaultdict(int))

    def post(self, kind: Posting, amount: Decimal) -> None:
        """Add a line of the time between."""
        self.sums[kind] += amount
        self.counts[kind] += 1

    def restate(self, amount: Decimal) -> None:
        """Add a line of the time before that was entered late."""
        self.restated += amount

    def row(self, scope: Scope, opening: Decimal, closing: Decimal) -> ItemMovement:
        """Return the roll-forward of *scope* from *opening* to *closing*."""

        def money(amount: Decimal) -> Money:
            return Money(amount=amount, currency=scope.stated_in)

        sums, counts = self.sums, self.counts
        return ItemMovement(
            scope=scope,
            opening=money(opening),
            restated=money(self.restated),
            invoices=money(sums[Posting.INVOICE]),
            credits=money(-sums[Posting.CREDIT]),
            receipts=money(-sums[Posting.RECEIPT]),
            other=money(sums[Posting.OTHER]),
            closing=money(closing),
            invoice_count=counts[Posting.INVOICE],
            credit_count=counts[Posting.CREDIT],
            receipt_count=counts[Posting.RECEIPT],
            other_count=counts[Posting.OTHER],
        )
