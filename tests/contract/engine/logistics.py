"""The reference's deliveries and billing documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.errors import ConfigurationError, OutcomeUnknownError, RejectedError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.billing_document import (
    BillingDocument,
    BillingDocumentItem,
    BillingRequest,
)
from connector.sd_documents.delivery import Delivery, DeliveryItem, DeliveryRequest
from connector.sd_documents.status import AccountingTransferStatus, Status
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Money, Quantity, pad_number
from connector.simulator.engine import finance_records as finance
from connector.simulator.engine import logistics_records as record
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import BillingRef, DeliveryRef
from tests.contract.engine.posting import Poster, require_there
from tests.contract.engine.sales_documents import CATEGORIES

_PRECEDING = {C.DELIVERY: C.SALES_ORDER, C.RETURNS_DELIVERY: C.RETURNS_ORDER}


@dataclass(frozen=True, slots=True)
class EngineDeliveries:
    """Creates, issues, takes back and reads."""

    engine: SimulatedErp
    poster: Poster

    def create(self, request: DeliveryRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        """Post deliveries for *request*."""
        refs = [
            DeliveryRef(
                pad_number(item.preceding.document),
                item.preceding.item_number,
                item.quantity.value,
                item.quantity.unit,
            )
            for item in request.items
        ]
        numbers = self.poster.post(
            lambda s: s.create_deliveries(refs, request.due_date, request.shipping_point), observer
        )
        for number in numbers:
            require_there(self.engine.delivery(number), number)
        return numbers

    def post_goods_issue(
        self, delivery: Delivery, actual_date: date, observer: SubmissionObserver
    ) -> None:
        """Pick and post."""
        try:
            self.poster.post(
                lambda s: s.confirm_delivery(
                    delivery.number, post_goods_issue=True, actual_goods_issue_date=actual_date
                ),
                observer,
                lambda _: (delivery.number,),
            )
        except RejectedError as refused:
            if refused.code != "GOODS_ISSUE_POSTED":
                raise
        if not self._is_issued(delivery.number):
            raise OutcomeUnknownError(f"delivery {delivery.number} is not issued")

    def reverse_goods_issue(
        self, delivery: Delivery, posting_date: date, observer: SubmissionObserver
    ) -> None:
        """Take the movement back."""
        self.poster.post(
            lambda s: s.reverse_goods_issue(delivery.number, posting_date),
            observer,
            lambda _: (delivery.number,),
        )
        if self._is_issued(delivery.number):
            raise OutcomeUnknownError(f"delivery {delivery.number} is still issued")

    def read(self, numbers: Sequence[str]) -> tuple[Delivery, ...]:
        """Read deliveries in ascending order."""
        self.poster.require_open()
        found = (self.engine.delivery(each) for each in sorted(set(map(pad_number, numbers))))
        return tuple(self._delivery(each) for each in found if each is not None)

    def _is_issued(self, number: str) -> bool:
        found = self.engine.delivery(number)
        return found is not None and found.actual_goods_issue_date is not None

    def _delivery(self, document: record.Delivery) -> Delivery:
        state = self.engine.delivery_status(document.number)
        category = CATEGORIES[document.category]

        def item(each: record.DeliveryItem) -> DeliveryItem:
            status, unit = state.items[each.item_number], each.sales_unit
            picking = Status(status.picking)
            order = self.engine.sales_document(each.reference_document)
            ordered = order.item(each.reference_item) if order is not None else None
            return DeliveryItem(
                item_number=each.item_number,
                material=each.material,
                delivery_quantity=Quantity(value=each.quantity, unit=unit),
                picked_quantity=Quantity(
                    value=each.quantity if picking is Status.COMPLETELY else Decimal(0), unit=unit
                ),
                preceding=ItemReference(
                    category=_PRECEDING[category],
                    document=each.reference_document,
                    item_number=each.reference_item,
                ),
                picking_status=picking,
                goods_movement_status=Status(status.goods_movement),
                billing_status=Status(status.billing),
                over_delivery_percent=ordered.over_delivery_tolerance if ordered else Decimal(0),
                unlimited_over_delivery=bool(ordered and ordered.unlimited_over_delivery),
            )

        return Delivery(
            number=document.number,
            category=category,
            ship_to_party=document.ship_to,
            shipping_point=document.shipping_point,
            document_date=document.document_date,
            planned_goods_issue_date=document.planned_goods_issue_date,
            actual_goods_issue_date=document.actual_goods_issue_date,
            items=tuple(item(each) for each in document.items),
        )


@dataclass(frozen=True, slots=True)
class EngineBillingDocuments:
    """Creates, cancels and reads. The engine prints nothing: that is a matter of its faces."""

    engine: SimulatedErp
    poster: Poster

    def create(self, request: BillingRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        """Bill *request*, all of it or nothing."""
        refs = [BillingRef(pad_number(each)) for each in request.preceding]
        numbers = self.poster.post(
            lambda s: s.create_billing_documents(
                refs, request.billing_date, request.billing_document_type
            ),
            observer,
        )
        for number in numbers:
            require_there(self.engine.billing_document(number), number)
        return numbers

    def cancel(
        self, billing_document: str, billing_date: date, observer: SubmissionObserver
    ) -> str:
        """Cancel *billing_document*."""
        original = pad_number(billing_document)
        numbers = self.poster.post(
            lambda s: s.cancel_billing_document(original, billing_date), observer
        )
        return numbers[0]

    def read(self, numbers: Sequence[str]) -> tuple[BillingDocument, ...]:
        """Read billing documents in ascending order."""
        self.poster.require_open()
        padded = sorted(set(map(pad_number, numbers)))
        found = (self.engine.billing_document(each) for each in padded)
        return tuple(_billing_document(each) for each in found if each is not None)

    def pdf(self, billing_document: str) -> bytes:
        """There is none."""
        raise ConfigurationError(
            f"billing document {billing_document}", "the engine does not print"
        )


def _billing_document(document: finance.BillingDocument) -> BillingDocument:
    currency = document.currency

    def item(each: finance.BillingItem) -> BillingDocumentItem:
        return BillingDocumentItem(
            item_number=each.item_number,
            material=each.material,
            billing_quantity=Quantity(value=each.quantity, unit=each.sales_unit),
            net_amount=Money(amount=each.net_value, currency=currency),
            tax_amount=Money(amount=each.tax_amount, currency=currency),
            preceding=ItemReference(
                category=CATEGORIES[each.reference_category],
                document=each.reference_document,
                item_number=each.reference_item,
            ),
            sales_document=each.sales_document,
            sales_document_item=each.sales_item,
        )

    return BillingDocument(
        number=document.number,
        category=CATEGORIES[document.category],
        billing_document_type=document.billing_type,
        billing_date=document.billing_date,
        company_code=document.company_code,
        payer=document.payer,
        sold_to_party=document.sold_to,
        currency=currency,
        items=tuple(item(each) for each in document.items),
        accounting_transfer_status=AccountingTransferStatus(document.transfer_status),
        accounting_document=document.accounting_document or None,
        is_cancelled=document.cancelled,
        cancelled_document=document.cancelled_document or None,
        payment_terms=document.terms_of_payment,
    )
