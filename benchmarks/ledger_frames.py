"""
The least that a reconciliation must read: the same records, through the same store and ERP port.

Only what the bare join needs of each record is kept, in columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Final, TypeVar

import polars as pl

from benchmarks.ledger import COMPANY_CODE
from benchmarks.ledger_tables import COLUMNS
from connector.ports.erp import ChainSnapshot, Erp
from connector.ports.order_records import OrderRecord
from connector.ports.step_state import Operation
from connector.ports.store import FlowStore
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import DocumentCategory

T = TypeVar("T")
_Row = tuple[Any, ...]

_BATCH: Final = 1_000
#: Sales documents of one call, and days for which second sales orders and strange ones are sought.
_CALL, _DAYS = 100, 31


def read_frames(store: FlowStore, erp: Erp, key_date: date) -> dict[str, pl.DataFrame]:
    """Read everything that a run reads, and return it as the tables of the bare join."""
    frames: dict[str, list[pl.DataFrame]] = {name: [] for name in COLUMNS}
    since = key_date - timedelta(days=_DAYS)
    for records in _batches(store.order_records(), _BATCH):
        for record in records:
            if record.created_at.date() > since:
                erp.sales_documents.find(record.reference, DocumentCategory.SALES_ORDER)
        rows: dict[str, list[_Row]] = {
            "orders": list(map(_order, records)),
            "payments": [row for record in records for row in _payments(record)],
            "sales_orders": [],
            "billing": [],
            "items": [],
        }
        numbers = sorted(number for record in records for number in record.sales_documents)
        for some in _batches(numbers, _CALL):
            _add(rows, erp.chains.read(some))
            erp.sales_documents.payers(some)
        for name, found in rows.items():
            frames[name].append(pl.DataFrame(found, schema=COLUMNS[name], orient="row"))
    erp.sales_documents.orders_created(since, key_date)
    open_ = erp.open_items.customer_items(COMPANY_CODE, (), key_date)
    frames["items"].append(
        pl.DataFrame(list(map(_item, open_)), schema=COLUMNS["items"], orient="row")
    )
    balances = erp.open_items.receivable_balances(COMPANY_CODE, key_date)
    tables = {name: pl.concat(parts) for name, parts in frames.items()}
    tables["items"] = tables["items"].unique(("company_code", "document", "line"))
    tables["balances"] = pl.DataFrame(
        {
            "company_code": [each.company_code for each in balances],
            "account": [each.account for each in balances],
            "amount": [_cents(each.balance.amount) for each in balances],
        }
    )
    return tables


def _order(record: OrderRecord) -> _Row:
    order = record.order
    gross = order.totals.grand_total
    return (
        order.external_id,
        record.reference,
        order.ordered_at.date(),
        None if gross is None else _cents(gross),
    )


def _payments(record: OrderRecord) -> Iterator[_Row]:
    sent = {
        step.sequence_key: json.loads(step.payload)["payment_reference"]
        for step in record.steps
        if step.operation is Operation.POST_PAYMENT
    }
    for payment in record.order.payments:
        yield (
            record.order.external_id,
            sent.get(payment.payment_id, ""),
            payment.paid_at.date(),
            _cents(payment.amount),
        )


def _add(rows: dict[str, list[_Row]], snapshot: ChainSnapshot) -> None:
    for order in snapshot.sales_documents:
        rows["sales_orders"].append(
            (
                order.number,
                order.purchase_order_by_customer,
                order.sold_to_party,
                _cents(order.net_amount.amount),
                _cents(order.tax_amount.amount),
            )
        )
    for billed in snapshot.billing_documents:
        rows["billing"].append(
            (
                billed.number,
                billed.items[0].sales_document,
                billed.accounting_document,
                billed.billing_date,
                _cents(billed.net_amount.amount),
                _cents(billed.tax_amount.amount),
            )
        )
    rows["items"] += map(_item, snapshot.items)


def _item(item: CustomerItem) -> _Row:
    return (
        item.key.company_code,
        item.reconciliation_account,
        item.key.accounting_document,
        item.line_item,
        item.document_type,
        item.customer,
        _cents(item.amount.amount),
        item.posting_date,
        item.net_days,
        item.reference,
        item.billing_document or None,
        item.clearing_document,
        item.cleared_on,
    )


def _cents(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
