"""Reading orders in bulk, with the numbers of their documents and without the documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Select, bindparam, select

from connector.mappings.external_order import ExternalOrder
from connector.ports.order_records import TELLING, OrderRecord, SentStep
from connector.ports.step_state import Operation, StepState
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.compact import compact
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.store.codec import to_list
from connector.store.schema import document, flow, flow_document, hold, order_version, step
from connector.store.views import DOCUMENT_TYPES

_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_FLOWS: Final = (
    select(
        flow.c.id,
        flow.c.version,
        flow.c.created_at,
        flow.c.reference,
        flow.c.writes,
        flow.c.read_at,
        order_version.c.external_order,
    )
    .join(
        order_version,
        (order_version.c.flow_id == flow.c.id) & (order_version.c.version == flow.c.version),
    )
    .where(flow.c.id.in_(_IDS))
    .order_by(flow.c.id)
)
_STEPS: Final = (
    select(
        step.c.flow_id,
        step.c.operation,
        step.c.sequence_key,
        step.c.state,
        step.c.order_version,
        step.c.payload,
        step.c.numbers,
    )
    .where(
        step.c.flow_id.in_(_IDS), step.c.operation.in_([operation.value for operation in TELLING])
    )
    .order_by(step.c.id)
)
_HOLDS: Final = (
    select(hold.c.flow_id, hold.c.reason, hold.c.message)
    .where(hold.c.flow_id.in_(_IDS), hold.c.released_at.is_(None))
    .order_by(hold.c.id)
)
_NUMBERS: Final = (
    select(flow_document.c.flow_id, document.c.category, document.c.document)
    .join(
        document,
        (document.c.category == flow_document.c.category)
        & (document.c.document == flow_document.c.document),
    )
    .where(
        flow_document.c.flow_id.in_(_IDS),
        document.c.category.in_(
            [
                category
                for category, kind in DOCUMENT_TYPES.items()
                if kind in (PostedSalesDocument, BillingDocument)
            ]
        ),
    )
    .order_by(document.c.category, document.c.document)
)
_OPERATIONS: Final = {operation.value: operation for operation in Operation}
_STATES: Final = {state.value: state for state in StepState}


def read_records(connection: Connection, flow_ids: Sequence[int]) -> tuple[OrderRecord, ...]:
    """Read the records of *flow_ids*, ascending; unknown ids are left out."""
    found = connection.execute(_FLOWS, {"ids": list(flow_ids)}).all()
    if not found:
        return ()
    ids = [row.id for row in found]
    steps: dict[int, list[SentStep]] = defaultdict(list)
    for flow_id, operation, key, state, version, payload, numbers in _rows(connection, _STEPS, ids):
        sent = SentStep(
            operation=_OPERATIONS[operation],
            sequence_key=key,
            state=_STATES[state],
            order_version=version,
            payload=payload,
            numbers=to_list(numbers),
        )
        steps[flow_id].append(sent)
    holds: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for flow_id, reason, message in _rows(connection, _HOLDS, ids):
        holds[flow_id].append((reason, message))
    sales: dict[int, list[str]] = defaultdict(list)
    billed: dict[int, list[str]] = defaultdict(list)
    with_documents = [row.id for row in found if row.writes or row.read_at is not None]
    for flow_id, category, number in _rows(connection, _NUMBERS, with_documents):
        is_billed = DOCUMENT_TYPES[category] is BillingDocument
        (billed if is_billed else sales)[flow_id].append(number)
    return tuple(
        OrderRecord(
            flow_id=id_,
            version=version,
            created_at=created_at,
            reference=reference or "",
            # Read once in a run: remembering it would only drive out what is read often.
            order=compact(ExternalOrder.model_validate_json(external_order)),
            steps=tuple(steps.get(id_, ())),
            holds=tuple(holds.get(id_, ())),
            sales_documents=tuple(sales.get(id_, ())),
            billing_documents=tuple(billed.get(id_, ())),
        )
        for id_, version, created_at, reference, _, _, external_order in found
    )


def _rows(connection: Connection, query: Select[Any], ids: Sequence[int]) -> Sequence[Any]:
    return connection.execute(query, {"ids": list(ids)}).all() if ids else ()
