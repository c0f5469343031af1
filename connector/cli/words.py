"""Words for categories and statuses, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connector.sd_documents.status import AccountingTransferStatus, CreditStatus, Status
from connector.sd_documents.values import DocumentCategory

CATEGORY: Final[Mapping[DocumentCategory, str]] = {
    DocumentCategory.INQUIRY: "Inquiry",
    DocumentCategory.QUOTATION: "Quotation",
    DocumentCategory.SALES_ORDER: "Sales order",
    DocumentCategory.RETURNS_ORDER: "Returns order",
    DocumentCategory.DELIVERY: "Delivery",
    DocumentCategory.CREDIT_MEMO_REQUEST: "Credit memo request",
    DocumentCategory.DEBIT_MEMO_REQUEST: "Debit memo request",
    DocumentCategory.INVOICE: "Invoice",
    DocumentCategory.INVOICE_CANCELLATION: "Invoice cancellation",
    DocumentCategory.CREDIT_MEMO: "Credit memo",
    DocumentCategory.DEBIT_MEMO: "Debit memo",
    DocumentCategory.GOODS_MOVEMENT: "Goods issue",
    DocumentCategory.CREDIT_MEMO_CANCELLATION: "Credit memo cancellation",
    DocumentCategory.RETURNS_DELIVERY: "Returns delivery",
    DocumentCategory.PRO_FORMA_INVOICE: "Pro forma invoice",
    DocumentCategory.PURCHASE_ORDER: "Purchase order",
    DocumentCategory.GOODS_ISSUE_REVERSAL: "Goods issue reversal",
    DocumentCategory.GOODS_RECEIPT: "Goods receipt",
    DocumentCategory.ACCOUNTING_DOCUMENT: "Payment",
}

#: Progress of a step; what is not relevant is left out.
PROGRESS: Final[Mapping[Status, str]] = {
    Status.NOT_YET: "not yet",
    Status.PARTIALLY: "partially",
    Status.COMPLETELY: "completely",
}

TRANSFER: Final[Mapping[AccountingTransferStatus, str]] = {
    AccountingTransferStatus.ERROR: "error in the accounting interface",
    AccountingTransferStatus.BLOCKED: "blocked for accounting",
    AccountingTransferStatus.ACCOUNT_DETERMINATION_ERROR: "no account found",
    AccountingTransferStatus.POSTED: "posted",
    AccountingTransferStatus.NOT_RELEVANT: "not for accounting",
    AccountingTransferStatus.CANCELLED: "cancelled",
    AccountingTransferStatus.PRICING_ERROR: "error in pricing",
    AccountingTransferStatus.EXPORT_ERROR: "error in foreign trade data",
    AccountingTransferStatus.INTERNAL_ERROR: "internal error",
    AccountingTransferStatus.NO_AUTHORISATION: "no authorisation",
}

CREDIT: Final[Mapping[CreditStatus, str]] = {
    CreditStatus.NOT_OK: "credit blocked",
    CreditStatus.PARTIALLY_RELEASED: "credit partly released",
}


def progress(what: str, status: Status) -> str:
    """Return e.g. ``delivered completely``; empty where *what* is not relevant."""
    return f"{what} {PROGRESS[status]}" if status in PROGRESS else ""


def joined(*parts: str) -> str:
    """Join what is filled with the sign between two facts."""
    return " \u00b7 ".join(part for part in parts if part)
