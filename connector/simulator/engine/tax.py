"""
Output tax of priced items, by tax code.

With group processing the tax of a code is the rounded tax of the sum of its items; what the
rounding of the items leaves over goes to the item with the largest gross, of equal ones the last.
A procedure with tax included takes the tax out of the price instead of adding it.
"""

from __future__ import annotations

from decimal import Decimal

from connector.simulator.engine import money
from connector.simulator.engine.customizing_records import ConditionType
from connector.simulator.engine.pricing import Calculation, PricedItem
from connector.simulator.engine.sales_records import Condition

ZERO = Decimal(0)
HUNDRED = Decimal(100)


def add_tax(run: Calculation) -> None:
    """Fill `net`, `tax` and `tax_code` of the items of *run*, whose `running` value is known."""
    kind = next(
        (
            each
            for name in run.procedure.condition_types
            if (each := run.work.core.master.condition_types[name]).kind == "tax"
        ),
        None,
    )
    groups: dict[tuple[str, Decimal], list[PricedItem]] = {}
    for item in run.items:
        item.net = item.running
        if kind is None or not item.priced:
            continue
        rule = run.work.core.master.tax_rule(
            item.departure_country,
            item.destination_country,
            item.customer_tax_class,
            item.material.tax_class,
            run.pricing_date,
        )
        if rule is None:
            run.missing.append((item.item_number, kind.condition_type))
            continue
        item.tax_code = rule.tax_code
        groups.setdefault((rule.tax_code, rule.rate), []).append(item)
    if kind is not None:
        for (code, rate), items in groups.items():
            _tax_group(run, kind, code, rate, items)


def _tax_group(
    run: Calculation, kind: ConditionType, code: str, rate: Decimal, items: list[PricedItem]
) -> None:
    decimals = run.decimals
    divisor = HUNDRED + rate if run.procedure.tax_included else HUNDRED
    exact = [item.running * rate / divisor for item in items]
    if run.work.core.settings.tax_group_processing:
        whole = sum((item.running for item in items), ZERO)
        total = money.rounded(whole * rate / divisor, decimals)
        taxes = money.settle(exact, total, [item.gross for item in items], decimals)
    else:
        taxes = [money.rounded(each, decimals) for each in exact]
    for item, tax, exactly in zip(items, taxes, exact, strict=True):
        item.tax = tax
        if run.procedure.tax_included:
            item.net = item.running - tax
        item.conditions.append(
            Condition(
                condition_type=kind.condition_type,
                kind="tax",
                calculation="percent",
                rate=rate,
                value=tax,
                base=item.running,
                account_key=kind.account_key,
                tax_code=code,
                difference=tax - money.rounded(exactly, decimals),
            )
        )
