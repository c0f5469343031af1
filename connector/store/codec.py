"""Rows to records and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import DocumentKey, Event, EventKind, Flow, Hold, Step
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.values import DocumentCategory


def text_hash(content: str) -> str:
    """Return the SHA-256 of *content*, in hex."""
    return hashlib.sha256(content.encode()).hexdigest()


def from_list(values: Sequence[str]) -> str:
    """Encode texts; most lists are empty, which costs nothing."""
    return json.dumps(list(values)) if values else ""


def to_list(content: str) -> tuple[str, ...]:
    """Decode what :func:`from_list` encoded."""
    return tuple(json.loads(content)) if content else ()


def from_detail(detail: Mapping[str, str]) -> str:
    """Encode an event's detail."""
    return json.dumps(dict(detail), ensure_ascii=False) if detail else ""


def search_number(key: DocumentKey) -> str:
    """Return the number that a person types: of ``1000/1400000001/2026`` the middle."""
    return key.number.split("/")[1] if "/" in key.number else key.number


def to_flow(row: Row[Any]) -> Flow:
    return Flow(
        id=row.id,
        channel=row.channel,
        external_id=row.external_id,
        order_name=row.order_name,
        plan=row.plan,
        reference=row.reference or "",
        version=row.version,
        checked_version=row.checked_version,
        writes=row.writes,
        mirrored_writes=row.mirrored_writes,
        wakes=row.wakes,
        created_at=row.created_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        cancelled=row.cancelled,
    )


def to_step(row: Row[Any]) -> Step:
    return Step(
        id=row.id,
        flow_id=row.flow_id,
        operation=Operation(row.operation),
        sequence_key=row.sequence_key,
        state=StepState(row.state),
        fence=row.fence,
        attempt=row.attempt,
        order_version=row.order_version,
        created_at=row.created_at,
        lease_owner=row.lease_owner,
        lease_until=row.lease_until,
        due_at=row.due_at,
        reference=row.reference,
        payload=row.payload,
        payload_hash=row.payload_hash,
        known_before=to_list(row.known_before),
        provisional_numbers=to_list(row.provisional_numbers),
        numbers=to_list(row.numbers),
        last_error=row.last_error,
        absent_look_ups=row.absent_look_ups,
        doubt_since=row.doubt_since,
        looked_at=row.looked_at,
        finished_at=row.finished_at,
    )


def to_hold(row: Row[Any]) -> Hold:
    return Hold(
        id=row.id,
        flow_id=row.flow_id,
        step_id=row.step_id,
        reason=row.reason,
        message=row.message,
        heals=row.heals,
        opened_at=row.opened_at,
        released_at=row.released_at,
        released_by=row.released_by,
        comment=row.comment,
        accepted=row.accepted,
    )


def to_event(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        at=row.at,
        kind=EventKind(row.kind),
        flow_id=row.flow_id,
        step_id=row.step_id,
        category=DocumentCategory(row.category) if row.category else None,
        document=row.document,
        detail=json.loads(row.detail) if row.detail else {},
    )


def from_link(link: FlowLink) -> dict[str, Any]:
    return {
        "preceding_category": link.preceding.category.value,
        "preceding_document": link.preceding.document,
        "preceding_item": link.preceding.item_number,
        "subsequent_category": link.subsequent.category.value,
        "subsequent_document": link.subsequent.document,
        "subsequent_item": link.subsequent.item_number,
        "quantity": str(link.quantity.value),
        "unit": link.quantity.unit,
        "net_amount": None if link.net_amount is None else str(link.net_amount.amount),
        "currency": None if link.net_amount is None else link.net_amount.currency,
        "sign": link.sign,
        "created_on": None if link.created_on is None else link.created_on.isoformat(),
    }


@lru_cache(maxsize=8192)
def to_link(columns: tuple[Any, ...]) -> FlowLink:
    """Return a link from its row. Links are immutable, and the same ones are read many times."""
    (
        preceding_category,
        preceding_document,
        preceding_item,
        subsequent_category,
        subsequent_document,
        subsequent_item,
        quantity,
        unit,
        net_amount,
        currency,
        sign,
        created_on,
    ) = columns
    value = None if net_amount is None else {"amount": net_amount, "currency": currency}
    return FlowLink.model_validate(
        {
            "preceding": {
                "category": preceding_category,
                "document": preceding_document,
                "item_number": preceding_item,
            },
            "subsequent": {
                "category": subsequent_category,
                "document": subsequent_document,
                "item_number": subsequent_item,
            },
            "quantity": {"value": quantity, "unit": unit},
            "net_amount": value,
            "sign": sign,
            "created_on": created_on,
        }
    )
