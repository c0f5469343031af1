"""Money on account: too early, not cleared yet, without any invoice, or on another's account."""

from __future__ import annotations

from datetime import date, timedelta

from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.differences import Finding, Side, evidence_of
from connector.reconciliation.extract import item_key
from connector.reconciliation.identities import PAYMENTS_TO_RECEIPTS
from connector.reconciliation.items_and_ledger import scope_of
from connector.reconciliation.receipts import PaymentChain
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import display_number, pad_number


def unapplied(
    item: CustomerItem, payment: PaymentChain | None, rules: ReconciliationRules
) -> Finding:
    """Say what *item*, money on account, waits for; *payment* is that of the channel, if known."""
    code = BreakCode.UNAPPLIED_CASH
    break_on: date | None = item.posting_date + timedelta(days=rules.unapplied_days)
    text, keys = "on account, without any invoice", {}
    if payment is not None:
        external = payment.order.mirrored.order
        keys = {"channel": external.channel, "external_id": external.external_id}
        payers = {pad_number(line.document.payer) for line in payment.order.invoiced}
        if not payers:
            text = "paid in advance: the order was not billed yet"
            break_on = item.posting_date + timedelta(days=rules.prepayment_days)
        elif pad_number(item.customer) not in payers:
            code, break_on = BreakCode.PAYER_MISMATCH, None
            text = "on the account of another customer than the invoice of its order"
        else:
            text = "not cleared against the invoice of its order yet"
    company_code, document, year, line = item_key(item)
    return Finding(
        code=code,
        identity=PAYMENTS_TO_RECEIPTS,
        scope=scope_of(item),
        subject=f"FI document {display_number(document)}",
        keys={
            **keys,
            "company_code": company_code,
            "document": f"{document}/{year}",
            "line_item": str(line),
        },
        outside=Side(what="no invoice"),
        erp=Side(what=f"FI document {item.key}", amount=item.amount),
        difference=item.amount.amount,
        since=item.posting_date,
        break_on=break_on,
        text=text,
        evidence=(evidence_of("FI item", f"{item.key}/{item.line_item}", item),),
    )
