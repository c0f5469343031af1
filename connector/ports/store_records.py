"""
The records of the store: flows, order versions, steps, holds, events and what changes them.

Records are values: a changed row is returned as a new record. All instants are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from connector.mappings.external_order import ExternalOrder
from connector.ports.erp import ChainSnapshot
from connector.ports.step_state import Operation, StepState
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.payment_state import RECEIPTS
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory


class EventKind(StrEnum):
    """What can happen; events are appended and never changed."""

    ORDER_RECEIVED = "order received"
    NEW_VERSION = "new version received"
    OUTDATED_VERSION = "outdated version received"
    DOCUMENT_CREATED = "document created"
    DOCUMENT_OBSERVED = "document observed"
    STATUS_CHANGED = "status changed"
    STEP_WAITS = "step waits to retry"
    STEP_REJECTED = "step rejected"
    STEP_IN_DOUBT = "step in doubt"
    NOT_FOUND = "looked for and not found"
    FOUND_AGAIN = "found again after a lost answer"
    AMBIGUOUS = "look-up is ambiguous"
    HOLD_OPENED = "hold opened"
    HOLD_RELEASED = "hold released"
    RETRY_REQUESTED = "retry requested"
    REVERSAL_REQUESTED = "reversal requested"
    RELEASE_REQUESTED = "release requested"
    FLOW_CANCELLED = "flow cancelled"
    FLOW_COMPLETED = "flow completed"
    # Payments from bank lines and payouts: they may belong to no order, and name their record.
    PAYMENT_PROPOSED = "payment proposed"
    PAYMENT_RELEASED = "payment released"
    PAYMENT_REFUSED = "payment refused"
    PAYMENT_SETTLED = "payment settled elsewhere"
    # What the channel is told.
    ORDER_CONFIRMED = "order confirmed"
    PARTIALLY_SHIPPED = "partially shipped"
    SHIPPED = "shipped"
    INVOICED = "invoiced"
    PARTIALLY_PAID = "partially paid"
    PAID = "paid"
    CLEARED_WITHOUT_PAYMENT = "cleared without payment"


#: Events that go back to the channel an order came from.
CHANNEL_EVENTS: Final = frozenset(
    {
        EventKind.ORDER_CONFIRMED,
        EventKind.PARTIALLY_SHIPPED,
        EventKind.SHIPPED,
        EventKind.INVOICED,
        EventKind.PARTIALLY_PAID,
        EventKind.PAID,
        EventKind.CLEARED_WITHOUT_PAYMENT,
    }
)


@dataclass(frozen=True, slots=True)
class Flow:
    """
    One external order with all that follows from it.

    ``reference`` is what the ERP documents carry (empty until the order was mapped once),
    ``version`` the order version that holds now, ``checked_version`` the newest one that was
    compared with what the ERP has. ``due_at`` is when to look at the flow again: empty when only a
    change in the ERP, a new version or a person can move it. ``writes`` counts the connector's own
    writes to the ERP, ``mirrored_writes`` how many of them the mirror shows. ``wakes`` counts what
    made the flow due from outside (version, mirror, person), so that nobody puts it to sleep over
    news they have not seen. ``closed_at`` is filled when the flow is complete or was cancelled.
    """

    id: int
    channel: str
    external_id: str
    order_name: str
    plan: str
    reference: str
    version: int
    checked_version: int
    writes: int
    mirrored_writes: int
    wakes: int
    created_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    cancelled: bool = False

    @property
    def is_mirrored(self) -> bool:
        """Whether the mirror shows everything that the connector itself has written."""
        return self.mirrored_writes >= self.writes


@dataclass(frozen=True, slots=True)
class OrderVersion:
    """One content of an external order, as it was received. Versions count from 1."""

    flow_id: int
    version: int
    content_hash: str
    received_at: datetime
    source: str
    order: ExternalOrder


@dataclass(frozen=True, slots=True)
class Step:
    """
    One intended write to the ERP.

    ``sequence_key`` tells steps of the same operation of a flow apart (a running number, a
    delivery number, a payment id). ``payload`` is the document or request as it was sent, as JSON,
    empty before the intent; ``provisional_numbers`` are what the ERP named before the commit,
    ``numbers`` what exists for certain. ``known_before`` are followers that existed before the
    write, so that a look-up can tell its own from others. ``absent_look_ups`` counts the look-ups
    that found nothing after the settle time.
    """

    id: int
    flow_id: int
    operation: Operation
    sequence_key: str
    state: StepState
    fence: int
    attempt: int
    order_version: int
    created_at: datetime
    lease_owner: str = ""
    lease_until: datetime | None = None
    due_at: datetime | None = None
    reference: str = ""
    payload: str = ""
    payload_hash: str = ""
    known_before: tuple[str, ...] = ()
    provisional_numbers: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    last_error: str = ""
    absent_look_ups: int = 0
    doubt_since: datetime | None = None
    looked_at: datetime | None = None
    finished_at: datetime | None = None


class Unchanged:
    """Type of :data:`UNCHANGED`."""

    def __repr__(self) -> str:
        return "UNCHANGED"


#: Leaves a field as it is, where None would empty it.
UNCHANGED: Final = Unchanged()


@dataclass(frozen=True, slots=True)
class StepChange:
    """Fields of a step to be set together with a move; None leaves a field as it is."""

    due_at: datetime | Unchanged | None = UNCHANGED
    attempt: int | None = None
    order_version: int | None = None
    reference: str | None = None
    payload: str | None = None
    known_before: tuple[str, ...] | None = None
    provisional_numbers: tuple[str, ...] | None = None
    numbers: tuple[str, ...] | None = None
    last_error: str | None = None
    absent_look_ups: int | None = None
    doubt_since: datetime | Unchanged | None = UNCHANGED
    looked_at: datetime | Unchanged | None = UNCHANGED


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """A document by category and number; FI documents as ``company code/number/fiscal year``."""

    category: DocumentCategory
    number: str


@dataclass(frozen=True, slots=True)
class FlowChange:
    """
    Fields of a flow to be set; None leaves a field as it is.

    ``wrote`` counts one more own write (or anything else that the mirror lacks), so that older
    readings of the chain are not taken for news; ``documents`` are added to those that belong to
    the flow. ``close`` fills ``closed_at``, ``reopen`` empties it again. With ``if_wakes`` neither
    ``due_at`` nor ``closed_at`` changes when the flow was woken since.
    """

    due_at: datetime | Unchanged | None = UNCHANGED
    if_wakes: int | None = None
    reference: str | None = None
    checked_version: int | None = None
    wrote: bool = False
    documents: tuple[DocumentKey, ...] = ()
    close: bool = False
    cancel: bool = False
    reopen: bool = False


@dataclass(frozen=True, slots=True)
class NewEvent:
    """
    An event to be appended. Category and document are empty where it is about none.

    ``detail`` holds texts only (numbers as text), never names, addresses or bank data.
    """

    kind: EventKind
    flow_id: int | None
    step_id: int | None = None
    category: DocumentCategory | None = None
    document: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was appended; ``id`` grows with time."""

    id: int
    at: datetime
    kind: EventKind
    flow_id: int | None
    step_id: int | None
    category: DocumentCategory | None
    document: str
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewHold:
    """
    Why a flow must stop. ``reason`` is a code in capitals, ``message`` says what to do.

    ``heals`` says that a new version of the order is worth a new try without a person.
    """

    reason: str
    message: str
    step_id: int | None = None
    heals: bool = True


