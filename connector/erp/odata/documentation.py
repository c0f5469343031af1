"""
The reference page of the OData services, made from the shapes that the transport works with.

`docs/reference/odata-services.md` holds what this returns; a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from connector.erp.odata import (
    billing_document,
    credit_memo_request,
    customer_items,
    delivery,
    delivery_reading,
    inquiry,
    quotation,
    returns_order,
    sales_order,
    simulation,
)
from connector.erp.odata.capabilities import CAPABILITIES
from connector.erp.odata.shape import PARTNER, PRICE, Shape

_SENT_BY_ALL: Final = (
    "SalesOrganization", "DistributionChannel", "OrganizationDivision", "SoldToParty",
    "PurchaseOrderByCustomer", "CustomerPurchaseOrderDate", "PricingDate", "TransactionCurrency",
    "SDDocumentReason", "HeaderBillingBlockReason", "CustomerPaymentTerms",
    "IncotermsClassification", "IncotermsTransferLocation",
)  # fmt: skip
_ITEM_SENT: Final = (
    "Material", "MaterialByCustomer", "RequestedQuantity", "RequestedQuantityUnit",
    "ReferenceSDDocument", "ReferenceSDDocumentItem",
)  # fmt: skip
_SHAPES: Final = (
    ("sales order, release 2020", sales_order.SHAPE_2020),
    ("sales order, later releases", sales_order.SHAPE_2026),
    ("quotation", quotation.SHAPE),
    ("returns order", returns_order.SHAPE),
    ("credit memo request", credit_memo_request.SHAPE),
    ("inquiry", inquiry.SHAPE),
)
_REQUESTS: Final = (
    ("sales document created and seen", "POST with everything in it, GET", 2),
    ("sales document changed", "GET, PATCH or one `$batch`, GET", 3),
    ("priced without saving", "POST to the simulation", 1),
    ("delivery created and seen", "POST, GET; two more when the ERP split it", 2),
    ("picked and goods issue posted", "GET, PickAllItems, GET, PostGoodsIssue, GET", 5),
    ("... on another day than today", "PATCH and GET before", 7),
    ("goods issue taken back", "GET, ReverseGoodsIssue, GET", 3),
    ("invoice cancelled", "Cancel, GET", 2),
    ("chains of up to 100 orders, release 2020", "two services asked by reference", 8),
    ("chains of up to 100 orders, later releases", "the process flow names what follows", 4),
    ("what changed, nothing new", "one per service", 8),
)
_NOT_SHOWN: Final = (
    "Dates of material availability and goods issue of schedule lines.",
    "Schedule lines of quotations; delivery and billing status of items of returns orders, which "
    "are read off the schedule lines and the overall status.",
    "Tax codes in a simulation: tax is in the amounts, not among the conditions.",
    "Returns deliveries, debit memo requests: their services are not used.",
    "Quantities of purchase orders in the flow, days of goods movements; of several goods issues "
    "of one delivery item, with reversals between them, the latest alone.",
    "A date for a cancellation: the ERP chooses it. Due dates for a delivery: the quantities named "
    "are delivered whether they are due or not.",
)


def services_page() -> str:
    """Return the page as Markdown."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield "# OData services"
    yield (
        "Which services the connector uses, and which of their fields. An administrator takes the "
        "authorizations of the connector's user from here. Made from the code: `make golden` "
        "writes it anew."
    )
    yield ""
    yield "## Operations"
    yield "| operation | goes as far as | services |"
    yield "|---|---|---|"
    for operation, capability in CAPABILITIES.items():
        services = ", ".join(f"`{each}`" for each in capability.through)
        yield f"| {operation.value} | {capability.access.value} | {services} |"
    yield ""
    yield "## Sales documents"
    for name, shape in _SHAPES:
        yield from _shape_lines(name, shape)
    yield "## Other services"
    yield from _other_lines()
    yield "## Requests"
    yield (
        "Beside these, a session fetches one token per service before its first write, and the "
        "release of the sales order's service is asked for once."
    )
    yield ""
    yield "| what | how | requests |"
    yield "|---|---|---|"
    for what, how, count in _REQUESTS:
        yield f"| {what} | {how} | {count} |"
    yield ""
    yield "## What the services do not show or take"
    for each in _NOT_SHOWN:
        yield f"- {each}"


