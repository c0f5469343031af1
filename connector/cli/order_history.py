"""What happened to one order: its versions, steps and events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from connector.cli.output import table
from connector.cli.words import CATEGORY
from connector.ports.store_records import Event, FlowView, OrderVersion
from connector.sd_documents.values import display_number

if TYPE_CHECKING:
    from rich.table import Table


def version_table(versions: Sequence[OrderVersion]) -> Table:
    """Return the versions of an order: when they came, and from where."""
    rows = [(each.version, f"{each.received_at:%Y-%m-%d %H:%M}", each.source) for each in versions]
    return table("Versions", (">Version", "Received", "Source"), rows)


def step_table(view: FlowView) -> Table:
    """Return the writes to the ERP: how far each has come, and what went wrong last."""
    rows = [
        (
            step.operation.value,
            step.state.value,
            step.attempt,
            ", ".join(display_number(number) for number in step.numbers),
            step.last_error,
        )
        for step in view.steps
    ]
    return table("Steps", ("Step", "State", ">Attempt", "Documents", "Last problem"), rows)


def event_table(events: Sequence[Event]) -> Table:
    """Return everything that happened, oldest first, in UTC."""
    rows = [
        (
            f"{event.at:%Y-%m-%d %H:%M:%S}",
            event.kind.value,
            _document(event),
            ", ".join(f"{name} {value}" for name, value in event.detail.items()),
        )
        for event in events
    ]
    return table("Events", ("At (UTC)", "What", "Document", "Details"), rows)


def events_json(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Return the events as plain values."""
    return [
        {
            "at": event.at.isoformat(),
            "kind": event.kind.value,
            "category": event.category.value if event.category else "",
            "document": event.document,
            "detail": dict(event.detail),
        }
        for event in events
    ]


def _document(event: Event) -> str:
    if not event.document:
        return ""
    kind = CATEGORY[event.category] if event.category else "document"
    return f"{kind} {display_number(event.document)}"
