"""The books of the in-memory ERP: what is committed, and what each commit does to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from connector.sd_documents.billing_document import BillingDocument, BillingDocumentItem
from connector.sd_documents.conditions import ConditionValue
from connector.sd_documents.delivery import Delivery, DeliveryItem
from connector.sd_documents.document_flow import DELIVERED_BY, FlowLink, open_quantity
from connector.sd_documents.payment import (
    AccountingDocumentKey,
    CustomerItem,
    IncomingPayment,
    Remainder,
)
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesDocument,
)
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.status import AccountingTransferStatus, Status, roll_up
from connector.sd_documents.values import DocumentCategory, ItemReference, Money, Quantity, total

TAX_RATE = Decimal("0.19")
C = DocumentCategory


class Books:
    """Committed documents by number. *today* says what day it is in the ERP."""

    def __init__(self, today: Callable[[], date]) -> None:
        self.today = today
        self.sales: dict[str, PostedSalesDocument] = {}
        #: What the sales documents were made of, changes included.
        self.sent: dict[str, SalesDocument] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.billing: dict[str, BillingDocument] = {}
        self.items: dict[str, CustomerItem] = {}
        self.links: list[FlowLink] = []
        #: Days between a delivery and its planned goods issue.
        self.lead_days = 0
        #: Cash discount of the terms of payment: days and percent.
        self.discount: tuple[int, Decimal] = (0, Decimal(0))

    def open_of(self, document: PostedSalesDocument, item: PostedSalesDocumentItem) -> Quantity:
        reference = ItemReference(
            category=document.category, document=document.number, item_number=item.item_number
        )
        return open_quantity(item.requested_quantity, reference, self.links, DELIVERED_BY)

    def add_sales(self, document: PostedSalesDocument, sent: SalesDocument) -> None:
        self.sales[document.number] = document
        self.sent[document.number] = sent
        for item in sent.items:
            if item.reference is not None:
                follower = ItemReference(
                    category=document.category,
                    document=document.number,
                    item_number=item.item_number,
                )
                self._link(item.reference, follower, item.requested_quantity)

    def add_delivery(
        self, number: str, wanted: Sequence[tuple[ItemReference, Quantity]], day: date
    ) -> None:
        items: list[DeliveryItem] = []
        for position, (reference, quantity) in enumerate(wanted, start=1):
            source = self.sales[reference.document].item(reference.item_number)
            items.append(
                DeliveryItem(
                    item_number=position * 10,
                    material=source.material,
                    delivery_quantity=quantity,
                    picked_quantity=Quantity(value=Decimal(0), unit=quantity.unit),
                    preceding=reference,
                    picking_status=Status.NOT_YET,
                    goods_movement_status=Status.NOT_YET,
                    billing_status=Status.NOT_YET,
                )
            )
            follower = ItemReference(
                category=C.DELIVERY, document=number, item_number=position * 10
            )
            self._link(reference, follower, quantity)
        self.deliveries[number] = Delivery(
            number=number,
            category=C.DELIVERY,
            ship_to_party="0000001000",
            shipping_point="1000",
            document_date=day,
            planned_goods_issue_date=day + timedelta(days=self.lead_days),
            items=tuple(items),
        )
        for order in {reference.document for reference, _ in wanted}:
            self.move_order(order)

    def issue_on(self, number: str, day: date) -> None:
        delivery = self.deliveries[number]
        items = tuple(
            item.model_copy(
                update={
                    "picked_quantity": item.delivery_quantity,
                    "picking_status": Status.COMPLETELY,
                    "goods_movement_status": Status.COMPLETELY,
                }
            )
            for item in delivery.items
        )
        self.deliveries[number] = delivery.model_copy(
            update={"items": items, "actual_goods_issue_date": day}
        )

    def add_billing(self, number: str, deliveries: Sequence[str], day: date) -> None:
        items: list[BillingDocumentItem] = []
        order = self.sales[self.deliveries[deliveries[0]].items[0].preceding.document]
        for delivery_number in deliveries:
            delivery = self.deliveries[delivery_number]
            for source in delivery.items:
                items.append(self._billing_item(len(items) * 10 + 10, delivery, source))
            billed = tuple(
                item.model_copy(update={"billing_status": Status.COMPLETELY})
                for item in delivery.items
            )
            self.deliveries[delivery_number] = delivery.model_copy(update={"items": billed})
        document = BillingDocument(
            number=number,
            category=C.INVOICE,
            billing_document_type="F2",
            billing_date=day,
            company_code="1000",
            payer="0000001000",
            sold_to_party="0000001000",
            currency=order.currency,
            items=tuple(items),
            accounting_transfer_status=AccountingTransferStatus.POSTED,
            accounting_document=number,
        )
        self.billing[number] = document
        self._post_receivable(document, order, day)

    def _billing_item(
        self, number: int, delivery: Delivery, source: DeliveryItem
    ) -> BillingDocumentItem:
        sold = self.sales[source.preceding.document].item(source.preceding.item_number)
        share = source.delivery_quantity.value / sold.requested_quantity.value
        reference = ItemReference(
            category=C.DELIVERY, document=delivery.number, item_number=source.item_number
        )
        net = Money.rounded(sold.net_amount.amount * share, sold.net_amount.currency)
        item = BillingDocumentItem(
            item_number=number,
            material=sold.material,
            billing_quantity=source.delivery_quantity,
            net_amount=net,
            tax_amount=Money.rounded(net.amount * TAX_RATE, net.currency),
            preceding=reference,
            sales_document=source.preceding.document,
            sales_document_item=source.preceding.item_number,
        )
        return item

    def _post_receivable(
        self, document: BillingDocument, order: PostedSalesDocument, day: date
    ) -> None:
        days, percent = self.discount
        self.items[document.number] = CustomerItem(
            key=AccountingDocumentKey(
                company_code="1000", accounting_document=document.number, fiscal_year=day.year
            ),
            line_item=1,
            document_type="RV",
            customer=document.payer,
            amount=document.total_amount,
            posting_date=day,
            document_date=day,
            entry_date=day,
            baseline_date=day,
            cash_discount_days_1=days,
            cash_discount_percent_1=percent,
            net_days=30,
            assignment=order.purchase_order_by_customer[:18],
            billing_document=document.number,
        )
        for item in document.items:
            follower = ItemReference(
                category=C.INVOICE, document=document.number, item_number=item.item_number
            )
            self._link(item.preceding, follower, item.billing_quantity, item.net_amount)

    def add_payment(self, key: AccountingDocumentKey, payment: IncomingPayment) -> None:
        is_partial = payment.remainder is Remainder.PARTIAL
        clears = bool(payment.items) and not is_partial
        credit = CustomerItem(
            key=key,
            line_item=1,
            document_type="DZ",
            customer=payment.payer,
            amount=-payment.settled,
            posting_date=payment.posting_date,
            document_date=payment.document_date,
            entry_date=self.today(),
            baseline_date=payment.posting_date,
            reference=payment.payment_reference,
            assignment=payment.assignment,
            special_gl_indicator=payment.special_gl_indicator,
            clearing_document=key.accounting_document if clears else None,
            cleared_on=payment.posting_date if clears else None,
            invoice_reference=payment.items[0].key.accounting_document if is_partial else "",
        )
        self.items[key.accounting_document] = credit
        if not clears:
            return
        if payment.remainder is not Remainder.NONE:
            # A rest that is owed names its invoice; a surplus stays on account.
            self.items[f"{key.accounting_document}/2"] = credit.model_copy(
                update={
                    "line_item": 2,
                    "amount": -payment.surplus,
                    "clearing_document": None,
                    "cleared_on": None,
                    "invoice_reference": payment.items[0].key.accounting_document,
                }
            )
        for cleared in payment.items:
            number = cleared.key.accounting_document
            self.items[number] = self.items[number].model_copy(
                update={
                    "clearing_document": key.accounting_document,
                    "cleared_on": payment.posting_date,
                }
            )

    def clear_by_assignment(self, number: str) -> None:
        """The ERP's own clearing run: items of one assignment that add up to zero."""
        groups: dict[str, list[CustomerItem]] = {}
        for item in self.items.values():
            if item.clearing_document is None:
                groups.setdefault(item.assignment, []).append(item)
        for group in groups.values():
            if len(group) > 1 and not sum(item.amount.amount for item in group):
                for item in group:
                    self.items[item.key.accounting_document] = item.model_copy(
                        update={"clearing_document": number, "cleared_on": self.today()}
                    )

    def _link(
        self,
        preceding: ItemReference,
        subsequent: ItemReference,
        quantity: Quantity,
        net_amount: Money | None = None,
    ) -> None:
        self.links.append(
            FlowLink(
                preceding=preceding,
                subsequent=subsequent,
                quantity=quantity,
                net_amount=net_amount,
                created_on=self.today(),
            )
        )

    def move_order(self, number: str) -> None:
        """Derive the statuses of an order from what is delivered of it."""
        order = self.sales[number]
        items = tuple(
            item.model_copy(
                update={
                    "delivery_status": status,
                    "overall_status": status,
                }
            )
            for item in order.items
            for status in [self._delivery_status(order, item)]
        )
        overall = roll_up(item.delivery_status for item in items)
        self.sales[number] = order.model_copy(
            update={"items": items, "delivery_status": overall, "overall_status": overall}
        )

    def _delivery_status(self, order: PostedSalesDocument, item: PostedSalesDocumentItem) -> Status:
        if item.rejection_reason:
            return Status.COMPLETELY
        rest = self.open_of(order, item)
        if not rest.value:
            return Status.COMPLETELY
        return Status.NOT_YET if rest == item.requested_quantity else Status.PARTIALLY


