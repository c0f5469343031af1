"""
Why one delivery or order became several invoices: the field of the header in which they differ.

The ERP combines what agrees in every field of the billing header and splits the rest. It names the
field when it bills; here it is read off the invoices, so that it is known of any invoice, whoever
made it.
"""

from __future__ import annotations

from typing import Final

from connector.ports.store_records import FlowView
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.values import ItemReference
from connector.sync.chain import valid_invoices

#: Fields of the header that split, by the words for people, the most telling first.
_FIELDS: Final = {
    "payer": "payer",
    "sold_to_party": "sold-to party",
    "billing_document_type": "billing type",
    "billing_date": "billing date",
    "payment_terms": "terms of payment",
    "currency": "currency",
    "company_code": "company code",
}


def splitting_fields(view: FlowView, document: BillingDocument) -> tuple[str, ...]:
    """
    Return the fields in which *document* differs from the invoices it was split from.

    Empty where it was not split, or by a field that is not read (a requirement of one's own).
    """
    # Invoices of the same item are shares of it, as milestones are, and no split.
    others = [
        other
        for other in valid_invoices(view)
        if other.number != document.number
        and _documents(document) & _documents(other)
        and not _items(document) & _items(other)
    ]
    return tuple(
        name
        for name in _FIELDS
        if any(getattr(other, name) != getattr(document, name) for other in others)
    )


def split_by(view: FlowView, document: BillingDocument) -> str:
    """Return why *document* was split, as part of a line; empty where it was not."""
    if document not in valid_invoices(view):
        return ""
    fields = splitting_fields(view, document)
    return f"split by {', '.join(_FIELDS[name] for name in fields)}" if fields else ""


def _documents(document: BillingDocument) -> set[str]:
    return {item.preceding.document for item in document.items}


def _items(document: BillingDocument) -> set[ItemReference]:
    return {item.preceding for item in document.items}