@dataclass(frozen=True, slots=True)
class Hold:
    """
    A hold on a flow; it is open as long as ``released_at`` is empty.

    ``accepted`` says that a person released it as it is: the same problem does not hold the flow
    again. After a retry it would.
    """

    id: int
    flow_id: int
    step_id: int | None
    reason: str
    message: str
    heals: bool
    opened_at: datetime
    released_at: datetime | None = None
    released_by: str = ""
    comment: str = ""
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class UnreadableMessage:
    """A message that could not be read, kept so that nobody has to search logs for it."""

    id: int
    channel: str
    source: str
    problem: str
    expected: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class FlowView:
    """
    A flow with everything that decides what comes next: one consistent reading.

    ``holds`` are the open ones, ``steps`` all, oldest first; ``accepted`` are reason and message of
    what a person has let pass. Documents, items and links are the mirror: what the ERP said when
    it was last asked. ``receipt_types`` are the FI document types of receipts, as the settings say.
    """

    flow: Flow
    order: ExternalOrder
    steps: tuple[Step, ...] = ()
    holds: tuple[Hold, ...] = ()
    accepted: frozenset[tuple[str, str]] = frozenset()
    sales_documents: tuple[PostedSalesDocument, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    billing_documents: tuple[BillingDocument, ...] = ()
    items: tuple[CustomerItem, ...] = ()
    links: tuple[FlowLink, ...] = ()
    receipt_types: frozenset[str] = RECEIPTS

    def sales_document(self, category: DocumentCategory) -> PostedSalesDocument | None:
        """Return the mirrored sales document of *category*, None while there is none."""
        return next((d for d in self.sales_documents if d.category is category), None)

    def step(self, operation: Operation, sequence_key: str | None = None) -> Step | None:
        """Return the newest step of *operation* (with *sequence_key*, when given)."""
        return next(
            (
                step
                for step in reversed(self.steps)
                if step.operation is operation and sequence_key in (None, step.sequence_key)
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class Received:
    """What intake did with a batch: numbers of messages."""

    new_orders: int = 0
    new_versions: int = 0
    outdated_versions: int = 0
    duplicates: int = 0
    unreadable: int = 0

    def __add__(self, other: Received) -> Received:
        return Received(
            self.new_orders + other.new_orders,
            self.new_versions + other.new_versions,
            self.outdated_versions + other.outdated_versions,
            self.duplicates + other.duplicates,
            self.unreadable + other.unreadable,
        )


@dataclass(frozen=True, slots=True)
class MirrorUpdate:
    """
    What the ERP says about one flow, and what is news in it.

    ``read_at_writes`` is the flow's ``writes`` before the ERP was asked: when the connector has
    written since, the reading is out of date and is not stored.
    """

    flow_id: int
    read_at_writes: int
    snapshot: ChainSnapshot
    events: tuple[NewEvent, ...] = ()


class ReferenceTakenError(RuntimeError):
    """Another flow already carries the reference; documents could not be told apart."""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__(f"another order already carries the reference {reference!r}")
