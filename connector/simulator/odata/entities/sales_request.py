"""From the body of a client to the sales document that the engine is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.simulator.engine.specs import (
    Address,
    ManualCondition,
    Partner,
    SalesDocumentSpec,
    SalesItemSpec,
    ScheduleLineSpec,
    Text,
)
from connector.simulator.odata.entities import writing
from connector.simulator.odata.entities.billing_plans import plan_of
from connector.simulator.odata.entities.forms import document_number, item_number, text
from connector.simulator.odata.entities.writing import Values

if TYPE_CHECKING:
    from connector.simulator.odata.entity_set import Body, Context, Value

STEP = 10
#: Header property -> field of the request, for texts.
HEADER_TEXTS: Mapping[str, str] = {
    "PurchaseOrderByCustomer": "purchase_order_by_customer",
    "CustomerPurchaseOrderType": "purchase_order_type",
    "TransactionCurrency": "currency",
    "CustomerPaymentTerms": "terms_of_payment",
    "IncotermsClassification": "incoterms",
    "DeliveryBlockReason": "delivery_block",
    "HeaderBillingBlockReason": "billing_block",
    "SDDocumentReason": "order_reason",
    "ShippingCondition": "shipping_conditions",
    "AssignmentReference": "assignment",
    "AccountingDocExternalReference": "reference",
}
HEADER_DATES: Mapping[str, str] = {
    "CustomerPurchaseOrderDate": "purchase_order_date",
    "RequestedDeliveryDate": "requested_delivery_date",
    "BindingPeriodValidityStartDate": "valid_from",
    "BindingPeriodValidityEndDate": "valid_to",
    "PricingDate": "pricing_date",
    "BillingDocumentDate": "billing_date",
}
_HEADER_OTHERS = (
    "SalesOrganization", "DistributionChannel", "OrganizationDivision", "SoldToParty",
    "ReferenceSDDocument", "CompleteDeliveryIsDefined", *writing.INCOTERMS_LOCATIONS,
)  # fmt: skip
ITEM_TEXTS: Mapping[str, str] = {
    "Material": "material",
    "MaterialByCustomer": "customer_material",
    "SalesDocumentRjcnReason": "rejection_reason",
    "ItemBillingBlockReason": "billing_block",
    "CustomerPaymentTerms": "terms_of_payment",
    "IncotermsClassification": "incoterms",
    "UnderlyingPurchaseOrderItem": "purchase_order_item",
}
_PLANTS = ("ProductionPlant", "Plant")
_ITEM_OTHERS = (
    "HigherLevelItem", "RequestedQuantity", "RequestedQuantityUnit", "RequestedQuantitySAPUnit",
    "RequestedQuantityISOUnit", "ReferenceSDDocument", "ReferenceSDDocumentItem", *_PLANTS,
    *writing.INCOTERMS_LOCATIONS,
)  # fmt: skip


@dataclass(slots=True)
class Parts:
    """An item with what belongs to it, all under its number."""

    item: SalesItemSpec
    partners: list[Partner] = field(default_factory=list)
    conditions: list[ManualCondition] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    schedule_lines: list[ScheduleLineSpec] = field(default_factory=list)


def document_of(context: Context, name: str, body: Body) -> SalesDocumentSpec:
    """
    Return the request that *body* is; *name* is the document's (SalesOrder ..).

    A document with reference takes its sales area and sold-to party from it when they are not
    given. Filled properties that the engine has no place for are a warning to the client.
    """
    values = body.values
    header = _header(context, name, values)
    spec = SalesDocumentSpec(**header)
    if "CompleteDeliveryIsDefined" in values:
        spec.complete_delivery = bool(values["CompleteDeliveryIsDefined"])
    spec.partners = partners(body.navigations.get("to_Partner", ()), 0)
    sold_to = document_number(values.get("SoldToParty")) or _referenced(context, spec)
    if sold_to and not any(each.function in ("AG", "SP") for each in spec.partners):
        spec.partners.insert(0, Partner("AG", sold_to))
    spec.conditions = conditions(context, body.navigations.get("to_PricingElement", ()), 0)
    spec.texts = texts(body.navigations.get("to_Text", ()), 0)
    for parts in items(context, name, body.navigations.get("to_Item", ())):
        spec.items.append(parts.item)
        spec.partners.extend(parts.partners)
        spec.conditions.extend(parts.conditions)
        spec.texts.extend(parts.texts)
        spec.schedule_lines.extend(parts.schedule_lines)
    used = {
        f"{name}Type", f"{name}Date", *HEADER_TEXTS, *HEADER_DATES, *_HEADER_OTHERS,
    }  # fmt: skip
    writing.note_unused(context, name, writing.filled(values) - used)
    return spec


def _header(context: Context, name: str, values: Values) -> dict[str, Any]:
    header: dict[str, Any] = {
        to: text(values[given]) for given, to in HEADER_TEXTS.items() if given in values
    }
    for given, to in {**HEADER_DATES, f"{name}Date": "document_date"}.items():
        header[to] = writing.day(values.get(given))
    header |= {
        "document_type": text(values.get(f"{name}Type")),
        "sales_organization": text(values.get("SalesOrganization")),
        "distribution_channel": text(values.get("DistributionChannel")),
        "division": text(values.get("OrganizationDivision")),
        "reference_document": document_number(values.get("ReferenceSDDocument")),
        "incoterms_location": writing.first_text(values, writing.INCOTERMS_LOCATIONS),
    }
    source = context.erp.sales_document(header["reference_document"]) or (
        context.erp.billing_document(header["reference_document"])
    )
    if source is not None:
        for field_ in ("sales_organization", "distribution_channel", "division"):
            header[field_] = header[field_] or getattr(source, field_)
    return header


def _referenced(context: Context, spec: SalesDocumentSpec) -> str:
    """Return the sold-to party of the reference document, or empty."""
    source = context.erp.sales_document(spec.reference_document) or (
        context.erp.billing_document(spec.reference_document)
    )
    return source.sold_to if source is not None else ""


def items(context: Context, name: str, bodies: Sequence[Body], after: int = 0) -> Iterator[Parts]:
    """Yield the items; those without a number take the next step of ten behind *after*."""
    last = after
    for body in bodies:
        found = item_number(body.values.get(f"{name}Item")) or (last // STEP + 1) * STEP
        last = max(last, found)
        yield _item(context, name, body, found)


def _item(context: Context, name: str, body: Body, found: int) -> Parts:
    values, inner = body.values, body.navigations
    texts_given: dict[str, Any] = {
        to: text(values[given]) for given, to in ITEM_TEXTS.items() if given in values
    }
    item = SalesItemSpec(
        item_number=found,
        quantity=writing.number(values.get("RequestedQuantity")),
        sales_unit=writing.unit(context, values, "RequestedQuantity"),
        item_category=text(values.get(f"{name}ItemCategory")),
        plant=writing.first_text(values, _PLANTS),
        short_text=text(values.get(f"{name}ItemText")),
        higher_level_item=item_number(values.get("HigherLevelItem")),
        reference_document=document_number(values.get("ReferenceSDDocument")),
        reference_item=item_number(values.get("ReferenceSDDocumentItem")),
        incoterms_location=writing.first_text(values, writing.INCOTERMS_LOCATIONS),
        billing_plan=plan_of(inner.get("to_BillingPlan", ())),
        **texts_given,
    )
    lines = [
        ScheduleLineSpec(
            found,
            writing.number(each.values.get("ScheduleLineOrderQuantity")) or Decimal(0),
            writing.day(each.values.get("RequestedDeliveryDate")),
        )
        for each in inner.get("to_ScheduleLine", ())
    ]
    if item.quantity is not None and len(lines) == 1 and not lines[0].quantity:
        lines = [ScheduleLineSpec(found, item.quantity, lines[0].requested_date)]
    lines = [line for line in lines if line.quantity]
    if item.quantity is None and lines:
        item.quantity = sum((line.quantity for line in lines), Decimal(0))
    used = {
        name, f"{name}Item", f"{name}ItemCategory", f"{name}ItemText",
        *ITEM_TEXTS, *_ITEM_OTHERS,
    }  # fmt: skip
    writing.note_unused(context, f"{name}Item {found}", writing.filled(values) - used)
    return Parts(
        item,
        partners(inner.get("to_Partner", ()), found),
        conditions(context, inner.get("to_PricingElement", ()), found),
        texts(inner.get("to_Text", ()), found),
        lines,
    )


def partners(bodies: Sequence[Body], item: int) -> list[Partner]:
    """Return the partners of the header (item 0) or of an item, with addresses of their own."""
    return [
        Partner(
            text(body.values.get("PartnerFunction")).upper(),
            document_number(body.values.get("Customer")),
            item,
            next(
                (address(each.values) for each in body.navigations.get("to_Address", ())),
                None,
            ),
        )
        for body in bodies
    ]


def address(values: Values) -> Address:
    """Return an address; the house number follows the street."""
    street = " ".join(
        filter(None, (text(values.get("StreetName")), text(values.get("HouseNumber"))))
    )
    return Address(
        name=text(values.get("OrganizationName1")) or text(values.get("AddresseeFullName")),
        name_2=text(values.get("OrganizationName2")),
        street=street,
        postal_code=text(values.get("PostalCode")),
        city=text(values.get("CityName")),
        region=text(values.get("Region")),
        country=text(values.get("Country")),
        language=text(values.get("CorrespondenceLanguage")),
        telephone=text(values.get("PhoneNumber")) or text(values.get("MobileNumber")),
        email=text(values.get("EmailAddress")),
    )


def conditions(context: Context, bodies: Sequence[Body], item: int) -> list[ManualCondition]:
    """Return the prices that were entered for the header (item 0) or an item."""
    return [condition(context, body.values, item) for body in bodies]


def condition(context: Context, values: Values, item: int) -> ManualCondition:
    """Return one price; its pricing unit is 1 where none is given."""
    return ManualCondition(
        text(values.get("ConditionType")).upper(),
        writing.number(values.get("ConditionRateValue")) or Decimal(0),
        item,
        text(values.get("ConditionCurrency")),
        writing.number(values.get("ConditionQuantity")) or Decimal(1),
        writing.unit(context, values, "ConditionQuantity"),
    )


def texts(bodies: Sequence[Body], item: int) -> list[Text]:
    """Return the texts of the header (item 0) or an item."""
    return [one_text(body.values, item) for body in bodies]


def one_text(values: Values, item: int) -> Text:
    """Return one text, its lines split at line feeds."""
    long_text: Value = values.get("LongText")
    return Text(
        text(values.get("LongTextID")),
        tuple(str(long_text or "").split("\n")),
        item,
        text(values.get("Language")).upper() or "EN",
    )
