"""
The outside as the connector's store holds it: external orders, their payments, and what links them.

What the ERP documents say is never taken from here but read from the ERP itself, so that the
mirror cannot vouch for itself; only their numbers are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from connector.mappings.external_order import ExternalLine, ExternalOrder, ExternalPaymentKind
from connector.ports.order_records import OrderRecord, SentStep, record_of
from connector.ports.step_state import Operation, StepState
from connector.ports.store import FlowStore
from connector.ports.store_records import FlowView
from connector.sd_documents.payment import AccountingDocumentKey, IncomingPayment
from connector.sd_documents.sales_document import SalesDocument, SalesDocumentItem
from connector.sd_documents.values import DocumentCategory, Money, Quantity, pad_number

#: Quantities have three decimals.
_THOUSANDTH = Decimal("0.001")

_SALES_DOCUMENT_STEPS = frozenset(
    {Operation.CREATE_INQUIRY, Operation.CREATE_QUOTATION, Operation.CREATE_SALES_ORDER}
)


@dataclass(frozen=True, slots=True)
class MirroredLine:
    """
    Which item of the sales order an external line became.

    ``quantity`` is the line's quantity in the item's sales unit, as it was sent.
    """

    line_id: str
    item_number: int
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class MirroredPayment:
    """
    Money that the channel received for an order, as the connector posts it.

    ``reference`` is what the receipt carries in FI (XBLNR), empty while no posting was prepared;
    ``accounting_document`` is empty until the connector has posted it. ``bank_charges`` is the fee
    that it posts with the receipt, empty where it posts none.
    """

    payment_id: str
    gateway: str
    amount: Money
    paid_on: date
    reference: str = ""
    company_code: str = ""
    payer: str = ""
    accounting_document: AccountingDocumentKey | None = None
    bank_charges: Money | None = None


@dataclass(frozen=True, slots=True)
class MirroredOrder:
    """
    An external order with what the connector holds about it.

    ``reference`` is the customer purchase order number that its SD documents carry, empty while
    nothing was mapped. ``sales_documents`` are the numbers of all sales documents made for it, of
    any category, ``billing_documents`` those of the invoices seen last. ``hold`` says why the
    order waits for a person, empty when it does not.
    """

    order: ExternalOrder
    received_on: date
    ordered_on: date
    cancelled_on: date | None = None
    reference: str = ""
    sales_organization: str = ""
    sold_to_party: str = ""
    sales_documents: tuple[str, ...] = ()
    billing_documents: tuple[str, ...] = ()
    lines: tuple[MirroredLine, ...] = ()
    payments: tuple[MirroredPayment, ...] = ()
    refunds: tuple[MirroredPayment, ...] = ()
    hold: str = ""

    @property
    def name(self) -> str:
        """Channel and external id, as reports name the order."""
        return f"{self.order.channel}/{self.order.external_id}"

    @property
    def subject(self) -> str:
        """The order by the number that people use, with its channel."""
        return f"{self.order.channel} {self.order.order_name or self.order.external_id}"


def read_mirror(store: FlowStore, time_zone: str) -> Iterator[MirroredOrder]:
    """Yield every external order of *store*; calendar dates are those of *time_zone*."""
    for _, order in mirrored_records(store, store.order_records(), time_zone):
        yield order


def mirrored_records(
    store: FlowStore, records: Iterable[OrderRecord], time_zone: str
) -> Iterator[tuple[int, MirroredOrder]]:
    """Yield the external orders of *records* of *store*, each with the id of its flow."""
    zone = ZoneInfo(time_zone)
    for record in records:
        yield record.flow_id, _mirrored(record, zone, _version_sent(store, record))


def _version_sent(store: FlowStore, record: OrderRecord) -> ExternalOrder:
    """The external order as it was when its sales order was sent."""
    step = record.step(Operation.CREATE_SALES_ORDER)
    if step is None or step.order_version == record.version:
        return record.order
    versions = store.orders.versions(record.flow_id)
    return next((v.order for v in versions if v.version == step.order_version), record.order)


def mirrored_order(view: FlowView, zone: ZoneInfo, as_sent: ExternalOrder) -> MirroredOrder:
    """
    Gather what one flow knows about its order.

    *as_sent* is the version that the sales order was made from: it says how many sales units one
    unit of the channel is, also for lines that have changed since.
    """
    return _mirrored(record_of(view), zone, as_sent)


def _mirrored(record: OrderRecord, zone: ZoneInfo, as_sent: ExternalOrder) -> MirroredOrder:
    order = record.order
    sent = _sent_order(record)
    cancelled_at = order.cancelled_at
    return MirroredOrder(
        order=order,
        received_on=_day(record.created_at, zone),
        ordered_on=_day(order.ordered_at, zone),
        cancelled_on=None if cancelled_at is None else _day(cancelled_at, zone),
        reference=record.reference,
        sales_organization=sent.sales_area.sales_organization if sent else "",
        sold_to_party=pad_number(sent.sold_to_party) if sent else "",
        sales_documents=_sales_documents(record),
        billing_documents=tuple(sorted(record.billing_documents)),
        lines=link_lines(order.lines, as_sent.lines, sent.items if sent else ()),
        payments=tuple(_payments(record, zone)),
        refunds=tuple(_refunds(record, zone)),
        hold="; ".join(f"{reason}: {message}" for reason, message in record.holds),
    )


def link_lines(
    lines: tuple[ExternalLine, ...],
    as_sent: tuple[ExternalLine, ...],
    items: tuple[SalesDocumentItem, ...],
) -> tuple[MirroredLine, ...]:
    """
    Say which item each of *lines* became, when *as_sent* became *items*.

    Lines and items of equal number go by position, others by an article number that is unique. A
    line that was added since stays unlinked.
    """
    partners = {line.line_id: (line, item) for line, item in _pairs(as_sent, items)}
    links = []
    for line in lines:
        if line.line_id in partners:
            before, item = partners[line.line_id]
            quantity = _in_sales_units(line, before, item)
            links.append(MirroredLine(line.line_id, item.item_number, quantity))
    return tuple(links)


def _pairs(
    lines: tuple[ExternalLine, ...], items: tuple[SalesDocumentItem, ...]
) -> list[tuple[ExternalLine, SalesDocumentItem]]:
    if len(lines) == len(items):
        return list(zip(lines, items, strict=True))
    pairs = [
        (line, item)
        for line in lines
        for item in items
        if line.sku and line.sku in (item.customer_material, item.material)
    ]
    used_lines = [line.line_id for line, _ in pairs]
    used_items = [item.item_number for _, item in pairs]
    return [
        (line, item)
        for line, item in pairs
        if used_lines.count(line.line_id) == 1 and used_items.count(item.item_number) == 1
    ]


def _in_sales_units(
    line: ExternalLine, before: ExternalLine, item: SalesDocumentItem
) -> Quantity | None:
    """Convert by what was sent; empty where that cannot say."""
    sent = item.requested_quantity
    if line.quantity == before.quantity:
        return sent
    if before.quantity <= 0 or line.quantity < 0:
        return None
    value = (sent.value * line.quantity / before.quantity).quantize(_THOUSANDTH)
    return Quantity(value=value, unit=sent.unit)


def _day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def _sent_order(record: OrderRecord) -> SalesDocument | None:
    """The sales order as it was sent last; empty before, or where the payload is none."""
    step = record.step(Operation.CREATE_SALES_ORDER)
    if step is None or not step.payload:
        return None
    try:
        return SalesDocument.model_validate_json(step.payload)
    except ValidationError:
        return None


def _sales_documents(record: OrderRecord) -> tuple[str, ...]:
    mirrored = set(record.sales_documents)
    created = {
        pad_number(number)
        for step in record.steps
        if step.operation in _SALES_DOCUMENT_STEPS and step.state is StepState.DONE
        for number in step.numbers
    }
    return tuple(sorted(mirrored | created))


def _payments(record: OrderRecord, zone: ZoneInfo) -> Iterator[MirroredPayment]:
    steps = {
        step.sequence_key: step for step in record.steps if step.operation is Operation.POST_PAYMENT
    }
    for payment in record.order.payments:
        if payment.kind is not ExternalPaymentKind.RECEIVED:
            continue
        posting = _posting(steps.get(payment.payment_id))
        yield MirroredPayment(
            payment_id=payment.payment_id,
            gateway=payment.gateway,
            amount=Money.rounded(payment.amount, payment.currency),
            paid_on=_day(payment.paid_at, zone),
            reference=posting.payment_reference if posting else "",
            company_code=posting.company_code if posting else "",
            payer=posting.payer if posting else "",
            accounting_document=_receipt(steps, payment.payment_id),
            bank_charges=posting.bank_charges if posting else None,
        )


def _refunds(record: OrderRecord, zone: ZoneInfo) -> Iterator[MirroredPayment]:
    for payment in record.order.payments:
        if payment.kind is ExternalPaymentKind.REFUNDED:
            yield MirroredPayment(
                payment_id=payment.payment_id,
                gateway=payment.gateway,
                amount=Money.rounded(payment.amount, payment.currency),
                paid_on=_day(payment.paid_at, zone),
            )


def _posting(step: SentStep | None) -> IncomingPayment | None:
    if step is None or not step.payload:
        return None
    try:
        return IncomingPayment.model_validate_json(step.payload)
    except ValidationError:
        return None


def _receipt(steps: Mapping[str, SentStep], payment_id: str) -> AccountingDocumentKey | None:
    """FI documents are kept as ``company code/number/fiscal year``."""
    step = steps.get(payment_id)
    if step is None or step.state is not StepState.DONE:
        return None
    for number in step.numbers:
        company_code, _, rest = number.partition("/")
        document, _, year = rest.partition("/")
        if document and year.isdigit():
            return AccountingDocumentKey(
                company_code=company_code,
                accounting_document=pad_number(document),
                fiscal_year=int(year),
            )
    return None


#: Sales documents in which an external order lives on; the others only prepare it.
ORDER_CATEGORIES = frozenset({DocumentCategory.SALES_ORDER})
