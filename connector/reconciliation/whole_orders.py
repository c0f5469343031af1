"""What can be wrong with a sales order as a whole, so that its parts need not be compared."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.differences import Finding, Scope
from connector.reconciliation.identities import ORDERS_TO_BILLING
from connector.reconciliation.matching import OrderChain
from connector.reconciliation.order_findings import (
    order_evidence,
    order_side,
    sales_order_side,
)
from connector.sd_documents.sales_document import PostedSalesDocument


def order_keys(chain: OrderChain) -> dict[str, str]:
    """Return the business keys of an external order."""
    order = chain.mirrored.order
    return {"channel": order.channel, "external_id": order.external_id}


def about_order(
    code: BreakCode,
    chain: OrderChain,
    scope: Scope,
    order: PostedSalesDocument,
    gross: Decimal | None,
    *,
    difference: Decimal,
    effect: Decimal,
    text: str,
    since: date | None = None,
    break_on: date | None = None,
) -> Finding:
    """
    Return what is wrong with *order* as a whole.

    *gross* is what the external order comes to, None where it does not say; *since* is empty for
    the day of the sales order.
    """
    return Finding(
        code=code,
        identity=ORDERS_TO_BILLING,
        scope=scope,
        subject=chain.mirrored.subject,
        keys={**order_keys(chain), "sales_order": order.number},
        outside=order_side(chain, gross),
        erp=sales_order_side(order),
        difference=difference,
        effect=effect,
        since=since or order.document_date,
        break_on=break_on,
        text=text,
        evidence=order_evidence(chain, order),
    )


def scaled(chain: OrderChain, scope: Scope, order: PostedSalesDocument, gross: Decimal) -> Finding:
    """The sales order as a whole is shifted by decimals."""
    total = order.total_amount.amount
    return about_order(
        BreakCode.CURRENCY_SCALE,
        chain,
        scope,
        order,
        gross,
        difference=total - gross,
        effect=gross - total,
        text=f"the sales order has {(total / gross).normalize():f} times the order's amount",
    )


def incomplete(
    chain: OrderChain, scope: Scope, order: PostedSalesDocument, gross: Decimal, grace_days: int
) -> Finding:
    """Nothing follows an incomplete order, so what its amounts are does not matter yet."""
    return about_order(
        BreakCode.ORDER_INCOMPLETE,
        chain,
        scope,
        order,
        gross,
        difference=-gross,
        effect=gross,
        break_on=order.document_date + timedelta(days=grace_days),
        text="mandatory data is missing in the sales order, so nothing follows it",
    )
