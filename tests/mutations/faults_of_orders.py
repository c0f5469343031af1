"""What goes wrong between the shop and the sales order, and on the way of the goods."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from connector.reconciliation.breaks import BreakCode
from connector.simulator.engine.specs import SalesItemChange
from tests.mutations.market import AUSTRIA, CARELESS, GULF, HOME, JAPAN, Sale, SoldLine
from tests.mutations.planting import Expected, Planted, Planting, Told, fault, of_order, tells
from tests.mutations.snapshot import Snapshot, with_extract
from tests.mutations.world import gross

NEVER: Final = "0099999999"


def _part(planting: Planting, line: SoldLine, share: int = 2) -> int:
    return planting.chance.randint(1, max(line.quantity // share, 1))


@fault(BreakCode.MISSING_ORDER, "an order was never sent")
def never_sent(m: Planting) -> Planted:
    sale = m.world.promises(HOME, m.lines())
    yield m.soon()
    return tells(BreakCode.MISSING_ORDER, of_order(sale), -sale.gross, sale)


@fault(BreakCode.MISSING_ORDER, "an order waits and is paid")
def paid_and_held(m: Planting) -> Planted:
    sale = m.world.promises(HOME, m.lines())
    known = m.world.orders[sale.name]
    m.world.orders[sale.name] = replace(known, hold="UNKNOWN_ARTICLE: no article 4711")
    yield m.soon(1, 3)
    payment = m.world.is_paid_in_shop(sale, sale.gross)
    waits = Told(
        BreakCode.MISSING_PAYMENT, of_order(sale, payment_id=payment), sale.gross, is_pending=True
    )
    return tells(BreakCode.MISSING_ORDER, of_order(sale), -sale.gross, sale, follows=(waits,))


@fault(BreakCode.MISSING_ORDER, "a sales order was deleted in the ERP")
def deleted(m: Planting) -> Planted:
    sale = m.world.sells(AUSTRIA, m.lines(AUSTRIA))
    yield m.soon(1, 3)
    m.world.does("delete_sales_document", sale.order)
    return tells(BreakCode.MISSING_ORDER, of_order(sale), -sale.gross, sale)


@fault(BreakCode.DUPLICATE_ORDER, "somebody entered an order by hand as well")
def entered_twice(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    again = m.world.orders_in_erp(sale)
    keys = of_order(sale, sales_order=again)
    return tells(BreakCode.DUPLICATE_ORDER, keys, sale.gross, sale)


@fault(BreakCode.DUPLICATE_ORDER, "an order was entered twice, and both were billed")
def billed_twice(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    again = m.world.orders_in_erp(sale)
    delivery = m.world.delivers(sale, of=again)
    m.world.bills(sale, delivery)
    keys = of_order(sale, sales_order=again)
    return tells(BreakCode.DUPLICATE_ORDER, keys, sale.gross, sale)


def _nobody_sold(m: Planting) -> str:
    return f"EXT-{900_000 + m.chance.randrange(99_999):06d}"


@fault(BreakCode.ORPHAN_SAP_ORDER, "a sales order that nobody sold")
def orphan(m: Planting) -> Planted:
    sale = m.world.promises(HOME, m.lines())
    number = m.world.orders_in_erp(sale, linked=False, reference=_nobody_sold(m))
    del m.world.orders[sale.name]
    m.world.touched.discard(sale.name)
    yield m.soon()
    return tells(BreakCode.ORPHAN_SAP_ORDER, {"sales_order": number}, sale.gross, sale)


@fault(BreakCode.ORPHAN_SAP_ORDER, "a sales order that nobody sold was billed")
def orphan_billed(m: Planting) -> Planted:
    sale = m.world.promises(HOME, m.lines())
    number = m.world.orders_in_erp(sale, linked=False, reference=_nobody_sold(m))
    del m.world.orders[sale.name]
    yield m.soon()
    m.world.delivers(sale)
    m.world.bills(sale)
    m.world.touched.discard(sale.name)
    return tells(BreakCode.ORPHAN_SAP_ORDER, {"sales_order": number}, sale.gross, sale)


@fault(BreakCode.ORDER_BLOCKED, "a delivery block that nobody releases")
def delivery_block(m: Planting) -> Planted:
    sale = m.world.sells(HOME, m.one_line())
    yield m.soon(1, 3)
    m.world.changes(sale, delivery_block="01")
    return tells(BreakCode.ORDER_BLOCKED, of_order(sale, item="10"), -sale.gross, sale)


@fault(BreakCode.ORDER_BLOCKED, "a billing block after goods issue")
def billing_block(m: Planting) -> Planted:
    sale = m.world.sells(JAPAN, m.one_line(JAPAN))
    m.world.delivers(sale)
    yield m.soon(1, 3)
    m.world.changes(sale, billing_block="08")
    return tells(BreakCode.ORDER_BLOCKED, of_order(sale, item="10"), -sale.gross, sale)


@fault(BreakCode.ORDER_BLOCKED, "blocked by the credit check")
def credit_block(m: Planting) -> Planted:
    m.world.erp.faults.inject("credit block", on="create sales document")
    sale = m.world.sells(HOME, m.one_line())
    yield m.soon()
    return tells(BreakCode.ORDER_BLOCKED, of_order(sale, item="10"), -sale.gross, sale)


@fault(BreakCode.ORDER_INCOMPLETE, "the customer's master data is not complete")
def incomplete(m: Planting) -> Planted:
    (article,) = CARELESS.articles
    lines = (SoldLine(article[0], m.chance.randint(1, 9), article[1]),)
    sale = m.world.sells(CARELESS, lines, prices=[])
    yield m.soon()
    keys = of_order(sale, sales_order=sale.order)
    return tells(BreakCode.ORDER_INCOMPLETE, keys, -sale.gross, sale)


@fault(BreakCode.LINK_GAP, "a row of the document flow before a delivery is missing")
def no_link_to_delivery(m: Planting) -> Planted:
    sale = m.open_invoice(HOME, JAPAN)
    yield m.soon()
    return _unlinked(sale.deliveries[-1], sale)


@fault(BreakCode.LINK_GAP, "a row of the document flow before an invoice is missing")
def no_link_to_invoice(m: Planting) -> Planted:
    sale = m.victim("paid by card")
    yield m.soon()
    return _unlinked(sale.invoice, sale)


def _unlinked(number: str, sale: Sale) -> Expected:
    def tamper(snapshot: Snapshot) -> Snapshot:
        links = snapshot.extract.links
        left = tuple(link for link in links if link.subsequent.document != number)
        assert len(left) < len(links)
        return with_extract(snapshot, links=left)

    return tells(BreakCode.LINK_GAP, {"document": number}, None, sale, tamper=tamper)


@fault(BreakCode.LINK_GAP, "the connector knows a document that the ERP does not")
def unknown_document(m: Planting) -> Planted:
    sale = m.victim("paid")
    yield m.soon()
    known = m.world.orders[sale.name]
    m.world.orders[sale.name] = replace(known, sales_documents=(*known.sales_documents, NEVER))
    m.world.touched.add(sale.name)
    return tells(BreakCode.LINK_GAP, of_order(sale, document=NEVER), None, sale)


@fault(BreakCode.AMBIGUOUS, "two sales orders carry a reference, and no link decides")
def two_orders(m: Planting) -> Planted:
    sale = m.world.sells(HOME, m.lines())
    yield m.soon()
    m.world.orders_in_erp(sale)
    known = m.world.orders[sale.name]
    m.world.orders[sale.name] = replace(known, sales_documents=(), lines=())
    return tells(BreakCode.AMBIGUOUS, of_order(sale), sale.gross, sale)


@fault(BreakCode.QTY_DIFF, "the shop changed an order after it was sent")
def changed_outside(m: Planting) -> Planted:
    sale = m.victim("paid")
    yield m.soon()
    first, *others = sale.lines
    less = _part(m, first)
    fewer = replace(first, quantity=first.quantity - less)
    m.world.sells_otherwise(sale, [fewer, *others])
    amount = sale.gross - gross(sale.market, fewer, *others)
    return tells(BreakCode.QTY_DIFF, of_order(sale, item="10"), amount, sale)


@fault(BreakCode.QTY_DIFF, "somebody changed a quantity in the sales order")
def changed_inside(m: Planting) -> Planted:
    sale = m.world.sells(GULF, m.one_line(GULF))
    more = _part(m, sale.lines[0])
    quantity = Decimal(sale.lines[0].quantity + more)
    m.world.changes(sale, items=[SalesItemChange(10, quantity=quantity)])
    yield m.soon()
    m.world.delivers(sale)
    m.world.bills(sale)
    amount = gross(GULF, replace(sale.lines[0], quantity=more))
    return tells(BreakCode.QTY_DIFF, of_order(sale, item="10"), amount, sale)


@fault(BreakCode.QTY_DIFF, "cancelled in the shop alone")
def cancelled_outside(m: Planting) -> Planted:
    sale = m.world.sells(HOME, m.lines())
    yield m.soon(1, 3)
    known = m.world.orders[sale.name]
    m.world.orders[sale.name] = replace(known, cancelled_on=m.world.today)
    keys = of_order(sale, sales_order=sale.order)
    return tells(BreakCode.QTY_DIFF, keys, sale.gross, sale)


def _over_delivered(m: Planting, more: int) -> Planted:
    """The customer pays what was ordered: what is missing was caused by the over-delivery."""
    lines = (SoldLine("M-02", 100, Decimal(m.chance.randint(5, 90))),)
    sale = m.world.sells(HOME, lines, terms_of_payment="Z007")
    settings = m.world.erp.settings
    before, settings.over_delivery_is_error = settings.over_delivery_is_error, False
    m.world.delivers(sale, 100 + more)
    settings.over_delivery_is_error = before
    m.world.bills(sale)
    yield m.soon(2, 5)
    m.world.pays_by_transfer(sale, sale.gross, partial=True)
    amount = gross(HOME, replace(lines[0], quantity=more))
    short = Told(BreakCode.UNDERPAYMENT, {"invoice": sale.invoice}, amount)
    keys = of_order(sale, item="10")
    return tells(BreakCode.QTY_OVER_DELIVERED, keys, amount, sale, follows=(short,))


@fault(BreakCode.QTY_OVER_DELIVERED, "more was delivered, within the limit, and not paid")
def over_within(m: Planting) -> Planted:
    return (yield from _over_delivered(m, m.chance.randint(1, 5)))


@fault(BreakCode.QTY_OVER_DELIVERED, "more was delivered than the limit allows, and not paid")
def over_beyond(m: Planting) -> Planted:
    return (yield from _over_delivered(m, m.chance.randint(6, 30)))


def _short(m: Planting, *, rejected: bool) -> Planted:
    sale = m.world.sells(AUSTRIA, m.one_line(AUSTRIA))
    (line,) = sale.lines
    left = _part(m, line)
    m.world.delivers(sale, line.quantity - left)
    m.world.bills(sale)
    yield m.soon()
    if rejected:
        m.world.changes(sale, items=[SalesItemChange(10, rejection_reason="00")])
    amount = -gross(AUSTRIA, replace(line, quantity=left))
    return tells(BreakCode.QTY_UNDER_DELIVERED, of_order(sale, item="10"), amount, sale)


@fault(BreakCode.QTY_UNDER_DELIVERED, "the rest of an order is never delivered")
def under_delivered(m: Planting) -> Planted:
    return (yield from _short(m, rejected=False))


@fault(BreakCode.QTY_UNDER_DELIVERED, "the rest of an order was rejected")
def rest_rejected(m: Planting) -> Planted:
    return (yield from _short(m, rejected=True))


@fault(BreakCode.GI_MISSING, "a delivery whose goods issue nobody posted")
def goods_issue_missing(m: Planting) -> Planted:
    sale = m.world.sells(HOME, m.one_line())
    yield m.soon()
    m.world.delivers(sale, issue=False)
    return tells(BreakCode.GI_MISSING, of_order(sale, item="10"), -sale.gross, sale)


@fault(BreakCode.GI_MISSING, "goods issue was taken back")
def goods_issue_reversed(m: Planting) -> Planted:
    sale = m.world.sells(JAPAN, m.one_line(JAPAN))
    delivery = m.world.delivers(sale)
    yield m.soon(1, 3)
    m.world.does("reverse_goods_issue", delivery)
    return tells(BreakCode.GI_MISSING, of_order(sale, item="10"), -sale.gross, sale)
