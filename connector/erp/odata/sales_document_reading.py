"""
Sales documents as their services show them, read into the connector's own model.

Where a service shows no amount of its own for tax, gross price or cost, the priced conditions of
the item say it: class D is tax, class B a price, category G the cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from connector.erp.odata.billing_plan import TO_DATES, billing_plan
from connector.erp.odata.names import Names, material, stored_number
from connector.erp.odata.row import Row
from connector.erp.odata.selection import selection
from connector.erp.odata.shape import PARTNER, PRICE, Shape
from connector.erp.odata.shown_values import category_of, money, status_of
from connector.sd_documents.conditions import ConditionValue
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.partners import Address, Partner
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesArea,
)
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.status import CreditStatus, Status, roll_up
from connector.sd_documents.values import (
    DocumentCategory,
    ItemReference,
    Money,
    Quantity,
    total,
)

#: Condition classes of tax and price, condition category of the cost.
TAX: Final = "D"
_PRICE: Final = "B"
_COST: Final = "G"
#: The ERP's own numbers for addresses that were entered in a document begin with it.
_OWN_ADDRESS: Final = "9"
_ADDRESS_WIDTH: Final = 10
_ZERO: Final = Decimal(0)
#: A link needs a quantity; the process flow has none.
_NO_QUANTITY: Final = Quantity(value=_ZERO, unit="-")


class Follower(NamedTuple):
    """A document that follows from another, directly or through others between them."""

    category: DocumentCategory
    number: str


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """
    A document with what its service says follows it.

    ``shows_followers`` is false where the service has no flow: what follows is then looked for.
    ``purchases`` are links to purchase orders, which no other service of the connector's shows.
    """

    document: PostedSalesDocument
    followers: frozenset[Follower] = frozenset()
    shows_followers: bool = False
    purchases: tuple[FlowLink, ...] = ()


def read_options(shape: Shape, *, flow: bool = False, partners: bool = False) -> dict[str, str]:
    """Return the query options that make a service show what `Reader.found` reads."""
    parts = [("", shape.header_fields), ("to_Item", shape.item_fields)]
    parts.append(("to_Item/to_PricingElement", PRICE))
    if shape.schedule:
        parts.append(("to_Item/to_ScheduleLine", shape.schedule))
    if shape.plan:
        parts.append((f"to_Item/{TO_DATES}", shape.plan))
    if flow and shape.flow:
        parts.append((f"to_Item/{shape.flow}", shape.flow_fields))
    if partners:
        parts.append(("to_Partner", (*PARTNER, "AddressID") if shape.address else PARTNER))
        parts.append(("to_Item/to_Partner", PARTNER))
        if shape.address:
            parts.append(("to_Partner/to_Address", shape.address))
    return selection(parts)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads documents of one shape with the names of one ERP."""

    shape: Shape
    names: Names

    def found(self, row: Row, *, flow: bool = False, partners: bool = False) -> FoundDocument:
        """Return a document, with its followers and partners where these were asked for."""
        document = self.document(row)
        if partners:
            document = document.model_copy(update={"partners": tuple(self._partners(row))})
        if not (flow and self.shape.flow):
            return FoundDocument(document)
        return FoundDocument(
            document,
            frozenset(self._followers(row)),
            shows_followers=True,
            purchases=tuple(self._purchases(row, document.number)),
        )

    def document(self, row: Row) -> PostedSalesDocument:
        """Return a document without its partners."""
        shape = self.shape
        currency = row.text("TransactionCurrency")
        items = tuple(
            sorted(
                (self._item(each, row, currency) for each in row.rows("to_Item")),
                key=lambda item: item.item_number,
            )
        )
        written = row.date(shape.date_field) or row.date("CreationDate")
        if written is None:
            raise ValueError(f"{shape.date_field} and CreationDate are empty")
        return PostedSalesDocument(
            number=stored_number(row.text(shape.document)),
            category=shape.category,
            sales_order_type=self.names.stored_type(row.text(shape.type_field)),
            sales_area=SalesArea(
                sales_organization=row.text("SalesOrganization"),
                distribution_channel=row.text("DistributionChannel"),
                division=row.text("OrganizationDivision"),
            ),
            purchase_order_by_customer=row.text("PurchaseOrderByCustomer"),
            document_date=written,
            requested_delivery_date=(
                row.date("RequestedDeliveryDate") if "RequestedDeliveryDate" in row else None
            ),
            sold_to_party=stored_number(row.text("SoldToParty")),
            currency=currency,
            items=items,
            condition_values=tuple(self._condition_values(row, currency)),
            net_amount=money(row.decimal("TotalNetAmount"), currency),
            tax_amount=total(
                (item.tax_amount for item in items if not item.rejection_reason), currency
            ),
            delivery_status=_first_status(
                row,
                ("OverallDeliveryStatus", "OverallTotalDeliveryStatus"),
                roll_up(item.delivery_status for item in items),
            ),
            billing_status=_first_status(
                row,
                ("OverallOrdReltdBillgStatus",),
                roll_up(item.billing_status for item in items),
            ),
            overall_status=status_of(row.text("OverallSDProcessStatus")),
            reference_status=self._reference_status(row),
            credit_status=CreditStatus(row.text("TotalCreditCheckStatus")),
            delivery_block_reason=row.text_or("DeliveryBlockReason"),
            billing_block_reason=row.text("HeaderBillingBlockReason"),
            payment_terms=row.text("CustomerPaymentTerms"),
        )

    def quantity(self, row: Row) -> Quantity:
        """Return the quantity of an item, in the unit that the ERP stores."""
        stored = row.text_or("RequestedQuantitySAPUnit")
        unit = stored or self.names.stored_unit(row.text("RequestedQuantityUnit"))
        return Quantity(value=row.decimal("RequestedQuantity"), unit=unit)

    def _item(self, row: Row, header: Row, currency: str) -> PostedSalesDocumentItem:
        shape = self.shape
        requested = self.quantity(row)
        lines = row.rows("to_ScheduleLine") if shape.schedule else ()
        overall = status_of(row.text("SDProcessStatus"))
        prices = [each for each in row.rows("to_PricingElement") if _is_active(each)]

        def amount(name: str, belongs: Callable[[Row], bool]) -> Money:
            if name in row:
                return money(row.decimal(name), currency)
            amounts = (each.decimal("ConditionAmount") for each in prices if belongs(each))
            return money(sum(amounts, _ZERO), currency)

        return PostedSalesDocumentItem(
            item_number=int(row.text(shape.item_key)),
            material=material(row.text("Material")),
            requested_quantity=requested,
            confirmed_quantity=Quantity(value=_confirmed(row, lines), unit=requested.unit),
            item_category=row.text(shape.item_category_field),
            plant=row.text_or(shape.plant) if shape.plant else "",
            net_amount=money(row.decimal("NetAmount"), currency),
            tax_amount=amount("TaxAmount", _is_tax),
            gross_amount=amount("Subtotal1Amount", _is_price),
            cost_amount=amount("CostAmount", _is_cost),
            delivery_status=self._delivery_status(row, lines, requested),
            billing_status=self._billing_status(row, overall),
            overall_status=overall,
            rejection_reason=row.text("SalesDocumentRjcnReason"),
            schedule_lines=tuple(_schedule_lines(lines, requested.unit)),
            billing_plan=billing_plan(row, currency) if shape.plan else (),
            reference=self._reference(row, header),
        )

    def _delivery_status(self, row: Row, lines: Sequence[Row], requested: Quantity) -> Status:
        if "DeliveryStatus" in row:
            return status_of(row.text("DeliveryStatus"))
        if "DeliveredQtyInOrderQtyUnit" not in self.shape.schedule or not lines:
            return Status.NOT_RELEVANT
        delivered = sum((line.decimal("DeliveredQtyInOrderQtyUnit") for line in lines), _ZERO)
        if delivered >= requested.value:
            return Status.COMPLETELY
        return Status.PARTIALLY if delivered else Status.NOT_YET

    def _billing_status(self, row: Row, overall: Status) -> Status:
        """Return how far the item is billed; a return is not billed before its goods are in."""
        if "OrderRelatedBillingStatus" in row:
            return status_of(row.text("OrderRelatedBillingStatus"))
        if self.shape.category is not DocumentCategory.RETURNS_ORDER:
            return Status.NOT_RELEVANT
        return Status.COMPLETELY if overall is Status.COMPLETELY else Status.NOT_YET

    def _reference_status(self, row: Row) -> Status:
        """Return how far the document was referred to; for an offer that is its overall status."""
        if "OverallSDDocReferenceStatus" in row:
            return status_of(row.text("OverallSDDocReferenceStatus"))
        if self.shape.category in (DocumentCategory.INQUIRY, DocumentCategory.QUOTATION):
            return status_of(row.text("OverallSDProcessStatus"))
        return Status.NOT_RELEVANT

    def _reference(self, row: Row, header: Row) -> ItemReference | None:
        """
        Return what the item refers to.

        Most services name the category at the header alone; where that is empty as well, the
        usual predecessor of such a document is meant.
        """
        document = stored_number(row.text_or("ReferenceSDDocument").lstrip("0"))
        number = int(row.text_or("ReferenceSDDocumentItem") or 0)
        if not document or not number:
            return None
        letter = row.text_or("ReferenceSDDocumentCategory") or header.text_or(
            "ReferenceSDDocumentCategory"
        )
        kind = category_of(letter) if letter else self.shape.refers_to
        if kind is None:
            return None
        return ItemReference(category=kind, document=document, item_number=number)

    def _condition_values(self, row: Row, currency: str) -> Iterator[ConditionValue]:
        """Yield active conditions of the items; those of the header are shares of them again."""
        for item in row.rows("to_Item"):
            number = int(item.text(self.shape.item_key))
            for price in item.rows("to_PricingElement"):
                if _is_active(price):
                    yield ConditionValue(
                        condition_type=price.text("ConditionType"),
                        item_number=number,
                        value=money(price.decimal("ConditionAmount"), currency),
                        tax_code=price.text("TaxCode"),
                        statistical=price.boolean("ConditionIsForStatistics"),
                    )

    def _partners(self, row: Row) -> Iterator[Partner]:
        """Yield the partners of the functions that the connector knows."""
        header = ((None, each) for each in row.rows("to_Partner"))
        of_items = (
            (int(item.text(self.shape.item_key)), each)
            for item in row.rows("to_Item")
            for each in item.rows("to_Partner")
        )
        for item_number, each in (*header, *of_items):
            partner = self._partner(each, item_number)
            if partner is not None:
                yield partner

    def _partner(self, row: Row, item_number: int | None) -> Partner | None:
        function = self.names.function(row.text("PartnerFunction"))
        customer = row.text("Customer")
        if function is None or not customer:
            return None
        return Partner(
            function=function,
            customer=stored_number(customer),
            item_number=item_number,
            address=_address(row) if self.shape.address and item_number is None else None,
        )

    def _followers(self, row: Row) -> Iterator[Follower]:
        for item in row.rows("to_Item"):
            for each in item.rows(self.shape.flow):
                kind = category_of(each.text("SubsequentDocumentCategory"))
                if kind is not None:
                    yield Follower(kind, stored_number(each.text("SubsequentDocument")))

    def _purchases(self, row: Row, number: str) -> Iterator[FlowLink]:
        """Yield links to the purchase orders of third-party items; the flow has no quantities."""
        for item in row.rows("to_Item"):
            own = ItemReference(
                category=self.shape.category,
                document=number,
                item_number=int(item.text(self.shape.item_key)),
            )
            for each in item.rows(self.shape.flow):
                kind = category_of(each.text("SubsequentDocumentCategory"))
                after = int(each.text("SubsequentDocumentItem") or 0)
                if kind is DocumentCategory.PURCHASE_ORDER and after:
                    yield FlowLink(
                        preceding=own,
                        subsequent=ItemReference(
                            category=kind,
                            document=stored_number(each.text("SubsequentDocument")),
                            item_number=after,
                        ),
                        quantity=_NO_QUANTITY,
                        sign=0,
                        created_on=each.date("CreationDate") if "CreationDate" in each else None,
                    )


