"""
Reads everything a run compares, once, and counts it.

The outside comes from the connector's store, everything else from the ERP. Nothing is written, and
nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from connector.ports.erp import ChainSnapshot, Erp, OpenItems, OrderPayer, SalesOrderHead
from connector.reconciliation.erp_extract import (
    ErpExtract,
    distinct_items,
    distinct_links,
    distinct_sales_documents,
    in_order,
    is_foreign,
    item_key,
    put_together,
)
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.orphan_orders import own_orders
from connector.reconciliation.receipts_beside import receipts_beside, wanted_receipts
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.compact import compact, compacted
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import AccountBalance, CustomerItem, ExchangeDifference
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory

__all__ = [
    "ErpExtract",
    "in_order",
    "item_key",
    "look_for_orders",
    "must_look",
    "orders_created",
    "orders_with",
    "put_together",
    "read_chains",
    "read_erp",
    "read_ledger",
]

#: How often items and balances are read again while postings go on between the two.
_TRIES: Final = 3


def read_erp(
    erp: Erp,
    orders: Sequence[MirroredOrder],
    key_date: date,
    company_codes: Sequence[str],
    rules: ReconciliationRules,
    *,
    batch: int = 100,
) -> ErpExtract:
    """
    Read the chains of *orders* and the customer items and balances of *company_codes*.

    Raises what the ERP port raises; a half-read extract is never returned.
    """
    found = look_for_orders(erp, orders, key_date, rules)
    orphans = own_orders(orders, rules).orphans(orders_created(erp, bool(orders), key_date, rules))
    chains = read_chains(
        erp, orders, found, orphans, company_codes, rules=rules, batch=batch, is_kept=True
    )
    ledger = read_ledger(erp, company_codes, key_date)
    return put_together([chains, ledger], key_date)


def look_for_orders(
    erp: Erp, orders: Iterable[MirroredOrder], key_date: date, rules: ReconciliationRules
) -> dict[str, tuple[str, ...]]:
    """Look in the ERP for the sales orders of references that may have none or more than one."""
    return {
        order.reference: orders_with(erp, order.reference)
        for order in orders
        if must_look(
            order.reference, bool(order.sales_documents), order.received_on, key_date, rules
        )
    }


def orders_with(erp: Erp, reference: str) -> tuple[str, ...]:
    """Return the sales orders that carry *reference* in the ERP."""
    return erp.sales_documents.find(reference, DocumentCategory.SALES_ORDER)


def must_look(
    reference: str,
    has_documents: bool,
    received_on: date,
    key_date: date,
    rules: ReconciliationRules,
) -> bool:
    """Tell whether an order may have a sales order, or a second one, that nobody noted."""
    days = rules.duplicate_search_days
    if not reference:
        return False
    return not has_documents or days is None or received_on > key_date - timedelta(days=days)


def orders_created(
    erp: Erp, has_orders: bool, key_date: date, rules: ReconciliationRules
) -> tuple[SalesOrderHead, ...]:
    """List the sales orders of the time in which they must be known."""
    if not has_orders and not rules.own_reference_patterns:
        return ()
    days = rules.orphan_search_days
    first = date(1970, 1, 1) if days is None else key_date - timedelta(days=days)
    return erp.sales_documents.orders_created(first, key_date)


def read_chains(
    erp: Erp,
    orders: Sequence[MirroredOrder],
    found: Mapping[str, tuple[str, ...]],
    orphans: Sequence[SalesOrderHead],
    company_codes: Sequence[str],
    *,
    rules: ReconciliationRules,
    batch: int = 100,
    is_kept: bool = False,
) -> ErpExtract:
    """
    Read the chains of some *orders*, of the sales orders *found* for them, and of *orphans*.

    Receipts that the invoices of an order do not lead to are looked for by what its payments say.
    What the clearings of the items realised is read whatever their day. Records that are *kept* in
    memory are made compact.
    """
    numbers = sorted(
        {number for order in orders for number in order.sales_documents}
        | {number for numbers in found.values() for number in numbers}
        | {head.number for head in orphans}
    )
    batches = [numbers[start : start + batch] for start in range(0, len(numbers), batch)]
    snapshots = [erp.chains.read(numbers_of_batch) for numbers_of_batch in batches]
    if is_kept:
        snapshots = [_compact(snapshot) for snapshot in snapshots]
    chains = _merge(snapshots)
    unknown, problems, late = _missing(erp, numbers, chains.sales_documents)
    billing_documents = _with_known(erp, orders, chains.billing_documents)
    items = distinct_items([*chains.items, *_unposted_lines(erp, billing_documents, chains.items)])
    beside = receipts_beside(
        erp.open_items,
        wanted_receipts(orders, found, billing_documents, items, company_codes),
        rules,
        batch=batch,
    )
    items = distinct_items([*items, *beside])
    return ErpExtract(
        sales_documents=distinct_sales_documents([*chains.sales_documents, *late]),
        deliveries=chains.deliveries,
        billing_documents=billing_documents,
        links=tuple(filter(_is_read, chains.links)),
        items=items,
        numbers_by_reference=dict(found),
        payers=_payers(erp, [*chains.sales_documents, *late], batch),
        orphans=tuple(orphans),
        exchange=_exchange(erp.open_items, items, company_codes),
        unknown_numbers=unknown,
        problems=problems,
        pages=len(snapshots),
        pages_expected=len(batches),
    )


def read_ledger(erp: Erp, company_codes: Sequence[str], key_date: date) -> ErpExtract:
    """Read the open items and the balances of *company_codes* as of one moment."""
    open_items, balances, problems = _items_and_balances(erp.open_items, company_codes, key_date)
    return ErpExtract(open_items=open_items, balances=balances, problems=problems)


def _is_read(link: FlowLink) -> bool:
    """
    Tell links that the ERP keeps from those that are made of the customer lines of one answer.

    The latter say nothing that the lines do not, and depend on what was asked for together.
    """
    return link.preceding.category is not DocumentCategory.ACCOUNTING_DOCUMENT


def _payers(
    erp: Erp, documents: Iterable[PostedSalesDocument], batch: int
) -> tuple[OrderPayer, ...]:
    numbers = sorted(
        {each.number for each in documents if each.category is DocumentCategory.SALES_ORDER}
    )
    batches = [numbers[start : start + batch] for start in range(0, len(numbers), batch)]
    return tuple(payer for part in batches for payer in erp.sales_documents.payers(part))


def _compact(snapshot: ChainSnapshot) -> ChainSnapshot:
    """Keep the documents of one call in less memory; there may be a million of them."""
    return ChainSnapshot(
        sales_documents=compacted(snapshot.sales_documents),
        deliveries=compacted(snapshot.deliveries),
        billing_documents=compacted(snapshot.billing_documents),
        items=compacted(snapshot.items),
        links=compacted(snapshot.links),
    )


def _merge(snapshots: Sequence[ChainSnapshot]) -> ChainSnapshot:
    """Put snapshots together; chains that share documents bring them more than once."""
    deliveries = {d.number: d for snapshot in snapshots for d in snapshot.deliveries}
    billing = {d.number: d for snapshot in snapshots for d in snapshot.billing_documents}
    return ChainSnapshot(
        sales_documents=distinct_sales_documents(
            [d for snapshot in snapshots for d in snapshot.sales_documents]
        ),
        deliveries=tuple(deliveries[number] for number in sorted(deliveries)),
        billing_documents=tuple(billing[number] for number in sorted(billing)),
        items=distinct_items([item for snapshot in snapshots for item in snapshot.items]),
        links=distinct_links(
            [
                link
                for snapshot in snapshots
                for link in snapshot.links
                # What one accounting document cleared of another is told by the items themselves.
                if link.preceding.category is not DocumentCategory.ACCOUNTING_DOCUMENT
            ]
        ),
    )


def _missing(
    erp: Erp, numbers: Sequence[str], read: Iterable[PostedSalesDocument]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[PostedSalesDocument, ...]]:
    """
    Tell documents that do not exist from documents that the chain reading left out.

    Returns the numbers that do not exist, problems, and what the second reading brought.
    """
    absent = sorted(set(numbers) - {document.number for document in read})
    if not absent:
        return (), (), ()
    late = erp.sales_documents.read(absent)
    unknown = tuple(sorted(set(absent) - {document.number for document in late}))
    if not late:
        return unknown, (), ()
    left_out = ", ".join(document.number for document in late)
    return unknown, (("document chains", f"left out sales documents {left_out}"),), late


def _with_known(
    erp: Erp, orders: Iterable[MirroredOrder], read: tuple[BillingDocument, ...]
) -> tuple[BillingDocument, ...]:
    """Add billing documents that the mirror has seen and the document flow does not lead to."""
    known = {number for order in orders for number in order.billing_documents}
    absent = sorted(known - {document.number for document in read})
    more = erp.billing_documents.read(absent) if absent else ()
    return tuple(sorted((*read, *more), key=lambda document: document.number))


def _unposted_lines(
    erp: Erp, billing_documents: Iterable[BillingDocument], items: Iterable[CustomerItem]
) -> tuple[CustomerItem, ...]:
    """
    Ask again for the FI lines of billing documents whose lines the chains did not bring.

    The flow leads no more to an invoice whose delivery was deleted after it had been cancelled.
    """
    seen = {item.billing_document for item in items}
    absent = sorted(
        document.number
        for document in billing_documents
        if document.number not in seen and document.accounting_document is not None
    )
    if not absent:
        return ()
    return erp.open_items.items_of_billing_documents(absent, and_settlements=True)


def _items_and_balances(
    port: OpenItems, company_codes: Sequence[str], key_date: date
) -> tuple[tuple[CustomerItem, ...], tuple[AccountBalance, ...], tuple[tuple[str, str], ...]]:
    """
    Read items and balances as of one moment.

    Somebody may post between the two readings. Balances that are the same before and after the
    items were read belong to these items.
    """
    items: list[CustomerItem] = []
    after = _balances(port, company_codes, key_date)
    for _ in range(_TRIES):
        before = after
        items = [
            compact(item)
            for code in company_codes
            for item in port.customer_items(code, (), key_date)
        ]
        after = _balances(port, company_codes, key_date)
        if before == after:
            return distinct_items(items), after, ()
    problem = ("open items", f"postings went on during each of {_TRIES} readings")
    return distinct_items(items), after, (problem,)


def _exchange(
    port: OpenItems, items: Iterable[CustomerItem], company_codes: Sequence[str]
) -> tuple[ExchangeDifference, ...]:
    """Ask what the clearings of items in foreign currency realised."""
    clearings: dict[str, set[str]] = {}
    for item in items:
        code = item.key.company_code
        if item.clearing_document and code in company_codes and is_foreign(item):
            clearings.setdefault(code, set()).add(item.clearing_document)
    return tuple(
        found
        for code, documents in sorted(clearings.items())
        for found in port.exchange_differences(code, sorted(documents))
    )


def _balances(
    port: OpenItems, company_codes: Sequence[str], key_date: date
) -> tuple[AccountBalance, ...]:
    balances = [
        balance for code in company_codes for balance in port.receivable_balances(code, key_date)
    ]
    return tuple(sorted(balances, key=lambda b: (b.company_code, b.account, b.currency)))