def priced(document: SalesDocument, number: str, today: date) -> PostedSalesDocument:
    """Price *document* by its PR00 conditions, confirm everything, tax it with 19 % A1."""
    items = tuple(_priced_item(document, item.item_number) for item in document.items)
    return PostedSalesDocument(
        number=number,
        category=document.category,
        sales_order_type=document.sales_order_type,
        sales_area=document.sales_area,
        purchase_order_by_customer=document.purchase_order_by_customer,
        document_date=today,
        requested_delivery_date=document.requested_delivery_date,
        sold_to_party=document.sold_to_party,
        currency=document.currency,
        items=items,
        condition_values=tuple(
            ConditionValue(
                condition_type="MWST",
                item_number=item.item_number,
                value=item.tax_amount,
                tax_code="A1",
            )
            for item in items
        ),
        net_amount=total((item.net_amount for item in items), document.currency),
        tax_amount=total((item.tax_amount for item in items), document.currency),
        delivery_status=Status.NOT_YET,
        billing_status=Status.NOT_RELEVANT,
        overall_status=Status.NOT_YET,
    )


def _priced_item(document: SalesDocument, item_number: int) -> PostedSalesDocumentItem:
    item = next(i for i in document.items if i.item_number == item_number)
    price = next((c.rate for c in item.conditions if c.condition_type == "PR00"), Decimal(10))
    net = Money.rounded(price * item.requested_quantity.value, document.currency)
    lines = item.schedule_lines or (
        ScheduleLine(
            requested_delivery_date=document.requested_delivery_date,
            requested_quantity=item.requested_quantity,
        ),
    )
    return PostedSalesDocumentItem(
        item_number=item.item_number,
        material=item.material,
        requested_quantity=item.requested_quantity,
        confirmed_quantity=item.requested_quantity,
        item_category="TAN",
        net_amount=net,
        tax_amount=Money.rounded(net.amount * TAX_RATE, document.currency),
        gross_amount=net,
        cost_amount=Money.zero(document.currency),
        delivery_status=Status.NOT_YET,
        billing_status=Status.NOT_RELEVANT,
        overall_status=Status.NOT_YET,
        schedule_lines=tuple(
            line.model_copy(
                update={
                    "confirmed_quantity": line.requested_quantity,
                    "material_availability_date": line.material_availability_date
                    or line.requested_delivery_date,
                }
            )
            for line in lines
        ),
        reference=item.reference,
    )
