"""
Reads everything a run compares, once, and counts it.

The outside comes from the connector's store, everything else from the ERP. Nothing is written, and
nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from connector.ports.erp import ChainSnapshot, Erp, OpenItems, OrderPayer, SalesOrderHead
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.orphan_orders import orphan_orders
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.compact import compact, compacted
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import AccountBalance, CustomerItem, ExchangeDifference
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory

#: How often items and balances are read again while postings go on between the two.
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class ErpExtract:
    """
    What the ERP says.

    ``items`` are all customer lines that are known, open or cleared, without doubles;
    ``open_items`` those open on the key date, of all customers of the company codes.
    ``numbers_by_reference`` holds the sales orders found under references that were looked for.
    ``unknown_numbers`` were asked for and do not exist. ``payers`` are those of the sales orders;
    ``orphans`` are sales orders that look like ours and that nobody outside knows. ``exchange`` is
    what the clearings of ``items`` realised of other exchange rates. ``problems`` say which source
    must not be relied on, by its name.
    """

    sales_documents: tuple[PostedSalesDocument, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    billing_documents: tuple[BillingDocument, ...] = ()
    links: tuple[FlowLink, ...] = ()
    items: tuple[CustomerItem, ...] = ()
    open_items: tuple[CustomerItem, ...] = ()
    balances: tuple[AccountBalance, ...] = ()
    numbers_by_reference: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unknown_numbers: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    payers: tuple[OrderPayer, ...] = ()
    orphans: tuple[SalesOrderHead, ...] = ()
    exchange: tuple[ExchangeDifference, ...] = ()
    pages: int = 0
    pages_expected: int = 0


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
    found = _look_for_orders(erp, orders, key_date, rules)
    orphans = orphan_orders(_created(erp, orders, key_date, rules), orders, rules)
    numbers = sorted(
        {number for order in orders for number in order.sales_documents}
        | {number for numbers in found.values() for number in numbers}
        | {head.number for head in orphans}
    )
    batches = [numbers[start : start + batch] for start in range(0, len(numbers), batch)]
    snapshots = [_compact(erp.chains.read(numbers_of_batch)) for numbers_of_batch in batches]
    chains = _merge(snapshots)
    unknown, problems, late = _missing(erp, numbers, chains.sales_documents)
    billing_documents = _with_known(erp, orders, chains.billing_documents)
    open_items, balances, unstable = _items_and_balances(erp.open_items, company_codes, key_date)
    lines = _distinct_items(
        [*chains.items, *open_items, *_unposted_lines(erp, billing_documents, chains.items)]
    )
    return ErpExtract(
        sales_documents=_distinct_sales_documents([*chains.sales_documents, *late]),
        deliveries=chains.deliveries,
        billing_documents=billing_documents,
        links=chains.links,
        items=lines,
        open_items=open_items,
        balances=balances,
        numbers_by_reference=found,
        payers=_payers(erp, [*chains.sales_documents, *late], batch),
        orphans=orphans,
        exchange=_exchange(erp.open_items, lines, company_codes, key_date),
        unknown_numbers=unknown,
        problems=(*problems, *unstable),
        pages=len(snapshots),
        pages_expected=len(batches),
    )


def _look_for_orders(
    erp: Erp, orders: Iterable[MirroredOrder], key_date: date, rules: ReconciliationRules
) -> dict[str, tuple[str, ...]]:
    """Look in the ERP for the sales orders of references that may have none or more than one."""
    found = {}
    for order in orders:
        if order.reference and _must_look(order, key_date, rules):
            found[order.reference] = erp.sales_documents.find(
                order.reference, DocumentCategory.SALES_ORDER
            )
    return found


def _created(
    erp: Erp, orders: Sequence[MirroredOrder], key_date: date, rules: ReconciliationRules
) -> tuple[SalesOrderHead, ...]:
    """List the sales orders of the time in which they must be known."""
    if not orders and not rules.own_reference_patterns:
        return ()
    days = rules.orphan_search_days
    first = date(1970, 1, 1) if days is None else key_date - timedelta(days=days)
    return erp.sales_documents.orders_created(first, key_date)


def _payers(
    erp: Erp, documents: Iterable[PostedSalesDocument], batch: int
) -> tuple[OrderPayer, ...]:
    numbers = sorted(
        {each.number for each in documents if each.category is DocumentCategory.SALES_ORDER}
    )
    batches = [numbers[start : start + batch] for start in range(0, len(numbers), batch)]
    return tuple(payer for part in batches for payer in erp.sales_documents.payers(part))


def _must_look(order: MirroredOrder, key_date: date, rules: ReconciliationRules) -> bool:
    days = rules.duplicate_search_days
    if not order.sales_documents or days is None:
        return True
    return order.received_on > key_date - timedelta(days=days)


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
        sales_documents=_distinct_sales_documents(
            [d for snapshot in snapshots for d in snapshot.sales_documents]
        ),
        deliveries=tuple(deliveries[number] for number in sorted(deliveries)),
        billing_documents=tuple(billing[number] for number in sorted(billing)),
        items=_distinct_items([item for snapshot in snapshots for item in snapshot.items]),
        links=_distinct_links([link for snapshot in snapshots for link in snapshot.links]),
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
    """Ask again for the FI lines of billing documents whose lines the chains did not bring."""
    seen = {item.billing_document for item in items}
    absent = sorted(
        document.number
        for document in billing_documents
        if document.number not in seen and document.accounting_document is not None
    )
    return erp.open_items.items_of_billing_documents(absent) if absent else ()


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
            return _distinct_items(items), after, ()
    problem = ("open items", f"postings went on during each of {_TRIES} readings")
    return _distinct_items(items), after, (problem,)


def _exchange(
    port: OpenItems, items: Iterable[CustomerItem], company_codes: Sequence[str], key_date: date
) -> tuple[ExchangeDifference, ...]:
    """Ask what the clearings of items in foreign currency realised until the key date."""
    clearings: dict[str, set[str]] = {}
    for item in items:
        local = item.local_amount
        if local is None or local.currency == item.amount.currency:
            continue
        cleared = item.cleared_on is not None and item.cleared_on <= key_date
        if cleared and item.clearing_document and item.key.company_code in company_codes:
            clearings.setdefault(item.key.company_code, set()).add(item.clearing_document)
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


def _distinct_sales_documents(
    documents: Iterable[PostedSalesDocument],
) -> tuple[PostedSalesDocument, ...]:
    by_number = {document.number: document for document in documents}
    return tuple(by_number[number] for number in sorted(by_number))


def _distinct_items(items: Iterable[CustomerItem]) -> tuple[CustomerItem, ...]:
    """Leave out doubles; of two readings of a line the one that knows its clearing is kept."""
    by_key: dict[tuple[str, str, int, int], CustomerItem] = {}
    for item in items:
        known = by_key.get(item_key(item))
        if known is None or known.clearing_document is None:
            by_key[item_key(item)] = item
    return tuple(by_key[key] for key in sorted(by_key))


def _distinct_links(links: Iterable[FlowLink]) -> tuple[FlowLink, ...]:
    by_text = {link.model_dump_json(): link for link in links}
    return tuple(by_text[text] for text in sorted(by_text))


def in_order(extract: ErpExtract) -> ErpExtract:
    """Return *extract* sorted by keys, so that nothing depends on the order of the answers."""
    return replace(
        extract,
        sales_documents=tuple(sorted(extract.sales_documents, key=lambda d: d.number)),
        deliveries=tuple(sorted(extract.deliveries, key=lambda d: d.number)),
        billing_documents=tuple(sorted(extract.billing_documents, key=lambda d: d.number)),
        links=tuple(sorted(extract.links, key=lambda link: link.model_dump_json())),
        items=tuple(sorted(extract.items, key=item_key)),
        open_items=tuple(sorted(extract.open_items, key=item_key)),
        balances=tuple(
            sorted(extract.balances, key=lambda b: (b.company_code, b.account, b.currency))
        ),
    )


def item_key(item: CustomerItem) -> tuple[str, str, int, int]:
    """Return what identifies an FI line: company code, document, fiscal year, line."""
    key = item.key
    return key.company_code, key.accounting_document, key.fiscal_year, item.line_item
