"""
Prices, discounts, freight and cost of a document's items.

Order of calculation: the price (entered by hand, else from condition records) gives the gross
value; then discounts and freight in the order of the pricing procedure; then tax (`tax.py`).
Conditions for the whole document are calculated once for all items, rounded once, and what the
rounding of the items leaves over goes to the item with the largest gross, of equal ones the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from connector.simulator.engine import money
from connector.simulator.engine.customizing_records import ConditionType, PricingProcedure
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.master_records import Material
from connector.simulator.engine.outcome import Message
from connector.simulator.engine.sales_records import Condition
from connector.simulator.engine.specs import ManualCondition

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)


@dataclass(slots=True)
class PricedItem:
    """
    An item on its way through pricing; the calculation fills the lower half.

    `numerator / denominator` converts the sales unit to the base unit. The conditions of a `fixed`
    item are given and stay as they are.
    """

    item_number: int
    material: Material
    quantity: Decimal
    sales_unit: str
    numerator: Decimal
    denominator: Decimal
    priced: bool
    plant: str
    departure_country: str
    destination_country: str
    customer_tax_class: str
    manual: list[ManualCondition] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    gross: Decimal = ZERO
    running: Decimal = ZERO
    net: Decimal = ZERO
    tax: Decimal = ZERO
    cost: Decimal = ZERO
    tax_code: str = ""
    fixed: bool = False

    @property
    def open(self) -> bool:
        """Whether the calculation has to find the item's prices."""
        return self.priced and not self.fixed


@dataclass(frozen=True, slots=True)
class HeaderCondition:
    """
    A condition for several items at once; `items` None is all of them.

    When documents with header conditions of their own are billed together, each keeps to its items.
    """

    condition: ManualCondition
    items: frozenset[int] | None = None
    manual: bool = True


@dataclass(slots=True)
class Calculation:
    """One pricing run. `redetermine` looks prices and discounts up in condition records."""

    work: UnitOfWork
    procedure: PricingProcedure
    sales_area: tuple[str, str, str]
    customer: str
    currency: str
    pricing_date: date
    items: list[PricedItem]
    header: Sequence[HeaderCondition] = ()
    redetermine: bool = True
    messages: list[Message] = field(default_factory=list)
    missing: list[tuple[int, str]] = field(default_factory=list)

    @property
    def decimals(self) -> int:
        """Decimals of the document's currency."""
        return self.work.core.master.decimals(self.currency)


def price(run: Calculation) -> None:
    """Fill the items of *run* up to and including `running`, the value before tax."""
    _check_types(run)
    if run.messages:
        return
    for item in run.items:
        if item.open:
            _price_of(run, item)
            item.running = item.gross
    for name in run.procedure.condition_types:
        condition_type = run.work.core.master.condition_types[name]
        if condition_type.kind in ("discount", "freight"):
            _apply(run, condition_type)
    for item in run.items:
        if not item.fixed:
            _cost_of(run, item)


def _check_types(run: Calculation) -> None:
    allowed = set(run.procedure.condition_types)
    given = [each.condition for each in run.header]
    for item in run.items:
        given.extend(item.manual)
    for condition in given:
        if condition.condition_type not in allowed:
            run.messages.append(
                run.work.message(
                    "condition type not allowed", condition.condition_type, run.procedure.procedure
                )
            )


def _price_of(run: Calculation, item: PricedItem) -> None:
    types = run.work.core.master.condition_types
    names = [name for name in run.procedure.condition_types if types[name].kind == "price"]
    for manual in reversed(item.manual):
        if types[manual.condition_type].kind == "price":
            item.gross = _add(run, item, types[manual.condition_type], manual, manual=True)
            return
    if run.redetermine:
        for name in names:
            if types[name].records:
                found = _record(run, item, name)
                if found is not None:
                    item.gross = _add(run, item, types[name], found, manual=False)
                    return
    for name in names:
        if types[name].mandatory:
            run.missing.append((item.item_number, name))
            return


def _record(run: Calculation, item: PricedItem, name: str) -> ManualCondition | None:
    found = run.work.core.master.condition_record(
        name,
        run.sales_area,
        customer=run.customer,
        material=item.material.material,
        currency=run.currency,
        on=run.pricing_date,
    )
    if found is None:
        return None
    return ManualCondition(
        name, found.amount, item.item_number, found.currency, found.per, found.unit
    )


def _apply(run: Calculation, kind: ConditionType) -> None:
    """Apply one type: to single items first, then to the whole document."""
    name = kind.condition_type
    for item in run.items:
        if not item.open:
            continue
        for manual in item.manual:
            if manual.condition_type == name:
                item.running += _add(run, item, kind, manual, manual=True)
    given = [each for each in run.header if each.condition.condition_type == name]
    for each in given:
        items = [
            item
            for item in run.items
            if item.open and (each.items is None or item.item_number in each.items)
        ]
        _apply_header(run, kind, each.condition, items, manual=each.manual)
    by_hand = given or any(
        manual.condition_type == name for item in run.items for manual in item.manual
    )
    if kind.records and run.redetermine and not by_hand:
        _apply_records(run, kind)


