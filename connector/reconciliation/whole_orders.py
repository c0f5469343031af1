"""What can be wrong with a sales order as a whole, so that its parts need not be compared."""

from __future__ import annotations

from datetime import timedelta
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


def scaled(chain: OrderChain, scope: Scope, order: PostedSalesDocument, gross: Decimal) -> Finding:
    """The sales order as a whole is shifted by decimals."""
    total = order.total_amount.amount
    return Finding(
        code=BreakCode.CURRENCY_SCALE,
        identity=ORDERS_TO_BILLING,
        scope=scope,
        subject=chain.mirrored.subject,
        keys={**order_keys(chain), "sales_order": order.number},
        outside=order_side(chain, gross),
        erp=sales_order_side(order),
        difference=total - gross,
        effect=gross - total,
        since=order.document_date,
        text=f"the sales order has {(total / gross).normalize():f} times the order's amount",
        evidence=order_evidence(chain, order),
    )


def incomplete(
    chain: OrderChain, scope: Scope, order: PostedSalesDocument, gross: Decimal, grace_days: int
) -> Finding:
    """Nothing follows an incomplete order, so what its amounts are does not matter yet."""
    return Finding(
        code=BreakCode.ORDER_INCOMPLETE,
        identity=ORDERS_TO_BILLING,
        scope=scope,
        subject=chain.mirrored.subject,
        keys={**order_keys(chain), "sales_order": order.number},
        outside=order_side(chain, gross),
        erp=sales_order_side(order),
        difference=-gross,
        effect=gross,
        since=order.document_date,
        break_on=order.document_date + timedelta(days=grace_days),
        text="mandatory data is missing in the sales order, so nothing follows it",
        evidence=order_evidence(chain, order),
    )
