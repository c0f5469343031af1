"""
What of an item with a billing plan was not billed yet, date by date.

The ERP bills such an item by value: each invoice may carry the whole quantity. What is billed fills
the dates that the ERP calls billed, and then the others by their days, so that a key date in the
past shows the plan as far as it was billed then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import Finding
from connector.reconciliation.order_gaps import Remainder
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.billing_plan import BillingPlanDate
from connector.sd_documents.currency import round_amount
from connector.sd_documents.status import Status

_ZERO = Decimal(0)


def milestone_findings(
    rest: Remainder, rules: ReconciliationRules, opened: Callable[..., Finding]
) -> Iterator[Finding]:
    """
    Yield a finding for each date that is not billed yet; together they are exactly *rest*.

    *opened* makes the finding of a part of an item. A date that is blocked waits for whoever
    releases it, another one for the ERP's billing; both only from their day on.
    """
    shares = [(each, net) for each, net in _unbilled(rest) if net]
    quantity, net_left, tax_left = rest.quantity, rest.net, rest.tax
    currency = rest.item.net_amount.currency
    for at, (each, share) in enumerate(shares, start=1):
        part, net, tax = quantity, net_left, tax_left
        if at < len(shares):
            part, net = rest.quantity * share / rest.net, share
            tax = round_amount(rest.tax * share / rest.net, currency)
        quantity, net_left, tax_left = quantity - part, net_left - net, tax_left - tax
        blocked = bool(each.billing_block_reason)
        days = rules.block_grace_days if blocked else rules.billing_grace_days
        found = opened(
            rest,
            BreakCode.ORDER_BLOCKED if blocked else BreakCode.MISSING_BILLING,
            part,
            net=net,
            tax=tax,
            since=each.billing_date,
            break_on=each.billing_date + timedelta(days=days),
            text=_text(each),
        )
        yield replace(
            found,
            subject=f"{found.subject}, milestone {each.number}",
            keys={**found.keys, "milestone": str(each.number)},
        )


def _unbilled(rest: Remainder) -> Iterator[tuple[BillingPlanDate, Decimal]]:
    billed = rest.item.net_amount.amount - rest.net
    for each in sorted(
        rest.item.billing_plan,
        key=lambda d: (d.billing_status is not Status.COMPLETELY, d.billing_date, d.number),
    ):
        filled = min(max(billed, _ZERO), each.net_amount.amount)
        billed -= filled
        yield each, each.net_amount.amount - filled


def _text(each: BillingPlanDate) -> str:
    share = f" ({each.percent.normalize():f} %)" if each.percent else ""
    shown = f"milestone {each.number} of {each.billing_date.isoformat()}{share}"
    blocked = each.billing_block_reason
    return f"{shown}: billing block {blocked}" if blocked else f"{shown} is not billed yet"