def _apply_records(run: Calculation, kind: ConditionType) -> None:
    """Condition records of one rate count as one condition for the items they fit."""
    fitting: dict[Decimal, list[PricedItem]] = {}
    for item in run.items:
        if not item.open:
            continue
        found = _record(run, item, kind.condition_type)
        if found is None:
            continue
        if kind.calculation == "percent":
            fitting.setdefault(found.rate, []).append(item)
        else:
            item.running += _add(run, item, kind, found, manual=False)
    for rate, items in fitting.items():
        condition = ManualCondition(kind.condition_type, rate)
        _apply_header(run, kind, condition, items, manual=False)


def _apply_header(
    run: Calculation,
    kind: ConditionType,
    condition: ManualCondition,
    items: list[PricedItem],
    *,
    manual: bool,
) -> None:
    if not items:
        return
    rate = _signed(kind, condition.rate)
    decimals = run.decimals
    if kind.calculation == "percent":
        bases = [item.gross if kind.base == "gross" else item.running for item in items]
        exact = [base * rate / HUNDRED for base in bases]
        if run.work.core.settings.discount_group_processing:
            total = money.rounded(sum(bases, ZERO) * rate / HUNDRED, decimals)
            shares = money.settle(exact, total, [item.gross for item in items], decimals)
        else:
            shares = [money.rounded(each, decimals) for each in exact]
    elif kind.calculation == "quantity":
        for item in items:
            item.running += _add(run, item, kind, condition, manual=manual, header=True)
        return
    else:
        bases = [item.running for item in items]
        amount = _converted(run, condition, rate)
        if amount is None:
            return
        total = money.rounded(amount, decimals)
        shares = money.distribute(total, bases, decimals, [item.gross for item in items])
        exact = shares
    for item, base, share, exactly in zip(items, bases, shares, exact, strict=True):
        item.running += share
        item.conditions.append(
            Condition(
                condition_type=kind.condition_type,
                kind=kind.kind,
                calculation=kind.calculation,
                rate=rate,
                value=share,
                base=base,
                currency="" if kind.calculation == "percent" else run.currency,
                account_key=kind.account_key,
                difference=share - money.rounded(exactly, decimals),
                manual=manual,
                header=True,
            )
        )


def _add(
    run: Calculation,
    item: PricedItem,
    kind: ConditionType,
    condition: ManualCondition,
    *,
    manual: bool,
    header: bool = False,
) -> Decimal:
    """Append one condition to one item and return its value."""
    rate = _signed(kind, condition.rate)
    decimals = run.decimals
    if kind.calculation == "percent":
        base = item.gross if kind.base == "gross" else item.running
        exact: Decimal | None = base * rate / HUNDRED
    elif kind.calculation == "quantity":
        base = _in_condition_unit(run, item, condition.unit)
        exact = _converted(run, condition, rate * base / (condition.per or ONE))
    else:
        base = item.running
        exact = _converted(run, condition, rate)
    if exact is None:
        return ZERO
    value = money.rounded(exact, decimals)
    item.conditions.append(
        Condition(
            condition_type=kind.condition_type,
            kind=kind.kind,
            calculation=kind.calculation,
            rate=rate,
            value=value,
            base=base,
            currency="" if kind.calculation == "percent" else condition.currency or run.currency,
            per=condition.per or ONE,
            unit=condition.unit or (item.sales_unit if kind.calculation == "quantity" else ""),
            account_key=kind.account_key,
            manual=manual,
            header=header,
        )
    )
    return value


def _signed(kind: ConditionType, rate: Decimal) -> Decimal:
    return -abs(rate) if kind.negative else rate


def _converted(run: Calculation, condition: ManualCondition, amount: Decimal) -> Decimal | None:
    """Return *amount* in the document's currency; a missing rate is a message and None."""
    if not condition.currency or condition.currency == run.currency:
        return amount
    rate = run.work.core.master.exchange_rate(condition.currency, run.currency, run.pricing_date)
    if rate is None:
        run.messages.append(
            run.work.message(
                "exchange rate missing", condition.currency, run.currency, run.pricing_date
            )
        )
        return None
    return amount * rate


def _in_condition_unit(run: Calculation, item: PricedItem, unit: str) -> Decimal:
    if not unit or unit == item.sales_unit:
        return item.quantity
    factor = run.work.core.master.unit_factor(item.material, unit)
    if factor is None:
        run.messages.append(run.work.message("sales unit not defined", unit, item.item_number))
        return ZERO
    return item.quantity * item.numerator * factor[1] / (item.denominator * factor[0])


def _cost_of(run: Calculation, item: PricedItem) -> None:
    kind = next(
        (each for each in _types(run, run.procedure.condition_types) if each.kind == "cost"),
        None,
    )
    stock = run.work.core.store.stock_of(item.plant, item.material.material)
    if kind is None or stock is None:
        return
    base = item.quantity * item.numerator / item.denominator
    rate = run.work.core.master.exchange_rate(stock.currency, run.currency, run.pricing_date)
    if rate is None:
        return
    item.cost = money.rounded(stock.price * base / stock.price_unit * rate, run.decimals)
    item.conditions.append(
        Condition(
            condition_type=kind.condition_type,
            kind="cost",
            calculation="quantity",
            rate=stock.price,
            value=item.cost,
            base=base,
            currency=stock.currency,
            per=stock.price_unit,
            unit=stock.unit,
            statistical=True,
        )
    )


def _types(run: Calculation, names: Iterable[str]) -> list[ConditionType]:
    types = run.work.core.master.condition_types
    return [types[name] for name in names]
