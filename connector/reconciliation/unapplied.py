"""
Money on account: too early, not cleared yet, without any invoice, or on another's account.

Whoever uses part of it posts what is left anew. It is the same money: a difference about it keeps
the id and the age of the first receipt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from connector.reconciliation.ageing import is_on_account
from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.differences import Finding, Side, evidence_of
from connector.reconciliation.extract import item_key
from connector.reconciliation.identities import PAYMENTS_TO_RECEIPTS
from connector.reconciliation.items_and_ledger import scope_of
from connector.reconciliation.receipt_effect import LineKey
from connector.reconciliation.receipts import PaymentChain
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import display_number, pad_number

#: A document with customer and currency.
Place = tuple[FiDocument | None, str, str]


class FirstReceipts:
    """Leads from what is left of money on account back to the receipt that brought it."""

    def __init__(self, items: Iterable[CustomerItem], rules: ReconciliationRules) -> None:
        """*items* are all that were read, open and cleared."""
        self._cleared_in: dict[Place, list[CustomerItem]] = defaultdict(list)
        for item in items:
            clearing = item.clearing
            if clearing not in (None, item.document) and is_on_account(item, rules):
                self._cleared_in[_place(item, clearing)].append(item)

    def of(self, item: CustomerItem) -> CustomerItem:
        """
        Return the oldest money on account that was used where *item* was posted, and so on back.

        *item* itself where it brought the money.
        """
        seen = {item_key(item)}
        while used := [
            each
            for each in self._cleared_in.get(_place(item, item.document), ())
            if item_key(each) not in seen
        ]:
            item = min(used, key=lambda each: (each.posting_date, item_key(each)))
            seen.add(item_key(item))
        return item


def _place(item: CustomerItem, document: FiDocument | None) -> Place:
    return document, item.customer, item.amount.currency


def unapplied_money(
    waiting: Iterable[CustomerItem],
    items: Iterable[CustomerItem],
    paid_for: Mapping[LineKey, PaymentChain],
    rules: ReconciliationRules,
) -> Iterator[Finding]:
    """
    Yield what each of *waiting*, money that is on account, waits for.

    *items* are all that were read, *paid_for* payments of channels by line.
    """
    waiting = list(waiting)
    firsts = FirstReceipts(items if waiting else (), rules)
    told: set[LineKey] = set()
    for item in waiting:
        first = firsts.of(item)
        # Of several rests of one receipt one is the receipt's, the others are their own.
        if item_key(first) in told:
            first = item
        told.add(item_key(first))
        yield _finding(item, first, paid_for.get(item_key(item)), rules)


def _finding(
    item: CustomerItem,
    first: CustomerItem,
    payment: PaymentChain | None,
    rules: ReconciliationRules,
) -> Finding:
    code = BreakCode.UNAPPLIED_CASH
    break_on: date | None = first.posting_date + timedelta(days=rules.unapplied_days)
    text, keys = "on account, without any invoice", {}
    if payment is not None:
        external = payment.order.mirrored.order
        keys = {"channel": external.channel, "external_id": external.external_id}
        payers = {pad_number(line.document.payer) for line in payment.order.invoiced}
        if not payers:
            text = "paid in advance: the order was not billed yet"
            break_on = first.posting_date + timedelta(days=rules.prepayment_days)
        elif pad_number(item.customer) not in payers:
            code, break_on = BreakCode.PAYER_MISMATCH, None
            text = "on the account of another customer than the invoice of its order"
        else:
            text = "not cleared against the invoice of its order yet"
    if first is not item:
        text += f"; left of FI document {first.key}"
    company_code, document, year, line = item_key(first)
    return Finding(
        code=code,
        identity=PAYMENTS_TO_RECEIPTS,
        scope=scope_of(item),
        subject=f"FI document {display_number(item.key.accounting_document)}",
        keys={
            **keys,
            "company_code": company_code,
            "document": f"{document}/{year}",
            "line_item": str(line),
        },
        outside=Side(what="no invoice"),
        erp=Side(what=f"FI document {item.key}", amount=item.amount),
        difference=item.amount.amount,
        since=first.posting_date,
        break_on=break_on,
        text=text,
        evidence=tuple(
            evidence_of("FI item", f"{each.key}/{each.line_item}", each)
            for each in ((item,) if first is item else (first, item))
        ),
    )
