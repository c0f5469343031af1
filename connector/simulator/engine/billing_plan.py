"""
Milestone billing plans: dates on which shares of an item's value are billed (billing relevance I).

A date bills a percentage of the item's net value, or an amount. The values of percentages are
differences of rounded running totals: whatever the shares, together they are the item's value.
What is billed keeps its value when the item changes; the rest is shared out anew.

Where a caller brings no dates, the plan type of the item category proposes them, counted in days
from the document's date. Several functions that create documents cannot carry a plan at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from connector.simulator.engine import money
from connector.simulator.engine.billing_plan_specs import BillingPlanDateChange, BillingPlanDateSpec
from connector.simulator.engine.customizing_records import ItemCategory
from connector.simulator.engine.flow import BILLED_BY, REVERSED_BY
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, RefusedError
from connector.simulator.engine.sales_records import BillingPlanDate, FlowRow, SalesItem

ZERO = Decimal(0)
HUNDRED = Decimal(100)

#: Billing relevance of an item that is billed by its plan.
BY_PLAN = "I"
#: FAREG: a percentage of the item's value, or an amount.
PERCENT, AMOUNT = "1", "2"


def proposed(
    work: UnitOfWork,
    category: ItemCategory,
    given: Sequence[BillingPlanDateSpec],
    start: date,
) -> tuple[BillingPlanDateSpec, ...]:
    """Return the dates as *given*, else those of the item category's plan type from *start* on."""
    if category.billing_relevance != BY_PLAN:
        return ()
    if given:
        return numbered(given)
    return tuple(
        BillingPlanDateSpec(
            billing_date=start + timedelta(days=each.days),
            percent=each.percent,
            billing_block=each.billing_block,
            description=each.description,
            number=each.number,
        )
        for each in work.core.master.billing_plan_dates_of(category.billing_plan_type)
    )


def numbered(dates: Iterable[BillingPlanDateSpec]) -> tuple[BillingPlanDateSpec, ...]:
    """Return *dates* in order of their numbers; those without one take the next."""
    found: list[BillingPlanDateSpec] = []
    for each in dates:
        last = max((other.number for other in found), default=0)
        found.append(each if each.number else replace(each, number=last + 1))
    return tuple(sorted(found, key=lambda each: each.number))


def faults(
    work: UnitOfWork, item: SalesItem, dates: Sequence[BillingPlanDateSpec]
) -> list[Message]:
    """Return what is wrong with the dates of a plan."""
    rows: list[Message] = []
    codes = work.core.master.codes
    for each in dates:
        block = each.billing_block
        if block and ("billing block", block) not in codes:
            rows.append(work.message("code unknown", "Billing block", block))
        if not ZERO <= each.percent <= HUNDRED or (each.amount or ZERO) < ZERO:
            rows.append(work.message("billing plan invalid", item.item_number, each.number))
    whole = sum((each.percent for each in dates if each.amount is None), ZERO)
    if whole > HUNDRED or len({each.number for each in dates}) < len(dates):
        rows.append(work.message("billing plan invalid", item.item_number, f"{whole} %"))
    return rows


def valued(
    dates: Sequence[BillingPlanDateSpec],
    net: Decimal,
    decimals: int,
    old: Sequence[BillingPlanDate],
    billed: Sequence[int],
) -> tuple[BillingPlanDate, ...]:
    """Return *dates* with their values of *net*; dates in *billed* keep the value of *old*."""
    kept = {each.number: each.value for each in old if each.number in billed}
    fixed = {
        each.number: money.rounded(each.amount, decimals)
        for each in dates
        if each.amount is not None and each.number not in kept
    }
    shared = [each for each in dates if each.number not in kept and each.number not in fixed]
    percents = [each.percent for each in shared]
    complete = sum((each.percent for each in dates), ZERO) == HUNDRED and not fixed
    if kept and complete:
        shares = money.distribute(net - sum(kept.values(), ZERO), percents, decimals)
    else:
        shares = _running(net, percents, decimals)
    values = {**kept, **fixed}
    values |= {each.number: share for each, share in zip(shared, shares, strict=True)}
    return tuple(
        BillingPlanDate(
            number=each.number,
            billing_date=each.billing_date,
            rule=PERCENT if each.amount is None else AMOUNT,
            percent=each.percent,
            value=values[each.number],
            billing_block=each.billing_block,
            description=each.description,
        )
        for each in dates
    )


def _running(net: Decimal, percents: Sequence[Decimal], decimals: int) -> list[Decimal]:
    """Return the differences of the rounded running totals."""
    shares: list[Decimal] = []
    whole = ZERO
    for percent in percents:
        whole += percent
        shares.append(money.rounded(net * whole / HUNDRED, decimals) - sum(shares, ZERO))
    return shares


def billed_values(rows: Iterable[FlowRow], item_number: int) -> dict[int, Decimal]:
    """Return the billed value by number of the plan's date; what is cancelled is not billed."""
    counts: dict[int, int] = {}
    values: dict[int, Decimal] = {}
    for row in rows:
        if row.preceding_item != item_number or row.subsequent_category not in BILLED_BY:
            continue
        sign = -1 if row.subsequent_category in REVERSED_BY else 1
        number = row.billing_plan_date
        counts[number] = counts.get(number, 0) + sign
        values[number] = values.get(number, ZERO) + sign * row.value
    return {number: values[number] for number, count in counts.items() if count > 0}


def specs_of(item: SalesItem) -> tuple[BillingPlanDateSpec, ...]:
    """Return the dates of an item's plan as a caller would give them."""
    return tuple(
        BillingPlanDateSpec(
            billing_date=each.billing_date,
            percent=each.percent,
            amount=each.value if each.rule == AMOUNT else None,
            billing_block=each.billing_block,
            description=each.description,
            number=each.number,
        )
        for each in item.billing_plan
    )


def changed(
    work: UnitOfWork,
    item_number: int,
    dates: Sequence[BillingPlanDateSpec],
    wanted: Iterable[BillingPlanDateChange],
    billed: Iterable[int],
) -> tuple[BillingPlanDateSpec, ...]:
    """Return *dates* with *wanted* applied. RefusedError: unknown number, or billed already."""
    done = set(billed)
    found = {each.number: each for each in dates}
    for change in wanted:
        if change.new is not None:
            number = change.new.number or max(found, default=0) + 1
            found[number] = replace(change.new, number=number)
            continue
        before = found.get(change.number)
        if before is None or change.number in done:
            raise RefusedError(work.message("billing plan invalid", item_number, change.number))
        if change.deleted:
            del found[change.number]
            continue
        given = {
            name: value
            for name in ("billing_date", "percent", "amount", "billing_block", "description")
            if (value := getattr(change, name)) is not None
        }
        if "percent" in given:
            given.setdefault("amount", None)
        found[change.number] = replace(before, **given)
    return numbered(found.values())
