"""What goes wrong between billing and accounting, and in accounting by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from connector.reconciliation.breaks import BreakCode
from connector.sd_documents.payment import AccountBalance, CustomerItem
from connector.sd_documents.values import Money
from connector.simulator.engine.dunning import CustomerLineChange
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    Partner,
)
from tests.mutations.market import (
    AUSTRIA,
    DOLLARS,
    GULF,
    HOME,
    JAPAN,
    SECOND_PAYER,
    SERVICE,
    Market,
    Sale,
)  # fmt: skip
from tests.mutations.planting import Expected, Planted, Planting, fault, of_order, tells
from tests.mutations.snapshot import Snapshot, with_extract


@fault(BreakCode.MISSING_BILLING, "goods were issued and never billed")
def never_billed(m: Planting) -> Planted:
    market = m.chance.choice([HOME, JAPAN, SECOND_PAYER])
    sale = m.world.sells(market, m.one_line(market))
    yield m.soon()
    m.world.delivers(sale)
    return tells(BreakCode.MISSING_BILLING, of_order(sale, item="10"), -sale.gross, sale)


@fault(BreakCode.MISSING_BILLING, "an invoice was cancelled and never billed again")
def cancelled_alone(m: Planting) -> Planted:
    sale = m.billed(AUSTRIA, most=1)
    yield m.soon(1, 3)
    m.world.cancels(sale)
    return tells(BreakCode.MISSING_BILLING, of_order(sale, item="10"), -sale.gross, sale)


@fault(BreakCode.MISSING_BILLING, "a service was never billed")
def service_never_billed(m: Planting) -> Planted:
    sale = m.world.sells(SERVICE, m.one_line(SERVICE))
    yield m.soon()
    return tells(BreakCode.MISSING_BILLING, of_order(sale, item="10"), -sale.gross, sale)


def _not_transferred(m: Planting, market: Market = HOME) -> Sale:
    sale = m.world.sells(market, m.lines(market))
    m.world.delivers(sale)
    m.world.erp.faults.inject("account determination", on="create billing documents")
    m.world.bills(sale)
    return sale


@fault(BreakCode.BILLING_NOT_POSTED, "account determination failed")
def not_transferred(m: Planting) -> Planted:
    sale = _not_transferred(m, m.chance.choice([HOME, GULF]))
    yield m.soon()
    keys = {"billing_document": sale.invoice}
    return tells(BreakCode.BILLING_NOT_POSTED, keys, -sale.gross, sale)


def _posts_by_hand(
    m: Planting, market: Market, kind: str, amount: Decimal, reference: str = ""
) -> str:
    lines = [
        AccountingLineSpec(amount, customer=market.pays),
        AccountingLineSpec(-amount, account="800000"),
    ]
    spec = AccountingDocumentSpec(
        market.company_code, kind, market.currency, lines, reference=reference
    )
    number: str = m.world.does("post_accounting_document", spec).number
    return number


@fault(BreakCode.AMBIGUOUS, "two postings by hand carry the reference of an invoice")
def posted_twice(m: Planting) -> Planted:
    sale = _not_transferred(m)
    yield m.soon()
    sale.further += [
        _posts_by_hand(m, HOME, "DR", sale.gross, reference=sale.invoice) for _ in range(2)
    ]
    keys = {"billing_document": sale.invoice}
    return tells(BreakCode.AMBIGUOUS, keys, -sale.gross, sale)


def _other_line(sale: Sale, by: Decimal) -> Callable[[Snapshot], Snapshot]:
    """Let FI have another amount on an invoice's line, in all its books alike."""
    market = sale.market

    def is_it(item: CustomerItem) -> bool:
        return item.billing_document == sale.invoice

    def line(item: CustomerItem) -> CustomerItem:
        if not is_it(item):
            return item
        changes: dict[str, object] = {"amount": _more(item.amount, by)}
        if item.local_amount is not None and item.local_amount.currency == market.currency:
            changes["local_amount"] = _more(item.local_amount, by)
        return item.model_copy(update=changes)

    def balance(known: AccountBalance, accounts: set[str]) -> AccountBalance:
        if (known.company_code, known.currency) != (market.company_code, market.currency):
            return known
        if known.account not in accounts:
            return known
        changes: dict[str, object] = {"balance": _more(known.balance, by)}
        if known.local_balance is not None and known.local_balance.currency == market.currency:
            changes["local_balance"] = _more(known.local_balance, by)
        return known.model_copy(update=changes)

    def tamper(snapshot: Snapshot) -> Snapshot:
        extract = snapshot.extract
        accounts = {i.reconciliation_account for i in extract.open_items if is_it(i)}
        assert accounts, "the invoice must stand open"
        return with_extract(
            snapshot,
            items=tuple(map(line, extract.items)),
            open_items=tuple(map(line, extract.open_items)),
            balances=tuple(balance(each, accounts) for each in extract.balances),
        )

    return tamper


