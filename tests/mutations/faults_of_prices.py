"""Wrong amounts for the right quantity: price, discount, freight, tax, currency, decimals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from connector.mappings.external_order import ExternalOrder, ExternalShipping, ExternalTax
from connector.reconciliation.breaks import BreakCode
from connector.sd_documents.currency import quantum
from connector.simulator.engine.specs import ManualCondition
from tests.mutations.market import DOLLARS, GULF, HOME, JAPAN, Sale, SoldLine
from tests.mutations.planting import Planted, Planting, fault, of_order, tells
from tests.mutations.world import gross

CODE = "tax code A1"


def _said(m: Planting, sale: Sale, **changes: object) -> None:
    """Let the shop say other amounts of an order."""
    known = m.world.orders[sale.name]
    changed = known.order.model_copy(update=changes)
    m.world.orders[sale.name] = replace(known, order=changed)


def _order(m: Planting, sale: Sale) -> ExternalOrder:
    return m.world.orders[sale.name].order


def _total(m: Planting, sale: Sale, by: Decimal) -> object:
    totals = _order(m, sale).totals
    assert totals.grand_total is not None
    return totals.model_copy(update={"grand_total": totals.grand_total + by})


def _steps(m: Planting) -> Decimal:
    return Decimal(m.chance.randint(1, 9))


@fault(BreakCode.PRICE_DIFF, "somebody changed a price in the sales order")
def price_changed(m: Planting) -> Planted:
    sale = m.world.sells(HOME, m.lines())
    by = _steps(m) * m.chance.choice([1, -1])
    first = sale.lines[0]
    dearer = replace(first, price=max(first.price + by, Decimal(1)))
    by = dearer.price - first.price
    if not by:
        dearer = replace(first, price=first.price + 1)
    m.world.changes(sale, conditions=[ManualCondition("PR00", dearer.price, 10, currency="EUR")])
    yield m.soon()
    m.world.delivers(sale)
    m.world.bills(sale)
    amount = gross(HOME, dearer) - gross(HOME, first)
    return tells(BreakCode.PRICE_DIFF, of_order(sale, part="item 10"), amount, sale)


@fault(BreakCode.PRICE_DIFF, "an invoice was cancelled and billed again at another price")
def price_changed_after_billing(m: Planting) -> Planted:
    sale = m.open_invoice()
    m.world.cancels(sale)
    yield m.soon()
    first = sale.lines[0]
    dearer = replace(first, price=first.price + _steps(m))
    m.world.changes(sale, conditions=[ManualCondition("PR00", dearer.price, 10, currency="EUR")])
    m.world.bills(sale)
    amount = gross(HOME, dearer) - gross(HOME, first)
    return tells(BreakCode.PRICE_DIFF, of_order(sale, part="item 10"), amount, sale)


@fault(BreakCode.PRICE_DIFF, "the shop's total is not the sum of its lines")
def total_is_off(m: Planting) -> Planted:
    sale = m.victim("paid", DOLLARS)
    yield m.soon()
    by = _steps(m)
    _said(m, sale, totals=_total(m, sale, by))
    return tells(BreakCode.PRICE_DIFF, of_order(sale, part="total"), -by, sale)


@fault(BreakCode.DISCOUNT_DIFF, "only the ERP grants a discount")
def discount_inside(m: Planting) -> Planted:
    by = _steps(m)
    conditions = [ManualCondition("RB00", by, 10, currency="EUR")]
    sale = m.billed(conditions=conditions)
    yield m.soon()
    amount = -by * Decimal("1.19")
    return tells(BreakCode.DISCOUNT_DIFF, of_order(sale, part="item 10"), amount, sale)


@fault(BreakCode.DISCOUNT_DIFF, "a discount of the shop was not handed over")
def discount_outside(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    by = min(_steps(m), sale.lines[0].net)
    tax = by * HOME.rate
    first, *others = _order(m, sale).lines
    (known,) = first.taxes
    less = known.model_copy(update={"amount": known.amount - tax})
    line = first.model_copy(update={"allocated_discount": by, "taxes": (less,)})
    _said(m, sale, lines=(line, *others), totals=_total(m, sale, -by - tax))
    return tells(BreakCode.DISCOUNT_DIFF, of_order(sale, part=CODE), by + tax, sale)


@fault(BreakCode.FREIGHT_DIFF, "the shop's shipping fee was not handed over")
def freight_outside(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    by = _steps(m)
    tax = by * HOME.rate
    charged = ExternalShipping(price=by, taxes=(ExternalTax(rate=HOME.rate, amount=tax),))
    _said(m, sale, shipping=(charged,), totals=_total(m, sale, by + tax))
    return tells(BreakCode.FREIGHT_DIFF, of_order(sale, part=CODE), -by - tax, sale)


@fault(BreakCode.FREIGHT_DIFF, "only the ERP charges freight")
def freight_inside(m: Planting) -> Planted:
    by = _steps(m)
    sale = m.billed(most=1, conditions=[ManualCondition("HD00", by, 0, currency="EUR")])
    yield m.soon()
    amount = by * Decimal("1.19")
    return tells(BreakCode.FREIGHT_DIFF, of_order(sale, part="item 10"), amount, sale)


@fault(BreakCode.TAX_CODE_DIFF, "the shop taxed at another rate")
def other_rate(m: Planting) -> Planted:
    sale = m.billed(most=1)
    yield m.soon()
    (line,) = _order(m, sale).lines
    (known,) = line.taxes
    reduced = ExternalTax(rate=Decimal("0.07"), amount=sale.lines[0].net * Decimal("0.07"))
    by = known.amount - reduced.amount
    taxed = line.model_copy(update={"taxes": (reduced,)})
    _said(m, sale, lines=(taxed,), totals=_total(m, sale, -by))
    return tells(BreakCode.TAX_CODE_DIFF, of_order(sale, part=CODE), by, sale)


@fault(BreakCode.TAX_CODE_DIFF, "an article is taxed at the reduced rate in the ERP alone")
def other_classification(m: Planting) -> Planted:
    line = SoldLine("M-62", m.chance.randint(1, 30), Decimal(m.chance.randint(1, 90)))
    sale = m.world.sells(HOME, (line,))
    m.world.delivers(sale)
    m.world.bills(sale)
    yield m.soon()
    amount = line.net * (Decimal("0.07") - HOME.rate)
    return tells(BreakCode.TAX_CODE_DIFF, of_order(sale, part="tax code A2"), amount, sale)


@fault(BreakCode.TAX_ROUNDING, "the shop rounded tax otherwise")
def rounded(m: Planting) -> Planted:
    market, part = m.chance.choice([(HOME, CODE), (JAPAN, "tax code J1")])
    sale = m.billed(market, most=2)
    yield m.soon()
    by = quantum(market.currency) * m.chance.choice([1, -1])
    first, *others = _order(m, sale).lines
    (known,) = first.taxes
    odd = known.model_copy(update={"amount": known.amount + by})
    line = first.model_copy(update={"taxes": (odd,)})
    _said(m, sale, lines=(line, *others), totals=_total(m, sale, by))
    return tells(BreakCode.TAX_ROUNDING, of_order(sale, part=part), -by, sale)


@fault(BreakCode.CURRENCY_MISMATCH, "the sales order is in another currency")
def other_currency(m: Planting) -> Planted:
    sale = m.billed(currency="USD")
    yield m.soon()
    keys = of_order(sale, sales_order=sale.order)
    return tells(BreakCode.CURRENCY_MISMATCH, keys, -sale.gross, sale)


@fault(BreakCode.CURRENCY_SCALE, "prices were sent without regard to the currency's decimals")
def shifted(m: Planting) -> Planted:
    market, scale = m.chance.choice([(JAPAN, 100), (GULF, 10), (JAPAN, 10)])
    (line,) = m.one_line(market)
    sale = m.world.promises(market, (line,))
    wrong = ManualCondition("PR00", line.price * scale, 10, currency=market.currency)
    m.world.orders_in_erp(sale, prices=[wrong])
    yield m.soon()
    m.world.delivers(sale)
    m.world.bills(sale)
    keys = of_order(sale, sales_order=sale.order)
    return tells(BreakCode.CURRENCY_SCALE, keys, sale.gross * (scale - 1), sale)