def _first_status(row: Row, names: Sequence[str], otherwise: Status) -> Status:
    for name in names:
        if name in row:
            return status_of(row.text(name))
    return otherwise


def _is_active(price: Row) -> bool:
    return not price.text("ConditionInactiveReason")


def _is_tax(price: Row) -> bool:
    return price.text("ConditionClass") == TAX


def _is_price(price: Row) -> bool:
    return price.text("ConditionClass") == _PRICE and not price.boolean("ConditionIsForStatistics")


def _is_cost(price: Row) -> bool:
    return price.text("ConditionCategory") == _COST


def _confirmed(row: Row, lines: Sequence[Row]) -> Decimal:
    if "ConfdDelivQtyInOrderQtyUnit" in row:
        return row.decimal("ConfdDelivQtyInOrderQtyUnit")
    return sum((line.decimal("ConfdOrderQtyByMatlAvailCheck") for line in lines), _ZERO)


def _schedule_lines(lines: Sequence[Row], unit: str) -> Iterator[ScheduleLine]:
    """Yield the schedule lines that show their date; a return's do not."""
    for line in sorted(lines, key=lambda each: int(each.text("ScheduleLine"))):
        on = line.date("RequestedDeliveryDate") if "RequestedDeliveryDate" in line else None
        if on is not None:
            yield ScheduleLine(
                requested_delivery_date=on,
                requested_quantity=Quantity(
                    value=line.decimal("ScheduleLineOrderQuantity"), unit=unit
                ),
                confirmed_quantity=Quantity(
                    value=line.decimal("ConfdOrderQtyByMatlAvailCheck"), unit=unit
                ),
            )


def _address(row: Row) -> Address | None:
    """Return the partner's own address in the document, None where the customer's own holds."""
    number = row.text("AddressID")
    if len(number) < _ADDRESS_WIDTH or not number.startswith(_OWN_ADDRESS):
        return None
    for each in row.rows("to_Address"):
        if each.text("AddressRepresentationCode") == "" and each.text("Country"):
            return Address(
                name=each.text("OrganizationName1"),
                name_2=each.text("OrganizationName2"),
                street=each.text("StreetName"),
                postal_code=each.text("PostalCode"),
                city=each.text("CityName"),
                region=each.text("Region"),
                country=each.text("Country"),
                telephone=each.text("PhoneNumber"),
                email=each.text("EmailAddress"),
            )
    return None