def _more(money: Money, by: Decimal) -> Money:
    return Money(amount=money.amount + by, currency=money.currency)


@fault(BreakCode.BILLING_FI_DIFF, "the customer line in FI is not what was billed")
def posted_otherwise(m: Planting) -> Planted:
    sale = m.open_invoice(HOME, JAPAN)
    yield m.soon()
    by = Decimal(m.chance.randint(1, 9))
    keys = {"billing_document": sale.invoice}
    return tells(BreakCode.BILLING_FI_DIFF, keys, by, sale, tamper=_other_line(sale, by))


@fault(BreakCode.CURRENCY_SCALE, "an FI line is shifted by decimals")
def shifted_in_fi(m: Planting) -> Planted:
    sale = m.open_invoice(GULF)
    yield m.soon()
    by = sale.gross * 9
    keys = {"billing_document": sale.invoice}
    return tells(BreakCode.CURRENCY_SCALE, keys, by, sale, tamper=_other_line(sale, by))


@fault(BreakCode.CANCEL_NOT_CLEARED, "a cancellation was posted and nobody cleared it")
def cancellation_open(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    original = sale.invoice
    settings = m.world.erp.settings
    settings.cancellation_clears_original = False
    m.world.cancels(sale)
    settings.cancellation_clears_original = True
    m.world.bills(sale)
    return tells(BreakCode.CANCEL_NOT_CLEARED, {"billing_document": original}, None, sale)


@fault(BreakCode.CANCEL_NOT_CLEARED, "paid, cancelled and billed anew for the same")
def billed_anew_alike(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon(1, 3)
    name = m.world.is_paid_in_shop(sale, sale.gross)
    m.world.receives(sale, sale.gross, sale.invoice, reference=name)
    yield m.soon(1, 3)
    m.world.cancels(sale)
    m.world.bills(sale)
    return tells(BreakCode.CANCEL_NOT_CLEARED, of_order(sale), Decimal(0), sale)


@fault(BreakCode.ORPHAN_FI_ITEM, "an invoice or credit was posted by hand")
def by_hand(m: Planting) -> Planted:
    yield m.soon()
    market = m.chance.choice([HOME, DOLLARS, JAPAN])
    amount = Decimal(m.chance.randint(5, 500)) * m.chance.choice([1, -1])
    number = _posts_by_hand(m, market, "DR" if amount > 0 else "DG", amount)
    keys = {"company_code": market.company_code, "document": f"{number}/2026"}
    return tells(BreakCode.ORPHAN_FI_ITEM, keys, amount, marks=(f"{number}/2026",))


@fault(BreakCode.PAYER_MISMATCH, "the payer of an order was changed after billing")
def other_payer(m: Planting) -> Planted:
    sale = m.billed()
    yield m.soon()
    settings = m.world.erp.settings
    settings.partner_change_after_followers = True
    m.world.changes(sale, partners=[Partner("PY", "P-701")])
    settings.partner_change_after_followers = False
    return tells(BreakCode.PAYER_MISMATCH, {"billing_document": sale.invoice}, None, sale)


@fault(BreakCode.TERMS_MISMATCH, "terms were changed by hand in FI")
def other_terms(m: Planting) -> Planted:
    sale = m.billed(m.chance.choice([HOME, AUSTRIA]))
    yield m.soon()
    change = CustomerLineChange(terms_of_payment="Z214", days=(14, 30, 0))
    return _changed(m, sale, change)


@fault(BreakCode.TERMS_MISMATCH, "a due date was put off by hand in FI")
def put_off(m: Planting) -> Planted:
    sale = m.open_invoice(HOME, JAPAN)
    yield m.soon()
    later = m.world.today + timedelta(days=m.chance.randint(90, 120))
    return _changed(m, sale, CustomerLineChange(baseline_date=later))


def _changed(m: Planting, sale: Sale, change: CustomerLineChange) -> Expected:
    code = sale.market.company_code
    m.world.does("change_customer_line", code, sale.invoice, change)
    m.world.touched.add(sale.name)
    return tells(BreakCode.TERMS_MISMATCH, {"billing_document": sale.invoice}, None, sale)
