"""Control totals of the sources of a run, and whether they are recent enough for its key date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from connector.reconciliation.expectation import stated_gross
from connector.reconciliation.extract import ErpExtract
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.record_texts import (
    RecordKind,
    text_of,
    text_of_balance,
    text_of_payment,
)
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.sources import Control, ReadRecord, SourceReading
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import Money

EXTERNAL_ORDERS = "external orders"
CHANNEL_PAYMENTS = "channel payments"
DOCUMENT_CHAINS = "document chains"
BILLING_DOCUMENTS = "billing documents"
CUSTOMER_ITEMS = "customer items"
OPEN_ITEMS = "open items"
BALANCES = "G/L balances"
STORE, ERP = "store", "ERP"

#: Control totals by the name of their source.
Controls = Mapping[str, Control]
#: Gives the line of a record.
TextOf = Callable[[RecordKind, Any], str]
_NONE: Final[Mapping[str, int]] = MappingProxyType({})


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
    return store_readings(store_controls(list(orders)), as_of, stale=stale)


def erp_sources(extract: ErpExtract, read_at: datetime) -> tuple[SourceReading, ...]:
    """Count what the ERP answered."""
    pages = extract.pages, extract.pages_expected
    return erp_readings(erp_controls(extract), read_at, extract.problems, pages)


def store_controls(orders: Collection[MirroredOrder], text: TextOf = text_of) -> Controls:
    """Add up external orders and the payments their channels report; *text* gives their lines."""
    return {
        EXTERNAL_ORDERS: Control.of(
            ReadRecord(text(RecordKind.ORDER, order), order.ordered_on, _order_amount(order))
            for order in orders
        ),
        CHANNEL_PAYMENTS: Control.of(
            ReadRecord(f"{order.name} {text_of_payment(payment)}", payment.paid_on, payment.amount)
            for order in orders
            for payment in order.payments
        ),
    }


def erp_controls(extract: ErpExtract, text: TextOf = text_of) -> Controls:
    """Add up what the ERP answered; *text* gives the lines of its records."""

    def items(kind: RecordKind, found: Iterable[CustomerItem]) -> Control:
        return Control.of(
            ReadRecord(text(kind, item), item.posting_date, item.amount) for item in found
        )

    def chains() -> Iterator[ReadRecord]:
        for document in extract.sales_documents:
            yield ReadRecord(text(RecordKind.SALES_DOCUMENT, document), document.document_date)
        for delivery in extract.deliveries:
            yield ReadRecord(text(RecordKind.DELIVERY, delivery), delivery.document_date)
        for link in extract.links:
            yield ReadRecord(text(RecordKind.LINK, link), link.created_on)

    return {
        DOCUMENT_CHAINS: Control.of(chains()),
        BILLING_DOCUMENTS: Control.of(
            ReadRecord(
                text(RecordKind.BILLING_DOCUMENT, document),
                document.billing_date,
                document.receivable_amount,
            )
            for document in extract.billing_documents
        ),
        CUSTOMER_ITEMS: items(RecordKind.ITEM, extract.items),
        OPEN_ITEMS: items(RecordKind.OPEN_ITEM, extract.open_items),
        BALANCES: Control.of(
            ReadRecord(text_of_balance(balance), balance.key_date, balance.balance)
            for balance in extract.balances
        ),
    }


def store_readings(
    controls: Controls, as_of: datetime | None, *, stale: bool, kept: Mapping[str, int] = _NONE
) -> tuple[SourceReading, ...]:
    """
    Return what was added up as sources of the store.

    *as_of* is until when all channels are known to be read; *stale* says that it is too long ago.
    *kept* counts the records of a source that were not read anew.
    """
    problems = ("the last intake is older than the key date allows",) if stale else ()
    return tuple(
        controls[name].reading(name, STORE, as_of=as_of, problems=problems, kept=kept.get(name, 0))
        for name in (EXTERNAL_ORDERS, CHANNEL_PAYMENTS)
    )


def erp_readings(
    controls: Controls,
    read_at: datetime,
    problems: Iterable[tuple[str, str]],
    pages: tuple[int, int],
    kept: Mapping[str, int] = _NONE,
) -> tuple[SourceReading, ...]:
    """
    Return what was added up as sources of the ERP, which is read as it is at *read_at*.

    *problems* stand with the name of their source; *pages* are the calls that chains were read
    with, and those expected.
    """
    found = tuple(problems)
    return tuple(
        controls[name].reading(
            name,
            ERP,
            pages=pages if name == DOCUMENT_CHAINS else (1, 1),
            as_of=read_at,
            problems=[text for source, text in found if source == name],
            kept=kept.get(name, 0),
        )
        for name in (DOCUMENT_CHAINS, BILLING_DOCUMENTS, CUSTOMER_ITEMS, OPEN_ITEMS, BALANCES)
    )


def _order_amount(order: MirroredOrder) -> Money | None:
    gross = stated_gross(order)
    return None if gross is None else Money(amount=gross, currency=order.order.currency)
