"""Holes in the document flow: documents that no link leads to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import Evidence, Finding, Scope, Side, evidence_of
from connector.reconciliation.identities import ORDERS_TO_BILLING
from connector.reconciliation.matching import Documents, OrderChain
from connector.sd_documents.values import DocumentCategory, display_number


def link_gaps(
    chain: OrderChain, scope: Scope, documents: Documents, key_date: date
) -> Iterator[Finding]:
    """
    Yield a finding for each document of the chain that the document flow does not lead to.

    They have no amount of their own: what is billed is billed, linked or not. An invoice that was
    cancelled, and its cancellation, lose their place in the flow when the delivery is deleted.
    """
    order = chain.mirrored.order
    keys = {"channel": order.channel, "external_id": order.external_id}
    reached = documents.reached
    billed = {line.document.number: line for line in chain.billing_lines}
    for number, line in sorted(billed.items()):
        was_undone = line.document.is_cancelled or line.document.cancelled_document is not None
        if was_undone or all((number, i.item_number) in reached for i in line.document.items):
            continue
        yield _gap(
            scope,
            {**keys, "document": number},
            Side(what=f"billing document {display_number(number)}"),
            line.document.billing_date,
            "no row of the document flow leads to this billing document",
            evidence=(evidence_of("billing document", number, line.document),),
        )
    assert chain.sales_order is not None
    for delivery in documents.deliveries_of(chain.sales_order.number):
        if delivery.document_date > key_date or delivery.category is not DocumentCategory.DELIVERY:
            continue
        if all((delivery.number, item.item_number) in reached for item in delivery.items):
            continue
        yield _gap(
            scope,
            {**keys, "document": delivery.number},
            Side(what=f"delivery {display_number(delivery.number)}"),
            delivery.document_date,
            "no row of the document flow leads to this delivery",
            evidence=(evidence_of("delivery", delivery.number, delivery),),
        )
    for number in chain.mirrored.sales_documents:
        if number in documents.extract.unknown_numbers:
            yield _gap(
                scope,
                {**keys, "document": number},
                Side(what=f"sales document {display_number(number)}"),
                chain.sales_order.document_date,
                "the connector knows this document, the ERP does not",
            )


def _gap(
    scope: Scope,
    keys: dict[str, str],
    erp: Side,
    since: date,
    text: str,
    *,
    evidence: tuple[Evidence, ...] = (),
) -> Finding:
    return Finding(
        code=BreakCode.LINK_GAP,
        identity=ORDERS_TO_BILLING,
        scope=scope,
        subject=erp.what,
        keys=keys,
        outside=Side(what="document flow"),
        erp=erp,
        since=since,
        text=text,
        evidence=evidence,
    )
