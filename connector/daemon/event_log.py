"""
What happened, as log lines: the events of the store, each once, also across restarts.

The store's log of events is the truth; a line is a view of one of them. Each carries channel and
external id of its order, and document and step where there is one. Events hold no names, addresses
or bank data.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import structlog

from connector.clock import Clock
from connector.ports.store import FlowStore
from connector.ports.store_records import Event, EventKind
from connector.sd_documents.values import display_number

_log = structlog.get_logger(__name__)

#: Name of the watermark up to which events were logged.
WATERMARK: Final = "logged events"
_PAGE: Final = 500
_REMEMBERED: Final = 20_000

#: What a person should see at a glance.
_WARNINGS: Final = frozenset(
    {
        EventKind.STEP_REJECTED,
        EventKind.STEP_IN_DOUBT,
        EventKind.AMBIGUOUS,
        EventKind.HOLD_OPENED,
    }
)

#: Texts in which a customer's name may stand: they are for whoever looks at the order itself.
_LEFT_OUT: Final = frozenset({"message", "comment", "event"})

_Names = tuple[str, str]


class EventLog:
    """Logs the events of *store* that were not logged before. For one thread at a time."""

    def __init__(self, store: FlowStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._names: OrderedDict[int, _Names] = OrderedDict()
        mark = store.mirror.watermark(WATERMARK)
        self._last = int(mark) if mark.isdigit() else 0

    def write(self) -> None:
        """Log what is new."""
        while events := self._store.events.since(self._last, limit=_PAGE):
            self._remember(events)
            for event in events:
                self._line(event)
            self._last = events[-1].id
            self._store.mirror.set_watermark(WATERMARK, str(self._last), now=self._clock.now())

    def _line(self, event: Event) -> None:
        channel, external_id = self._names.get(event.flow_id or 0, ("", ""))
        fields = {
            "channel": channel,
            "external_id": external_id,
            "document": display_number(event.document),
            "category": event.category.value if event.category else "",
            "step": str(event.step_id or ""),
            **{name: text for name, text in event.detail.items() if name not in _LEFT_OUT},
        }
        level = _log.warning if event.kind in _WARNINGS else _log.info
        level(event.kind.value, **{name: value for name, value in fields.items() if value})

    def _remember(self, events: Sequence[Event]) -> None:
        """Orders are looked up when they are new, and then remembered for a while."""
        unknown = {event.flow_id for event in events if event.flow_id} - self._names.keys()
        for view in self._store.flows.views(sorted(unknown)):
            self._names[view.flow.id] = (view.flow.channel, view.flow.external_id)
        while len(self._names) > _REMEMBERED:
            self._names.popitem(last=False)
