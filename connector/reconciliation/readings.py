"""Control totals of the sources of a run, and whether they are recent enough for its key date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.reconciliation.expectation import stated_gross
from connector.reconciliation.extract import ErpExtract
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.sources import ReadRecord, SourceReading, control
from connector.sd_documents.values import Money

EXTERNAL_ORDERS = "external orders"
CHANNEL_PAYMENTS = "channel payments"
STORE, ERP = "store", "ERP"


def is_stale(
    as_of: datetime,
    key_date: date,
    time_zone: str,
    now: datetime,
    rules: ReconciliationRules,
) -> bool:
    """
    Tell whether a source that is complete until *as_of* is too old for *key_date*.

    It must reach the end of the key date; for a key date that is not over, it may lag behind the
    present by the agreed limit.
    """
    end = datetime.combine(key_date + timedelta(days=1), time.min, ZoneInfo(time_zone))
    needed = min(end.astimezone(UTC), now - timedelta(hours=rules.stale_after_hours))
    return as_of < needed


def store_sources(
    orders: Iterable[MirroredOrder], as_of: datetime | None, *, stale: bool
) -> tuple[SourceReading, ...]:
    """Count external orders and the payments their channels report."""
    orders = list(orders)
    problems = ("the last intake is older than the key date allows",) if stale else ()
    return (
        control(
            EXTERNAL_ORDERS,
            STORE,
            [
                ReadRecord(
                    content=repr((order.order.model_dump_json(), order.sales_documents)),
                    day=order.ordered_on,
                    amount=_order_amount(order),
                )
                for order in orders
            ],
            as_of=as_of,
            problems=problems,
        ),
        control(
            CHANNEL_PAYMENTS,
            STORE,
            [
                ReadRecord(
                    content=repr((order.name, payment)), day=payment.paid_on, amount=payment.amount
                )
                for order in orders
                for payment in order.payments
            ],
            as_of=as_of,
            problems=problems,
        ),
    )


def _order_amount(order: MirroredOrder) -> Money | None:
    gross = stated_gross(order)
    return None if gross is None else Money(amount=gross, currency=order.order.currency)


def erp_sources(extract: ErpExtract, read_at: datetime) -> tuple[SourceReading, ...]:
    """Count what the ERP answered; it is read as it is, so it is complete until *read_at*."""

    def problems(name: str) -> list[str]:
        return [text for source, text in extract.problems if source == name]

    return (
        control(
            "document chains",
            ERP,
            [
                *(
                    ReadRecord(document.model_dump_json(), document.document_date)
                    for document in extract.sales_documents
                ),
                *(
                    ReadRecord(delivery.model_dump_json(), delivery.document_date)
                    for delivery in extract.deliveries
                ),
                *(ReadRecord(link.model_dump_json(), link.created_on) for link in extract.links),
            ],
            pages=(extract.pages, extract.pages_expected),
            as_of=read_at,
            problems=problems("document chains"),
        ),
        control(
            "billing documents",
            ERP,
            [
                ReadRecord(
                    document.model_dump_json(), document.billing_date, document.receivable_amount
                )
                for document in extract.billing_documents
            ],
            as_of=read_at,
            problems=problems("billing documents"),
        ),
        control(
            "customer items",
            ERP,
            [
                ReadRecord(item.model_dump_json(), item.posting_date, item.amount)
                for item in extract.items
            ],
            as_of=read_at,
            problems=problems("customer items"),
        ),
        control(
            "open items",
            ERP,
            [
                ReadRecord(item.model_dump_json(), item.posting_date, item.amount)
                for item in extract.open_items
            ],
            as_of=read_at,
            problems=problems("open items"),
        ),
        control(
            "G/L balances",
            ERP,
            [
                ReadRecord(balance.model_dump_json(), balance.key_date, balance.balance)
                for balance in extract.balances
            ],
            as_of=read_at,
            problems=problems("G/L balances"),
        ),
    )
