"""
Amounts of billed items: the order's prices for the billed quantity, tax anew.

Percentages for a whole order are calculated over the items billed together. Fixed amounts follow
the quantity, each invoice taking the difference of rounded running totals: whatever the parts,
they add up to the order's amount.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import money, partners
from connector.simulator.engine.billing_sources import BillableItem, billed_before
from connector.simulator.engine.finance_records import BillingItem
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import RefusedError
from connector.simulator.engine.pricing import Calculation, HeaderCondition, PricedItem, price
from connector.simulator.engine.sales_records import BillingPlanDate
from connector.simulator.engine.specs import ManualCondition
from connector.simulator.engine.tax import add_tax

ZERO = Decimal(0)
ONE = Decimal(1)
STEP = 10


def priced_items(work: UnitOfWork, items: list[BillableItem], on: date) -> tuple[BillingItem, ...]:
    """Return the items of one billing document, numbered 10, 20, ...; RefusedError on faults."""
    order = items[0].order
    numbers = [position * STEP for position in range(1, len(items) + 1)]
    area = (order.sales_organization, order.distribution_channel, order.division)
    run = Calculation(
        work=work,
        procedure=work.core.master.pricing_procedures[order.pricing_procedure],
        sales_area=area,
        customer=order.sold_to,
        currency=order.currency,
        pricing_date=on,
        items=[
            _priced(work, item, number, area) for item, number in zip(items, numbers, strict=True)
        ],
        header=_percentages(
            [each for each in zip(items, numbers, strict=True) if not each[0].plan_date]
        ),
        redetermine=False,
    )
    price(run)
    add_tax(run)
    if run.messages:
        raise RefusedError(*run.messages)
    if run.missing:
        raise RefusedError(
            *(work.message("mandatory price missing", name) for _, name in run.missing)
        )
    return tuple(_item(item, priced) for item, priced in zip(items, run.items, strict=True))


def _priced(
    work: UnitOfWork, item: BillableItem, number: int, area: tuple[str, str, str]
) -> PricedItem:
    master = work.core.master
    order_item = item.order_item
    plant = order_item.plant
    company = master.company_codes[item.order.company_code]
    departure = master.plants[plant].country if plant else company.country
    priced = PricedItem(
        item_number=number,
        material=master.materials[order_item.material],
        quantity=item.quantity,
        sales_unit=order_item.sales_unit,
        numerator=order_item.base_numerator,
        denominator=order_item.base_denominator,
        priced=master.item_categories[order_item.item_category].priced,
        plant=plant,
        departure_country=departure,
        destination_country=partners.country_of(work, item.partner("WE")),
        customer_tax_class=master.customer_sales_areas[item.order.sold_to, *area].tax_class,
        manual=[] if item.plan_date else _own_conditions(work, item, number),
    )
    if item.plan_date is not None:
        _fix(work, item, item.plan_date, priced)
    return priced


def _fix(
    work: UnitOfWork, item: BillableItem, planned: BillingPlanDate, priced: PricedItem
) -> None:
    """Give a priced item the share of the order item's conditions that a plan's date bills."""
    order_item = item.order_item
    decimals = work.core.master.decimals(item.order.currency)
    whole = order_item.net_value or ONE
    earlier, now = item.planned_before / whole, (item.planned_before + planned.value) / whole

    def share(value: Decimal) -> Decimal:
        return money.rounded(value * now, decimals) - money.rounded(value * earlier, decimals)

    amounts = [
        replace(each, value=share(each.value), base=share(each.base), difference=ZERO)
        for each in order_item.conditions
        if not each.statistical and each.kind in ("price", "discount", "freight")
    ]
    # Prices that contain the tax: their shares come to the gross amount, the tax is taken out.
    total = sum((each.value for each in amounts), ZERO)
    included = work.core.master.pricing_procedures[item.order.pricing_procedure].tax_included
    rest = ZERO if included else planned.value - total
    if rest and amounts:
        amounts[0] = replace(amounts[0], value=amounts[0].value + rest)
    priced.fixed = True
    priced.conditions = list(amounts)
    priced.gross = sum((each.value for each in amounts if each.kind == "price"), ZERO)
    priced.running = total + rest
    priced.cost = share(order_item.cost)


def _own_conditions(work: UnitOfWork, item: BillableItem, number: int) -> list[ManualCondition]:
    found = []
    for each in item.order_item.conditions:
        if each.statistical or each.kind not in ("price", "discount", "freight"):
            continue
        if each.calculation == "percent" and each.header:
            continue
        rate, currency = each.rate, each.currency
        if each.calculation == "amount":
            rate, currency = _share(work, item, each.value), item.order.currency
        found.append(
            ManualCondition(each.condition_type, rate, number, currency, each.per, each.unit)
        )
    return found


def _share(work: UnitOfWork, item: BillableItem, value: Decimal) -> Decimal:
    decimals = work.core.master.decimals(item.order.currency)
    ordered = item.order_item.quantity
    before = billed_before(work, item)
    earlier = min(ONE, before / ordered)
    now = min(ONE, (before + item.quantity) / ordered)
    return money.rounded(value * now, decimals) - money.rounded(value * earlier, decimals)


def _percentages(items: list[tuple[BillableItem, int]]) -> list[HeaderCondition]:
    found: dict[tuple[str, str, Decimal], set[int]] = {}
    for item, number in items:
        for each in item.order_item.conditions:
            if each.header and each.calculation == "percent" and not each.statistical:
                key = (item.order.number, each.condition_type, each.rate)
                found.setdefault(key, set()).add(number)
    return [
        HeaderCondition(ManualCondition(name, rate), frozenset(members))
        for (_, name, rate), members in found.items()
    ]


def _item(item: BillableItem, priced: PricedItem) -> BillingItem:
    number, item_number, category = item.source
    order_item = item.order_item
    return BillingItem(
        item_number=priced.item_number,
        material=order_item.material,
        description=order_item.description,
        quantity=item.quantity,
        sales_unit=order_item.sales_unit,
        gross_value=priced.gross,
        net_value=priced.net,
        tax_amount=priced.tax,
        cost=priced.cost,
        tax_code=priced.tax_code,
        item_category=order_item.item_category,
        reference_document=number,
        reference_item=item_number,
        reference_category=category,
        sales_document=item.order.number,
        sales_item=order_item.item_number,
        plant=order_item.plant,
        material_group=order_item.material_group,
        conditions=tuple(priced.conditions),
        billing_plan=order_item.billing_plan_number if item.plan_date else "",
        billing_plan_date=item.plan_date.number if item.plan_date else 0,
    )
