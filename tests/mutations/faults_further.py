"""Faults that touch more than one step: what was paid and taken back, and rows that are missing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from connector.reconciliation.breaks import BreakCode
from connector.sd_documents.currency import round_amount
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    ManualCondition,
)
from tests.mutations.market import DOLLARS, HOME, JAPAN, Sale, SoldLine
from tests.mutations.money import PROVIDER
from tests.mutations.planting import (
    Expected,
    Planted,
    Planting,
    Told,
    fault,
    of_bank,
    of_order,
    tells,
)
from tests.mutations.snapshot import Snapshot, with_extract
from tests.mutations.world import gross


def _paid_in_shop(m: Planting, sale: Sale) -> tuple[str, str]:
    name = m.world.is_paid_in_shop(sale, sale.gross)
    return name, m.world.receives(sale, sale.gross, sale.invoice, reference=name)


@fault(BreakCode.MISSING_PAYMENT, "a receipt was reversed")
def receipt_reversed(m: Planting) -> Planted:
    sale = m.billed(m.chance.choice([HOME, DOLLARS]))
    yield m.soon(1, 2)
    name, receipt = _paid_in_shop(m, sale)
    yield m.soon(1, 3)
    m.world.does("reset_clearing", "1000", receipt, reverse=True)
    m.world.touched.add(sale.name)
    keys = of_order(sale, payment_id=name)
    return tells(BreakCode.MISSING_PAYMENT, keys, sale.gross, sale)


@fault(BreakCode.MISSING_PAYMENT, "a receipt of a transfer was reversed")
def transfer_reversed(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon(1, 2)
    reference = m.world.pays_by_transfer(sale, sale.gross)
    yield m.soon(1, 3)
    m.world.does("reset_clearing", "1000", sale.receipts[-1], reverse=True)
    keys = of_bank(reference)
    return tells(BreakCode.MISSING_PAYMENT, keys, sale.gross, sale, marks=(reference,))


@fault(BreakCode.UNAPPLIED_CASH, "a clearing was reset")
def clearing_reset(m: Planting) -> Planted:
    sale = m.billed(m.chance.choice([HOME, DOLLARS]))
    _, receipt = _paid_in_shop(m, sale)
    yield m.soon(1, 3)
    m.world.does("reset_clearing", "1000", receipt)
    m.world.touched.add(sale.name)
    keys = of_order(sale, document=f"{receipt}/2026")
    return tells(BreakCode.UNAPPLIED_CASH, keys, -sale.gross, sale)


@fault(BreakCode.MISSING_BILLING, "paid, then cancelled, and never billed again")
def paid_and_cancelled(m: Planting) -> Planted:
    sale = m.billed(most=1)
    yield m.soon(1, 2)
    _paid_in_shop(m, sale)
    yield m.soon(1, 3)
    m.world.cancels(sale)
    over = Told(BreakCode.OVERPAYMENT, of_order(sale), -sale.gross)
    keys = of_order(sale, item="10")
    return tells(BreakCode.MISSING_BILLING, keys, -sale.gross, sale, follows=(over,))


@fault(BreakCode.ORPHAN_FI_ITEM, "an invoice was posted by hand a second time")
def posted_again(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    lines = [
        AccountingLineSpec(sale.gross, customer="C-100"),
        AccountingLineSpec(-sale.gross, account="800000"),
    ]
    spec = AccountingDocumentSpec("1000", "DR", "EUR", lines, reference=sale.invoice)
    number: str = m.world.does("post_accounting_document", spec).number
    sale.further.append(number)
    keys = {"company_code": "1000", "document": f"{number}/2026"}
    return tells(BreakCode.ORPHAN_FI_ITEM, keys, sale.gross, sale)


@fault(BreakCode.MISSING_PAYMENT, "a receipt is lower than what the shop received")
def posted_too_low(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon(1, 3)
    by = Decimal(m.chance.randint(1, 9))
    name = m.world.is_paid_in_shop(sale, sale.gross)
    m.world.receives(sale, sale.gross - by, sale.invoice, reference=name, partial=True)
    short = Told(BreakCode.UNDERPAYMENT, {"invoice": sale.invoice}, by)
    keys = of_order(sale, payment_id=name)
    return tells(BreakCode.MISSING_PAYMENT, keys, by, sale, follows=(short,))


@fault(BreakCode.CURRENCY_SCALE, "a receipt is shifted by decimals")
def receipt_shifted(m: Planting) -> Planted:
    price = Decimal(100 * m.chance.randint(1, 90))
    sale = m.world.sells(JAPAN, (SoldLine("JPY-01", m.chance.randint(1, 9), price),))
    m.world.delivers(sale)
    m.world.bills(sale)
    yield m.soon(1, 3)
    part = sale.gross / 10
    name = m.world.is_paid_in_shop(sale, sale.gross)
    m.world.receives(sale, part, sale.invoice, reference=name, partial=True)
    short = Told(BreakCode.UNDERPAYMENT, {"invoice": sale.invoice}, sale.gross - part)
    keys = of_order(sale, payment_id=name)
    amount = sale.gross - part
    return tells(BreakCode.CURRENCY_SCALE, keys, amount, sale, follows=(short,))


@fault(BreakCode.CURRENCY_MISMATCH, "a receipt was posted in another currency")
def receipt_in_other_currency(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    name = m.world.is_paid_in_shop(sale, sale.gross)
    m.world.receives(sale, sale.gross, reference=name, currency="USD")
    keys = of_order(sale, payment_id=name)
    return tells(BreakCode.CURRENCY_MISMATCH, keys, sale.gross, sale)


@fault(BreakCode.UNAPPLIED_CASH, "a transfer brought more than was owed")
def transferred_too_much(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    by = Decimal(m.chance.randint(1, 90))
    m.world.pays_by_transfer(sale, sale.gross + by, difference="on account")
    number = sale.receipts[-1]
    keys = {"company_code": "1000", "document": f"{number}/2026"}
    return tells(BreakCode.UNAPPLIED_CASH, keys, -by, sale)


@fault(BreakCode.TERMS_MISMATCH, "an order got other terms after it was billed")
def terms_of_order(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    m.world.changes(sale, terms_of_payment="Z060")
    return tells(BreakCode.TERMS_MISMATCH, {"billing_document": sale.invoice}, None, sale)


@fault(BreakCode.PAYOUT_MISMATCH, "the provider says another amount than the shop")
def charged_otherwise(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    by = Decimal(m.chance.randint(1, 9))
    name = m.world.pays_by_card(sale)
    m.world.outside.transfer_of(m.world.today).lines.pop()
    m.world.outside.charges(name, sale.gross - by, m.world.today)
    keys = {"provider": PROVIDER, "line": f"t_{name}"}
    return tells(BreakCode.PAYOUT_MISMATCH, keys, by, sale, marks=(name,))


@fault(BreakCode.CURRENCY_MISMATCH, "a payout has a charge in another currency than the shop")
def charged_in_other_currency(m: Planting) -> Planted:
    sale = m.victim("paid", DOLLARS)
    yield m.soon()
    name = m.world.orders[sale.name].payments[0].payment_id
    known = m.world.orders[sale.name]
    payments = tuple(replace(each, gateway="card") for each in known.payments)
    m.world.orders[sale.name] = replace(known, payments=payments)
    m.world.outside.charges(name, sale.gross, m.world.today)
    keys = {"provider": PROVIDER, "line": f"t_{name}"}
    return tells(BreakCode.CURRENCY_MISMATCH, keys, None, sale, marks=(name,))


@fault(BreakCode.REFUND_WITHOUT_CREDIT, "more was paid back than credited")
def refunded_too_much(m: Planting) -> Planted:
    sale = m.victim("paid by card")
    yield m.soon()
    (line, *_) = sale.lines
    credited = gross(HOME, replace(line, quantity=1))
    (payment,) = m.world.orders[sale.name].payments
    m.world.credits(sale, m.world.takes_back(sale, 1))
    by = Decimal(m.chance.randint(1, 9))
    m.world.pays_back(sale, credited + by, payment.payment_id)
    return tells(BreakCode.REFUND_WITHOUT_CREDIT, of_order(sale), by, sale)


@fault(BreakCode.CREDIT_WITHOUT_REFUND, "less was paid back than credited")
def refunded_too_little(m: Planting) -> Planted:
    sale = m.victim("paid by card")
    yield m.soon()
    (line, *_) = sale.lines
    credited = gross(HOME, replace(line, quantity=1))
    m.world.credits(sale, m.world.takes_back(sale, 1))
    by = round_amount(credited / 2, "EUR")
    m.world.pays_back(sale, credited - by)
    return tells(BreakCode.CREDIT_WITHOUT_REFUND, of_order(sale), -by, sale)


@fault(BreakCode.OVERPAID_AFTER_REBILL, "transferred, cancelled and billed anew for less")
def transferred_and_billed_for_less(m: Planting) -> Planted:
    sale = m.billed(most=1)
    yield m.soon(1, 3)
    m.world.pays_by_transfer(sale, sale.gross)
    yield m.soon(1, 3)
    m.world.cancels(sale)
    (line,) = sale.lines
    cheaper = replace(line, price=line.price - m.chance.randint(1, 4))
    m.world.changes(sale, conditions=[ManualCondition("PR00", cheaper.price, 10, currency="EUR")])
    m.world.bills(sale)
    m.world.sells_otherwise(sale, [cheaper])
    amount = gross(HOME, cheaper) - sale.gross
    return tells(BreakCode.OVERPAID_AFTER_REBILL, of_order(sale), amount, sale)


@fault(BreakCode.MISSING_BILLING, "an invoice is missing in what was read")
def billing_document_missing(m: Planting) -> Planted:
    sale = m.billed(most=1)
    yield m.soon()
    if m.chance.random() < 0.5:
        m.world.pays_by_card(sale)

    def tamper(snapshot: Snapshot) -> Snapshot:
        left = [d for d in snapshot.extract.billing_documents if d.number != sale.invoice]
        return with_extract(snapshot, billing_documents=tuple(left))

    keys = of_order(sale, item="10")
    return tells(BreakCode.MISSING_BILLING, keys, -sale.gross, sale, tamper=tamper)


@fault("short source", "a page of the statements was not delivered")
def statement_missing(m: Planting) -> Planted:
    yield m.soon()

    def tamper(snapshot: Snapshot) -> Snapshot:
        movements = replace(snapshot.movements, pages=(10, 11))
        return replace(snapshot, movements=movements)

    return Expected((), frozenset(), tamper=tamper, source="statement files")
