"""
What all sales documents have in common on the wire: the body of a deep insert.

Everything goes in one request, header, items, partners, prices and texts together: it is one unit
of work in the ERP, and there is never half a document. What a service has no field for is refused
before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from connector.erp.hold_reasons import HoldReason
from connector.erp.odata.names import Names, shown_number
from connector.erp.odata.shape import Shape
from connector.erp.odata.values import json_date, json_decimal
from connector.errors import RejectedError
from connector.sd_documents.conditions import Condition
from connector.sd_documents.partners import Address, Partner
from connector.sd_documents.sales_document import SalesDocument, SalesDocumentItem, Text
from connector.sd_documents.schedule_lines import ScheduleLine

Body = dict[str, Any]

#: Address of the document itself, not one of its international versions.
STANDARD_ADDRESS: Final = ""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes documents of one shape with the names of one ERP."""

    shape: Shape
    names: Names

    def document(self, document: SalesDocument) -> Body:
        """
        Return the body with which *document* is created; empty fields are left out.

        Raises:
            RejectedError: the service has no field for something in it.
        """
        self.require_carried(document)
        body = self._header(document)
        body["to_Item"] = [
            self.item(
                item,
                document.requested_delivery_date,
                partners=(p for p in document.partners if p.item_number == item.item_number),
                texts=(t for t in document.texts if t.item_number == item.item_number),
            )
            for item in document.items
        ]
        partners = [self._partner(p) for p in document.partners if p.item_number is None]
        conditions = [self.condition(each) for each in document.conditions]
        texts = [_text(text) for text in document.texts if text.item_number is None]
        body |= _filled({"to_Partner": partners, "to_PricingElement": conditions, "to_Text": texts})
        return body

    def require_carried(self, document: SalesDocument) -> None:
        """Raise RejectedError where the service has no field for something in *document*."""
        missing = [*self._header_missing(document)]
        for item in document.items:
            missing += [
                f"item {item.item_number}: {each}"
                for each in self._item_missing(item, document.requested_delivery_date)
            ]
        if missing:
            raise not_offered(self.shape, missing)

    def item(
        self,
        item: SalesDocumentItem,
        header_date: date,
        partners: Iterable[Partner] = (),
        texts: Iterable[Text] = (),
    ) -> Body:
        """Return an item with all that is nested in it."""
        shape, unit = self.shape, item.requested_quantity.unit
        reference = item.reference
        row: Body = {
            shape.item_key: str(item.item_number),
            "Material": item.material,
            "MaterialByCustomer": item.customer_material,
            shape.item_text_field: item.item_text,
            shape.item_category_field: item.item_category,
            "RequestedQuantity": json_decimal(item.requested_quantity.value),
            "RequestedQuantityUnit": self.names.shown_unit(unit),
            "to_PricingElement": [self.condition(each) for each in item.conditions],
            "to_Partner": [self._partner(each) for each in partners],
            "to_Text": [_text(each) for each in texts],
        }
        if shape.plant:
            row[shape.plant] = item.plant
        if reference is not None:
            row["ReferenceSDDocument"] = shown_number(reference.document)
            row["ReferenceSDDocumentItem"] = str(reference.item_number)
        if shape.takes_schedule and _needs_schedule(item, header_date):
            row["to_ScheduleLine"] = [
                self.schedule_line(line, number)
                for number, line in enumerate(item.schedule_lines, start=1)
            ]
        return _filled(row)

    def schedule_line(self, line: ScheduleLine, number: int) -> Body:
        """Return a schedule line."""
        return {
            "ScheduleLine": str(number),
            "RequestedDeliveryDate": json_date(line.requested_delivery_date),
            "ScheduleLineOrderQuantity": json_decimal(line.requested_quantity.value),
            "OrderQuantityUnit": self.names.shown_unit(line.requested_quantity.unit),
        }

    def condition(self, condition: Condition) -> Body:
        """Return a manual condition; a rate without currency is a percentage, 5 meaning 5 %."""
        row: Body = {
            "ConditionType": condition.condition_type,
            "ConditionRateValue": json_decimal(condition.rate),
        }
        if condition.currency is not None:
            row["ConditionCurrency"] = condition.currency
        if condition.unit is not None:
            row["ConditionQuantity"] = json_decimal(Decimal(condition.per))
            row["ConditionQuantityUnit"] = self.names.shown_unit(condition.unit)
        return row

    def _header(self, document: SalesDocument) -> Body:
        area, shape = document.sales_area, self.shape
        common: Body = {
            "SalesOrganization": area.sales_organization,
            "DistributionChannel": area.distribution_channel,
            "OrganizationDivision": area.division,
            "SoldToParty": shown_number(document.sold_to_party),
            "PurchaseOrderByCustomer": document.purchase_order_by_customer,
            "CustomerPurchaseOrderDate": _day(document.purchase_order_date),
            shape.type_field: self.names.shown_type(document.sales_order_type),
            shape.date_field: _day(document.document_date),
            "PricingDate": _day(document.pricing_date),
            "TransactionCurrency": document.currency,
            "SDDocumentReason": document.order_reason,
            "HeaderBillingBlockReason": document.billing_block_reason,
            "AssignmentReference": document.assignment,
            "CustomerPaymentTerms": document.payment_terms,
            "IncotermsClassification": document.incoterms,
            "IncotermsTransferLocation": document.incoterms_location,
        }
        own = {name: value for name, value in _own_header(document).items() if name in shape.sent}
        return _filled(common | own)

    def _header_missing(self, document: SalesDocument) -> Iterator[str]:
        if self.shape.read_only:
            yield "creation"
            return
        for name, value in _own_header(document).items():
            # Every document of ours has a requested date; where nothing is delivered it is idle.
            if value and name not in self.shape.sent and name != "RequestedDeliveryDate":
                yield name
        if not self.shape.address and any(partner.address for partner in document.partners):
            yield "an address of a partner"

    def _item_missing(self, item: SalesDocumentItem, header_date: date) -> Iterator[str]:
        shape = self.shape
        if not shape.takes_schedule and _needs_schedule(item, header_date):
            yield "delivery dates of its own"
        if any(
            line.material_availability_date or line.goods_issue_date for line in item.schedule_lines
        ):
            yield "dates of material availability and goods issue"
        if item.plant and not shape.plant:
            yield "plant"
        if item.shipping_point:
            yield "shipping point"

    def _partner(self, partner: Partner) -> Body:
        row: Body = {
            "PartnerFunction": self.names.shown_function(partner.function),
            "Customer": shown_number(partner.customer),
        }
        if partner.address is not None:
            row["to_Address"] = [address_body(partner.address)]
        return row


