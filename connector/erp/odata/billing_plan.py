"""Billing plans of items over OData: the dates on which shares of an item are billed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from connector.erp.odata.row import Row
from connector.erp.odata.shown_values import money, status_of
from connector.sd_documents.billing_plan import BillingPlanDate

#: Where the dates stand, seen from an item.
TO_DATES: Final = "to_BillingPlan/to_BillingPlanItem"
#: The fields of a date that are read.
PLAN_DATE: Final = (
    "BillingPlanItem",
    "BillingPlanBillingDate",
    "BillingPlanAmount",
    "BillingPlanAmountPercent",
    "BillingBlockReason",
    "BillingPlanRelatedBillgStatus",
    "BillingPlanDateDescriptionCode",
)


def billing_plan(item: Row, currency: str) -> tuple[BillingPlanDate, ...]:
    """Return the dates of the billing plan of *item* by number, none where it has no plan."""
    plan = item.row("to_BillingPlan")
    dates = _dates(plan, currency) if plan is not None else ()
    return tuple(sorted(dates, key=lambda date: date.number))


def _dates(plan: Row, currency: str) -> Iterator[BillingPlanDate]:
    for date in plan.rows("to_BillingPlanItem"):
        on = date.date("BillingPlanBillingDate")
        if on is not None:
            yield BillingPlanDate(
                number=int(date.text("BillingPlanItem")),
                billing_date=on,
                net_amount=money(date.decimal("BillingPlanAmount"), currency),
                percent=date.decimal("BillingPlanAmountPercent"),
                billing_block_reason=date.text("BillingBlockReason"),
                billing_status=status_of(date.text("BillingPlanRelatedBillgStatus")),
                description=date.text("BillingPlanDateDescriptionCode"),
            )
