"""A connector with an in-memory ERP, a store in a folder and a clock that stands still."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from connector.clock import ManualClock
from connector.errors import MessageError
from connector.mappings.external_order import (
    ExternalCustomer,
    ExternalLine,
    ExternalOrder,
    ExternalPayment,
    ExternalScheduleLine,
    ExternalTotals,
)
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.mapped_order import Mapped, MappedOrder, MappedPayment
from connector.mappings.problems import Problem
from connector.mappings.rules import MappingRules
from connector.ports.store_records import Event, EventKind, FlowView
from connector.resources import shipped
from connector.sd_documents.conditions import Condition
from connector.sd_documents.partners import Partner, PartnerFunction
from connector.sd_documents.sales_document import SalesArea, SalesDocument, SalesDocumentItem
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.values import DocumentCategory, Money, Quantity
from connector.store.sql_store import SqlStore, open_store
from connector.store.sqlite import sqlite_url
from connector.sync.context import Route, SyncContext, SyncOptions
from connector.sync.passes import PassSummary, run_pass
from connector.sync.plan import Plan, load_plans
from tests.sync.in_memory_books import TAX_RATE
from tests.sync.in_memory_erp import InMemoryErp

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
CHANNEL = "shop"
TYPES = {
    DocumentCategory.INQUIRY: "AF",
    DocumentCategory.QUOTATION: "AG",
    DocumentCategory.SALES_ORDER: "TA",
}


#: Stands for rules that are never read.
NO_RULES = cast(MappingRules, None)


@dataclass(frozen=True, slots=True)
class PlainRoute(Route):
    """
    Maps by the plainest rules there are, so that tests speak of orders and not of rules.

    A line with the SKU ``UNKNOWN`` is a problem, and so is an order with the attribute ``hold``.
    """

    prefix: str = "W-"

    def map(self, order: ExternalOrder, wanted: Collection[DocumentCategory]) -> MappedOrder:
        problems = [
            Problem(code="UNKNOWN_SKU", message=f"line {line.line_id} has an unknown SKU")
            for line in order.lines
            if line.sku == "UNKNOWN"
        ]
        if "hold" in order.attributes:
            problems.append(Problem(code="PLEASE_CHECK", message=order.attributes["hold"]))
        documents = () if any(p.code == "UNKNOWN_SKU" for p in problems) else wanted
        return MappedOrder(
            order=order,
            documents=tuple(
                Mapped(document=self._document(order, category), trace=())
                for category in sorted(documents)
            ),
            payments=tuple(_payment(payment) for payment in order.payments),
            problems=tuple(problems),
        )

    def _document(self, order: ExternalOrder, category: DocumentCategory) -> SalesDocument:
        wanted_on = order.requested_delivery_date or order.ordered_at.date()
        is_order = category is DocumentCategory.SALES_ORDER
        return SalesDocument(
            category=category,
            sales_order_type=TYPES[category],
            sales_area=SalesArea(
                sales_organization="1000", distribution_channel="10", division="00"
            ),
            purchase_order_by_customer=f"{self.prefix}{order.external_id}",
            requested_delivery_date=wanted_on,
            valid_from=None if is_order else wanted_on,
            valid_to=None if is_order else wanted_on + timedelta(days=30),
            currency=order.currency,
            partners=(Partner(function=PartnerFunction.SOLD_TO_PARTY, customer="0000001000"),),
            items=tuple(
                _item(line, order.currency, position * 10)
                for position, line in enumerate(order.lines, start=1)
            ),
        )


def _item(line: ExternalLine, currency: str, number: int) -> SalesDocumentItem:
    assert line.price is not None
    return SalesDocumentItem(
        item_number=number,
        line_id=line.line_id,
        material=line.sku,
        requested_quantity=Quantity(value=line.quantity, unit="PC"),
        conditions=(
            Condition(condition_type="PR00", rate=line.price, currency=currency, unit="PC"),
        ),
        schedule_lines=tuple(
            ScheduleLine(
                requested_delivery_date=part.requested_delivery_date,
                requested_quantity=Quantity(value=part.quantity, unit="PC"),
            )
            for part in line.schedule_lines
        ),
    )


def _payment(payment: ExternalPayment) -> MappedPayment:
    return MappedPayment(
        payment_id=payment.payment_id,
        gateway=payment.gateway,
        company_code="1000",
        bank_account="113100",
        payer="0000001000",
        amount=Money(amount=payment.amount, currency=payment.currency),
        paid_on=payment.paid_at.date(),
        reference=f"R{payment.payment_id}",
    )


def an_order(
    external_id: str = "1001",
    *,
    quantity: str = "2",
    price: str = "50.00",
    sku: str = "M-01",
    paid: Sequence[str] = (),
    paid_on: date = START.date(),
    schedule: Sequence[tuple[date, str]] = (),
    currency: str = "EUR",
    **more: Any,
) -> ExternalOrder:
    """Return an order of one line; *paid* are the amounts of its payments."""
    net = Money.rounded(Decimal(quantity) * Decimal(price), currency).amount
    tax = Money.rounded(net * TAX_RATE, currency).amount
    return ExternalOrder(
        channel=CHANNEL,
        external_id=external_id,
        order_name=f"#{external_id}",
        ordered_at=START,
        currency=currency,
        customer=ExternalCustomer(customer_id="1000"),
        lines=(
            ExternalLine(
                line_id="1",
                sku=sku,
                quantity=Decimal(quantity),
                price=Decimal(price),
                schedule_lines=tuple(
                    ExternalScheduleLine(requested_delivery_date=day, quantity=Decimal(part))
                    for day, part in schedule
                ),
            ),
        ),
        payments=tuple(
            ExternalPayment(
                payment_id=f"P{external_id}-{position}",
                gateway="card",
                amount=Decimal(amount),
                currency=currency,
                paid_at=datetime(paid_on.year, paid_on.month, paid_on.day, 9, tzinfo=UTC),
            )
            for position, amount in enumerate(paid, start=1)
        ),
        totals=more.pop("totals", ExternalTotals(tax=tax, grand_total=net + tax)),
        **more,
    )


class ListChannel:
    """A channel that yields what it was given, once."""

    def __init__(
        self, messages: Sequence[InboundOrder | MessageError], name: str = CHANNEL
    ) -> None:
        self._messages = list(messages)
        self._name = name
        self.acknowledged: list[str] = []

    @property
    def name(self) -> str:
        return self._name

    def receive(self) -> Iterator[InboundOrder | MessageError]:
        yield from self._messages

    def acknowledge(self, source: str) -> None:
        self.acknowledged.append(source)


def lines(*wanted: tuple[str, str], sku: str = "M-01") -> tuple[ExternalLine, ...]:
    """Return lines by id and quantity, at 50.00 apiece."""
    return tuple(
        ExternalLine(line_id=line, sku=sku, quantity=Decimal(quantity), price=Decimal(50))
        for line, quantity in wanted
    )


def changed(order: ExternalOrder, *, minutes: int = 5, **changes: Any) -> ExternalOrder:
    """Return a later version of *order*; its totals follow its lines."""
    later = order.model_copy(update={"updated_at": START + timedelta(minutes=minutes), **changes})
    net = sum((line.quantity * (line.price or 0) for line in later.lines), Decimal(0))
    tax = Money.rounded(net * TAX_RATE, order.currency).amount
    totals = ExternalTotals(tax=tax, grand_total=net + tax)
    return later.model_copy(update={"totals": changes.get("totals", totals)})


def inbound(order: ExternalOrder, source: str = "") -> InboundOrder:
    return InboundOrder(
        order=order, source=source or f"{order.external_id}.json", raw=order.model_dump_json()
    )


@dataclass
class World:
    """Everything of one test."""

    clock: ManualClock
    erp: InMemoryErp
    store: SqlStore
    context: SyncContext

    def receive(self, *orders: ExternalOrder | MessageError) -> PassSummary:
        """Let the channel deliver *orders*, and run one pass."""
        messages = [
            order if isinstance(order, MessageError) else inbound(order) for order in orders
        ]
        return run_pass(self.context, [ListChannel(messages)])

    def run(self) -> PassSummary:
        """Run one pass."""
        return run_pass(self.context)

    def later(self, **by: float) -> None:
        """Move the clock by days, hours, minutes, seconds."""
        self.clock.advance(timedelta(**by))

    def view(self, external_id: str = "1001") -> FlowView:
        """Return the flow of an order."""
        views = self.store.flows.views(self.store.flows.find(external_id))
        return next(view for view in views if view.flow.external_id == external_id)

    def events(self, external_id: str = "1001") -> list[EventKind]:
        """Return the kinds of all events of an order, in order."""
        return [event.kind for event in self.log(external_id)]

    def log(self, external_id: str = "1001") -> tuple[Event, ...]:
        """Return all events of an order."""
        return self.store.events.of_flow(self.view(external_id).flow.id)

    def held_for(self, external_id: str = "1001") -> list[str]:
        """Return the reasons of the open holds of an order."""
        return [hold.reason for hold in self.view(external_id).holds]

    def with_options(self, **changes: Any) -> None:
        """Change options of the use cases."""
        options = replace(self.context.options, **changes)
        self.context = replace(self.context, options=options)


@contextmanager
def a_world(
    folder: Path,
    *,
    plan: str = "standard",
    plans: Sequence[Plan] = (),
    route: Route | None = None,
    **options: Any,
) -> Iterator[World]:
    """Yield a world of its own in *folder*; *plans* are known beside the shipped ones."""
    clock = ManualClock(START)
    erp = InMemoryErp(clock)
    store = open_store(sqlite_url(folder / "store.sqlite3"), upgrade=True)
    known = load_plans(shipped("config/plans")) | {extra.name: extra for extra in plans}
    context = SyncContext(
        store=store,
        erp=erp,
        clock=clock,
        routes={CHANNEL: route or PlainRoute(NO_RULES, plan)},
        plans=known,
        options=SyncOptions(**{"workers": 2, **options}),
    )
    try:
        yield World(clock, erp, store, context)
    finally:
        store.close()
