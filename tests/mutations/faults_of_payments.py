"""What goes wrong with money: receipts, discounts, credits and refunds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from connector.reconciliation.breaks import BreakCode
from connector.sd_documents.currency import round_amount
from connector.simulator.engine.specs import ManualCondition, PaymentSpec
from tests.mutations.market import AUSTRIA, DOLLARS, HOME, JAPAN, Sale
from tests.mutations.planting import (
    Planted,
    Planting,
    fault,
    of_bank,
    of_order,
    tells,
)
from tests.mutations.world import gross

#: After the discount of an invoice of the days before has expired.
TOO_LATE: Final = date(2026, 12, 29)


def of_payment(sale: Sale, name: str, **more: str) -> dict[str, str]:
    return of_order(sale, payment_id=name, **more)


def of_invoice(sale: Sale) -> dict[str, str]:
    return {"company_code": sale.market.company_code, "invoice": sale.invoice}


@fault(BreakCode.MISSING_PAYMENT, "paid by card, and nobody posted it")
def card_not_posted(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    name = m.world.pays_by_card(sale, posted=False)
    return tells(BreakCode.MISSING_PAYMENT, of_payment(sale, name), sale.gross, sale)


@fault(BreakCode.MISSING_PAYMENT, "the shop has money that FI has not")
def shop_not_posted(m: Planting) -> Planted:
    market = m.chance.choice([DOLLARS, JAPAN])
    sale = m.billed(market)
    yield m.soon()
    name = m.world.is_paid_in_shop(sale, sale.gross)
    return tells(BreakCode.MISSING_PAYMENT, of_payment(sale, name), sale.gross, sale)


@fault(BreakCode.MISSING_PAYMENT, "a credit of the bank that nobody posted")
def bank_not_posted(m: Planting) -> Planted:
    sale = m.billed(AUSTRIA)
    yield m.soon()
    reference = m.world.pays_by_transfer(sale, sale.gross, posted=False)
    keys = of_bank(reference)
    return tells(BreakCode.MISSING_PAYMENT, keys, sale.gross, sale, marks=(reference,))


@fault(BreakCode.UNDERPAYMENT, "an invoice is paid in part, and the rest is overdue")
def paid_in_part(m: Planting) -> Planted:
    sale = m.billed(AUSTRIA, terms_of_payment="Z007")
    yield m.soon(1, 4)
    part = round_amount(sale.gross * m.chance.randint(20, 80) / 100, "EUR")
    m.world.pays_by_transfer(sale, part, partial=True)
    return tells(BreakCode.UNDERPAYMENT, of_invoice(sale), sale.gross - part, sale)


@fault(BreakCode.UNDERPAYMENT, "a receipt clears more than the bank received")
def cleared_for_less(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon(1, 4)
    by = Decimal(m.chance.randint(1, 9))
    text = f"RE {sale.invoice.lstrip('0')}"
    reference = m.world.outside.enters(sale.gross - by, m.world.today, text, "payer C-100")
    m.world.receives(sale, sale.gross, sale.invoice, reference=reference)
    return tells(BreakCode.UNDERPAYMENT, of_bank(reference), by, sale, marks=(reference,))


@fault(BreakCode.UNDERPAYMENT, "paid, cancelled and billed anew for more")
def billed_anew_for_more(m: Planting) -> Planted:
    sale = yield from _billed_anew(m, 1)
    amount = m.world.orders[sale.name].order.totals.grand_total
    assert amount is not None
    return tells(BreakCode.UNDERPAYMENT, of_invoice(sale), amount - sale.gross, sale)


@fault(BreakCode.OVERPAID_AFTER_REBILL, "paid, cancelled and billed anew for less")
def billed_anew_for_less(m: Planting) -> Planted:
    sale = yield from _billed_anew(m, -1)
    amount = m.world.orders[sale.name].order.totals.grand_total
    assert amount is not None
    return tells(BreakCode.OVERPAID_AFTER_REBILL, of_order(sale), amount - sale.gross, sale)


def _billed_anew(m: Planting, sign: int):  # type: ignore[no-untyped-def]
    """The shop agrees to the new price; what was paid before is not that any more."""
    sale = m.billed(most=1, terms_of_payment="Z007")
    yield m.soon(1, 3)
    name = m.world.is_paid_in_shop(sale, sale.gross)
    m.world.receives(sale, sale.gross, sale.invoice, reference=name)
    yield m.soon(1, 3)
    m.world.cancels(sale)
    (line,) = sale.lines
    price = line.price + sign * m.chance.randint(1, 4)
    changed = ManualCondition("PR00", price, 10, currency="EUR")
    m.world.changes(sale, conditions=[changed])
    m.world.bills(sale)
    m.world.sells_otherwise(sale, [type(line)(line.material, line.quantity, price)])
    return sale


def _with_discount(m: Planting):  # type: ignore[no-untyped-def]
    sale = m.billed(terms_of_payment="Z214")
    yield TOO_LATE
    return sale, round_amount(sale.gross * Decimal("0.02"), "EUR")


@fault(BreakCode.UNEARNED_DISCOUNT, "the discount was deducted after its deadline")
def deducted_late(m: Planting) -> Planted:
    sale, discount = yield from _with_discount(m)
    m.world.pays_by_transfer(sale, sale.gross - discount, partial=True)
    return tells(BreakCode.UNEARNED_DISCOUNT, of_invoice(sale), discount, sale)


@fault(BreakCode.UNEARNED_DISCOUNT, "the discount was granted after its deadline (shop)")
def granted_late(m: Planting) -> Planted:
    sale, discount = yield from _with_discount(m)
    name = m.world.is_paid_in_shop(sale, sale.gross - discount)
    m.world.receives(sale, sale.gross - discount, sale.invoice, reference=name, discount=discount)
    keys = of_payment(sale, name)
    return tells(BreakCode.UNEARNED_DISCOUNT, keys, discount, sale)


@fault(BreakCode.UNEARNED_DISCOUNT, "the discount was granted after its deadline (bank)")
def granted_late_by_bank(m: Planting) -> Planted:
    sale, discount = yield from _with_discount(m)
    reference = m.world.pays_by_transfer(sale, sale.gross - discount, discount=discount)
    keys = of_bank(reference)
    return tells(BreakCode.UNEARNED_DISCOUNT, keys, discount, sale, marks=(reference,))


@fault(BreakCode.OVERPAYMENT, "the customer paid more than was billed")
def overpaid(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon(1, 3)
    by = Decimal(m.chance.randint(1, 90))
    name = m.world.is_paid_in_shop(sale, sale.gross + by)
    m.world.receives(sale, sale.gross + by, sale.invoice, reference=name, difference="on account")
    return tells(BreakCode.OVERPAYMENT, of_order(sale), -by, sale)


@fault(BreakCode.DUPLICATE_PAYMENT, "a receipt was entered by hand as well")
def receipt_twice(m: Planting) -> Planted:
    sale = m.billed(m.chance.choice([HOME, JAPAN]))
    yield m.soon(1, 3)
    name = m.world.is_paid_in_shop(sale, sale.gross)
    m.world.receives(sale, sale.gross, sale.invoice, reference=name)
    yield m.soon(1, 3)
    m.world.receives(sale, sale.gross, reference=name)
    return tells(BreakCode.DUPLICATE_PAYMENT, of_payment(sale, name), -sale.gross, sale)


@fault(BreakCode.DUPLICATE_PAYMENT, "the customer transferred twice, and both were posted")
def transferred_twice(m: Planting) -> Planted:
    sale = m.billed(AUSTRIA)
    yield m.soon(1, 3)
    m.world.pays_by_transfer(sale, sale.gross)
    yield m.soon(1, 3)
    reference = m.world.pays_by_transfer(sale, sale.gross, posted=False)
    m.world.receives(sale, sale.gross, reference=reference)
    keys = of_bank(reference)
    return tells(BreakCode.DUPLICATE_PAYMENT, keys, -sale.gross, sale, marks=(reference,))


@fault(BreakCode.DUPLICATE_PAYMENT, "the customer transferred twice, and one was posted")
def transferred_twice_posted_once(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon(1, 3)
    m.world.pays_by_transfer(sale, sale.gross)
    yield m.soon(1, 3)
    reference = m.world.pays_by_transfer(sale, sale.gross, posted=False)
    keys = of_bank(reference)
    return tells(BreakCode.DUPLICATE_PAYMENT, keys, -sale.gross, sale, marks=(reference,))


@fault(BreakCode.UNAPPLIED_CASH, "money on account that names nothing")
def on_account(m: Planting) -> Planted:
    yield m.soon()
    market = m.chance.choice([HOME, DOLLARS, JAPAN])
    amount = Decimal(m.chance.randint(5, 5000))
    spec = PaymentSpec(market.company_code, market.pays, amount, market.currency)
    number: str = m.world.does("post_incoming_payment_with_clearing", spec).number
    keys = {"company_code": market.company_code, "document": f"{number}/2026"}
    return tells(BreakCode.UNAPPLIED_CASH, keys, -amount, marks=(f"{number}/2026",))


@fault(BreakCode.UNAPPLIED_CASH, "a payment that nobody cleared against its invoice")
def not_cleared(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    name = m.world.is_paid_in_shop(sale, sale.gross)
    number = m.world.receives(sale, sale.gross, reference=name)
    keys = of_order(sale, document=f"{number}/2026")
    return tells(BreakCode.UNAPPLIED_CASH, keys, -sale.gross, sale, marks=(f"{number}/2026",))


@fault(BreakCode.MISAPPLIED, "a payment of the shop settled another order's invoice")
def misapplied(m: Planting) -> Planted:
    sale = m.billed()
    other = m.world.sells(HOME, sale.lines)
    m.world.delivers(other)
    m.world.bills(other)
    yield m.soon(1, 3)
    name = m.world.is_paid_in_shop(sale, sale.gross)
    m.world.receives(other, sale.gross, other.invoice, reference=name)
    return tells(BreakCode.MISAPPLIED, of_payment(sale, name), sale.gross, sale, other)


@fault(BreakCode.MISAPPLIED, "a transfer names an invoice and settled another")
def misapplied_transfer(m: Planting) -> Planted:
    sale = m.billed()
    other = m.world.sells(HOME, sale.lines)
    m.world.delivers(other)
    m.world.bills(other)
    yield m.soon(1, 3)
    reference = m.world.pays_by_transfer(other, sale.gross, names=sale.invoice)
    keys = of_bank(reference)
    return tells(BreakCode.MISAPPLIED, keys, sale.gross, sale, other, marks=(reference,))


@fault(BreakCode.PAYER_MISMATCH, "a payment stands on another customer's account")
def other_account(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon(1, 3)
    name = m.world.is_paid_in_shop(sale, sale.gross)
    m.world.receives(sale, sale.gross, reference=name, customer="S-700")
    return tells(BreakCode.PAYER_MISMATCH, of_order(sale), -sale.gross, sale)


@fault(BreakCode.AMBIGUOUS, "a bank line that two receipts fit")
def two_receipts(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon(1, 3)
    half = round_amount(sale.gross / 2, "EUR")
    first = m.world.receives(sale, half, sale.invoice, partial=True)
    second = m.world.receives(sale, half, sale.invoice, partial=True)
    assert first != second
    reference = m.world.pays_by_transfer(sale, half, posted=False)
    keys = of_bank(reference)
    return tells(BreakCode.AMBIGUOUS, keys, half, sale, marks=(reference,))


@fault(BreakCode.CREDIT_PENDING, "goods came back, and their credit stays blocked")
def credit_blocked(m: Planting) -> Planted:
    sale = m.victim(m.chance.choice(["paid", "paid by card"]))
    yield m.soon()
    request = m.world.takes_back(sale, 1)
    (line, *_) = sale.lines
    amount = gross(HOME, type(line)(line.material, 1, line.price))
    return tells(BreakCode.CREDIT_PENDING, of_order(sale, request=request), amount, sale)


@fault(BreakCode.REFUND_WITHOUT_CREDIT, "the shop paid back, and nobody credited")
def refunded(m: Planting) -> Planted:
    sale = m.victim("paid", DOLLARS)
    yield m.soon()
    amount = Decimal(m.chance.randint(1, 20))
    m.world.pays_back(sale, amount)
    return tells(BreakCode.REFUND_WITHOUT_CREDIT, of_order(sale), amount, sale)


@fault(BreakCode.CREDIT_WITHOUT_REFUND, "goods that were paid were credited, and not paid back")
def not_refunded(m: Planting) -> Planted:
    sale = m.victim("paid by card")
    yield m.soon()
    m.world.credits(sale, m.world.takes_back(sale, 1))
    (line, *_) = sale.lines
    amount = gross(HOME, type(line)(line.material, 1, line.price))
    return tells(BreakCode.CREDIT_WITHOUT_REFUND, of_order(sale), -amount, sale)
