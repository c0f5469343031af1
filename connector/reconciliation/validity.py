"""Until which key date the same records come to the same result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from connector.reconciliation.differences import Pending
from connector.reconciliation.extract import ErpExtract
from connector.reconciliation.mirror import MirroredOrder
from connector.statements.model import Payout


def valid_until(
    key_date: date,
    orders: Iterable[MirroredOrder],
    extract: ErpExtract,
    payouts: Iterable[Payout],
    pending: Iterable[Pending],
) -> date | None:
    """
    Return the last key date for which nothing changes by time alone, None where none is.

    Records begin to count, and stop to be open, on their days; what is pending becomes a break on
    one. Bank lines and payouts come in only when their day has come.
    """
    days = chained_days(orders, extract, payouts)
    turning = min((day for day in days if day is not None and day > key_date), default=None)
    breaking = min((each.break_on for each in pending), default=None)
    first = min((day for day in (turning, breaking) if day is not None), default=None)
    return None if first is None else first - timedelta(days=1)


def chained_days(
    orders: Iterable[MirroredOrder], extract: ErpExtract, payouts: Iterable[Payout]
) -> Iterator[date | None]:
    """Yield every day of a record that a comparison holds against the key date."""
    for order in orders:
        yield order.ordered_on
        yield order.cancelled_on
        for payment in (*order.payments, *order.refunds):
            yield payment.paid_on
    for document in extract.sales_documents:
        yield document.document_date
    for delivery in extract.deliveries:
        yield delivery.document_date
        yield delivery.actual_goods_issue_date
    for billed in extract.billing_documents:
        yield billed.billing_date
    for item in (*extract.items, *extract.open_items):
        yield item.posting_date
        yield item.cleared_on
    for payout in payouts:
        for line in payout.lines:
            # A refund that only the provider reports counts from its day on.
            yield line.happened_on