def _shape_lines(name: str, shape: Shape) -> Iterator[str]:
    yield f"### {name.capitalize()}: `{shape.service}`"
    yield "| entity set | sent | read |"
    yield "|---|---|---|"
    sent: tuple[str, ...] = ()
    item_sent: tuple[str, ...] = ()
    if not shape.read_only:
        sent = (shape.type_field, shape.date_field, *_SENT_BY_ALL, *sorted(shape.sent))
        plant = (shape.plant,) if shape.plant else ()
        item_sent = (
            shape.item_key, shape.item_text_field, shape.item_category_field, *_ITEM_SENT, *plant,
        )  # fmt: skip
    yield _row(shape.header_set, sent, shape.header_fields)
    yield _row(shape.item_set, item_sent, shape.item_fields)
    yield _row("to_Partner", () if shape.read_only else PARTNER, PARTNER)
    prices = (
        "ConditionType", "ConditionRateValue", "ConditionCurrency", "ConditionQuantity",
        "ConditionQuantityUnit",
    )  # fmt: skip
    yield _row("to_PricingElement", () if shape.read_only else prices, PRICE)
    if not shape.read_only:
        yield _row("to_Text", ("LongTextID", "Language", "LongText"), ())
    if shape.schedule:
        taken = (
            "ScheduleLine", "RequestedDeliveryDate", "ScheduleLineOrderQuantity",
            "OrderQuantityUnit",
        )  # fmt: skip
        yield _row(shape.schedule_set, taken if shape.takes_schedule else (), shape.schedule)
    if shape.address:
        yield _row(shape.partner_address_set, shape.address[1:], shape.address)
    if shape.flow:
        yield _row(shape.flow, (), shape.flow_fields)
    yield ""


def _other_lines() -> Iterator[str]:
    yield "| service | entity set or function | sent | read |"
    yield "|---|---|---|---|"
    deliveries = f"{delivery_reading.SERVICE};v={delivery_reading.VERSION}"
    yield _service_row(
        deliveries,
        delivery_reading.HEADER_SET,
        ("ShippingPoint", "ActualGoodsMovementDate"),
        delivery_reading.HEADER,
    )
    yield _service_row(
        deliveries,
        delivery_reading.ITEM_SET,
        (
            "ReferenceSDDocument", "ReferenceSDDocumentItem", "ActualDeliveryQuantity",
            "DeliveryQuantityUnit",
        ),
        delivery_reading.ITEM,
    )  # fmt: skip
    yield _service_row(deliveries, delivery_reading.FLOW, (), delivery_reading.FLOW_FIELDS)
    for function in (delivery.PICK, delivery.ISSUE):
        yield _service_row(deliveries, function, ("DeliveryDocument",), ())
    yield _service_row(
        deliveries, delivery.REVERSE, ("DeliveryDocument", "ActualGoodsMovementDate"), ()
    )
    billing = billing_document.SERVICE
    yield _service_row(billing, billing_document.HEADER_SET, (), billing_document.HEADER)
    yield _service_row(billing, billing_document.ITEM_SET, (), billing_document.ITEM)
    yield _service_row(
        billing, billing_document.CANCEL, ("BillingDocument",), ("CancellationBillingDocument",)
    )
    yield _service_row(
        billing, billing_document.PRINT, ("BillingDocument",), ("BillingDocumentBinary",)
    )
    yield _service_row(customer_items.SERVICE, customer_items.ENTITY_SET, (), customer_items.FIELDS)
    yield (
        f"| `{simulation.SERVICE}` | {simulation.ENTITY_SET} | as the sales order, without blocks, "
        "texts and addresses | amounts, conditions, schedule lines |"
    )
    yield ""


def _service_row(service: str, entity_set: str, sent: Iterable[str], read: Iterable[str]) -> str:
    return f"| `{service}` {_row(entity_set, sent, read)}"


def _row(entity_set: str, sent: Iterable[str], read: Iterable[str]) -> str:
    return f"| {entity_set} | {', '.join(sent)} | {', '.join(read)} |"
