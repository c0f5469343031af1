"""The chain of one order as plain values, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from connector.cli.chain_tree import Document, documents_of
from connector.ports.store_records import FlowView
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.values import Money, Quantity
from connector.sync.payment_states import invoice_payments
from connector.sync.progress import stage_of
from connector.sync.splits import splitting_fields


def chain_json(view: FlowView) -> dict[str, Any]:
    """Return the chain as plain values; amounts and quantities as text, no names or addresses."""
    flow = view.flow
    return {
        "channel": flow.channel,
        "external_id": flow.external_id,
        "order_name": flow.order_name,
        "reference": flow.reference,
        "plan": flow.plan,
        "version": flow.version,
        "stage": stage_of(view),
        "holds": [{"reason": hold.reason, "message": hold.message} for hold in view.holds],
        "documents": [_document(view, document) for document in documents_of(view)],
        "open_items": [_plain(item) for item in view.items],
        "links": [_plain(link) for link in view.links],
        "steps": [
            {
                "operation": step.operation.value,
                "state": step.state.value,
                "attempt": step.attempt,
                "numbers": list(step.numbers),
                "last_error": step.last_error,
            }
            for step in view.steps
        ],
    }


def _document(view: FlowView, document: Document) -> dict[str, Any]:
    plain: dict[str, Any] = _plain(document)
    if isinstance(document, BillingDocument):
        plain["split_by"] = list(splitting_fields(view, document))
        payment = invoice_payments(view, date.max).get(document.number)
        plain["payment"] = payment and _plain(payment)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Money | Quantity):
        return str(value).replace(",", "")
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(type(value), "model_fields"):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return value
