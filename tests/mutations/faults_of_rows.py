"""Rows that are missing in what was read, or that say something else there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from connector.reconciliation.breaks import BreakCode
from connector.sd_documents.values import Money
from connector.simulator.engine.specs import ManualCondition, SalesItemChange
from tests.mutations.market import AUSTRIA, DOLLARS, HOME
from tests.mutations.planting import Planted, Planting, Told, fault, of_order, tells
from tests.mutations.snapshot import Snapshot, with_extract
from tests.mutations.world import gross


def _without(part: str, is_it: Callable[[Any], bool]) -> Callable[[Snapshot], Snapshot]:
    """Leave rows of one part of the extract out."""

    def tamper(snapshot: Snapshot) -> Snapshot:
        rows = getattr(snapshot.extract, part)
        left = tuple(row for row in rows if not is_it(row))
        assert len(left) < len(rows)
        return with_extract(snapshot, **{part: left})

    return tamper


@fault(BreakCode.MISSING_PAYMENT, "a receipt is missing in what was read")
def receipt_missing(m: Planting) -> Planted:
    sale = m.victim("paid", DOLLARS)
    yield m.soon()
    (payment,) = m.world.orders[sale.name].payments
    # Other company codes have a document of the same number.
    receipt = sale.market.company_code, sale.receipts[-1]
    tamper = _without(
        "items", lambda item: (item.key.company_code, item.key.accounting_document) == receipt
    )
    keys = of_order(sale, payment_id=payment.payment_id)
    return tells(BreakCode.MISSING_PAYMENT, keys, sale.gross, sale, tamper=tamper)


@fault(BreakCode.BILLING_NOT_POSTED, "a cleared customer line is missing in what was read")
def line_missing(m: Planting) -> Planted:
    sale = m.victim("paid by card")
    yield m.soon()
    tamper = _without("items", lambda item: item.billing_document == sale.invoice)
    keys = {"billing_document": sale.invoice}
    return tells(BreakCode.BILLING_NOT_POSTED, keys, -sale.gross, sale, tamper=tamper)


@fault(BreakCode.ORPHAN_SAP_ORDER, "the shop's order is missing in the store")
def order_forgotten(m: Planting) -> Planted:
    sale = m.billed(AUSTRIA)
    yield m.soon()
    m.world.pays_by_transfer(sale, sale.gross)
    del m.world.orders[sale.name]
    m.world.touched.discard(sale.name)
    keys = {"sales_order": sale.order}
    return tells(BreakCode.ORPHAN_SAP_ORDER, keys, sale.gross, sale)


@fault(BreakCode.CURRENCY_MISMATCH, "an FI line is in another currency than its invoice")
def posted_in_other_currency(m: Planting) -> Planted:
    sale = m.victim("paid by card")
    yield m.soon()

    def tamper(snapshot: Snapshot) -> Snapshot:
        items = tuple(
            item.model_copy(update={"amount": Money(amount=item.amount.amount, currency="PLN")})
            if item.billing_document == sale.invoice
            else item
            for item in snapshot.extract.items
        )
        return with_extract(snapshot, items=items)

    keys = {"billing_document": sale.invoice}
    return tells(BreakCode.CURRENCY_MISMATCH, keys, -sale.gross, sale, tamper=tamper)


@fault(BreakCode.QTY_UNDER_DELIVERED, "the rest of an order that was paid was rejected")
def rejected_and_paid(m: Planting) -> Planted:
    sale = m.world.sells(HOME, m.one_line())
    (line,) = sale.lines
    left = m.chance.randint(1, line.quantity - 1)
    m.world.delivers(sale, line.quantity - left)
    m.world.bills(sale)
    yield m.soon()
    m.world.changes(sale, items=[SalesItemChange(10, rejection_reason="00")])
    name = m.world.is_paid_in_shop(sale, sale.gross)
    m.world.receives(sale, sale.gross, sale.invoice, reference=name, difference="on account")
    amount = -gross(HOME, replace(line, quantity=left))
    over = Told(BreakCode.OVERPAYMENT, of_order(sale), amount)
    keys = of_order(sale, item="10")
    return tells(BreakCode.QTY_UNDER_DELIVERED, keys, amount, sale, follows=(over,))


@fault(BreakCode.PRICE_DIFF, "paid at the shop's price, billed at a lower one")
def billed_cheaper_and_paid(m: Planting) -> Planted:
    sale = m.world.sells(HOME, m.one_line())
    (line,) = sale.lines
    cheaper = replace(line, price=line.price - 1)
    m.world.changes(sale, conditions=[ManualCondition("PR00", cheaper.price, 10, currency="EUR")])
    m.world.delivers(sale)
    m.world.bills(sale)
    yield m.soon()
    name = m.world.is_paid_in_shop(sale, sale.gross)
    m.world.receives(sale, sale.gross, sale.invoice, reference=name, difference="on account")
    amount = gross(HOME, cheaper) - sale.gross
    over = Told(BreakCode.OVERPAYMENT, of_order(sale), amount)
    keys = of_order(sale, part="item 10")
    return tells(BreakCode.PRICE_DIFF, keys, amount, sale, follows=(over,))


@fault(BreakCode.PRICE_DIFF, "paid at the shop's price, billed at a higher one")
def billed_dearer_and_paid(m: Planting) -> Planted:
    sale = m.world.sells(HOME, m.one_line())
    (line,) = sale.lines
    dearer = replace(line, price=line.price + 1)
    m.world.changes(sale, conditions=[ManualCondition("PR00", dearer.price, 10, currency="EUR")])
    m.world.delivers(sale)
    m.world.bills(sale)
    yield m.soon()
    name = m.world.is_paid_in_shop(sale, sale.gross)
    m.world.receives(sale, sale.gross, sale.invoice, reference=name, partial=True)
    amount = gross(HOME, dearer) - sale.gross
    short = Told(BreakCode.UNDERPAYMENT, {"invoice": sale.invoice}, amount)
    keys = of_order(sale, part="item 10")
    return tells(BreakCode.PRICE_DIFF, keys, amount, sale, follows=(short,))
