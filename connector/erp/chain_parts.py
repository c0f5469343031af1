"""Chains that were read in parts, put together: what several parts share stays once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector.ports.erp import ChainSnapshot
from connector.sd_documents.payment import CustomerItem


def merged(parts: Sequence[ChainSnapshot]) -> ChainSnapshot:
    """Put the parts of a long read together."""
    sales = {each.number: each for part in parts for each in part.sales_documents}
    deliveries = {each.number: each for part in parts for each in part.deliveries}
    billing = {each.number: each for part in parts for each in part.billing_documents}
    links = {(each.preceding, each.subsequent): each for part in parts for each in part.links}
    return ChainSnapshot(
        sales_documents=tuple(sales.values()),
        deliveries=tuple(deliveries.values()),
        billing_documents=tuple(billing.values()),
        items=each_once(item for part in parts for item in part.items),
        links=tuple(links.values()),
    )


def each_once(items: Iterable[CustomerItem]) -> tuple[CustomerItem, ...]:
    """Return *items* without repetitions, in the order of their keys."""
    by_key = {
        (i.key.company_code, i.key.fiscal_year, i.key.accounting_document, i.line_item): i
        for i in items
    }
    return tuple(by_key[key] for key in sorted(by_key))
