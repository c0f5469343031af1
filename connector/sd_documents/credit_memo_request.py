"""The credit memo request: money back without goods."""

from __future__ import annotations

from typing import ClassVar

from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory


class CreditMemoRequest(SalesDocument):
    """A request to credit the customer, usually under a billing block (VBTYP K)."""

    category: DocumentCategory = DocumentCategory.CREDIT_MEMO_REQUEST
    allowed_categories: ClassVar[frozenset[DocumentCategory]] = frozenset(
        {DocumentCategory.CREDIT_MEMO_REQUEST}
    )
