"""Billing documents: invoice, credit and debit memo, and their cancellations."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from connector.sd_documents.model import Frozen
from connector.sd_documents.status import AccountingTransferStatus
from connector.sd_documents.values import (
    CurrencyCode,
    DocumentCategory,
    DocumentNumber,
    ItemNumber,
    ItemReference,
    Money,
    Quantity,
    total,
)

#: Billing categories that reduce what the customer owes.
CREDITS = frozenset({DocumentCategory.CREDIT_MEMO, DocumentCategory.INVOICE_CANCELLATION})


class BillingRequest(Frozen):
    """
    Preceding documents to be billed together on ``billing_date``.

    Deliveries for goods, orders for services and memo requests. The ERP combines what agrees in
    its header and splits the rest.
    """

    preceding: Annotated[tuple[DocumentNumber, ...], Field(min_length=1)]
    preceding_category: DocumentCategory
    billing_date: date
    #: Billing type, empty where the ERP determines it from the preceding document.
    billing_document_type: str = ""


class BillingDocumentItem(Frozen):
    """One billed item: quantity, net and tax, and which item it bills."""

    item_number: ItemNumber
    material: str
    billing_quantity: Quantity
    net_amount: Money
    tax_amount: Money
    preceding: ItemReference
    sales_document: DocumentNumber
    sales_document_item: ItemNumber


class BillingDocument(Frozen):
    """
    A billing document as the ERP has it; amounts are positive in every category.

    ``accounting_document`` is empty until FI has it; ``cancelled_document`` is filled on a
    cancellation and names what it cancels; ``is_cancelled`` is set on the cancelled original.
    """

    number: DocumentNumber
    category: DocumentCategory
    billing_document_type: str
    billing_date: date
    company_code: str
    payer: str
    sold_to_party: str
    currency: CurrencyCode
    items: tuple[BillingDocumentItem, ...]
    accounting_transfer_status: AccountingTransferStatus
    accounting_document: DocumentNumber | None = None
    is_cancelled: bool = False
    cancelled_document: DocumentNumber | None = None
    payment_terms: str = ""

    @property
    def net_amount(self) -> Money:
        return total((item.net_amount for item in self.items), self.currency)

    @property
    def tax_amount(self) -> Money:
        return total((item.tax_amount for item in self.items), self.currency)

    @property
    def total_amount(self) -> Money:
        """Net and tax together, positive."""
        parts = (part for item in self.items for part in (item.net_amount, item.tax_amount))
        return total(parts, self.currency)

    @property
    def receivable_amount(self) -> Money:
        """What the document adds to the customer's account: negative for credits."""
        amount = self.total_amount
        return -amount if self.category in CREDITS else amount
