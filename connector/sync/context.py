"""What every use case needs: store, ERP, clock, the routes of the channels, and the options."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from connector.clock import Clock
from connector.errors import ConfigurationError
from connector.mappings.external_order import ExternalOrder, ExternalReturn
from connector.mappings.map_order import map_order
from connector.mappings.map_returns import RETURN_CATEGORY, as_order, unusable
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.rules import MappingRules
from connector.ports.erp import Erp, Point
from connector.ports.step_state import Operation
from connector.ports.store import FlowStore
from connector.ports.store_records import Step
from connector.sd_documents.values import DocumentCategory
from connector.sync.plan import Plan


class DiscountBase(StrEnum):
    """
    Of what the ERP takes a cash discount.

    Source: flag XSKFN of the company code; blank is gross with a tax adjustment on payment.
    """

    GROSS = "gross"
    NET = "net"


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """
    Settings of the use cases; all durations in seconds.

    ``lease_s`` is how long a worker may be silent before its step is taken over. ``settle_s`` is
    how long after a doubt began a look-up that finds nothing begins to count, and
    ``look_up_interval_s`` how far two look-ups that count are apart: together they must exceed the
    longest time the ERP may take to finish a commit whose caller is gone. ``look_before_create``
    is for a store that may be older than the ERP, restored from a backup. ``payment_tolerance`` is
    the most by which a payment may differ and still clear what it pays, in the order's currency.
    ``master_data_max_age_s`` is how long master data counts that was read for mapping.
    """

    time_zone: str = "Europe/Berlin"
    workers: int = 8
    lease_s: float = 300
    settle_s: float = 120
    look_up_interval_s: float = 60
    max_attempts: int = 8
    first_retry_s: float = 30
    longest_retry_s: float = 3600
    intake_batch: int = 200
    read_batch: int = 50
    simulate_before_create: bool = True
    look_before_create: bool = False
    discount_base: DiscountBase = DiscountBase.GROSS
    payment_tolerance: Decimal = Decimal(0)
    master_data_max_age_s: float = 300

    def start_of(self, day: date) -> datetime:
        """Return the first instant of *day* where the company keeps its books."""
        return datetime.combine(day, time.min, ZoneInfo(self.time_zone))

    def day_of(self, instant: datetime) -> date:
        """Return the company's calendar date at *instant*."""
        return instant.astimezone(ZoneInfo(self.time_zone)).date()

    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_s)

    def backoff(self, attempt: int) -> timedelta:
        """Return how long to wait after the *attempt*-th failed try: doubled each time, capped."""
        seconds = self.first_retry_s * 2 ** min(max(attempt - 1, 0), 30)
        return timedelta(seconds=min(seconds, self.longest_retry_s))


@dataclass(frozen=True, slots=True)
class Route:
    """How the orders of one channel go: by which mapping rules and which plan (its name)."""

    rules: MappingRules
    plan: str

    @property
    def asks_the_erp(self) -> bool:
        """Whether mapping asks the ERP for master data."""
        return False

    def map(self, order: ExternalOrder, wanted: Collection[DocumentCategory]) -> MappedOrder:
        """
        Map *order* to the *wanted* sales documents and its payments.

        Pure, but for rules that look into the ERP's master data where the route may ask for it:
        then whatever reads of the ERP raise may be raised.
        """
        return map_order(order, self.rules, wanted)

    def map_many(
        self, orders: Sequence[ExternalOrder], wanted: Collection[DocumentCategory]
    ) -> list[MappedOrder]:
        """Map *orders* as :meth:`map` does; where the ERP is asked, it is asked for all at once."""
        return [self.map(order, wanted) for order in orders]

    def map_return(self, order: ExternalOrder, returned: ExternalReturn) -> MappedOrder:
        """Map one return of *order* to the document of its kind, as :meth:`map` does."""
        if problems := tuple(unusable(order, returned)):
            return MappedOrder(order=order, problems=problems)
        return self.map(as_order(order, returned), (RETURN_CATEGORY[returned.kind],))


def this_worker() -> str:
    """
    Return a name for this process's leases: host, process id and a random part.

    The random part tells two processes apart that got the same id, as in restarted containers.
    """
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def _ignore_point(point: Point, step: Step | PendingStep) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class PendingStep:
    """A step that is about to be claimed and need not exist yet."""

    flow_id: int
    operation: Operation
    sequence_key: str


@dataclass(frozen=True, slots=True)
class SyncContext:
    """
    What the use cases work with.

    ``on_point`` is called whenever a write has come to one of its points; it must not raise. It is
    how tests kill the process at a known place.
    """

    store: FlowStore
    erp: Erp
    clock: Clock
    routes: Mapping[str, Route]
    plans: Mapping[str, Plan]
    options: SyncOptions = field(default_factory=SyncOptions)
    owner: str = field(default_factory=this_worker)
    on_point: Callable[[Point, Step | PendingStep], None] = _ignore_point

    def today(self) -> date:
        """Return the calendar date where the company keeps its books."""
        return self.clock.today(self.options.time_zone)

    def route(self, channel: str) -> Route:
        """Return the route of *channel*; raises ConfigurationError when it has none."""
        try:
            return self.routes[channel]
        except KeyError:
            raise ConfigurationError(
                f"channel {channel!r}",
                "has orders in the store but no settings",
                "Add it to the channels of the settings",
            ) from None

    def plan(self, name: str) -> Plan:
        """Return a plan by name; raises ConfigurationError when there is none."""
        try:
            return self.plans[name]
        except KeyError:
            raise ConfigurationError(
                f"plan {name!r}",
                "orders in the store go by it, but it does not exist",
                f"Known plans: {', '.join(sorted(self.plans))}",
            ) from None
