"""
Sales orders that look like ours and belong to no external order.

What looks like ours is told by patterns of references, or learned: a reference of the same shape
as those of our own orders, digits aside. A shape of digits alone says little, so the customer must
then be one of ours as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from connector.ports.erp import SalesOrderHead
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.rules import ReconciliationRules

_DIGITS = re.compile(r"[0-9]+")
_NUMBER = "9"


class OwnOrders:
    """What our orders are known by; they come one by one, since there may be a million."""

    def __init__(self, rules: ReconciliationRules) -> None:
        self._patterns = rules.own_reference_patterns
        self._linked: set[str] = set()
        self._references: set[str] = set()
        self._shapes: set[str] = set()
        self._customers: set[str] = set()
        self.any = False

    def add(self, reference: str, sold_to_party: str, sales_documents: Iterable[str]) -> None:
        """Note an order: its reference and customer are empty while nothing was mapped."""
        self.any = True
        self._linked.update(sales_documents)
        if reference:
            self._references.add(reference)
            self._shapes.add(_shape(reference))
        if sold_to_party:
            self._customers.add(sold_to_party)

    def orphans(self, heads: Iterable[SalesOrderHead]) -> tuple[SalesOrderHead, ...]:
        """Return those of *heads* that look like ours, and that none of our orders knows."""
        return tuple(
            head
            for head in heads
            if head.purchase_order_by_customer
            and head.number not in self._linked
            and head.purchase_order_by_customer not in self._references
            and self._is_ours(head)
        )

    def _is_ours(self, head: SalesOrderHead) -> bool:
        reference = head.purchase_order_by_customer
        if self._patterns:
            return any(fnmatchcase(reference, pattern) for pattern in self._patterns)
        shape = _shape(reference)
        return shape in self._shapes and (shape != _NUMBER or head.sold_to_party in self._customers)


def own_orders(orders: Iterable[MirroredOrder], rules: ReconciliationRules) -> OwnOrders:
    """Return what *orders* are known by."""
    own = OwnOrders(rules)
    for order in orders:
        own.add(order.reference, order.sold_to_party, order.sales_documents)
    return own


def _shape(reference: str) -> str:
    return _DIGITS.sub(_NUMBER, reference)
