"""The made-up company's orders in a store, as the connector leaves them when all is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, insert

from benchmarks.ledger import (
    CHANNEL,
    COMPANY_CODE,
    CURRENCY,
    Ledger,
    Sale,
    billing_document,
    customer_items,
    external_order,
    flow_link,
    money,
    sales_order,
)
from connector.ports.step_state import Operation, StepState
from connector.sd_documents.partners import Partner, PartnerFunction
from connector.sd_documents.payment import IncomingPayment, ItemToClear
from connector.sd_documents.sales_document import SalesArea, SalesDocument, SalesDocumentItem
from connector.sd_documents.values import DocumentCategory, Quantity
from connector.store import schema
from connector.store.codec import from_link, from_list, text_hash
from connector.store.orders import order_text
from connector.store.sql_store import SqlStore

_BATCH: Final = 2_000
_AREA: Final = SalesArea(sales_organization="1000", distribution_channel="10", division="00")
_Rows = dict[Any, list[dict[str, Any]]]


def fill(store: SqlStore, ledger: Ledger) -> None:
    """Write all sales of *ledger* into the empty *store*."""
    sales = ledger.all()
    while batch := list(islice(sales, _BATCH)):
        rows = _rows(batch)

        def work(connection: Connection, rows: _Rows = rows) -> None:
            for table, found in rows.items():
                if found:
                    connection.execute(insert(table), found)

        store._database.write(work)


def change(store: SqlStore, sales: Iterable[Sale]) -> None:
    """Let the shop report that *sales* were paid; their flows have the payment's step then."""
    changed = list(sales)

    def work(connection: Connection) -> None:
        for sale in changed:
            row = _version(sale)
            connection.execute(
                schema.order_version.update()
                .where(schema.order_version.c.flow_id == sale.number)
                .values(content_hash=row["content_hash"], external_order=row["external_order"])
            )
        connection.execute(insert(schema.step), [_payment_step(sale) for sale in changed])

    store._database.write(work)


def _rows(sales: list[Sale]) -> _Rows:
    paid = [sale for sale in sales if sale.paid_on]
    return {
        schema.flow: [_flow(sale) for sale in sales],
        schema.order_version: [_version(sale) for sale in sales],
        schema.step: [
            *(_order_step(sale) for sale in sales),
            *(_payment_step(sale) for sale in paid),
        ],
        schema.flow_document: [row for sale in sales for row in _members(sale)],
        schema.document: [row for sale in sales for row in _documents(sale)],
        schema.customer_item: [row for sale in sales for row in _items(sale)],
        schema.flow_link: [from_link(flow_link(sale)) for sale in sales],
    }


def _at(sale: Sale) -> datetime:
    return datetime.combine(sale.day, time(9), UTC)


def _flow(sale: Sale) -> dict[str, Any]:
    return {
        "id": sale.number,
        "channel": CHANNEL,
        "external_id": f"EXT-{sale.number}",
        "order_name": f"#{sale.number}",
        "plan": "services",
        "reference": sale.reference,
        "version": 1,
        "checked_version": 1,
        "writes": 2,
        "mirrored_writes": 2,
        "wakes": 0,
        "created_at": _at(sale),
        "due_at": None,
        "read_at": _at(sale),
        "closed_at": _at(sale) if sale.paid_on else None,
        "cancelled": False,
    }


def _version(sale: Sale) -> dict[str, Any]:
    content = order_text(external_order(sale))
    return {
        "flow_id": sale.number,
        "version": 1,
        "content_hash": text_hash(content),
        "received_at": _at(sale),
        "changed_at": _at(sale),
        "source": "orders.json",
        "external_order": content,
        "raw": None,
    }


def _step(sale: Sale, operation: Operation, key: str, payload: str, number: str) -> dict[str, Any]:
    return {
        "flow_id": sale.number,
        "operation": operation.value,
        "sequence_key": key,
        "state": StepState.DONE.value,
        "fence": 1,
        "attempt": 1,
        "order_version": 1,
        "lease_owner": "",
        "lease_until": None,
        "due_at": None,
        "reference": sale.reference if operation is Operation.CREATE_SALES_ORDER else "",
        "payload": payload,
        "payload_hash": text_hash(payload),
        "known_before": "",
        "provisional_numbers": "",
        "numbers": from_list([number]),
        "last_error": "",
        "absent_look_ups": 0,
        "doubt_since": None,
        "looked_at": None,
        "created_at": _at(sale),
        "finished_at": _at(sale),
    }


def _order_step(sale: Sale) -> dict[str, Any]:
    document = SalesDocument(
        category=DocumentCategory.SALES_ORDER,
        sales_order_type="TA",
        sales_area=_AREA,
        purchase_order_by_customer=sale.reference,
        requested_delivery_date=sale.day,
        currency=CURRENCY,
        partners=(Partner(function=PartnerFunction.SOLD_TO_PARTY, customer=sale.customer),),
        items=(
            SalesDocumentItem(
                item_number=10,
                line_id="10",
                material="M-01",
                requested_quantity=Quantity(value=Decimal(1), unit="PC"),
            ),
        ),
    )
    payload = document.model_dump_json(exclude_defaults=True)
    return _step(sale, Operation.CREATE_SALES_ORDER, "1", payload, sale.sales_order)


def _payment_step(sale: Sale) -> dict[str, Any]:
    assert sale.paid_on is not None
    invoice = customer_items(sale)[0]
    payment = IncomingPayment(
        payment_reference=sale.payment_reference,
        company_code=COMPANY_CODE,
        payer=sale.customer,
        document_date=sale.paid_on,
        posting_date=sale.paid_on,
        received=money(sale.gross),
        bank_account="113100",
        cash_discount=money(0),
        items=(ItemToClear(key=invoice.key, line_item=1, amount=invoice.amount),),
    )
    number = f"{COMPANY_CODE}/{sale.receipt}/{sale.paid_on.year}"
    payload = payment.model_dump_json(exclude_defaults=True)
    return _step(sale, Operation.POST_PAYMENT, sale.payment_id, payload, number)


def _members(sale: Sale) -> Iterator[dict[str, Any]]:
    found = [
        (DocumentCategory.SALES_ORDER, sale.sales_order, sale.sales_order),
        (DocumentCategory.INVOICE, sale.billing_document, sale.billing_document),
        *(
            (DocumentCategory.ACCOUNTING_DOCUMENT, str(item.key), item.key.accounting_document)
            for item in customer_items(sale)
        ),
    ]
    for category, document, number in found:
        yield {
            "flow_id": sale.number,
            "category": category.value,
            "document": document,
            "number": number,
        }


def _documents(sale: Sale) -> Iterator[dict[str, Any]]:
    for document in (sales_order(sale), billing_document(sale)):
        body = document.model_dump_json(exclude_defaults=True)
        yield {
            "category": document.category.value,
            "document": document.number,
            "body": body,
            "body_hash": text_hash(body),
            "read_at": _at(sale),
        }


def _items(sale: Sale) -> Iterator[dict[str, Any]]:
    for item in customer_items(sale):
        body = item.model_dump_json(exclude_defaults=True)
        yield {
            "document": str(item.key),
            "line_item": item.line_item,
            "body": body,
            "body_hash": text_hash(body),
        }
