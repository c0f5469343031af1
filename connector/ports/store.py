"""
The store as the use cases see it: orders, steps, holds, events and the mirror of ERP documents.

Every method is one transaction of its own and durable when it returns. None of them calls the ERP,
and no ERP call is made while one of them runs. The records are in
:mod:`connector.ports.store_records`, the states of a step in :mod:`connector.ports.step_state`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from connector.errors import MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.ports.order_records import OrderRecord
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import (
    Event,
    EventKind,
    Flow,
    FlowChange,
    FlowView,
    Hold,
    MirrorUpdate,
    NewEvent,
    NewHold,
    OrderVersion,
    Received,
    Step,
    StepChange,
    UnreadableMessage,
)


class Orders(Protocol):
    """External orders and their versions."""

    def receive(
        self,
        messages: Sequence[InboundOrder | MessageError],
        *,
        channel: str,
        plan: str,
        now: datetime,
        keep_raw: bool = True,
    ) -> Received:
        """
        Store a batch in one transaction, in its order.

        A content that the order has had already is a duplicate; a content older than the present
        one (by the channel's own time of change) is kept but does not take effect. A new version
        makes the flow due and releases the holds that heal.
        """
        ...

    def versions(self, flow_id: int) -> tuple[OrderVersion, ...]:
        """Return all versions of the flow's order, oldest first."""
        ...

    def raw(self, flow_id: int, version: int) -> str:
        """Return the message as received; empty when raw messages are not kept."""
        ...

    def unreadable(self, limit: int = 1000) -> tuple[UnreadableMessage, ...]:
        """Return the latest unreadable messages, newest first."""
        ...


class Flows(Protocol):
    """Flows and the views on them."""

    def due(self, now: datetime, limit: int, after_id: int = 0) -> tuple[int, ...]:
        """
        Return ids of open flows without an open hold that are due, ascending, above *after_id*.
        """
        ...

    def views(self, flow_ids: Sequence[int]) -> tuple[FlowView, ...]:
        """Read flows with everything about them, in few queries; unknown ids are left out."""
        ...

    def records(self, flow_ids: Sequence[int]) -> tuple[OrderRecord, ...]:
        """Read the records of flows, ascending; unknown ids are left out."""
        ...

    def ids(
        self,
        *,
        channel: str | None = None,
        held: bool | None = None,
        open_only: bool = False,
        after_id: int = 0,
        limit: int = 500,
        newest_first: bool = False,
    ) -> tuple[int, ...]:
        """Return flow ids page by page; `after_id` is the last id of the page before."""
        ...

    def find(self, number: str) -> tuple[int, ...]:
        """
        Return the flows that *number* belongs to, ascending.

        It may be the external id, the order's name, the reference, the number of any document
        (padded or not), a payment id or a payment reference.
        """
        ...

    def change(
        self, flow_id: int, change: FlowChange, *, now: datetime, events: Sequence[NewEvent] = ()
    ) -> None:
        """Set fields of a flow. Raises ReferenceTakenError for another flow's reference."""
        ...

    def next_due_at(self) -> datetime | None:
        """Return when the next flow without a hold is due, None when none waits for time."""
        ...

    def count(self) -> Mapping[str, int]:
        """Return how many flows are ``open``, ``held``, ``completed``, ``cancelled``."""
        ...


class Steps(Protocol):
    """The step state machine: every move is checked against lease, fence and transitions."""

    def claim(
        self,
        flow_id: int,
        operation: Operation,
        sequence_key: str,
        *,
        owner: str,
        now: datetime,
        lease_until: datetime,
    ) -> Step | None:
        """
        Make the step if there is none, and claim it: fence + 1, attempt + 1.

        Returns None when another step of the flow is claimed, or this one is not claimable or not
        due. Two workers claiming at once: one of them gets None, decided by the unique index.
        """
        ...

    def request(
        self,
        flow_id: int,
        operation: Operation,
        sequence_key: str,
        payload: str,
        *,
        now: datetime,
        events: Sequence[NewEvent] = (),
    ) -> bool:
        """
        Note what a person asks for as a step that is ready; the flow is open again, and due.

        Returns False when there is such a step already; nothing is changed then.
        """
        ...

    def take_over(
        self, step: Step, *, owner: str, now: datetime, lease_until: datetime
    ) -> Step | None:
        """
        Take the lease of a step whose lease has ended: fence + 1, the state stays.

        Returns None when somebody was faster.
        """
        ...

    def move(
        self,
        step: Step,
        path: Sequence[StepState],
        change: StepChange = StepChange(),
        *,
        now: datetime,
        flow: FlowChange | None = None,
        events: Sequence[NewEvent] = (),
        hold: NewHold | None = None,
    ) -> Step:
        """
        Move *step* along *path* in one transaction, together with everything that goes with it.

        An empty path changes fields only. The lease ends when the path leaves the claimed states.

        Raises:
            LeaseLostError: fence or state are no longer those of *step*; nothing was changed.
            IllegalTransitionError: the path has an edge that does not exist.
        """
        ...

    def expired(self, now: datetime, alive_owners: Sequence[str] = ()) -> tuple[Step, ...]:
        """
        Return steps whose worker is gone: their lease has ended.

        When this process is the only writer, also those of any owner but *alive_owners*.
        """
        ...

    def in_doubt(self, now: datetime, limit: int = 1000) -> tuple[Step, ...]:
        """Return steps in doubt whose next look-up is due, oldest first."""
        ...

    def get(self, step_id: int) -> Step:
        """Return one step. Raises KeyError."""
        ...


class Holds(Protocol):
    """Holds stop one flow each."""

    def open(
        self, flow_id: int, hold: NewHold, *, now: datetime, events: Sequence[NewEvent] = ()
    ) -> None:
        """Open a hold; the same reason and message already open changes nothing."""
        ...

    def release(
        self,
        flow_id: int,
        *,
        now: datetime,
        by: str,
        comment: str,
        accepted: bool,
        flow: FlowChange | None = None,
        events: Sequence[NewEvent] = (),
    ) -> tuple[Hold, ...]:
        """Release all open holds of the flow and make it due; returns those released."""
        ...

    def of_flow(self, flow_id: int) -> tuple[Hold, ...]:
        """Return all holds of a flow, open and released, oldest first."""
        ...


class Mirror(Protocol):
    """The ERP documents of our flows as they were last read, and the watermark of the pull."""

    def unread(self, limit: int, after_id: int = 0) -> tuple[int, ...]:
        """Return open flows whose mirror lacks an own write, ascending, above *after_id*."""
        ...

    def flows_of(
        self, sales_documents: Sequence[str], *, closed_unread_since: datetime
    ) -> tuple[int, ...]:
        """
        Return the flows that *sales_documents* belong to, ascending; foreign ones are left out.

        Closed flows are returned only when they were last read before *closed_unread_since*.
        """
        ...

    def store(
        self,
        updates: Sequence[MirrorUpdate],
        *,
        now: datetime,
        watermark: tuple[str, str] | None = None,
    ) -> Mapping[int, Flow]:
        """
        Write what changed, in one transaction; returns the flows whose update was taken, by id.

        Flows whose documents changed become due. *watermark* is a name and a value to be kept
        with it. Updates that are out of date are left out.
        """
        ...

    def watermark(self, name: str) -> str:
        """Return the stored watermark, empty when there is none."""
        ...

    def set_watermark(self, name: str, value: str, *, now: datetime) -> None:
        """Store a watermark."""
        ...


class Events(Protocol):
    """The append-only log of everything that happened."""

    def append(self, events: Sequence[NewEvent], *, now: datetime) -> None:
        """Append events."""
        ...

    def of_flow(self, flow_id: int) -> tuple[Event, ...]:
        """Return a flow's events, oldest first."""
        ...

    def since(
        self, event_id: int, *, kinds: Sequence[EventKind] = (), limit: int = 1000
    ) -> tuple[Event, ...]:
        """Return events above *event_id*, oldest first; no kinds means all."""
        ...


class FlowStore(Protocol):
    """The whole store. Reading properties never touches the database."""

    @property
    def orders(self) -> Orders: ...
    @property
    def flows(self) -> Flows: ...
    @property
    def steps(self) -> Steps: ...
    @property
    def holds(self) -> Holds: ...
    @property
    def mirror(self) -> Mirror: ...
    @property
    def events(self) -> Events: ...

    def all_views(self, batch: int = 200) -> Iterator[FlowView]:
        """Yield every flow, in batches from the database, so that memory stays flat."""
        ...

    def order_records(self, batch: int = 1000) -> Iterator[OrderRecord]:
        """Yield every order with the numbers of its documents, in batches likewise."""
        ...

    def order_fingerprints(self, batch: int = 5000) -> Iterator[tuple[int, bytes]]:
        """
        Yield the id of every flow, ascending, with a short hash of all that its record says.

        A record with the fingerprint that it had before is what it was before.
        """
        ...

    def close(self) -> None:
        """Give back connections and the writer's lock; calling it twice is harmless."""
        ...
