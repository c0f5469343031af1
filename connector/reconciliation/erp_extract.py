"""What the ERP says, as a value, and how parts of it that were read one by one are put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from connector.ports.erp import OrderPayer, SalesOrderHead
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import AccountBalance, CustomerItem, ExchangeDifference
from connector.sd_documents.sales_document import PostedSalesDocument


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


def put_together(parts: Iterable[ErpExtract], key_date: date) -> ErpExtract:
    """
    Return what *parts* say together, without doubles.

    The open items are customer lines as well. Of what clearings realised only those until
    *key_date* are left.
    """
    parts = list(parts)
    open_items = distinct_items([item for part in parts for item in part.open_items])
    items = distinct_items([*(item for part in parts for item in part.items), *open_items])
    deliveries = {each.number: each for part in parts for each in part.deliveries}
    billing = {each.number: each for part in parts for each in part.billing_documents}
    return ErpExtract(
        sales_documents=distinct_sales_documents(
            [each for part in parts for each in part.sales_documents]
        ),
        deliveries=tuple(deliveries[number] for number in sorted(deliveries)),
        billing_documents=tuple(billing[number] for number in sorted(billing)),
        links=distinct_links([link for part in parts for link in part.links]),
        items=items,
        open_items=open_items,
        balances=tuple(balance for part in parts for balance in part.balances),
        numbers_by_reference={
            reference: numbers
            for part in parts
            for reference, numbers in part.numbers_by_reference.items()
        },
        unknown_numbers=tuple(sorted({each for part in parts for each in part.unknown_numbers})),
        problems=tuple(problem for part in parts for problem in part.problems),
        payers=tuple(dict.fromkeys(payer for part in parts for payer in part.payers)),
        orphans=tuple(dict.fromkeys(head for part in parts for head in part.orphans)),
        exchange=_until(
            key_date, items, dict.fromkeys(each for part in parts for each in part.exchange)
        ),
        pages=sum(part.pages for part in parts),
        pages_expected=sum(part.pages_expected for part in parts),
    )


def _until(
    key_date: date, items: Iterable[CustomerItem], exchange: Iterable[ExchangeDifference]
) -> tuple[ExchangeDifference, ...]:
    """Return what the clearings of *items* until *key_date* realised."""
    exchange = tuple(exchange)
    if not exchange:
        return ()
    cleared = {
        item.clearing
        for item in items
        if item.cleared_on is not None and item.cleared_on <= key_date and is_foreign(item)
    }
    return tuple(each for each in exchange if each.key.document in cleared)


def is_foreign(item: CustomerItem) -> bool:
    local = item.local_amount
    return local is not None and local.currency != item.amount.currency


def distinct_sales_documents(
    documents: Iterable[PostedSalesDocument],
) -> tuple[PostedSalesDocument, ...]:
    by_number = {document.number: document for document in documents}
    return tuple(by_number[number] for number in sorted(by_number))


def distinct_items(items: Iterable[CustomerItem]) -> tuple[CustomerItem, ...]:
    """Leave out doubles; of two readings of a line the one that knows its clearing is kept."""
    by_key: dict[tuple[str, str, int, int], CustomerItem] = {}
    for item in items:
        known = by_key.get(item_key(item))
        if known is None or known.clearing_document is None:
            by_key[item_key(item)] = item
    return tuple(by_key[key] for key in sorted(by_key))


def distinct_links(links: Iterable[FlowLink]) -> tuple[FlowLink, ...]:
    by_text = {link.model_dump_json(): link for link in links}
    return tuple(by_text[text] for text in sorted(by_text))


def in_order(extract: ErpExtract) -> ErpExtract:
    """Return *extract* sorted by keys, so that nothing depends on the order of the answers."""
    return replace(
        extract,
        sales_documents=tuple(sorted(extract.sales_documents, key=lambda d: d.number)),
        deliveries=tuple(sorted(extract.deliveries, key=lambda d: d.number)),
        billing_documents=tuple(sorted(extract.billing_documents, key=lambda d: d.number)),
        links=tuple(sorted(extract.links, key=_ends)),
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


def _ends(link: FlowLink) -> tuple[str, int, str, int]:
    """All that anything of a run depends on."""
    before, after = link.preceding, link.subsequent
    return after.document, after.item_number, before.document, before.item_number
