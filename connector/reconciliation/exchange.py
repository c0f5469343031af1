"""Exchange differences that clearings realised: explained, and stated in the company's currency."""

from __future__ import annotations

from connector.reconciliation.differences import Explained, ExplainedReason, Key, Scope
from connector.reconciliation.extract import ErpExtract
from connector.reconciliation.identities import PAYMENTS_TO_RECEIPTS
from connector.sd_documents.values import Money, display_number


def realised(extract: ErpExtract) -> list[Explained]:
    """
    Return one explanation per clearing and account; a loss is positive, a gain negative.

    A partial payment realises nothing, a clearing and a residual item do. The amounts touch no
    identity in the document's currency: they are what makes that in the company's own close.
    """
    accounts = {
        item.clearing: item.reconciliation_account
        for item in extract.items
        if item.clearing is not None
    }
    found = []
    for each in extract.exchange:
        key, kind = each.key, "loss" if each.amount.amount > 0 else "gain"
        document, account = key.accounting_document, display_number(each.account)
        found.append(
            Explained(
                reason=ExplainedReason.EXCHANGE,
                identity=PAYMENTS_TO_RECEIPTS,
                scope=Scope(
                    company_code=key.company_code,
                    currency=each.currency,
                    reconciliation_account=accounts.get(key.document, ""),
                    valued_in=each.amount.currency,
                ),
                subject=f"FI document {display_number(document)}",
                keys=(
                    Key(name="account", value=account),
                    Key(name="accounting_document", value=str(key)),
                ),
                amount=each.amount,
                effect=Money(amount=each.amount.amount * 0, currency=each.amount.currency),
                text=f"exchange {kind} of the clearing, on account {account}",
            )
        )
    return found
