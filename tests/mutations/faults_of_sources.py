"""What goes wrong beside the ERP's documents: at providers and banks, in balances and readings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from connector.reconciliation.breaks import BreakCode
from connector.sd_documents.payment import AccountBalance
from connector.sd_documents.values import Money
from connector.statements.model import PayoutLineKind
from tests.mutations.market import DOLLARS, GULF, JAPAN
from tests.mutations.money import PROVIDER, Transfer, euros, movement
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
from tests.mutations.world import noon
from tests.mutations.year import KEY_DATE


def _of(transfer: Transfer, **more: str) -> dict[str, str]:
    return {"provider": PROVIDER, "payout": transfer.payout_id, **more}


def _some(m: Planting) -> Decimal:
    return Decimal(m.chance.randint(1, 500)) / 100


@fault(BreakCode.FEE_UNEXPLAINED, "a fee is not what was agreed")
def other_fee(m: Planting) -> Planted:
    transfer = m.transfer()
    yield m.soon()
    at = m.chance.choice(
        [n for n, line in enumerate(transfer.lines) if line.kind is PayoutLineKind.CHARGE]
    )
    line, by = transfer.lines[at], _some(m)
    fee, net = line.fee.amount + by, line.net.amount - by
    changed = line.model_copy(update={"fee": euros(fee), "net": euros(net)})
    transfer.lines[at] = changed
    keys = _of(transfer, line=line.line_id)
    marks = (line.line_id, transfer.payout_id)
    return tells(BreakCode.FEE_UNEXPLAINED, keys, -by, marks=marks)


@fault(BreakCode.PAYOUT_MISMATCH, "a line of a payout is missing in its report")
def line_missing(m: Planting) -> Planted:
    transfer = m.transfer()
    yield m.soon()
    transfer.stated = transfer.amount
    gone = transfer.lines.pop(m.chance.randrange(len(transfer.lines)))
    marks = (transfer.payout_id,)
    return tells(BreakCode.PAYOUT_MISMATCH, _of(transfer), gone.net.amount, marks=marks)


@fault(BreakCode.PAYOUT_MISMATCH, "the bank received another amount")
def less_arrived(m: Planting) -> Planted:
    transfer = m.transfer()
    yield m.soon()
    by = _some(m)
    transfer.reached = transfer.amount - by
    keys = _of(transfer, side="bank")
    return tells(BreakCode.PAYOUT_MISMATCH, keys, -by, marks=(transfer.payout_id,))


@fault(BreakCode.PAYOUT_MISMATCH, "a payout never reached the bank")
def never_arrived(m: Planting) -> Planted:
    transfer = m.transfer()
    yield m.soon()
    transfer.arrives = False
    keys = _of(transfer, side="bank")
    marks = (transfer.payout_id,)
    return tells(BreakCode.PAYOUT_MISMATCH, keys, -transfer.amount, marks=marks)


@fault(BreakCode.PAYOUT_MISMATCH, "a charge in a payout that no shop knows")
def unknown_charge(m: Planting) -> Planted:
    transfer = m.transfer()
    yield m.soon()
    amount, name = Decimal(m.chance.randint(5, 900)), f"X-{m.chance.randrange(10**6)}"
    day = transfer.paid_on - timedelta(days=2)
    line = movement(f"t_{name}", PayoutLineKind.CHARGE, amount, day, charge=name, fee=Decimal(1))
    transfer.lines.append(line)
    keys = _of(transfer, line=line.line_id)
    marks = (transfer.payout_id, line.line_id)
    return tells(BreakCode.PAYOUT_MISMATCH, keys, -amount, marks=marks)


@fault(BreakCode.PAYOUT_UNDECOMPOSED, "a manual payout")
def manual(m: Planting) -> Planted:
    yield m.soon()
    amount = Decimal(m.chance.randint(100, 99_999)) / 100
    transfer = Transfer(
        f"po_m{m.chance.randrange(10**6)}", m.world.today, is_decomposed=False, stated=amount
    )
    m.world.outside.transfers[transfer.payout_id] = transfer
    marks = (transfer.payout_id,)
    return tells(BreakCode.PAYOUT_UNDECOMPOSED, _of(transfer), amount, marks=marks)


@fault(BreakCode.CHARGEBACK, "a cardholder disputed a payment")
def disputed(m: Planting) -> Planted:
    sale = m.victim("paid by card")
    yield m.soon()
    (payment,) = m.world.orders[sale.name].payments
    charge, fee = payment.payment_id, Decimal(15)
    line = movement(
        f"d_{charge}", PayoutLineKind.DISPUTE, -sale.gross, m.world.today, charge=charge, fee=fee
    )
    m.world.outside.transfer_of(m.world.today).lines.append(line)
    keys = {"provider": PROVIDER, "charge": charge}
    return tells(BreakCode.CHARGEBACK, keys, sale.gross + fee, sale, marks=(charge,))


@fault(BreakCode.CHARGEBACK, "the bank took a payment back, and FI has not reversed it")
def taken_back(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon(1, 2)
    m.world.pays_by_transfer(sale, sale.gross)
    yield m.soon(1, 3)
    reference = m.world.outside.enters(
        -sale.gross, m.world.today, "RETURNED DIRECT DEBIT", "payer C-100", is_reversal=True
    )
    keys = of_bank(reference)
    return tells(BreakCode.CHARGEBACK, keys, sale.gross, sale, marks=(reference,))


@fault(BreakCode.REFUND_WITHOUT_CREDIT, "only the provider says that money was paid back")
def refund_of_provider(m: Planting) -> Planted:
    sale = m.victim("paid by card")
    yield m.soon()
    (payment,) = m.world.orders[sale.name].payments
    amount = Decimal(m.chance.randint(1, 20))
    m.world.outside.pays_back(f"RX-{sale.number}", payment.payment_id, amount, m.world.today)
    return tells(BreakCode.REFUND_WITHOUT_CREDIT, of_order(sale), amount, sale)


def _balances(
    code: str, currency: str, change: Callable[[AccountBalance], AccountBalance]
) -> Callable[[Snapshot], Snapshot]:
    def tamper(snapshot: Snapshot) -> Snapshot:
        balances = [
            change(each)
            if (each.company_code, each.currency, each.account) == (code, currency, "140000")
            else each
            for each in snapshot.extract.balances
        ]
        assert tuple(balances) != snapshot.extract.balances
        return with_extract(snapshot, balances=tuple(balances))

    return tamper


@fault(BreakCode.SUBLEDGER_GL_DIFF, "the balance of an account is off")
def balance_off(m: Planting) -> Planted:
    yield m.soon()
    by = Decimal(m.chance.randint(1, 9999)) / 1000

    def change(known: AccountBalance) -> AccountBalance:
        money = Money(amount=known.balance.amount + by, currency="KWD")
        return known.model_copy(update={"balance": money, "local_balance": money})

    keys = {"company_code": "3000", "account": "140000", "currency": "KWD"}
    tamper = _balances("3000", GULF.currency, change)
    return tells(BreakCode.SUBLEDGER_GL_DIFF, keys, by, tamper=tamper, marks=("KWD",))


@fault(BreakCode.SUBLEDGER_GL_DIFF, "an open item is missing in the extract")
def item_missing(m: Planting) -> Planted:
    sale = m.open_invoice(JAPAN)
    yield m.soon()

    def tamper(snapshot: Snapshot) -> Snapshot:
        extract = snapshot.extract
        left = tuple(i for i in extract.open_items if i.billing_document != sale.invoice)
        gone = len(extract.open_items) - len(left)
        assert gone == 1, (gone, sale)
        return with_extract(snapshot, open_items=left)

    keys = {"company_code": "2000", "account": "140000", "currency": "JPY"}
    return tells(BreakCode.SUBLEDGER_GL_DIFF, keys, sale.gross, sale, tamper=tamper, marks=("JPY",))


@fault(BreakCode.SUBLEDGER_GL_DIFF, "an exchange difference went to the wrong account")
def valuation_off(m: Planting) -> Planted:
    yield m.soon()
    by = Decimal(m.chance.randint(1, 999)) / 100

    def change(known: AccountBalance) -> AccountBalance:
        assert known.local_balance is not None
        money = euros(known.local_balance.amount + by)
        return known.model_copy(update={"local_balance": money})

    keys = {"company_code": "1000", "currency": "USD", "valued_in": "EUR"}
    tamper = _balances("1000", DOLLARS.currency, change)
    return tells(BreakCode.SUBLEDGER_GL_DIFF, keys, by, tamper=tamper, marks=("USD",))


@fault(BreakCode.STALE_DATA, "the intake stopped before the key date")
def stale(m: Planting) -> Planted:
    yield m.soon()
    until = noon(KEY_DATE - timedelta(days=m.chance.randint(1, 9)))

    def tamper(snapshot: Snapshot) -> Snapshot:
        return replace(snapshot, intake_until=until)

    told = tuple(
        Told(BreakCode.STALE_DATA, {"source": name})
        for name in ("external orders", "channel payments")
    )
    marks = frozenset({"external orders", "channel payments"})
    return Expected(told, marks, tamper=tamper, source="external orders")


@fault("short source", "a page of the document chains is missing")
def page_missing(m: Planting) -> Planted:
    yield m.soon()

    def tamper(snapshot: Snapshot) -> Snapshot:
        return with_extract(snapshot, pages_expected=snapshot.extract.pages_expected + 1)

    return Expected((), frozenset(), tamper=tamper, source="document chains")
