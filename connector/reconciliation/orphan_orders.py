"""
Sales orders that look like ours and belong to no external order.

What looks like ours is told by patterns of references, or learned: a reference of the same shape
as those of our own orders, digits aside. A shape of digits alone says little, so the customer must
then be one of ours as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from connector.ports.erp import SalesOrderHead
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.rules import ReconciliationRules

_DIGITS = re.compile(r"[0-9]+")
_NUMBER = "9"


def orphan_orders(
    heads: Iterable[SalesOrderHead], orders: Sequence[MirroredOrder], rules: ReconciliationRules
) -> tuple[SalesOrderHead, ...]:
    """Return those of *heads* that look like ours, and that none of *orders* knows."""
    linked = {number for order in orders for number in order.sales_documents}
    references = {order.reference for order in orders if order.reference}
    shapes = {_shape(reference) for reference in references}
    customers = {order.sold_to_party for order in orders if order.sold_to_party}
    patterns = rules.own_reference_patterns

    def is_ours(head: SalesOrderHead) -> bool:
        reference = head.purchase_order_by_customer
        if patterns:
            return any(fnmatchcase(reference, pattern) for pattern in patterns)
        shape = _shape(reference)
        return shape in shapes and (shape != _NUMBER or head.sold_to_party in customers)

    return tuple(
        head
        for head in heads
        if head.purchase_order_by_customer
        and head.number not in linked
        and head.purchase_order_by_customer not in references
        and is_ours(head)
    )


def _shape(reference: str) -> str:
    return _DIGITS.sub(_NUMBER, reference)
