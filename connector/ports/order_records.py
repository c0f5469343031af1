"""
What the store holds about an order, without what the ERP's documents say.

Reconciliation reads these of all orders; of the ERP's documents it takes the numbers alone from the
store, and asks the ERP for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connector.mappings.external_order import ExternalOrder
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import FlowView

#: The steps that tell what was made of an order: its sales documents and its payments.
TELLING: Final = (
    Operation.CREATE_INQUIRY,
    Operation.CREATE_QUOTATION,
    Operation.CREATE_SALES_ORDER,
    Operation.POST_PAYMENT,
)


@dataclass(frozen=True, slots=True)
class SentStep:
    """The part of a :class:`~connector.ports.store_records.Step` that says what was sent."""

    operation: Operation
    sequence_key: str
    state: StepState
    order_version: int
    payload: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """
    An external order in its newest version, with the numbers of what was made of it.

    ``steps`` are the telling ones, oldest first; ``holds`` the reasons and messages of the open
    ones. ``sales_documents`` and ``billing_documents`` are the numbers of those in the mirror.
    """

    flow_id: int
    version: int
    created_at: datetime
    reference: str
    order: ExternalOrder
    steps: tuple[SentStep, ...] = ()
    holds: tuple[tuple[str, str], ...] = ()
    sales_documents: tuple[str, ...] = ()
    billing_documents: tuple[str, ...] = ()

    def step(self, operation: Operation) -> SentStep | None:
        """Return the newest step of *operation*."""
        return next((step for step in reversed(self.steps) if step.operation is operation), None)


def record_of(view: FlowView) -> OrderRecord:
    """Return the record of an order that was read with everything about it."""
    return OrderRecord(
        flow_id=view.flow.id,
        version=view.flow.version,
        created_at=view.flow.created_at,
        reference=view.flow.reference,
        order=view.order,
        steps=tuple(
            SentStep(
                operation=step.operation,
                sequence_key=step.sequence_key,
                state=step.state,
                order_version=step.order_version,
                payload=step.payload,
                numbers=step.numbers,
            )
            for step in view.steps
            if step.operation in TELLING
        ),
        holds=tuple((hold.reason, hold.message) for hold in view.holds),
        sales_documents=tuple(document.number for document in view.sales_documents),
        billing_documents=tuple(document.number for document in view.billing_documents),
    )
