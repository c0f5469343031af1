"""Billing plans: an item that is billed in shares on days of its own, such as milestones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connector.sd_documents.model import Frozen
from connector.sd_documents.status import Status
from connector.sd_documents.values import Money


class BillingPlanDate(Frozen):
    """
    One date of an item's billing plan.

    ``net_amount`` is the share that is billed then, ``percent`` its part of the item, zero where
    the plan says an amount. ``billing_block_reason`` keeps it from being billed although its day
    has come: the milestone is not reached.
    """

    number: int
    billing_date: date
    net_amount: Money
    percent: Decimal = Decimal(0)
    billing_block_reason: str = ""
    billing_status: Status = Status.NOT_YET
    description: str = ""

    def is_due_on(self, day: date) -> bool:
        """Tell whether the share may be billed on *day*."""
        is_open = self.billing_status is not Status.COMPLETELY
        return is_open and not self.billing_block_reason and self.billing_date <= day
