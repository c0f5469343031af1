"""Short words for the documents that a test starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from connector.ports.erp import Erp
from connector.sd_documents.billing_document import BillingDocument, BillingRequest
from connector.sd_documents.delivery import Delivery, DeliveryRequest, DeliveryRequestItem
from connector.sd_documents.payment import CustomerItem, IncomingPayment, ItemToClear
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocumentItem
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Money, Quantity
from tests.contract.documents import sales_document
from tests.contract.observing import Observer

SHIP_BY = date(2026, 1, 31)


@dataclass(frozen=True, slots=True)
class Walk:
    """Walks the way of an order through one transport."""

    erp: Erp

    def create(self, reference: str, *items: SalesDocumentItem, **more: Any) -> PostedSalesDocument:
        """Create a sales document and read it."""
        number = self.erp.sales_documents.create(
            sales_document(reference, *items, **more), Observer()
        )
        (found,) = self.erp.sales_documents.read([number])
        return found

    def deliver(
        self, order: PostedSalesDocument, quantity: str | None = None
    ) -> tuple[Delivery, ...]:
        """Deliver all items, or *quantity* of each."""
        requested = DeliveryRequest(
            items=tuple(
                DeliveryRequestItem(
                    preceding=ItemReference(
                        category=order.category,
                        document=order.number,
                        item_number=each.item_number,
                    ),
                    quantity=Quantity(
                        value=Decimal(quantity) if quantity else each.requested_quantity.value,
                        unit=each.requested_quantity.unit,
                    ),
                )
                for each in order.items
            ),
            due_date=SHIP_BY,
            category=C.RETURNS_DELIVERY if order.category is C.RETURNS_ORDER else C.DELIVERY,
        )
        return self.erp.deliveries.read(self.erp.deliveries.create(requested, Observer()))

    def issue(self, *deliveries: Delivery, on: date = date(2026, 1, 8)) -> tuple[Delivery, ...]:
        """Post goods issue and read the deliveries again."""
        for delivery in deliveries:
            self.erp.deliveries.post_goods_issue(delivery, on, Observer())
        return self.erp.deliveries.read([each.number for each in deliveries])

    def bill(
        self, *preceding: str, category: C = C.DELIVERY, on: date = date(2026, 1, 9)
    ) -> tuple[BillingDocument, ...]:
        """Bill documents together and read what came of it."""
        request = self.request(*preceding, category=category, on=on)
        numbers = self.erp.billing_documents.create(request, Observer())
        return self.erp.billing_documents.read(numbers)

    @staticmethod
    def request(
        *preceding: str, category: C = C.DELIVERY, on: date = date(2026, 1, 9)
    ) -> BillingRequest:
        """Ask for *preceding* to be billed together."""
        return BillingRequest(preceding=preceding, preceding_category=category, billing_date=on)

    def invoiced(self, reference: str, *items: SalesDocumentItem, **more: Any) -> BillingDocument:
        """Take an order up to its one invoice."""
        issued = self.issue(*self.deliver(self.create(reference, *items, **more)))
        (invoice,) = self.bill(*(each.number for each in issued))
        return invoice

    def items_of(self, *billing: BillingDocument) -> tuple[CustomerItem, ...]:
        """Return the customer lines of billing documents."""
        return self.erp.open_items.items_of_billing_documents([each.number for each in billing])


def payment(reference: str, *items: CustomerItem, **more: Any) -> IncomingPayment:
    """Pay *items* in full, unless *more* says otherwise."""
    first = items[0]
    currency = first.amount.currency
    values: dict[str, Any] = {
        "received": Money(
            amount=sum((each.amount.amount for each in items), Decimal(0)), currency=currency
        ),
        "cash_discount": Money.zero(currency),
        "posting_date": date(2026, 1, 15),
        "document_date": date(2026, 1, 15),
        "assignment": first.assignment,
    }
    return IncomingPayment(
        payment_reference=reference,
        company_code=first.key.company_code,
        payer=first.customer,
        bank_account="113100",
        items=tuple(
            ItemToClear(key=each.key, line_item=each.line_item, amount=each.amount)
            for each in items
        ),
        **(values | more),
    )