def not_offered(shape: Shape, missing: Iterable[str]) -> RejectedError:
    """Return the refusal of what the service of *shape* has no field for."""
    return RejectedError(
        f"{shape.service} has no field for: {', '.join(missing)}. Route the operation to another "
        "transport, or leave it out in the mapping",
        code=HoldReason.NOT_OFFERED_BY_SERVICE.value,
    )


def address_body(address: Address) -> Body:
    """Return an address of a partner, without its key; what is empty is left out."""
    return _filled(
        {
            "OrganizationName1": address.name,
            "OrganizationName2": address.name_2,
            "StreetName": address.street,
            "PostalCode": address.postal_code,
            "CityName": address.city,
            "Region": address.region,
            "Country": address.country,
            "PhoneNumber": address.telephone,
            "EmailAddress": address.email,
        }
    )


def _own_header(document: SalesDocument) -> dict[str, str]:
    """Return the header's fields that not every service has."""
    return {
        "RequestedDeliveryDate": _day(document.requested_delivery_date),
        "DeliveryBlockReason": document.delivery_block_reason,
        "BindingPeriodValidityStartDate": _day(document.valid_from),
        "BindingPeriodValidityEndDate": _day(document.valid_to),
        "ReferenceSDDocument": shown_number(document.reference_document or ""),
    }


def _needs_schedule(item: SalesDocumentItem, header_date: date) -> bool:
    """Whether the item is wanted otherwise than all of it on the header's date."""
    return any(line.requested_delivery_date != header_date for line in item.schedule_lines)


def _text(text: Text) -> Body:
    return {"LongTextID": text.text_id, "Language": text.language, "LongText": text.content}


def _day(value: date | None) -> str:
    return json_date(value) if value is not None else ""


def _filled(row: Mapping[str, Any]) -> Body:
    return {name: value for name, value in row.items() if value not in ("", [])}
